/* till_event: see till_event.h. */
#include "pos/till.h"

#include "shared/chain.h"
#include "shared/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BATCH 100          /* events of one request; the server takes no more */
#define BATCH_BYTES 100000
#define TEXT_MOST 200      /* bytes of a text in a content: none grows beyond what the server takes */
#define SEND_EVERY_MS 3000
#define AGAIN_MS 30000     /* after the server refused */

SQL(newest_event, "SELECT sequence, hash FROM event ORDER BY sequence DESC LIMIT 1");
SQL(newest_head, "SELECT sequence, hash FROM event_head ORDER BY sequence DESC LIMIT 1");
SQL(put_event, "INSERT INTO event (sequence, at_ms, kind, content, previous, hash) VALUES ($1, $2, $3, $4, $5, $6)");

/* The event the next one follows; of a chain whose events were let go, the head. */
static enum qt_err newest(struct till *t, int64_t *sequence, char hash[CHAIN_HASH + 1])
{
	struct tdb_sql *const places[] = { &newest_event, &newest_head };

	*sequence = 0;
	memcpy(hash, CHAIN_START, CHAIN_HASH + 1);
	for (int i = 0; i < 2 && *sequence == 0; i++) {
		if (tdb_row(t->store, places[i], "")) {
			*sequence = tdb_int(places[i], 0);
			snprintf(hash, CHAIN_HASH + 1, "%s", tdb_text(places[i], 1));
		}
		enum qt_err err = tdb_end(places[i]);
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

static enum qt_err put(struct till *t, const char *kind, const char *content)
{
	char previous[CHAIN_HASH + 1], hash[CHAIN_HASH + 1];
	struct chain_event e = { .at_ms = till_now_ms(t), .kind = kind, .content = content };

	enum qt_err err = newest(t, &e.sequence, previous);
	if (err != QT_OK)
		return err;
	e.sequence++;
	chain_hash(&e, previous, hash);
	return tdb_run(t->store, &put_event, "iitttt", e.sequence, e.at_ms, kind, content, previous, hash);
}

static enum qt_err write(struct till *t, const char *kind, const char *spec, va_list ap)
{
	struct buf content = { 0 };
	struct json j;

	if (t->terminal_token == NULL)
		return QT_OK;
	json_start(&j, &content);
	json_object(&j, NULL);
	if (t->staff_name[0])
		json_text(&j, "by", t->staff_name);
	for (; *spec; spec++) {
		const char *name = va_arg(ap, const char *);
		if (*spec == 'i') {
			json_int(&j, name, va_arg(ap, int64_t));
			continue;
		}
		const char *text = va_arg(ap, const char *);
		json_textn(&j, name, text, strnlen(text, TEXT_MOST));
	}
	json_end(&j);
	enum qt_err err = put(t, kind, content.data);
	buf_free(&content);
	return err;
}

enum qt_err till_event(struct till *t, const char *kind, const char *spec, ...)
{
	va_list ap;

	va_start(ap, spec);
	enum qt_err err = write(t, kind, spec, ap);
	va_end(ap);
	return err;
}

void till_event_alone(struct till *t, const char *kind, const char *spec, ...)
{
	va_list ap;
	enum qt_err err = tdb_begin(t->store);

	va_start(ap, spec);
	if (err == QT_OK)
		err = tdb_commit(t->store, write(t, kind, spec, ap));
	va_end(ap);
	if (err != QT_OK)
		log_line('E', "the event %s cannot be written", kind);
}

SQL(last_events, "SELECT at_ms, kind, content FROM event ORDER BY sequence DESC LIMIT $1");

int till_event_last(struct till *t, struct till_event_row *rows, int most)
{
	int count = 0;

	for (bool row = tdb_row(t->store, &last_events, "i", (int64_t)most); row && count < most;
	     row = tdb_next(&last_events)) {
		const char *content = tdb_text(&last_events, 2);
		rows[count].at_ms = tdb_int(&last_events, 0);
		snprintf(rows[count].kind, sizeof rows[count].kind, "%s", tdb_text(&last_events, 1));
		rows[count++].content = jparse(content, strlen(content));
	}
	if (tdb_end(&last_events) != QT_OK)
		log_line('W', "the events cannot be read");
	return count;
}

void till_event_last_free(struct till_event_row *rows, int count)
{
	for (int i = 0; i < count; i++)
		jfree(rows[i].content);
}

/* ---- the cart ---- */

void till_event_remember(struct till *t)
{
	struct till_event_cart *e = &t->event_cart;
	const struct cart *c = &t->sale.cart;

	e->sale_number = t->sale.number;
	e->open = t->sale.stage == SALE_CART;
	e->count = c->count;
	for (int i = 0; i < c->count; i++) {
		e->lines[i].item_id = c->lines[i].item_id;
		e->lines[i].quantity = c->lines[i].quantity;
		e->lines[i].measured = c->lines[i].unit[0] != '\0';
		e->lines[i].price_cents = c->lines[i].price_cents;
		e->lines[i].total_cents = c->lines[i].total_cents;
	}
}

static bool same_line(const struct till_event_cart *e, int i, const struct cart_line *l)
{
	return e->lines[i].item_id == l->item_id && e->lines[i].quantity == l->quantity &&
	       e->lines[i].price_cents == l->price_cents && e->lines[i].total_cents == l->total_cents;
}

static enum qt_err line_event(struct till *t, const char *kind, int i)
{
	const struct cart_line *l = &t->sale.cart.lines[i];

	return till_event(t, kind, "iiiiii", "sale", t->sale.number, "line", (int64_t)(i + 1), "item", l->item_id,
	                  l->unit[0] ? "quantity_milli" : "quantity", l->quantity, "price_cents", l->price_cents,
	                  "total_cents", l->total_cents);
}

/* The middle between what both begin with and what both end with: changed, then voided or added. */
static enum qt_err compare_lines(struct till *t)
{
	const struct till_event_cart *e = &t->event_cart;
	const struct cart *c = &t->sale.cart;
	int from = 0, old_end = e->count, new_end = c->count;
	enum qt_err err = QT_OK;

	while (from < old_end && from < new_end && same_line(e, from, &c->lines[from]))
		from++;
	while (old_end > from && new_end > from && same_line(e, old_end - 1, &c->lines[new_end - 1])) {
		old_end--;
		new_end--;
	}
	for (int i = from; i < (old_end > new_end ? old_end : new_end) && err == QT_OK; i++) {
		bool was = i < old_end, is = i < new_end;
		bool changed = was && is && e->lines[i].item_id == c->lines[i].item_id;
		if (was && !changed)
			err = till_event(t, "line-void", "iiiii", "sale", t->sale.number, "line", (int64_t)(i + 1), "item",
			                 e->lines[i].item_id, e->lines[i].measured ? "quantity_milli" : "quantity",
			                 e->lines[i].quantity, "total_cents",
			                 e->lines[i].total_cents);
		if (err == QT_OK && is)
			err = line_event(t, changed ? "line-change" : "line-add", i);
	}
	return err;
}

enum qt_err till_event_cart(struct till *t)
{
	struct till_event_cart *e = &t->event_cart;
	enum qt_err err = QT_OK;

	if (e->sale_number != t->sale.number) {
		if (e->open && e->count > 0)
			err = till_event(t, "sale-void", "ii", "sale", e->sale_number, "lines", (int64_t)e->count);
		e->sale_number = t->sale.number;
		e->count = 0;
	}
	if (err == QT_OK && e->count == 0 && t->sale.cart.count > 0)
		err = till_event(t, "sale-begin", "i", "sale", t->sale.number);
	return err == QT_OK ? compare_lines(t) : err;
}

/* ---- life of the program ---- */

void till_event_start(struct till *t)
{
	if (setting_int(t->store, "running", 0) != 0)
		till_event_alone(t, "crash", "");
	till_event_alone(t, "start", "ttit", "printer", t->settings.printer, "server", t->settings.server, "paper_mm",
	                 t->settings.paper_mm, "open_drawer", t->settings.open_drawer ? "yes" : "no");
	if (setting_put_int(t->store, "running", 1) != QT_OK)
		log_line('W', "the start cannot be noted");
	till_event_remember(t);
}

void till_event_stop(struct till *t)
{
	till_event_alone(t, "stop", "");
	if (setting_put_int(t->store, "running", 0) != QT_OK)
		log_line('W', "the end cannot be noted");
}

SQL(put_head, "INSERT INTO event_head (sequence, hash, at_ms, signature) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (sequence) DO NOTHING");
SQL(drop_events, "DELETE FROM event");
SQL(drop_heads, "DELETE FROM event_head");
SQL(trim_events, "DELETE FROM event WHERE sequence <= (SELECT MAX(sequence) FROM event_head WHERE at_ms < $1)");
SQL(trim_heads, "DELETE FROM event_head WHERE sequence < (SELECT MAX(sequence) FROM event_head WHERE at_ms < $1)");

static enum qt_err keep_head(struct till *t, const struct json_t *head)
{
	char terminal[24];
	enum qt_err err = QT_OK;

	snprintf(terminal, sizeof terminal, "%lld", (long long)t->shop.terminal_id);
	if (jint(head, "sequence", 0) > 0)
		err = tdb_run(t->store, &put_head, "itit", jint(head, "sequence", 0), jtext(head, "hash", ""),
		              jint(head, "at_ms", 0), jtext(head, "signature", ""));
	if (err == QT_OK)
		err = setting_put(t->store, "event_terminal", terminal);
	return err == QT_OK ? setting_put(t->store, "event_key", jtext(head, "public_key", "")) : err;
}

enum qt_err till_event_enrolled(struct till *t, const struct json_t *head)
{
	enum qt_err err = tdb_run(t->store, &drop_events, "");

	if (err == QT_OK)
		err = tdb_run(t->store, &drop_heads, "");
	if (err == QT_OK)
		err = keep_head(t, head);
	return err == QT_OK ? till_event(t, "enrol", "i", "terminal", t->shop.terminal_id) : err;
}

/* ---- sending ---- */

static void on_taken(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	const int64_t day_ms = 86400000, days = t->settings.journal_days;
	/* The server's clock dates its words: at 0 days none is too young, be it a moment ahead of ours. */
	const int64_t before_ms = days == 0 ? INT64_MAX : till_now_ms(t) - days * day_ms;

	t->event_sending = 0;
	till_link_said(t, r->err);
	t->next_event_ms = clock_mono_ms() + SEND_EVERY_MS;
	if (r->err != QT_OK) {
		char why[256];
		till_problem_text(r, why, sizeof why);
		t->events_refused = r->err == QT_CONFLICT || r->err == QT_BAD_SIGNATURE;
		if (t->events_refused) {
			t->next_event_ms = clock_mono_ms() + AGAIN_MS;
			log_line('E', "the server does not take this till's events: %s", why);
		}
		return;
	}
	t->events_refused = false;
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK) {
		err = keep_head(t, r->body);
		if (err == QT_OK)
			err = tdb_run(t->store, &trim_events, "i", before_ms);
		if (err == QT_OK)
			err = tdb_run(t->store, &trim_heads, "i", before_ms);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK)
		log_line('E', "the server's word on the events cannot be kept");
}

SQL(unsent, "SELECT sequence, at_ms, kind, content, hash FROM event"
    " WHERE sequence > COALESCE((SELECT MAX(sequence) FROM event_head), 0) ORDER BY sequence LIMIT $1");

/* The next batch as a request's body; how many. */
static int batch(struct till *t, struct buf *body)
{
	struct json j;
	int count = 0;

	json_start(&j, body);
	json_object(&j, NULL);
	json_array(&j, "events");
	for (bool row = tdb_row(t->store, &unsent, "i", (int64_t)BATCH); row && body->len < BATCH_BYTES;
	     row = tdb_next(&unsent), count++) {
		json_object(&j, NULL);
		json_int(&j, "sequence", tdb_int(&unsent, 0));
		json_int(&j, "at_ms", tdb_int(&unsent, 1));
		json_text(&j, "kind", tdb_text(&unsent, 2));
		json_text(&j, "content", tdb_text(&unsent, 3));
		json_text(&j, "hash", tdb_text(&unsent, 4));
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	return tdb_end(&unsent) == QT_OK ? count : 0;
}

void till_event_tick(struct till *t, int64_t now_ms)
{
	struct buf body = { 0 };

	if (t->settings.training || t->api == NULL || t->terminal_token == NULL || t->link != LINK_ON || t->event_sending != 0 ||
	    now_ms < t->next_event_ms)
		return;
	t->next_event_ms = now_ms + SEND_EVERY_MS;
	if (batch(t, &body) > 0) {
		const struct api_request r = { .method = "POST", .path = "/v1/till-events", .body = body.data,
		                               .token = t->terminal_token, .done = on_taken, .ctx = t };
		t->event_sending = api_send(t->api, &r);
	}
	buf_free(&body);
}
