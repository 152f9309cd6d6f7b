/* till_event: see till_event.h. */
#include "server/till_event.h"

#include <stdio.h>
#include <string.h>

enum qt_err till_event_newest(struct db *db, int64_t terminal_id, struct till_event_head *h)
{
	SQL(newest, "SELECT sequence, hash, at_ms, signature FROM till_event_head WHERE terminal_id = $1 "
	            "ORDER BY sequence DESC LIMIT 1");
	enum qt_err err = db_one(db, &newest, "i", terminal_id, "itit", &h->sequence, h->hash, sizeof h->hash, &h->at_ms,
	                         h->signature, sizeof h->signature);

	if (err != QT_NOT_FOUND)
		return err;
	*h = (struct till_event_head){ 0 };
	memcpy(h->hash, CHAIN_START, sizeof h->hash);
	return QT_OK;
}

/* It was sent before: the same, or the till's file is not the one that sent it. */
static enum qt_err check_known(struct db *db, int64_t terminal_id, const struct till_event_row *e, struct problem *p)
{
	SQL(known, "SELECT hash FROM till_event WHERE terminal_id = $1 AND sequence = $2");
	char hash[CHAIN_HASH + 1] = "";
	enum qt_err err = db_one(db, &known, "ii", terminal_id, e->sequence, "t", hash, sizeof hash);

	if (err == QT_OK && strcmp(hash, e->hash) != 0)
		return problem_set(p, QT_CONFLICT, "events", "event %lld is here already, and another", (long long)e->sequence);
	return err;
}

static enum qt_err put_event(struct db *db, int64_t terminal_id, const struct till_event_row *e, const char *previous,
                             struct problem *p)
{
	SQL(put, "INSERT INTO till_event (terminal_id, sequence, at_ms, kind, content, previous, hash) "
	         "VALUES ($1, $2, $3, $4, $5, $6, $7)");
	const struct chain_event event = { e->sequence, e->at_ms, e->kind, e->content };
	char hash[CHAIN_HASH + 1];

	chain_hash(&event, previous, hash);
	if (strcmp(hash, e->hash) != 0)
		return problem_set(p, QT_BAD_SIGNATURE, "events", "the hash of event %lld is wrong", (long long)e->sequence);
	return db_run(db, &put, "iiitttt", terminal_id, e->sequence, e->at_ms, e->kind, e->content, previous, e->hash);
}

enum qt_err till_event_take(struct db *db, const uint8_t seal_seed[32], int64_t terminal_id,
                            const struct till_event_row *rows, int count, int64_t now_ms, struct till_event_head *head,
                            struct problem *p)
{
	SQL(put_head, "INSERT INTO till_event_head (terminal_id, sequence, hash, at_ms, signature) "
	              "VALUES ($1, $2, $3, $4, $5)");
	enum qt_err err = till_event_newest(db, terminal_id, head);
	int64_t before = head->sequence;

	for (int i = 0; i < count && err == QT_OK; i++) {
		if (rows[i].sequence <= before) {
			err = check_known(db, terminal_id, &rows[i], p);
			continue;
		}
		if (rows[i].sequence != head->sequence + 1)
			return problem_set(p, QT_CONFLICT, "events", "event %lld is missing", (long long)head->sequence + 1);
		err = put_event(db, terminal_id, &rows[i], head->hash, p);
		head->sequence = rows[i].sequence;
		snprintf(head->hash, sizeof head->hash, "%s", rows[i].hash);
	}
	if (err != QT_OK || head->sequence == before)
		return err;
	head->at_ms = now_ms;
	const struct chain_head word = { terminal_id, head->sequence, head->at_ms, head->hash };
	chain_sign(seal_seed, &word, head->signature);
	return db_run(db, &put_head, "iitit", terminal_id, head->sequence, head->hash, head->at_ms, head->signature);
}

void till_event_head_json(const struct till_event_head *h, const uint8_t seal_seed[32], struct json *out)
{
	char key[65];

	json_int(out, "sequence", h->sequence);
	json_text(out, "hash", h->hash);
	json_int(out, "at_ms", h->at_ms);
	json_text(out, "signature", h->signature);
	chain_public(seal_seed, key);
	json_text(out, "public_key", key);
}

enum qt_err till_event_list(struct db *db, int64_t terminal_id, int64_t after, int64_t limit, struct json *out,
                            int64_t *last)
{
	SQL(events, "SELECT sequence, at_ms, kind, content, previous, hash FROM till_event "
	            "WHERE terminal_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3");
	SQL(heads, "SELECT sequence, at_ms, hash, signature FROM till_event_head "
	           "WHERE terminal_id = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence");
	struct stmt *s = db_stmt(db, &events);

	*last = after;
	stmt_int(s, 1, terminal_id);
	stmt_int(s, 2, after);
	stmt_int(s, 3, limit);
	json_array(out, "events");
	while (stmt_step(s)) {
		*last = stmt_col_int(s, 0);
		json_object(out, NULL);
		json_int(out, "sequence", *last);
		json_int(out, "at_ms", stmt_col_int(s, 1));
		json_text(out, "kind", stmt_col_text(s, 2));
		json_text(out, "content", stmt_col_text(s, 3));
		json_text(out, "previous", stmt_col_text(s, 4));
		json_text(out, "hash", stmt_col_text(s, 5));
		json_end(out);
	}
	json_end(out);
	enum qt_err err = stmt_end(s);
	if (err != QT_OK)
		return err;
	s = db_stmt(db, &heads);
	stmt_int(s, 1, terminal_id);
	stmt_int(s, 2, after);
	stmt_int(s, 3, *last);
	json_array(out, "heads");
	while (stmt_step(s)) {
		json_object(out, NULL);
		json_int(out, "sequence", stmt_col_int(s, 0));
		json_int(out, "at_ms", stmt_col_int(s, 1));
		json_text(out, "hash", stmt_col_text(s, 2));
		json_text(out, "signature", stmt_col_text(s, 3));
		json_end(out);
	}
	json_end(out);
	return stmt_end(s);
}
