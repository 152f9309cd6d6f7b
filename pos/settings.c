/* settings: the one table of qrtill-pos's settings; qrtill-pos.conf(5) lists them. */
#include "pos/till.h"

#include "shared/conf.h"

#include <string.h>

#define OPTION(n, t, f, ...) { .name = #n, .type = t, .fallback = f, .offset = offsetof(struct pos_settings, n), \
	__VA_ARGS__ }
static const struct conf_option options[] = {
	OPTION(data_dir, CONF_PATH, NULL, .help = "folder of the till's file and key; default $XDG_STATE_HOME/qrtill-pos"),
	OPTION(server, CONF_TEXT, NULL, .help = "the server's listener for tills, https://HOST:PORT"),
	OPTION(enrol, CONF_TEXT, NULL, .help = "enrolment code to use when this till is not enrolled yet"),
	OPTION(lang, CONF_TEXT, NULL, .help = "en or zh; default: as left last, then the locale"),
	OPTION(theme, CONF_TEXT, NULL, .help = "dark, light, contrast or mono; default mono where NO_COLOR is set, else dark"),
	OPTION(keys, CONF_TEXT, NULL, .help = "keys in place of the usual ones: \"pay=F8 cash=C-n\""),
	OPTION(blocks, CONF_TEXT, "auto", .help = "width of block characters: auto, narrow or wide"),
	OPTION(printer, CONF_TEXT, NULL, .help = "receipt printer: tcp:HOST:PORT, or a device or file"),
	OPTION(printer_text, CONF_TEXT, "gb18030", .help = "Chinese on the printer: gb18030, raster or ascii"),
	OPTION(paper_mm, CONF_INT, "80", .min = 58, .max = 80, .help = "paper width: 58 or 80"),
	OPTION(journal_days, CONF_INT, "90", .min = 0, .max = 36500,
	       .help = "days the till keeps its events after the server has them"),
	OPTION(give_up_s, CONF_INT, "45", .min = 1, .max = 600,
	       .help = "seconds without an answer after which a sale may be given up"),
	OPTION(print_always, CONF_BOOL, "false", .help = "print every receipt without a key"),
	OPTION(ask_float, CONF_BOOL, "true", .help = "ask for the drawer's float at sign-in while no shift is open"),
	OPTION(open_drawer, CONF_BOOL, "false", .help = "open the cash drawer with every cash sale"),
	OPTION(training, CONF_BOOL, "false", .help = "sell for practice, in a file of its own; nothing is sent or kept"),
	OPTION(amounts_as_cents, CONF_BOOL, "true", .help = "2375 typed means 23.75"),
	OPTION(locale_dir, CONF_PATH, NULL, .help = "folder of the translations"),
	OPTION(script, CONF_PATH, NULL, .help = "replay keys from a file, without a terminal"),
	OPTION(script_rows, CONF_INT, "24", .min = 10, .max = 200, .help = "rows of the screen a script sees"),
	OPTION(script_cols, CONF_INT, "80", .min = 40, .max = 300, .help = "columns of the screen a script sees"),
	{ .name = NULL }
};

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static const char *text_of(const char *text)
{
	return text ? text : "";
}

enum qt_err pos_settings_load(struct pos_settings *s, int argc, char **argv, struct problem *p)
{
	static const char *const widths[] = { "auto", "narrow", "wide", NULL };
	static const char *const texts[] = { "gb18030", "raster", "ascii", NULL };
	static const char *const languages[] = { "", "en", "zh", NULL };
	int first = 0;
	enum qt_err err = conf_load("qrtill-pos", options, s, argc, argv, &first, p);

	if (err != QT_OK)
		return err;
	if (first < argc)
		return problem_set(p, QT_BAD_CONFIG, argv[first], "qrtill-pos takes no arguments");
	if (!is_one_of(text_of(s->blocks), widths))
		return problem_set(p, QT_BAD_CONFIG, "blocks", "must be auto, narrow or wide");
	if (!is_one_of(text_of(s->printer_text), texts))
		return problem_set(p, QT_BAD_CONFIG, "printer_text", "must be gb18030, raster or ascii");
	if (!is_one_of(text_of(s->lang), languages))
		return problem_set(p, QT_BAD_CONFIG, "lang", "must be en or zh");
	if (s->paper_mm != 58 && s->paper_mm != 80)
		return problem_set(p, QT_BAD_CONFIG, "paper_mm", "must be 58 or 80");
	return QT_OK;
}

void pos_settings_free(struct pos_settings *s)
{
	conf_free(options, s);
}
