/* cli_points: a merchant's points and its scheme: `qrtill points ...`. */
#include "console/cli_client.h"
#include "console/cli_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct cli_option reason_options[] = {
	{ "reason", "TEXT", "why", CLI_TEXT, "reason" },
	{ 0 },
};
static const struct cli_option code_argument[] = {
	{ "CODE", NULL, "the customer's identity code", CLI_TEXT, "identity_code" }, { 0 },
};
static const struct cli_option points_arguments[] = {
	{ "CODE", NULL, "the customer's identity code", CLI_TEXT, "identity_code" },
	{ "POINTS", NULL, "how many", CLI_INT, "points" },
	{ 0 },
};
static const struct cli_option voucher_arguments[] = {
	{ "CODE", NULL, "the customer's identity code", CLI_TEXT, "identity_code" },
	{ "PROMOTION", NULL, "whose coupon points buy", CLI_INT, "promotion_id" },
	{ 0 },
};
static const struct cli_option set_options[] = {
	{ "lifetime-days", "N", "days until points lapse that are earned from now on; 0: never", CLI_OWN, NULL },
	{ "level-days", "N", "points of so many days back make the level", CLI_OWN, NULL },
	{ "level", "POINTS:NAME[:CHINESE]", "a level from so many points on; repeat, the lowest first; \"none\": no levels",
	  CLI_OWN, NULL },
	{ "discount", "AMOUNT[@LEVEL]", "what a point takes off a price, for LEVEL and above; may be repeated; \"none\"",
	  CLI_OWN, NULL },
	{ "earn", "RATE[@LEVEL]", "per cent of what everybody earns, 150 is half as much again; may be repeated; \"none\"",
	  CLI_OWN, NULL },
	{ "voucher", "PROMOTION:POINTS[@LEVEL]", "points that buy a coupon of this promotion; may be repeated; \"none\"",
	  CLI_OWN, NULL },
	{ 0 },
};

/* ---- the scheme ---- */

/* A number the options give, else the one that is there. */
static enum qt_err put_number(const struct cli *cli, struct json *j, const char *option, const char *member,
                              const struct json_t *now, struct problem *p)
{
	int64_t n = jint(now, member, 0);
	enum qt_err err = cli_option_int(cli, option, 0, 3650, &n, p);

	json_int(j, member, n);
	return err;
}

/* Members that are not given stay as they are. */
static void put_old(struct json *j, const char *member, const struct json_t *value)
{
	char *text = jdump(value);

	json_raw(j, member, text, strlen(text));
	free(text);
}

static bool is_none(const struct cli *cli, const char *option)
{
	return cli_option(cli, option) && strcmp(cli_option(cli, option), "none") == 0;
}

static enum qt_err put_level(struct json *j, const char *text, struct problem *p)
{
	char *name, chinese[128] = "", own[128];
	long long from = strtoll(text, &name, 10);
	const char *colon;

	if (name == text || *name != ':' || name[1] == '\0' || name[1] == ':')
		return problem_set(p, QT_BAD_FIELD, "level", "\"%s\": POINTS:NAME or POINTS:NAME:CHINESE", text);
	colon = strchr(++name, ':');
	snprintf(own, sizeof own, "%.*s", colon ? (int)(colon - name) : (int)strlen(name), name);
	if (colon)
		snprintf(chinese, sizeof chinese, "%s", colon + 1);
	json_object(j, NULL);
	json_int(j, "from_points", from);
	json_text(j, "name", own);
	if (chinese[0])
		json_text(j, "name_zh", chinese);
	json_end(j);
	return QT_OK;
}

static enum qt_err put_levels(const struct cli *cli, struct json *j, const struct json_t *now, struct problem *p)
{
	enum qt_err err = QT_OK;

	if (!cli_has(cli, "level")) {
		put_old(j, "levels", jget(now, "levels"));
		return QT_OK;
	}
	json_array(j, "levels");
	for (int i = 0; i < cli->given_count && err == QT_OK && !is_none(cli, "level"); i++)
		if (strcmp(cli->given[i].name, "level") == 0)
			err = put_level(j, cli->given[i].value, p);
	json_end(j);
	return err;
}

/* "VALUE@LEVEL" apart; without a level it is everybody's. */
static enum qt_err split_level(const char *option, const char *text, char value[32], int64_t *level, struct problem *p)
{
	const char *at = strchr(text, '@');
	char *end = NULL;

	*level = at ? strtoll(at + 1, &end, 10) : 0;
	if (at && (end == at + 1 || *end != '\0' || *level < 0))
		return problem_set(p, QT_BAD_FIELD, option, "\"%s\": behind @ comes a level's place, 0 the lowest", text);
	snprintf(value, 32, "%.*s", at ? (int)(at - text) : (int)strlen(text), text);
	return QT_OK;
}

/* One offer as its option says it; `kind` is the option's name. */
static enum qt_err put_offer(struct client *c, struct json *j, const char *kind, const char *text, struct problem *p)
{
	char value[32], *end;
	int64_t level;
	enum qt_err err = split_level(kind, text, value, &level, p);

	if (err != QT_OK)
		return err;
	json_object(j, NULL);
	json_text(j, "kind", kind);
	json_int(j, "level", level);
	if (strcmp(kind, "discount") == 0) {
		err = request_value(c, j, CLI_MONEY, "value_cents", kind, value, p);
	} else if (strcmp(kind, "earn") == 0) {
		long long rate = strtoll(value, &end, 10);
		if (end == value || *end != '\0' || rate < 1 || rate > 10000)
			return problem_set(p, QT_BAD_FIELD, kind, "\"%s\": per cent, 1 to 10000", text);
		json_int(j, "rate_bp", rate * 100);
	} else {
		long long promotion = strtoll(value, &end, 10), points = *end == ':' ? strtoll(end + 1, &end, 10) : 0;
		if (*end != '\0' || promotion < 1 || points < 1)
			return problem_set(p, QT_BAD_FIELD, kind, "\"%s\": PROMOTION:POINTS", text);
		json_int(j, "promotion_id", promotion);
		json_int(j, "points", points);
	}
	json_end(j);
	return err;
}

/* Offers of a kind that options name are replaced; those of the others stay. */
static enum qt_err put_offers(struct client *c, struct json *j, const struct json_t *now, struct problem *p)
{
	static const char *const kinds[] = { "discount", "earn", "voucher" };
	const struct cli *cli = c->cli;
	const struct json_t *offer;
	enum qt_err err = QT_OK;

	json_array(j, "offers");
	for (size_t i = 0; (offer = jat(jget(now, "offers"), i)) != NULL; i++)
		if (!cli_has(cli, jtext(offer, "kind", "")))
			put_old(j, NULL, offer);
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
		for (int i = 0; i < cli->given_count && err == QT_OK && !is_none(cli, kinds[k]); i++)
			if (strcmp(cli->given[i].name, kinds[k]) == 0)
				err = put_offer(c, j, kinds[k], cli->given[i].value, p);
	json_end(j);
	return err;
}

static const struct cli_route scheme = { "GET", "/v1/points/scheme" };

/* The scheme as it is, with what the options change: the server's route overwrites it. */
static enum qt_err run_set(struct cli *cli, struct problem *p)
{
	struct api_reply was = { 0 }, r = { 0 };
	struct buf body = { 0 };
	struct client c;
	struct json j;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = client_call(&c, scheme.method, scheme.path, NULL, &was, p);
	json_start(&j, &body);
	json_object(&j, NULL);
	if (err == QT_OK)
		err = put_number(cli, &j, "lifetime-days", "lifetime_days", was.body, p);
	if (err == QT_OK)
		err = put_number(cli, &j, "level-days", "level_days", was.body, p);
	json_int(&j, "cash_value_cents", jint(was.body, "cash_value_cents", 0));
	if (err == QT_OK)
		err = put_levels(cli, &j, was.body, p);
	if (err == QT_OK)
		err = put_offers(&c, &j, was.body, p);
	json_end(&j);
	if (err == QT_OK)
		err = client_call(&c, "POST", scheme.path, body.data, &r, p);
	if (err == QT_OK && r.body)
		client_show(&c, r.body, NULL, NULL);
	api_reply_free(&was);
	api_reply_free(&r);
	buf_free(&body);
	client_close(&c);
	return err;
}

static const struct cli_route look = { "POST", "/v1/points/look", code_argument };
static const struct cli_route earn = { "POST", "/v1/points/earn", points_arguments };
static const struct cli_route spend = { "POST", "/v1/points/spend", points_arguments };
static const struct cli_route voucher = { "POST", "/v1/points/vouchers", voucher_arguments };
const struct command cli_points_commands[] = {
	{ "points", "look", "CODE", "a customer's points", NULL, 1, 1, client_run, &look, true },
	{ "points", "earn", "CODE POINTS --reason TEXT", "give points", reason_options, 2, 2, client_run, &earn, true },
	{ "points", "spend", "CODE POINTS --reason TEXT", "take points", reason_options, 2, 2, client_run, &spend, true },
	{ "points", "voucher", "CODE PROMOTION", "a customer's points become a coupon", NULL, 2, 2, client_run, &voucher, true },
	{ "points", "scheme", "", "the scheme: levels, and what points are good for", NULL, 0, 0, client_run, &scheme, true },
	{ "points", "set", "[options]", "change the scheme; what no option names stays", set_options, 0, 0, run_set, NULL,
	  true },
	{ 0 },
};
