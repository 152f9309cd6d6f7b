/* ESC/POS: the bytes, as printers' manuals give them. */
#include "shared/escpos.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* fontconfig keeps what it read of the fonts until the process ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libpango\n";
}

static void assert_bytes(struct escpos *e, const void *expected, size_t len)
{
	assert_int_equal(e->out.len, len);
	assert_memory_equal(e->out.data, expected, len);
	buf_free(&e->out);
}
#define BYTES(e, ...) assert_bytes(e, (const unsigned char[]){ __VA_ARGS__ }, sizeof (const unsigned char[]){ __VA_ARGS__ })

static struct escpos begin(int paper_mm, enum escpos_text text)
{
	struct escpos e;
	escpos_begin(&e, paper_mm, text);
	buf_free(&e.out); /* the beginning has its own test */
	return e;
}

static void test_commands(void **state)
{
	struct escpos e;
	(void)state;
	escpos_begin(&e, 80, ESCPOS_GB18030);
	assert_int_equal(e.columns, 48);
	BYTES(&e, 0x1b, 0x40, 0x1c, 0x26);
	escpos_begin(&e, 58, ESCPOS_ASCII);
	assert_int_equal(e.columns, 32);
	BYTES(&e, 0x1b, 0x40, 0x1c, 0x2e);
	escpos_align(&e, ESCPOS_CENTER);
	BYTES(&e, 0x1b, 0x61, 0x01);
	escpos_bold(&e, true);
	escpos_bold(&e, false);
	BYTES(&e, 0x1b, 0x45, 0x01, 0x1b, 0x45, 0x00);
	escpos_big(&e, true);
	BYTES(&e, 0x1d, 0x21, 0x11);
	escpos_feed(&e, 3);
	BYTES(&e, 0x1b, 0x64, 0x03);
	escpos_cut(&e);
	BYTES(&e, 0x1d, 0x56, 0x42, 0x00);
	escpos_drawer(&e, 2);
	BYTES(&e, 0x1b, 0x70, 0x00, 0x19, 0xfa);
	escpos_drawer(&e, 5);
	BYTES(&e, 0x1b, 0x70, 0x01, 0x19, 0xfa);
}

static void test_qr(void **state)
{
	struct escpos e = begin(80, ESCPOS_ASCII);
	char long_text[800];
	(void)state;
	escpos_qr(&e, "HTTPS://A/Q/1", 6);
	BYTES(&e, 0x1d, 0x28, 0x6b, 4, 0, 0x31, 0x41, 0x32, 0, 0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x43, 6,
	      0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x45, 0x31, 0x1d, 0x28, 0x6b, 16, 0, 0x31, 0x50, 0x30,
	      'H', 'T', 'T', 'P', 'S', ':', '/', '/', 'A', '/', 'Q', '/', '1', 0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x51, 0x30, '\n');
	memset(long_text, 'A', 300);
	long_text[300] = '\0';
	escpos_qr(&e, long_text, 3);
	assert_int_equal((unsigned char)e.out.data[9 + 8 + 8 + 3], (303 & 0xff)); /* pL + 256 pH = n + 3 */
	assert_int_equal(e.out.data[9 + 8 + 8 + 4], 1);
	buf_free(&e.out);
	memset(long_text, 'A', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	escpos_qr(&e, long_text, 3);
	escpos_qr(&e, "", 3);
	escpos_qr(&e, "A", 99);
	assert_int_equal(e.out.len, 0);
}

static void test_lines_fit_the_paper(void **state)
{
	struct escpos e = begin(58, ESCPOS_ASCII);
	(void)state;
	escpos_pair(&e, "Coffee", "3.50");
	assert_int_equal(e.out.len, 33);
	assert_memory_equal(e.out.data, "Coffee                      3.50\n", 33);
	buf_free(&e.out);
	escpos_pair(&e, "A name that is far too long for paper of this width", "1234567.89");
	assert_memory_equal(e.out.data, "A name that is far to 1234567.89\n", 33);
	buf_free(&e.out);
	e.big = true;
	escpos_pair(&e, "TOTAL", "12.00");
	assert_memory_equal(e.out.data, "TOTAL      12.00\n", 17);
	buf_free(&e.out);
	e.big = false;
	escpos_rule(&e);
	assert_int_equal(e.out.len, 33);
	buf_free(&e.out);
}

static void test_chinese(void **state)
{
	struct escpos e = begin(58, ESCPOS_GB18030);
	(void)state;
	escpos_line(&e, "抹茶 A");
	BYTES(&e, 0xc4, 0xa8, 0xb2, 0xe8, ' ', 'A', '\n');
	escpos_pair(&e, "抹茶", "3.00"); /* two columns a character */
	assert_int_equal(e.out.len, 33);
	buf_free(&e.out);
	e = begin(58, ESCPOS_ASCII);
	escpos_line(&e, "抹茶 A");
	assert_bytes(&e, "?? A\n", 5);
	e = begin(58, ESCPOS_RASTER);
	escpos_line(&e, "plain");
	assert_bytes(&e, "plain\n", 6);
	escpos_line(&e, "抹茶");
	static const unsigned char head[] = { 0x1d, 0x76, 0x30, 0, 48, 0, 24, 0 };
	assert_int_equal(e.out.len, sizeof head + 48 * 24);
	assert_memory_equal(e.out.data, head, sizeof head);
	int ink = 0;
	for (size_t i = sizeof head; i < e.out.len; i++)
		ink += __builtin_popcount((unsigned char)e.out.data[i]);
	assert_true(ink > 100 && ink < 48 * 24 * 4); /* something is drawn, and not everything */
	buf_free(&e.out);
}

/* Names come from strangers: no command may leave through them. */
static void test_no_commands_in_names(void **state)
{
	static const enum escpos_text modes[] = { ESCPOS_ASCII, ESCPOS_GB18030 };
	(void)state;
	for (size_t m = 0; m < 2; m++) {
		struct escpos e = begin(80, modes[m]);
		escpos_line(&e, "A\x1b@B\x1d(k\x10\x04\xc2\x9b" "C\xff\n\rD");
		for (size_t i = 0; i + 1 < e.out.len; i++) {
			unsigned char c = (unsigned char)e.out.data[i];
			assert_true(c >= 0x20 && c != 0x7f);
		}
		assert_int_equal(e.out.data[e.out.len - 1], '\n');
		buf_free(&e.out);
	}
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_qr),
		cmocka_unit_test(test_lines_fit_the_paper),
		cmocka_unit_test(test_chinese),
		cmocka_unit_test(test_no_commands_in_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
