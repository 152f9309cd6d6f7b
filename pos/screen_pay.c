/* screen_pay: the total and its code, large; turns to the receipt by itself when the server says "paid". Also the cash
 * screen. Nothing here is done by Enter alone: a scan ends with Enter. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "shared/tr.h"
#include "shared/tui/dialog.h"
#include "shared/tui/entry.h"
#include "shared/tui/qr_view.h"

#include <stdio.h>
#include <string.h>

enum { PAY_CASH = 1, PAY_CARD, PAY_POINTS, PAY_CODE, PAY_PART, PAY_COUNTER, PAY_BANK, PAY_RELEASE, PAY_BACK };

static const struct binding keys[] = {
	{ "code", PAY_CODE, TUI_F(12), TUI_CTRL('p'), N_("New code"),
	  N_("show a code again, after it ended or for the rest") },
	{ "cash", PAY_CASH, TUI_F(9), TUI_CTRL('b'), N_("Cash"), N_("pay in cash, with change") },
	{ "card", PAY_CARD, TUI_F(3), TUI_CTRL('k'), N_("Card"),
	  N_("type a card's number; scanning the card does the same") },
	{ "points", PAY_POINTS, TUI_F(4), TUI_CTRL('o'), N_("Points"),
	  N_("pay by points: the customer's identity code is scanned") },
	{ "part", PAY_PART, TUI_F(5), TUI_CTRL('a'), N_("Part"), N_("pay only a part by what comes next") },
	{ "counter", PAY_COUNTER, TUI_F(6), TUI_CTRL('f'), N_("Counter"),
	  N_("take money that came by the code on the counter") },
	{ "bank", PAY_BANK, TUI_F(7), TUI_CTRL('y'), N_("Bank"),
	  N_("the bank's own terminal has charged it: type its approval code") },
	{ "release", PAY_RELEASE, TUI_DELETE, TUI_CTRL('d'), N_("Take back"),
	  N_("let the chosen part go back; Up and Down choose") },
	{ "cancel", PAY_BACK, TUI_ESC, 0, N_("Back"), N_("give the order up and go back to the lines") },
	{ NULL }
};

struct paying {
	int64_t part_cents; /* the next tender but cash pays only this; 0: all that is due */
	bool points;        /* the next scan is an identity code */
	int chosen;         /* secured part that Del takes back */
};

static int64_t due(const struct till *t)
{
	return t->sale.stage == SALE_SENT ? t->sale.cart.total_cents : till_sale_due_cents(&t->sale);
}

/* What is happening, in one line. */
static const char *state_line(const struct till *t, const struct paying *st, const char *code, int64_t left_s,
                              enum style *style)
{
	*style = STYLE_WARN;
	if (t->link == LINK_NOT_TRUSTED)
		return *style = STYLE_BAD, tr("the server's key is not the pinned one");
	if (till_busy(t) && t->unknown)
		return tr("outcome not known; asking again");
	if (till_busy(t))
		return t->link == LINK_OFF ? tr("server not reached; trying again") : tr("asking the server...");
	if (code && left_s > 0 && t->link == LINK_OFF)
		return tr("off line: not known if it was paid");
	if (st->points)
		return tr("scan the customer's identity code");
	if (code && left_s <= 0)
		return tr("the code has ended: show a new one");
	*style = STYLE_BOLD;
	return code ? tr("Scan to pay") : tr("choose how to pay the rest");
}

/* Parts that are secured, with a mark at the chosen one, and those a provider was asked for. */
static int draw_parts(const struct till *t, const struct paying *st, int y, int width)
{
	const struct json_t *payments = jget(t->sale.order, "payments"), *p;
	char money[32];
	int part = 0;

	for (size_t i = 0; t->sale.stage == SALE_OPEN && (p = jat(payments, i)) != NULL && y < 20; i++) {
		const char *state = jtext(p, "state", "");
		bool held = strcmp(state, "held") == 0;
		if (!held && strcmp(state, "pending") != 0 && strcmp(state, "unknown") != 0)
			continue;
		draw_text(y, 1, 1, STYLE_BOLD, held && part == st->chosen ? ">" : " ");
		draw_textf(y, 3, width - 15, held ? STYLE_GOOD : STYLE_WARN, "%s%s", receipt_method_name(jtext(p, "method", "")),
		           held ? "" : tr(", asked"));
		draw_right(y++, width - 12, 12, held ? STYLE_GOOD : STYLE_WARN,
		           till_money(t, jint(p, "amount_cents", 0), money));
		part += held;
	}
	return y;
}

static void draw_lines(const struct till *t, int y, int x, int rows, int cols)
{
	char money[32];

	for (int i = 0; i < t->sale.cart.count && y < rows; i++, y++) {
		const struct cart_line *l = &t->sale.cart.lines[i];
		quantity_text(l->quantity, l->unit, money);
		int wide = l->unit[0] ? 10 : 5;
		draw_right(y, x, wide, STYLE_DIM, money);
		draw_text(y, x + wide + 2, cols - wide - 15, STYLE_NORMAL, tr_pick(l->name, l->name_zh));
		draw_right(y, x + cols - 12, 11, STYLE_NORMAL, till_money(t, l->total_cents, money));
		for (int k = 0, at = x + wide + 2; k < l->option_count && y + 1 < rows; k++) {
			y += k == 0;
			at += draw_textf(y, at, x + cols - at, STYLE_DIM, k ? ", %s" : "+ %s",
			                 tr_pick(l->options[k].name, l->options[k].name_zh));
		}
	}
}

static void pay_draw(struct screen *s, int rows, int cols)
{
	const struct paying *st = s->state;
	const struct till *t = s->app;
	int64_t expires_ms = 0, payment_id = 0;
	const char *code = t->sale.stage == SALE_OPEN ? till_sale_code(&t->sale, &expires_ms, &payment_id) : NULL;
	int64_t left_s = (expires_ms - till_now_ms(t)) / 1000; /* whole seconds: never more than its life */
	int64_t give_up_s = till_give_up_in_s(t);
	int qr_rows = 0, qr_cols = 0, left = 36;
	enum style style;
	struct qr q;
	char money[32];

	if (code && left_s > 0 && qr_view_make(code, rows, cols - left, &q) == QT_OK) {
		qr_view_size(&q, rows, cols - left, &qr_rows, &qr_cols);
		qr_view_draw(&q, (rows - qr_rows) / 2, cols - qr_cols - (cols > 100 ? 4 : 0), rows, cols - left);
		qr_free(&q);
	} else if (code && left_s > 0) {
		draw_wrapped(2, left, 4, cols - left, STYLE_BAD, tr("the window is too small for the code"));
		draw_wrapped(7, left, 4, cols - left, STYLE_NORMAL, code);
	}
	draw_text(1, 2, left - 4, STYLE_DIM, tr_pick(t->shop.merchant_name, t->shop.merchant_name_zh));
	draw_textf(3, 2, left - 4, STYLE_BOLD, "%s  %s %s",
	           due(t) == till_sale_total_cents(&t->sale) ? tr("TOTAL") : tr("STILL DUE"), till_currency(t),
	           till_money(t, due(t), money));
	draw_big(5, 2, left - 3, money);
	if (till_cash_due_cents(t) != due(t))
		draw_textf(10, 2, left - 2, STYLE_NORMAL, tr("in cash: %s"), till_money(t, till_cash_due_cents(t), money));
	const char *state = state_line(t, st, code, left_s, &style);
	draw_text(11, 2, left - 2, style, state);
	if (give_up_s >= 0)
		draw_textf(12, 2, left - 2, STYLE_WARN, give_up_s ? tr("Esc gives it up in %lld s") : tr("Esc gives it up"),
		           (long long)give_up_s);
	else if (code && left_s > 0)
		draw_textf(12, 2, left - 2, left_s < 30 ? STYLE_WARN : STYLE_DIM, tr("the code ends in %lld:%02lld"),
		           (long long)(left_s / 60), (long long)(left_s % 60));
	int y = draw_parts(t, st, 13, left - 2);
	if (st->part_cents > 0)
		draw_textf(y++, 2, left - 2, STYLE_WARN, tr("next part: %s"), till_money(t, st->part_cents, money));
	if (t->sale_message[0])
		draw_wrapped(rows - 4, 2, 3, left - 3, STYLE_BAD, t->sale_message);
	if (rows >= 30)
		draw_lines(t, y + 2, 2, rows - 6, left - 2);
}

/* A tender of the amount that was typed before, or of all that is due. */
static void pay_by(struct screen *s, void (*pay)(struct till *, const char *, int64_t), const char *text)
{
	struct paying *st = s->state;
	int64_t cents = st->part_cents;

	st->part_cents = 0;
	pay(s->app, text, cents);
}

/* 16 digits of a card, or the 18 a customer reads off the phone. */
static void card_typed(void *ctx, const char *text)
{
	if (text[0])
		pay_by(ctx, till_classify(text) == TEXT_WALLET ? till_pay_wallet : till_pay_card, text);
}

static void approval_typed(void *ctx, const char *text)
{
	if (text[0])
		pay_by(ctx, till_pay_bank, text);
}

static void release_answered(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct paying *st = s->state;
	const struct json_t *part = till_part(s->app, st->chosen);

	(void)text;
	st->chosen = 0;
	if (part)
		till_part_release(s->app, jint(part, "payment_id", 0));
}

static void give_up_answered(void *ctx, const char *text)
{
	(void)text;
	till_give_up(ctx);
}

/* What has to be done by hand for a part to go back. */
static void say_return(const struct till *t, const struct json_t *part, char *out, size_t size)
{
	const char *method = jtext(part, "method", "");
	char money[32];

	till_money(t, jint(part, "amount_cents", 0) + jint(part, "rounding_cents", 0), money);
	if (strcmp(method, "cash") == 0)
		snprintf(out, size, tr("%s in cash: hand it back"), money);
	else if (strcmp(method, "terminal") == 0)
		snprintf(out, size, tr("%s by the bank's terminal: void it there"), money);
	else
		snprintf(out, size, tr("%s: %s, goes back by itself"), receipt_method_name(method), money);
}

static void ask_release(struct screen *s)
{
	struct paying *st = s->state;
	const struct json_t *part = till_part(s->app, st->chosen);
	struct dialog d = { .title = tr("Take back"), .answered = release_answered, .ctx = s };

	if (part == NULL) {
		tui_say(s->tui, STYLE_WARN, "%s", tr("no part is secured yet"));
		return;
	}
	say_return(s->app, part, d.text, sizeof d.text);
	dialog_push(s->tui, &d);
}

/* Where each secured part goes; empty: none is secured. */
static void say_returns(const struct till *t, char *out, size_t size)
{
	const struct json_t *part;

	out[0] = '\0';
	for (int i = 0; (part = till_part(t, i)) != NULL; i++) {
		size_t len = strlen(out);
		char line[120];
		say_return(t, part, line, sizeof line);
		snprintf(out + len, size - len, "%s%s", len ? "; " : "", line);
	}
}

/* Esc: without secured parts at once; with them, after saying where each goes. */
static void give_up(struct screen *s)
{
	struct dialog d = { .title = tr("Give the payment up"), .answered = give_up_answered, .ctx = s->app };

	if (till_part(s->app, 0) == NULL) {
		till_give_up(s->app);
		return;
	}
	say_returns(s->app, d.text, sizeof d.text);
	dialog_push(s->tui, &d);
}

static void withdraw_answered(void *ctx, const char *text)
{
	(void)text;
	till_withdraw(ctx);
}

/* Esc while nobody knows: what is in somebody's hands is named, what the server has goes back by itself. */
static void give_up_unknown(struct screen *s)
{
	struct dialog d = { .title = tr("Give the payment up"), .answered = withdraw_answered, .ctx = s->app };
	const struct till *t = s->app;
	int64_t left_s = till_give_up_in_s(t);

	if (left_s != 0) {
		tui_say(s->tui, STYLE_WARN, tr("the outcome is not known yet: it can be given up in %lld s"), (long long)left_s);
		return;
	}
	say_returns(t, d.text, sizeof d.text);
	size_t len = strlen(d.text);
	const char *by_hand = strcmp(t->sale.method, "cash") == 0 ? tr("what was given in cash: hand it back")
	                      : strcmp(t->sale.method, "terminal") == 0 ? tr("the bank's terminal: void it there")
	                      : tr("what was charged goes back by itself");
	snprintf(d.text + len, sizeof d.text - len, "%s%s", len ? "; " : "", by_hand);
	dialog_push(s->tui, &d);
}

static void part_typed(void *ctx, const char *text)
{
	struct screen *s = ctx;
	struct paying *st = s->state;
	struct till *t = s->app;
	int64_t cents = 0;

	enum qt_err err = cart_parse_amount(text, t->shop.currency, t->settings.amounts_as_cents, &cents);
	if (err == QT_OK && (cents <= 0 || cents > due(t)))
		err = QT_OUT_OF_RANGE;
	if (err != QT_OK)
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(err));
	else
		st->part_cents = cents;
}

static enum action pay_command(struct screen *s, int command)
{
	struct paying *st = s->state;
	struct till *t = s->app;
	struct dialog card = { .title = tr("Card"), .ask_text = true, .kind = ENTRY_DIGITS, .most = 18,
	                       .answered = card_typed, .ctx = s };
	struct dialog part = { .title = tr("Part"), .ask_text = true, .kind = ENTRY_AMOUNT, .most = 16,
	                       .answered = part_typed, .ctx = s };
	struct dialog bank = { .title = tr("Bank"), .ask_text = true, .kind = ENTRY_TEXT, .most = 40,
	                       .answered = approval_typed, .ctx = s };

	if (command == PAY_BACK && till_give_up_in_s(t) >= 0) {
		give_up_unknown(s);
		return ACTION_DRAW;
	}
	if (till_busy(t)) {
		tui_say(s->tui, STYLE_WARN, "%s", t->link == LINK_ON && !t->unknown ? tr("one moment: the server is asked")
		        : tr("the outcome is not known yet: the till asks until the server answers"));
		return ACTION_DRAW;
	}
	switch (command) {
	case PAY_CASH: screen_push(s->tui, &screen_cash_ops, NULL); break;
	case PAY_CARD:
		snprintf(card.text, sizeof card.text, "%s", tr("The 16 digits on the card, or the 18 on the phone"));
		dialog_push(s->tui, &card);
		break;
	case PAY_POINTS:
		st->points = !st->points;
		break;
	case PAY_PART:
		snprintf(part.text, sizeof part.text, "%s", tr("How much of it is paid by what comes next?"));
		dialog_push(s->tui, &part);
		break;
	case PAY_COUNTER: till_pay_unmatched(t); break;
	case PAY_CODE:
		till_pay_code(t, st->part_cents);
		st->part_cents = 0;
		break;
	case PAY_BANK:
		snprintf(bank.text, sizeof bank.text, "%s", tr("The approval code on the bank terminal's slip"));
		dialog_push(s->tui, &bank);
		break;
	case PAY_RELEASE: ask_release(s); break;
	case PAY_BACK:
		if (st->points || st->part_cents) {
			st->points = false;
			st->part_cents = 0;
		} else {
			give_up(s);
		}
		break;
	}
	return ACTION_DRAW;
}

static enum action pay_scan(struct screen *s, const char *text)
{
	struct paying *st = s->state;
	struct till *t = s->app;

	if (till_busy(t)) {
		tui_say(s->tui, STYLE_WARN, "%s", tr("one moment: the server is asked"));
		return ACTION_DRAW;
	}
	switch (till_classify(text)) {
	case TEXT_CARD:
		pay_by(s, till_pay_card, text);
		break;
	case TEXT_WALLET:
		pay_by(s, till_pay_wallet, text);
		break;
	case TEXT_IDENTITY:
		if (!st->points) {
			tui_say(s->tui, STYLE_WARN, tr("an identity code: press %s first to pay by points"),
			        tui_key_of(s->tui, s->ops, "points"));
			break;
		}
		st->points = false;
		pay_by(s, till_pay_points, text);
		break;
	default:
		tui_say(s->tui, STYLE_BAD, "%s", tr("this is nothing to pay with"));
	}
	return ACTION_DRAW;
}

static enum action pay_key(struct screen *s, int key)
{
	struct paying *st = s->state;

	if (key == TUI_UP && st->chosen > 0)
		st->chosen--;
	else if (key == TUI_DOWN && till_part(s->app, st->chosen + 1) != NULL)
		st->chosen++;
	else
		return ACTION_PASS;
	return ACTION_DRAW;
}

static const struct key_help pay_more[] = {
	{ "Up  Down", N_("choose a secured part") },
	{ NULL }
};

const struct screen_ops screen_pay_ops = {
	.title = N_("Pay"), .more = pay_more, .state_size = sizeof(struct paying), .keys = keys, .draw = pay_draw, .command = pay_command,
	.key = pay_key, .scan = pay_scan,
};

/* Cash */
enum { CASH_EXACT = 1, CASH_QUICK };

static const struct binding cash_keys[] = {
	{ "exact", CASH_EXACT, '=', TUI_F(9), N_("Exact"), N_("exactly what is due, no change") },
	{ "quick1", CASH_QUICK, 'a', 0, N_("first sum"), N_("the first of the sums shown"), true },
	{ "quick2", CASH_QUICK + 1, 'b', 0, N_("second sum"), N_("the second of the sums shown"), true },
	{ "quick3", CASH_QUICK + 2, 'c', 0, N_("third sum"), N_("the third of the sums shown"), true },
	{ "quick4", CASH_QUICK + 3, 'd', 0, N_("fourth sum"), N_("the fourth of the sums shown"), true },
	{ NULL }
};

struct cash {
	struct entry entry;
	int64_t quick[4];
	int quick_count;
};

static enum qt_err cash_open(struct screen *s, const void *argument)
{
	struct cash *st = s->state;
	const struct till *t = s->app;

	(void)argument;
	st->entry.kind = ENTRY_AMOUNT;
	st->entry.most = 15;
	st->quick_count = cart_quick_amounts(till_cash_due_cents(t), t->shop.currency, st->quick);
	return QT_OK;
}

static void cash_draw(struct screen *s, int rows, int cols)
{
	const struct cash *st = s->state;
	const struct till *t = s->app;
	char money[32], exact[32];
	int64_t received = 0, due_cents = till_cash_due_cents(t);

	till_money(t, due_cents, money);
	draw_textf(1, 4, 40, STYLE_BOLD, "%s  %s %s", due_cents == due(t) ? tr("DUE") : tr("TO PAY IN CASH"),
	           till_currency(t), money);
	if (due_cents != due(t))
		draw_textf(2, 4, 40, STYLE_DIM, tr("rounded from %s"), till_money(t, due(t), exact));
	draw_big(3, 4, cols - 8, money);
	draw_text(9, 4, 16, STYLE_DIM, tr("cash received"));
	entry_draw(&st->entry, 9, 22, 18, true);
	if (cart_parse_amount(st->entry.text, t->shop.currency, t->settings.amounts_as_cents, &received) == QT_OK) {
		bool enough = received >= due_cents;
		if (received > due_cents && cols >= 80) /* to be read out across the counter */
			draw_big(11, 44, cols - 46, till_money(t, received - due_cents, money));
		draw_text(11, 4, 16, STYLE_DIM, enough ? tr("change") : tr("still due"));
		draw_right(11, 22, 18, enough ? STYLE_GOOD : STYLE_WARN,
		           till_money(t, enough ? received - due_cents : due_cents - received, money));
	}
	draw_text(13, 4, 40, STYLE_DIM, tr("or one key:"));
	draw_textf(14, 6, 30, STYLE_NORMAL, "=  %s", till_money(t, due_cents, money));
	for (int i = 0; i < st->quick_count; i++)
		draw_textf(15 + i, 6, 30, STYLE_NORMAL, "%c  %s", 'a' + i, till_money(t, st->quick[i], money));
	draw_text(rows - 2, 4, cols - 8, STYLE_DIM,
	          tr("Type what the customer gives and press Enter; less than due is a part"));
}

static enum action cash_take(struct screen *s, int64_t received_cents)
{
	struct till *t = s->app;
	char money[32];

	/* a few cents may come to nothing in cash */
	if (received_cents < 0 || (received_cents == 0 && till_cash_due_cents(t) > 0)) {
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(QT_OUT_OF_RANGE));
		return ACTION_DRAW;
	}
	if (price_in_cash(received_cents, t->rules.cash_rounding_cents) != received_cents) {
		tui_say(s->tui, STYLE_BAD, tr("cash comes in steps of %s"), till_money(t, t->rules.cash_rounding_cents, money));
		return ACTION_DRAW;
	}
	screen_close(s->tui, &screen_cash_ops);
	till_pay_cash(t, received_cents);
	return ACTION_NONE;
}

static enum action cash_command(struct screen *s, int command)
{
	const struct cash *st = s->state;

	if (command == CASH_EXACT)
		return cash_take(s, till_cash_due_cents(s->app));
	int i = command - CASH_QUICK;
	return i < st->quick_count ? cash_take(s, st->quick[i]) : ACTION_NONE;
}

static enum action cash_key(struct screen *s, int key)
{
	struct cash *st = s->state;
	const struct till *t = s->app;
	int64_t cents;

	if (key != TUI_ENTER)
		return entry_key(&st->entry, key) ? ACTION_DRAW : ACTION_PASS;
	enum qt_err err = cart_parse_amount(st->entry.text, t->shop.currency, t->settings.amounts_as_cents, &cents);
	if (err == QT_OK)
		return cash_take(s, cents);
	tui_say(s->tui, STYLE_WARN, "%s", st->entry.len ? tr_err(err) : tr("type the amount, or press = for the exact sum"));
	return ACTION_DRAW;
}

static enum action cash_scan(struct screen *s, const char *text)
{
	/* A barcode is never an amount. */
	(void)text;
	tui_say(s->tui, STYLE_WARN, "%s", tr("a scan is not an amount: type it"));
	return ACTION_DRAW;
}

static const struct key_help cash_more[] = {
	{ "0-9 Enter", N_("what the customer gives") },
	{ NULL }
};

const struct screen_ops screen_cash_ops = {
	.title = N_("Cash"), .more = cash_more, .state_size = sizeof(struct cash), .keys = cash_keys, .open = cash_open, .draw = cash_draw,
	.command = cash_command, .key = cash_key, .scan = cash_scan,
};
