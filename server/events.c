/* events: see events.h. Rows are the truth; what was fired is only a hint that there is something to read. */
#include "server/events.h"

#include "server/call.h"
#include "server/http.h"
#include "server/server.h"
#include "shared/clock.h"
#include "shared/code.h"

#include <pthread.h>
#include <string.h>

#define EVENTS_PER_REPLY 100
#define KEEP_MS (INT64_C(24) * 3600 * 1000)
#define SWEEP_ROWS 2000

/* Topics of events added since the last commit. Those of a transaction that failed are in it too: they wake
 * somebody who finds nothing. */
static struct {
	pthread_mutex_t lock;
	struct wait_topic topics[256];
	_Atomic int count; /* changed under the lock, looked at without */
	bool more; /* than fit: the rest is found when a wait ends */
} fresh = { .lock = PTHREAD_MUTEX_INITIALIZER };

SQL(event_insert, "INSERT INTO event (id, topic, topic_id, kind, ref_id, extra, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)");

enum qt_err event_add(struct db *db, enum event_topic topic, int64_t topic_id, const char *kind, int64_t ref_id,
                      const char *extra_json)
{
	enum qt_err err = db_run(db, &event_insert, "iiititi", db_new_id(db, "event"), (int64_t)topic, topic_id, kind, ref_id,
	                         extra_json, clock_now_ms());
	if (err)
		return err;
	pthread_mutex_lock(&fresh.lock);
	if (fresh.count < (int)(sizeof fresh.topics / sizeof *fresh.topics))
		fresh.topics[fresh.count++] = (struct wait_topic){ (int)topic, topic_id };
	else
		fresh.more = true;
	pthread_mutex_unlock(&fresh.lock);
	return QT_OK;
}

void events_commit(struct server *server)
{
	struct wait_topic topics[sizeof fresh.topics / sizeof *fresh.topics];

	if (fresh.count == 0)
		return;
	pthread_mutex_lock(&fresh.lock);
	int count = fresh.count;
	memcpy(topics, fresh.topics, (size_t)count * sizeof *topics);
	fresh.count = 0;
	if (fresh.more)
		log_line('W', "more events in one commit than can be told at once");
	fresh.more = false;
	pthread_mutex_unlock(&fresh.lock);
	http_fire(server, topics, count);
}

SQL(events_after, "SELECT id, kind, ref_id, extra FROM event WHERE topic = $1 AND topic_id = $2 AND id > $3"
                  " ORDER BY id LIMIT $4");
SQL(event_last, "SELECT COALESCE(MAX(id), 0) FROM event");

struct events_args {
	int64_t after, wait;
	const char *payment;
};
static const struct field events_fields[] = {
	{ "after", FIELD_INT, 0, offsetof(struct events_args, after), -1, INT64_MAX, .fallback = -1,
	  .help = "id of the last event seen; -1 answers at once with the newest id" },
	{ "wait", FIELD_INT, 0, offsetof(struct events_args, wait), 0, 30, .help = "seconds to wait for an event" },
	{ "payment", FIELD_TEXT, 0, offsetof(struct events_args, payment), .max = CODE_TOKEN_MAX,
	  .help = "token of a payment to follow" },
	{ 0 },
};

/* What this actor listens to. */
static enum qt_err set_topics(struct call *call, const struct events_args *args)
{
	const struct actor *a = &call->actor;
	struct wait_topic *t = call->wait_topics;
	struct code code;
	int n = 0;

	memset(t, 0, sizeof call->wait_topics);
	if (a->terminal_id)
		t[n++] = (struct wait_topic){ TOPIC_TERMINAL, a->terminal_id };
	if (a->merchant_id)
		t[n++] = (struct wait_topic){ TOPIC_MERCHANT, a->merchant_id };
	if (a->customer_id)
		t[n++] = (struct wait_topic){ TOPIC_CUSTOMER, a->customer_id };
	if (args->payment != NULL) {
		enum qt_err err = code_read(&call->server->keys, args->payment, call->now_ms, &code);
		if (err)
			return problem_set(&call->problem, err, "payment", NULL);
		if (code.kind != CODE_PAYMENT)
			return problem_set(&call->problem, QT_WRONG_KIND, "payment", "must be a payment's code");
		t[n++] = (struct wait_topic){ TOPIC_PAYMENT, code.id };
	}
	return n > 0 ? QT_OK : problem_set(&call->problem, QT_NOT_SIGNED_IN, "", NULL);
}

struct event_row {
	int64_t id, ref_id;
	char *kind, *extra; /* in the arena; extra NULL: none */
};

/* Merge one topic's rows into `rows`, which stay sorted by id and are cut at EVENTS_PER_REPLY. */
static enum qt_err read_topic(struct call *call, const struct wait_topic *topic, int64_t after, struct event_row *rows,
                              int *count)
{
	struct stmt *s = db_stmt(call->db, &events_after);
	stmt_int(s, 1, topic->topic);
	stmt_int(s, 2, topic->id);
	stmt_int(s, 3, after);
	stmt_int(s, 4, EVENTS_PER_REPLY);
	while (stmt_step(s)) {
		const char *kind = stmt_col_text(s, 1), *extra = stmt_col_text(s, 3);
		int at = *count;
		int64_t id = stmt_col_int(s, 0);
		while (at > 0 && rows[at - 1].id > id)
			at--;
		if (at >= EVENTS_PER_REPLY)
			break;
		int tail = *count < EVENTS_PER_REPLY ? *count - at : EVENTS_PER_REPLY - 1 - at;
		memmove(rows + at + 1, rows + at, (size_t)tail * sizeof *rows);
		if (*count < EVENTS_PER_REPLY)
			(*count)++;
		rows[at] = (struct event_row){ .id = id, .ref_id = stmt_col_int(s, 2),
			.kind = arena_strndup(call->arena, kind, strlen(kind)),
			.extra = extra ? arena_strndup(call->arena, extra, strlen(extra)) : NULL };
	}
	return stmt_end(s);
}

static void write_events(struct json *j, const struct event_row *rows, int count, int64_t last)
{
	json_array(j, "events");
	for (int i = 0; i < count; i++) {
		json_object(j, NULL);
		json_int(j, "event_id", rows[i].id);
		json_text(j, "kind", rows[i].kind);
		json_int(j, "ref_id", rows[i].ref_id);
		if (rows[i].extra != NULL)
			json_raw(j, "extra", rows[i].extra, strlen(rows[i].extra));
		json_end(j);
	}
	json_end(j);
	json_int(j, "last", count > 0 ? rows[count - 1].id : last);
}

enum qt_err events_get(struct call *call)
{
	const struct events_args *args = call->args;
	struct event_row rows[EVENTS_PER_REPLY] = { 0 };
	int count = 0;
	int64_t last = args->after;
	enum qt_err err;

	if ((err = set_topics(call, args)))
		return err;
	if (args->after < 0) {
		call->wait_until_ms = 0;
		if ((err = db_one(call->db, &event_last, "", "i", &last)))
			return err;
		write_events(call->reply, rows, 0, last);
		return QT_OK;
	}
	for (int i = 0; i < 4 && call->wait_topics[i].topic != 0; i++)
		if ((err = read_topic(call, &call->wait_topics[i], args->after, rows, &count)))
			return err;
	if (count == 0 && args->wait > 0 && call->wait_until_ms >= 0) {
		call->wait_until_ms = clock_mono_ms() + args->wait * 1000;
		return QT_OK;
	}
	call->wait_until_ms = 0;
	write_events(call->reply, rows, count, last);
	return QT_OK;
}

/* Ids are in the order of time, so that only the first rows need a look. */
SQL(event_sweep, "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at_ms < $1 AND id <"
                 " (SELECT MAX(id) FROM event) AND id < (SELECT MIN(id) FROM event) + $2)");

enum qt_err events_sweep(struct db *db, int64_t now_ms)
{
	return db_run(db, &event_sweep, "ii", now_ms - KEEP_MS, (int64_t)SWEEP_ROWS);
}

const struct route event_routes[] = {
	{ .method = "GET", .path = "/v1/events", .roles = ROLE_ANYONE, .flags = ROUTE_WAIT,
	  .fields = events_fields, .args_size = sizeof(struct events_args), .handle = events_get,
	  .help = "What happened to the asker's terminal, merchant, customer or payment after an event; waits for the next." },
};
const int event_route_count = sizeof event_routes / sizeof *event_routes;
