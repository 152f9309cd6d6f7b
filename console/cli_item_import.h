/* cli_item_import: `qrtill item import` and `qrtill item export`: a catalogue as CSV in and out of a server. */
#ifndef QT_CLI_ITEM_IMPORT_H
#define QT_CLI_ITEM_IMPORT_H

#include "console/cli.h"

enum qt_err item_import(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err item_export(struct cli *, struct problem *) QT_USE_RESULT;

#endif
