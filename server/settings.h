/* settings: the settings of qrtilld: one table for parsing, --help, qrtill.conf(5) and qrtill.conf.example. */
#ifndef QT_SETTINGS_H
#define QT_SETTINGS_H

#include "server/server.h"
#include "shared/conf.h"

extern const struct conf_option settings_options[];

/* What no single option can check: roles, addresses, folders. QT_BAD_CONFIG names the option. */
enum qt_err settings_check(struct server *, struct problem *) QT_USE_RESULT;

#endif
