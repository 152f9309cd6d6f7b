/* cli_code_make: `qrtill code make`: what the options ask for becomes one text, the text becomes pictures. */
#include "console/cli_code_make.h"

#include "shared/colour.h"
#include "shared/ean.h"
#include "shared/ean_bars.h"
#include "shared/emv.h"
#include "shared/epc.h"
#include "shared/money.h"
#include "shared/text.h"
#include "shared/wifi.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_BYTES_MAX 8192
#define TERMINAL_MARGIN 2 /* what phone cameras need on a screen; saves two lines of the 24 */

const struct cli_option code_make_options[] = {
	{ "png", "FILE", "write a PNG (- for standard output)" },
	{ "svg", "FILE", "write an SVG (- for standard output)" },
	{ "ec", "L|M|Q|H", "error correction of the QR code (M)" },
	{ "scale", "N", "pixels of a module in the PNG (8)" },
	{ "style", "half|full|ascii", "how a terminal draws it (found out)" },
	{ "emv", NULL, "an EMVCo payment code from the options below" },
	{ "guid", "TEXT", "EMVCo 26.00: who defines the account" },
	{ "merchant-account", "TEXT", "EMVCo 26.01" },
	{ "merchant-reference", "TEXT", "EMVCo 26.02" },
	{ "amount", "AMOUNT", "EMVCo 54 or EPC: 23.75; without it the payer types it" },
	{ "currency", "CODE", "EMVCo 53: USD" },
	{ "country", "CODE", "EMVCo 58: US" },
	{ "name", "TEXT", "EMVCo 59 merchant; EPC payee" },
	{ "city", "TEXT", "EMVCo 60" },
	{ "postcode", "TEXT", "EMVCo 61" },
	{ "mcc", "NNNN", "EMVCo 52: merchant category" },
	{ "bill", "TEXT", "EMVCo 62.01" },
	{ "store", "TEXT", "EMVCo 62.03" },
	{ "loyalty", "TEXT", "EMVCo 62.04" },
	{ "reference", "TEXT", "EMVCo 62.05; EPC structured reference" },
	{ "customer", "TEXT", "EMVCo 62.06" },
	{ "terminal", "TEXT", "EMVCo 62.07" },
	{ "purpose", "TEXT", "EMVCo 62.08; EPC purpose" },
	{ "name-zh", "TEXT", "EMVCo 64.01: name in Chinese" },
	{ "field", "ID=TEXT", "EMVCo: any field, as 26.05=X; may be repeated" },
	{ "static", NULL, "EMVCo 01: 11, the same code for many payments" },
	{ "epc", NULL, "a SEPA credit transfer (EPC069-12)" },
	{ "iban", "IBAN", "EPC account" },
	{ "bic", "BIC", "EPC bank" },
	{ "text", "TEXT", "EPC text to the payee" },
	{ "info", "TEXT", "EPC note to the payer" },
	{ "wifi", NULL, "a code that joins a wireless network" },
	{ "ssid", "TEXT", "Wi-Fi network" },
	{ "password-file", "FILE", "Wi-Fi password, from a file (- for standard input)" },
	{ "security", "WPA|WEP|nopass", "Wi-Fi (WPA with a password, else nopass)" },
	{ "hidden", NULL, "Wi-Fi: the network does not announce itself" },
	{ "ean", NULL, "an EAN-13 from TEXT (12 or 13 digits) or --item" },
	{ "item", "N", "EAN in-store number of the item" },
	{ "value", "N", "EAN in-store weight in grams or price in minor units" },
	{ "pattern", "PATTERN", "EAN in-store layout (21IIIIIWWWWWC)" },
	{ "colour", NULL, "three texts in the colour channels of one PNG" },
	{ 0 },
};

static enum qt_err need(const struct cli *cli, const char *name, const char **value, struct problem *p)
{
	*value = cli_option(cli, name);
	return *value ? QT_OK : problem_set(p, QT_MISSING_FIELD, name, "--%s is needed", name);
}

/* Put an amount in minor units, as typed, into the form payment codes take: always a point, all decimals. */
static enum qt_err code_amount(const struct cli *cli, int currency, int64_t *minor, char out[32], struct problem *p)
{
	const char *text = cli_option(cli, "amount");

	if (text == NULL || money_parse(text, currency, minor) != QT_OK || *minor <= 0)
		return problem_set(p, QT_BAD_FIELD, "amount", "\"%s\" is not an amount above zero", text ? text : "");
	money_format(*minor, currency, out, 32);
	return QT_OK;
}

#define EMV_PARTS_MAX 64
struct emv_text {
	struct emv_part parts[EMV_PARTS_MAX];
	char paths[EMV_PARTS_MAX][12];
	int count;
};

static void add_part(struct emv_text *t, const char *path, const char *value)
{
	if (value == NULL || t->count == EMV_PARTS_MAX)
		return;
	snprintf(t->paths[t->count], sizeof t->paths[0], "%s", path);
	t->parts[t->count] = (struct emv_part){ t->paths[t->count], value };
	t->count++;
}

static enum qt_err make_emv(struct cli *cli, char *out, struct problem *p)
{
	static const struct { const char *option, *path; } plain[] = {
		{ "guid", "26.00" }, { "merchant-account", "26.01" }, { "merchant-reference", "26.02" }, { "mcc", "52" },
		{ "country", "58" }, { "name", "59" }, { "city", "60" }, { "postcode", "61" }, { "bill", "62.01" },
		{ "store", "62.03" }, { "loyalty", "62.04" }, { "reference", "62.05" }, { "customer", "62.06" },
		{ "terminal", "62.07" }, { "purpose", "62.08" }, { "name-zh", "64.01" },
	};
	struct emv_text t = { .count = 0 };
	char amount[32], number[8], path[12];
	const char *alpha;
	int64_t minor;

	enum qt_err err = need(cli, "currency", &alpha, p);
	const struct currency *currency = err == QT_OK ? currency_by_alpha(alpha) : NULL;
	if (currency == NULL)
		return err != QT_OK ? err : problem_set(p, QT_BAD_FIELD, "currency", "\"%s\" is not known", alpha);
	snprintf(number, sizeof number, "%03d", currency->numeric);
	add_part(&t, "53", number);
	add_part(&t, "01", cli_option(cli, "amount") && !cli_has(cli, "static") ? "12" : "11");
	if (cli_has(cli, "amount")) {
		if ((err = code_amount(cli, currency->numeric, &minor, amount, p)) != QT_OK)
			return err;
		add_part(&t, "54", amount);
	}
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		add_part(&t, plain[i].path, cli_option(cli, plain[i].option));
	if (cli_has(cli, "name-zh"))
		add_part(&t, "64.00", "ZH");
	for (int i = 0; i < cli->given_count; i++) {
		const char *value = strchr(cli->given[i].value, '=');
		if (strcmp(cli->given[i].name, "field") != 0)
			continue;
		if (value == NULL || value - cli->given[i].value >= (int)sizeof path)
			return problem_set(p, QT_BAD_FIELD, "field", "must be ID=TEXT, as 62.05=X");
		snprintf(path, sizeof path, "%.*s", (int)(value - cli->given[i].value), cli->given[i].value);
		add_part(&t, path, value + 1);
	}
	return emv_make(t.parts, t.count, out, p);
}

static enum qt_err copy_option(const struct cli *cli, const char *name, char *out, size_t room, struct problem *p)
{
	const char *value = cli_option(cli, name);

	if (value && strlen(value) >= room)
		return problem_set(p, QT_TOO_LONG, name, "at most %zu bytes", room - 1);
	snprintf(out, room, "%s", value ? value : "");
	return QT_OK;
}

static enum qt_err make_epc(struct cli *cli, char *out, struct problem *p)
{
	struct epc e = { .version = "002" };
	const struct { const char *name; char *out; size_t room; } texts[] = {
		{ "name", e.name, sizeof e.name },          { "bic", e.bic, sizeof e.bic },
		{ "purpose", e.purpose, sizeof e.purpose }, { "reference", e.reference, sizeof e.reference },
		{ "text", e.text, sizeof e.text },          { "info", e.info, sizeof e.info },
	};
	char amount[32];
	size_t n = 0;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		enum qt_err err = copy_option(cli, texts[i].name, texts[i].out, texts[i].room, p);
		if (err != QT_OK)
			return err;
	}
	for (const char *c = cli_option(cli, "iban"); c && *c && n < sizeof e.iban - 1; c++)
		if (*c != ' ')
			e.iban[n++] = *c;
	if (cli_has(cli, "amount")) {
		enum qt_err err = code_amount(cli, EPC_CURRENCY, &e.amount_cents, amount, p);
		if (err != QT_OK)
			return err;
	}
	return epc_make(&e, out, p);
}

static enum qt_err make_wifi(struct cli *cli, char *out, struct problem *p)
{
	static const enum wifi_security securities[] = { WIFI_OPEN, WIFI_WEP, WIFI_WPA };
	const char *file = cli_option(cli, "password-file"), *security = cli_option(cli, "security");
	struct wifi w = { .hidden = cli_has(cli, "hidden"), .security = file ? WIFI_WPA : WIFI_OPEN };
	char *password = NULL;
	size_t len = 0;

	enum qt_err err = copy_option(cli, "ssid", w.ssid, sizeof w.ssid, p);
	if (err == QT_OK && file)
		err = cli_read_file(file, 256, &password, &len, p);
	if (err != QT_OK)
		return err;
	if (password) {
		size_t line = strcspn(password, "\r\n");
		if (line >= sizeof w.password)
			err = problem_set(p, QT_TOO_LONG, "password", "at most %zu bytes", sizeof w.password - 1);
		else
			snprintf(w.password, sizeof w.password, "%.*s", (int)line, password);
		free(password);
	}
	if (err == QT_OK && security) {
		err = problem_set(NULL, QT_BAD_FIELD, NULL, NULL);
		for (size_t i = 0; i < sizeof securities / sizeof *securities; i++)
			if (strcmp(wifi_security_name(securities[i]), security) == 0) {
				w.security = securities[i];
				err = QT_OK;
			}
		if (err != QT_OK)
			(void)!problem_set(p, err, "security", "must be WPA, WEP or nopass");
	}
	return err == QT_OK ? wifi_make(&w, out, p) : err;
}

static enum qt_err make_ean(struct cli *cli, char *out, struct problem *p)
{
	const char *pattern = cli_option(cli, "pattern");
	int64_t item = -1, value = 0;
	struct ean ean;

	enum qt_err err = cli_option_int(cli, "item", 0, INT64_C(9999999999), &item, p);
	if (err == QT_OK)
		err = cli_option_int(cli, "value", 0, INT64_C(9999999999), &value, p);
	if (err != QT_OK)
		return err;
	if (item >= 0)
		return ean_make_in_store(pattern ? pattern : "21IIIIIWWWWWC", item, value, out, p);
	const char *text = cli->args == 1 ? cli->arg[0] : "";
	size_t len = strlen(text);
	if (strspn(text, "0123456789") != len || (len != 12 && len != 13))
		return problem_set(p, QT_BAD_FIELD, "text", "must be 12 digits, or 13 with the check digit");
	snprintf(out, 14, "%.12s%c", text, '0' + ean_check_digit(text, 12));
	err = ean_read(len == 13 ? text : out, NULL, &ean, p);
	return err;
}

static enum qt_err plain_text(struct cli *cli, char *out, struct problem *p)
{
	char *data = NULL;
	size_t len = 0;

	if (cli->args != 1)
		return problem_set(p, QT_MISSING_FIELD, "text", "one TEXT is needed, or - for standard input");
	if (strcmp(cli->arg[0], "-") != 0) {
		if (strlen(cli->arg[0]) > TEXT_BYTES_MAX)
			return problem_set(p, QT_TOO_LONG, "text", "at most %d bytes", TEXT_BYTES_MAX);
		strcpy(out, cli->arg[0]);
	} else {
		enum qt_err err = cli_read_file("-", TEXT_BYTES_MAX, &data, &len, p);
		if (err != QT_OK)
			return err;
		if (memchr(data, '\0', len) != NULL) {
			free(data);
			return problem_set(p, QT_BAD_FIELD, "text", "must not hold a NUL byte");
		}
		/* A line typed or echoed ends in a newline that is not meant. */
		memcpy(out, data, len + 1);
		if (len > 0 && out[len - 1] == '\n')
			out[len - 1] = '\0';
		free(data);
	}
	return text_is_utf8(out, strlen(out)) ? QT_OK : problem_set(p, QT_NOT_UTF8, "text", NULL);
}

static const struct maker {
	const char *option;
	enum qt_err (*make)(struct cli *, char *out, struct problem *);
} makers[] = {
	{ "emv", make_emv }, { "epc", make_epc }, { "wifi", make_wifi }, { "ean", make_ean },
};

struct make {
	enum qr_ec ec;
	int64_t scale;
	enum qr_style style;
	bool bars; /* an EAN: bars instead of a QR code */
};

static enum qt_err read_drawing_options(struct cli *cli, struct make *m, struct problem *p)
{
	static const char *const styles[] = { "half", "full", "ascii" };
	const char *ec = cli_option(cli, "ec"), *style = cli_option(cli, "style");

	*m = (struct make){ .ec = QR_EC_M, .scale = 8, .style = qr_style_for_terminal() };
	if (ec && !qr_ec_from_letter(ec, &m->ec))
		return problem_set(p, QT_BAD_FIELD, "ec", "must be L, M, Q or H");
	if (style) {
		int i = 0;
		while (i < 3 && strcmp(styles[i], style) != 0)
			i++;
		if (i == 3)
			return problem_set(p, QT_BAD_FIELD, "style", "must be half, full or ascii");
		m->style = (enum qr_style)i;
	}
	return cli_option_int(cli, "scale", 1, 64, &m->scale, p);
}

static enum qt_err write_pictures(struct cli *cli, const struct make *m, const char *text, const struct qr *qr,
                                  struct problem *p)
{
	const char *png = cli_option(cli, "png"), *svg = cli_option(cli, "svg");
	struct buf b = { 0 };
	enum qt_err err = QT_OK;

	if (png) {
		if (m->bars)
			ean_bars_png(text, (int)m->scale, &b);
		else
			qr_png(qr, QR_MARGIN, (int)m->scale, &b);
		err = cli->dry_run ? QT_OK : cli_write_file(png, b.data, b.len, p);
	}
	buf_reset(&b);
	if (svg && err == QT_OK) {
		if (m->bars)
			ean_bars_svg(text, &b);
		else
			qr_svg(qr, QR_MARGIN, &b);
		err = cli->dry_run ? QT_OK : cli_write_file(svg, b.data, b.len, p);
	}
	buf_free(&b);
	return err;
}

static void print_made(struct cli *cli, const struct make *m, const char *text, const struct qr *qr)
{
	const char *png = cli_option(cli, "png"), *svg = cli_option(cli, "svg");
	struct buf b = { 0 };
	struct json j;

	if ((png && strcmp(png, "-") == 0) || (svg && strcmp(svg, "-") == 0))
		return; /* standard output is the picture's */
	if (cli->json) {
		json_start(&j, &b);
		json_object(&j, NULL);
		json_text(&j, "text", text);
		if (!m->bars) {
			json_int(&j, "version", qr->version);
			json_int(&j, "modules", qr->size);
			json_text(&j, "ec", (const char *[]){ "L", "M", "Q", "H" }[qr->ec]);
		}
		if (png)
			json_text(&j, "png", png);
		if (svg)
			json_text(&j, "svg", svg);
		json_end(&j);
		cli_print_json(&b);
		buf_free(&b);
		return;
	}
	if (!cli->plain && !png && !svg) {
		if (m->bars && m->style != QR_ASCII)
			ean_bars_terminal(text, 8, &b);
		else if (!m->bars)
			qr_terminal(qr, TERMINAL_MARGIN, m->style, &b);
	}
	if (isatty(STDOUT_FILENO))
		text_clean(&b, text, strlen(text), TEXT_TERMINAL);
	else
		buf_adds(&b, text);
	printf("%s\n", b.data ? b.data : "");
	buf_free(&b);
}

static enum qt_err make_colour(struct cli *cli, const struct make *m, struct problem *p)
{
	const char *png = NULL;
	struct buf b = { 0 };

	enum qt_err err = need(cli, "png", &png, p);
	if (err == QT_OK && cli->args != 3)
		err = problem_set(p, QT_BAD_FIELD, "text", "three texts are needed, %d are given", cli->args);
	for (int i = 0; i < 3 && err == QT_OK; i++)
		if (!text_is_utf8(cli->arg[i], strlen(cli->arg[i])))
			err = problem_set(p, QT_NOT_UTF8, "text", NULL);
	if (err == QT_OK && strcmp(cli->arg[0], cli->arg[1]) == 0 && strcmp(cli->arg[1], cli->arg[2]) == 0)
		err = problem_set(p, QT_BAD_FIELD, "text", "the three texts are the same: that is one plain code");
	if (err == QT_OK)
		err = colour_make((const char *const[]){ cli->arg[0], cli->arg[1], cli->arg[2] }, m->ec, QR_MARGIN, (int)m->scale,
		                  &b, p);
	if (err == QT_OK && !cli->dry_run)
		err = cli_write_file(png, b.data, b.len, p);
	if (err == QT_OK && strcmp(png, "-") != 0)
		printf(cli->json ? "{\"png\":\"%s\"}\n" : "%s\n", png);
	buf_free(&b);
	return err;
}

enum qt_err code_make_exec(struct cli *cli, struct problem *p)
{
	const struct maker *maker = NULL;
	struct make m;
	struct qr qr = { 0 };
	char *text = xcalloc(1, TEXT_BYTES_MAX + 1);
	int asked = cli_has(cli, "colour");

	for (size_t i = 0; i < sizeof makers / sizeof *makers; i++)
		if (cli_has(cli, makers[i].option)) {
			maker = &makers[i];
			asked++;
		}
	enum qt_err err = read_drawing_options(cli, &m, p);
	if (err == QT_OK && asked > 1)
		err = problem_set(p, QT_BAD_REQUEST, "", "--emv, --epc, --wifi, --ean and --colour exclude each other");
	if (err == QT_OK && cli_has(cli, "colour")) {
		err = make_colour(cli, &m, p);
		goto out;
	}
	if (err == QT_OK && maker && maker->make != make_ean && cli->args > 0)
		err = problem_set(p, QT_BAD_REQUEST, "text", "is made from the options; no TEXT is taken");
	if (err == QT_OK)
		err = maker ? maker->make(cli, text, p) : plain_text(cli, text, p);
	if (err != QT_OK)
		goto out;
	m.bars = maker && maker->make == make_ean;
	if (!m.bars)
		err = qr_make(text, strlen(text), m.ec, &qr, p);
	if (err == QT_OK)
		err = write_pictures(cli, &m, text, &qr, p);
	if (err == QT_OK)
		print_made(cli, &m, text, &qr);
out:
	qr_free(&qr);
	free(text);
	return err;
}
