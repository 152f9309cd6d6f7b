/* screen_home: the day at a glance, asked anew every few seconds: sales by hour against a week ago, tenders, what is owed,
 * tills, and warnings that open the list that mends them. */
#include "console/console.h"

#include "server/call.h"
#include "shared/clock.h"
#include "shared/money.h"
#include "shared/text.h"
#include "shared/tr.h"
#include "shared/tui/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AGAIN_MS 5000
#define HOURS 24
#define SILENT_MS (2 * 60 * 1000)

/* What each warning of the server says and which list mends it. */
static const struct mend {
	const char *kind, *text; /* text N_(); %s: the till's, shift's or campaign's name */
	const char *noun, *verb;
} mends[] = {
	{ "no-store", N_("There is no store yet"), "store", "list" },
	{ "no-item", N_("The catalogue is empty"), "item", "list" },
	{ "no-till", N_("There is no till yet"), "terminal", "list" },
	{ "prefund-low", N_("Money for rebates runs low"), "prefund", "statement" },
	{ "prefund-empty", N_("No money for rebates: campaigns pay nothing"), "prefund", "statement" },
	{ "till-silent", N_("Till %s has been silent for ten minutes"), "terminal", "list" },
	{ "shift-long", N_("The shift at %s is open for more than a day"), "shift", "list" },
	{ "budget-low", N_("The budget of %s is nearly spent"), "campaign", "list" },
	{ "payment-loose", N_("A payment by the code of %s waits for its order"), "terminal", "list" },
};

struct home {
	struct json_t *day;    /* owned; NULL: not there yet */
	char why[400];         /* why not; empty: it is on its way */
	int64_t asked, next_ms, changes;
	struct list warnings;
};

static int64_t midnight_ms(void)
{
	time_t now = (time_t)(clock_now_ms() / 1000);
	struct tm tm;

	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm) * 1000;
}

static void on_day(void *ctx, enum qt_err err, const struct json_t *body, const struct problem *p)
{
	struct screen *s = ctx;
	struct home *st = s->state;
	struct console *c = s->app;

	st->asked = 0;
	if (err == QT_NOT_SIGNED_IN && c->signed_in) { /* the session is over */
		c->signed_in = false;
		screen_pop_all(s->tui);
		screen_push(s->tui, &screen_sign_in_ops, NULL);
		return;
	}
	if (err != QT_OK) {
		console_problem(c, err, p, st->why, sizeof st->why);
		return;
	}
	console_set_role(c, jtext(body, "role", ""));
	jfree(st->day);
	st->day = jhold((struct json_t *)body);
	st->why[0] = '\0';
	list_set_count(&st->warnings, (int)jcount(jget(body, "warnings")));
	snprintf(c->client.currency, sizeof c->client.currency, "%s", jtext(body, "currency", ""));
	snprintf(c->who, sizeof c->who, "%s", tr_pick(jtext(body, "name", ""), jtext(body, "name_zh", "")));
}

static void ask(struct screen *s, int64_t now_ms)
{
	struct home *st = s->state;
	struct console *c = s->app;
	char path[80];

	st->next_ms = now_ms + AGAIN_MS;
	st->changes = c->changes;
	snprintf(path, sizeof path, "/v1/dashboard?day_ms=%lld", (long long)midnight_ms());
	st->asked = console_get(c, path, on_day, s);
}

/* The operator acts for one merchant at a time. */
static void merchant_picked(void *ctx, const struct json_t *row, const char *id)
{
	struct screen *s = ctx;
	struct console *c = s->app;
	struct home *st = s->state;
	struct problem p = { 0 };

	c->settings.merchant = atoll(id);
	snprintf(c->who, sizeof c->who, "%s", tr_pick(jtext(row, "name", ""), jtext(row, "name_zh", "")));
	st->asked = 0;
	if (console_connect(c, &p) != QT_OK)
		tui_say(s->tui, STYLE_BAD, "%s", p.detail);
	ask(s, clock_mono_ms());
}

static void pick_merchant(struct screen *s)
{
	console_list_push(s->app, &(struct console_list_open){ .list = console_list_find("merchant", "list"),
		.picked = merchant_picked, .ctx = s });
}

static enum qt_err home_open(struct screen *s, const void *argument)
{
	const struct console *c = s->app;

	(void)argument;
	if (console_needs_session(c))
		screen_push(s->tui, &screen_sign_in_ops, NULL);
	else if (c->client.operator_socket && c->settings.merchant == 0)
		pick_merchant(s);
	else
		ask(s, clock_mono_ms());
	return QT_OK;
}

/* ---- drawing ---- */

/* "1,234.50 USD" */
static const char *amount(const struct console *c, int64_t cents, char out[48])
{
	const struct currency *currency = currency_by_alpha(c->client.currency);
	char text[32];

	snprintf(out, 48, "%s %s", money_format(cents, currency ? currency->numeric : 840, text, sizeof text),
	         c->client.currency);
	return out;
}

static void draw_head(const struct console *c, const struct json_t *day, int cols)
{
	const struct json_t *today = jget(day, "today"), *before = jget(day, "week_ago");
	int64_t now = jint(today, "by_now_cents", 0), then = jint(before, "by_now_cents", 0);
	char text[48];
	int x = 1;

	x += draw_textf(0, x, -1, STYLE_NORMAL, "%s  ", tr("Today"));
	x += draw_text(0, x, -1, STYLE_BOLD, amount(c, jint(today, "total_cents", 0), text));
	x += draw_textf(0, x, -1, STYLE_NORMAL, tr("  %lld orders"), (long long)jint(today, "orders", 0));
	if (then > 0 && x < cols - 30) {
		int64_t percent = (now - then) / (then / 100 > 0 ? then / 100 : 1);
		draw_textf(0, x, cols - x - 1, now >= then ? STYLE_GOOD : STYLE_WARN, tr("   %+lld %% on last week by now"),
		           (long long)percent);
	}
	draw_textf(1, 1, cols - 2, STYLE_DIM, tr("A week ago  %s in all, %lld orders"),
	           amount(c, jint(before, "total_cents", 0), text), (long long)jint(before, "orders", 0));
}

/* A bar of `eighths` that stands on row `bottom`, one cell wide. */
static void draw_bar(int bottom, int x, int64_t eighths, bool week_ago)
{
	static const char *const tops[] = { "", "▁", "▂", "▃", "▄", "▅", "▆", "▇" };

	for (int y = bottom; eighths > 0; y--, eighths -= 8) {
		if (week_ago)
			draw_text(y, x, 1, STYLE_DIM, eighths >= 4 || y == bottom ? ":" : " ");
		else if (draw_wide_blocks())
			draw_text(y, x, 1, eighths >= 4 || y == bottom ? STYLE_DIGIT : STYLE_NORMAL, " ");
		else
			draw_text(y, x, 1, STYLE_INK, eighths >= 8 ? "█" : tops[eighths]);
	}
}

static void draw_chart(const struct console *c, const struct json_t *day, int y, int rows, int cols)
{
	const struct json_t *hours = jget(day, "hours");
	int step = cols - 2 >= HOURS * 4 ? 4 : 3, left = 1;
	int64_t most = 1;
	char text[48], line[120];

	for (size_t i = 0; i < HOURS; i++) {
		const struct json_t *h = jat(hours, i);
		most = jint(h, "today_cents", 0) > most ? jint(h, "today_cents", 0) : most;
		most = jint(h, "week_ago_cents", 0) > most ? jint(h, "week_ago_cents", 0) : most;
	}
	for (size_t i = 0; i < HOURS; i++) {
		const struct json_t *h = jat(hours, i);
		int x = left + (int)i * step;
		for (int k = 0; k < step - 2; k++)
			draw_bar(y + rows - 1, x + k, (jint(h, "today_cents", 0) * rows * 8 + most - 1) / most, false);
		draw_bar(y + rows - 1, x + step - 2, (jint(h, "week_ago_cents", 0) * rows * 8 + most - 1) / most, true);
		draw_textf(y + rows, x, step, STYLE_DIM, "%02d", (int)i);
	}
	snprintf(line, sizeof line, tr("most in an hour %s"), amount(c, most > 1 ? most : 0, text));
	draw_right(y - 1, cols - 40, 39, STYLE_DIM, line);
}

/* What each style of bar means, in the row below the hours. */
static void draw_legend(int y)
{
	int x = 1;

	if (draw_wide_blocks())
		x += draw_text(y, x, 1, STYLE_DIGIT, " ");
	else
		x += draw_text(y, x, 1, STYLE_INK, "█");
	draw_textf(y, x, -1, STYLE_DIM, " %s   : %s", tr("today"), tr("a week ago"));
}

static const char *tender_name(const char *tender)
{
	static const char *const names[][2] = {
		{ "cash", N_("Cash") }, { "card", N_("Card") }, { "points", N_("Points") }, { "rebate", N_("Rebate") },
		{ "provider", N_("Phone") }, { "terminal", N_("Bank card") },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i][0], tender) == 0)
			return tr(names[i][1]);
	return tender;
}

static void draw_tenders(const struct console *c, const struct json_t *day, int y, int x, int rows, int cols)
{
	const struct json_t *tenders = jget(day, "tenders");
	int64_t all = 0;
	char text[48];

	draw_text(y, x, cols, STYLE_DIM, tr("Paid with"));
	for (size_t i = 0; i < jcount(tenders); i++)
		all += jint(jat(tenders, i), "amount_cents", 0);
	for (int i = 0; i < rows - 1 && i < (int)jcount(tenders); i++) {
		const struct json_t *t = jat(tenders, (size_t)i);
		int64_t cents = jint(t, "amount_cents", 0);
		draw_text(y + 1 + i, x, 9, STYLE_NORMAL, tender_name(jtext(t, "tender", "")));
		draw_right(y + 1 + i, x + 9, cols - 16, STYLE_NORMAL, amount(c, cents, text));
		snprintf(text, sizeof text, "%lld %%", (long long)(all ? (cents * 100 + all / 2) / all : 0));
		draw_right(y + 1 + i, x + cols - 6, 5, STYLE_DIM, text);
	}
	if (all == 0)
		draw_text(y + 1, x, cols, STYLE_DIM, tr("nothing yet"));
}

static void draw_money(const struct console *c, const struct json_t *day, int y, int x, int cols)
{
	bool low = jint(day, "prefund_cents", 0) < jint(day, "prefund_warn_below_cents", 0);
	char text[48];

	draw_text(y, x, cols, STYLE_DIM, tr("Kept for others"));
	draw_text(y + 1, x, 12, STYLE_NORMAL, tr("Prefund"));
	draw_right(y + 1, x + 9, cols - 10, low ? STYLE_WARN : STYLE_NORMAL, amount(c, jint(day, "prefund_cents", 0), text));
	draw_text(y + 2, x, 12, STYLE_NORMAL, tr("Cards"));
	draw_right(y + 2, x + 9, cols - 10, STYLE_NORMAL, amount(c, jint(day, "cards_cents", 0), text));
	draw_textf(y + 3, x, cols, STYLE_DIM, tr("%lld cards with money"), (long long)jint(day, "cards", 0));
}

static void draw_tills(const struct json_t *day, int y, int x, int rows, int cols)
{
	const struct json_t *tills = jget(day, "tills");
	int64_t now = jint(day, "at_ms", 0);
	char time[17];

	draw_textf(y, x, cols, STYLE_DIM, tr("Tills (queue %lld)"), (long long)jint(day, "queue", 0));
	for (int i = 0; i < rows - 1 && i < (int)jcount(tills); i++) {
		const struct json_t *t = jat(tills, (size_t)i);
		int64_t seen = jint(t, "seen_ms", 0);
		bool fine = seen > 0 && seen + SILENT_MS > now;
		draw_text(y + 1 + i, x, cols - 11, STYLE_NORMAL, jtext(t, "name", ""));
		draw_right(y + 1 + i, x + cols - 10, 9, fine ? STYLE_GOOD : seen ? STYLE_WARN : STYLE_DIM,
		           fine ? tr("on line") : seen ? clock_format_local(seen, time) + 11 : tr("not seen"));
	}
}

static const struct mend *mend_of(const struct json_t *warning)
{
	for (size_t i = 0; i < sizeof mends / sizeof *mends; i++)
		if (strcmp(mends[i].kind, jtext(warning, "kind", "")) == 0)
			return &mends[i];
	return NULL;
}

struct warning_rows {
	const struct json_t *warnings;
	int cols;
};

static void draw_warning(void *ctx, int index, int y, bool chosen)
{
	const struct warning_rows *r = ctx;
	const struct json_t *w = jat(r->warnings, (size_t)index);
	const struct mend *m = mend_of(w);
	char text[300];

	snprintf(text, sizeof text, m ? tr(m->text) : "%s", m ? jtext(w, "name", "") : jtext(w, "kind", ""));
	draw_textf(y, 1, r->cols - 2, chosen ? STYLE_SELECTED : STYLE_WARN, "! %s", text);
}

static void home_draw(struct screen *s, int rows, int cols)
{
	struct home *st = s->state;
	const struct console *c = s->app;
	int chart = rows >= 30 ? 14 : 7, third = (cols - 2) / 3, y = 3 + chart + 2, block = rows >= 30 ? 10 : 5;

	if (st->day == NULL) {
		draw_wrapped(2, 2, 4, cols - 4, st->why[0] ? STYLE_BAD : STYLE_DIM, st->why[0] ? st->why : tr("loading"));
		return;
	}
	draw_head(c, st->day, cols);
	draw_legend(2);
	draw_chart(c, st->day, 3, chart, cols);
	draw_tenders(c, st->day, y, 1, block, third - 1);
	draw_money(c, st->day, y, 1 + third, third - 1);
	draw_tills(st->day, y, 1 + 2 * third, block, third - 1);
	struct warning_rows r = { jget(st->day, "warnings"), cols };
	y += block;
	if (st->warnings.count == 0)
		draw_text(y, 1, cols - 2, STYLE_GOOD, tr("Nothing needs you."));
	else
		list_draw(&st->warnings, y, rows - y - (rows - y > 3), draw_warning, &r);
}

static enum action home_key(struct screen *s, int key)
{
	struct home *st = s->state;
	const struct json_t *w = jat(jget(st->day, "warnings"), (size_t)st->warnings.chosen);
	const struct mend *m = w ? mend_of(w) : NULL;

	if (key == TUI_ENTER && m) {
		console_list_push(s->app, &(struct console_list_open){ .list = console_list_find(m->noun, m->verb) });
		return ACTION_DRAW;
	}
	if (key == TUI_ENTER) {
		screen_push(s->tui, &screen_menu_ops, NULL);
		return ACTION_DRAW;
	}
	return list_key(&st->warnings, key, 5) ? ACTION_DRAW : ACTION_PASS;
}

static enum action home_tick(struct screen *s, int64_t now_ms)
{
	struct home *st = s->state;
	const struct console *c = s->app;

	if (console_needs_session(c) || (c->client.operator_socket && c->settings.merchant == 0))
		return ACTION_NONE;
	if (st->asked == 0 && (now_ms >= st->next_ms || st->changes != c->changes))
		ask(s, now_ms);
	return ACTION_NONE;
}

static void home_close(struct screen *s)
{
	struct home *st = s->state;

	console_forget(s->app, st->asked);
	jfree(st->day);
}

const struct screen_ops screen_home_ops = {
	.title = N_("Today"), .state_size = sizeof(struct home), .open = home_open, .draw = home_draw, .key = home_key,
	.tick = home_tick, .close = home_close,
};

/* ---- keys of every screen ---- */

enum { KEY_PALETTE = 1, KEY_MENU, KEY_UNDO, KEY_LANGUAGE, KEY_THEME, KEY_MERCHANT, KEY_HOME, KEY_QUIT };

const struct binding console_keys[] = {
	{ "palette", KEY_PALETTE, ':', TUI_CTRL('p'), N_("Find all"), N_("find a screen, an action or a record"), false },
	{ "menu", KEY_MENU, TUI_F(3), TUI_CTRL('n'), N_("Screens"), N_("all screens in groups"), false },
	{ "undo", KEY_UNDO, 'u', 0, N_("Undo"), N_("take the last change back, where that is possible"), false },
	{ "home", KEY_HOME, TUI_F(9), TUI_CTRL('t'), N_("Today"), N_("back to the first screen"), true },
	{ "language", KEY_LANGUAGE, TUI_F(11), TUI_CTRL('g'), N_("Language"), N_("English or Chinese"), true },
	{ "theme", KEY_THEME, TUI_F(12), TUI_CTRL('y'), N_("Theme"), N_("dark, light, high contrast, without colours"), true },
	{ "merchant", KEY_MERCHANT, TUI_F(7), TUI_CTRL('o'), N_("Merchant"), N_("the operator: act for another merchant"), true },
	{ "quit", KEY_QUIT, TUI_F(10), TUI_CTRL('q'), N_("Quit"), N_("end the program"), false },
	{ .name = NULL }
};

enum action console_command(struct screen *top, int command)
{
	struct console *c = top->app;
	struct screen *home = top;

	if (console_needs_session(c) && command != KEY_QUIT && command != KEY_LANGUAGE && command != KEY_THEME)
		return ACTION_NONE;
	switch (command) {
	case KEY_PALETTE:
		screen_push(top->tui, &screen_palette_ops, NULL);
		break;
	case KEY_MENU:
		if (!screen_is_open(top->tui, &screen_menu_ops))
			screen_push(top->tui, &screen_menu_ops, NULL);
		break;
	case KEY_UNDO:
		console_undo_run(c);
		break;
	case KEY_LANGUAGE:
		console_set_language(c, strcmp(tr_language(), "zh") == 0 ? "en" : "zh");
		break;
	case KEY_THEME:
		if (draw_set_theme(draw_next_theme()) != QT_OK)
			return ACTION_NONE;
		break;
	case KEY_HOME:
		screen_pop_all(top->tui);
		break;
	case KEY_MERCHANT:
		while (home->below)
			home = home->below;
		if (c->client.operator_socket)
			pick_merchant(home);
		else
			tui_say(top->tui, STYLE_WARN, "%s", tr("only the operator acts for several merchants"));
		break;
	case KEY_QUIT:
		return ACTION_QUIT;
	}
	return ACTION_DRAW;
}
