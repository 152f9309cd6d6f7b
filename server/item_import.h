/* item_import: a list of items taken into the catalogue as a whole. No HTTP, no JSON.
 * Owns the tables item_import, item_import_row, item_import_key.
 *
 * Rows are staged: each is checked against all rules, the rows before it and the catalogue, and stays out of sight. Applying
 * begins when nothing can go wrong any more: the catalogue is still the one the rows were checked against, and from then on
 * nobody else changes it. It goes in steps of ITEM_IMPORT_STEP rows, each a short transaction, so that tills sell on; new
 * items appear all at once, with the last of them, and then existing ones change, step by step. What a client or the server
 * breaks off is finished by a job: it is all or nothing in the end. An import of one step is one transaction. */
#ifndef QT_ITEM_IMPORT_H
#define QT_ITEM_IMPORT_H

#include "server/catalogue.h"

#define ITEM_IMPORT_STEP 300       /* rows of one transaction of an apply */
#define ITEM_IMPORT_ROWS_MAX 1000000
#define ITEM_IMPORT_ROOM 1048576   /* row id = import * this + row number */
#define ITEM_IMPORT_IDLE_MS 5000   /* without a step for so long, the job goes on */
#define ITEM_IMPORT_KEEP_MS INT64_C(86400000) /* a list that is staged and left is dropped after */

enum item_import_state {
	IMPORT_STAGING = 1,
	IMPORT_ADDING,     /* new items are written, out of sight */
	IMPORT_CHANGING,   /* items that were there are changed */
	IMPORT_DONE,
	IMPORT_DISCARDED,
	IMPORT_SWEPT       /* done or discarded, and its rows are gone */
};
extern const char *const item_import_words[]; /* by state: "staging"; NULL for none, and at the end */

struct item_import {
	int64_t id, merchant_id;
	int64_t state;
	int64_t row_count;    /* staged */
	int64_t new_count;    /* of them items that are new */
	int64_t same_count;   /* that are in the catalogue just so */
	int64_t done_count;   /* rows looked at in the present state */
	int64_t base_version; /* of the catalogue the rows were checked against */
	int64_t actor_id, created_ms, step_ms;
};

/* One row. What is not in the list (NULL, -1) stays as it is; a new item needs name, price and tax. Texts borrowed. */
struct item_import_row {
	const char *sku, *name, *name_zh, *unit;
	int64_t price_cents, tax_id, plu;
	int open_price, active;
	const char *barcodes; /* a line each; "": none; NULL: as they are */
};

/* Any connection. QT_NOT_FOUND also for another merchant's. */
enum qt_err item_import_get(struct db *, int64_t merchant_id, int64_t import_id, struct item_import *) QT_USE_RESULT;

/* All below: inside a transaction. */
enum qt_err item_import_new(struct db *, int64_t merchant_id, int64_t actor_id, int64_t now_ms, struct item_import *)
	QT_USE_RESULT;
/* Stage rows behind those that are there; `first` is the number of the first of them (from 1). QT_CONFLICT when another
 * is due. Errors name "rows[i].sku"; then nothing of them is staged. */
enum qt_err item_import_stage(struct db *, struct item_import *, int64_t first, const struct item_import_row *, int count,
                              int64_t now_ms, struct problem *) QT_USE_RESULT;
/* staging -> adding. QT_CONFLICT when the catalogue has changed since the import began. */
enum qt_err item_import_begin(struct db *, struct item_import *, int64_t now_ms, struct problem *) QT_USE_RESULT;
/* The next rows; nothing when it is done. */
enum qt_err item_import_step(struct db *, struct item_import *, int64_t now_ms) QT_USE_RESULT;
/* staging -> discarded; QT_CONFLICT when it is being applied. */
enum qt_err item_import_discard(struct db *, struct item_import *, int64_t now_ms, struct problem *) QT_USE_RESULT;
/* A job: one step of what was broken off, else some rows that are no longer needed. *count: rows it dealt with. */
enum qt_err item_import_due(struct db *, int64_t now_ms, int *count) QT_USE_RESULT;

#endif
