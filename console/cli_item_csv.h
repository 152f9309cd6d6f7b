/* cli_item_csv: a catalogue as CSV (RFC 4180; qrtill-csv(5) tells it for people), read into JSON rows for an import, and
 * written. Knows no server: who asks hands in the taxes and sends the rows. */
#ifndef QT_CLI_ITEM_CSV_H
#define QT_CLI_ITEM_CSV_H

#include "console/cli_client.h"

#define ITEM_CSV_PROBLEMS_MAX 50 /* broken rows that are named; then reading stops */
#define ITEM_CSV_COLUMN_MAX 32   /* bytes of a column's name, with the NUL */

struct item_tax {
	int64_t id;
	char name[80];
};

/* Why a row cannot be taken. */
struct item_csv_problem {
	int line;                        /* of the file, from 1; where the row begins */
	char column[ITEM_CSV_COLUMN_MAX]; /* as in the head line; empty: the row as a whole */
	enum qt_err err;
	char detail[200];
};

struct item_csv {
	struct client *client;           /* borrowed; its currency tells how amounts are written */
	const struct item_tax *taxes;    /* borrowed; a row names one by name or id */
	int tax_count;
	/* out */
	struct buf text;                 /* the rows, JSON objects */
	struct item_csv_row {
		int line;
		size_t start, len;           /* in text */
	} *rows;                         /* owned */
	int row_count, row_room;
	bool cents;                      /* prices are in the column price_cents */
	char unknown[256];               /* columns that are not known here and were passed over; empty: none */
	struct item_csv_problem problems[ITEM_CSV_PROBLEMS_MAX];
	int problem_count;
};

/* Read a file's text. The first problem's error, with the table of them filled; QT_OK: all rows can be sent. */
enum qt_err item_csv_read(struct item_csv *, const char *text, size_t len) QT_USE_RESULT;
/* Note a problem; false when there is no room for more. */
bool item_csv_problem(struct item_csv *, int line, const char *column, enum qt_err, const char *detail);
void item_csv_free(struct item_csv *);

/* The head line, and items as the server lists them (array "items"), a line each; formulas are made harmless in a way
 * that item_csv_read takes back. */
void item_csv_head(struct buf *out);
void item_csv_write(struct buf *out, const struct item_csv *, const struct json_t *items);

#endif
