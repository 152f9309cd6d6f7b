/* Labels: every size is read back from the printed page, also damaged; sheets; texts that do not fit; lists. */
#include "console/cli_label_list.h"
#include "shared/label.h"
#include "shared/pixels.h"
#include "tests/lib/tmp.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zbar.h>

/* fontconfig, pango and cairo keep caches until the program ends; the leak checker looks at the rest. */
const char *__lsan_default_suppressions(void);
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libpango\nleak:libglib\nleak:libcairo\n";
}

#define CODE "HTTPS://PAY.EXAMPLE.COM/Q/4419B6QF7B3H40T859NMKMSCAGDCECQM3WZ2E"
#define FOUND_MAX 64

/* The page of a PDF, SVG or PNG file's bytes as a printer at 150 dpi makes it, in grey. */
static struct pixels print_page(const struct buf *file, enum label_format format)
{
	static const char *const commands[] = {
		"pdftoppm -r 150 -png -singlefile %1$s/page %1$s/printed",
		"rsvg-convert -d 150 -p 150 -b white -o %1$s/printed.png %1$s/page",
		"cp %1$s/page %1$s/printed.png",
	};
	char path[256], command[512];
	struct pixels colour, grey;
	struct buf png = { 0 };
	char chunk[4096];
	size_t n;

	snprintf(path, sizeof path, "%s/page", test_folder());
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(file->data, 1, file->len, f), file->len);
	fclose(f);
	snprintf(command, sizeof command, commands[format], test_folder());
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof path, "%s/printed.png", test_folder());
	f = fopen(path, "rb");
	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&png, chunk, n);
	fclose(f);
	assert_null(pixels_decode((const uint8_t *)png.data, png.len, &colour));
	grey = pixels_grey(&colour, -1);
	pixels_free(&colour);
	buf_free(&png);
	return grey;
}

struct found {
	char text[128];
	int left, top, right, bottom; /* pixels, the outermost modules of the finder patterns */
};

static int find_codes(const struct pixels *grey, struct found out[FOUND_MAX])
{
	zbar_image_scanner_t *scanner = zbar_image_scanner_create();
	zbar_image_t *image = zbar_image_create();
	int count = 0;

	zbar_image_scanner_set_config(scanner, 0, ZBAR_CFG_ENABLE, 0);
	zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
	zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
	zbar_image_set_size(image, (unsigned)grey->width, (unsigned)grey->height);
	zbar_image_set_data(image, grey->data, (unsigned long)(grey->width * grey->height), NULL);
	zbar_scan_image(scanner, image);
	for (const zbar_symbol_t *s = zbar_image_first_symbol(image); s && count < FOUND_MAX; s = zbar_symbol_next(s)) {
		struct found *f = &out[count++];
		*f = (struct found){ .left = 1 << 30, .top = 1 << 30 };
		snprintf(f->text, sizeof f->text, "%s", zbar_symbol_get_data(s));
		for (unsigned i = 0; i < zbar_symbol_get_loc_size(s); i++) {
			int x = zbar_symbol_get_loc_x(s, i), y = zbar_symbol_get_loc_y(s, i);
			f->left = x < f->left ? x : f->left;
			f->right = x > f->right ? x : f->right;
			f->top = y < f->top ? y : f->top;
			f->bottom = y > f->bottom ? y : f->bottom;
		}
	}
	zbar_image_destroy(image);
	zbar_image_scanner_destroy(scanner);
	return count;
}

static const struct label full = {
	.code = CODE, .name = "Harbour Coffee and Bread", .name_zh = "海港咖啡面包店", .intro = "Scan to pay. 扫码付款。",
	.lines = { "12 Main Street", "Portland, OR 97201" }, .phone = "+1 503 555 0100",
};

static void test_every_size_and_form(void **state)
{
	(void)state;
	for (int size = 0; size < LABEL_SIZE_COUNT; size++) {
		for (int format = LABEL_PDF; format <= LABEL_PNG; format++) {
			struct label label = full;
			struct buf out = { 0 };
			struct problem p = { 0 };
			struct found found[FOUND_MAX];
			label.size = (enum label_size)size;
			label.format = (enum label_format)format;
			if (size == LABEL_SHELF) {
				label.phone = NULL;
				label.lines[0] = label.lines[1] = NULL;
				label.price = "$12.50";
				label.unit = "千克 kg";
			}
			if (size == LABEL_CARD) {
				label.phone = NULL;
				label.number = "9206 2133 1834 7350";
			}
			if (label_make(&label, &out, &p) != QT_OK)
				fail_msg("%s: %s %s", label_size_name(label.size), p.field, p.detail);
			struct pixels page = print_page(&out, label.format);
			int count = find_codes(&page, found);
			if (count != 1 || strcmp(found[0].text, CODE) != 0)
				fail_msg("%s, form %d: %d codes on the page", label_size_name(label.size), format, count);
			pixels_free(&page);
			buf_free(&out);
		}
	}
}

/* A tenth of the symbol is gone, under a coffee stain or torn off: in the middle, at an edge, in the fourth corner. */
static void test_damaged(void **state)
{
	static const struct { const char *what; double x, y; } spots[] = {
		{ "middle", 0.5, 0.5 }, { "right", 0.84, 0.5 }, { "below", 0.5, 0.84 }, { "corner", 0.84, 0.84 },
		{ "off the middle", 0.6, 0.4 },
	};

	(void)state;
	for (int size = 0; size < LABEL_SIZE_COUNT; size++) {
		struct label label = full;
		struct buf out = { 0 };
		struct found whole[FOUND_MAX], found[FOUND_MAX];
		label.size = (enum label_size)size;
		if (size == LABEL_SHELF)
			label.phone = label.lines[0] = label.lines[1] = NULL;
		assert_int_equal(label_make(&label, &out, NULL), QT_OK);
		struct pixels page = print_page(&out, LABEL_PDF);
		size_t bytes = (size_t)page.width * (size_t)page.height;
		uint8_t *clean = xmalloc(bytes);
		memcpy(clean, page.data, bytes);
		assert_int_equal(find_codes(&page, whole), 1);
		int width = whole[0].right - whole[0].left, height = whole[0].bottom - whole[0].top;
		int half = (int)ceil(sqrt(0.1 * width * height) / 2);
		for (size_t spot = 0; spot < 2 * sizeof spots / sizeof *spots; spot++) {
			bool white = spot % 2;
			int x = whole[0].left + (int)(spots[spot / 2].x * width), y = whole[0].top + (int)(spots[spot / 2].y * height);
			memcpy(page.data, clean, bytes);
			for (int row = y - half; row <= y + half; row++)
				memset(page.data + row * page.width + x - half, white ? 255 : 0, (size_t)(2 * half + 1));
			int count = find_codes(&page, found);
			if (count != 1 || strcmp(found[0].text, CODE) != 0)
				fail_msg("%s, covered %s: %s: %d codes", label_size_name(label.size), white ? "white" : "black",
				         spots[spot / 2].what, count);
		}
		free(clean);
		pixels_free(&page);
		buf_free(&out);
	}
}

static void test_sheets(void **state)
{
	static const struct { enum label_size size; enum label_paper paper; int columns, rows; bool marks; } cases[] = {
		{ LABEL_STICKER, PAPER_A4, 3, 3, true }, { LABEL_CARD, PAPER_A4, 2, 5, true },
		{ LABEL_SHELF, PAPER_A4, 2, 7, true },   { LABEL_BUSINESS, PAPER_A4, 2, 5, true },
		{ LABEL_POSTER, PAPER_A4, 1, 1, false }, { LABEL_BUSINESS, PAPER_LETTER, 2, 4, true },
		{ LABEL_CARD, PAPER_LABEL, 1, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (int format = LABEL_PDF; format <= LABEL_PNG; format++) {
			struct label_sheet sheet = { .size = cases[i].size, .paper = cases[i].paper, .format = (enum label_format)format };
			struct label_grid g;
			struct label labels[FOUND_MAX];
			char codes[FOUND_MAX][80];
			struct buf out = { 0 };
			struct found found[FOUND_MAX];
			assert_int_equal(label_grid_of(&sheet, &g, NULL), QT_OK);
			assert_int_equal(g.columns, cases[i].columns);
			assert_int_equal(g.rows, cases[i].rows);
			assert_int_equal(g.marks, cases[i].marks);
			int each = g.columns * g.rows;
			for (int n = 0; n < each; n++) {
				snprintf(codes[n], sizeof codes[n], "%s%d", CODE, n);
				labels[n] = (struct label){ .code = codes[n], .name = "Harbour 海港" };
			}
			assert_int_equal(label_sheet_make(&sheet, labels, each, 0, &out, NULL), QT_OK);
			struct pixels page = print_page(&out, sheet.format);
			int count = find_codes(&page, found), missing = 0;
			for (int n = 0; n < each; n++) {
				int times = 0;
				for (int f = 0; f < count; f++)
					times += strcmp(found[f].text, codes[n]) == 0;
				missing += times != 1;
			}
			if (count != each || missing)
				fail_msg("%s, form %d: %d of %d labels found", label_size_name(sheet.size), format, count, each);
			pixels_free(&page);
			buf_free(&out);
		}
	}
}

static void test_grid_refusals(void **state)
{
	struct label_sheet sheet = { .size = LABEL_POSTER, .paper = PAPER_A5 };
	struct label_grid g;
	struct problem p = { 0 };

	(void)state;
	assert_int_equal(label_grid_of(&sheet, &g, &p), QT_BAD_FIELD);
	assert_string_equal(p.field, "paper");
	sheet = (struct label_sheet){ .size = LABEL_CARD, .gap_mm = 20 };
	assert_int_equal(label_grid_of(&sheet, &g, &p), QT_OK);
	assert_int_equal(g.columns * g.rows, 8);
	assert_true(g.left >= 8 && g.top >= 8);
}

static void repeat_text(char *out, const char *text, int times)
{
	out[0] = '\0';
	for (int i = 0; i < times; i++)
		strcat(out, text);
}

/* Long names become smaller, never cut: all their letters are in the PDF; what is too long is refused by name. */
static void test_texts(void **state)
{
	char fits[600], long_text[1000], command[512];
	struct label label = { .code = CODE, .size = LABEL_SHELF };
	struct buf out = { 0 };
	struct problem p = { 0 };
	char got[2000] = "";

	(void)state;
	repeat_text(fits, "有机全麦面粉", 8);
	label.name = fits;
	assert_int_equal(label_make(&label, &out, NULL), QT_OK);
	struct pixels page = print_page(&out, LABEL_PDF);
	pixels_free(&page);
	snprintf(command, sizeof command, "pdftotext %s/page - | tr -d '\\n\\f '", test_folder());
	FILE *f = popen(command, "r");
	assert_non_null(f);
	got[fread(got, 1, sizeof got - 1, f)] = '\0';
	pclose(f);
	assert_string_equal(got, fits);
	buf_reset(&out);
	repeat_text(long_text, "Wholemeal flour ", 60);
	struct { const char *field; struct label label; enum qt_err err; } bad[] = {
		{ "name", { .code = CODE, .name = long_text, .size = LABEL_SHELF }, QT_TOO_LONG },
		{ "price", { .code = CODE, .price = long_text, .size = LABEL_SHELF }, QT_TOO_LONG },
		{ "number", { .code = CODE, .number = long_text, .size = LABEL_CARD }, QT_TOO_LONG },
		{ "lines", { .code = CODE, .lines = { long_text, long_text, long_text }, .size = LABEL_BUSINESS }, QT_TOO_LONG },
		{ "phone", { .code = CODE, .phone = "1\n2" }, QT_CONTROL_CHARACTER },
		{ "unit", { .code = CODE, .price = "1", .unit = "\xff" }, QT_NOT_UTF8 },
		{ "name", { .code = CODE, .name = "\xef\xbf\xbf x\xf4\x8f\xbf\xbd" }, QT_BAD_FIELD },
		{ "text", { .code = "" }, QT_BAD_FIELD },
		{ "text", { .code = long_text, .size = LABEL_SHELF }, QT_TOO_LONG },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		enum qt_err err = label_make(&bad[i].label, &out, &p);
		if (err != bad[i].err || strcmp(p.field, bad[i].field) != 0)
			fail_msg("case %zu: %s %s %s", i, err_info(err)->code, p.field, p.detail);
		assert_int_equal(out.len, 0);
	}
	buf_free(&out);
}

/* The largest code a label takes is still read from 150 dpi. */
static void test_smallest_modules(void **state)
{
	char code[2000] = "";
	struct label label = { .code = code, .name = "Wi-Fi", .size = LABEL_BUSINESS };
	struct buf out = { 0 }, last = { 0 };
	struct found found[FOUND_MAX];
	struct problem p = { 0 };
	size_t n = 100;

	(void)state;
	for (;; n += 10) {
		memset(code, 'a', n);
		code[n] = '\0';
		buf_reset(&out);
		if (label_make(&label, &out, &p) != QT_OK)
			break;
		buf_reset(&last);
		buf_add(&last, out.data, out.len);
	}
	assert_string_equal(p.field, "text");
	struct pixels page = print_page(&last, LABEL_PDF);
	assert_int_equal(find_codes(&page, found), 1);
	pixels_free(&page);
	buf_free(&out);
	buf_free(&last);
}

static void test_lists(void **state)
{
	static const char csv[] = "\xef\xbb\xbf" "sku,code,name,line,line,price_cents,unit,number\r\n"
		"1,ABC,\"Tea, green\",A,B,250,kg,9206213318347350\r\n2,DEF,,,,,,\r\n";
	static const char items[] = "{\"items\":[{\"item_id\":7,\"sku\":\"S7\",\"name\":\"Tea\",\"name_zh\":\"茶\","
		"\"price_cents\":1250,\"unit\":null,\"barcodes\":[\"2900010010373\"]},"
		"{\"sku\":\"S8\",\"name\":\"Open\",\"price_cents\":0,\"open_price\":true,\"barcodes\":[]}]}";
	struct label_list list = { .common = { .name = "Shop" }, .currency = "USD" };

	(void)state;
	assert_int_equal(label_list_read(&list, csv, strlen(csv), NULL), QT_OK);
	assert_int_equal(label_list_read(&list, items, strlen(items), NULL), QT_OK);
	assert_int_equal(list.count, 4);
	assert_string_equal(list.labels[0].code, "ABC");
	assert_string_equal(list.labels[0].name, "Tea, green");
	assert_string_equal(list.labels[0].lines[1], "B");
	assert_string_equal(list.labels[0].price, "$2.50");
	assert_string_equal(list.labels[0].number, "9206 2133 1834 7350");
	assert_string_equal(list.labels[1].name, "Shop");
	assert_null(list.labels[1].price);
	assert_string_equal(list.labels[2].code, "2900010010373");
	assert_string_equal(list.labels[2].price, "$12.50");
	assert_string_equal(list.labels[3].code, "S8");
	assert_null(list.labels[3].price);
	label_list_free(&list);
}

static void test_bad_lists(void **state)
{
	static const struct { const char *text; enum qt_err err; const char *field; } cases[] = {
		{ "", QT_BAD_FIELD, "from" },
		{ "code,name\n", QT_BAD_FIELD, "from" },
		{ "name\nx\n", QT_MISSING_FIELD, "from" },
		{ "code,code\nx,y\n", QT_MISSING_FIELD, "from" },
		{ "code,name\nx\n", QT_BAD_FIELD, "from" },
		{ "code,name\n,x\n", QT_MISSING_FIELD, "code" },
		{ "code,name\nx,\"a\"b\n", QT_BAD_FIELD, "from" },
		{ "code,price_cents\nx,1.5\n", QT_OUT_OF_RANGE, "line 2" },
		{ "code,price_cents\nx,150\n", QT_MISSING_FIELD, "currency" },
		{ "{", QT_BAD_JSON, "from" },
		{ "{\"a\":1}", QT_MISSING_FIELD, "from" },
		{ "[]", QT_BAD_FIELD, "from" },
		{ "[1]", QT_BAD_FIELD, "labels[0]" },
		{ "{\"cards\":[{\"code\":\"A\"},{\"number\":\"1\"}]}", QT_MISSING_FIELD, "cards[1]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct label_list list = { 0 };
		struct problem p = { 0 };
		enum qt_err err = label_list_read(&list, cases[i].text, strlen(cases[i].text), &p);
		if (err != cases[i].err || strcmp(p.field, cases[i].field) != 0)
			fail_msg("%s: %s %s %s", cases[i].text, err_info(err)->code, p.field, p.detail);
		label_list_free(&list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_size_and_form), cmocka_unit_test(test_damaged), cmocka_unit_test(test_sheets),
		cmocka_unit_test(test_grid_refusals), cmocka_unit_test(test_texts), cmocka_unit_test(test_smallest_modules),
		cmocka_unit_test(test_lists), cmocka_unit_test(test_bad_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
