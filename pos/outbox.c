/* outbox: see outbox.h. */
#include "pos/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
#define X(name, text) text,
	OUTBOX_KINDS(X)
#undef X
};

void outbox_row_free(struct outbox_row *r)
{
	free(r->path);
	free(r->body);
	*r = (struct outbox_row){ 0 };
}

SQL(add_row, "INSERT INTO outbox (kind, path, body, sale_number, note, created_ms) VALUES ($1, $2, $3, $4, $5, $6)");

enum qt_err outbox_add(struct tdb *s, enum outbox_kind kind, const char *path, const char *body, int64_t sale_number,
                       const char *note, int64_t now_ms)
{
	return tdb_run(s, &add_row, "tttiti", kind_names[kind], path, body, sale_number, note, now_ms);
}

#define COLUMNS "sequence, kind, path, body, sale_number, note, tries, seen, COALESCE(refused, ''), created_ms"
SQL(next_row, "SELECT " COLUMNS " FROM outbox WHERE refused IS NULL AND sequence > $1"
    " ORDER BY sequence LIMIT 1");
SQL(all_rows, "SELECT " COLUMNS " FROM outbox ORDER BY sequence LIMIT $1");

static void read_row(struct tdb_sql *q, struct outbox_row *r, bool texts)
{
	*r = (struct outbox_row){ .sequence = tdb_int(q, 0), .sale_number = tdb_int(q, 4),
	                          .tries = (int)tdb_int(q, 6), .seen = tdb_int(q, 7) != 0,
	                          .created_ms = tdb_int(q, 9) };
	for (int i = 0; i < OUTBOX_KIND_COUNT; i++)
		if (strcmp(kind_names[i], tdb_text(q, 1)) == 0)
			r->kind = (enum outbox_kind)i;
	if (texts) {
		r->path = xstrdup(tdb_text(q, 2));
		r->body = xstrdup(tdb_text(q, 3));
	}
	snprintf(r->note, sizeof r->note, "%s", tdb_text(q, 5));
	snprintf(r->refused, sizeof r->refused, "%s", tdb_text(q, 8));
}

enum qt_err outbox_next(struct tdb *s, struct outbox_row *r)
{
	return outbox_after(s, 0, r);
}

enum qt_err outbox_after(struct tdb *s, int64_t sequence, struct outbox_row *r)
{
	bool found = tdb_row(s, &next_row, "i", sequence);
	if (found)
		read_row(&next_row, r, true);
	enum qt_err err = tdb_end(&next_row);
	if (err != QT_OK && found)
		outbox_row_free(r);
	return err != QT_OK ? err : found ? QT_OK : QT_NOT_FOUND;
}

SQL(find_row, "SELECT sequence, seen FROM outbox WHERE refused IS NULL AND kind = $1 AND instr(body, $2) > 0"
    " ORDER BY sequence LIMIT 1");

int64_t outbox_find(struct tdb *s, enum outbox_kind kind, const char *text, bool *seen)
{
	int64_t sequence = 0;

	*seen = false;
	if (tdb_row(s, &find_row, "tt", kind_names[kind], text)) {
		sequence = tdb_int(&find_row, 0);
		*seen = tdb_int(&find_row, 1) != 0;
	}
	if (tdb_end(&find_row) != QT_OK)
		log_line('E', "the outbox cannot be read");
	return sequence;
}

SQL(newest_row, "SELECT COALESCE(MAX(sequence), 0) FROM outbox");

int64_t outbox_newest(struct tdb *s)
{
	int64_t sequence = tdb_row(s, &newest_row, "") ? tdb_int(&newest_row, 0) : 0;
	return tdb_end(&newest_row) == QT_OK ? sequence : INT64_MAX; /* not known: then as if all were old */
}

SQL(tried_row, "UPDATE outbox SET tries = tries + 1, seen = MAX(seen, $2) WHERE sequence = $1");

enum qt_err outbox_tried(struct tdb *s, int64_t sequence, bool seen)
{
	return tdb_run(s, &tried_row, "ii", sequence, (int64_t)seen);
}

SQL(done_row, "DELETE FROM outbox WHERE sequence = $1");

enum qt_err outbox_done(struct tdb *s, int64_t sequence)
{
	return tdb_run(s, &done_row, "i", sequence);
}

SQL(refuse_row, "UPDATE outbox SET refused = $2 WHERE sequence = $1");

enum qt_err outbox_refuse(struct tdb *s, int64_t sequence, const char *why)
{
	return tdb_run(s, &refuse_row, "it", sequence, why);
}

SQL(count_rows, "SELECT COUNT(*) FILTER (WHERE refused IS NULL), COUNT(*) FILTER (WHERE refused IS NOT NULL)"
    " FROM outbox");

struct outbox_counts outbox_counts(struct tdb *s)
{
	struct outbox_counts c = { 0, 0 };
	if (tdb_row(s, &count_rows, "")) {
		c.waiting = (int)tdb_int(&count_rows, 0);
		c.refused = (int)tdb_int(&count_rows, 1);
	}
	if (tdb_end(&count_rows) != QT_OK) {
		log_line('E', "the outbox cannot be counted");
		c.waiting = 1; /* maybe: with none, what waits would never be looked at again */
	}
	return c;
}

int outbox_list(struct tdb *s, struct outbox_row *out, int most)
{
	int count = 0;
	for (bool row = tdb_row(s, &all_rows, "i", (int64_t)most); row && count < most; row = tdb_next(&all_rows))
		read_row(&all_rows, &out[count++], false);
	if (tdb_end(&all_rows) != QT_OK)
		log_line('E', "the outbox cannot be read");
	return count;
}
