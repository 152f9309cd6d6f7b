/* till_recall: see till_recall.h. */
#include "pos/till.h"

#include "shared/clock.h"
#include "shared/text.h"
#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH_PUT "/v1/held-sales"
#define PATH_TAKE "/v1/held-sales/take"
#define CONTENT_MOST 100000 /* bytes; the server takes no more */

int till_held_list(struct till *t, struct held_row *out)
{
	static struct cart cart; /* large */
	int count = till_hold_list(t->store, out, HOLD_MOST);

	for (int i = 0; i < count; i++) {
		if (till_hold_read(t->store, out[i].id, t->shop.inclusive, &cart) != QT_OK)
			log_line('E', "a sale put aside cannot be read");
		out[i].total_cents = cart.total_cents;
		out[i].pieces = cart_pieces(&cart);
	}
	for (int i = 0; i < t->held.there_count; i++)
		if (till_hold_find(t->store, t->held.there[i].key) == 0)
			out[count++] = t->held.there[i];
	return count;
}

void till_held_count(struct till *t)
{
	t->held.count = till_hold_count(t->store);
	for (int i = 0; i < t->held.there_count; i++)
		t->held.count += till_hold_find(t->store, t->held.there[i].key) == 0;
	t->held.serial++;
	if (t->tui)
		tui_dirty(t->tui);
}

/* ---- the list of the store ---- */

static void copy_clean(char *out, size_t size, const char *text)
{
	struct buf clean = { 0 };

	text_clean(&clean, text, strlen(text), TEXT_TERMINAL);
	snprintf(out, size, "%s", clean.len ? clean.data : "");
	buf_free(&clean);
}

static void read_there(struct till_held *h, const struct json_t *list)
{
	const struct json_t *row;

	h->there_count = 0;
	for (size_t i = 0; (row = jat(list, i)) != NULL && h->there_count < HELD_THERE_MOST; i++) {
		struct held_row *r = &h->there[h->there_count++];
		*r = (struct held_row){ .held_ms = jint(row, "held_ms", 0), .shared = true,
		                        .total_cents = jint(row, "total_cents", 0), .pieces = jint(row, "pieces", 0) };
		copy_clean(r->name, sizeof r->name, jtext(row, "name", ""));
		copy_clean(r->key, sizeof r->key, jtext(row, "key", ""));
		copy_clean(r->till, sizeof r->till, jtext(row, "till", ""));
		copy_clean(r->by, sizeof r->by, jtext(row, "by", ""));
	}
}

static bool is_there(const struct till_held *h, const char *key)
{
	for (int i = 0; i < h->there_count; i++)
		if (strcmp(h->there[i].key, key) == 0)
			return true;
	return false;
}

/* What the server had and has no more, another till went on with. */
static void forget_taken(struct till *t)
{
	struct held_row *rows = xcalloc(HOLD_MOST, sizeof *rows);
	int count = till_hold_list(t->store, rows, HOLD_MOST);
	enum qt_err err = QT_OK;

	for (int i = 0; i < count && err == QT_OK; i++) {
		if (!rows[i].shared || is_there(&t->held, rows[i].key) || strcmp(t->held.taking, rows[i].key) == 0)
			continue;
		err = tdb_begin(t->store);
		if (err == QT_OK) {
			err = till_hold_drop(t->store, rows[i].id);
			if (err == QT_OK)
				err = till_event(t, "hold-taken", "i", "held", rows[i].id);
			err = tdb_commit(t->store, err);
		}
	}
	free(rows);
	if (err != QT_OK)
		log_line('E', "a sale that another till went on with is still in the file");
}

static void on_list(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	t->held.asking = 0;
	till_link_said(t, r->err);
	if (r->err != QT_OK)
		return;
	read_there(&t->held, jget(r->body, "held"));
	if (jint(r->body, "next", 0) == 0)
		forget_taken(t);
	till_held_count(t);
}

void till_held_ask(struct till *t)
{
	const struct api_request r = { .method = "GET", .path = PATH_PUT "?limit=100", .done = on_list, .ctx = t };

	if (t->api == NULL || t->session_token == NULL)
		return;
	if (t->held.asking) /* its answer may be older than what happened since */
		api_cancel(t->api, t->held.asking);
	t->held.asking = api_send(t->api, &r);
}

/* ---- putting aside ---- */

/* Hand it to the other tills. Inside the transaction that puts it aside. */
static enum qt_err share(struct till *t, const struct till_sale *sale, const char *name, const char *key, int64_t now_ms)
{
	struct buf content = { 0 }, body = { 0 };
	char note[160];
	struct json j;

	json_start(&j, &content);
	json_object(&j, NULL);
	till_hold_json(&j, sale, t->shop.terminal_id);
	json_end(&j);
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "key", key);
	if (name[0])
		json_text(&j, "name", name);
	json_text(&j, "content", content.data);
	json_int(&j, "total_cents", sale->cart.total_cents);
	json_int(&j, "pieces", cart_pieces(&sale->cart));
	json_int(&j, "held_ms", now_ms + t->clock_offset_ms);
	json_end(&j);
	snprintf(note, sizeof note, "%s %s", tr("put aside"), name);
	enum qt_err err = content.len > CONTENT_MOST ? till_hold_unshare(t->store, key)
	                                             : outbox_add(t->store, OUTBOX_HELD, PATH_PUT, body.data, 0, note, now_ms);
	buf_free(&content);
	buf_free(&body);
	return err;
}

/* Something was written to the outbox. */
static void queue_changed(struct till *t)
{
	t->counts = outbox_counts(t->store);
	if (t->sending == 0)
		t->retry_ms = 0;
}

void till_hold(struct till *t, const char *name)
{
	static struct till_sale before; /* large: the cart is in it */
	int64_t id = 0, now_ms = clock_now_ms();
	char key[HOLD_KEY_ROOM];

	if (t->sale.stage != SALE_CART || t->sale.cart.count == 0)
		return;
	before = t->sale;
	till_make_uuid(key);
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK) {
		err = till_hold_put(t->store, &t->sale, name, key, now_ms, &id);
		till_sale_next(&t->sale, now_ms); /* a cart has no order: nothing is freed that `before` needs */
		if (err == QT_OK)
			err = till_sale_save(t->store, &t->sale);
		if (err == QT_OK)
			err = till_event(t, "hold", "iiti", "sale", before.number, "held", id, "name", name, "total_cents",
			                 before.cart.total_cents);
		if (err == QT_OK)
			err = share(t, &before, name, key, now_ms);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK) {
		t->sale = before;
		tui_say(t->tui, STYLE_BAD, "%s", err == QT_TOO_LONG ? tr("too many sales are put aside") : tr_err(err));
		return;
	}
	till_event_remember(t);
	queue_changed(t);
	till_held_count(t);
	t->sale_message[0] = '\0';
	tui_say(t->tui, STYLE_GOOD, tr("put aside as %lld %s"), (long long)id, name);
}

/* ---- going on ---- */

/* Inside a transaction: the one with this number becomes the sale. */
static enum qt_err take_here(struct till *t, int64_t id)
{
	enum qt_err err = till_hold_take(t->store, id, &t->sale);

	if (err == QT_OK)
		err = till_sale_save(t->store, &t->sale);
	return err == QT_OK ? till_event(t, "recall", "iii", "sale", t->sale.number, "held", id, "total_cents",
	                                 t->sale.cart.total_cents)
	                    : err;
}

/* Inside a transaction. `drop`: nothing of it is wanted back; sale_number: of the sale it is already; 0: none. */
static enum qt_err ask_take(struct till *t, const struct held_row *h, bool drop, int64_t sale_number, const char *note)
{
	struct buf body = { 0 };
	char text[160];
	struct json j;

	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "key", h->key);
	if (drop)
		json_bool(&j, "drop", true);
	json_end(&j);
	snprintf(text, sizeof text, "%s %s", note, h->name);
	enum qt_err err = outbox_add(t->store, OUTBOX_HELD, PATH_TAKE, body.data, sale_number, text, clock_now_ms());
	buf_free(&body);
	return err;
}

/* May the server have it? *sequence gets the request that hands it over and was certainly never seen; 0: none. */
static bool server_may_have(struct till *t, const struct held_row *h, int64_t *sequence)
{
	bool seen = false;

	*sequence = 0;
	if (h->key[0] == '\0')
		return false;
	if (h->shared)
		return true;
	*sequence = outbox_find(t->store, OUTBOX_HELD, h->key, &seen);
	if (*sequence == 0 || seen || (t->sending != 0 && t->row.sequence == *sequence)) {
		*sequence = 0;
		return true;
	}
	return false;
}

/* Inside a transaction: take one of this till's own, and tell the server when it may have it. */
static enum qt_err take_own(struct till *t, const struct held_row *h, bool tell, int64_t unsent)
{
	enum qt_err err = QT_OK;

	if (tell)
		err = ask_take(t, h, true, t->sale.number, tr("gone on without the server with"));
	else if (unsent)
		err = outbox_done(t->store, unsent);
	return err == QT_OK ? take_here(t, h->id) : err;
}

static enum held_taken ask_server(struct till *t, const struct held_row *h)
{
	enum qt_err err = tdb_begin(t->store);

	if (err == QT_OK)
		err = tdb_commit(t->store, ask_take(t, h, false, 0, tr("go on with")));
	if (err != QT_OK) {
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		return HELD_NOT;
	}
	snprintf(t->held.taking, sizeof t->held.taking, "%s", h->key);
	queue_changed(t);
	tui_say(t->tui, STYLE_WARN, "%s", tr("asking the server..."));
	return HELD_ASKED;
}

enum held_taken till_recall(struct till *t, const struct held_row *h, bool anyway)
{
	static struct till_sale before;
	int64_t unsent;

	if (t->sale.stage != SALE_CART || t->sale.cart.count > 0) {
		tui_say(t->tui, STYLE_WARN, "%s", tr("this sale has lines: put it aside first"));
		return HELD_NOT;
	}
	if (t->held.taking[0])
		return HELD_ASKED;
	bool tell = server_may_have(t, h, &unsent);
	if (tell && t->link == LINK_ON)
		return ask_server(t, h);
	if (h->id == 0) {
		tui_say(t->tui, STYLE_BAD, "%s", tr("it is at another till: not without the server"));
		return HELD_NOT;
	}
	if (tell && !anyway)
		return HELD_UNSURE;
	before = t->sale;
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK)
		err = tdb_commit(t->store, take_own(t, h, tell, unsent));
	if (err != QT_OK) {
		t->sale = before;
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		return HELD_NOT;
	}
	till_event_remember(t);
	queue_changed(t);
	till_held_count(t);
	return HELD_TAKEN;
}

void till_drop_held(struct till *t, const struct held_row *h)
{
	int64_t unsent;
	bool tell = server_may_have(t, h, &unsent);
	enum qt_err err = tdb_begin(t->store);

	if (err == QT_OK) {
		if (tell)
			err = ask_take(t, h, true, 0, tr("drop"));
		else if (unsent)
			err = outbox_done(t->store, unsent);
		if (err == QT_OK && h->id)
			err = till_hold_drop(t->store, h->id);
		if (err == QT_OK)
			err = till_event(t, "hold-drop", "it", "held", h->id, "name", h->name);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	for (int i = 0; err == QT_OK && i < t->held.there_count; i++)
		if (strcmp(t->held.there[i].key, h->key) == 0)
			t->held.there[i--] = t->held.there[--t->held.there_count];
	queue_changed(t);
	till_held_count(t);
}

/* ---- answers ---- */

struct request {
	char key[HOLD_KEY_ROOM];
	bool take, drop;
};

static struct request read_request(const struct outbox_row *row)
{
	struct json_t *body = jparse(row->body, strlen(row->body));
	struct request q = { .take = strcmp(row->path, PATH_TAKE) == 0, .drop = jbool(body, "drop", false) };

	snprintf(q.key, sizeof q.key, "%s", jtext(body, "key", ""));
	jfree(body);
	return q;
}

/* It is ours now. Somebody began another sale meanwhile: then it is aside here. */
static enum qt_err arrive(struct till *t, const struct request *q, const char *content)
{
	static struct till_sale other; /* large */
	bool empty = t->sale.stage == SALE_CART && t->sale.cart.count == 0;
	int64_t id = till_hold_find(t->store, q->key);
	enum qt_err err;

	if (id)
		return empty ? take_here(t, id) : till_hold_unshare(t->store, q->key);
	other = (struct till_sale){ .cart.inclusive = t->shop.inclusive };
	if ((err = till_hold_parse(content, t->shop.terminal_id, &other)) != QT_OK)
		return err;
	err = till_hold_put(t->store, &other, "", "", clock_now_ms(), &id);
	return err == QT_OK && empty ? take_here(t, id) : err;
}

enum qt_err till_held_keep_answer(struct till *t, const struct outbox_row *row, const struct json_t *answer)
{
	struct request q = read_request(row);

	if (!q.take)
		return till_hold_shared(t->store, q.key);
	return q.drop ? QT_OK : arrive(t, &q, jtext(answer, "content", ""));
}

bool till_held_was_used(const struct outbox_row *row)
{
	return row->sale_number != 0;
}

enum qt_err till_held_keep_refusal(struct till *t, const struct outbox_row *row, enum qt_err refusal, const char *why)
{
	struct request q = read_request(row);
	int64_t id = till_hold_find(t->store, q.key);

	if (!q.take)
		return till_hold_unshare(t->store, q.key); /* it stays with this till alone */
	if (till_held_was_used(row))
		return outbox_refuse(t->store, row->sequence, why);
	if (q.drop || id == 0)
		return QT_OK;
	if (refusal == QT_NOT_FOUND) /* the server never had it, or lost it: nobody else can go on with it */
		return arrive(t, &q, "");
	enum qt_err err = till_hold_drop(t->store, id);
	return err == QT_OK ? till_event(t, "hold-taken", "i", "held", id) : err;
}

void till_held_answered(struct till *t, const struct outbox_row *row, const char *why)
{
	struct request q = read_request(row);

	if (strcmp(t->held.taking, q.key) == 0 && q.take) {
		t->held.taking[0] = '\0';
		if (t->sale.stage == SALE_CART && t->sale.cart.count > 0) {
			till_event_remember(t);
			tui_say(t->tui, STYLE_GOOD, "%s", tr("gone on with"));
		}
	}
	if (why && q.take)
		tui_say(t->tui, STYLE_BAD, "%s: %s", tr("another till went on with it"), why);
	till_held_count(t);
	till_held_ask(t);
}
