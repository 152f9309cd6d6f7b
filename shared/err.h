/* err: the error registry, problems told to people, and the two ways to stop.
 * Owns the meaning of every error code. Knows nothing of HTTP libraries or screens. */
#ifndef QT_ERR_H
#define QT_ERR_H

#include <stdbool.h>
#include <stddef.h>

#define QT_USE_RESULT __attribute__((warn_unused_result))
#define QT_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Every error, from errors.def: QT_OK, QT_INTERNAL, ... */
enum qt_err {
#define X(name, code, http, exit, en, zh) QT_##name,
#include "shared/errors.def"
#undef X
	QT_ERR_COUNT
};

/* What a registry row says; never NULL, valid for the whole run. */
struct err_info {
	const char *name;  /* C name without prefix, "BAD_FIELD" */
	const char *code;  /* on the wire, "bad-field" */
	int http_status;
	int exit_code;     /* of the command line: 0 ok, 1 failed, 2 usage, 3 not found, 4 refused,
	                      5 outcome unknown, 6 offline */
	const char *en;
	const char *zh;
};
const struct err_info *err_info(enum qt_err);

/* The error whose wire code is `code`; QT_INTERNAL when there is none. */
enum qt_err err_from_code(const char *code);

/* An error with the field it is about and the reason, as told to the caller (RFC 9457). */
struct problem {
	enum qt_err err;
	char field[64];   /* JSON path of the field, "lines[2].quantity"; empty: no single field */
	char detail[200]; /* one English sentence; empty: the registry's text is enough */
};

/* Fill `p` (which may be NULL) and return err, so that callers can write
 * `return problem_set(p, QT_BAD_FIELD, "name", "at most %d characters", 80);`. */
enum qt_err problem_set(struct problem *p, enum qt_err err, const char *field, const char *detail, ...)
	QT_PRINTF(4, 5);

/* Registered hook that restores the terminal; called by fatal before it prints. */
void fatal_set_hook(void (*restore)(void));
/* A program with threads says so when it begins: its fatal ends the process at once, without what atexit would run. */
void fatal_with_threads(void);

/* Out of memory or a broken installation: restore the terminal, say why, exit 1. */
void fatal(const char *fmt, ...) QT_PRINTF(1, 2) __attribute__((noreturn));

/* Allocation that cannot fail (fatal on out of memory). Caller frees. */
void *xmalloc(size_t size) __attribute__((malloc));
void *xcalloc(size_t count, size_t size) __attribute__((malloc));
void *xrealloc(void *, size_t size);
char *xstrdup(const char *) __attribute__((malloc));

/* One line to standard error with a UTC time: level is 'E', 'W', 'I' or 'D'. Never give it secrets. */
void log_line(char level, const char *fmt, ...) QT_PRINTF(2, 3);

#endif
