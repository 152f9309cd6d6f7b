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

enum { CARD_ISSUE = 1, CARD_SELL, CARD_PACK, CARD_TOP_UP, CARD_STATEMENT, CARD_FREEZE, CARD_BIND, CARD_MOVE, POINTS_EARN,
       POINTS_SPEND, POINTS_OFF, POINTS_VOUCHER };

static const struct binding card_keys[] = {
	{ "issue", CARD_ISSUE, TUI_F(5), 'i', N_("Issue"), N_("make a new card and show its code") },
	{ "sell", CARD_SELL, TUI_F(6), 'a', N_("Sell"), N_("a new card on a line of the sale: it is active once that is paid") },
	{ "top-up", CARD_TOP_UP, TUI_F(7), 't', N_("Top up"), N_("money for the card on a line of the sale, paid with any tender") },
	{ "statement", CARD_STATEMENT, TUI_F(8), 's', N_("Statement"), N_("what moved on the card, newest first") },
	{ "freeze", CARD_FREEZE, TUI_F(9), 'f', N_("Freeze"), N_("freeze the card, or release it (manager)") },
	{ "pack", CARD_PACK, 'p', 0, N_("Pack"), N_("sell several cards of a pack, from this one on"), true },
	{ "bind", CARD_BIND, 'b', 0, N_("Bind"), N_("bind the card to the customer whose code is scanned next"), true },
	{ "move", CARD_MOVE, 'm', 0, N_("Move"), N_("a lost card's balance to the card that is scanned next (manager)"), true },
	{ NULL }
};
static const struct binding points_keys[] = {
	{ "earn", POINTS_EARN, TUI_F(5), TUI_CTRL('e'), N_("Earn"), N_("give points (manager)") },
	{ "spend", POINTS_SPEND, TUI_F(6), TUI_CTRL('u'), N_("Spend"), N_("take points against something given") },
	{ "off", POINTS_OFF, TUI_F(7), TUI_CTRL('f'), N_("Discount"), N_("points lower the price of this sale; 0: no longer") },
	{ "voucher", POINTS_VOUCHER, TUI_F(8), TUI_CTRL('v'), N_("Voucher"), N_("points become a coupon, at once in this sale") },
	{ NULL }
};

struct account {
	struct entry entry;
	int serial;   /* of the till's answer shown */
	bool shown;   /* an answer was asked for by this screen */
	int pending;  /* command whose sum is being typed, or whose code is to be scanned next; 0: none */
	int64_t pack; /* cards of the pack that is sold */
	char to[256]; /* card that takes over a lost one's balance */
	char manager[8];
};

static void look(struct screen *s, const char *text)
{
	struct account *st = s->state;
	struct till *t = s->app;

	jfree(t->answer);
	jfree(t->statement);
	t->answer = t->statement = NULL;
	t->answer_error[0] = '\0';
	st->pending = 0;
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
	jfree(t->statement);
	t->answer = t->statement = NULL;
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

static const char *movement_word(const char *kind)
{
	static const struct { const char *kind, *word; } words[] = {
		{ "sale", N_("paid") }, { "refund", N_("refund") }, { "card-top-up", N_("put on the card") },
		{ "card-take-back", N_("taken back") }, { "card-transfer", N_("moved") }, { "card-expire", N_("lapsed") },
		{ "hold", N_("held") }, { "hold-void", N_("no longer held") }, { "hold-post", N_("paid") },
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].kind, kind) == 0)
			return tr(words[i].word);
	return kind;
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

/* The card's movements in place of its large balance. */
static void draw_statement(const struct till *t, int y, int rows, int cols)
{
	const struct json_t *list = jget(t->statement, "rows"), *row;
	char when[17], money[32];

	for (size_t i = 0; (row = jat(list, i)) != NULL && y < rows; i++, y++) {
		draw_text(y, 4, 17, STYLE_NORMAL, clock_format_local(jint(row, "at_ms", 0), when));
		draw_text(y, 22, 18, STYLE_NORMAL, movement_word(jtext(row, "kind", "")));
		draw_right(y, 41, 12, STYLE_NORMAL, till_money(t, jint(row, "amount_cents", 0), money));
		draw_right(y, 54, 12, STYLE_DIM, till_money(t, jint(row, "balance_cents", 0), money));
	}
	if (jcount(list) == 0)
		draw_text(y, 4, cols - 8, STYLE_DIM, tr("nothing has moved on this card"));
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
		if (jint(card, "face_cents", 0) > 0)
			draw_field(10, tr("Face value"), STYLE_NORMAL, till_money(t, jint(card, "face_cents", 0), money));
		else if (t->statement == NULL)
			draw_big(11, 4, 36, money);
		if (t->statement)
			draw_statement(t, 11, rows - 3, cols);
		const char *code = jtext(card, "code", NULL);
		if (code && qr_view_make(code, rows, cols - 40, &q) == QT_OK) { /* a card that was just issued */
			int qr_rows, qr_cols;
			qr_view_size(&q, rows, cols - 40, &qr_rows, &qr_cols);
			qr_view_draw(&q, (rows - qr_rows) / 2, cols - qr_cols, rows, cols - 40);
			qr_free(&q);
		}
	}
	if (st->pending == CARD_BIND || st->pending == CARD_MOVE)
		draw_text(rows - 2, 4, cols - 8, STYLE_WARN, st->pending == CARD_BIND ? tr("now scan the customer's identity code")
		          : tr("now scan the card that takes over the balance"));
	else
		draw_text(rows - 2, 4, cols - 8, STYLE_DIM, tr("p sells a pack, b binds, m moves a lost card's balance"));
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

/* What the points are good for besides paying. */
static void draw_uses(const struct till *t, int y, int rows, int cols)
{
	const struct json_t *vouchers = jget(t->answer, "vouchers"), *v;
	int64_t off_cents, value_cents = jint(t->answer, "discount_value_cents", 0);
	char money[32], points[32];

	if (value_cents > 0 && money_mul(jint(t->answer, "balance", 0), value_cents, &off_cents) == QT_OK)
		draw_field(y++, tr("as a discount"), STYLE_NORMAL, till_money(t, off_cents, money));
	for (size_t i = 0; (v = jat(vouchers, i)) != NULL && y < rows; i++, y++) {
		snprintf(points, sizeof points, "%lld", (long long)jint(v, "points", 0));
		if (i == 0)
			draw_text(y, 4, 18, STYLE_DIM, tr("as a voucher"));
		draw_textf(y, 22, cols - 40, STYLE_NORMAL, "%zu  %s", i + 1, tr_pick(jtext(v, "name", ""), jtext(v, "name_zh", "")));
		draw_right(y, cols - 16, 12, STYLE_NORMAL, points);
	}
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
	draw_uses(t, 16, rows - 1, cols);
}

static void points_typed(struct screen *s, const char *text)
{
	struct account *st = s->state;
	struct till *t = s->app;
	int64_t points = 0;
	enum qt_err err = cart_parse_amount(text, t->shop.currency, true, &points);

	if (err == QT_OK && points <= 0)
		err = QT_OUT_OF_RANGE;
	if (err == QT_OK && strspn(text, "0123456789") != strlen(text))
		err = QT_BAD_FIELD;
	if (err != QT_OK) {
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
		return;
	}
	st->shown = true;
	till_points_do(t, st->pending == POINTS_EARN, points, "at the till");
}

/* A sum for each card: a line of the sale, and back to it. Nothing typed: the face value. */
static void sum_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct account *st = s->state;
	struct till *t = s->app;
	bool top_up = st->pending == CARD_TOP_UP;
	int64_t sum = top_up ? 0 : jint(t->answer, "face_cents", 0);
	enum qt_err err = QT_OK;

	if (st->pending == POINTS_EARN || st->pending == POINTS_SPEND) {
		points_typed(s, text);
		return;
	}
	if (text[0])
		err = cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents, &sum);
	if (err == QT_OK && sum <= 0)
		err = QT_OUT_OF_RANGE;
	int64_t quantity = st->pending == CARD_PACK ? st->pack : 1;
	st->pending = 0;
	if (err != QT_OK)
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
	else if (till_card_sell(t, top_up, quantity, sum))
		screen_close(s->tui, &screen_card_ops);
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

static void ask_card_sum(struct screen *s, int command)
{
	const struct till *t = s->app;
	char text[160], money[32];
	int64_t face = jint(t->answer, "face_cents", 0);

	if (command == CARD_TOP_UP)
		snprintf(text, sizeof text, "%s", tr("How much goes on the card?"));
	else if (face > 0)
		snprintf(text, sizeof text, tr("How much goes on it? Nothing typed: %s"), till_money(t, face, money));
	else
		snprintf(text, sizeof text, "%s", tr("How much goes on it?"));
	ask_sum(s, command, command == CARD_TOP_UP ? tr("Top up") : command == CARD_PACK ? tr("Pack") : tr("Sell"), text);
}

static void pack_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct account *st = s->state;

	st->pack = strtoll(text, NULL, 10);
	if (text[0] == '\0' || st->pack < 1 || st->pack > CART_CARDS_MOST)
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(QT_OUT_OF_RANGE));
	else
		ask_card_sum(s, CARD_PACK);
}

static void freeze_answered(void *ctx, const char *text)
{
	struct till *t = ctx;
	(void)text;
	till_card_freeze(t, strcmp(jtext(t->answer, "state", ""), "frozen") == 0);
}

/* ---- a lost card's balance ---- */

static void move_pin_typed(void *ctx, const char *pin)
{
	struct screen *s = ctx;
	const struct account *st = s->state;

	if (pin[0])
		till_card_move(s->app, st->to, st->manager, pin);
}

static void manager_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct account *st = s->state;
	struct dialog d = { .title = tr("PIN"), .ask_text = true, .kind = ENTRY_SECRET, .most = 32, .answered = move_pin_typed,
	                    .ctx = s };

	if (text[0] == '\0')
		return;
	snprintf(st->manager, sizeof st->manager, "%s", text);
	snprintf(d.text, sizeof d.text, "%s", tr("The manager's PIN approves moving this balance and nothing else"));
	dialog_push(s->tui, &d);
}

static void move_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	const struct account *st = s->state;
	const struct till *t = s->app;
	struct dialog d = { .title = tr("Approval"), .ask_text = true, .kind = ENTRY_DIGITS, .most = 6,
	                    .answered = manager_typed, .ctx = s };

	(void)text;
	if (till_is_boss(t)) {
		till_card_move(s->app, st->to, NULL, NULL);
		return;
	}
	snprintf(d.text, sizeof d.text, "%s", tr("The number of the manager who approves:"));
	dialog_push(s->tui, &d);
}

static void ask_move(struct screen *s, const char *to)
{
	struct account *st = s->state;
	const struct till *t = s->app;
	struct dialog d = { .title = tr("Move"), .answered = move_answered, .ctx = s };
	char money[32];

	st->pending = 0;
	snprintf(st->to, sizeof st->to, "%s", to);
	snprintf(d.text, sizeof d.text, tr("Move %s to the other card? The lost one is closed."),
	         till_money(t, jint(t->answer, "balance_cents", 0), money));
	dialog_push(s->tui, &d);
}

/* ---- points as a discount, as a voucher ---- */

/* The most the points can take off this sale. */
static int64_t off_most(const struct till *t)
{
	int64_t worth = 0, goods = cart_points_most(&t->sale.cart);
	enum qt_err err = money_mul(jint(t->answer, "balance", 0), jint(t->answer, "discount_value_cents", 0), &worth);

	return err == QT_OK && worth < goods ? worth : goods;
}

static void off_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct till *t = s->app;
	int64_t cents = off_most(t);
	enum qt_err err = text[0] ? cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents, &cents) : QT_OK;

	if (err == QT_OK && (cents < 0 || cents > off_most(t)))
		err = QT_OUT_OF_RANGE;
	if (err != QT_OK)
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
	else if (till_points_off(t, cents))
		screen_close(s->tui, &screen_points_ops);
}

static enum action ask_off(struct screen *s)
{
	const struct till *t = s->app;
	struct dialog d = { .title = tr("Discount"), .ask_text = true, .kind = ENTRY_AMOUNT, .most = 16, .answered = off_typed,
	                    .ctx = s };
	char money[32];

	if (till_classify(t->answer_code) == TEXT_POINTS) {
		tui_say(s->tui, STYLE_WARN, "%s", tr("scan the customer's identity code"));
		return ACTION_DRAW;
	}
	if (jint(t->answer, "discount_value_cents", 0) == 0 || t->sale.stage != SALE_CART || t->sale.cart.count == 0) {
		tui_say(s->tui, STYLE_WARN, "%s", jint(t->answer, "discount_value_cents", 0) == 0
		        ? tr("points are no discount here, or not at this level") : tr("scan the goods first, then the points"));
		return ACTION_DRAW;
	}
	snprintf(d.text, sizeof d.text, tr("How much do the points take off? Nothing typed: %s"),
	         till_money(t, off_most(t), money));
	dialog_push(s->tui, &d);
	return ACTION_DRAW;
}

static void voucher_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct till *t = s->app;
	long no = strtol(text, NULL, 10);
	const struct json_t *v = no > 0 ? jat(jget(t->answer, "vouchers"), (size_t)no - 1) : NULL;

	if (text[0] == '\0')
		return;
	if (v == NULL)
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(QT_OUT_OF_RANGE));
	else
		till_points_voucher(t, jint(v, "promotion_id", 0), jint(v, "points", 0));
}

static enum action ask_voucher(struct screen *s)
{
	const struct till *t = s->app;
	struct dialog d = { .title = tr("Voucher"), .ask_text = true, .kind = ENTRY_DIGITS, .most = 2, .answered = voucher_typed,
	                    .ctx = s };

	if (till_classify(t->answer_code) == TEXT_POINTS) {
		tui_say(s->tui, STYLE_WARN, "%s", tr("scan the customer's identity code"));
		return ACTION_DRAW;
	}
	if (jcount(jget(t->answer, "vouchers")) == 0) {
		tui_say(s->tui, STYLE_WARN, "%s", tr("points buy no voucher here, or not at this level"));
		return ACTION_DRAW;
	}
	snprintf(d.text, sizeof d.text, "%s", tr("Which voucher? Its number in the list"));
	dialog_push(s->tui, &d);
	return ACTION_DRAW;
}

static enum action account_command(struct screen *s, int command)
{
	struct account *st = s->state;
	struct till *t = s->app;
	struct dialog ask = { .title = tr("Freeze"), .answered = freeze_answered, .ctx = t };
	struct dialog pack = { .title = tr("Pack"), .ask_text = true, .kind = ENTRY_DIGITS, .most = 3, .answered = pack_typed,
	                       .ctx = s };

	if (command != CARD_ISSUE && t->answer == NULL) {
		tui_say(s->tui, STYLE_WARN, "%s", command < POINTS_EARN ? tr("scan the card first")
		        : tr("scan the customer's identity code"));
		return ACTION_DRAW;
	}
	switch (command) {
	case CARD_ISSUE:
		st->shown = true;
		till_card_issue(t);
		break;
	case CARD_SELL: case CARD_TOP_UP: ask_card_sum(s, command); break;
	case CARD_PACK:
		snprintf(pack.text, sizeof pack.text, "%s", tr("How many cards, from this one on?"));
		dialog_push(s->tui, &pack);
		break;
	case CARD_STATEMENT: till_card_statement(t); break;
	case CARD_BIND: case CARD_MOVE: st->pending = command; break;
	case POINTS_OFF: return ask_off(s);
	case POINTS_VOUCHER: return ask_voucher(s);
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

	if (key == TUI_ESC && (st->pending == CARD_BIND || st->pending == CARD_MOVE)) {
		st->pending = 0;
		return ACTION_DRAW;
	}
	if (key == TUI_ENTER && st->entry.len > 0) {
		if (st->pending == CARD_MOVE)
			ask_move(s, st->entry.text);
		else
			look(s, st->entry.text);
		entry_clear(&st->entry);
		return ACTION_DRAW;
	}
	return entry_key(&st->entry, key) ? ACTION_DRAW : ACTION_PASS;
}

static enum action account_scan(struct screen *s, const char *text)
{
	struct account *st = s->state;
	enum till_text kind = till_classify(text);
	bool cards = s->ops == &screen_card_ops;

	if (st->pending == CARD_BIND && kind == TEXT_IDENTITY) {
		st->pending = 0;
		till_card_bind(s->app, text);
	} else if (st->pending == CARD_MOVE && kind == TEXT_CARD) {
		ask_move(s, text);
	} else if (cards ? kind == TEXT_CARD : kind == TEXT_IDENTITY || kind == TEXT_POINTS || kind == TEXT_CARD)
		look(s, text);
	else
		tui_say(s->tui, STYLE_BAD, "%s", cards ? tr("this is not a prepaid card") : tr("this is not an identity code"));
	return ACTION_DRAW;
}

static const struct key_help account_more[] = {
	{ "0-9 A-z Enter", N_("a number or code in place of a scan") },
	{ NULL }
};

const struct screen_ops screen_card_ops = {
	.title = N_("Prepaid card"), .more = account_more, .state_size = sizeof(struct account), .keys = card_keys, .open = account_open,
	.draw = card_draw, .command = account_command, .key = account_key, .scan = account_scan,
};
const struct screen_ops screen_points_ops = {
	.title = N_("Points"), .more = account_more, .state_size = sizeof(struct account), .keys = points_keys, .open = account_open,
	.draw = points_draw, .command = account_command, .key = account_key, .scan = account_scan,
};
