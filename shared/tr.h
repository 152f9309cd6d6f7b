/* tr: the words people read on the till and the console, in English and Chinese, switched while running.
 * GNU gettext: data/locale/zh.po, compiled by msgfmt into LOCALE/zh/LC_MESSAGES/qrtill.mo; the English text is the
 * key. Texts from the server come in both languages as data (name, name_zh) and are chosen by tr_pick. */
#ifndef QT_TR_H
#define QT_TR_H

#include "shared/err.h"

/* Marks a text in a static table, so that it is collected; tr() it where it is shown. */
#define N_(text) text

/* Find the catalogue and set a UTF-8 locale. `folder` NULL: QRTILL_LOCALE_DIR, then ../locale and ../share/locale beside
 * the program, then the installed place. `language` "en" or "zh"; NULL or empty: from the environment. */
void tr_start(const char *folder, const char *language);
void tr_set_language(const char *language); /* other words than "zh" mean English */
const char *tr_language(void);              /* "en" or "zh" */

/* The text in the present language; valid for the whole run. */
const char *tr(const char *english) __attribute__((format_arg(1)));
/* The Chinese form when Chinese is spoken and there is one, else the plain one. */
const char *tr_pick(const char *plain, const char *chinese);
/* What an error means, in the present language. */
const char *tr_err(enum qt_err);

#endif
