/* events: what tills and pages wait for. A job adds an event inside its transaction; after the commit every long
 * poll that listens to its topic is woken within the same turn of the loop. Events are rows, so that a client
 * resumes after the last one it saw, also across a restart; rows older than a day are swept. */
#ifndef QT_EVENTS_H
#define QT_EVENTS_H

#include "server/store/db.h"

enum event_topic { TOPIC_TERMINAL = 1, TOPIC_CUSTOMER, TOPIC_PAYMENT, TOPIC_MERCHANT };

/* Inside a transaction. `kind` is a short word ("payment-settled", "notice", "card-bound", "order-paid"); `ref_id` the row
 * it is about; `extra_json` a JSON object with what the listener needs at once, or NULL. */
enum qt_err event_add(struct db *, enum event_topic, int64_t topic_id, const char *kind, int64_t ref_id,
                      const char *extra_json) QT_USE_RESULT;

/* After a commit, in the writer's thread (elsewhere it could come between an event and its commit): wake who waits for what
 * was added. */
struct server;
void events_commit(struct server *);
/* Forget events older than a day, some rows at a time; never the newest, so that ids go on after a restart. Inside a
 * transaction. */
enum qt_err events_sweep(struct db *, int64_t now_ms) QT_USE_RESULT;

/* Route handler of GET /v1/events?after=ID&wait=SECONDS[&payment=TOKEN]: topics follow from the actor (its terminal and
 * merchant, or its customer). */
struct call;
enum qt_err events_get(struct call *);

#endif
