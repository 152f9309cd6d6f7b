/* cli_receipt: `qrtill receipt show`: a receipt as the server keeps it, on a screen as on paper. */
#include "console/cli_client.h"
#include "shared/quantity.h"

#include "shared/clock.h"
#include "shared/money.h"
#include "shared/text.h"

#include <string.h>

#define PAPER_COLUMNS 44

static void center(struct buf *out, const char *text)
{
	int gap = (PAPER_COLUMNS - text_columns(text)) / 2;

	if (text[0] == '\0')
		return;
	for (; gap > 0; gap--)
		buf_addc(out, ' ');
	text_clean(out, text, strlen(text), TEXT_TERMINAL);
	buf_addc(out, '\n');
}

/* Text to the left, cut where it would meet the text to the right. */
static void both(struct buf *out, const char *left, const char *right)
{
	int used = 0, room = PAPER_COLUMNS - text_columns(right) - 1;
	size_t bytes = text_fit(left, room, &used);

	text_clean(out, left, bytes, TEXT_TERMINAL);
	for (; used <= room; used++)
		buf_addc(out, ' ');
	buf_adds(out, right);
	buf_addc(out, '\n');
}

static void amount(struct buf *out, const char *label, int64_t cents, const struct currency *c)
{
	char money[32];
	both(out, label, money_format(cents, c ? c->numeric : 840, money, sizeof money));
}

static void rule(struct buf *out)
{
	for (int i = 0; i < PAPER_COLUMNS; i++)
		buf_addc(out, '-');
	buf_addc(out, '\n');
}

/* The Chinese name where Chinese is wanted and there is one. */
static const char *name_of(const struct json_t *o, const char *name, const char *name_zh, bool chinese)
{
	const char *zh = chinese ? jtext(o, name_zh, "") : "";
	return zh[0] ? zh : jtext(o, name, "");
}

static void add_lines(struct buf *out, const struct json_t *receipt, const struct currency *c, bool chinese)
{
	const struct json_t *row;
	char label[160], money[32], quantity[QUANTITY_TEXT_ROOM];

	for (size_t i = 0; (row = jat(jget(receipt, "lines"), i)) != NULL; i++) {
		amount(out, name_of(row, "name", "name_zh", chinese), jint(row, "total_cents", 0), c);
		const char *unit = jtext(row, "unit", "");
		if (*unit || jint(row, "quantity", 1) != 1) {
			money_format(jint(row, "price_cents", 0), c ? c->numeric : 840, money, sizeof money);
			snprintf(label, sizeof label, "    %s x %s%s%s", quantity_text(jint(row, "quantity_milli",
			         jint(row, "quantity", 1)), unit, quantity), money, *unit ? "/" : "", unit);
			both(out, label, "");
		}
	}
}

static void add_sums(struct buf *out, const struct json_t *receipt, const struct currency *c, bool chinese)
{
	const struct json_t *row;
	char label[160];

	if (jint(receipt, "discount_cents", 0) != 0)
		amount(out, chinese ? "已减" : "taken off already", jint(receipt, "discount_cents", 0), c);
	rule(out);
	snprintf(label, sizeof label, "%s %s", chinese ? "合计" : "TOTAL", c ? c->alpha : "");
	amount(out, label, jint(receipt, "total_cents", 0), c);
	for (size_t i = 0; (row = jat(jget(receipt, "taxes"), i)) != NULL; i++) {
		int64_t bp = jint(row, "rate_bp", 0);
		snprintf(label, sizeof label, "  %s %lld.%02lld %%", name_of(row, "name", "name_zh", chinese),
			(long long)(bp / 100),
		         (long long)(bp % 100));
		amount(out, label, jint(row, "tax_cents", 0), c);
	}
	for (size_t i = 0; (row = jat(jget(receipt, "payments"), i)) != NULL; i++) {
		const char *source = jtext(row, "source", "");
		if (strcmp(jtext(row, "method", ""), "points-discount") == 0) /* it paid nothing: it is among what was taken off */
			continue;
		snprintf(label, sizeof label, "%s %s%s%s", chinese ? "支付" : "paid by", jtext(row, "method", ""),
			source[0] ? ": " : "",
		         source);
		if (jint(row, "rounding_cents", 0) != 0)
			amount(out, chinese ? "现金舍入" : "rounding of cash", jint(row, "rounding_cents", 0), c);
		amount(out, label, jint(row, "amount_cents", 0) + jint(row, "rounding_cents", 0), c);
	}
	if (jint(receipt, "change_cents", 0) > 0)
		amount(out, chinese ? "找零" : "change", jint(receipt, "change_cents", 0), c);
	for (size_t i = 0; (row = jat(jget(receipt, "refunds"), i)) != NULL; i++)
		amount(out, chinese ? "退款" : "refunded", -jint(row, "refunded_cents", jint(row, "amount_cents", 0)), c);
	if (jint(receipt, "points_earned", 0) > 0) {
		snprintf(label, sizeof label, "%lld", (long long)jint(receipt, "points_earned", 0));
		both(out, chinese ? "获得积分" : "points earned", label);
	}
	rule(out);
}

static void print_paper(const struct json_t *receipt, bool chinese)
{
	const struct currency *c = currency_by_alpha(jtext(receipt, "currency", ""));
	const struct json_t *store = jget(receipt, "store");
	struct buf out = { 0 };
	char number[64], time[17];

	center(&out, name_of(receipt, "merchant_name", "merchant_name_zh", chinese));
	center(&out, name_of(store, "name", "name_zh", chinese));
	center(&out, jtext(store, "address", ""));
	snprintf(number, sizeof number, "%s %lld", chinese ? "小票" : "receipt", (long long)jint(receipt, "number", 0));
	both(&out, number, clock_format_local(jint(receipt, "at_ms", 0), time));
	rule(&out);
	add_lines(&out, receipt, c, chinese);
	add_sums(&out, receipt, c, chinese);
	center(&out, jtext(receipt, "receipt_footer", ""));
	bool verified = jbool(receipt, "verified", false);
	center(&out, verified ? (chinese ? "服务器已验证" : "verified by the server") : (chinese ? "未验证" : "not verified"));
	center(&out, jtext(receipt, "code", ""));
	fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
}

static const struct cli_option token_argument[] = { { "TOKEN", NULL, "the receipt's code", CLI_TEXT, ":token" },
	{ 0 } };

static enum qt_err receipt_show(struct cli *cli, struct problem *p)
{
	static const struct cli_route route = { "GET", "/v1/receipts/:token", token_argument };
	struct json_t *answer = NULL;
	struct client c;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = client_request(&c, &route, &answer, p);
	if (err == QT_OK && (cli->json || cli->plain))
		client_show(&c, answer, NULL, NULL);
	else if (err == QT_OK)
		print_paper(answer, cli->chinese);
	jfree(answer);
	client_close(&c);
	return err;
}

const struct command cli_receipt_commands[] = {
	{ "receipt", "show", "TOKEN", "show and verify a receipt by its code", NULL, 1, 1, receipt_show, NULL, true },
	{ 0 },
};
