/* Templates: what a tag writes, that nothing gets out unescaped, that broken templates are refused. */
#include "server/template.h"
#include "shared/jread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *find(void *context, const char *name)
{
	(void)context;
	return strcmp(name, "head") == 0 ? "<head>{{name}}</head>" : strcmp(name, "loop") == 0 ? "{{>loop}}" : NULL;
}

static const char values_text[] =
	"{\"name\":\"Caf\\u00e9\",\"name_zh\":\"\\u5496\\u5561\",\"plain\":\"Tea\",\"plain_zh\":\"\","
	"\"currency\":\"USD\","
	"\"amount_cents\":123450,\"minus_cents\":-5,\"rate_bp\":825,\"half_bp\":50,\"whole_bp\":1900,"
	"\"negative_bp\":-25,"
	"\"at_ms\":1795228380000,\"yes\":true,\"no\":false,\"zero\":0,\"empty\":\"\",\"none\":[],\"nothing\":null,"
	"\"evil\":\"<script>alert('\\\"&\\\"')</script>\",\"brace\":\"{{name}}\",\"flip\":\"a\\u202eb\","
	"\"lines\":[{\"name\":\"One\",\"parts\":[{\"part\":1},{\"part\":2}]},{\"name\":\"Two\",\"amount_cents\":1}]}";

static enum qt_err fill(const char *source, bool chinese, struct buf *out, struct problem *p)
{
	static const char dictionary[] = "{\"hello\":\"Hello & welcome\"}";
	struct json_t *values = jparse(values_text, strlen(values_text));
	struct json_t *text = jparse(dictionary, strlen(dictionary));
	struct template_env env = { .text = text, .chinese = chinese, .find = find };

	assert_non_null(values);
	enum qt_err err = template_render(&env, source, values, out, p);
	jfree(values);
	jfree(text);
	return err;
}

static void test_tags_write_their_values(void **state)
{
	static const struct { const char *source, *want; bool chinese; } cases[] = {
		{ "plain text", "plain text" },
		{ "", "" },
		{ "a {{name}} b", "a Caf\u00e9 b" },
		{ "{{missing}}{{nothing}}|{{zero}}|{{no}}", "|0|false" },
		{ "{{money:amount_cents}}", "$1234.50" },
		{ "{{money:minus_cents}}", "-$0.05" },
		{ "{{money:name}}{{money:missing}}", "" },
		{ "{{rate:rate_bp}} {{rate:half_bp}} {{rate:whole_bp}} {{rate:negative_bp}}", "8.25% 0.5% 19% -0.25%" },
		{ "{{time:at_ms}} {{iso:at_ms}}", "2026-11-21 02:33 UTC 2026-11-21T02:33:00Z" },
		{ "{{local:name}} {{local:plain}}", "Caf\u00e9 Tea" },
		{ "{{local:name}} {{local:plain}}", "\u5496\u5561 Tea", true },
		{ "{{t:hello}}", "Hello &amp; welcome" },
		{ "{{#yes}}y{{/yes}}{{#no}}n{{/no}}{{#zero}}0{{/zero}}{{#empty}}e{{/empty}}{{#none}}l{{/none}}", "y" },
		{ "{{^yes}}y{{/yes}}{{^no}}n{{/no}}{{^zero}}0{{/zero}}{{^missing}}m{{/missing}}{{^none}}l{{/none}}",
		  "n0ml" },
		{ "{{#lines}}[{{name}} {{money:amount_cents}}]{{/lines}}", "[One $1234.50][Two $0.01]" },
		{ "{{#lines}}{{#parts}}{{name}}{{part}} {{/parts}}{{/lines}}", "One1 One2 " },
		{ "{{#yes}}{{^no}}in{{/no}}{{/yes}}out", "inout" },
		{ "{{>head}}", "<head>Caf\u00e9</head>" },
		{ "{{#lines}}{{>head}}{{/lines}}", "<head>One</head><head>Two</head>" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };
		struct problem p = { 0 };
		buf_adds(&out, "");
		enum qt_err err = fill(cases[i].source, cases[i].chinese, &out, &p);
		assert_string_equal(p.detail, "");
		assert_int_equal(err, QT_OK);
		assert_string_equal(out.data, cases[i].want);
		buf_free(&out);
	}
}

static void test_strangers_text_stays_text(void **state)
{
	static const char *const sources[] = {
		"<p title=\"{{evil}}\">{{evil}}</p>", "{{local:evil}}", "{{brace}}", "{{flip}}",
		"{{#lines}}{{evil}}{{/lines}}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct buf out = { 0 };
		assert_int_equal(fill(sources[i], false, &out, NULL), QT_OK);
		assert_null(strstr(out.data, "<script"));
		assert_null(strstr(out.data, "('\""));
		assert_null(strstr(out.data, "\u202e"));
		assert_null(strstr(out.data, "Caf"));
		buf_free(&out);
	}
}

static void test_broken_templates_are_refused(void **state)
{
	static const char *const sources[] = {
		"{{name", "{{}}", "{{t:nowhere}}", "{{shout:name}}", "{{#yes}}open", "{{/yes}}", "{{#yes}}{{/no}}",
		"{{>nowhere}}",
		"{{>loop}}", "{{a-name-that-is-far-too-long-to-be-the-name-of-any-value-in-a-page-of-ours}}",
		"{{averylongfilter:name}}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		struct buf out = { 0 };
		struct problem p = { 0 };
		assert_int_equal(fill(sources[i], false, &out, &p), QT_BAD_CONFIG);
		assert_int_not_equal(p.detail[0], 0);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags_write_their_values),
		cmocka_unit_test(test_strangers_text_stays_text),
		cmocka_unit_test(test_broken_templates_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
