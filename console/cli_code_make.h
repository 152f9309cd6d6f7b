/* cli_code_make: `qrtill code make`; the table of the noun is in cli_code.c. */
#ifndef QT_CLI_CODE_MAKE_H
#define QT_CLI_CODE_MAKE_H

#include "console/cli.h"

extern const struct cli_option code_make_options[];
enum qt_err code_make_exec(struct cli *, struct problem *);

#endif
