/* script: see script.h. */
#include "shared/tui/script.h"

#include "shared/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 10000

struct script {
	FILE *file;
	char line[2048];   /* the command under way; empty: read the next */
	int number;        /* of the line */
	int64_t since_ms;  /* monotonic, when a wait began */
};

enum qt_err script_open(const char *path, struct script **out, struct problem *p)
{
	*out = NULL;
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	if (f == NULL)
		return problem_set(p, QT_BAD_CONFIG, "script", "%s cannot be read", path);
	*out = xcalloc(1, sizeof **out);
	(*out)->file = f;
	return QT_OK;
}

void script_close(struct script *s)
{
	if (s == NULL)
		return;
	if (s->file != stdin)
		fclose(s->file);
	free(s);
}

int script_wait_ms(const struct script *s)
{
	return s->line[0] ? 10 : 0;
}

static bool do_keys(struct tui *t, char *names)
{
	char *save = NULL;
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		int key = tui_key_by_name(name);
		if (key == 0)
			return false;
		tui_feed_key(t, key);
	}
	return true;
}

static bool do_dump(struct tui *t, const char *path)
{
	char *text = tui_screen_text(t);
	FILE *f = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
	bool ok = f != NULL && fputs(text, f) >= 0;
	if (f != NULL)
		ok = (f == stdout ? fflush(f) : fclose(f)) == 0 && ok;
	free(text);
	return ok;
}

/* 1: met, 0: not yet, -1: never within the bound. */
static int do_wait(struct script *s, struct tui *t, const char *text, bool there)
{
	char *screen = tui_screen_text(t);
	bool met = text ? (strstr(screen, text) != NULL) == there : !tui_is_busy(t);
	bool late = clock_mono_ms() - s->since_ms > WAIT_MS;

	if (!met && late)
		fprintf(stderr, "line %d: \"%s\" %s\n%s", s->number, text ? text : "idle",
		        there ? "did not come" : "did not go", screen);
	free(screen);
	return met ? 1 : late ? -1 : 0;
}

static bool next_line(struct script *s)
{
	for (;;) {
		if (fgets(s->line, sizeof s->line, s->file) == NULL)
			return false;
		s->number++;
		s->line[strcspn(s->line, "\r\n")] = '\0';
		if (s->line[0] != '\0' && s->line[0] != '#')
			break;
	}
	s->since_ms = clock_mono_ms();
	return true;
}

bool script_step(struct script *s, struct tui *t, int *exit_status)
{
	bool ok = true;

	if (s->line[0] == '\0' && !next_line(s))
		return true;
	char copy[sizeof s->line];
	snprintf(copy, sizeof copy, "%s", s->line);
	char *rest = strchr(copy, ' ');
	if (rest)
		*rest++ = '\0';
	else
		rest = copy + strlen(copy);
	if (strcmp(copy, "wait") == 0 || strcmp(copy, "gone") == 0 || strcmp(copy, "idle") == 0) {
		int met = do_wait(s, t, copy[0] == 'i' ? NULL : rest, copy[0] != 'g');
		if (met == 0)
			return false;
		ok = met > 0;
		if (!ok) {
			*exit_status = 1;
			return true;
		}
	} else if (strcmp(copy, "type") == 0) {
		for (const char *c = rest; *c; c++)
			tui_feed_key(t, (unsigned char)*c);
	} else if (strcmp(copy, "scan") == 0) {
		tui_feed_scan(t, rest);
	} else if (strcmp(copy, "key") == 0) {
		ok = do_keys(t, rest);
	} else if (strcmp(copy, "dump") == 0) {
		ok = do_dump(t, rest);
	} else {
		ok = false;
	}
	if (!ok) {
		fprintf(stderr, "line %d: cannot do: %s\n", s->number, s->line);
		*exit_status = 2;
		return true;
	}
	s->line[0] = '\0';
	return false;
}
