/* till_link: the till and its server: enrolment, sign-in, who we are, the catalogue copy, events. See till.h. */
#include "pos/till.h"

#include "shared/clock.h"
#include "shared/folder.h"
#include "shared/money.h"
#include "shared/tr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SYNC_EVERY_MS 60000
#define REFRESH_EVERY_MS 5000

static void copy(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

/* Read merchant, store and terminal as enrolment and /v1/terminals/me give them; keep them. */
static enum qt_err apply_shop(struct till *t, const struct json_t *body)
{
	const struct json_t *m = jget(body, "merchant"), *s = jget(body, "store");
	struct shop *shop = &t->shop;
	const struct currency *c = currency_by_alpha(jtext(m, "currency", "USD"));

	shop->terminal_id = jint(body, "terminal_id", shop->terminal_id);
	shop->currency = c ? c->numeric : 840;
	shop->inclusive = jbool(m, "tax_inclusive", false);
	shop->point_value_cents = jint(m, "point_value_cents", 0);
	copy(shop->terminal_name, sizeof shop->terminal_name, jtext(body, "name", shop->terminal_name));
	copy(shop->merchant_name, sizeof shop->merchant_name, jtext(m, "name", ""));
	copy(shop->merchant_name_zh, sizeof shop->merchant_name_zh, jtext(m, "name_zh", ""));
	copy(shop->store_name, sizeof shop->store_name, jtext(s, "name", ""));
	copy(shop->store_name_zh, sizeof shop->store_name_zh, jtext(s, "name_zh", ""));
	copy(shop->address, sizeof shop->address, jtext(s, "address", ""));
	copy(shop->footer, sizeof shop->footer, jtext(s, "receipt_footer", ""));
	copy(shop->fixed_code, sizeof shop->fixed_code, jtext(body, "fixed_code", ""));
	int64_t server_ms = jint(body, "server_time_ms", 0);
	if (server_ms > 0)
		t->clock_offset_ms = server_ms - clock_now_ms();
	if (t->sale.cart.inclusive != shop->inclusive) {
		t->sale.cart.inclusive = shop->inclusive;
		if (cart_price(&t->sale.cart) != QT_OK)
			log_line('W', "the cart cannot be priced");
	}
	char *json = jdump(body);
	enum qt_err err = setting_put(t->store, "shop_json", json);
	free(json);
	if (err == QT_OK)
		err = setting_put(t->store, "shop_inclusive", shop->inclusive ? "1" : "0");
	return err == QT_OK ? setting_put_int(t->store, "clock_offset_ms", t->clock_offset_ms) : err;
}

static void restore_json(struct till *t)
{
	char *text = setting_text(t->store, "shop_json");
	struct json_t *body = text ? jparse(text, strlen(text)) : NULL;
	int64_t offset_ms = t->clock_offset_ms;

	if (body && apply_shop(t, body) != QT_OK)
		log_line('W', "the shop's particulars cannot be kept");
	t->clock_offset_ms = offset_ms; /* the text is old: its time says nothing now */
	jfree(body);
	free(text);
	till_rules_load(t);
	till_promos_load(t);
	t->session_token = setting_text(t->store, "session");
	text = setting_text(t->store, "staff_name");
	copy(t->staff_name, sizeof t->staff_name, text ? text : "");
	free(text);
	text = setting_text(t->store, "staff_role");
	copy(t->staff_role, sizeof t->staff_role, text ? text : "");
	free(text);
}

static void use_token(struct till *t)
{
	api_set_token(t->api, t->session_token ? t->session_token : t->terminal_token);
}

enum qt_err till_connect(struct till *t, const char *server, const char *pin, struct problem *p)
{
	const struct api_options o = { .url = server, .pin = pin, .locale = tr_language() };
	struct api *api;
	enum qt_err err = api_open(&o, &api, p);

	if (err != QT_OK)
		return err;
	if (t->api) {
		api_events_stop(&t->events);
		api_close(t->api);
	}
	t->api = api;
	t->link = LINK_NOT_YET;
	t->asking = t->sending = t->syncing = t->refreshing = 0;
	t->refund.asking = t->shift.asking = t->wanted.asking = t->event_sending = 0;
	t->camera.asking = t->camera.changing = 0;
	t->held.asking = 0;
	if (t->terminal_token == NULL)
		return QT_OK;
	if (t->shop.terminal_id == 0)
		restore_json(t);
	use_token(t);
	t->events.after = -1; /* what happened before is found by looking at the order */
	if (!t->settings.training)
		api_events_start(t->api, &t->events);
	t->next_sync_ms = 0;
	return QT_OK;
}

void till_link_said(struct till *t, enum qt_err err)
{
	enum till_link before = t->link;

	t->link = err == QT_BAD_SIGNATURE ? LINK_NOT_TRUSTED : err == QT_OFFLINE ? LINK_OFF : LINK_ON;
	if (t->link == LINK_ON && before != LINK_ON) {
		t->retry_ms = 0; /* what waits can go now */
		t->next_sync_ms = 0;
		till_shift_ask(t);
		till_camera_ask(t);
		till_held_ask(t);
	}
	if (before != t->link && t->tui)
		tui_dirty(t->tui);
	if (err == QT_NOT_SIGNED_IN && t->session_token)
		till_session_ended(t);
}

/* Write the key so that it is whole or not there. */
static enum qt_err write_key(const char *folder, const char *token)
{
	char path[PATH_MAX], fresh[PATH_MAX];
	size_t len = strlen(token);

	if (snprintf(path, sizeof path, "%s/terminal.key", folder) >= (int)sizeof path ||
	    snprintf(fresh, sizeof fresh, "%s/terminal.key.new", folder) >= (int)sizeof fresh)
		return QT_STORE;
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return QT_STORE;
	bool ok = fchmod(fd, 0600) == 0 && write(fd, token, len) == (ssize_t)len && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
	ok = close(fd) == 0 && ok && rename(fresh, path) == 0 && folder_sync(path);
	return ok ? QT_OK : QT_STORE;
}

/* UUID version 7 (RFC 9562): this till has no sequence of its own before it is enrolled. */
void till_make_uuid(char out[40])
{
	unsigned char b[16];
	uint64_t ms = (uint64_t)clock_now_ms();

	random_bytes(b, sizeof b);
	for (int i = 0; i < 6; i++)
		b[i] = (unsigned char)(ms >> (40 - 8 * i));
	b[6] = (unsigned char)(0x70 | (b[6] & 0x0f));
	b[8] = (unsigned char)(0x80 | (b[8] & 0x3f));
	snprintf(out, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3],
	         b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void on_enrolled(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	const char *token = jtext(r->body, "terminal_token", NULL);
	enum qt_err err;

	t->asking = 0;
	till_link_said(t, r->err);
	if (r->err != QT_OK || token == NULL) {
		till_problem_text(r, t->answer_error, sizeof t->answer_error);
		t->answer_serial++;
		tui_dirty(t->tui);
		return;
	}
	if ((err = write_key(t->settings.data_dir, token)) == QT_OK && (err = apply_shop(t, r->body)) == QT_OK &&
	    (err = setting_put(t->store, "server", t->enrol_server)) == QT_OK)
		err = setting_put(t->store, "pin", t->enrol_pin);
	if (err != QT_OK) {
		copy(t->answer_error, sizeof t->answer_error, tr_err(err));
		t->answer_serial++;
		return;
	}
	free(t->terminal_token);
	t->terminal_token = xstrdup(token);
	t->enrol_key[0] = '\0';
	if ((err = tdb_begin(t->store)) == QT_OK)
		err = tdb_commit(t->store, till_event_enrolled(t, jget(r->body, "events")));
	if (err != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
	use_token(t);
	if (!t->events.api)
		api_events_start(t->api, &t->events);
	t->next_sync_ms = 0;
	till_show_stage(t);
}

void till_enrol(struct till *t, const char *server, const char *text)
{
	const char *hash = strchr(text, '#');
	size_t len = hash ? (size_t)(hash - text) : strlen(text);
	struct problem p = { 0 };
	struct buf body = { 0 };
	struct json j;

	t->answer_error[0] = '\0';
	if (t->asking)
		return;
	if (len == 0 || len >= sizeof t->enrol_code) {
		t->answer_serial++;
		copy(t->answer_error, sizeof t->answer_error, tr_err(QT_BAD_CODE));
		return;
	}
	/* Trying the same code again is the same request: its answer may have been lost. */
	if (t->enrol_key[0] == '\0' || strncmp(t->enrol_code, text, len) != 0 || t->enrol_code[len] != '\0')
		till_make_uuid(t->enrol_key);
	memcpy(t->enrol_code, text, len);
	t->enrol_code[len] = '\0';
	copy(t->enrol_server, sizeof t->enrol_server, server);
	copy(t->enrol_pin, sizeof t->enrol_pin, hash ? hash + 1 : "");
	if (till_connect(t, server, t->enrol_pin, &p) != QT_OK) {
		t->answer_serial++;
		snprintf(t->answer_error, sizeof t->answer_error, "%s: %s", tr_err(p.err), p.detail);
		return;
	}
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "code", t->enrol_code);
	json_end(&j);
	const struct api_request r = { .method = "POST", .path = "/v1/enrol", .body = body.data, .key = t->enrol_key,
	                               .done = on_enrolled, .ctx = t };
	t->asking = api_send(t->api, &r);
	buf_free(&body);
}

static void on_signed_in(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	const char *token = jtext(r->body, "session_token", NULL);

	t->asking = 0;
	till_link_said(t, r->err);
	t->answer_serial++;
	tui_dirty(t->tui);
	if (r->err != QT_OK || token == NULL) {
		till_problem_text(r, t->answer_error, sizeof t->answer_error);
		return;
	}
	copy(t->staff_name, sizeof t->staff_name, jtext(r->body, "name", ""));
	copy(t->staff_role, sizeof t->staff_role, jtext(r->body, "role", ""));
	free(t->session_token);
	t->session_token = xstrdup(token);
	if (setting_put(t->store, "session", token) != QT_OK || setting_put(t->store, "staff_name", t->staff_name) != QT_OK ||
	    setting_put(t->store, "staff_role", t->staff_role) != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(QT_STORE));
	use_token(t);
	till_event_alone(t, "sign-in", "t", "role", t->staff_role);
	till_rules_ask(t);
	t->retry_ms = 0;
	t->shift.offer = true;
	till_shift_ask(t);
	till_camera_ask(t);
	till_held_ask(t);
	till_show_stage(t);
}

void till_sign_in(struct till *t, const char *number, const char *pin)
{
	struct buf body = { 0 };
	struct json j;

	t->answer_error[0] = '\0';
	if (t->asking || t->api == NULL)
		return;
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "number", number);
	json_text(&j, "pin", pin);
	json_end(&j);
	const struct api_request r = { .method = "POST", .path = "/v1/sign-in", .body = body.data,
	                               .token = t->terminal_token, .done = on_signed_in, .ctx = t };
	t->asking = api_send(t->api, &r);
	explicit_bzero(body.data, body.len);
	buf_free(&body);
}

void till_session_ended(struct till *t)
{
	till_event_alone(t, "sign-out", "");
	free(t->session_token);
	t->session_token = NULL;
	t->staff_name[0] = t->staff_role[0] = '\0';
	if (setting_put(t->store, "session", NULL) != QT_OK)
		log_line('E', "the session cannot be forgotten");
	use_token(t);
	if (t->tui)
		till_show_stage(t);
}

static void on_signed_out(void *ctx, const struct api_reply *r)
{
	(void)ctx, (void)r; /* the till forgets the session whatever the server says; it expires there */
}

void till_sign_out(struct till *t)
{
	if (t->api && t->session_token) {
		const struct api_request r = { .method = "POST", .path = "/v1/sign-out", .token = t->session_token,
		                               .done = on_signed_out, .ctx = t };
		api_send(t->api, &r);
	}
	till_session_ended(t);
}

static void on_page(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	bool more = false;

	t->syncing = 0;
	t->next_sync_ms = clock_mono_ms() + SYNC_EVERY_MS;
	till_link_said(t, r->err);
	if (r->err != QT_OK)
		return;
	if (till_items_apply(t->store, r->body, &more) != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(QT_STORE));
	else if (more)
		t->next_sync_ms = 0;
	if (jcount(jget(r->body, "items")) > 0)
		t->item_count = till_item_count(t->store);
	tui_dirty(t->tui);
}

static void on_me(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	till_link_said(t, r->err);
	if (r->err == QT_OK && apply_shop(t, r->body) != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(QT_STORE));
}

static void sync_copy(struct till *t)
{
	char path[96];

	snprintf(path, sizeof path, "/v1/catalogue?after_version=%lld&limit=1000", (long long)till_items_version(t->store));
	const struct api_request page = { .method = "GET", .path = path, .token = t->terminal_token, .done = on_page,
	                                  .ctx = t };
	const struct api_request me = { .method = "GET", .path = "/v1/terminals/me", .token = t->terminal_token,
	                                .done = on_me, .ctx = t };
	t->syncing = api_send(t->api, &page);
	api_send(t->api, &me);
	till_promos_ask(t);
	till_sold_out_ask(t);
	till_rules_ask(t);
}

static void on_order(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	t->refreshing = 0;
	till_link_said(t, r->err);
	if (r->err == QT_OK)
		till_apply_order(t, r->body);
}

void till_refresh_order(struct till *t)
{
	char path[64];
	int64_t order_id = till_sale_order_id(&t->sale);

	if (order_id == 0 || t->refreshing || t->api == NULL || t->sale.stage != SALE_OPEN)
		return;
	snprintf(path, sizeof path, "/v1/orders/%lld", (long long)order_id);
	const struct api_request r = { .method = "GET", .path = path, .done = on_order, .ctx = t };
	t->refreshing = api_send(t->api, &r);
	t->next_refresh_ms = clock_mono_ms() + REFRESH_EVERY_MS;
}

void till_link_tick(struct till *t, int64_t now_ms)
{
	if (t->api == NULL || t->terminal_token == NULL)
		return;
	if (t->syncing == 0 && now_ms >= t->next_sync_ms)
		sync_copy(t);
	/* Events tell at once; this finds what an event could not tell. */
	if (t->sale.stage == SALE_OPEN && now_ms >= t->next_refresh_ms)
		till_refresh_order(t);
}
