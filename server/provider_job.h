/* provider_job: opens the payment providers of the settings, and asks them by the clock. */
#ifndef QT_PROVIDER_JOB_H
#define QT_PROVIDER_JOB_H

#include "server/idempotency.h"
#include "server/jobs.h"
#include "server/provider.h"

/* Register the providers that settings.providers names, "NAME=URL" with commas between; a provider's key is in
 * data_dir/provider-NAME.key. Before any thread is started. QT_BAD_CONFIG names the entry. */
enum qt_err providers_open(const struct server *, struct problem *) QT_USE_RESULT;

/* Note that the provider is asked for a payment: `answer` NULL before it is (so that the job does not ask beside it), then
 * with what it said. From there on the job follows the payment. Inside a transaction. */
enum qt_err provider_asked(struct db *, const struct server *, int64_t payment_id, int64_t now_ms,
                           const struct provider_answer *answer) QT_USE_RESULT;

/* The payment was begun by the request with this key: noted after provider_asked, inside the same transaction. */
enum qt_err provider_begun(struct db *, int64_t payment_id, const struct idempotency *key) QT_USE_RESULT;
/* The payment that an earlier try of this request began. QT_NOT_FOUND: none; QT_KEY_REUSED: another request had the key. Any
 * connection. */
enum qt_err provider_begun_before(struct db *, const struct idempotency *key, int64_t *payment_id) QT_USE_RESULT;

/* The provider's page for a payment that waits for the customer; empty: none (yet). Any connection. */
enum qt_err provider_redirect(struct db *, int64_t payment_id, char url[512]) QT_USE_RESULT;

extern const struct timer_job provider_jobs[];
extern const int provider_job_count;

#endif
