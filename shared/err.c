/* err: see err.h. */
#include "shared/err.h"

#include "shared/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct err_info err_table[QT_ERR_COUNT] = {
#define X(name, code, http, exit, en, zh) [QT_##name] = { #name, code, http, exit, en, zh },
#include "shared/errors.def"
#undef X
};

static void (*fatal_restore)(void);

const struct err_info *err_info(enum qt_err err)
{
	if ((unsigned)err >= QT_ERR_COUNT)
		err = QT_INTERNAL;
	return &err_table[err];
}

enum qt_err err_from_code(const char *code)
{
	for (int i = 0; i < QT_ERR_COUNT; i++)
		if (strcmp(err_table[i].code, code) == 0)
			return (enum qt_err)i;
	return QT_INTERNAL;
}

enum qt_err problem_set(struct problem *p, enum qt_err err, const char *field, const char *detail, ...)
{
	if (p == NULL)
		return err;
	p->err = err;
	snprintf(p->field, sizeof p->field, "%s", field ? field : "");
	p->detail[0] = '\0';
	if (detail != NULL) {
		va_list ap;
		va_start(ap, detail);
		vsnprintf(p->detail, sizeof p->detail, detail, ap);
		va_end(ap);
	}
	return err;
}

static bool threads_run;

void fatal_set_hook(void (*restore)(void))
{
	fatal_restore = restore;
}

void fatal(const char *fmt, ...)
{
	va_list ap;

	if (fatal_restore != NULL)
		fatal_restore();
	fputs("qrtill: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	fflush(stdout);
	if (threads_run)
		_exit(1); /* exit() would take away under other threads what they use */
	exit(1);
}

void fatal_with_threads(void)
{
	threads_run = true;
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);
	if (p == NULL)
		fatal("out of memory");
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);
	if (p == NULL)
		fatal("out of memory");
	return p;
}

void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);
	if (p == NULL)
		fatal("out of memory");
	return p;
}

char *xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	return memcpy(xmalloc(n), s, n);
}

void log_line(char level, const char *fmt, ...)
{
	char line[1024], when[32];
	struct tm tm;
	va_list ap;

	int64_t now_ms = clock_now_ms();
	time_t now = (time_t)(now_ms / 1000);
	gmtime_r(&now, &tm);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s.%03ldZ %c %s\n", when, (long)(now_ms % 1000), level, line);
}
