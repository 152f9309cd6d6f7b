/* cli_item_list: a whole catalogue from CSV (RFC 4180), as batches of JSON for POST /v1/items/batch. Knows no server: who
 * asks hands in the taxes and takes the batches. */
#ifndef QT_CLI_ITEM_LIST_H
#define QT_CLI_ITEM_LIST_H

#include "console/cli_client.h"

struct item_tax {
	int64_t id;
	char name[80];
};

struct item_list {
	struct client *client;       /* borrowed; its currency tells how amounts are written */
	struct item_tax taxes[32];   /* a row names one by name or id */
	int tax_count;
	enum qt_err (*send)(struct client *, const char *body, struct problem *); /* takes one batch */
	int sent;                    /* items in batches that were taken */
};

/* Read a file's text and send its items, 500 at a time. Errors name the line. What was sent before an error stays sent. */
enum qt_err item_list_read(struct item_list *, const char *text, size_t len, struct problem *) QT_USE_RESULT;

#endif
