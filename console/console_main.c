/* console_main: qrtill-console: its settings, and its parts started and ended in their order. */
#include "console/console.h"

#include "server/routes.h"
#include "shared/conf.h"
#include "shared/tr.h"
#include "shared/tui/term.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTION(n, t, f, ...) { .name = #n, .type = t, .fallback = f, .offset = offsetof(struct console_settings, n), \
	__VA_ARGS__ }
static const struct conf_option options[] = {
	OPTION(server, CONF_TEXT, NULL, .help = "URL of the server"),
	OPTION(socket, CONF_PATH, NULL, .help = "the operator's socket of a server on this machine"),
	OPTION(merchant, CONF_INT, "0", .min = 0, .max = INT64_MAX, .help = "the merchant the operator acts for"),
	OPTION(terminal, CONF_TEXT, NULL, .help = "act as this enrolled till (qrtill terminal enrol)"),
	OPTION(owner, CONF_TEXT, NULL, .help = "act as this signed-in person (qrtill login in)"),
	OPTION(token_file, CONF_PATH, NULL, .help = "act with the credential in this file"),
	OPTION(lang, CONF_TEXT, NULL, .help = "en or zh; default: the locale"),
	OPTION(theme, CONF_TEXT, NULL, .help = "dark, light, contrast or mono; default mono where NO_COLOR is set, else dark"),
	OPTION(keys, CONF_TEXT, NULL, .help = "keys in place of the usual ones: \"palette=F4 menu=C-n\""),
	OPTION(blocks, CONF_TEXT, "auto", .help = "width of block characters: auto, narrow or wide"),
	OPTION(locale_dir, CONF_PATH, NULL, .help = "folder of the translations"),
	OPTION(script, CONF_PATH, NULL, .help = "replay keys from a file, without a terminal"),
	OPTION(script_rows, CONF_INT, "24", .min = 10, .max = 200, .help = "rows of the screen a script sees"),
	OPTION(script_cols, CONF_INT, "80", .min = 40, .max = 300, .help = "columns of the screen a script sees"),
	{ .name = NULL }
};

enum qt_err console_settings_load(struct console_settings *s, int argc, char **argv, struct problem *p)
{
	int first = 0;
	enum qt_err err = conf_load("qrtill-console", options, s, argc, argv, &first, p);

	if (err != QT_OK)
		return err;
	if (first < argc)
		return problem_set(p, QT_BAD_CONFIG, argv[first], "qrtill-console takes no arguments");
	const char *lang = s->lang ? s->lang : "", *blocks = s->blocks ? s->blocks : "";
	if (lang[0] && strcmp(lang, "en") != 0 && strcmp(lang, "zh") != 0)
		return problem_set(p, QT_BAD_CONFIG, "lang", "must be en or zh");
	if (strcmp(blocks, "auto") != 0 && strcmp(blocks, "narrow") != 0 && strcmp(blocks, "wide") != 0)
		return problem_set(p, QT_BAD_CONFIG, "blocks", "must be auto, narrow or wide");
	return QT_OK;
}

void console_settings_free(struct console_settings *s)
{
	conf_free(options, s);
}

/* As in the till: only some East Asian terminals draw blocks two cells wide; ask where that may be. */
static bool wide_blocks(const struct console_settings *s)
{
	if (strcmp(s->blocks, "auto") != 0)
		return strcmp(s->blocks, "wide") == 0;
	return !(s->script && s->script[0]) && strcmp(tr_language(), "zh") == 0 && term_ask_ambiguous_width() == 2;
}

static const char *or_null(const char *text)
{
	return text && text[0] ? text : NULL;
}

/* Every list and key with its verb of the command line, one a line: "item e item set Change". */
static int print_actions(void)
{
	for (const struct console_list *l = console_lists; l->noun; l++) {
		printf("%s - %s %s %s\n", l->noun, l->noun, l->verb, l->title);
		for (const struct console_action *a = l->actions; a && a->label; a++)
			printf("%s %c %s %s %s\n", l->noun, a->key ? a->key : '-', a->noun ? a->noun : l->noun, a->verb, a->label);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct console console;
	struct console_settings *s = &console.settings;
	struct problem p = { 0 };
	int status = 1;

	if (argc == 2 && strcmp(argv[1], "--actions") == 0)
		return print_actions();
	enum qt_err err = console_settings_load(s, argc, argv, &p);
	if (err != QT_OK)
		goto out;
	routes_open();
	tr_start(s->locale_dir, s->lang);
	if ((err = console_connect(&console, &p)) != QT_OK)
		goto out;
	draw_set_wide_blocks(wide_blocks(s));
	const struct tui_options o = {
		.app = &console, .keys = console_keys, .command = console_command, .status = console_status,
		.wait = console_wait, .tick = console_tick, .busy = console_busy, .theme = or_null(s->theme),
		.remap = or_null(s->keys), .script = or_null(s->script), .script_rows = (int)s->script_rows,
		.script_cols = (int)s->script_cols,
	};
	if ((err = tui_start(&o, &console.tui, &p)) != QT_OK)
		goto out;
	screen_push(console.tui, &screen_home_ops, NULL);
	status = tui_run(console.tui);
	tui_stop(console.tui);
out:
	if (err != QT_OK) {
		fprintf(stderr, "qrtill-console: %s%s%s%s%s\n", err_info(err)->en, p.field[0] ? " (" : "", p.field,
		        p.field[0] ? "): " : ": ", p.detail);
		status = err_info(err)->exit_code;
	}
	console_disconnect(&console);
	console_settings_free(s);
	return status;
}
