/* screen_panes: what stands beside the sale in a wide window: the catalogue (what is sold most, and searching), the
 * customer, and what this till did last. Only shows: nothing is chosen here but by the search screen. */
#include "pos/till.h"

#include "pos/receipt.h"
#include "shared/clock.h"
#include "shared/tr.h"

#include <stdio.h>
#include <string.h>

#define CUSTOMER_ROWS 6 /* with the head */
#define ROWS_MOST 64

int panes_cols(int all_cols)
{
	int cols = all_cols - 79; /* the sale has what a narrow window has */

	if (all_cols < PANES_FROM_COLS)
		return 0;
	return cols < 34 ? 34 : cols > 62 ? 62 : cols;
}

/* Rows of the panes with their heads, from the top. */
static void share_rows(int rows, int *catalogue, int *journal)
{
	*journal = (rows - CUSTOMER_ROWS) * 2 / 5;
	*catalogue = rows - CUSTOMER_ROWS - *journal;
}

struct canvas panes_catalogue(int rows, int all_cols)
{
	int catalogue, journal, cols = panes_cols(all_cols) - 2;

	share_rows(rows, &catalogue, &journal);
	return (struct canvas){ 1, all_cols - cols, catalogue - 1, cols };
}

/* The head of a pane; the canvas becomes the pane below it. Returns its rows. */
static int begin_pane(const struct canvas *whole, int y, int rows, const char *title, const char *right)
{
	draw_canvas(*whole);
	draw_fill(y, 0, 1, whole->cols, STYLE_BAR);
	draw_text(y, 1, whole->cols - 14, STYLE_BAR, title);
	draw_right(y, whole->cols - 14, 13, STYLE_BAR, right);
	draw_canvas(draw_inside(y + 1, 0, rows - 1, whole->cols));
	return rows - 1;
}

static void draw_favourites(const struct till *t, int rows, int cols)
{
	static struct till_item items[ROWS_MOST];
	int room = rows - 2 < ROWS_MOST ? rows - 2 : ROWS_MOST, count = till_item_favourites(t->store, items, room);
	char money[32];

	for (int i = 0; i < count; i++) {
		draw_text(i, 2, cols - 15, STYLE_NORMAL, tr_pick(items[i].name, items[i].name_zh));
		draw_right(i, cols - 12, 11, STYLE_NORMAL,
		           items[i].open_price ? tr("open") : till_money(t, items[i].price_cents, money));
	}
	if (count == 0)
		draw_wrapped(0, 2, 2, cols - 3, STYLE_DIM, tr("What is sold most stands here."));
	draw_text(rows - 1, 2, cols - 3, STYLE_DIM, tr("/ or a letter: search"));
}

static void draw_pair(int y, int cols, const char *label, enum style style, const char *value)
{
	draw_text(y, 2, 13, STYLE_DIM, label);
	draw_text(y, 16, cols - 17, style, value);
}

static void draw_customer(const struct till *t, int cols)
{
	const struct json_t *a = t->standing.answer;
	int64_t points = jint(a, "balance", 0), value_cents = jint(a, "point_value_cents", 0), next = jint(a, "next_points", 0);
	char text[64], money[32], day[17];

	if (cart_is_exempt(&t->sale.cart))
		draw_textf(4, 2, cols - 3, STYLE_GOOD, tr("tax exempt: %s"), t->sale.cart.customer.certificate);
	else if (t->sale.share[0])
		draw_text(4, 2, cols - 3, STYLE_GOOD, tr("a shared code is credited"));
	if (t->sale.customer[0] == '\0') {
		draw_wrapped(0, 2, 2, cols - 3, STYLE_DIM, tr("Nobody is named: scan the customer's code."));
		return;
	}
	if (a == NULL) {
		draw_text(0, 2, cols - 3, STYLE_GOOD, tr("a customer is named"));
		draw_wrapped(1, 2, 3, cols - 3, STYLE_WARN, t->standing.error[0] ? t->standing.error
		             : t->standing.asking ? tr("asking the server...") : tr("points are not known without the server"));
		return;
	}
	snprintf(text, sizeof text, "%lld", (long long)jint(a, "customer_id", 0));
	draw_pair(0, cols, tr("customer"), STYLE_BOLD, text);
	draw_pair(1, cols, tr("level"), STYLE_NORMAL,
	          jtext(a, "level", NULL) ? tr_pick(jtext(a, "level", ""), jtext(a, "level_zh", "")) : "-");
	int64_t worth_cents;
	if (value_cents > 0 && !__builtin_mul_overflow(points, value_cents, &worth_cents))
		snprintf(text, sizeof text, "%lld  = %s", (long long)points, till_money(t, worth_cents, money));
	else
		snprintf(text, sizeof text, "%lld", (long long)points);
	draw_pair(2, cols, tr("points"), STYLE_BOLD, text);
	snprintf(text, sizeof text, "%lld  %.10s", (long long)next, clock_format_local(jint(a, "next_expires_ms", 0), day));
	draw_pair(3, cols, tr("next to lapse"), next ? STYLE_WARN : STYLE_NORMAL, next ? text : "-");
}

/* What an event says: a word, and the members of its content that stand behind it. */
static const struct event_word {
	const char *kind, *word;
	const char *detail; /* a text or a number; "item" becomes its name; NULL: none */
	const char *amount; /* in minor units; NULL: none */
} event_words[] = {
	{ "start", N_("program started"), NULL, NULL },
	{ "stop", N_("program ended"), NULL, NULL },
	{ "crash", N_("ended by a fault"), NULL, NULL },
	{ "enrol", N_("enrolled"), NULL, NULL },
	{ "sign-in", N_("signed in"), "by", NULL },
	{ "sign-out", N_("signed out"), "by", NULL },
	{ "setting", N_("language"), "lang", NULL },
	{ "sale-begin", N_("sale"), "sale", NULL },
	{ "sale-void", N_("sale dropped"), "sale", NULL },
	{ "line-add", "+", "item", "total_cents" },
	{ "line-change", "=", "item", "total_cents" },
	{ "line-void", "-", "item", "total_cents" },
	{ "total", N_("total"), NULL, "total_cents" },
	{ "tender", N_("tender"), "tender", NULL },
	{ "receipt", N_("RECEIPT"), "receipt", "total_cents" },
	{ "cancel", N_("payment given up"), "sale", NULL },
	{ "release", N_("taken back"), "tender", NULL },
	{ "not-sent", N_("not sent"), "tender", NULL },
	{ "refund-ask", N_("refund asked"), NULL, "refund_cents" },
	{ "refund", N_("REFUND"), NULL, "refund_cents" },
	{ "discount", N_("discount"), "reason", "amount_cents" },
	{ "price", N_("price"), "reason", "amount_cents" },
	{ "hold", N_("put aside"), "name", "total_cents" },
	{ "hold-taken", N_("went to another till"), "held", NULL },
	{ "hold-drop", N_("aside, dropped"), "name", NULL },
	{ "recall", N_("taken up again"), "held", "total_cents" },
	{ "drawer-open", N_("drawer"), "why", NULL },
	{ "card", N_("card"), "what", NULL },
	{ "points", N_("points"), "what", NULL },
	{ "age-seen", N_("age seen"), "item", NULL },
	{ "age-refused", N_("too young"), "item", NULL },
	{ "shift-open", N_("shift opened"), NULL, NULL },
	{ "shift-close", N_("shift closed"), NULL, NULL },
	{ "x-ask", N_("X report asked"), NULL, NULL },
	{ "x-report", N_("X report"), NULL, NULL },
	{ "z-report", N_("Z report"), NULL, NULL },
	{ "cash-in", N_("cash in"), NULL, NULL },
	{ "cash-out", N_("cash out"), NULL, NULL },
	{ "safe-drop", N_("safe drop"), NULL, NULL },
	{ "no-sale", N_("drawer without a sale"), NULL, NULL },
};

static void tender_text(const char *note, char *out, size_t size)
{
	char method[24];
	size_t word = strcspn(note, " ");

	snprintf(method, sizeof method, "%.*s", (int)word, note);
	snprintf(out, size, "%s%s", receipt_method_name(method), note + word);
}

static void detail_text(const struct till *t, const struct json_t *content, const char *member, char *out, size_t size)
{
	const struct json_t *v = member ? jget(content, member) : NULL;
	struct till_item it;

	out[0] = '\0';
	if (v == NULL)
		return;
	if (strcmp(member, "item") == 0 && till_item_get(t->store, jvalue_int(v, 0), &it) == QT_OK)
		snprintf(out, size, "%s", tr_pick(it.name, it.name_zh));
	else if (strcmp(member, "receipt") == 0 && size >= 32)
		till_receipt_number(t, jvalue_int(v, 0), out);
	else if (jkind_of(v) == JKIND_INT)
		snprintf(out, size, "%lld", (long long)jvalue_int(v, 0));
	else if (strcmp(member, "tender") == 0) /* "cash 5.50" */
		tender_text(jvalue_text(v, ""), out, size);
	else
		snprintf(out, size, "%s", jvalue_text(v, ""));
}

static void draw_event(const struct till *t, int y, int cols, const struct till_event_row *r)
{
	const struct event_word *w = NULL;
	char detail[160], money[32], when[17];
	int64_t cents;

	for (size_t i = 0; i < sizeof event_words / sizeof *event_words && w == NULL; i++)
		if (strcmp(event_words[i].kind, r->kind) == 0)
			w = &event_words[i];
	cents = w && w->amount ? jint(r->content, w->amount, 0) : 0;
	detail_text(t, r->content, w ? w->detail : NULL, detail, sizeof detail);
	draw_text(y, 2, 5, STYLE_DIM, clock_format_local(r->at_ms, when) + 11);
	draw_textf(y, 8, cols - (cents ? 21 : 9), STYLE_NORMAL, "%s %s", w ? tr(w->word) : r->kind, detail);
	if (cents)
		draw_right(y, cols - 12, 11, STYLE_NORMAL, till_money(t, cents, money));
}

static void draw_journal(struct till *t, int rows, int cols)
{
	struct till_event_row events[ROWS_MOST];
	int count = till_event_last(t, events, rows < ROWS_MOST ? rows : ROWS_MOST);

	for (int i = 0; i < count; i++)
		draw_event(t, i, cols, &events[i]);
	till_event_last_free(events, count);
}

void panes_draw(struct till *t, int rows, int all_cols)
{
	int catalogue, journal, cols = panes_cols(all_cols) - 2;
	struct canvas whole = draw_inside(0, all_cols - cols, rows, cols), before = draw_canvas(whole);
	char text[64];

	share_rows(rows, &catalogue, &journal);
	snprintf(text, sizeof text, tr("%lld items"), (long long)t->item_count);
	draw_favourites(t, begin_pane(&whole, 0, catalogue, tr("Catalogue"), text), cols);
	begin_pane(&whole, catalogue, CUSTOMER_ROWS, tr("Customer"), "");
	draw_customer(t, cols);
	draw_journal(t, begin_pane(&whole, catalogue + CUSTOMER_ROWS, journal, tr("Journal"), ""), cols);
	draw_canvas(before);
}
