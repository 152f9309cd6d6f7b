/* cli_label: what `qrtill code label` shares with `qrtill label ...`. */
#ifndef QT_CLI_LABEL_H
#define QT_CLI_LABEL_H

#include "console/cli.h"

extern const struct cli_option code_label_options[];
enum qt_err code_label_exec(struct cli *, struct problem *) QT_USE_RESULT;

#endif
