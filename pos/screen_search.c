/* screen_search: find an item by its name, SKU or barcode; the list follows what is typed. In a wide window it is the
 * catalogue's pane beside the sale, in a narrow one a screen of its own. Nothing typed: what is sold most comes first. */
#include "pos/till.h"

#include "shared/tr.h"
#include "shared/tui/entry.h"
#include "shared/tui/list.h"

#include <string.h>

#define FOUND_MOST 100
#define FAVOURITES_MOST 9
struct search {
	struct screen *sale;
	struct entry entry;
	struct list list;
	struct till_item found[FOUND_MOST];
};

struct placed {
	struct screen *screen;
	int cols;
};

static bool among(const struct till_item *items, int count, int64_t id)
{
	for (int i = 0; i < count; i++)
		if (items[i].id == id)
			return true;
	return false;
}

static void find(struct screen *s)
{
	struct search *st = s->state;
	struct till *t = s->app;
	static struct till_item by_name[FOUND_MOST];
	int count = 0;

	st->list.chosen = 0;
	if (st->entry.len > 0) {
		list_set_count(&st->list, till_item_search(t->store, st->entry.text, st->found, FOUND_MOST));
		return;
	}
	count = till_item_favourites(t->store, st->found, FAVOURITES_MOST);
	int favourites = count, named = till_item_search(t->store, "", by_name, FOUND_MOST);
	for (int i = 0; i < named && count < FOUND_MOST; i++)
		if (!among(st->found, favourites, by_name[i].id))
			st->found[count++] = by_name[i];
	list_set_count(&st->list, count);
}

static enum qt_err search_open(struct screen *s, const void *argument)
{
	struct search *st = s->state;

	memcpy(&st->sale, &argument, sizeof argument); /* the sale's screen: changed through it later */
	find(s);
	return QT_OK;
}

static void draw_found(void *ctx, int index, int y, bool chosen)
{
	const struct placed *p = ctx;
	const struct search *st = p->screen->state;
	const struct till_item *it = &st->found[index];
	enum style style = chosen ? STYLE_SELECTED : STYLE_NORMAL;
	int sku = p->cols >= 70 ? 13 : 0;
	char money[32];

	draw_fill(y, 0, 1, p->cols, style);
	draw_text(y, 2, p->cols - sku - 15, style, tr_pick(it->name, it->name_zh));
	if (sku)
		draw_text(y, p->cols - sku - 12, sku - 1, style, it->sku);
	draw_right(y, p->cols - 12, 11, style, it->open_price ? tr("open") : till_money(p->screen->app, it->price_cents, money));
}

/* The canvas is the catalogue's pane, or the whole screen. */
static void search_draw(struct screen *s, int rows, int cols)
{
	struct search *st = s->state;
	bool pane = panes_cols(cols) > 0;
	struct canvas place = pane ? panes_catalogue(rows, cols) : (struct canvas){ 0, 0, rows, cols };
	struct placed p = { s, pane || place.cols < 80 ? place.cols : 80 };
	struct canvas before = draw_canvas(draw_inside(place.y, place.x, place.rows, place.cols));
	int hint = pane ? 1 : 2; /* rows kept free below the list */

	draw_fill(0, 0, place.rows, place.cols, STYLE_NORMAL);
	draw_text(0, 2, 9, STYLE_DIM, tr("Search"));
	entry_draw(&st->entry, 0, 12, place.cols - 14, true);
	list_draw(&st->list, pane ? 1 : 2, place.rows - (pane ? 2 : 4), draw_found, &p);
	if (st->list.count == 0)
		draw_center(place.rows / 2, 0, place.cols, STYLE_DIM, tr("nothing is called so"));
	draw_text(place.rows - hint, 2, place.cols - 4, STYLE_DIM,
	          pane ? tr("Enter sells one, Esc goes back") : tr("Up and Down choose, Enter sells one, Esc goes back"));
	draw_canvas(before);
}

static void search_take(struct screen *s, const struct till_item *it)
{
	struct search *st = s->state;
	struct till_item item = *it;
	struct screen *sale = st->sale;

	screen_close(s->tui, &screen_search_ops);
	sale_take(sale, &item);
}

static enum action search_key(struct screen *s, int key)
{
	struct search *st = s->state;

	if (key == TUI_ENTER) {
		if (st->list.count > 0)
			search_take(s, &st->found[st->list.chosen]);
		return ACTION_DRAW;
	}
	if (key == TUI_ESC)
		return ACTION_POP;
	if (list_key(&st->list, key, 10))
		return ACTION_DRAW;
	if (!entry_key(&st->entry, key))
		return ACTION_PASS;
	find(s);
	return ACTION_DRAW;
}

static enum action search_scan(struct screen *s, const char *text)
{
	struct tui *tui = s->tui;
	screen_close(tui, &screen_search_ops);
	tui_feed_scan(tui, text);
	return ACTION_DRAW;
}

static const struct key_help search_more[] = {
	{ "A-z 0-9", N_("words of the name, the SKU, or the barcode's beginning") },
	{ "Up  Down", N_("choose; PgUp, PgDn, Home and End, too") },
	{ "Enter", N_("sell one of the chosen item") },
	{ NULL }
};

const struct screen_ops screen_search_ops = {
	.title = N_("Search"), .more = search_more, .state_size = sizeof(struct search), .overlay = true, .overlay_from = PANES_FROM_COLS,
	.open = search_open, .draw = search_draw, .key = search_key, .scan = search_scan,
};
