/* cli: the frame of the qrtill command line: `qrtill NOUN VERB [options] [arguments]`.
 * Owns parsing, help, suggestions, how results and errors are shown, and exit codes. A noun is a file
 * cli_<noun>.c that ends in a table of struct command; add its name to CLI_NOUNS below.
 *
 * Data goes to standard output, messages to standard error. Secrets are never arguments: they come from files,
 * standard input or a prompt. The exit code is err_info(err)->exit_code of what exec returns. */
#ifndef QT_CLI_H
#define QT_CLI_H

#include "shared/buf.h"

#include <stdio.h>

/* One option of a verb. Every verb also takes --json --plain --no-input --dry-run --yes --server URL --help. */
struct cli_option {
	const char *name;  /* "png"; written --png FILE or --png=FILE */
	const char *value; /* what it takes, as shown in help ("FILE"); NULL: a flag without a value */
	const char *help;  /* one line */
};

struct cli;
struct command {
	const char *noun, *verb;
	const char *usage;                /* arguments as shown in help: "[options] TEXT" */
	const char *help;                 /* one line */
	const struct cli_option *options; /* ends with a NULL name; NULL: none */
	int args_min, args_max;           /* positional arguments; args_max -1: any number */
	/* Does the work. Prints its result to standard output; returns an error with *p filled and prints nothing. */
	enum qt_err (*exec)(struct cli *, struct problem *p);
};

#define CLI_GIVEN_MAX 64
struct cli {
	const struct command *command;
	bool json;      /* --json: one JSON value on standard output, errors as JSON on standard error */
	bool plain;     /* --plain: lines for scripts, no boxes, no colour, no pictures of blocks */
	bool no_input;  /* --no-input: never ask; what would be asked is an error */
	bool dry_run;   /* --dry-run: say what would be done, change nothing */
	bool yes;       /* --yes: confirm questions */
	bool chinese;   /* messages in Chinese (LC_ALL, LC_MESSAGES or LANG begins with zh) */
	int args;       /* positional arguments */
	char **arg;     /* borrowed from argv */
	struct { const char *name, *value; } given[CLI_GIVEN_MAX]; /* options in the order written */
	int given_count;
};

/* Value of an option ("" for a flag that was given), NULL when it was not. The last one counts. */
const char *cli_option(const struct cli *, const char *name);
bool cli_has(const struct cli *, const char *name);
/* Whole number in min..max into *out, left alone when the option was not given. */
enum qt_err cli_option_int(const struct cli *, const char *name, int64_t min, int64_t max, int64_t *out,
                           struct problem *) QT_USE_RESULT;
/* The whole of a file ("-": standard input), at most `max` bytes, NUL-terminated; caller frees. */
enum qt_err cli_read_file(const char *path, size_t max, char **data, size_t *len, struct problem *) QT_USE_RESULT;
/* Write a file whole: beside, fsynced, renamed. "-": standard output. */
enum qt_err cli_write_file(const char *path, const void *data, size_t len, struct problem *) QT_USE_RESULT;
/* Print one JSON value and a newline. */
void cli_print_json(const struct buf *);

/* Run a whole command line; returns the exit code. */
int cli_run(int argc, char **argv);
/* The word among `words` (count) nearest to `wrong` by edits, NULL when none is near. */
const char *cli_nearest(const char *wrong, const char *const *words, int count);

/* Every noun: a table `cli_<noun>_commands` that ends with a NULL noun, in cli_<noun>.c. */
#define CLI_NOUNS(X) \
	X(code, "make, explain, read and print codes")
#define X(noun, help) extern const struct command cli_##noun##_commands[];
CLI_NOUNS(X)
#undef X

#endif
