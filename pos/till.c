/* till: opening, the turn of the loop, and small helpers. See till.h. */
#include "pos/till.h"

#include "pos/training.h"
#include "shared/clock.h"
#include "shared/money.h"
#include "shared/text.h"
#include "shared/tr.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The key of this till, in a file of its own that only its owner may read. */
static char *read_key(const char *folder, struct problem *p)
{
	char path[PATH_MAX], text[160] = "";
	struct stat st;

	if (snprintf(path, sizeof path, "%s/terminal.key", folder) >= (int)sizeof path)
		return NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	ssize_t n = read(fd, text, sizeof text - 1);
	bool open_to_others = fstat(fd, &st) == 0 && (st.st_mode & 077) != 0;
	close(fd);
	if (open_to_others) {
		problem_set(p, QT_BAD_CONFIG, "terminal.key", "others may read it: chmod 600 %s", path);
		return NULL;
	}
	if (n <= 0)
		return NULL;
	text[strcspn(text, "\r\n")] = '\0';
	return text[0] ? xstrdup(text) : NULL;
}

static void on_event(void *ctx, const char *kind, int64_t ref_id, const struct json_t *extra)
{
	struct till *t = ctx;
	int64_t order_id = jint(extra, "order_id", strcmp(kind, "order-paid") == 0 ? ref_id : 0);

	if (strcmp(kind, "payment-unmatched") == 0) {
		char money[32];
		tui_say(t->tui, STYLE_GOOD, tr("%s came by the counter's code: %s on the pay screen takes it"),
		        till_money(t, jint(extra, "amount_cents", 0), money), tui_key_of(t->tui, &screen_pay_ops, "counter"));
		return;
	}
	if (strcmp(kind, "camera") == 0) {
		till_camera_ask(t);
		return;
	}
	if (strcmp(kind, "sold-out") == 0) {
		till_sold_out_ask(t);
		return;
	}
	if (strcmp(kind, "held-sale") == 0) {
		till_held_ask(t);
		return;
	}
	if (strncmp(kind, "payment-", 8) != 0 && strcmp(kind, "order-paid") != 0)
		return;
	if (order_id == 0 || order_id == till_sale_order_id(&t->sale))
		till_refresh_order(t);
}

static void on_events_state(void *ctx, enum qt_err err)
{
	till_link_said(ctx, err);
}

static void wake(void *ctx)
{
	struct till *t = ctx;
	if (t->api)
		api_wake(t->api);
}

enum qt_err till_open(struct till *t, struct problem *p)
{
	enum qt_err err = t->settings.training ? training_open(t, p) : tdb_open(t->settings.data_dir, &t->store, p);

	if (err != QT_OK)
		return err;
	problem_set(p, QT_OK, NULL, NULL);
	if (!t->settings.training)
		t->terminal_token = read_key(t->settings.data_dir, p);
	if (p->err != QT_OK)
		return p->err;
	t->events = (struct api_events){ .after = -1, .event = on_event, .state = on_events_state, .ctx = t };
	char *shop = setting_text(t->store, "shop_inclusive");
	t->shop.inclusive = shop && shop[0] == '1';
	free(shop);
	if ((err = till_sale_load(t->store, &t->sale, t->shop.inclusive, clock_now_ms())) != QT_OK)
		return problem_set(p, err, "data_dir", "the sale under way cannot be read");
	till_refund_load(t);
	till_shift_load(t);
	t->counts = outbox_counts(t->store);
	till_held_count(t);
	t->old_sequence = outbox_newest(t->store);
	t->item_count = till_item_count(t->store);
	t->clock_offset_ms = setting_int(t->store, "clock_offset_ms", 0);
	if (t->settings.printer[0])
		t->printer = printer_start(t->settings.printer, wake, t);
	char *server = setting_text(t->store, "server"), *pin = setting_text(t->store, "pin");
	if (t->settings.training)
		err = till_connect(t, "http://training", "", p);
	else if (t->settings.server[0] || server)
		err = till_connect(t, t->settings.server[0] ? t->settings.server : server, pin ? pin : "", p);
	free(server);
	free(pin);
	return err;
}

void till_close(struct till *t)
{
	printer_stop(t->printer);
	if (t->tui_ran)
		till_event_stop(t);
	if (t->api)
		api_events_stop(&t->events);
	api_close(t->api);
	outbox_row_free(&t->row);
	till_sale_free(&t->sale);
	till_refund_free(&t->refund);
	till_price_close(t);
	till_promos_free(t);
	till_standing_free(t);
	jfree(t->answer);
	jfree(t->statement);
	tdb_close(t->store);
	free(t->terminal_token);
	free(t->session_token);
	if (t->settings.training)
		training_close();
}

bool till_wait(void *ctx, int fd, int timeout_ms)
{
	struct till *t = ctx;
	static struct api *none; /* before a server is known the same loop waits, for keys alone */

	if (t->settings.training)
		return training_wait(t, fd, timeout_ms);
	if (t->api)
		return api_wait(t->api, fd, timeout_ms);
	if (none == NULL) {
		const struct api_options o = { .url = "http://localhost" };
		if (api_open(&o, &none, NULL) != QT_OK)
			fatal("libcurl does not start");
	}
	return api_wait(none, fd, timeout_ms);
}

void till_tick(void *ctx, int64_t now_ms)
{
	struct till *t = ctx;
	struct problem p;

	till_link_tick(t, now_ms);
	till_send_tick(t, now_ms);
	till_event_tick(t, now_ms);
	till_customer_tick(t, now_ms);
	till_promo_tick(t, now_ms);
	till_refund_tick(t, now_ms);
	while (t->printer && printer_result(t->printer, &p))
		if (p.err != QT_OK)
			tui_say(t->tui, STYLE_BAD, "%s: %s", tr("printer"), p.detail);
}

/* "Main Street  till 3  Ann  on line  2 waiting  14:05". */
const char *till_status(void *ctx, enum style *style)
{
	static char text[512];
	struct till *t = ctx;
	char clock[17];
	static const char *const links[] = { N_("connecting"), N_("on line"), N_("OFF LINE"), N_("SERVER KEY IS WRONG") };
	const char *const names[] = { tr_pick(t->shop.store_name, t->shop.store_name_zh), t->shop.terminal_name,
	                              t->staff_name };
	int n = 0;

	for (size_t i = 0; t->terminal_token && i < sizeof names / sizeof *names; i++)
		if (names[i][0] && n < 160) /* the rest below fits whatever they are called */
			n += snprintf(text + n, sizeof text - (size_t)n, "%.*s  ", (int)text_fit(names[i], 24, NULL), names[i]);
	n += snprintf(text + n, sizeof text - (size_t)n, "%s",
	              t->settings.training ? tr("nothing is sent") : tr(links[t->link]));
	if (t->held.count > 0)
		n += snprintf(text + n, sizeof text - (size_t)n, tr("  %d aside"), t->held.count);
	if (t->counts.waiting > 0)
		n += snprintf(text + n, sizeof text - (size_t)n, tr("  %d waiting"), t->counts.waiting);
	if (till_camera_paired(t))
		n += snprintf(text + n, sizeof text - (size_t)n, "%s", tr("  camera"));
	if (t->events_refused)
		n += snprintf(text + n, sizeof text - (size_t)n, "%s", tr("  JOURNAL REFUSED"));
	if (t->counts.refused > 0)
		n += snprintf(text + n, sizeof text - (size_t)n, tr("  %d REFUSED"), t->counts.refused);
	snprintf(text + n, sizeof text - (size_t)n, "  %s", clock_format_local(clock_now_ms(), clock) + 11);
	*style = t->link == LINK_OFF || t->link == LINK_NOT_TRUSTED || t->counts.refused > 0 || t->events_refused ? STYLE_BAD : STYLE_BAR;
	return text;
}

int64_t till_now_ms(const struct till *t)
{
	return clock_now_ms() + t->clock_offset_ms;
}

void till_set_language(struct till *t, const char *language)
{
	tr_set_language(language);
	if (t->api)
		api_set_locale(t->api, tr_language());
	if (setting_put(t->store, "lang", tr_language()) != QT_OK)
		log_line('W', "the language cannot be kept");
	till_event_alone(t, "setting", "t", "lang", tr_language());
	tui_dirty(t->tui);
}

const char *till_currency(const struct till *t)
{
	const struct currency *c = currency_by_numeric(t->shop.currency);
	return c ? c->alpha : "";
}

char *till_money(const struct till *t, int64_t amount_cents, char out[32])
{
	return money_format(amount_cents, t->shop.currency ? t->shop.currency : 840, out, 32);
}

char *till_receipt_number(const struct till *t, int64_t number, char out[32])
{
	snprintf(out, 32, "%s%lld", t->settings.training ? "T-" : "", (long long)number);
	return out;
}

void till_problem_text(const struct api_reply *r, char *out, size_t size)
{
	const char *what = r->title[0] && err_from_code("internal") == r->err ? r->title : tr_err(r->err);
	int n = snprintf(out, size, "%s", what);

	if (n > 0 && (size_t)n < size && r->problem.field[0])
		n += snprintf(out + n, size - (size_t)n, " (%s)", r->problem.field);
	if (n > 0 && (size_t)n < size && r->problem.detail[0])
		snprintf(out + n, size - (size_t)n, ": %s", r->problem.detail);
}

bool till_busy(const struct till *t)
{
	return t->sale.stage == SALE_SENT || (t->sale.stage == SALE_OPEN && t->counts.waiting > 0);
}

bool till_awaits(void *ctx)
{
	const struct till *t = ctx;
	return t->api && (api_pending(t->api) > 0 || (t->counts.waiting > 0 && t->session_token));
}

bool till_is_boss(const struct till *t)
{
	return strcmp(t->staff_role, "manager") == 0 || strcmp(t->staff_role, "owner") == 0;
}
