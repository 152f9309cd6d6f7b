/* cli_promotion: promotions, coupons, and what they ask for: `qrtill promotion|coupon|section`. */
#include "console/cli_client.h"
#include "shared/promo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }

static const struct cli_option list_options[] = {
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};

/* ---- what tables cannot say: parts, days, hours ---- */

/* "1,2,3" as an array of numbers; words of `names` count from 1. */
static enum qt_err put_numbers(struct json *j, const char *key, const char *text, const char *const *names,
                               const char *option, struct problem *p)
{
	json_array(j, key);
	while (*text) {
		size_t len = strcspn(text, ",");
		char *end;
		long long n = strtoll(text, &end, 10);
		for (int i = 0; names && names[i]; i++)
			if (strlen(names[i]) == len && strncmp(text, names[i], len) == 0) {
				n = i + 1;
				end = (char *)text + len;
			}
		if (len == 0 || end != text + len || n < 1)
			return problem_set(p, QT_BAD_FIELD, option, "\"%s\": numbers, comma between", text);
		json_int(j, NULL, n);
		text += len + (text[len] == ',');
	}
	json_end(j);
	return QT_OK;
}

/* Ids of one sort out of "12,@3,14": sections begin with @. */
static enum qt_err put_refs(struct json *j, const char *key, const char *text, bool sections, struct problem *p)
{
	json_array(j, key);
	while (*text) {
		size_t len = strcspn(text, ",");
		bool section = *text == '@';
		char *end;
		long long id = strtoll(text + section, &end, 10);
		if (end != text + len || id < 1)
			return problem_set(p, QT_BAD_FIELD, "part", "\"%s\": ids of items, or @ and a section's id", text);
		if (section == sections)
			json_int(j, NULL, id);
		text += len + (text[len] == ',');
	}
	json_end(j);
	return QT_OK;
}

/* "2*12,@3": two pieces of item 12 or of section 3; "*" or "2*": of anything. */
static enum qt_err put_part(struct json *j, const char *text, struct problem *p)
{
	const char *star = strchr(text, '*'), *refs = star ? star + 1 : text;
	char *end;
	long long pieces = star && star != text ? strtoll(text, &end, 10) : 1;

	if (pieces < 1 || (star && star != text && end != star))
		return problem_set(p, QT_BAD_FIELD, "part", "\"%s\": PIECES*ID,ID,@SECTION", text);
	json_object(j, NULL);
	json_int(j, "pieces", pieces);
	enum qt_err err = put_refs(j, "items", refs, false, p);
	if (err == QT_OK)
		err = put_refs(j, "sections", refs, true, p);
	json_end(j);
	return err;
}

static enum qt_err put_parts(struct client *c, struct json *j, struct problem *p)
{
	enum qt_err err = QT_OK;

	if (!cli_has(c->cli, "part"))
		return QT_OK;
	json_array(j, "parts");
	for (int i = 0; i < c->cli->given_count && err == QT_OK; i++)
		if (strcmp(c->cli->given[i].name, "part") == 0)
			err = put_part(j, c->cli->given[i].value, p);
	json_end(j);
	return err;
}

static enum qt_err new_body(struct client *c, struct json *j, struct problem *p)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };
	const char *weekdays = cli_option(c->cli, "weekday"), *levels = cli_option(c->cli, "level"),
		*stores = cli_option(c->cli, "store"), *hours = cli_option(c->cli, "hours");
	int from_h, from_m, to_h, to_m;
	char rest;

	enum qt_err err = put_parts(c, j, p);
	if (err == QT_OK && weekdays)
		err = put_numbers(j, "weekdays", weekdays, days, "weekday", p);
	if (err == QT_OK && levels)
		err = put_numbers(j, "levels", levels, NULL, "level", p);
	if (err == QT_OK && stores)
		err = put_numbers(j, "stores", stores, NULL, "store", p);
	if (err != QT_OK || hours == NULL)
		return err;
	if (sscanf(hours, "%2d:%2d-%2d:%2d%c", &from_h, &from_m, &to_h, &to_m, &rest) != 4)
		return problem_set(p, QT_BAD_FIELD, "hours", "\"%s\": like 11:00-14:30", hours);
	json_int(j, "from_minute", from_h * 60 + from_m);
	json_int(j, "to_minute", to_h * 60 + to_m);
	return QT_OK;
}

/* ---- promotion ---- */

static const struct cli_option new_arguments[] = {
	{ "NAME", NULL, "as on the receipt", CLI_TEXT, "name" },
	{ "KIND", NULL, "item, get, bundle, free or order", CLI_TEXT, "kind" },
	{ 0 },
};
static const struct cli_option new_options[] = {
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" },
	{ "off", "RATE", "per cent taken off", CLI_RATE, "off_bp" },
	{ "off-amount", "AMOUNT", "taken off each piece, or the order", CLI_MONEY, "off_cents" },
	{ "price", "AMOUNT", "of a bundle", CLI_MONEY, "price_cents" },
	{ "part", "PART", "what it is about, \"2*12,@3\": 2 pieces of item 12 or section 3; repeat for each part", CLI_OWN,
	  NULL },
	{ "sets", "N", "most sets in one order", CLI_INT, "sets_max" },
	{ "cap", "AMOUNT", "most it takes off one order", CLI_MONEY, "cap_cents" },
	{ "stack", "HOW", "stackable, group or exclusive", CLI_TEXT, "stack" },
	{ "group", "N", "with --stack group: which", CLI_INT, "group" },
	{ "priority", "N", "0 to 999, larger goes first", CLI_INT, "priority" },
	{ "min", "AMOUNT", "the basket must cost this", CLI_MONEY, "min_cents" },
	{ "min-pieces", "N", "so many pieces of its parts", CLI_INT, "min_pieces" },
	{ "store", "IDS", "only in these stores, comma between", CLI_OWN, NULL },
	{ "level", "LEVELS", "only for these levels of customers", CLI_OWN, NULL },
	{ "weekday", "DAYS", "mon,tue,...", CLI_OWN, NULL },
	{ "hours", "FROM-TO", "11:00-14:30; 22:00-02:00 goes over midnight", CLI_OWN, NULL },
	{ "starts", "TIME", "first moment", CLI_TIME, "starts_ms" },
	{ "ends", "TIME", "over from then on", CLI_TIME, "ends_ms" },
	{ "first-purchase", NULL, "only a customer's first purchase", CLI_FLAG, "first_purchase" },
	{ "birthday", NULL, "only on a customer's birthday", CLI_FLAG, "birthday" },
	{ "birthday-days", "N", "and so many days before and after", CLI_INT, "birthday_days" },
	{ "by-code", NULL, "only with a coupon", CLI_FLAG, "by_code" },
	{ "code", "CODE", "only with this code, which all share", CLI_TEXT, "code" },
	{ "uses", "N", "at most so many orders", CLI_INT, "uses_max" },
	{ "uses-day", "N", "at most so many orders a day", CLI_INT, "day_max" },
	{ "uses-person", "N", "at most so many orders a customer", CLI_INT, "person_max" },
	{ "budget", "AMOUNT", "at most this much altogether", CLI_MONEY, "budget_cents" },
	{ 0 },
};
static const struct cli_option state_arguments[] = {
	{ "ID", NULL, "the promotion", CLI_INT, ":id" },
	{ "STATE", NULL, "running, paused or stopped", CLI_TEXT, "state" },
	{ 0 },
};
static const struct cli_option try_options[] = {
	{ "code", "CODE", "a coupon's code or a shared one; may be repeated", CLI_TEXTS, "codes.code" },
	{ "customer", "CODE", "who buys: an identity code", CLI_TEXT, "customer" },
	{ "store", "ID", "in which store", CLI_INT, "store_id" },
	{ "at", "TIME", "when", CLI_TIME, "at_ms" },
	{ 0 },
};

/* "3*4006381333931": pieces and what was scanned; or a code alone. */
static enum qt_err try_body(struct client *c, struct json *j, struct problem *p)
{
	json_array(j, "lines");
	for (int i = 0; i < c->cli->args; i++) {
		const char *text = c->cli->arg[i], *star = strchr(text, '*');
		char *end = NULL;
		long long pieces = star ? strtoll(text, &end, 10) : 1;
		if (star && (end != star || pieces < 1))
			return problem_set(p, QT_BAD_FIELD, "ITEM", "\"%s\": PIECES*CODE", text);
		json_object(j, NULL);
		json_int(j, "quantity", pieces);
		json_text(j, "barcode", star ? star + 1 : text);
		json_end(j);
	}
	json_end(j);
	return QT_OK;
}

static const struct cli_route new_promotion = { "POST", "/v1/promotions", new_arguments, .body = new_body };
static const struct cli_route list = { "GET", "/v1/promotions", .list = "promotions",
	.columns = "promotion_id name kind state priority code uses spent_cents budget_left_cents" };
static const struct cli_route show = { "GET", "/v1/promotions/:id", ID("the promotion") };
static const struct cli_route state = { "POST", "/v1/promotions/:id/state", state_arguments };
static const struct cli_route try = { "POST", "/v1/promotions/try", .list = "rules", .body = try_body,
	.columns = "promotion_id name applied reason missing_cents missing_pieces by_promotion_id alone_cents saved_cents" };

/* The rules as a table, and below it what the basket costs. */
static enum qt_err run_try(struct cli *cli, struct problem *p)
{
	struct json_t *answer = NULL;
	struct client c;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = client_request(&c, &try, &answer, p);
	if (err == QT_OK && answer)
		client_show(&c, answer, try.list, try.columns);
	if (err == QT_OK && answer && !cli->json) {
		const struct json_t *codes = jget(answer, "codes");
		if (jat(codes, 0))
			client_show(&c, answer, "codes", "promotion_id reason missing_cents missing_pieces");
		client_show(&c, answer, "lines", "item_id name quantity left_cents saved_cents");
	}
	jfree(answer);
	client_close(&c);
	return err;
}

const struct command cli_promotion_commands[] = {
	{ "promotion", "new", "NAME KIND [options]", "start a promotion", new_options, 2, 2, client_run, &new_promotion,
	  true },
	{ "promotion", "list", "", "promotions with uses, cost and what is left of the budget", list_options, 0, 0,
	  client_run, &list, true },
	{ "promotion", "show", "ID", "a promotion and what was used of it", NULL, 1, 1, client_run, &show, true },
	{ "promotion", "state", "ID STATE", "pause, resume or stop a promotion", NULL, 2, 2, client_run, &state, true },
	{ "promotion", "try", "ITEM... [options]", "what promotions take off a basket, and why or why not", try_options, 1,
	  PROMO_LINES_MOST, run_try, NULL, true },
	{ 0 },
};

/* ---- coupon ---- */

static const struct cli_option batch_arguments[] = {
	{ "PROMOTION", NULL, "one that applies by code", CLI_INT, "promotion_id" },
	{ "COUNT", NULL, "how many codes", CLI_INT, "count" },
	{ 0 },
};
static const struct cli_option batch_options[] = {
	{ "expires", "TIME", "not accepted from then on", CLI_TIME, "expires_ms" },
	{ "name", "TEXT", "what the batch is for", CLI_TEXT, "name" },
	{ 0 },
};
static const struct cli_option export_options[] = {
	{ "out", "FILE", "write the codes as CSV for the printer", CLI_OWN, NULL },
	{ 0 },
};
static const struct cli_option code_argument[] = { { "CODE", NULL, "the coupon's code", CLI_TEXT, "code" }, { 0 } };
static const struct cli_route batch = { "POST", "/v1/coupon-batches", batch_arguments };
static const struct cli_route batches = { "GET", "/v1/coupon-batches", .list = "batches" };
static const struct cli_route export = { "POST", "/v1/coupon-batches/:id/export", ID("the batch"), .list = "coupons",
	.columns = "coupon_id code", .confirm = "The codes of a batch are shown only once. Show them now?" };
static const struct cli_route look = { "POST", "/v1/coupons/look", code_argument };
static const struct cli_route keep = { "POST", "/v1/coupons/keep", code_argument };
static const struct cli_route mine = { "GET", "/v1/coupons", .list = "coupons",
	.columns = "coupon_id name state expires_ms code" };

/* Ids and URLs of our own: no text of others, so that nothing needs quoting. */
static enum qt_err write_csv(const struct json_t *answer, const char *file, struct problem *p)
{
	struct buf b = { 0 };
	const struct json_t *row;

	buf_addf(&b, "coupon_id,code\r\n");
	for (size_t i = 0; (row = jat(jget(answer, "coupons"), i)) != NULL; i++)
		buf_addf(&b, "%lld,%s\r\n", (long long)jint(row, "coupon_id", 0), jtext(row, "code", ""));
	enum qt_err err = cli_write_file(file, b.data, b.len, p);
	buf_free(&b);
	return err;
}

static enum qt_err run_export(struct cli *cli, struct problem *p)
{
	const char *file = cli_option(cli, "out");
	struct json_t *answer = NULL;
	struct client c;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	if (!cli->dry_run)
		err = client_confirm(cli, export.confirm, p);
	if (err == QT_OK)
		err = client_request(&c, &export, &answer, p);
	if (err == QT_OK && answer && file)
		err = write_csv(answer, file, p);
	else if (err == QT_OK)
		client_show(&c, answer, export.list, export.columns);
	jfree(answer);
	client_close(&c);
	return err;
}

const struct command cli_coupon_commands[] = {
	{ "coupon", "batch", "PROMOTION COUNT", "make single codes of a promotion", batch_options, 2, 2, client_run, &batch,
	  true },
	{ "coupon", "batches", "", "batches and how many of each were used", list_options, 0, 0, client_run, &batches,
	  true },
	{ "coupon", "export", "BATCH", "the codes of a batch, once", export_options, 1, 1, run_export, NULL, true },
	{ "coupon", "look", "CODE", "what a coupon is, and its state", NULL, 1, 1, client_run, &look, true },
	{ "coupon", "keep", "CODE", "keep a coupon in a customer's wallet", NULL, 1, 1, client_run, &keep, true },
	{ "coupon", "mine", "", "a customer's coupons", list_options, 0, 0, client_run, &mine, true },
	{ 0 },
};

/* ---- section ---- */

static enum qt_err items_body(struct client *c, struct json *j, struct problem *p)
{
	const char *add = cli_option(c->cli, "add"), *gone = cli_option(c->cli, "remove");

	enum qt_err err = add ? put_numbers(j, "add", add, NULL, "add", p) : QT_OK;
	return err == QT_OK && gone ? put_numbers(j, "remove", gone, NULL, "remove", p) : err;
}

static const struct cli_option name_argument[] = { { "NAME", NULL, "its name", CLI_TEXT, "name" }, { 0 } };
static const struct cli_option section_options[] = {
	{ "name-zh", "NAME", "name in Chinese", CLI_TEXT, "name_zh" }, { 0 },
};
static const struct cli_option items_options[] = {
	{ "add", "IDS", "items that come in, comma between", CLI_OWN, NULL },
	{ "remove", "IDS", "items that go", CLI_OWN, NULL },
	{ 0 },
};
static const struct cli_route section_new = { "POST", "/v1/sections", name_argument };
static const struct cli_route section_list = { "GET", "/v1/sections", .list = "sections" };
static const struct cli_route section_items = { "POST", "/v1/sections/:id/items", ID("the section"),
	.body = items_body };
const struct command cli_section_commands[] = {
	{ "section", "new", "NAME", "make a section of the catalogue", section_options, 1, 1, client_run, &section_new,
	  true },
	{ "section", "list", "", "sections of the catalogue", list_options, 0, 0, client_run, &section_list, true },
	{ "section", "items", "ID [options]", "put items into a section, or take them out", items_options, 1, 1, client_run,
	  &section_items, true },
	{ 0 },
};
