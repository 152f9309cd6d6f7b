/* pin_guard: wrong PINs are counted per person and terminal, on disk, before the PIN is looked at: many tries at
 * once count as many. See staff.h. */
#include "server/staff.h"

#define FORGET_MS INT64_C(86400000)   /* tries are forgotten a day after the last */
#define LOCK_MAX_MS INT64_C(86400000)

int64_t pin_person_of_number(int64_t merchant_id, const char *number)
{
	int64_t person = 1; /* in front of the digits, so that 7 and 007 differ */

	for (; *number >= '0' && *number <= '9'; number++)
		person = person * 10 + (*number - '0');
	return merchant_id * 10000000 + person;
}

int64_t pin_lock_ms(int64_t tries)
{
	int64_t locks = tries / PIN_TRIES;

	if (tries == 0 || tries % PIN_TRIES != 0)
		return 0;
	if (locks > 9)
		return LOCK_MAX_MS;
	int64_t ms = (int64_t)PIN_LOCK_MS << (locks - 1);
	return ms < LOCK_MAX_MS ? ms : LOCK_MAX_MS;
}

struct guard_try {
	enum pin_person kind;
	int64_t person, terminal_id, now_ms;
	int64_t wait_ms; /* out: still locked for so long; 0: go on */
};

static enum qt_err count_try(void *ctx, struct db *db)
{
	SQL(find,
	    "SELECT tries, tried_ms, locked_ms FROM pin_guard WHERE person_kind = $1 AND person = $2 AND terminal_id = $3");
	SQL(put, "INSERT INTO pin_guard (person_kind, person, terminal_id, tries, tried_ms, locked_ms) "
	         "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person_kind, person, terminal_id) "
	         "DO UPDATE SET tries = $4, tried_ms = $5, locked_ms = $6");
	struct guard_try *t = ctx;
	int64_t tries = 0, tried_ms = 0, locked_ms = 0, lock_ms;
	enum qt_err err = db_one(db, &find, "iii", (int64_t)t->kind, t->person, t->terminal_id, "iii", &tries, &tried_ms,
	                         &locked_ms);

	t->wait_ms = 0;
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	if (tried_ms > t->now_ms) {
		/* The clock was put back: the lock lasts from now on, not until that moment comes again. */
		locked_ms = locked_ms ? t->now_ms + (locked_ms - tried_ms) : 0;
		tried_ms = t->now_ms;
		err = db_run(db, &put, "iiiiii", (int64_t)t->kind, t->person, t->terminal_id, tries, tried_ms, locked_ms);
		if (err != QT_OK)
			return err;
	}
	if (locked_ms > t->now_ms) {
		t->wait_ms = locked_ms - t->now_ms;
		return QT_OK;
	}
	tries = tried_ms + FORGET_MS < t->now_ms ? 1 : tries + 1;
	lock_ms = pin_lock_ms(tries);
	return db_run(db, &put, "iiiiii", (int64_t)t->kind, t->person, t->terminal_id, tries, t->now_ms,
	              lock_ms ? t->now_ms + lock_ms : INT64_C(0));
}

static enum qt_err clear_tries(void *ctx, struct db *db)
{
	SQL(clear, "DELETE FROM pin_guard WHERE person_kind = $1 AND person = $2 AND terminal_id = $3");
	const struct guard_try *t = ctx;
	return db_run(db, &clear, "iii", (int64_t)t->kind, t->person, t->terminal_id);
}

enum qt_err pin_guard_take(struct call *call, enum pin_person kind, int64_t person, int64_t terminal_id)
{
	struct guard_try t = { .kind = kind, .person = person, .terminal_id = terminal_id, .now_ms = call->now_ms };
	enum qt_err err = writer_run(call->server->writer, count_try, &t);

	if (err == QT_OK && t.wait_ms > 0)
		return problem_set(&call->problem, QT_PIN_LOCKED, "pin", "wait %lld seconds",
		                   (long long)(t.wait_ms + 999) / 1000);
	return err;
}

enum qt_err pin_guard_clear(struct call *call, enum pin_person kind, int64_t person, int64_t terminal_id)
{
	struct guard_try t = { .kind = kind, .person = person, .terminal_id = terminal_id };
	return writer_run(call->server->writer, clear_tries, &t);
}

enum qt_err pin_guard_sweep(struct db *db, int64_t now_ms)
{
	SQL(sweep, "DELETE FROM pin_guard WHERE tried_ms < $1 AND locked_ms < $1");
	return db_run(db, &sweep, "i", now_ms - FORGET_MS);
}
