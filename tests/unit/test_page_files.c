/* The web folder in memory: what is served, what is refused at start, and that reading it again replaces all or
 * nothing. */
#include "server/page_files.h"
#include "shared/jread.h"
#include "tests/lib/tmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static const char *folder;

static void put(const char *name, const char *text)
{
	char path[512];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int setup(void **state)
{
	static const char *const subs[] = { "js", "text", "icons" };
	char path[512];

	(void)state;
	folder = test_folder();
	for (size_t i = 0; i < sizeof subs / sizeof *subs; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, subs[i]);
		mkdir(path, 0755);
	}
	put("text/en.json", "{\"hello\":\"Hello\"}");
	put("text/zh.json", "{\"hello\":\"\\u4f60\\u597d\"}");
	put("page.html", "<p>{{t:hello}} {{name}}</p>");
	put("app.css", "p { margin: 0 }");
	put("js/a.mjs", "export {};");
	put("js/.a.mjs.swp", "an editor's leavings");
	put("js/notes.txt", "nothing to serve");
	return 0;
}

static enum qt_err add(const char *name, struct buf *out, const char **type, char etag[PAGE_ETAG_SIZE])
{
	*type = NULL;
	return page_files_add(name, out, type, etag);
}

static void test_files_are_served_by_their_name_only(void **state)
{
	static const char *const refused[] = {
		"page.html", "js/.a.mjs.swp", "js/notes.txt", "", "js", "js/../app.css",
		"/app.css", "../app.css", "APP.CSS", "none.css",
	};
	struct buf out = { 0 };
	char etag[PAGE_ETAG_SIZE];
	const char *type;

	(void)state;
	assert_int_equal(page_files_open(folder, NULL), QT_OK);
	assert_int_equal(add("app.css", &out, &type, etag), QT_OK);
	assert_string_equal(out.data, "p { margin: 0 }");
	assert_string_equal(type, "text/css; charset=utf-8");
	assert_int_equal(strlen(etag), 18);
	buf_reset(&out);
	assert_int_equal(add("js/a.mjs", &out, &type, etag), QT_OK);
	assert_string_equal(type, "text/javascript; charset=utf-8");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_int_equal(add(refused[i], &out, &type, etag), QT_NO_ROUTE);
	buf_free(&out);
}

static void test_pages_come_in_both_languages(void **state)
{
	struct json_t *values = jparse("{\"name\":\"<b>\"}", 14);
	struct buf out = { 0 };
	struct problem p = { 0 };

	(void)state;
	assert_int_equal(page_files_open(folder, NULL), QT_OK);
	assert_int_equal(page_files_render("page.html", false, values, &out, &p), QT_OK);
	assert_string_equal(out.data, "<p>Hello &lt;b&gt;</p>");
	buf_reset(&out);
	assert_int_equal(page_files_render("page.html", true, values, &out, &p), QT_OK);
	assert_string_equal(out.data, "<p>\u4f60\u597d &lt;b&gt;</p>");
	assert_int_equal(page_files_render("none.html", true, values, &out, &p), QT_BAD_CONFIG);
	buf_free(&out);
	jfree(values);
}

static void test_reading_again_replaces_all_or_nothing(void **state)
{
	struct buf out = { 0 };
	struct problem p = { 0 };
	char before[PAGE_ETAG_SIZE], after[PAGE_ETAG_SIZE];
	const char *type;

	(void)state;
	assert_int_equal(page_files_open(folder, NULL), QT_OK);
	assert_int_equal(add("app.css", &out, &type, before), QT_OK);
	put("app.css", "p { margin: 1em }");
	put("text/zh.json", "{ no json");
	assert_int_equal(page_files_open(folder, &p), QT_BAD_CONFIG);
	assert_non_null(strstr(p.detail, "zh.json"));
	assert_int_equal(add("app.css", &out, &type, after), QT_OK);
	assert_string_equal(before, after);
	put("text/zh.json", "{\"hello\":\"\\u4f60\\u597d\"}");
	assert_int_equal(page_files_open(folder, &p), QT_OK);
	buf_reset(&out);
	assert_int_equal(add("app.css", &out, &type, after), QT_OK);
	assert_string_equal(out.data, "p { margin: 1em }");
	assert_string_not_equal(before, after);
	assert_int_equal(page_files_open("/nowhere/at/all", &p), QT_BAD_CONFIG);
	assert_int_equal(add("app.css", &out, &type, after), QT_OK);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_are_served_by_their_name_only),
		cmocka_unit_test(test_pages_come_in_both_languages),
		cmocka_unit_test(test_reading_again_replaces_all_or_nothing),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
