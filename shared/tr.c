/* tr: see tr.h. */
#include "shared/tr.h"

#include <langinfo.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* gettext looks the language up again when this counter moves (gettext manual, "Being a gettext grok"). */
extern int _nl_msg_cat_cntr;

static bool chinese;

static bool has_catalogue(const char *folder)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/zh/LC_MESSAGES/qrtill.mo", folder);
	return n > 0 && (size_t)n < sizeof path && access(path, R_OK) == 0;
}

/* Where the catalogues are; beside the program first, so that a build tree and a moved installation work. */
static const char *find_folder(char *out, size_t size)
{
	static const char *const beside[] = { "../locale", "../share/locale" };
	char exe[PATH_MAX];
	const char *env = getenv("QRTILL_LOCALE_DIR");

	if (env != NULL && env[0] != '\0')
		return env;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n > 0) {
		exe[n] = '\0';
		char *slash = strrchr(exe, '/');
		if (slash != NULL)
			*slash = '\0';
		for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
			if ((size_t)snprintf(out, size, "%s/%s", exe, beside[i]) < size && has_catalogue(out))
				return out;
		}
	}
	return QRTILL_PREFIX "/share/locale";
}

void tr_start(const char *folder, const char *language)
{
	char found[PATH_MAX];

	setlocale(LC_ALL, "");
	/* Names are UTF-8 whatever the system was set to; gettext wants any locale but "C". */
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0 && setlocale(LC_ALL, "C.UTF-8") == NULL)
		setlocale(LC_ALL, "en_US.UTF-8");
	setlocale(LC_NUMERIC, "C");
	bindtextdomain("qrtill", folder && folder[0] ? folder : find_folder(found, sizeof found));
	bind_textdomain_codeset("qrtill", "UTF-8");
	textdomain("qrtill");
	if (language == NULL || language[0] == '\0') {
		const char *env = getenv("LC_ALL");
		if (env == NULL || env[0] == '\0')
			env = getenv("LC_MESSAGES");
		if (env == NULL || env[0] == '\0')
			env = getenv("LANG");
		language = env ? env : "en";
	}
	tr_set_language(language);
}

void tr_set_language(const char *language)
{
	chinese = strncmp(language, "zh", 2) == 0;
	setenv("LANGUAGE", chinese ? "zh" : "en", 1);
	_nl_msg_cat_cntr++;
}

const char *tr_language(void)
{
	return chinese ? "zh" : "en";
}

const char *tr(const char *english)
{
	/* The English text is the key itself; asking gettext for it could find a catalogue of another language. */
	return chinese && english[0] != '\0' ? gettext(english) : english;
}

const char *tr_pick(const char *plain, const char *zh)
{
	return chinese && zh != NULL && zh[0] != '\0' ? zh : plain;
}

const char *tr_err(enum qt_err err)
{
	return chinese ? err_info(err)->zh : err_info(err)->en;
}
