/* epc: see epc.h. */
#include "shared/epc.h"

#include "shared/buf.h"
#include "shared/money.h"
#include "shared/text.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES 12
#define AMOUNT_MAX INT64_C(99999999999) /* 999999999.99 */

bool epc_looks_like(const char *text)
{
	return strncmp(text, "BCD\n", 4) == 0 || strncmp(text, "BCD\r\n", 5) == 0;
}

/* ISO 7064 mod 97-10 over `text` with its first four characters moved to the end. */
static bool mod97_is_one(const char *text)
{
	size_t len = strlen(text);
	unsigned rest = 0;

	if (len < 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[(i + 4) % len];
		if (isdigit(c))
			rest = (rest * 10 + (unsigned)(c - '0')) % 97;
		else if (c >= 'A' && c <= 'Z')
			rest = (rest * 100 + (unsigned)(c - 'A' + 10)) % 97;
		else
			return false;
	}
	return rest == 1;
}

bool iban_is_valid(const char *iban)
{
	size_t len = strlen(iban);
	return len >= 15 && len <= 34 && isupper((unsigned char)iban[0]) && isupper((unsigned char)iban[1]) &&
	       isdigit((unsigned char)iban[2]) && isdigit((unsigned char)iban[3]) && mod97_is_one(iban);
}

static int characters_of(const char *text)
{
	int n = 0;
	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool bic_is_valid(const char *bic)
{
	size_t len = strlen(bic);

	for (size_t i = 0; i < len; i++)
		if (!isupper((unsigned char)bic[i]) && (i < 6 || !isdigit((unsigned char)bic[i])))
			return false;
	return len == 8 || len == 11;
}

/* The rules for both directions. */
static enum qt_err check(const struct epc *e, enum qt_err err, struct problem *p)
{
	static const struct { const char *field; size_t offset; int max; } texts[] = {
		{ "name", offsetof(struct epc, name), 70 },
		{ "text", offsetof(struct epc, text), 140 },
		{ "info", offsetof(struct epc, info), 70 },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		const char *value = (const char *)e + texts[i].offset;
		if (!text_is_utf8(value, strlen(value)) || text_has_controls(value, strlen(value)))
			return problem_set(p, err, texts[i].field, "must be UTF-8 without control characters");
		if (characters_of(value) > texts[i].max)
			return problem_set(p, err, texts[i].field, "at most %d characters", texts[i].max);
	}
	if (e->name[0] == '\0')
		return problem_set(p, err, "name", "is missing");
	if (!iban_is_valid(e->iban))
		return problem_set(p, err, "iban", "\"%s\" is no IBAN", e->iban);
	if (e->bic[0] && !bic_is_valid(e->bic))
		return problem_set(p, err, "bic", "must be 8 or 11 letters and digits");
	if (!e->bic[0] && strcmp(e->version, "001") == 0)
		return problem_set(p, err, "bic", "is missing; version 001 needs it");
	if (e->amount_cents < 0 || e->amount_cents > AMOUNT_MAX)
		return problem_set(p, err, "amount", "must be 0.01 to 999999999.99");
	for (const char *c = e->purpose; *c; c++)
		if (!isupper((unsigned char)*c) && !isdigit((unsigned char)*c))
			return problem_set(p, err, "purpose", "up to 4 letters and digits");
	if (e->reference[0] && e->text[0])
		return problem_set(p, err, "reference", "a structured reference and a text exclude each other");
	if (strncmp(e->reference, "RF", 2) == 0 && (strlen(e->reference) > 25 || !mod97_is_one(e->reference)))
		return problem_set(p, err, "reference", "\"%s\" is no ISO 11649 reference", e->reference);
	return QT_OK;
}

static enum qt_err copy_line(char *out, size_t room, const char *line, const char *field, struct problem *p)
{
	if (strlen(line) >= room)
		return problem_set(p, QT_BAD_CODE, field, "too long");
	memcpy(out, line, strlen(line) + 1);
	return QT_OK;
}

/* Cut a copy of the text into lines; returns how many. */
static int split_lines(char *copy, char *lines[LINES + 1])
{
	int n = 0;

	for (char *at = copy; at && n <= LINES;) {
		char *end = strchr(at, '\n');
		lines[n++] = at;
		if (end) {
			if (end > at && end[-1] == '\r')
				end[-1] = '\0';
			*end++ = '\0';
		}
		at = end;
	}
	while (n > 0 && lines[n - 1][0] == '\0')
		n--;
	return n;
}

static enum qt_err read_amount(const char *line, struct epc *e, struct problem *p)
{
	if (line[0] == '\0')
		return QT_OK;
	if (strncmp(line, "EUR", 3) != 0 || strchr(line, ',') ||
	    money_parse(line + 3, EPC_CURRENCY, &e->amount_cents) != QT_OK || e->amount_cents < 1)
		return problem_set(p, QT_BAD_CODE, "amount", "must be EUR12.34, 0.01 to 999999999.99");
	return QT_OK;
}

enum qt_err epc_read(const char *text, struct epc *e, struct problem *p)
{
	char copy[EPC_BYTES_MAX + 2], *lines[LINES + 1], iban[80];
	int n;

	memset(e, 0, sizeof *e);
	if (strlen(text) > EPC_BYTES_MAX)
		return problem_set(p, QT_BAD_CODE, "epc", "more than %d bytes", EPC_BYTES_MAX);
	strcpy(copy, text);
	n = split_lines(copy, lines);
	if (n < 7 || n > LINES)
		return problem_set(p, QT_BAD_CODE, "epc", "7 to %d lines are needed, %d are there", LINES, n);
	for (; n < LINES; n++)
		lines[n] = copy + strlen(copy); /* an empty text */
	if (strcmp(lines[0], "BCD") != 0)
		return problem_set(p, QT_BAD_CODE, "service", "must be BCD");
	if (strcmp(lines[1], "001") != 0 && strcmp(lines[1], "002") != 0)
		return problem_set(p, QT_BAD_CODE, "version", "must be 001 or 002");
	if (strlen(lines[2]) != 1 || lines[2][0] < '1' || lines[2][0] > '8')
		return problem_set(p, QT_BAD_CODE, "encoding", "must be 1 to 8");
	if (strcmp(lines[3], "SCT") != 0)
		return problem_set(p, QT_BAD_CODE, "identification", "must be SCT");
	/* People print IBANs in groups of four; some generators keep the spaces. */
	size_t m = 0;
	for (const char *c = lines[6]; *c && m < sizeof iban - 1; c++)
		if (*c != ' ')
			iban[m++] = *c;
	iban[m] = '\0';
	struct { char *out; size_t room; const char *line, *field; } texts[] = {
		{ e->version, sizeof e->version, lines[1], "version" }, { e->bic, sizeof e->bic, lines[4], "bic" },
		{ e->name, sizeof e->name, lines[5], "name" }, { e->iban, sizeof e->iban, iban, "iban" },
		{ e->purpose, sizeof e->purpose, lines[8], "purpose" },
		{ e->reference, sizeof e->reference, lines[9], "reference" },
		{ e->text, sizeof e->text, lines[10], "text" }, { e->info, sizeof e->info, lines[11], "info" },
	};
	enum qt_err err = QT_OK;
	for (size_t i = 0; i < sizeof texts / sizeof *texts && err == QT_OK; i++)
		err = copy_line(texts[i].out, texts[i].room, texts[i].line, texts[i].field, p);
	if (err == QT_OK)
		err = read_amount(lines[7], e, p);
	return err == QT_OK ? check(e, QT_BAD_CODE, p) : err;
}

enum qt_err epc_make(const struct epc *given, char out[EPC_BYTES_MAX + 1], struct problem *p)
{
	struct epc e = *given;
	struct buf b = { 0 };
	char amount[32];

	strcpy(e.version, "002");
	enum qt_err err = check(&e, QT_BAD_FIELD, p);
	if (err != QT_OK)
		return err;
	buf_addf(&b, "BCD\n002\n1\nSCT\n%s\n%s\n%s\n", e.bic, e.name, e.iban);
	if (e.amount_cents)
		buf_addf(&b, "EUR%s", money_format(e.amount_cents, EPC_CURRENCY, amount, sizeof amount));
	buf_addf(&b, "\n%s\n%s\n%s\n%s", e.purpose, e.reference, e.text, e.info);
	while (b.data[b.len - 1] == '\n')
		b.len--;
	if (b.len > EPC_BYTES_MAX)
		err = problem_set(p, QT_TOO_LONG, "epc", "%zu bytes, at most %d", b.len, EPC_BYTES_MAX);
	else
		snprintf(out, EPC_BYTES_MAX + 1, "%.*s", (int)b.len, b.data);
	buf_free(&b);
	return err;
}
