/* cli_request: see cli_request.h. */
#include "console/cli_request.h"

#include "shared/code.h"
#include "shared/money.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum qt_err request_rate(const char *text, int64_t *rate_bp)
{
	size_t n = strlen(text);
	char plain[16];

	if (n == 0 || n >= sizeof plain)
		return QT_BAD_FIELD;
	memcpy(plain, text, n + 1);
	if (plain[n - 1] == '%')
		plain[n - 1] = '\0';
	/* Per cent with two places is what an amount in dollars is: the same reader serves. */
	enum qt_err err = money_parse(plain, 840, rate_bp);
	return err == QT_OK && *rate_bp >= 0 && *rate_bp <= 10000 ? QT_OK : QT_BAD_FIELD;
}

enum qt_err request_time(const char *text, int64_t *ms)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d" };

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		if (end == NULL || *end != '\0')
			continue;
		tm.tm_isdst = -1;
		time_t s = mktime(&tm);
		if (s < 0)
			return QT_BAD_FIELD;
		*ms = (int64_t)s * 1000;
		return QT_OK;
	}
	return QT_BAD_FIELD;
}

bool request_card_number(const char *text, char number[20])
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ' ' || *text == '-')
			continue;
		if (!isdigit((unsigned char)*text) || n == 16)
			return false;
		number[n++] = *text;
	}
	number[n] = '\0';
	return n == 16;
}

static enum qt_err whole_number(const char *text, int64_t *value)
{
	char *end;

	errno = 0;
	long long v = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0)
		return QT_BAD_FIELD;
	*value = v;
	return QT_OK;
}

/* Numbers of all kinds; QT_BAD_FIELD tells why in *p. */
static enum qt_err number_of(struct client *c, enum cli_kind kind, const char *name, const char *text, int64_t *out,
                             struct problem *p)
{
	switch (kind) {
	case CLI_MONEY:
		return client_money(c, name, text, out, p);
	case CLI_RATE: case CLI_RATES:
		if (request_rate(text, out) != QT_OK)
			return problem_set(p, QT_BAD_FIELD, name, "must be per cent from 0 to 100 like 5.5");
		return QT_OK;
	case CLI_TIME:
		if (request_time(text, out) != QT_OK)
			return problem_set(p, QT_BAD_FIELD, name, "must be a time like 2026-12-31 or 2026-12-31 18:00");
		return QT_OK;
	default:
		if (whole_number(text, out) != QT_OK)
			return problem_set(p, QT_BAD_FIELD, name, "must be a whole number");
		return QT_OK;
	}
}

enum qt_err request_value(struct client *c, struct json *j, enum cli_kind kind, const char *field, const char *name,
                          const char *text, struct problem *p)
{
	int64_t number = 0;
	char digits[20], member[32];

	switch (kind) {
	case CLI_FLAG:
		json_bool(j, field, true);
		return QT_OK;
	case CLI_CHOICE:
		if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
			return problem_set(p, QT_BAD_FIELD, name, "must be yes or no");
		json_bool(j, field, text[0] == 'y');
		return QT_OK;
	case CLI_TEXT: case CLI_TEXTS:
		json_text(j, field, text);
		return QT_OK;
	case CLI_CARD: {
		bool is_number = request_card_number(text, digits);
		snprintf(member, sizeof member, "%s%s", field, is_number ? "number" : "code");
		json_text(j, member, is_number ? digits : text);
		return QT_OK;
	}
	default: {
		enum qt_err err = number_of(c, kind, name, text, &number, p);
		if (err == QT_OK)
			json_int(j, field, number);
		return err;
	}
	}
}

/* A repeated option: "levels.rate_bp" -> "levels":[{"rate_bp":...},...]; "group_ids" -> "group_ids":[...]. */
static enum qt_err add_list(struct client *c, struct json *j, const struct cli_option *o, struct problem *p)
{
	char list[32];
	const char *dot = strchr(o->field, '.');
	enum qt_err err = QT_OK;

	snprintf(list, sizeof list, "%.*s", (int)strcspn(o->field, "."), o->field);
	json_array(j, list);
	for (int i = 0; i < c->cli->given_count && err == QT_OK; i++) {
		if (strcmp(c->cli->given[i].name, o->name) != 0)
			continue;
		if (dot == NULL) {
			err = request_value(c, j, o->kind, NULL, o->name, c->cli->given[i].value, p);
			continue;
		}
		json_object(j, NULL);
		err = request_value(c, j, o->kind, dot + 1, o->name, c->cli->given[i].value, p);
		json_end(j);
	}
	json_end(j);
	return err;
}

static bool is_repeated(const struct cli_option *o)
{
	return o->kind == CLI_TEXTS || o->kind == CLI_RATES || o->kind == CLI_INTS;
}

static enum qt_err add_to_query(struct client *c, struct buf *path, const struct cli_option *o, const char *text,
                                struct problem *p)
{
	int64_t number = 0;
	bool is_text = o->kind == CLI_TEXT || o->kind == CLI_FLAG;

	if (o->kind == CLI_FLAG)
		text = "true";
	enum qt_err err = is_text ? QT_OK : number_of(c, o->kind, o->name, text, &number, p);
	if (err != QT_OK)
		return err;
	buf_addc(path, strchr(path->data, '?') ? '&' : '?');
	buf_adds(path, o->field);
	buf_addc(path, '=');
	if (is_text) {
		char *escaped = api_escape(text);
		buf_adds(path, escaped);
		free(escaped);
	} else {
		buf_add_int(path, number);
	}
	return QT_OK;
}

/* The path with its ":name" parts replaced by the arguments whose field they are. */
static enum qt_err fill_path(const struct cli *cli, const struct cli_route *r, struct buf *path, struct problem *p)
{
	int64_t id;

	for (const char *s = r->path; *s;) {
		if (*s != ':') {
			buf_addc(path, *s++);
			continue;
		}
		size_t n = strcspn(s, "/");
		const struct cli_option *a = r->arguments;
		while (strlen(a->field) != n || strncmp(a->field, s, n) != 0)
			a++;
		const char *text = cli->arg[a - r->arguments];
		if (n == 3 && strncmp(s, ":id", 3) == 0 && (whole_number(text, &id) != QT_OK || id <= 0))
			return problem_set(p, QT_BAD_FIELD, a->name, "must be an id, a number above 0");
		char token[CODE_TOKEN_MAX];
		if (n == 6 && strncmp(s, ":token", 6) == 0 && (text = code_token_of(text, NULL, token)) == NULL)
			return problem_set(p, QT_BAD_CODE, a->name, "this is not a code of qrtill");
		char *escaped = api_escape(text);
		buf_adds(path, escaped);
		free(escaped);
		s += n;
	}
	return QT_OK;
}

static enum qt_err add_one(struct client *c, struct buf *path, struct json *j, const struct cli_option *o,
                           const char *text, struct problem *p)
{
	if (o->kind == CLI_OWN || o->field == NULL || o->field[0] == ':')
		return QT_OK;
	return j ? request_value(c, j, o->kind, o->field, o->name, text, p) : add_to_query(c, path, o, text, p);
}

enum qt_err request_build(struct client *c, const struct cli_route *r, struct buf *path, struct buf *body,
                          struct problem *p)
{
	const struct cli *cli = c->cli;
	struct json writer, *j = strcmp(r->method, "POST") == 0 ? &writer : NULL;

	enum qt_err err = fill_path(cli, r, path, p);
	if (j) {
		json_start(j, body);
		json_object(j, NULL);
	}
	const struct cli_option *a = r->arguments;
	for (int i = 0; i < cli->args && a && a->name && err == QT_OK; i++, a++)
		err = add_one(c, path, j, a, cli->arg[i], p);
	for (const struct cli_option *o = cli->command->options; o && o->name && err == QT_OK; o++) {
		const char *text = cli_option(cli, o->name);
		if (text == NULL)
			continue;
		err = is_repeated(o) && j ? add_list(c, j, o, p) : add_one(c, path, j, o, text, p);
	}
	if (err == QT_OK && j && r->body)
		err = r->body(c, j, p);
	if (j && err == QT_OK)
		json_end(j);
	return err;
}
