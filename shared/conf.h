/* conf: settings of every program. One table per program yields parsing, checking, --help, the man page's list and
 * qrtill.conf.example. Precedence: flags (--name=value), environment (QRTILL_NAME, upper case), the file
 * $XDG_CONFIG_HOME/qrtill/PROGRAM.conf, /etc/qrtill/PROGRAM.conf (libconfig syntax), the default. */
#ifndef QT_CONF_H
#define QT_CONF_H

#include "shared/err.h"

#include <stddef.h>
#include <stdint.h>

enum conf_type { CONF_TEXT, CONF_INT, CONF_BOOL, CONF_PATH };
struct conf_option {
	const char *name;      /* "listen_till"; the flag is --listen-till */
	enum conf_type type;
	const char *fallback;  /* as it would be written; NULL: empty */
	int64_t min, max;      /* CONF_INT */
	size_t offset;         /* of the member: char * (owned), int64_t or bool */
	const char *help;
};
/* Fill `target` from all sources. `table` ends with a NULL name. argv is permuted: *first_arg gets the index of the first
 * argument that is no option. "--config=FILE" reads that file alone; "--help" and "--version" print and exit 0.
 * QT_BAD_CONFIG names option, source and reason. */
enum qt_err conf_load(const char *program, const struct conf_option *table, void *target, int argc, char **argv,
                      int *first_arg, struct problem *) QT_USE_RESULT;
void conf_free(const struct conf_option *table, void *target);

#endif
