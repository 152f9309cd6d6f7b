/* conf: see conf.h. Reads every source into the same setter, so that one check holds for all. */
#include "shared/conf.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_LEN 64

static enum qt_err refuse(struct problem *p, const struct conf_option *o, const char *source, const char *reason)
{
	return problem_set(p, QT_BAD_CONFIG, o->name, "%s: %s: %s", source, o->name, reason);
}

static void set_text(char **member, const char *text, bool path)
{
	const char *home = getenv("HOME");
	char *value;

	if (path && strncmp(text, "~/", 2) == 0 && home != NULL) {
		size_t size = strlen(home) + strlen(text);
		value = xmalloc(size);
		snprintf(value, size, "%s%s", home, text + 1);
	} else {
		value = xstrdup(text);
	}
	free(*member);
	*member = value;
}

static enum qt_err set_int(const struct conf_option *o, int64_t *member, int64_t v, const char *source, struct problem *p)
{
	char reason[80];
	if (v < o->min || v > o->max) {
		snprintf(reason, sizeof reason, "must be from %lld to %lld", (long long)o->min, (long long)o->max);
		return refuse(p, o, source, reason);
	}
	*member = v;
	return QT_OK;
}

/* Set one option from its written form. */
static enum qt_err set_option(const struct conf_option *o, void *target, const char *text, const char *source,
                              struct problem *p)
{
	void *member = (char *)target + o->offset;
	char *end;

	switch (o->type) {
	case CONF_TEXT:
	case CONF_PATH:
		set_text(member, text, o->type == CONF_PATH);
		return QT_OK;
	case CONF_INT:
		errno = 0;
		long long v = strtoll(text, &end, 10);
		if (end == text || *end != '\0' || errno != 0)
			return refuse(p, o, source, "must be a whole number");
		return set_int(o, member, v, source, p);
	case CONF_BOOL:
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return refuse(p, o, source, "must be true or false");
		*(bool *)member = text[0] == 't';
		return QT_OK;
	}
	assert(!"option type");
	return QT_INTERNAL;
}

static enum qt_err set_from_setting(const struct conf_option *o, void *target, const config_setting_t *s,
                                    const char *source, struct problem *p)
{
	void *member = (char *)target + o->offset;
	int type = config_setting_type(s);

	switch (o->type) {
	case CONF_TEXT:
	case CONF_PATH:
		if (type != CONFIG_TYPE_STRING)
			return refuse(p, o, source, "must be a text in quotes");
		set_text(member, config_setting_get_string(s), o->type == CONF_PATH);
		return QT_OK;
	case CONF_INT:
		if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
			return refuse(p, o, source, "must be a whole number");
		return set_int(o, member, config_setting_get_int64(s), source, p);
	case CONF_BOOL:
		if (type != CONFIG_TYPE_BOOL)
			return refuse(p, o, source, "must be true or false");
		*(bool *)member = config_setting_get_bool(s);
		return QT_OK;
	}
	assert(!"option type");
	return QT_INTERNAL;
}

static const struct conf_option *find_option(const struct conf_option *table, const char *name)
{
	for (; table->name != NULL; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

/* A file that is not there is no error unless it was asked for by name. */
static enum qt_err read_file(const char *path, bool must_exist, const struct conf_option *table, void *target,
                             struct problem *p)
{
	enum qt_err err = QT_OK;
	config_t config;

	if (access(path, R_OK) != 0) {
		if (errno == ENOENT && !must_exist)
			return QT_OK;
		return problem_set(p, QT_BAD_CONFIG, "config", "%s cannot be read: %s", path, strerror(errno));
	}
	config_init(&config);
	if (!config_read_file(&config, path)) {
		err = problem_set(p, QT_BAD_CONFIG, "config", "%s:%d: %s", path, config_error_line(&config),
		                  config_error_text(&config));
		goto out;
	}
	config_setting_t *root = config_root_setting(&config);
	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
		const char *name = config_setting_name(s);
		const struct conf_option *o = find_option(table, name);
		if (o == NULL) {
			err = problem_set(p, QT_BAD_CONFIG, name, "%s:%d: %s is not a setting", path,
			                  config_setting_source_line(s), name);
			goto out;
		}
		if ((err = set_from_setting(o, target, s, path, p)))
			goto out;
	}
out:
	config_destroy(&config);
	return err;
}

static enum qt_err read_files(const char *program, const char *only, const struct conf_option *table, void *target,
                              struct problem *p)
{
	char path[512];
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (only != NULL)
		return read_file(only, true, table, target, p);
	snprintf(path, sizeof path, "/etc/qrtill/%s.conf", program);
	enum qt_err err = read_file(path, false, table, target, p);
	if (err)
		return err;
	if (xdg != NULL && xdg[0] == '/')
		snprintf(path, sizeof path, "%s/qrtill/%s.conf", xdg, program);
	else if (home != NULL)
		snprintf(path, sizeof path, "%s/.config/qrtill/%s.conf", home, program);
	else
		return QT_OK;
	return read_file(path, false, table, target, p);
}

static enum qt_err read_environment(const struct conf_option *table, void *target, struct problem *p)
{
	for (const struct conf_option *o = table; o->name != NULL; o++) {
		char name[NAME_MAX_LEN] = "QRTILL_";
		size_t n = strlen(name);
		for (const char *c = o->name; *c != '\0' && n < sizeof name - 1; c++)
			name[n++] = (char)toupper((unsigned char)*c);
		name[n] = '\0';
		const char *value = getenv(name);
		enum qt_err err = value ? set_option(o, target, value, name, p) : QT_OK;
		if (err)
			return err;
	}
	return QT_OK;
}

static void flag_name(const char *name, char out[NAME_MAX_LEN])
{
	snprintf(out, NAME_MAX_LEN, "%s", name);
	for (; *out != '\0'; out++)
		if (*out == '_')
			*out = '-';
}

static _Noreturn void print_help(const char *program, const struct conf_option *table)
{
	char name[NAME_MAX_LEN];

	printf("usage: %s [--option=value ...]\n\n", program);
	for (const struct conf_option *o = table; o->name != NULL; o++) {
		flag_name(o->name, name);
		printf("  --%-22s %s%s%s%s\n", name, o->help, o->fallback && *o->fallback ? " [" : "",
		       o->fallback ? o->fallback : "", o->fallback && *o->fallback ? "]" : "");
	}
	printf("  --%-22s %s\n  --%-22s %s\n  --%-22s %s\n", "config", "read this file alone", "help", "print this list",
	       "version", "print the version");
	exit(0);
}

/* The flags, as getopt_long wants them; val is the option's index + FIRST. */
enum { FIRST = 256, OPT_CONFIG = 1, OPT_HELP, OPT_VERSION };

static enum qt_err read_flags(const char *program, const struct conf_option *table, void *target, int argc, char **argv,
                              const char **config, bool apply, struct problem *p)
{
	enum { MORE = 4 };
	int count = 0, c;
	while (table[count].name != NULL)
		count++;
	struct option *options = xcalloc((size_t)count + MORE, sizeof *options);
	char (*names)[NAME_MAX_LEN] = xcalloc((size_t)count + 1, sizeof *names);
	for (int i = 0; i < count; i++) {
		flag_name(table[i].name, names[i]);
		int has_arg = table[i].type == CONF_BOOL ? optional_argument : required_argument;
		options[i] = (struct option){ names[i], has_arg, NULL, FIRST + i };
	}
	options[count] = (struct option){ "config", required_argument, NULL, OPT_CONFIG };
	options[count + 1] = (struct option){ "help", no_argument, NULL, OPT_HELP };
	options[count + 2] = (struct option){ "version", no_argument, NULL, OPT_VERSION };

	enum qt_err err = QT_OK;
	optind = 0; /* start anew: getopt is asked twice */
	opterr = 0;
	while (err == QT_OK && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == OPT_CONFIG)
			*config = optarg;
		else if (c == OPT_HELP)
			print_help(program, table);
		else if (c == OPT_VERSION)
			printf("%s %s\n", program, QRTILL_VERSION), exit(0);
		else if (c < FIRST)
			err = problem_set(p, QT_BAD_CONFIG, "", "%s: unknown option, or its value is missing", argv[optind - 1]);
		else if (apply)
			err = set_option(&table[c - FIRST], target, optarg ? optarg : "true", "command line", p);
	}
	free(options);
	free(names);
	return err;
}

enum qt_err conf_load(const char *program, const struct conf_option *table, void *target, int argc, char **argv,
                      int *first_arg, struct problem *p)
{
	const char *config = NULL;
	enum qt_err err;

	for (const struct conf_option *o = table; o->name != NULL; o++) {
		const char *text = o->fallback ? o->fallback : o->type == CONF_BOOL ? "false" : o->type == CONF_INT ? "0" : "";
		if ((err = set_option(o, target, text, "default", p)))
			return err;
	}
	if ((err = read_flags(program, table, target, argc, argv, &config, false, p)) ||
	    (err = read_files(program, config, table, target, p)) || (err = read_environment(table, target, p)) ||
	    (err = read_flags(program, table, target, argc, argv, &config, true, p)))
		return err;
	*first_arg = optind;
	return QT_OK;
}

void conf_free(const struct conf_option *table, void *target)
{
	for (; table->name != NULL; table++)
		if (table->type == CONF_TEXT || table->type == CONF_PATH) {
			char **member = (char **)(void *)((char *)target + table->offset);
			free(*member);
			*member = NULL;
		}
}
