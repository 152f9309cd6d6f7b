/* screen_receipt: "paid" with the receipt, and the list of receipts to show and print again. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "shared/tr.h"
#include "shared/tui/list.h"
#include "shared/tui/qr_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECEIPT_NEXT = 1, RECEIPT_PRINT, RECEIPT_REFUND };

void receipt_lines_draw(const struct receipt_line *lines, int count, int y, int x, int rows, int cols, int first)
{
	for (int i = 0; i < rows && first + i < count; i++) {
		const struct receipt_line *l = &lines[first + i];
		enum style style = l->kind == RECEIPT_TOTAL ? STYLE_BOLD : STYLE_NORMAL;
		switch (l->kind) {
		case RECEIPT_CENTER: draw_center(y + i, x, cols, STYLE_NORMAL, l->left); break;
		case RECEIPT_CODE: draw_text(y + i, x, cols, STYLE_DIM, l->left); break;
		case RECEIPT_NOTE: draw_text(y + i, x, cols, STYLE_DIM, l->left); break;
		case RECEIPT_RULE:
			for (int k = 0; k < cols; k++)
				draw_text(y + i, x + k, 1, STYLE_DIM, "-");
			break;
		case RECEIPT_PAIR:
		case RECEIPT_TOTAL:
			draw_text(y + i, x, cols - 12, style, l->left);
			draw_right(y + i, x + cols - 17, 17, style, l->right);
			break;
		}
	}
}

/* Paint an order's receipt into a column; returns how many rows the whole has. */
static int draw_receipt(const struct till *t, const struct json_t *order, int printed, int y, int x, int rows, int cols,
                        int first)
{
	struct receipt_line *lines = xcalloc(RECEIPT_LINES_MOST, sizeof *lines);
	int count = receipt_lines(t, order, printed, lines, RECEIPT_LINES_MOST);

	receipt_lines_draw(lines, count, y, x, rows, cols, first);
	free(lines);
	return count;
}

struct showing {
	int first, count;
};

static const struct binding keys[] = {
	{ "next", RECEIPT_NEXT, TUI_ENTER, TUI_ESC, N_("Next sale"),
	  N_("begin the next sale; scanning an item does the same") },
	{ "print", RECEIPT_PRINT, TUI_F(8), 'p', N_("Print"), N_("print the receipt; again: marked as a copy") },
	{ NULL }
};

static void receipt_draw(struct screen *s, int rows, int cols)
{
	struct showing *st = s->state;
	const struct till *t = s->app;
	int64_t change_cents = jint(t->sale.order, "change_cents", 0);
	bool queued = t->sale.stage == SALE_QUEUED;
	int width = 42, x = cols - width - 2;
	char money[32];

	till_money(t, till_sale_total_cents(&t->sale), money);
	draw_textf(1, 3, 32, queued ? STYLE_WARN : STYLE_GOOD, "%s  %s %s", !queued ? tr("PAID")
	           : strcmp(t->sale.method, "terminal") == 0 ? tr("BANK, OFF LINE") : tr("CASH, OFF LINE"),
	           till_currency(t), money);
	draw_big(3, 3, 32, money);
	if (change_cents > 0) {
		till_money(t, change_cents, money);
		draw_textf(9, 3, 32, STYLE_BOLD, "%s  %s %s", tr("CHANGE"), till_currency(t), money);
		draw_big(11, 3, 32, money);
	}
	if (queued)
		draw_wrapped(17, 3, 3, 32, STYLE_WARN, tr("The sale is on disk and goes to the server when it can be reached."));
	const char *code = jtext(jget(t->sale.order, "receipt"), "code", NULL);
	struct qr q;
	if (code && qr_view_make(code, rows - 19, x - 4, &q) == QT_OK) { /* the customer takes it along */
		qr_view_draw(&q, 17, 3, rows - 19, x - 4);
		qr_free(&q);
	}
	draw_text(rows - 2, 3, 32, STYLE_DIM, tr("Enter or a scan: next sale"));
	st->count = draw_receipt(t, t->sale.order, 0, 1, x, rows - 2, width, st->first);
}

static enum action receipt_command(struct screen *s, int command)
{
	struct till *t = s->app;

	if (command == RECEIPT_NEXT)
		till_next_sale(t);
	else
		till_print(t, t->sale.stage == SALE_PAID ? till_sale_order_id(&t->sale) : 0, false);
	return ACTION_DRAW;
}

static enum action receipt_key(struct screen *s, int key)
{
	struct showing *st = s->state;
	struct tui *tui = s->tui;

	if (key == TUI_DOWN && st->first < st->count - 4) {
		st->first++;
		return ACTION_DRAW;
	}
	if (key == TUI_UP && st->first > 0) {
		st->first--;
		return ACTION_DRAW;
	}
	if (key < '0' || key > '9')
		return ACTION_PASS;
	till_next_sale(s->app);
	tui_feed_key(tui, key);
	return ACTION_DRAW;
}

static enum action receipt_scan(struct screen *s, const char *text)
{
	struct tui *tui = s->tui;

	till_next_sale(s->app);
	if (screen_top(tui) != s)
		tui_feed_scan(tui, text);
	return ACTION_DRAW;
}

static const struct key_help receipt_more[] = {
	{ "Up  Down", N_("move the receipt") },
	{ "0-9", N_("begin the next sale with this digit") },
	{ NULL }
};

const struct screen_ops screen_receipt_ops = {
	.title = N_("Receipt"), .more = receipt_more, .state_size = sizeof(struct showing), .keys = keys, .draw = receipt_draw,
	.command = receipt_command, .key = receipt_key, .scan = receipt_scan,
};

/* The list of receipts */
#define LISTED_MOST 200
struct listing {
	struct list list;
	struct receipt_row rows[LISTED_MOST];
	int64_t shown_id;        /* order shown beside the list; 0: none */
	struct json_t *order;    /* owned */
	int printed;
};

static const struct binding list_keys[] = {
	{ "print", RECEIPT_PRINT, TUI_F(8), 'p', N_("Print"), N_("print the chosen receipt again, marked as a copy") },
	{ "refund", RECEIPT_REFUND, TUI_F(7), TUI_CTRL('y'), N_("Refund"),
	  N_("take goods of the chosen receipt back") },
	{ NULL }
};

static void show_chosen(struct screen *s)
{
	struct listing *st = s->state;
	const struct till *t = s->app;
	int64_t id = st->list.count > 0 ? st->rows[st->list.chosen].order_id : 0;

	jfree(st->order);
	st->order = id ? till_receipt_order(t->store, id, &st->printed) : NULL;
	st->shown_id = id;
}

static enum qt_err receipts_open(struct screen *s, const void *argument)
{
	struct listing *st = s->state;
	const struct till *t = s->app;

	(void)argument;
	list_set_count(&st->list, till_receipt_list(t->store, st->rows, LISTED_MOST));
	show_chosen(s);
	return QT_OK;
}

static void draw_listed(void *ctx, int index, int y, bool chosen)
{
	struct screen *s = ctx;
	const struct listing *st = s->state;
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	char money[32];

	draw_fill(y, 0, 1, 34, style);
	draw_textf(y, 2, 10, style, "%s", till_receipt_number(s->app, st->rows[index].number, money));
	draw_right(y, 12, 12, style, till_money(s->app, st->rows[index].total_cents, money));
	draw_textf(y, 26, 8, style, st->rows[index].printed ? tr("%d printed") : "", st->rows[index].printed);
}

static void receipts_draw(struct screen *s, int rows, int cols)
{
	struct listing *st = s->state;

	if (st->list.count == 0)
		draw_center(rows / 2, 0, cols, STYLE_DIM, tr("no receipts yet"));
	list_draw(&st->list, 1, rows - 2, draw_listed, s);
	if (st->order)
		draw_receipt(s->app, st->order, 0, 1, 37, rows - 2, cols - 39 < 46 ? cols - 39 : 46, 0);
}

static enum action receipts_key(struct screen *s, int key)
{
	struct listing *st = s->state;

	if (!list_key(&st->list, key, 10))
		return ACTION_PASS;
	show_chosen(s);
	return ACTION_DRAW;
}

static enum action receipts_command(struct screen *s, int command)
{
	struct listing *st = s->state;
	struct till *t = s->app;

	if (st->list.count == 0)
		return ACTION_NONE;
	if (command == RECEIPT_REFUND) {
		till_refund_look_order(t, st->rows[st->list.chosen].order_id);
		screen_push(s->tui, &screen_refund_ops, NULL);
		return ACTION_POP;
	}
	till_print(t, st->rows[st->list.chosen].order_id, false);
	int chosen = st->list.chosen;
	list_set_count(&st->list, till_receipt_list(t->store, st->rows, LISTED_MOST));
	st->list.chosen = chosen;
	return ACTION_DRAW;
}

static void receipts_close(struct screen *s)
{
	struct listing *st = s->state;
	jfree(st->order);
	st->order = NULL;
}

static enum action receipts_scan(struct screen *s, const char *text)
{
	struct tui *tui = s->tui;
	screen_close(tui, &screen_receipts_ops);
	tui_feed_scan(tui, text);
	return ACTION_DRAW;
}

static const struct key_help receipts_more[] = {
	{ "Up  Down", N_("choose; PgUp, PgDn, Home and End, too") },
	{ NULL }
};

const struct screen_ops screen_receipts_ops = {
	.title = N_("Receipts"), .more = receipts_more, .state_size = sizeof(struct listing), .keys = list_keys, .open = receipts_open,
	.draw = receipts_draw, .command = receipts_command, .key = receipts_key, .scan = receipts_scan,
	.close = receipts_close,
};
