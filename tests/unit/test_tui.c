/* The framework's pure parts, and painting on a screen nobody sees: names of keys, typing, lists, cutting and cleaning
 * of text, codes. */
#include "shared/qr.h"
#include "shared/tui/draw.h"
#include "shared/tui/entry.h"
#include "shared/tui/list.h"
#include "shared/tui/qr_view.h"
#include "shared/tui/term.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_key_names_go_both_ways(void **state)
{
	static const int keys[] = { TUI_F(1), TUI_F(12), TUI_F(24), TUI_ENTER, TUI_ESC, TUI_UP, TUI_DELETE, TUI_CTRL('p'),
	                            '=', 'a', TUI_BACKTAB, ' ' };
	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		assert_int_equal(tui_key_by_name(tui_key_name(keys[i])), keys[i]);
	assert_string_equal(tui_key_name(TUI_CTRL('p')), "C-p");
	assert_int_equal(tui_key_by_name("f9"), TUI_F(9));
	static const char *const wrong[] = { "", "F0", "F25", "F1x", "C-", "C-1", "Nothing", "ab" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(tui_key_by_name(wrong[i]), 0);
}

static void type(struct entry *e, const int *keys)
{
	for (; *keys; keys++)
		entry_key(e, *keys);
}

static void test_typing(void **state)
{
	struct entry e = { .kind = ENTRY_TEXT, .most = 10 };
	(void)state;
	type(&e, (const int[]){ 'a', 0x62b9, 0x8336, 'b', 0 });
	assert_string_equal(e.text, "a抹茶b");
	type(&e, (const int[]){ TUI_LEFT, TUI_BACKSPACE, 0 });
	assert_string_equal(e.text, "a抹b");
	type(&e, (const int[]){ TUI_HOME, TUI_RIGHT, TUI_DELETE, 0 });
	assert_string_equal(e.text, "ab");
	type(&e, (const int[]){ TUI_END, '1', '2', '3', '4', '5', '6', '7', '8', '9', 0 });
	assert_string_equal(e.text, "ab12345678"); /* full */
	assert_false(entry_key(&e, TUI_F(1)));
	entry_set(&e, "抹茶抹茶"); /* a character is taken whole or not at all */
	assert_string_equal(e.text, "抹茶抹");
	type(&e, (const int[]){ TUI_CTRL('u'), 0 });
	assert_string_equal(e.text, "");
	struct entry digits = { .kind = ENTRY_DIGITS };
	type(&digits, (const int[]){ '1', 'x', '.', '2', 0 });
	assert_string_equal(digits.text, "12");
	struct entry amount = { .kind = ENTRY_AMOUNT };
	type(&amount, (const int[]){ '1', ',', '5', '-', 0 });
	assert_string_equal(amount.text, "1,5");
}

static void note_row(void *ctx, int index, int y, bool chosen)
{
	char *out = ctx;
	sprintf(out + strlen(out), "%d@%d%s ", index, y, chosen ? "*" : "");
}

static void test_lists_keep_the_chosen_row_in_sight(void **state)
{
	struct list l = { .count = 10 };
	char out[256] = "";
	(void)state;
	for (int i = 0; i < 4; i++)
		assert_true(list_key(&l, TUI_DOWN, 3));
	list_draw(&l, 5, 3, note_row, out);
	assert_string_equal(out, "2@5 3@6 4@7* ");
	list_key(&l, TUI_END, 3);
	list_key(&l, TUI_DOWN, 3);
	assert_int_equal(l.chosen, 9);
	list_set_count(&l, 2);
	assert_int_equal(l.chosen, 1);
	out[0] = '\0';
	list_draw(&l, 0, 3, note_row, out);
	assert_string_equal(out, "0@0 1@1* ");
	list_set_count(&l, 0);
	list_key(&l, TUI_DOWN, 3);
	assert_int_equal(l.chosen, 0);
	assert_false(list_key(&l, 'x', 3));
}

/* A row of the screen, trailing spaces cut; static. */
static const char *row(int y)
{
	static char out[512];
	char *text = term_text(), *at = text;
	for (; y > 0; y--)
		at = strchr(at, '\n') + 1;
	snprintf(out, sizeof out, "%.*s", (int)strcspn(at, "\n"), at);
	free(text);
	return out;
}

static void test_text_is_cut_and_cleaned(void **state)
{
	int rows, cols;
	(void)state;
	term_clear(&rows, &cols);
	assert_int_equal(rows, 24);
	assert_int_equal(cols, 80);
	draw_canvas((struct canvas){ 1, 2, 20, 40 });
	draw_text(0, 0, 10, STYLE_NORMAL, "a longer text");
	draw_text(1, 0, 9, STYLE_NORMAL, "抹茶抹茶抹茶");
	draw_right(2, 0, 8, STYLE_NORMAL, "12.50");
	draw_text(3, 0, 30, STYLE_NORMAL, "A\x1b[31mB\nC");
	draw_text(4, 38, 10, STYLE_NORMAL, "over the edge");
	draw_text(-1, 0, 10, STYLE_NORMAL, "above");
	draw_text(20, 0, 10, STYLE_NORMAL, "below");
	term_show();
	assert_string_equal(row(0), "");
	assert_string_equal(row(1), "  a longer..");
	assert_string_equal(row(2), "  抹茶抹..");
	assert_string_equal(row(3), "     12.50");
	assert_string_equal(row(4), "  A\xef\xbf\xbd[31mB\xef\xbf\xbd" "C");
	assert_int_equal(strlen(row(5)), 42); /* not past the canvas */
	assert_string_equal(row(21), "");
}

static void test_no_line_begins_with_a_full_stop(void **state)
{
	int rows, cols;
	(void)state;
	term_clear(&rows, &cols);
	draw_canvas((struct canvas){ 0, 0, 24, 80 });
	assert_int_equal(draw_wrapped(0, 0, 5, 8, STYLE_NORMAL, "抹茶抹茶。抹茶"), 2);
	term_show();
	assert_string_equal(row(0), "抹茶抹");
	assert_string_equal(row(1), "茶。抹茶");
}

static void test_big_digits_fit_or_become_text(void **state)
{
	int rows, cols;
	(void)state;
	assert_int_equal(draw_big_width("1.5", 2), 3 * 2 + 1 + 2 + 1 + 3 * 2);
	term_clear(&rows, &cols);
	draw_canvas((struct canvas){ 0, 0, 24, 80 });
	draw_big(0, 0, 80, "1");
	draw_big(10, 0, 5, "123456");
	term_show();
	assert_string_equal(row(1), "████");
	assert_string_equal(row(4), "██████");
	assert_string_equal(row(12), "123..");
}

static void test_codes_take_the_size_that_fits(void **state)
{
	static const char text[] = "HTTPS://PAY.EXAMPLE.COM/Q/440G7WG40D402TR121ZTSN2W4VYB4QQ4";
	int used_rows, used_cols;
	struct qr q;
	(void)state;
	assert_int_equal(qr_view_make(text, 22, 44, &q), QT_OK);
	qr_view_size(&q, 22, 44, &used_rows, &used_cols);
	assert_true(used_rows <= 22 && used_cols <= 44 && used_cols >= q.size + 4);
	qr_free(&q);
	assert_int_equal(qr_view_make(text, 50, 100, &q), QT_OK);
	qr_view_size(&q, 50, 100, &used_rows, &used_cols);
	assert_int_equal(used_cols, 2 * (q.size + 8)); /* two cells a module, the whole margin */
	qr_free(&q);
	assert_int_equal(qr_view_make(text, 12, 44, &q), QT_TOO_LONG);
	draw_set_wide_blocks(true);
	assert_int_equal(qr_view_make(text, 22, 80, &q), QT_TOO_LONG); /* half blocks cannot be used there */
	draw_set_wide_blocks(false);
}

static void test_themes(void **state)
{
	(void)state;
	assert_int_equal(draw_set_theme("pink"), QT_NOT_FOUND);
	assert_string_equal(draw_theme(), "dark");
	assert_int_equal(draw_set_theme(draw_next_theme()), QT_OK);
	assert_string_equal(draw_theme(), "light");
	setenv("NO_COLOR", "1", 1);
	assert_int_equal(draw_set_theme(NULL), QT_OK);
	assert_string_equal(draw_theme(), "mono");
	unsetenv("NO_COLOR");
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	if (term_start(true, 24, 80, NULL) != QT_OK || draw_set_theme("dark") != QT_OK)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key_names_go_both_ways),
		cmocka_unit_test(test_typing),
		cmocka_unit_test(test_lists_keep_the_chosen_row_in_sight),
		cmocka_unit_test(test_text_is_cut_and_cleaned),
		cmocka_unit_test(test_no_line_begins_with_a_full_stop),
		cmocka_unit_test(test_big_digits_fit_or_become_text),
		cmocka_unit_test(test_codes_take_the_size_that_fits),
		cmocka_unit_test(test_themes),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	term_stop();
	return failed;
}
