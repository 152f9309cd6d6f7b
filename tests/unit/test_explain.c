/* Any text to its kind and fields; nothing foreign is called ours. Labels of what is explained. */
#include "shared/explain.h"
#include "shared/fields.h"
#include "shared/label.h"
#include "shared/picture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Fonts are cached for the life of the process; the leak checker is told so. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libcairo\nleak:libpango\nleak:libharfbuzz\nleak:libglib\nleak:libfreetype\n"
	       "leak:libgobject\n";
}

static const char ours[] = "https://pay.example.com";
static struct keyring ring = { .epoch_count = 1 };
static struct explain_options options = { .ring = &ring, .public_url = ours, .now_ms = INT64_C(1800000000000) };

static char *own_url(enum code_kind kind, char url[CODE_URL_MAX])
{
	struct code c = { .kind = kind, .id = 77, .amount_minor = 2375, .currency = 840, .shop_id = 3,
	                  .expires_s = INT64_C(1800000300) };
	char token[CODE_TOKEN_MAX];
	ring.epochs[0].epoch = 1;
	assert_int_equal(code_make(&ring, &c, token), QT_OK);
	return code_url(ours, token, url);
}

static void test_kinds(void **state)
{
	static const struct { const char *text; enum text_kind kind; bool valid; const char *name, *currency; int64_t amount; }
	cases[] = {
		{ "00020101021226370010COM.QRTILL0107M00012302087F3K9Q2X520458125303840540523.755802US5909DEMO CAFE6008PORTLAND"
		  "62170106B000420703T016304FD90", KIND_EMV, true, "DEMO CAFE", "USD", 2375 },
		{ "00020101021226370010COM.QRTILL0107M00012302087F3K9Q2X520458125303840540523.755802US5909DEMO CAFE6008PORTLAND"
		  "62170106B000420703T016304FD91", KIND_EMV, false, "DEMO CAFE", "USD", -1 },
		{ "000201", KIND_EMV, false, "", "", -1 },
		{ "BCD\n002\n1\nSCT\n\nQRTILL\nDE89370400440532013000\nEUR12.34", KIND_EPC, true, "QRTILL", "EUR", 1234 },
		{ "BCD\n002\n1\nSCT\n\nQRTILL\nDE89370400440532013001\nEUR12.34", KIND_EPC, false, "QRTILL", "EUR", 1234 },
		{ "WIFI:T:WPA;S:Cafe;P:password;;", KIND_WIFI, true, "Cafe", "", -1 },
		{ "WIFI:T:WPA;S:Cafe;P:short;;", KIND_WIFI, false, "Cafe", "", -1 },
		{ "2100001027506", KIND_EAN, true, "", "", -1 },
		{ "0212345009956", KIND_EAN, true, "", "", 995 },
		{ "4006381333930", KIND_EAN, false, "", "", -1 },
		{ "]E04006381333931", KIND_EAN, true, "", "", -1 },
		{ "12345678", KIND_TEXT, true, "", "", -1 },
		{ "(01)04006381333931(3922)1299", KIND_GS1, true, "", "", 1299 },
		{ "]C1010400638133393", KIND_GS1, false, "", "", -1 },
		{ "160000000000000001", KIND_CUSTOMER, true, "", "", -1 },
		{ "https://example.org/x?y=1", KIND_URL, true, "", "", -1 },
		{ "https://pay.example.com@evil.example/Q/4", KIND_URL, false, "", "", -1 },
		{ "https://pay.example.com/Q/4419B6QF7B3H40T859", KIND_URL, false, "", "", -1 },
		{ "https://other.example/Q/4419B6QF7B3H40T859", KIND_URL, true, "", "", -1 },
		{ "https://example.org/a\x01", KIND_URL, false, "", "", -1 },
		{ "HTTPS://EXAMPLE.ORG", KIND_URL, true, "", "", -1 },
		{ "https://", KIND_URL, false, "", "", -1 },
		{ "hello", KIND_TEXT, true, "", "", -1 },
		{ "  hello \n", KIND_TEXT, true, "", "", -1 },
		{ "", KIND_TEXT, false, "", "", -1 },
		{ "\xff", KIND_TEXT, false, "", "", -1 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct explain e;
		explain_text(cases[i].text, &options, &e);
		if (e.kind != cases[i].kind || e.valid != cases[i].valid || strcmp(e.name, cases[i].name) != 0 ||
		    strcmp(e.currency, cases[i].currency) != 0 ||
		    (e.has_amount ? e.amount_minor : -1) != cases[i].amount || e.valid != (e.problem.err == QT_OK))
			fail_msg("%s: %s valid %d name \"%s\" %s %lld %s: %s", cases[i].text, text_kind_name(e.kind), e.valid, e.name,
			         e.currency, e.has_amount ? (long long)e.amount_minor : -1, e.problem.field, e.problem.detail);
		explain_free(&e);
	}
}

static void test_ours_and_never_others(void **state)
{
	char url[CODE_URL_MAX], changed[CODE_URL_MAX];
	struct explain e;
	(void)state;
	explain_text(own_url(CODE_PAYMENT, url), &options, &e);
	assert_int_equal(e.kind, KIND_QRTILL);
	assert_true(e.valid && !e.expired && e.mac == MAC_VALID);
	assert_int_equal(e.amount_minor, 2375);
	assert_string_equal(e.currency, "USD");
	explain_free(&e);

	/* A bare token with a right MAC is ours; with a wrong one it is anybody's text. */
	explain_text(strrchr(url, '/') + 1, &options, &e);
	assert_true(e.kind == KIND_QRTILL && e.valid);
	explain_free(&e);
	strcpy(changed, url);
	changed[strlen(changed) - 2] = changed[strlen(changed) - 2] == '0' ? '1' : '0';
	explain_text(strrchr(changed, '/') + 1, &options, &e);
	assert_int_equal(e.kind, KIND_TEXT);
	explain_free(&e);
	explain_text(changed, &options, &e); /* our host, forged */
	assert_true(e.kind == KIND_QRTILL && !e.valid && e.mac == MAC_INVALID);
	explain_free(&e);

	/* Another host, even with a token of ours, is a web address. */
	char other[CODE_URL_MAX];
	snprintf(other, sizeof other, "HTTPS://PAY.EVIL.ORG/Q/%s", strrchr(url, '/') + 1);
	explain_text(other, &options, &e);
	assert_int_equal(e.kind, KIND_URL);
	explain_free(&e);

	/* Without keys nothing is called valid, and a bare token is text. */
	struct explain_options blind = options;
	blind.ring = NULL;
	explain_text(url, &blind, &e);
	assert_true(e.kind == KIND_QRTILL && !e.valid && e.mac == MAC_UNCHECKED);
	explain_free(&e);
	explain_text(strrchr(url, '/') + 1, &blind, &e);
	assert_int_equal(e.kind, KIND_TEXT);
	explain_free(&e);

	struct explain_options later = options;
	later.now_ms = INT64_C(1800000300000);
	explain_text(url, &later, &e);
	assert_true(e.valid && e.expired);
	explain_free(&e);
}

static void test_json_and_lines(void **state)
{
	static const char *const texts[] = { "WIFI:T:WPA;S:\x1b[31mred;P:password;;", "a\x1b]0;title\x07z", "小店\"\\", "\xff" };
	char url[CODE_URL_MAX];
	(void)state;
	for (size_t i = 0; i <= sizeof texts / sizeof *texts; i++)
		for (int chinese = 0; chinese < 2; chinese++) {
			struct explain e;
			struct buf b = { 0 };
			struct json j;
			explain_text(i < 4 ? texts[i] : own_url(CODE_PAYMENT, url), &options, &e);
			json_start(&j, &b);
			json_object(&j, NULL);
			explain_json(&e, chinese, &j);
			json_end(&j);
			assert_true(json_is_valid(b.data, b.len));
			buf_reset(&b);
			explain_lines(&e, chinese, &b);
			assert_null(strchr(b.data, '\033')); /* nothing a stranger wrote moves the cursor */
			assert_null(strchr(b.data, '\a'));
			buf_free(&b);
			explain_free(&e);
		}
}

static void test_labels(void **state)
{
	char url[CODE_URL_MAX];
	struct label label = { .code = own_url(CODE_PAYMENT, url), .name = "Harbour Coffee", .name_zh = "海港咖啡",
	                       .intro = "Scan to see the menu.", .ec = QR_EC_Q, .format = LABEL_PNG };
	struct problem p = { 0 };
	(void)state;
	for (int size = 0; size < LABEL_SIZE_COUNT; size++) {
		struct buf one = { 0 }, two = { 0 };
		struct picture_codes codes;
		enum label_size found;
		label.size = (enum label_size)size;
		assert_true(label_size_by_name(label_size_name(label.size), &found) && found == label.size);
		assert_int_equal(label_make(&label, &one, &p), QT_OK);
		assert_int_equal(picture_read(one.data, one.len, &codes, &p), QT_OK);
		assert_string_equal(codes.codes[0].text, url);
		picture_free(&codes);
		label.format = LABEL_PDF;
		buf_reset(&one);
		assert_int_equal(label_make(&label, &one, &p), QT_OK);
		assert_int_equal(label_make(&label, &two, &p), QT_OK);
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.data, two.data, one.len);
		label.format = LABEL_PNG;
		buf_free(&one);
		buf_free(&two);
	}
	struct buf out = { 0 };
	char *big = xmalloc(1001);
	memset(big, 'm', 1000);
	big[1000] = '\0';
	label.size = LABEL_CARD;
	label.intro = big;
	assert_int_equal(label_make(&label, &out, &p), QT_TOO_LONG);
	assert_string_equal(p.field, "intro");
	label.intro = NULL;
	label.code = big;
	label.size = LABEL_SHELF;
	assert_int_equal(label_make(&label, &out, &p), QT_TOO_LONG);
	assert_string_equal(p.field, "text");
	label.code = "A";
	label.name = "\x1b";
	assert_int_equal(label_make(&label, &out, &p), QT_CONTROL_CHARACTER);
	label.name = "\xff";
	assert_int_equal(label_make(&label, &out, &p), QT_NOT_UTF8);
	assert_int_equal(out.len, 0);
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_ours_and_never_others),
		cmocka_unit_test(test_json_and_lines),
		cmocka_unit_test(test_labels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
