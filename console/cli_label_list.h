/* cli_label_list: lists of labels, from CSV (RFC 4180), from JSON as qrtill prints it (cards of a batch, items), or
 * one by one. Owns the texts of its labels. Knows neither options nor drawing. */
#ifndef QT_CLI_LABEL_LIST_H
#define QT_CLI_LABEL_LIST_H

#include "shared/jread.h"
#include "shared/label.h"

struct label_list {
	struct label *labels; /* owned; their texts are owned by `texts` or borrowed from `common` */
	int count, room;
	char **texts;         /* owned */
	int text_count, text_room;
	struct label common;  /* what every label has unless its row says otherwise; borrowed */
	char currency[4];     /* ISO alpha of price_cents; "": the list must say */
};

/* Add what a file holds: JSON when it begins with { or [, else CSV. Errors name the row: "cards[3].code", "line 7".
 * QT_TOO_LONG: more than LABELS_MAX. */
enum qt_err label_list_read(struct label_list *, const char *text, size_t len, struct problem *) QT_USE_RESULT;
/* Add one label: an item, a card, or an object with the names of the CSV columns. `where` names it in errors. */
enum qt_err label_list_add(struct label_list *, const struct json_t *object, const char *where, struct problem *)
	QT_USE_RESULT;
void label_list_free(struct label_list *);

#endif
