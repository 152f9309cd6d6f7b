/* binding: customers' accounts at payment providers (P3). Owns the table binding. No HTTP, no JSON, no network: what the
 * provider says is brought here by api_provider.c and provider_job.c. */
#ifndef QT_BINDING_H
#define QT_BINDING_H

#include "server/provider.h"

enum binding_state {
	BINDING_PENDING = 1, /* the customer has not agreed on the provider's page yet */
	BINDING_ACTIVE,      /* payments go straight through */
	BINDING_ENDED        /* refused, removed by the customer, or ended by the provider */
};
const char *binding_state_name(int64_t state); /* "pending", "active", "ended" */

struct binding {
	int64_t id, customer_id, state;
	char provider[PAYMENT_PROVIDER_MAX + 1];
	char reference[PAYMENT_REFERENCE_MAX + 1]; /* empty: the provider has not answered yet */
};

#define BINDINGS_MAX 32 /* of one customer that are not ended */

/* Any connection. QT_NOT_FOUND. */
enum qt_err binding_get(struct db *, int64_t id, struct binding *) QT_USE_RESULT;
/* The customer's newest binding at the provider that is active; QT_NOT_BOUND. Any connection. */
enum qt_err binding_active(struct db *, int64_t customer_id, const char *provider, struct binding *) QT_USE_RESULT;
/* All that are not ended, oldest first. Any connection. */
enum qt_err binding_list(struct db *, int64_t customer_id, struct binding *, int max, int *count) QT_USE_RESULT;
/* Those of all customers that wait for an answer, with an id above `after`. Any connection. */
enum qt_err binding_waiting(struct db *, int64_t after, struct binding *, int max, int *count) QT_USE_RESULT;

/* A new one, pending. The one that is pending or active already is given again. Inside a transaction. */
enum qt_err binding_add(struct db *, int64_t customer_id, const char *provider, int64_t now_ms, struct binding *)
	QT_USE_RESULT;
/* What the provider said. Idempotent; an ended one stays ended, and a reference once known does not change. An active one
 * tells the customer's page. Inside a transaction. */
enum qt_err binding_result(struct db *, int64_t id, const struct provider_answer *, int64_t now_ms) QT_USE_RESULT;
/* End it. Inside a transaction. */
enum qt_err binding_end(struct db *, int64_t id, int64_t now_ms) QT_USE_RESULT;

#endif
