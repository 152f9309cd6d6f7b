/* screen_option: what an item asks before it is sold. Defaults are taken already: Enter alone sells. */
#include "pos/till.h"

#include "pos/till_option.h"
#include "shared/tr.h"
#include "shared/tui/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char choice_keys[] = "123456789abcdefghijklmnopqrstuvwxyz";

struct choosing {
	struct option_ask ask;
	struct till_item item;
	struct option_sheet sheet;
	struct list list; /* of rows: a heading per group, then its choices */
	int now;          /* choice */
};

static enum qt_err option_open(struct screen *s, const void *argument)
{
	struct choosing *st = s->state;
	const struct till *t = s->app;

	st->ask = *(const struct option_ask *)argument;
	st->item = *st->ask.item;
	struct json_t *options = till_item_options(t->store, st->item.id);
	option_sheet_read(&st->sheet, options);
	jfree(options);
	return QT_OK;
}

static const char *option_name(const struct screen *s)
{
	const struct choosing *st = s->state;
	return tr_pick(st->item.name, st->item.name_zh);
}

static void draw_heading(const struct option_group *g, int y, int cols)
{
	char text[OPTION_NAME_ROOM + 64], how[64];

	if (g->min_choices == g->max_choices)
		snprintf(how, sizeof how, tr("choose %lld"), (long long)g->min_choices);
	else if (g->min_choices == 0)
		snprintf(how, sizeof how, tr("up to %lld"), (long long)g->max_choices);
	else
		snprintf(how, sizeof how, tr("%lld to %lld"), (long long)g->min_choices, (long long)g->max_choices);
	snprintf(text, sizeof text, "%s: %s", tr_pick(g->name, g->name_zh), how);
	draw_text(y, 2, cols - 4, STYLE_BOLD, text);
}

static void draw_row(void *ctx, int index, int y, bool chosen)
{
	struct screen *s = ctx;
	const struct choosing *st = s->state;
	const struct option_group *g = st->sheet.groups;
	char money[32];

	while (index > g->count) { /* a heading and its choices */
		index -= g->count + 1;
		g++;
	}
	if (index == 0) {
		draw_heading(g, y, 76);
		return;
	}
	int at = g->first + index - 1;
	const struct option_choice *c = &st->sheet.choices[at];
	enum style style = chosen ? STYLE_SELECTED : c->taken ? STYLE_GOOD : STYLE_NORMAL;
	draw_fill(y, 2, 1, 60, style);
	if (at < (int)sizeof choice_keys - 1)
		draw_textf(y, 4, 2, style, "%c", choice_keys[at]);
	draw_text(y, 6, 3, style, g->max_choices == 1 ? c->taken ? "(*)" : "( )" : c->taken ? "[x]" : "[ ]");
	draw_text(y, 10, 38, style, tr_pick(c->option.name, c->option.name_zh));
	if (c->option.price_cents) {
		snprintf(money, sizeof money, "%s", c->option.price_cents > 0 ? "+" : "");
		till_money(s->app, c->option.price_cents, money + strlen(money));
		draw_right(y, 48, 13, style, money);
	}
}

static void option_draw(struct screen *s, int rows, int cols)
{
	struct choosing *st = s->state;
	char money[32], text[128];

	list_set_count(&st->list, st->sheet.choice_count + st->sheet.group_count);
	st->list.chosen = st->now + st->sheet.choices[st->now].group + 1;
	if (st->list.chosen < rows - 5) /* the first heading stays in sight */
		st->list.top = 0;
	list_draw(&st->list, 1, rows - 4, draw_row, s);
	if (!st->item.open_price || st->item.price_cents) {
		till_money(s->app, st->item.price_cents + option_sheet_cents(&st->sheet), money);
		snprintf(text, sizeof text, "%s %s", till_currency(s->app), money);
		draw_right(rows - 3, 36, 25, STYLE_BOLD, text);
	}
	draw_text(rows - 1, 2, cols - 4, STYLE_DIM, tr("A choice's key or Space takes it or leaves it, Enter sells, Esc goes back"));
}

/* Sell with what is chosen; false: something must be chosen first. */
static bool finish(struct screen *s)
{
	struct choosing *st = s->state;
	const struct option_ask ask = st->ask;
	int missing = option_sheet_missing(&st->sheet);

	if (missing >= 0 && st->sheet.groups[missing].count > 0)
		st->now = st->sheet.groups[missing].first;
	if (missing >= 0) {
		const struct option_group *g = &st->sheet.groups[missing];
		tui_say(s->tui, STYLE_BAD, tr("%s: choose %lld"), tr_pick(g->name, g->name_zh), (long long)g->min_choices);
		return false;
	}
	if (!option_sheet_take(&st->sheet, &st->item)) {
		tui_say(s->tui, STYLE_BAD, "%s", tr_err(QT_TOO_LONG));
		return false;
	}
	const struct till_item item = st->item;
	tui_drop(s);
	ask.chosen(ask.ctx, &item, ask.quantity);
	return true;
}

static void turn(struct screen *s, int choice)
{
	struct choosing *st = s->state;
	const struct option_group *g = &st->sheet.groups[st->sheet.choices[choice].group];

	st->now = choice;
	if (!option_sheet_turn(&st->sheet, choice) && g->max_choices > 1)
		tui_say(s->tui, STYLE_WARN, tr("%s: up to %lld"), tr_pick(g->name, g->name_zh), (long long)g->max_choices);
}

static enum action option_key(struct screen *s, int key)
{
	struct choosing *st = s->state;
	int last = st->sheet.choice_count - 1;
	const char *at = key > ' ' && key < 0x7f ? strchr(choice_keys, key) : NULL;

	if (key == TUI_ESC)
		return ACTION_POP;
	if (key == TUI_ENTER) {
		finish(s);
		return ACTION_DRAW;
	}
	if (last < 0)
		return ACTION_PASS;
	if (at && at - choice_keys <= last)
		turn(s, (int)(at - choice_keys));
	else if (key == ' ')
		turn(s, st->now);
	else if (key == TUI_UP || key == TUI_LEFT)
		st->now = st->now > 0 ? st->now - 1 : 0;
	else if (key == TUI_DOWN || key == TUI_RIGHT)
		st->now = st->now < last ? st->now + 1 : last;
	else
		return ACTION_PASS;
	return ACTION_DRAW;
}

/* The next item was scanned: this one is sold as it stands. */
static enum action option_scan(struct screen *s, const char *text)
{
	struct tui *tui = s->tui;

	if (finish(s))
		tui_feed_scan(tui, text);
	return ACTION_DRAW;
}

const struct screen_ops screen_option_ops = {
	.title = N_("Options"), .name = option_name, .state_size = sizeof(struct choosing), .open = option_open,
	.draw = option_draw, .key = option_key, .scan = option_scan,
};
