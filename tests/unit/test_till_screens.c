/* The till's screens: their tables of keys, keys from the configuration, and that no wide character is ever cut, in the
 * drawing functions and on the whole sale screen. */
#include "pos/till.h"
#include "shared/clock.h"
#include "shared/text.h"
#include "shared/tui/entry.h"
#include "shared/tui/remap.h"
#include "shared/tui/term.h"
#include "tests/lib/tmp.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS 60
#define COLS 170

static bool is_function_key(int key)
{
	return key > TUI_F0 && key <= TUI_F(24);
}

static void test_tables_are_whole(void **state)
{
	const struct binding *tables[64] = { till_keys, tui_always() };
	int count = 2;
	(void)state;
	for (int i = 0; till_screens[i]; i++) {
		if (till_screens[i]->keys)
			tables[count++] = till_screens[i]->keys;
		assert_true(till_screens[i]->title[0] != '\0');
	}
	for (int i = 0; i < count; i++)
		for (const struct binding *b = tables[i]; b->name; b++) {
			if (b->help == NULL || b->label == NULL)
				fail_msg("%s has no words for the help page", b->name);
			if (is_function_key(b->key) && (b->key2 == 0 || is_function_key(b->key2)))
				fail_msg("%s has only a function key", b->name);
			if (is_function_key(b->key2) && is_function_key(b->key))
				fail_msg("%s has function keys alone", b->name);
		}
}

/* What the configuration of keys is told; "" when it is taken. */
static const char *told(const char *keys)
{
	static struct problem p;
	struct remap r;

	p = (struct problem){ 0 };
	enum qt_err err = remap_parse(&r, keys, &p);
	if (err == QT_OK)
		err = remap_check(&r, till_screens, till_keys, tui_always(), &p);
	remap_free(&r);
	assert_int_equal(err, p.err);
	return err == QT_OK ? "" : p.detail;
}

static void test_no_key_means_two_things(void **state)
{
	(void)state;
	assert_string_equal(told(NULL), "");
	assert_string_equal(told("pay=F8"), "F8 is both receipts and pay (Sale)");
	assert_string_equal(told("pay=F11"), "F11 is both pay and language (Sale)");
	assert_string_equal(told("receipts=F12 pay=F8"), "");
	assert_string_equal(told("search=F1"), "F1 is both search and help (Sale)");
	assert_string_equal(told("pay=C-b"), "C-b is both cash and pay (Sale)"); /* a second key counts */
	assert_string_equal(told("theme=C-p"), "C-p is both pay and theme (Sale)");
	assert_string_equal(told("help=F24:F23 queue=F22"), "");
	assert_string_equal(told("shop=F8"), "nothing is called shop");
	assert_string_equal(told("pay=7"), "pay cannot have 7: it types or chooses");
	assert_string_equal(told("theme=Up"), "theme cannot have Up: it types or chooses");
	assert_string_equal(told("take=Enter exact=="), "");
	assert_non_null(strstr(told("pay=F13:"), "is not NAME=KEY"));
	assert_non_null(strstr(told("pay"), "is not NAME=KEY"));
}

static void test_both_keys_can_be_changed(void **state)
{
	const struct binding *pay = screen_sale_ops.keys;
	struct remap r;
	struct problem p;
	(void)state;
	assert_string_equal(pay->name, "pay");
	assert_int_equal(remap_parse(&r, "pay=F13:F14, note=::C-]", &p), QT_BAD_CONFIG); /* C-] is no key */
	remap_free(&r);
	assert_int_equal(remap_parse(&r, "pay=F13:F14, note=:", &p), QT_OK);
	assert_ptr_equal(remap_find(&r, screen_sale_ops.keys, TUI_F(13)), pay);
	assert_ptr_equal(remap_find(&r, screen_sale_ops.keys, TUI_F(14)), pay);
	assert_null(remap_find(&r, screen_sale_ops.keys, TUI_F(12)));
	assert_null(remap_find(&r, screen_sale_ops.keys, TUI_CTRL('p')));
	assert_string_equal(remap_find(&r, screen_sale_ops.keys, ':')->name, "note");
	remap_free(&r);
}

/* ---- wide characters ---- */

static unsigned seed;

static int below(int n)
{
	return rand_r(&seed) % n;
}

/* Text of single and double width, with what terminals like least: combining marks, full-width forms, emoji. */
static const char *random_text(int most)
{
	static const char *const parts[] = { "a", "Z", " ", "7", "抹", "茶", "（", "，", "가", "Ａ", "é", "e\xcc\x81", "🍵", "ß", "-" };
	static char out[1024];
	int n = below(most + 1);

	out[0] = '\0';
	for (int i = 0; i < n; i++)
		strcat(out, parts[below((int)(sizeof parts / sizeof *parts))]);
	return out;
}

static char *rows_of(char *text, char *rows[ROWS])
{
	char *save = text;
	for (int i = 0; i < ROWS; i++) {
		rows[i] = save;
		save = strchr(save, '\n');
		*save++ = '\0';
	}
	return text;
}

static void fill_with(const char *what)
{
	draw_canvas((struct canvas){ 0, 0, ROWS, COLS });
	for (int y = 0; y < ROWS; y++)
		for (int x = 0; x < COLS; x++)
			draw_text(y, x, 1, STYLE_NORMAL, what);
}

/* The text between columns x and x + width of a row whose other columns are all '#'; fails when one of those is not, or the
 * part is not exactly so wide: a cut character would be missing a column or reach over the edge. */
static char *part_of(const char *row, int x, int width)
{
	size_t before = text_fit(row, x, NULL);
	const char *part = row + before;
	int used;
	size_t len = text_fit(part, width, &used);

	if ((int)strspn(row, "#") < x || used != width)
		fail_msg("seed %u: columns %d to %d: \"%s\"", seed, x, x + width, row);
	if ((int)strspn(part + len, "#") != COLS - x - width || part[len + strspn(part + len, "#")] != '\0')
		fail_msg("seed %u: past column %d: \"%s\"", seed, x + width, row);
	char *out = xstrdup(part);
	out[len] = '\0';
	return out;
}

static void trim(char *s)
{
	size_t n = strlen(s);
	while (n > 0 && s[n - 1] == ' ')
		s[--n] = '\0';
}

static void test_texts_are_cut_between_characters(void **state)
{
	(void)state;
	seed = (unsigned)clock_mono_us();
	print_message("# seed %u\n", seed);
	for (int turn = 0; turn < 300; turn++) {
		int x = 1 + below(30), width = below(60), rows, cols;
		const char *text = random_text(40);
		char *lines[ROWS], *plain = xstrdup(text);
		struct entry e = { .kind = ENTRY_TEXT };

		term_clear(&rows, &cols);
		fill_with("#");
		trim(plain);
		draw_canvas((struct canvas){ 0, 0, ROWS, COLS });
		draw_text(0, x, width, STYLE_NORMAL, text);
		draw_right(1, x, width, STYLE_NORMAL, text);
		draw_center(2, x, width, STYLE_NORMAL, text);
		entry_set(&e, text);
		for (int i = below(50); i > 0; i--)
			entry_key(&e, TUI_LEFT);
		if (width > 2)
			entry_draw(&e, 3, x, width - 1, true);
		draw_canvas((struct canvas){ 4, x, 1, width });
		draw_text(0, 0, width, STYLE_NORMAL, " ");
		draw_text(0, 0, -1, STYLE_NORMAL, text);
		term_show();
		char *screen = rows_of(term_text(), lines);
		for (int y = 0; y < 5; y++) {
			char *part = y == 3 && width <= 2 ? xstrdup("") : part_of(lines[y], x, width);
			trim(part);
			size_t n = strlen(part);
			if (y == 0 && strcmp(part, plain) != 0) { /* cut: the beginning, and two dots where there is room */
				n = width >= 4 && n >= 2 && strcmp(part + n - 2, "..") == 0 ? n - 2 : n;
				if (text_columns(text) <= width || strncmp(part, text, n) != 0)
					fail_msg("seed %u: \"%s\" of \"%s\" in %d", seed, part, text, width);
			}
			free(part);
		}
		free(screen);
		free(plain);
	}
}

static struct till till;

static void random_cart(struct cart *c)
{
	struct till_item it = { .id = 1, .active = true, .rate_bp = 550 };

	cart_clear(c);
	for (int i = below(12); i > 0; i--, it.id++) {
		snprintf(it.name, sizeof it.name, "x%s", random_text(24));
		snprintf(it.name_zh, sizeof it.name_zh, "%s", it.name);
		it.name[text_fit(it.name, 60, NULL)] = '\0';
		it.price_cents = 1 + below(below(2) ? 1000 : 90000000);
		int line;
		if (cart_add(c, &it, 1 + below(20), &line) != QT_OK)
			fail_msg("seed %u: cart_add", seed);
	}
	if (cart_price(c) != QT_OK)
		fail_msg("seed %u: cart_price", seed);
}

/* Every row of the sale screen, of any size, stays within the window, and every name on it is whole or cut with dots. */
static void test_the_sale_screen_cuts_nothing(void **state)
{
	static const int widths[] = { 80, 81, 100, 109, 110, 111, 120, 133, 160 };
	struct screen s = { .ops = &screen_sale_ops, .app = &till };
	(void)state;
	s.state = xcalloc(1, s.ops->state_size);
	seed = (unsigned)clock_mono_us();
	print_message("# seed %u\n", seed);
	for (int turn = 0; turn < 60; turn++) {
		int width = widths[below((int)(sizeof widths / sizeof *widths))], height = 22 + below(30), rows, cols;
		char *lines[ROWS];

		random_cart(&till.sale.cart);
		term_clear(&rows, &cols);
		fill_with("#");
		draw_canvas((struct canvas){ 1, 3, height, width });
		draw_fill(0, 0, height, width, STYLE_NORMAL);
		screen_sale_ops.draw(&s, height, width);
		term_show();
		char *screen = rows_of(term_text(), lines);
		for (int y = 1; y < 1 + height; y++)
			free(part_of(lines[y], 3, width));
		const struct cart *c = &till.sale.cart;
		int list_rows = height - 8, first = c->count > list_rows ? c->count - list_rows : 0;
		for (int i = 0; i < c->count - first && i < list_rows; i++) {
			char *part = part_of(lines[2 + i], 3, width);
			const char *at = strstr(part, "x");
			size_t same = 0;
			while (at && at[same] && at[same] == c->lines[i].name[same])
				same++;
			if (at == NULL || (c->lines[i].name[same] != '\0' && strncmp(at + same, "..", 2) != 0 &&
			                   strspn(c->lines[i].name + same, " ") != strlen(c->lines[i].name + same)))
				fail_msg("seed %u: \"%s\" is not \"%s\"", seed, part, c->lines[i].name);
			free(part);
		}
		free(screen);
	}
	free(s.state);
}

int main(void)
{
	struct problem p = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_are_whole),
		cmocka_unit_test(test_no_key_means_two_things),
		cmocka_unit_test(test_both_keys_can_be_changed),
		cmocka_unit_test(test_texts_are_cut_between_characters),
		cmocka_unit_test(test_the_sale_screen_cuts_nothing),
	};

	setlocale(LC_ALL, "C.UTF-8");
	if (term_start(true, ROWS, COLS, NULL) != QT_OK || draw_set_theme("dark") != QT_OK)
		return 1;
	till.shop.currency = 840;
	till.sale.number = 1;
	if (tdb_open(test_folder(), &till.store, &p) != QT_OK)
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	tdb_close(till.store);
	term_stop();
	return failed;
}
