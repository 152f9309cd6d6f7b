/* JSON and query decoding: what is taken, what is refused and how it is named, and that nothing malformed gets through:
 * random texts are judged by another parser beside ours. */
#include "shared/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static const char *const colours[] = { "red", "green", NULL };
struct line {
	int64_t quantity;
	const char *name;
};
struct box {
	int64_t width_mm;
};
struct args {
	int64_t amount, rate;
	bool flag;
	int maybe, colour;
	const char *text, *lines_text;
	struct field_list lines, ids;
	struct box box;
};
#define AT(member) offsetof(struct args, member)
static const struct field line_fields[] = {
	{ "quantity", FIELD_INT, FIELD_REQUIRED, offsetof(struct line, quantity), 1, 99 },
	{ "name", FIELD_TEXT, 0, offsetof(struct line, name), .max = 10 },
	{ 0 },
};
static const struct field box_fields[] = {
	{ "width_mm", FIELD_INT, FIELD_REQUIRED, offsetof(struct box, width_mm), 1, 1000 },
	{ 0 },
};
static const struct field table[] = {
	{ "amount", FIELD_INT, FIELD_REQUIRED, AT(amount), -1000, 1000 },
	{ "rate", FIELD_INT, 0, AT(rate), .fallback = 7 },
	{ "flag", FIELD_BOOL, 0, AT(flag), .fallback = 1 },
	{ "maybe", FIELD_MAYBE, 0, AT(maybe), .fallback = -1 },
	{ "colour", FIELD_CHOICE, 0, AT(colour), .fallback = 1, .choices = colours },
	{ "text", FIELD_TEXT, 0, AT(text), 2, 8 },
	{ "lines_text", FIELD_LINES, 0, AT(lines_text), .max = 20 },
	{ "lines", FIELD_LIST, 0, AT(lines), 0, 3, .sub = line_fields, .sub_size = sizeof(struct line) },
	{ "ids", FIELD_INTS, 0, AT(ids), .max = 3 },
	{ "box", FIELD_OBJECT, 0, AT(box), .sub = box_fields },
	{ 0 },
};

static enum qt_err decode(const char *json, struct args *a, struct arena *arena, struct problem *p)
{
	*p = (struct problem){ 0 };
	/* A block of its own size, so that the sanitizer sees a read past the end. */
	size_t len = strlen(json);
	char *exact = malloc(len ? len : 1);
	memcpy(exact, json, len);
	enum qt_err err = fields_from_json(table, a, sizeof *a, exact, len, arena, p);
	free(exact);
	return err;
}

static void test_values(void **state)
{
	struct args a;
	struct arena arena = { 0 };
	struct problem p;

	(void)state;
	assert_int_equal(decode(" {\"amount\" : -5 , \"flag\":false,\"maybe\":true,\"colour\":\"red\",\"text\":\"\\u4e2d\\ud83d\\ude00\","
	                        "\"lines\":[{\"quantity\":2,\"name\":\"a\"},{\"name\":null,\"quantity\":99}],\"ids\":[1,2,9223372036854775807],"
	                        "\"lines_text\":\"a\\nb\\tc\",\"box\":{\"width_mm\":3}}\r\n", &a, &arena, &p), QT_OK);
	assert_int_equal(a.amount, -5);
	assert_int_equal(a.rate, 7);
	assert_false(a.flag);
	assert_int_equal(a.maybe, 1);
	assert_int_equal(a.colour, 0);
	assert_string_equal(a.text, "中😀");
	assert_string_equal(a.lines_text, "a\nb\tc");
	assert_int_equal(a.lines.count, 2);
	const struct line *lines = a.lines.items;
	assert_int_equal(lines[0].quantity, 2);
	assert_string_equal(lines[0].name, "a");
	assert_int_equal(lines[1].quantity, 99);
	assert_null(lines[1].name);
	assert_int_equal(a.ids.count, 3);
	assert_int_equal(((int64_t *)a.ids.items)[2], INT64_MAX);
	assert_int_equal(a.box.width_mm, 3);
	assert_int_equal(decode("{\"amount\":0}", &a, &arena, &p), QT_OK);
	assert_true(a.flag);
	assert_int_equal(a.maybe, -1);
	assert_int_equal(a.colour, 1);
	assert_null(a.text);
	assert_int_equal(a.lines.count, 0);
	arena_free(&arena);
}

static void test_refusals(void **state)
{
	static const struct { const char *json; enum qt_err err; const char *field; } cases[] = {
		{ "", QT_BAD_JSON, "" },
		{ "null", QT_BAD_JSON, "" },
		{ "[]", QT_BAD_JSON, "" },
		{ "{", QT_BAD_JSON, "" },
		{ "{}", QT_MISSING_FIELD, "amount" },
		{ "{\"amount\":null}", QT_MISSING_FIELD, "amount" },
		{ "{\"amount\":1,}", QT_BAD_JSON, "" },
		{ "{\"amount\":1 \"rate\":2}", QT_BAD_JSON, "" },
		{ "{amount:1}", QT_BAD_JSON, "" },
		{ "{'amount':1}", QT_BAD_JSON, "" },
		{ "{\"amount\":1}}", QT_BAD_JSON, "" },
		{ "{\"amount\":1,\"amount\":1}", QT_DOUBLE_FIELD, "amount" },
		{ "{\"am\\u006funt\":1,\"amount\":1}", QT_DOUBLE_FIELD, "amount" },
		{ "{\"amount\":1,\"x\":1}", QT_UNKNOWN_FIELD, "x" },
		{ "{\"amount\":1,\"amount\\u0000\":1}", QT_UNKNOWN_FIELD, NULL },
		{ "{\"amount\":1001}", QT_OUT_OF_RANGE, "amount" },
		{ "{\"amount\":-1001}", QT_OUT_OF_RANGE, "amount" },
		{ "{\"amount\":9223372036854775808}", QT_OUT_OF_RANGE, "amount" },
		{ "{\"amount\":-9223372036854775809}", QT_OUT_OF_RANGE, "amount" },
		{ "{\"amount\":1.0}", QT_BAD_FIELD, "amount" },
		{ "{\"amount\":1e1}", QT_BAD_FIELD, "amount" },
		{ "{\"amount\":\"1\"}", QT_BAD_FIELD, "amount" },
		{ "{\"amount\":true}", QT_BAD_FIELD, "amount" },
		{ "{\"amount\":+1}", QT_BAD_FIELD, "amount" },
		{ "{\"amount\":01}", QT_BAD_JSON, "" },
		{ "{\"amount\":1,\"flag\":1}", QT_BAD_FIELD, "flag" },
		{ "{\"amount\":1,\"maybe\":\"true\"}", QT_BAD_FIELD, "maybe" },
		{ "{\"amount\":1,\"colour\":\"blue\"}", QT_BAD_FIELD, "colour" },
		{ "{\"amount\":1,\"colour\":0}", QT_BAD_FIELD, "colour" },
		{ "{\"amount\":1,\"text\":\"a\"}", QT_BAD_FIELD, "text" },
		{ "{\"amount\":1,\"text\":\"123456789\"}", QT_TOO_LONG, "text" },
		{ "{\"amount\":1,\"text\":\"a\\u0007b\"}", QT_CONTROL_CHARACTER, "text" },
		{ "{\"amount\":1,\"text\":\"a\\nb\"}", QT_CONTROL_CHARACTER, "text" },
		{ "{\"amount\":1,\"lines_text\":\"a\\rb\"}", QT_CONTROL_CHARACTER, "lines_text" },
		{ "{\"amount\":1,\"text\":\"a\\u202eb\"}", QT_CONTROL_CHARACTER, "text" },
		{ "{\"amount\":1,\"text\":\"a\\ud800\"}", QT_NOT_UTF8, "text" },
		{ "{\"amount\":1,\"text\":\"a\\udc00\\ud800\"}", QT_NOT_UTF8, "text" },
		{ "{\"amount\":1,\"text\":\"\xc0\x80\"}", QT_NOT_UTF8, "text" },
		{ "{\"amount\":1,\"text\":\"\xed\xa0\x80\"}", QT_NOT_UTF8, "text" },
		{ "{\"amount\":1,\"text\":\"ab\ncd\"}", QT_BAD_JSON, "" },
		{ "{\"amount\":1,\"text\":\"ab\\x41\"}", QT_BAD_JSON, "" },
		{ "{\"amount\":1,\"text\":\"ab\\u12g4\"}", QT_BAD_JSON, "" },
		{ "{\"amount\":1,\"text\":\"ab", QT_BAD_JSON, "" },
		{ "{\"amount\":1,\"text\":\"ab\\", QT_BAD_JSON, "" },
		{ "{\"amount\":1,\"lines\":{}}", QT_BAD_FIELD, "lines" },
		{ "{\"amount\":1,\"lines\":[1]}", QT_BAD_FIELD, "lines[0]" },
		{ "{\"amount\":1,\"lines\":[{}]}", QT_MISSING_FIELD, "lines[0].quantity" },
		{ "{\"amount\":1,\"lines\":[{\"quantity\":1},{\"quantity\":0}]}", QT_OUT_OF_RANGE, "lines[1].quantity" },
		{ "{\"amount\":1,\"lines\":[{\"quantity\":1},{\"quantity\":1},{\"quantity\":1},{\"quantity\":1}]}", QT_TOO_LONG, "lines" },
		{ "{\"amount\":1,\"lines\":[{\"quantity\":1}", QT_BAD_JSON, NULL },
		{ "{\"amount\":1,\"lines\":[{\"quantity\":1},]}", QT_BAD_FIELD, "lines[1]" },
		{ "{\"amount\":1,\"ids\":[-1]}", QT_OUT_OF_RANGE, "ids[0]" },
		{ "{\"amount\":1,\"ids\":[1,\"2\"]}", QT_BAD_FIELD, "ids[1]" },
		{ "{\"amount\":1,\"box\":{\"width_mm\":1001}}", QT_OUT_OF_RANGE, "box.width_mm" },
		{ "{\"amount\":1,\"box\":[]}", QT_BAD_FIELD, "box" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct args a;
		struct arena arena = { 0 };
		struct problem p;
		enum qt_err err = decode(cases[i].json, &a, &arena, &p);
		if (err != cases[i].err || (cases[i].field && strcmp(p.field, cases[i].field) != 0))
			fail_msg("%s: %s at \"%s\", expected %s at \"%s\"", cases[i].json, err_info(err)->code, p.field,
			         err_info(cases[i].err)->code, cases[i].field ? cases[i].field : "anything");
		arena_free(&arena);
	}
}

static void test_query(void **state)
{
	static const struct { const char *query; enum qt_err err; const char *field; } cases[] = {
		{ "amount=5&text=a%20b+c&flag=false&colour=red", QT_OK, "" }, { "amount=%35", QT_OK, "" },
		{ "", QT_MISSING_FIELD, "amount" }, { "amount", QT_BAD_FIELD, "amount" }, { "amount=", QT_BAD_FIELD, "amount" },
		{ "amount=5&amount=5", QT_DOUBLE_FIELD, "amount" }, { "amount=5&x=1", QT_UNKNOWN_FIELD, "x" },
		{ "amount=5%", QT_BAD_REQUEST, "" }, { "amount=5%4", QT_BAD_REQUEST, "" }, { "amount=%zz", QT_BAD_REQUEST, "" },
		{ "amount=1001", QT_OUT_OF_RANGE, "amount" }, { "amount=1.5", QT_BAD_FIELD, "amount" },
		{ "amount=5&text=%00%00", QT_CONTROL_CHARACTER, "text" }, { "amount=5&text=%ff%ff", QT_NOT_UTF8, "text" },
		{ "amount=5&flag=yes", QT_BAD_FIELD, "flag" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct args a;
		struct arena arena = { 0 };
		struct problem p = { 0 };
		enum qt_err err = fields_from_query(table, &a, sizeof a, cases[i].query, strlen(cases[i].query), &arena, &p);
		if (err != cases[i].err || strcmp(p.field, cases[i].field) != 0)
			fail_msg("%s: %s at \"%s\"", cases[i].query, err_info(err)->code, p.field);
		if (i == 0) {
			assert_string_equal(a.text, "a b c");
			assert_false(a.flag);
			assert_int_equal(a.colour, 0);
		}
		arena_free(&arena);
	}
}

/* Mutate a valid text; ours and libjansson must agree on whether the result is JSON. */
static void test_against_another_parser(void **state)
{
	static const char seed_text[] = "{\"amount\":-5,\"a\":[1.5e3,true,null,\"x\\u00e9\\n\"],\"b\":{\"c\":\"\xe4\xb8\xad\"}}";
	static const char alphabet[] = "{}[]\",:\\eE+-.0123456789truefalsn \t\n\x01\x80\xff/u";
	unsigned seed = 20261121;
	int agreed = 0, valid = 0;

	(void)state;
	print_message("# seed %u\n", seed);
	for (int round = 0; round < 60000; round++) {
		char text[200];
		size_t len = sizeof seed_text - 1;
		memcpy(text, seed_text, len);
		for (int n = rand_r(&seed) % 4; n >= 0; n--) {
			size_t at = (size_t)rand_r(&seed) % len;
			char c = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
			switch (rand_r(&seed) % 3) {
			case 0:
				text[at] = c;
				break;
			case 1:
				memmove(text + at, text + at + 1, len - at - 1);
				len--;
				break;
			default:
				memmove(text + at + 1, text + at, len - at);
				text[at] = c;
				len++;
			}
		}
		/* Doubled names are judged where a table is; both allow them here. The other one reads only doubles it can hold. */
		json_error_t why;
		json_t *tree = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &why);
		bool ours = json_is_valid(text, len), theirs = tree != NULL;
		json_decref(tree);
		if (ours != theirs && json_error_code(&why) != json_error_numeric_overflow)
			fail_msg("ours %d, theirs %d: %.*s", ours, theirs, (int)len, text);
		agreed++;
		valid += ours;

		/* And the decoder itself never takes what is not JSON. */
		struct args a;
		struct arena arena = { 0 };
		struct problem p;
		enum qt_err err = fields_from_json(table, &a, sizeof a, text, len, &arena, &p);
		arena_free(&arena);
		assert_true(err != QT_OK || ours);
	}
	assert_true(valid > 1000);
	assert_int_equal(agreed, 60000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_against_another_parser),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
