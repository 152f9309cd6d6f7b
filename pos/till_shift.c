/* till_shift: see till_shift.h. */
#include "pos/till.h"

#include "pos/secret.h"
#include "shared/clock.h"
#include "shared/escpos.h"
#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- on disk: settings shift_state, shift_number, shift_opened_ms, shift_automatic; the table report ---- */

static enum qt_err keep(struct till *t)
{
	const struct till_shift *s = &t->shift;
	enum qt_err err = setting_put_int(t->store, "shift_state", s->state);

	if (err == QT_OK)
		err = setting_put_int(t->store, "shift_number", s->number);
	if (err == QT_OK)
		err = setting_put_int(t->store, "shift_opened_ms", s->opened_ms);
	return err == QT_OK ? setting_put_int(t->store, "shift_automatic", s->automatic) : err;
}

void till_shift_load(struct till *t)
{
	struct till_shift *s = &t->shift;

	s->state = (enum till_shift_state)setting_int(t->store, "shift_state", SHIFT_UNKNOWN);
	s->number = setting_int(t->store, "shift_number", 0);
	s->opened_ms = setting_int(t->store, "shift_opened_ms", 0);
	s->automatic = setting_int(t->store, "shift_automatic", 0) != 0;
}

/* What the server says of a shift. */
static void take_shift(struct till_shift *s, const struct json_t *shift)
{
	s->state = strcmp(jtext(shift, "state", ""), "open") == 0 ? SHIFT_OPEN : SHIFT_NONE;
	s->number = jint(shift, "number", 0);
	s->opened_ms = jint(shift, "opened_ms", 0);
	s->automatic = jbool(shift, "automatic", false);
}

SQL(put_report, "INSERT INTO report (report_id, kind, number, at_ms, figures) VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (report_id) DO NOTHING");
SQL(trim_reports, "DELETE FROM report WHERE id <= (SELECT MAX(id) FROM report) - $1");
SQL(list_reports, "SELECT id, report_id, number, at_ms, kind = 'z' FROM report ORDER BY id DESC LIMIT $1");
SQL(get_report, "SELECT figures FROM report WHERE id = $1");

static enum qt_err put_answer(struct till *t, const struct json_t *answer)
{
	const struct json_t *figures = jget(answer, "report");
	char *text = jdump(figures);
	enum qt_err err = tdb_run(t->store, &put_report, "itiit", jint(answer, "report_id", 0), jtext(figures, "kind", ""),
	                          jint(figures, "number", 0), jint(figures, "at_ms", 0), text);

	free(text);
	if (err == QT_OK)
		err = till_event(t, strcmp(jtext(figures, "kind", ""), "z") == 0 ? "z-report" : "x-report", "ii", "report",
		                 jint(answer, "report_id", 0), "shift", jint(figures, "number", 0));
	return err == QT_OK ? tdb_run(t->store, &trim_reports, "i", (int64_t)REPORTS_KEPT) : err;
}

int till_report_list(struct tdb *s, struct report_row *out, int most)
{
	struct tdb_sql *q = &list_reports;
	int count = 0;

	for (bool row = tdb_row(s, q, "i", (int64_t)most); row && count < most; row = tdb_next(q))
		out[count++] = (struct report_row){ tdb_int(q, 0), tdb_int(q, 1), tdb_int(q, 2), tdb_int(q, 3),
		                                    tdb_int(q, 4) != 0 };
	if (tdb_end(q) != QT_OK)
		log_line('E', "the reports cannot be read");
	return count;
}

struct json_t *till_report_read(struct tdb *s, int64_t id)
{
	struct json_t *figures = NULL;

	if (tdb_row(s, &get_report, "i", id)) {
		const char *text = tdb_text(&get_report, 0);
		figures = jparse(text, strlen(text));
	}
	if (tdb_end(&get_report) != QT_OK)
		log_line('E', "a report cannot be read");
	return figures;
}

/* ---- the question ---- */

static void on_current(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	struct till_shift *s = &t->shift;

	s->asking = 0;
	till_link_said(t, r->err);
	if (r->err != QT_OK || t->counts.waiting > 0) /* what waits comes after what the server knows */
		return;
	take_shift(s, r->body);
	enum qt_err err = tdb_begin(t->store);
	if (err == QT_OK)
		err = tdb_commit(t->store, keep(t));
	if (err != QT_OK)
		log_line('W', "the shift's state cannot be kept");
	bool offer = s->offer && s->state == SHIFT_NONE && t->settings.ask_float;
	s->offer = false;
	if (offer && t->session_token && t->sale.stage == SALE_CART && screen_top(t->tui)->ops == &screen_sale_ops)
		screen_push(t->tui, &screen_float_ops, NULL);
	tui_dirty(t->tui);
}

void till_shift_ask(struct till *t)
{
	const struct api_request r = { .method = "GET", .path = "/v1/shifts/current", .done = on_current, .ctx = t };

	if (t->api && t->session_token && t->shift.asking == 0)
		t->shift.asking = api_send(t->api, &r);
}

/* ---- requests ---- */

/* "/v1/shifts/cash-in" is the event cash-in. */
static const char *event_kind(const char *path)
{
	static const struct { const char *path, *kind; } kinds[] = {
		{ "/v1/shifts", "shift-open" }, { "/v1/shifts/close", "shift-close" }, { "/v1/shifts/x", "x-ask" },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].path, path) == 0)
			return kinds[i].kind;
	return strrchr(path, '/') + 1;
}

/* Write one with the state as it becomes by it. `body` is sealed when a PIN is in it. */
static bool put(struct till *t, const char *path, struct buf *body, bool seal, const char *note,
                const struct till_shift *after)
{
	struct till_shift before = t->shift;
	char *sealed = seal ? secret_seal(t->terminal_token, body->data) : NULL;
	enum qt_err err;

	if (before.awaited) {
		tui_say(t->tui, STYLE_WARN, "%s", tr("one moment: the server is asked"));
		err = QT_BUSY;
		goto out;
	}
	t->shift = *after;
	if ((err = tdb_begin(t->store)) == QT_OK) {
		err = outbox_add(t->store, OUTBOX_SHIFT, path, sealed ? sealed : body->data, 0, note, clock_now_ms());
		if (err == QT_OK)
			err = keep(t);
		if (err == QT_OK)
			err = till_event(t, event_kind(path), "t", "request", seal ? "" : body->data);
		err = tdb_commit(t->store, err);
	}
	if (err != QT_OK) {
		t->shift = before;
		tui_say(t->tui, STYLE_BAD, "%s", tr_err(err));
		goto out;
	}
	t->shift.awaited = t->link == LINK_ON && t->counts.waiting == 0;
	tui_say(t->tui, STYLE_WARN, t->shift.awaited ? "%s..." : tr("%s: waits for the server"), note);
	t->counts = outbox_counts(t->store);
	if (t->sending == 0)
		t->retry_ms = 0;
out:
	free(sealed);
	explicit_bzero(body->data, body->len);
	buf_free(body);
	tui_dirty(t->tui);
	return err == QT_OK;
}

static struct json begin(struct buf *body)
{
	struct json j;

	json_start(&j, body);
	json_object(&j, NULL);
	return j;
}

/* The drawer's lock, by the printer it hangs on. */
static void open_drawer(struct till *t, bool always)
{
	struct escpos e;

	if (t->printer == NULL || t->settings.training || !(always || t->settings.open_drawer))
		return;
	till_event_alone(t, "drawer-open", "t", "why", "shift");
	escpos_begin(&e, (int)t->settings.paper_mm, ESCPOS_ASCII);
	escpos_drawer(&e, 2);
	size_t len = e.out.len;
	if (printer_send(t->printer, buf_take(&e.out), len) != QT_OK)
		tui_say(t->tui, STYLE_BAD, "%s: %s", tr("printer"), tr_err(QT_BUSY));
}

bool till_shift_open(struct till *t, int64_t float_cents)
{
	struct till_shift after = { .state = SHIFT_OPEN, .opened_ms = till_now_ms(t) };
	struct buf body = { 0 };
	struct json j = begin(&body);
	char note[96], money[32];

	json_int(&j, "float_cents", float_cents);
	json_end(&j);
	snprintf(note, sizeof note, "%s %s", tr("shift opened with"), till_money(t, float_cents, money));
	if (!put(t, "/v1/shifts", &body, false, note, &after))
		return false;
	open_drawer(t, false);
	return true;
}

bool till_shift_move(struct till *t, enum shift_move kind, int64_t amount_cents, const char *reason)
{
	static const struct { const char *path, *note; } moves[] = {
		[SHIFT_CASH_IN] = { "/v1/shifts/cash-in", N_("cash in") },
		[SHIFT_CASH_OUT] = { "/v1/shifts/cash-out", N_("cash out") },
		[SHIFT_SAFE_DROP] = { "/v1/shifts/safe-drop", N_("safe drop") },
	};
	struct till_shift after = t->shift;
	struct buf body = { 0 };
	struct json j = begin(&body);
	char note[96], money[32];

	json_int(&j, "amount_cents", amount_cents);
	json_text(&j, "reason", reason);
	json_end(&j);
	snprintf(note, sizeof note, "%s %s", tr(moves[kind].note), till_money(t, amount_cents, money));
	if (!put(t, moves[kind].path, &body, false, note, &after))
		return false;
	open_drawer(t, false);
	return true;
}

bool till_no_sale(struct till *t, const char *reason)
{
	struct till_shift after = t->shift;
	struct buf body = { 0 };
	struct json j = begin(&body);

	json_text(&j, "reason", reason);
	json_end(&j);
	if (!put(t, "/v1/shifts/no-sale", &body, false, tr("drawer opened without a sale"), &after))
		return false;
	open_drawer(t, true);
	return true;
}

bool till_shift_close(struct till *t, const struct till_count *rows, int count)
{
	struct till_shift after = { .state = SHIFT_NONE };
	struct buf body = { 0 };
	struct json j = begin(&body);

	json_array(&j, "count");
	for (int i = 0; i < count; i++) {
		json_object(&j, NULL);
		json_int(&j, "value_cents", rows[i].value_cents);
		json_int(&j, "quantity", rows[i].quantity);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	return put(t, "/v1/shifts/close", &body, false, tr("close of the shift"), &after);
}

bool till_shift_x(struct till *t, const char *number, const char *pin)
{
	struct till_shift after = t->shift;
	struct buf body = { 0 };
	struct json j = begin(&body);

	if (number) {
		json_object(&j, "approval_staff");
		json_text(&j, "number", number);
		json_text(&j, "pin", pin);
		json_end(&j);
	}
	json_end(&j);
	return put(t, "/v1/shifts/x", &body, number != NULL, tr("X report"), &after);
}

/* ---- answers ---- */

static bool is_path(const struct outbox_row *r, const char *path)
{
	return strcmp(r->path, path) == 0;
}

enum qt_err till_shift_keep_answer(struct till *t, const struct outbox_row *r, const struct json_t *answer)
{
	if (jget(answer, "report"))
		return put_answer(t, answer);
	if (t->counts.waiting > 1 || is_path(r, "/v1/shifts/no-sale")) /* what waits behind it says more */
		return QT_OK;
	take_shift(&t->shift, is_path(r, "/v1/shifts") ? answer : jget(answer, "shift"));
	return keep(t);
}

bool till_shift_keeps_refusal(const struct till *t)
{
	return !t->shift.awaited;
}

void till_shift_answered(struct till *t, const struct outbox_row *r, const char *why)
{
	bool report = is_path(r, "/v1/shifts/x") || is_path(r, "/v1/shifts/close"), here = t->shift.awaited;
	struct report_row newest;

	t->shift.awaited = false;
	tui_say(t->tui, why ? STYLE_BAD : STYLE_GOOD, "%s: %s", r->note, why ? why : tr("done"));
	if (why) {
		till_shift_ask(t); /* what was taken for done was not */
		return;
	}
	if (!report || till_report_list(t->store, &newest, 1) != 1)
		return;
	if (newest.z && t->printer)
		till_print_report(t, newest.id);
	if (here && screen_top(t->tui)->ops == &screen_shift_ops)
		screen_push(t->tui, &screen_report_ops, &newest.id);
}
