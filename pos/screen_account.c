/* screen_account: prepaid cards and points: what they hold, and what a cashier may do with them. */
#include "pos/till.h"

#include "shared/money.h"
#include "shared/clock.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/qr_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CARD_ISSUE = 1, CARD_ACTIVATE, CARD_TOP_UP, CARD_FREEZE, POINTS_EARN, POINTS_SPEND };

static const struct binding card_keys[] = {
	{ "issue", CARD_ISSUE, TUI_F(5), 'i', N_("Issue"), N_("make a new card and show its code") },
	{ "activate", CARD_ACTIVATE, TUI_F(6), 'a', N_("Activate"),
	  N_("sell the card: put its first money on it, paid in cash") },
	{ "top-up", CARD_TOP_UP, TUI_F(7), 't', N_("Top up"), N_("put money on the card, paid in cash") },
	{ "freeze", CARD_FREEZE, TUI_F(9), 'f', N_("Freeze"), N_("freeze the card, or release it (manager)") },
	{ NULL }
};
static const struct binding points_keys[] = {
	{ "earn", POINTS_EARN, TUI_F(5), TUI_CTRL('e'), N_("Earn"), N_("give points (manager)") },
	{ "spend", POINTS_SPEND, TUI_F(6), TUI_CTRL('u'), N_("Spend"), N_("take points against something given") },
	{ NULL }
};

struct account {
	struct entry entry;
	int serial;   /* of the till's answer shown */
	bool shown;   /* an answer was asked for by this screen */
	int pending;  /* command whose sum is being typed */
};

static void look(struct screen *s, const char *text)
{
	struct account *st = s->state;
	struct till *t = s->app;

	jfree(t->answer);
	t->answer = NULL;
	t->answer_error[0] = '\0';
	st->shown = true;
	st->serial = t->answer_serial;
	if (s->ops == &screen_card_ops)
		till_card_look(t, text);
	else
		till_points_look(t, text);
}

static enum qt_err account_open(struct screen *s, const void *argument)
{
	struct account *st = s->state;
	struct till *t = s->app;

	st->entry.kind = s->ops == &screen_card_ops ? ENTRY_DIGITS : ENTRY_TEXT;
	st->entry.most = s->ops == &screen_card_ops ? 16 : 300;
	jfree(t->answer);
	t->answer = NULL;
	t->answer_error[0] = t->answer_code[0] = '\0';
	if (argument)
		look(s, argument);
	return QT_OK;
}

static void draw_field(int y, const char *label, enum style style, const char *value)
{
	draw_text(y, 4, 18, STYLE_DIM, label);
	draw_text(y, 22, 40, style, value);
}

static const char *card_state_word(const char *state)
{
	static const struct { const char *state, *word; } words[] = {
		{ "new", N_("new: not activated") }, { "active", N_("active") }, { "frozen", N_("FROZEN") },
		{ "closed", N_("closed") }, { "expired", N_("expired") },
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].state, state) == 0)
			return tr(words[i].word);
	return state;
}

static void draw_answer(struct screen *s, const char *waiting)
{
	const struct account *st = s->state;
	const struct till *t = s->app;

	if (t->answer_error[0])
		draw_wrapped(5, 4, 3, 70, STYLE_BAD, t->answer_error);
	else if (st->shown && t->answer == NULL)
		draw_text(5, 4, 40, STYLE_WARN, t->link == LINK_OFF ? tr("server not reached; trying again") : waiting);
}

static void card_draw(struct screen *s, int rows, int cols)
{
	const struct account *st = s->state;
	const struct till *t = s->app;
	const struct json_t *card = t->answer;
	char money[32];
	struct qr q;

	draw_text(1, 4, 18, STYLE_DIM, tr("Scan or number"));
	entry_draw(&st->entry, 1, 22, 20, true);
	draw_answer(s, tr("asking the server..."));
	if (card && jget(card, "card_id")) {
		const char *state = jtext(card, "state", "");
		bool active = strcmp(state, "active") == 0;
		draw_field(4, tr("Card"), STYLE_BOLD, jtext(card, "number", jtext(card, "number_masked", "")));
		draw_field(6, tr("State"), active ? STYLE_GOOD : STYLE_WARN, card_state_word(state));
		draw_field(7, tr("Holder"), STYLE_NORMAL, jbool(card, "bound", false) ? tr("bound to a customer") : tr("bearer"));
		till_money(t, jint(card, "balance_cents", 0), money);
		draw_text(9, 4, 18, STYLE_DIM, tr("Balance"));
		draw_textf(9, 22, 18, STYLE_BOLD, "%s %s", till_currency(t), money);
		draw_big(11, 4, 36, money);
		const char *code = jtext(card, "code", NULL);
		if (code && qr_view_make(code, rows, cols - 40, &q) == QT_OK) { /* a card that was just issued */
			int qr_rows, qr_cols;
			qr_view_size(&q, rows, cols - 40, &qr_rows, &qr_cols);
			qr_view_draw(&q, (rows - qr_rows) / 2, cols - qr_cols, rows, cols - 40);
			qr_free(&q);
		}
	}
	draw_text(rows - 2, 4, 36, STYLE_DIM, tr("sums are taken in cash"));
}

/* What of the points lapses next, and the level. */
static void draw_standing(const struct till *t)
{
	int64_t next = jint(t->answer, "next_points", 0);
	char text[64], when[17];

	if (next > 0) {
		clock_format_local(jint(t->answer, "next_expires_ms", 0), when);
		snprintf(text, sizeof text, "%lld  %.10s", (long long)next, when);
		draw_field(13, tr("next to lapse"), STYLE_WARN, text);
	}
	if (jtext(t->answer, "level", NULL))
		draw_field(14, tr("level"), STYLE_NORMAL, tr_pick(jtext(t->answer, "level", ""), jtext(t->answer, "level_zh", "")));
}

static void points_draw(struct screen *s, int rows, int cols)
{
	const struct account *st = s->state;
	const struct till *t = s->app;
	char text[32];

	draw_text(1, 4, 18, STYLE_DIM, tr("Scan or code"));
	entry_draw(&st->entry, 1, 22, cols - 26 < 60 ? cols - 26 : 60, true);
	draw_answer(s, tr("asking the server..."));
	if (t->answer == NULL)
		return;
	int64_t points = jint(t->answer, "balance", 0), value;
	draw_text(4, 4, 18, STYLE_DIM, tr("Points"));
	snprintf(text, sizeof text, "%lld", (long long)points);
	draw_text(4, 22, 20, STYLE_BOLD, text);
	draw_big(6, 4, cols - 8, text);
	if (t->shop.point_value_cents > 0 && money_mul(points, t->shop.point_value_cents, &value) == QT_OK)
		draw_field(12, tr("worth"), STYLE_NORMAL, till_money(t, value, text));
	draw_standing(t);
	(void)rows;
}

static void sum_typed(void *ctx, const char *text)
{
	static const char *const verbs[] = { [CARD_ISSUE] = "issue", [CARD_ACTIVATE] = "activate", [CARD_TOP_UP] = "top-up" };
	struct screen *s = ctx;
	struct account *st = s->state;
	struct till *t = s->app;
	int64_t sum = 0;
	bool points = st->pending == POINTS_EARN || st->pending == POINTS_SPEND;
	enum qt_err err = QT_OK;

	/* No sum: a new card without money, or one with the face value of its batch. */
	if (text[0] || st->pending == CARD_TOP_UP || points)
		err = points ? cart_parse_amount(text, t->shop.currency, true, &sum)
		             : cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents, &sum);
	if (err == QT_OK && (sum < 0 || (sum == 0 && text[0])))
		err = QT_OUT_OF_RANGE;
	if (err == QT_OK && points && strspn(text, "0123456789") != strlen(text))
		err = QT_BAD_FIELD;
	if (err != QT_OK) {
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
		return;
	}
	st->shown = true;
	if (points)
		till_points_do(t, st->pending == POINTS_EARN, sum, "at the till");
	else
		till_card_do(t, verbs[st->pending], sum);
}

static enum action ask_sum(struct screen *s, int command, const char *title, const char *text)
{
	struct account *st = s->state;
	struct dialog d = { .title = title, .ask_text = true, .answered = sum_typed, .ctx = s, .most = 16,
	                    .kind = command == POINTS_EARN || command == POINTS_SPEND ? ENTRY_DIGITS : ENTRY_AMOUNT };

	st->pending = command;
	snprintf(d.text, sizeof d.text, "%s", text);
	dialog_push(s->tui, &d);
	return ACTION_DRAW;
}

static void freeze_answered(void *ctx, const char *text)
{
	struct till *t = ctx;
	(void)text;
	till_card_do(t, strcmp(jtext(t->answer, "state", ""), "frozen") == 0 ? "unfreeze" : "freeze", 0);
}

static enum action account_command(struct screen *s, int command)
{
	struct till *t = s->app;
	struct dialog ask = { .title = tr("Freeze"), .answered = freeze_answered, .ctx = t };

	if (command != CARD_ISSUE && t->answer == NULL) {
		tui_say(s->tui, STYLE_WARN, "%s", command < POINTS_EARN ? tr("scan the card first")
		        : tr("scan the customer's identity code"));
		return ACTION_DRAW;
	}
	switch (command) {
	case CARD_ISSUE: return ask_sum(s, command, tr("Issue"), tr("First money in cash; empty: none yet"));
	case CARD_ACTIVATE: return ask_sum(s, command, tr("Activate"), tr("First money in cash; empty: the face value"));
	case CARD_TOP_UP: return ask_sum(s, command, tr("Top up"), tr("How much cash goes on the card?"));
	case POINTS_EARN: return ask_sum(s, command, tr("Earn"), tr("How many points are given?"));
	case POINTS_SPEND: return ask_sum(s, command, tr("Spend"), tr("How many points are taken?"));
	case CARD_FREEZE:
		snprintf(ask.text, sizeof ask.text, "%s", strcmp(jtext(t->answer, "state", ""), "frozen") == 0
		         ? tr("Release this card?") : tr("Freeze this card? It pays nothing until it is released."));
		dialog_push(s->tui, &ask);
		break;
	}
	return ACTION_DRAW;
}

static enum action account_key(struct screen *s, int key)
{
	struct account *st = s->state;

	if (key == TUI_ENTER && st->entry.len > 0) {
		look(s, st->entry.text);
		entry_clear(&st->entry);
		return ACTION_DRAW;
	}
	return entry_key(&st->entry, key) ? ACTION_DRAW : ACTION_PASS;
}

static enum action account_scan(struct screen *s, const char *text)
{
	enum till_text kind = till_classify(text);
	bool cards = s->ops == &screen_card_ops;

	if (cards ? kind == TEXT_CARD : kind == TEXT_IDENTITY || kind == TEXT_CARD)
		look(s, text);
	else
		tui_say(s->tui, STYLE_BAD, "%s", cards ? tr("this is not a prepaid card") : tr("this is not an identity code"));
	return ACTION_DRAW;
}

const struct screen_ops screen_card_ops = {
	.title = N_("Prepaid card"), .state_size = sizeof(struct account), .keys = card_keys, .open = account_open,
	.draw = card_draw, .command = account_command, .key = account_key, .scan = account_scan,
};
const struct screen_ops screen_points_ops = {
	.title = N_("Points"), .state_size = sizeof(struct account), .keys = points_keys, .open = account_open,
	.draw = points_draw, .command = account_command, .key = account_key, .scan = account_scan,
};
