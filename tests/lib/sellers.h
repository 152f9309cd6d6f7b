/* sellers: tills that sell to a server which dies under them, each in a thread of its own, and remember what was
 * acknowledged. For the crash tests; sells from the shop that the bench makes. */
#ifndef QT_TEST_SELLERS_H
#define QT_TEST_SELLERS_H

#include "server/audit.h"
#include "tests/bench/shop.h"
#include "tests/lib/client.h"
#include "tests/lib/server.h"

#include <pthread.h>
#include <stdatomic.h>

#define SELLERS 8

struct sellers;

struct seller {
	struct sellers *all;
	int index;       /* 0-based; its terminal's id is one more */
	struct client client;
	uint64_t random;
	int64_t *orders; /* acknowledged, in order: order ids */
	int64_t count, room;
	int64_t wrong;   /* answers that must not be */
	char first_wrong[300];
};

struct sellers {
	struct seller each[SELLERS];
	pthread_t threads[SELLERS];
	struct bench_shop *shop; /* borrowed */
	int patience_ms;         /* how long one request is sent again */
	atomic_bool stopping;
	atomic_long acknowledged;
};

/* Start selling at the server's port; each asks again with the same bytes until it is answered. */
void sellers_start(struct sellers *, struct bench_shop *, int port, int patience_ms);
/* Wait until `more` further sales are acknowledged, or for the patience of a request. */
void sellers_wait(struct sellers *, long more);
/* End them; what they remember stays until sellers_free. Returns how many requests had to be sent again. */
int sellers_stop(struct sellers *);
/* No seller got an answer that must not be; says the first. After sellers_stop. */
bool sellers_answered(const struct sellers *);
/* Orders in the database file of each till are those that were acknowledged, each once, in order. */
bool sellers_same(const struct sellers *, const struct test_server *);
/* How many acknowledged orders are not in the database file. */
int64_t sellers_lost(const struct sellers *, const struct test_server *);
void sellers_free(struct sellers *);

/* Problems the auditor has with the server's folder while nobody serves it; -1: it cannot be read. */
int64_t audit_problems(const struct test_server *, struct audit_report *);

#endif
