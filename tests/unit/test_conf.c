/* Settings: which source wins, what is refused and how it is named. */
#include "shared/conf.h"
#include "tests/lib/tmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct target {
	char *name, *folder;
	int64_t count;
	bool loud;
};
static const struct conf_option table[] = {
	{ "name", CONF_TEXT, "nobody", 0, 0, offsetof(struct target, name), "a name" },
	{ "some_folder", CONF_PATH, NULL, 0, 0, offsetof(struct target, folder), "a folder" },
	{ "count", CONF_INT, "3", 1, 9, offsetof(struct target, count), "a count" },
	{ "loud", CONF_BOOL, NULL, 0, 0, offsetof(struct target, loud), "a switch" },
	{ 0 },
};

static char path[200];

static void write_file(const char *text)
{
	FILE *f = fopen(path, "w");
	fputs(text, f);
	fclose(f);
}

static enum qt_err load(struct target *t, int *first, struct problem *p, const char *a, const char *b, const char *c)
{
	char *argv[] = { strdup("prog"), a ? strdup(a) : NULL, b ? strdup(b) : NULL, c ? strdup(c) : NULL, NULL };
	int argc = 1 + (a != NULL) + (b != NULL) + (c != NULL);
	*p = (struct problem){ 0 };
	*t = (struct target){ 0 };
	enum qt_err err = conf_load("prog", table, t, argc, argv, first, p);
	for (int i = 0; i < 4; i++)
		free(argv[i]); /* permuted, but the same texts */
	return err;
}

static void test_order_of_sources(void **state)
{
	struct target t;
	struct problem p;
	int first;

	(void)state;
	assert_int_equal(load(&t, &first, &p, NULL, NULL, NULL), QT_OK);
	assert_string_equal(t.name, "nobody");
	assert_string_equal(t.folder, "");
	assert_int_equal(t.count, 3);
	assert_false(t.loud);
	conf_free(table, &t);

	write_file("name = \"file\"; count = 5; loud = true;\n");
	assert_int_equal(load(&t, &first, &p, NULL, NULL, NULL), QT_OK);
	assert_string_equal(t.name, "file");
	assert_int_equal(t.count, 5);
	assert_true(t.loud);
	conf_free(table, &t);

	setenv("QRTILL_NAME", "environment", 1);
	setenv("QRTILL_LOUD", "false", 1);
	assert_int_equal(load(&t, &first, &p, "word", "--some-folder=~/x", NULL), QT_OK);
	assert_string_equal(t.name, "environment");
	assert_int_equal(t.count, 5);
	assert_false(t.loud);
	assert_string_equal(t.folder, "/home/somebody/x");
	assert_int_equal(first, 2);
	conf_free(table, &t);

	assert_int_equal(load(&t, &first, &p, "--name=flag", "--count", "7"), QT_OK);
	assert_string_equal(t.name, "flag");
	assert_int_equal(t.count, 7);
	conf_free(table, &t);
	assert_int_equal(load(&t, &first, &p, "--config=/dev/null", "--loud", NULL), QT_OK);
	assert_int_equal(t.count, 3);
	assert_true(t.loud);
	conf_free(table, &t);
	unsetenv("QRTILL_NAME");
	unsetenv("QRTILL_LOUD");
}

static void refused(const char *flag, const char *field, const char *says)
{
	struct target t;
	struct problem p;
	int first;

	assert_int_equal(load(&t, &first, &p, flag, NULL, NULL), QT_BAD_CONFIG);
	if (strcmp(p.field, field) != 0 || strstr(p.detail, says) == NULL)
		fail_msg("%s: \"%s\" \"%s\"", flag ? flag : "file", p.field, p.detail);
	conf_free(table, &t);
}

static void test_refusals(void **state)
{
	(void)state;
	write_file("");
	refused("--count=0", "count", "command line: count: must be from 1 to 9");
	refused("--count=ten", "count", "whole number");
	refused("--count=9223372036854775808", "count", "whole number");
	refused("--loud=perhaps", "loud", "true or false");
	refused("--colour=red", "", "--colour=red");
	refused("--name", "", "--name");
	refused("--config=/nonexistent", "config", "/nonexistent");
	write_file("count = \"5\";");
	refused(NULL, "count", "must be a whole number");
	write_file("count = 10;");
	refused(NULL, "count", "must be from 1 to 9");
	write_file("name = 5;");
	refused(NULL, "name", "text in quotes");
	write_file("loud = 1;");
	refused(NULL, "loud", "true or false");
	write_file("\n\ncolour = \"red\";");
	refused(NULL, "colour", ":3: colour is not a setting");
	write_file("name = \"x\n");
	refused(NULL, "config", "prog.conf:");
	write_file("");
	setenv("QRTILL_COUNT", "99", 1);
	refused(NULL, "count", "QRTILL_COUNT: count: must be from 1 to 9");
	unsetenv("QRTILL_COUNT");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_of_sources),
		cmocka_unit_test(test_refusals),
	};
	char folder[180];
	setenv("XDG_CONFIG_HOME", test_folder(), 1);
	setenv("HOME", "/home/somebody", 1);
	snprintf(folder, sizeof folder, "%s/qrtill", test_folder());
	mkdir(folder, 0700);
	snprintf(path, sizeof path, "%s/prog.conf", folder);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
