/* list: what routes that list rows have in common: their query, the ids of a page of rows, the "next" of the
 * reply; and small helpers of handlers. */
#ifndef QT_LIST_H
#define QT_LIST_H

#include "server/call.h"

#define LIST_MAX 500

/* A row of a field table: FIELD(struct args, name, TEXT, .max = 80, .help = "..."). */
#define FIELD(target, member, kind, ...) \
	{ .name = #member, .type = FIELD_##kind, .offset = offsetof(target, member), __VA_ARGS__ }
#define FIELDS_DONE { .type = FIELD_END }

/* Query of lists: ?after=ID&limit=N. */
struct list_args {
	int64_t after, limit;
	bool desc;
};
extern const struct field list_fields[];
/* The same with &desc=true: from the last row back. For list_rows. */
extern const struct field list_both_fields[];

/* Ids of up to list_args.limit rows by a statement with $1 owner, $2 after, $3 limit. ids takes LIST_MAX. */
enum qt_err list_ids(struct db *, struct sql *, int64_t owner_id, const struct list_args *, int64_t *ids, int *count)
	QT_USE_RESULT;
/* Two statements that list the rows of an owner by id, both ways. */
#define LIST_SQL(up, down, table, owner) \
	SQL(up, "SELECT id FROM " table " WHERE " owner " = $1 AND id > $2 ORDER BY id LIMIT $3"); \
	SQL(down, "SELECT id FROM " table " WHERE " owner " = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
/* Writes a page of rows as array `name` with "next" behind it; args are struct list_args. `row` writes the members of one
 * into an open object. */
typedef enum qt_err (*list_row)(struct call *, int64_t owner_id, int64_t id);
enum qt_err list_rows(struct call *, const char *name, struct sql *up, struct sql *down, int64_t owner_id, list_row row)
	QT_USE_RESULT;
/* Closes the open array and writes "next": the last id, or null when the page was not full. */
void list_finish(struct call *, const struct list_args *, const int64_t *ids, int count);

/* The merchant a handler acts for: the credential's, or for the operator that of the X-Merchant header.
 * QT_MISSING_FIELD or QT_NOT_FOUND naming the header. */
struct merchant;
enum qt_err call_merchant(struct call *, struct merchant *) QT_USE_RESULT;
/* Only that the caller acts for one: what is reached by an id alone would else be anybody's to the operator. */
enum qt_err call_needs_merchant(struct call *) QT_USE_RESULT;

/* The members of a merchant or store that everybody with business there may see, into an open object. */
struct store;
void merchant_json(struct json *, const struct merchant *);
void store_json(struct json *, const struct store *);

/* What goes into a fixed text of a row: the given text, or as it was when none is given. */
void text_set(char *target, size_t size, const char *given);

#endif
