/* cli: see cli.h. */
#include "console/cli.h"

#include "console/cli_client.h"
#include "shared/text.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXIT_USAGE 2

static const struct cli_noun {
	const char *name, *help;
	const struct command *commands;
} nouns[] = {
#define X(noun, help) { #noun, help, cli_##noun##_commands },
	CLI_NOUNS(X)
#undef X
};
#define NOUN_COUNT ((int)(sizeof nouns / sizeof *nouns))

/* Options every verb takes. `offset` 0: kept among the given ones. */
static const struct common_option {
	struct cli_option option;
	size_t offset;
} common[] = {
	{ { "json", NULL, "print one JSON value" }, offsetof(struct cli, json) },
	{ { "plain", NULL, "print plain lines for scripts" }, offsetof(struct cli, plain) },
	{ { "no-input", NULL, "never ask" }, offsetof(struct cli, no_input) },
	{ { "dry-run", NULL, "say what would be done, change nothing" }, offsetof(struct cli, dry_run) },
	{ { "yes", NULL, "answer questions with yes" }, offsetof(struct cli, yes) },
	{ { "server", "URL", "the server to ask" }, 0 },
	{ { "help", NULL, "show this help" }, 0 },
};
#define COMMON_COUNT ((int)(sizeof common / sizeof *common))

const char *cli_option(const struct cli *cli, const char *name)
{
	for (int i = cli->given_count - 1; i >= 0; i--)
		if (strcmp(cli->given[i].name, name) == 0)
			return cli->given[i].value;
	return NULL;
}

bool cli_has(const struct cli *cli, const char *name)
{
	return cli_option(cli, name) != NULL;
}

enum qt_err cli_option_int(const struct cli *cli, const char *name, int64_t min, int64_t max, int64_t *out,
                           struct problem *p)
{
	const char *text = cli_option(cli, name);
	char *end = NULL;

	if (text == NULL)
		return QT_OK;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || value < min || value > max)
		return problem_set(p, QT_OUT_OF_RANGE, name, "must be a whole number from %lld to %lld", (long long)min,
		                   (long long)max);
	*out = value;
	return QT_OK;
}

enum qt_err cli_read_file(const char *path, size_t max, char **data, size_t *len, struct problem *p)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
	struct buf b = { 0 };
	char chunk[16384];
	size_t n;
	enum qt_err err = QT_OK;

	if (file == NULL)
		return problem_set(p, errno == ENOENT ? QT_NOT_FOUND : QT_BAD_FIELD, "file", "%s: %s", path, strerror(errno));
	while (b.len <= max && (n = fread(chunk, 1, sizeof chunk, file)) > 0)
		buf_add(&b, chunk, n);
	if (ferror(file))
		err = problem_set(p, QT_BAD_FIELD, "file", "%s cannot be read", path);
	else if (b.len > max)
		err = problem_set(p, QT_TOO_LONG, "file", "%s is larger than %zu bytes", path, max);
	if (file != stdin)
		fclose(file);
	if (err == QT_OK) {
		*len = b.len;
		*data = buf_take(&b);
	}
	buf_free(&b);
	return err;
}

enum qt_err cli_write_file(const char *path, const void *data, size_t len, struct problem *p)
{
	char temporary[PATH_MAX];

	if (strcmp(path, "-") == 0) {
		fwrite(data, 1, len, stdout);
		return fflush(stdout) == 0 ? QT_OK : problem_set(p, QT_DISK_FULL, "file", "cannot write the output");
	}
	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
		return problem_set(p, QT_TOO_LONG, "file", "the path is too long");
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return problem_set(p, QT_BAD_FIELD, "file", "%s: %s", path, strerror(errno));
	mode_t mask = umask(0);
	umask(mask);
	bool good = fchmod(fd, 0666 & ~mask) == 0;
	for (size_t done = 0; good && done < len;) {
		ssize_t n = write(fd, (const char *)data + done, len - done);
		good = n > 0;
		done += good ? (size_t)n : 0;
	}
	good = good && fsync(fd) == 0;
	good = close(fd) == 0 && good;
	good = good && rename(temporary, path) == 0;
	int why = errno;
	if (good)
		return QT_OK;
	unlink(temporary);
	return problem_set(p, why == ENOSPC ? QT_DISK_FULL : QT_BAD_FIELD, "file", "%s: %s", path, strerror(why));
}

void cli_print_json(const struct buf *b)
{
	struct buf clean = { 0 };

	text_clean(&clean, b->data ? b->data : "", b->len, TEXT_JSON);
	fwrite(clean.data ? clean.data : "", 1, clean.len, stdout);
	putchar('\n');
	buf_free(&clean);
}

/* Edits (insert, delete, replace, swap of neighbours) that lead from a to b. */
static int edit_distance(const char *a, const char *b)
{
	enum { MAX = 32 };
	int rows[3][MAX + 1], n = (int)strlen(a), m = (int)strlen(b);
	int *two = rows[0], *one = rows[1], *now = rows[2];

	if (n > MAX || m > MAX)
		return MAX;
	for (int j = 0; j <= m; j++)
		one[j] = two[j] = j;
	for (int i = 1; i <= n; i++) {
		now[0] = i;
		for (int j = 1; j <= m; j++) {
			int best = one[j - 1] + (a[i - 1] != b[j - 1]);
			best = one[j] + 1 < best ? one[j] + 1 : best;
			best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && two[j - 2] + 1 < best)
				best = two[j - 2] + 1;
			now[j] = best;
		}
		int *spare = two;
		two = one;
		one = now;
		now = spare;
	}
	return one[m];
}

const char *cli_nearest(const char *wrong, const char *const *words, int count)
{
	const char *best = NULL;
	int best_distance = (int)strlen(wrong) / 2 < 3 ? (int)strlen(wrong) / 2 + 1 : 4;

	for (int i = 0; i < count; i++) {
		int d = edit_distance(wrong, words[i]);
		if (d < best_distance) {
			best_distance = d;
			best = words[i];
		}
	}
	return best;
}

static void print_option(FILE *to, const struct cli_option *o)
{
	char left[64];
	snprintf(left, sizeof left, "--%s%s%s", o->name, o->value ? " " : "", o->value ? o->value : "");
	fprintf(to, "  %-26s %s\n", left, o->help);
}

static void print_command_help(FILE *to, const struct command *c)
{
	fprintf(to, "usage: qrtill %s%s%s %s\n%s\n\noptions:\n", c->noun, c->verb[0] ? " " : "", c->verb, c->usage, c->help);
	for (const struct cli_option *o = c->options; o && o->name; o++)
		print_option(to, o);
	for (const struct cli_option *o = c->server ? client_options : NULL; o && o->name; o++)
		print_option(to, o);
	for (int i = 0; i < COMMON_COUNT; i++)
		print_option(to, &common[i].option);
}

static void print_noun_help(FILE *to, const struct cli_noun *noun)
{
	for (const struct command *c = noun->commands; c->noun; c++) {
		char words[48];
		snprintf(words, sizeof words, "%s %s", c->noun, c->verb);
		fprintf(to, "  qrtill %-22s %s\n", words, c->help);
	}
}

static void print_help(FILE *to)
{
	fprintf(to, "usage: qrtill NOUN VERB [options] [arguments]\n       qrtill help [NOUN [VERB]]\n\n");
	for (int i = 0; i < NOUN_COUNT; i++)
		fprintf(to, "  %-10s %s\n", nouns[i].name, nouns[i].help);
	fprintf(to, "\nexit codes: 0 done, 1 failed, 2 usage, 3 not found, 4 refused, 5 outcome unknown, 6 offline\n"
	        "manual: qrtill(1)\n");
}

/* Say that a word is not known and what may have been meant. */
static int unknown_word(const char *what, const char *wrong, const char *const *words, int count)
{
	const char *near = cli_nearest(wrong, words, count);

	fprintf(stderr, "qrtill: there is no %s \"%s\"", what, wrong);
	if (near)
		fprintf(stderr, "; did you mean \"%s\"?", near);
	else
		for (int i = 0; i < count; i++)
			fprintf(stderr, "%s%s", i ? ", " : "; known: ", words[i]);
	fputc('\n', stderr);
	return EXIT_USAGE;
}

static const struct cli_noun *find_noun(const char *name, int *exit_code)
{
	const char *words[NOUN_COUNT];

	for (int i = 0; i < NOUN_COUNT; i++) {
		if (strcmp(nouns[i].name, name) == 0)
			return &nouns[i];
		words[i] = nouns[i].name;
	}
	*exit_code = unknown_word("noun", name, words, NOUN_COUNT);
	return NULL;
}

static const struct command *find_verb(const struct cli_noun *noun, const char *verb, int *exit_code)
{
	const char *words[64];
	int n = 0;

	for (const struct command *c = noun->commands; c->noun; c++) {
		if (strcmp(c->verb, verb) == 0)
			return c;
		if (n < 64)
			words[n++] = c->verb;
	}
	*exit_code = unknown_word("verb", verb, words, n);
	return NULL;
}

const struct command *cli_command(const char *noun, const char *verb)
{
	for (int i = 0; i < NOUN_COUNT; i++)
		for (const struct command *c = strcmp(nouns[i].name, noun) == 0 ? nouns[i].commands : NULL; c && c->noun; c++)
			if (strcmp(c->verb, verb) == 0)
				return c;
	return NULL;
}

static void print_words(const struct command *c)
{
	printf("%s %s", c->noun, c->verb[0] ? c->verb : "-");
	for (const struct cli_option *o = c->options; o && o->name; o++)
		printf(" --%s%s", o->name, o->value ? "=" : "");
	for (const struct cli_option *o = c->server ? client_options : NULL; o && o->name; o++)
		printf(" --%s%s", o->name, o->value ? "=" : "");
	for (int i = 0; i < COMMON_COUNT; i++)
		printf(" --%s%s", common[i].option.name, common[i].option.value ? "=" : "");
	putchar('\n');
}

/* Every verb with its options, one a line, for shell completion and for the check of the man page. */
static int print_all_words(void)
{
	for (int i = 0; i < NOUN_COUNT; i++)
		for (const struct command *c = nouns[i].commands; c->noun; c++)
			print_words(c);
	return 0;
}

static int help_command(int argc, char **argv)
{
	int exit_code = 0;

	if (argc == 1 && strcmp(argv[0], "--all") == 0)
		return print_all_words();

	if (argc < 1) {
		print_help(stdout);
		return 0;
	}
	const struct cli_noun *noun = find_noun(argv[0], &exit_code);
	if (noun == NULL)
		return exit_code;
	bool alone = noun->commands->verb[0] == '\0';
	if (argc < 2 && !alone) {
		print_noun_help(stdout, noun);
		return 0;
	}
	const struct command *c = alone ? noun->commands : find_verb(noun, argv[1], &exit_code);
	if (c)
		print_command_help(stdout, c);
	return exit_code;
}

#define LONG_MAX_OPTIONS 64
/* The getopt_long table of a verb: its own options, then the common ones. Returns how many. */
static int long_options(const struct command *c, struct option *out, const char **words)
{
	int n = 0;

	for (const struct cli_option *o = c->options; o && o->name && n < LONG_MAX_OPTIONS - COMMON_COUNT - 16; o++, n++)
		out[n] = (struct option){ o->name, o->value ? required_argument : no_argument, NULL, 1 };
	for (const struct cli_option *o = c->server ? client_options : NULL; o && o->name; o++, n++)
		out[n] = (struct option){ o->name, o->value ? required_argument : no_argument, NULL, 1 };
	for (int i = 0; i < COMMON_COUNT; i++, n++)
		out[n] = (struct option){ common[i].option.name, common[i].option.value ? required_argument : no_argument, NULL, 1 };
	out[n] = (struct option){ 0 };
	for (int i = 0; i < n; i++)
		words[i] = out[i].name;
	return n;
}

/* Fill cli from argv (argv[0] is the verb). Returns 0, or the exit code + 1 when there is nothing to run. */
static int parse_options(struct cli *cli, int argc, char **argv)
{
	struct option table[LONG_MAX_OPTIONS];
	const char *words[LONG_MAX_OPTIONS];
	int count = long_options(cli->command, table, words), at = 0, found;

	opterr = 0;
	optind = 1;
	/* "-" alone is an argument (standard input); there are no short options. */
	while ((found = getopt_long(argc, argv, ":h", table, &at)) != -1) {
		if (found == 'h' || (found == 1 && strcmp(table[at].name, "help") == 0)) {
			print_command_help(stdout, cli->command);
			return 1;
		}
		const char *word = argv[optind - 1];
		if (found == ':') {
			fprintf(stderr, "qrtill: %s needs a value\n", word);
			return EXIT_USAGE + 1;
		}
		if (found != 1)
			return unknown_word("option", word[0] == '-' && word[1] == '-' ? word + 2 : word, words, count) + 1;
		bool stored = false;
		for (int i = 0; i < COMMON_COUNT; i++)
			if (common[i].offset && strcmp(common[i].option.name, table[at].name) == 0)
				stored = *(bool *)((char *)cli + common[i].offset) = true;
		if (stored)
			continue;
		if (cli->given_count == CLI_GIVEN_MAX) {
			fprintf(stderr, "qrtill: too many options\n");
			return EXIT_USAGE + 1;
		}
		cli->given[cli->given_count].name = table[at].name;
		cli->given[cli->given_count++].value = optarg ? optarg : "";
	}
	cli->arg = argv + optind;
	cli->args = argc - optind;
	const struct command *c = cli->command;
	if (cli->args < c->args_min || (c->args_max >= 0 && cli->args > c->args_max)) {
		fprintf(stderr, "qrtill: usage: qrtill %s%s%s %s\n", c->noun, c->verb[0] ? " " : "", c->verb, c->usage);
		return EXIT_USAGE + 1;
	}
	return 0;
}

static bool wants_chinese(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return strncmp(value, "zh", 2) == 0;
	}
	return false;
}

static void print_problem(const struct cli *cli, enum qt_err err, const struct problem *p)
{
	const struct err_info *info = err_info(err);
	const char *title = cli->chinese ? info->zh : info->en;

	if (cli->json) {
		struct buf b = { 0 };
		struct json j;
		json_start(&j, &b);
		json_object(&j, NULL);
		json_text(&j, "code", info->code);
		json_int(&j, "status", info->http_status);
		json_text(&j, "title", title);
		if (p->field[0])
			json_text(&j, "field", p->field);
		if (p->detail[0])
			json_text(&j, "detail", p->detail);
		json_end(&j);
		fprintf(stderr, "%s\n", b.data);
		buf_free(&b);
		return;
	}
	fprintf(stderr, "qrtill: %s", title);
	if (p->field[0])
		fprintf(stderr, ": %s", p->field);
	if (p->detail[0])
		fprintf(stderr, ": %s", p->detail);
	fprintf(stderr, " (%s)\n", info->code);
}

int cli_run(int argc, char **argv)
{
	struct cli cli = { .chinese = wants_chinese() };
	struct problem problem = { 0 };
	int exit_code = 0;

	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help_command(argc - 2, argv + 2);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
		puts("qrtill " QRTILL_VERSION);
		return 0;
	}
	const struct cli_noun *noun = find_noun(argv[1], &exit_code);
	if (noun == NULL)
		return exit_code;
	bool alone = noun->commands->verb[0] == '\0'; /* a noun without verbs */
	if (!alone && (argc < 3 || argv[2][0] == '-')) {
		bool asked = argc >= 3 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0);
		print_noun_help(asked ? stdout : stderr, noun);
		return asked ? 0 : EXIT_USAGE;
	}
	cli.command = alone ? noun->commands : find_verb(noun, argv[2], &exit_code);
	if (cli.command == NULL)
		return exit_code;
	int stop = alone ? parse_options(&cli, argc - 1, argv + 1) : parse_options(&cli, argc - 2, argv + 2);
	if (stop)
		return stop - 1;
	enum qt_err err = cli.command->exec(&cli, &problem);
	if (err != QT_OK)
		print_problem(&cli, err, &problem);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "qrtill: cannot write the output\n");
		return 1;
	}
	return err_info(err)->exit_code;
}
