/* main: qrtill-pos, the till. Starts the parts in their order, runs the loop, ends them. */
#include "pos/till.h"

#include "shared/crypto.h"
#include "shared/tr.h"
#include "shared/tui/term.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RETURN "QRTILL_POS_RETURN" /* in the environment of a training that was begun at the till: it ends there */

/* $XDG_STATE_HOME/qrtill-pos, or ~/.local/state/qrtill-pos; its parents are made. */
static char *default_folder(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char path[PATH_MAX];

	if (state && state[0] == '/')
		snprintf(path, sizeof path, "%s/qrtill-pos", state);
	else
		snprintf(path, sizeof path, "%s/.local/state/qrtill-pos", home ? home : "");
	for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
		*slash = '\0';
		mkdir(path, 0700); /* most are there; the last one's failure is told by tdb_open */
		*slash = '/';
	}
	return xstrdup(path);
}

/* Messages would tear the screen: they go to DIR/till.log. */
static void log_to_file(const char *folder)
{
	char path[PATH_MAX];

	if (!isatty(STDERR_FILENO) || snprintf(path, sizeof path, "%s/till.log", folder) >= (int)sizeof path)
		return;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		dup2(fd, STDERR_FILENO);
		close(fd);
	}
}

static void start_language(const struct till *t)
{
	char *kept = t->store ? setting_text(t->store, "lang") : NULL;
	const char *language = t->settings.lang[0] ? t->settings.lang : kept;

	if (language)
		tr_set_language(language);
	free(kept);
}

/* Block characters are two cells wide on some East Asian terminals; ask where that may be. */
static bool wide_blocks(const struct pos_settings *s)
{
	const char *locale = getenv("LC_ALL");

	if (strcmp(s->blocks, "auto") != 0)
		return strcmp(s->blocks, "wide") == 0;
	if (s->script[0])
		return false;
	if (locale == NULL || locale[0] == '\0')
		locale = getenv("LC_CTYPE");
	if (locale == NULL || locale[0] == '\0')
		locale = getenv("LANG");
	bool may_be = locale && (strncmp(locale, "zh", 2) == 0 || strncmp(locale, "ja", 2) == 0 ||
	                         strncmp(locale, "ko", 2) == 0);
	return (may_be || strcmp(tr_language(), "zh") == 0) && term_ask_ambiguous_width() == 2;
}

/* The program anew, as a training or the real till again: the one never holds what the other has in memory. The file was
 * closed. Returns only when that failed. */
static void start_again(int argc, char **argv, bool training)
{
	char **args = xcalloc((size_t)argc + 2, sizeof *args);
	int n = 0;

	for (int i = 0; i < argc; i++)
		if (strcmp(argv[i], "--training") != 0)
			args[n++] = argv[i];
	if (training)
		args[n++] = xstrdup("--training");
	if ((training ? setenv(RETURN, "1", 1) : unsetenv(RETURN)) == 0)
		execv("/proc/self/exe", args);
	fprintf(stderr, "qrtill-pos: cannot start again: %s\n", strerror(errno));
}

int main(int argc, char **argv)
{
	static struct till till; /* large: the cart is in it */
	bool train, back;
	struct problem p = { 0 };
	int status = 1;

	keyring_leave_no_core();
	enum qt_err err = pos_settings_load(&till.settings, argc, argv, &p);
	if (err != QT_OK)
		goto out;
	if (till.settings.data_dir[0] == '\0') {
		free(till.settings.data_dir);
		till.settings.data_dir = default_folder();
	}
	tr_start(till.settings.locale_dir, till.settings.lang);
	if ((err = till_open(&till, &p)) != QT_OK)
		goto out;
	start_language(&till);
	if (till.api)
		api_set_locale(till.api, tr_language());
	draw_set_wide_blocks(wide_blocks(&till.settings));
	const struct tui_options o = {
		.app = &till, .keys = till_keys, .screens = till_screens, .command = till_command,
		.status = till_status, .wait = till_wait,
		.mark = till.settings.training ? N_("TRAINING") : NULL, .tick = till_tick, .busy = till_awaits, .theme = till.settings.theme,
		.remap = till.settings.keys[0] ? till.settings.keys : NULL,
		.script = till.settings.script[0] ? till.settings.script : NULL,
		.script_rows = (int)till.settings.script_rows, .script_cols = (int)till.settings.script_cols,
	};
	if ((err = tui_start(&o, &till.tui, &p)) != QT_OK)
		goto out;
	log_to_file(till.settings.data_dir);
	till.tui_ran = true;
	till_event_start(&till);
	screen_push(till.tui, &screen_sale_ops, NULL);
	till_show_stage(&till);
	if (till.terminal_token == NULL && till.settings.enrol[0])
		till_enrol(&till, till.settings.server, till.settings.enrol);
	status = tui_run(till.tui);
	tui_stop(till.tui);
	till.tui = NULL;
out:
	if (err != QT_OK) {
		fprintf(stderr, "qrtill-pos: %s%s%s%s%s\n", err_info(err)->en, p.field[0] ? " (" : "", p.field,
		        p.field[0] ? "): " : ": ", p.detail);
		status = err_info(err)->exit_code;
	}
	train = till.train && !till.settings.training;
	back = till.settings.training && getenv(RETURN) != NULL && (till.train || err != QT_OK);
	till_close(&till);
	pos_settings_free(&till.settings);
	if (train || back)
		start_again(argc, argv, train);
	return status;
}
