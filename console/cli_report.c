/* cli_report: `qrtill report ...`: a merchant's reports as tables, JSON, CSV and PDF. What a report has is in
 * shared/report.c; how it looks on paper in report_pdf.c. */
#include "console/cli_client.h"
#include "console/cli_request.h"
#include "console/report_pdf.h"
#include "shared/money.h"
#include "shared/report.h"
#include "shared/text.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_option day_options[] = {
	{ "from", "DAY", "first day, \"2026-11-01\"; default: today", CLI_TEXT, "from" },
	{ "until", "DAY", "last day, counted too; default: as from, or today", CLI_TEXT, "until" },
	{ "store", "ID", "only this store", CLI_INT, "store_id" },
	{ "csv", "FILE", "write the rows as CSV; \"-\": standard output", CLI_OWN, NULL },
	{ "pdf", "FILE", "write it as PDF, with a chart, to print; \"-\": standard output", CLI_OWN, NULL },
	{ 0 },
};
static const struct cli_option now_options[] = {
	{ "csv", "FILE", "write the rows as CSV; \"-\": standard output", CLI_OWN, NULL },
	{ "pdf", "FILE", "write it as PDF, with a chart, to print; \"-\": standard output", CLI_OWN, NULL },
	{ 0 },
};

/* One cell. Numbers are plain for programs; text of people cannot become a formula. */
static void csv_cell(struct buf *out, const struct report_column *c, const struct json_t *row, int64_t unit)
{
	const struct json_t *value = jget(row, c->name);
	int64_t number = jvalue_int(value, 0);
	const char *text = jvalue_text(value, "");
	char money[32];

	switch (c->type) {
	case REPORT_MONEY:
		buf_adds(out, money_format(number, unit, money, sizeof money));
		break;
	case REPORT_NUMBER:
	case REPORT_COUNT:
	case REPORT_RATE:
	case REPORT_TIME:
		buf_add_int(out, number);
		break;
	default:
		text_clean(out, text, strlen(text), TEXT_CSV);
	}
}

static enum qt_err write_csv(const char *path, const struct report *r, const struct json_t *answer, struct problem *p)
{
	const struct currency *currency = currency_by_alpha(jtext(answer, "currency", ""));
	const struct json_t *rows = jget(answer, "rows");
	struct buf out = { 0 };

	for (int i = 0; r->columns[i].name; i++)
		buf_addf(&out, "%s%s", i ? "," : "", r->columns[i].name);
	buf_adds(&out, "\r\n");
	for (size_t n = 0; n < jcount(rows); n++) {
		for (int i = 0; r->columns[i].name; i++) {
			if (i)
				buf_addc(&out, ',');
			csv_cell(&out, &r->columns[i], jat(rows, n), currency ? currency->numeric : 840);
		}
		buf_adds(&out, "\r\n");
	}
	enum qt_err err = cli_write_file(path, out.data, out.len, p);
	buf_free(&out);
	return err;
}

static enum qt_err write_pdf(const struct cli *cli, const char *path, const struct report *r, const struct json_t *answer,
                             struct problem *p)
{
	struct buf out = { 0 };
	enum qt_err err = report_pdf(r, answer, cli->chinese, &out, p);

	if (err == QT_OK)
		err = cli_write_file(path, out.data, out.len, p);
	buf_free(&out);
	return err;
}

static enum qt_err show(struct client *c, const struct report *r, const struct json_t *answer, struct problem *p)
{
	const char *csv = cli_option(c->cli, "csv"), *pdf = cli_option(c->cli, "pdf");
	enum qt_err err = csv ? write_csv(csv, r, answer, p) : QT_OK;

	if (err == QT_OK && pdf)
		err = write_pdf(c->cli, pdf, r, answer, p);
	if (csv || pdf)
		return err;
	if (c->cli->json) {
		client_show(c, answer, NULL, NULL);
		return QT_OK;
	}
	client_show(c, answer, "rows", NULL);
	if (c->cli->plain)
		return QT_OK;
	struct view v = { .currency = jtext(answer, "currency", ""), .chinese = c->cli->chinese };
	struct buf total = { 0 };
	view_object(&total, &v, jget(answer, "total"));
	if (total.len > 0)
		printf("\n%s", total.data);
	buf_free(&total);
	return QT_OK;
}

static enum qt_err run(struct cli *cli, struct problem *p)
{
	struct json_t *answer = NULL;
	struct client c;
	enum qt_err err = client_open(&c, cli, p);

	if (err != QT_OK)
		return err;
	err = client_request(&c, cli->command->route, &answer, p);
	if (err == QT_OK && answer != NULL)
		err = show(&c, report_find(cli->command->verb), answer, p);
	jfree(answer);
	client_close(&c);
	return err;
}

#define ROUTE(name) &(const struct cli_route){ "GET", "/v1/reports/" name, .list = "rows" }
#define BY_DAYS "[--from DAY] [--until DAY] [--store ID] [--csv FILE] [--pdf FILE]"
#define OF_DAYS(name, help) { "report", name, BY_DAYS, help, day_options, 0, 0, run, ROUTE(name), true }

static const struct cli_route list = { "GET", "/v1/reports", .list = "reports" };
const struct command cli_report_commands[] = {
	{ "report", "list", "", "list the reports there are", NULL, 0, 0, client_run, &list, true },
	OF_DAYS("day", "sales by day"),
	OF_DAYS("hour", "sales by hour of the day"),
	OF_DAYS("item", "sales by item, best first"),
	OF_DAYS("section", "sales by section of the catalogue"),
	OF_DAYS("cashier", "sales by person"),
	OF_DAYS("till", "sales by till"),
	OF_DAYS("tender", "what was paid with, and given back by"),
	OF_DAYS("tax", "sales and tax by tax"),
	OF_DAYS("net", "from list prices to what is left"),
	{ "report", "liability", "[--csv FILE] [--pdf FILE]", "what is owed to holders of cards and points", now_options, 0, 0, run,
	  ROUTE("liability"), true },
	OF_DAYS("z", "shifts that were closed, with their Z"),
	OF_DAYS("difference", "what counts of drawers differed by, by till"),
	{ 0 },
};
