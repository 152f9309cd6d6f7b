/* till_sold_out: what the store has none of just now, as the server said last; kept in the till's file. See till.h. */
#include "pos/till.h"

#include "shared/tr.h"

#include <stdio.h>

SQL(clear_out, "DELETE FROM sold_out");
SQL(put_out, "INSERT INTO sold_out (item_id) VALUES ($1) ON CONFLICT DO NOTHING");

static enum qt_err apply(struct till *t, const struct json_t *items)
{
	const struct json_t *it;
	enum qt_err err = tdb_begin(t->store);

	if (err != QT_OK)
		return err;
	err = tdb_run(t->store, &clear_out, "");
	for (size_t i = 0; err == QT_OK && (it = jat(items, i)) != NULL; i++)
		err = tdb_run(t->store, &put_out, "i", jint(it, "item_id", 0));
	return tdb_commit(t->store, err);
}

static void on_list(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	till_link_said(t, r->err);
	if (r->err == QT_OK && apply(t, jget(r->body, "items")) != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(QT_STORE));
	tui_dirty(t->tui);
}

void till_sold_out_ask(struct till *t)
{
	const struct api_request r = { .method = "GET", .path = "/v1/sold-out", .token = t->terminal_token, .done = on_list,
	                               .ctx = t };

	if (t->api && t->terminal_token)
		api_send(t->api, &r);
}

static void on_switched(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	char why[256];

	till_link_said(t, r->err);
	if (r->err != QT_OK) {
		till_problem_text(r, why, sizeof why);
		tui_say(t->tui, STYLE_BAD, "%s", why);
		return;
	}
	tui_say(t->tui, STYLE_GOOD, "%s", jbool(r->body, "sold_out", false) ? tr("marked as sold out") : tr("it can be sold again"));
	till_sold_out_ask(t);
}

void till_sold_out_turn(struct till *t, const struct till_item *it)
{
	char path[64], key[40];

	if (t->link != LINK_ON || t->api == NULL) {
		tui_say(t->tui, STYLE_BAD, "%s", tr("that needs the server"));
		return;
	}
	snprintf(path, sizeof path, "/v1/items/%lld/sold-out", (long long)it->id);
	till_make_uuid(key);
	const struct api_request r = { .method = "POST", .path = path, .body = it->sold_out ? "{\"back\":true}" : "{}",
	                               .key = key, .done = on_switched, .ctx = t };
	api_send(t->api, &r);
}
