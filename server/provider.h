/* provider: payment providers behind one struct of operations (P2-P4). The registry and the back ends are in
 * provider.c and provider_<name>.c; the payment's side of it is in payment_provider.c.
 *
 * Who calls what: start, query, cancel, refund and bind talk to the provider over the network, so they run in the
 * worker pool or in a job's thread, never in the writer. What they learn is handed to payment_provider_result
 * inside a transaction. */
#ifndef QT_PROVIDER_H
#define QT_PROVIDER_H

#include "server/payment.h"

enum provider_outcome {
	PROVIDER_PENDING,  /* the provider waits for the customer */
	PROVIDER_PAID,
	PROVIDER_FAILED,   /* refused or cancelled: no money moved and none will */
	PROVIDER_UNKNOWN   /* no answer: ask again */
};

/* What a provider said about a payment or a refund. */
struct provider_answer {
	enum provider_outcome outcome;
	int64_t amount_cents;                        /* as the provider says; 0: it did not */
	char reference[PAYMENT_REFERENCE_MAX + 1];   /* the provider's own id; empty: none yet */
	char redirect_url[512];                      /* page to send the customer to; empty: none */
	int64_t at_ms;                               /* the provider's time; 0: not said */
};

/* A callback that was checked. */
struct provider_callback {
	int64_t payment_id;  /* 0: it is about a binding */
	int64_t binding_id;  /* 0: it is about a payment */
	int64_t currency;    /* of a payment, ISO 4217 numeric */
	struct provider_answer answer; /* of a binding: PAID means agreed, FAILED refused or ended */
};

/* A payment as a provider is asked for it; borrowed. */
struct provider_order {
	int64_t payment_id;          /* qrtill's id: the idempotency key towards the provider */
	int64_t amount_cents;
	int64_t currency;            /* ISO 4217 numeric */
	const char *subject;         /* merchant's name, for the provider's page */
	int64_t customer_id;
	const char *binding;         /* the provider's account token of a bound customer; NULL: not bound */
	const char *return_url;      /* where the provider sends the customer afterwards */
	const char *reference;       /* of the first answer; NULL before */
};

struct provider_ops {
	int64_t id;                  /* owner of its clearing account; a number for ever */
	const char *name;            /* word in URLs and rows: "sandbox" */
	const char *name_en, *name_zh;
	/* Ask for the payment. Bound: straight through, the provider verifies the binding. Unbound: a redirect. */
	enum qt_err (*start)(void *ctx, const struct provider_order *, struct provider_answer *);
	/* What became of it. */
	enum qt_err (*query)(void *ctx, const struct provider_order *, struct provider_answer *);
	/* Make sure that it will never be paid; outcome PAID when it was too late. */
	enum qt_err (*cancel)(void *ctx, const struct provider_order *, struct provider_answer *);
	/* Give back `amount_cents`; refund_id is the idempotency key. */
	enum qt_err (*refund)(void *ctx, const struct provider_order *, int64_t refund_id, int64_t amount_cents,
	                      struct provider_answer *);
	/* Begin a binding: a page to send the customer to. The same binding_id again gives the same binding. */
	enum qt_err (*bind)(void *ctx, int64_t customer_id, int64_t binding_id, struct provider_answer *);
	/* What became of a binding. */
	enum qt_err (*query_binding)(void *ctx, const char *reference, struct provider_answer *);
	/* End a binding at the provider. */
	enum qt_err (*unbind)(void *ctx, const char *reference);
	/* Check a callback's signature and read it. QT_BAD_SIGNATURE, QT_BAD_REQUEST. */
	enum qt_err (*verify_callback)(const struct call *, void *ctx, struct provider_callback *);
	void *ctx;
};
/* The registry, filled once at start from settings.providers, before any thread is started. The struct must
 * outlive the process. False when the name is taken or there are too many. */
bool provider_register(const struct provider_ops *);
const struct provider_ops *provider_by_name(const char *name); /* NULL: no such provider here */
const struct provider_ops *provider_at(int index);             /* NULL: no more */

/* The payment's side: what a callback, a query or the first answer said. Idempotent: said twice, late or out of
 * order it has one effect. A PAID payment settles (or is held in suspense until its order is covered); paid after
 * its end, or with another amount than asked, the money goes to suspense as late money: matched with the order
 * when that is still open and the amount fits, else given back by a job. Inside a transaction. QT_NOT_FOUND for
 * payments that were never given to this provider. */
enum qt_err payment_provider_result(struct call *, int64_t payment_id, const char *provider,
                                    const struct provider_answer *) QT_USE_RESULT;

/* Work for a provider's job: payments that are pending or unknown, late money to give back, refunds to ask for. The
 * job reads the list, asks outside the transaction, then reports. Reports are idempotent. */
enum provider_task_kind { PROVIDER_TASK_QUERY, PROVIDER_TASK_RETURN, PROVIDER_TASK_REFUND };
struct provider_task {
	enum provider_task_kind kind;
	struct payment payment;
	int64_t currency;
	int64_t refund_tender_id;  /* TASK_REFUND: also its idempotency key; TASK_RETURN uses the payment's id */
	int64_t amount_cents;      /* to ask for or to give back */
	int64_t since_ms;          /* since when it waits */
};
/* Up to `max` tasks with an id above `after` (per kind), oldest first. Any connection. */
enum qt_err provider_tasks(struct db *, enum provider_task_kind, int64_t after, struct provider_task *, int max,
                           int *count) QT_USE_RESULT;
/* The provider gave the money back: late -> returned, or the refund's tender is done. Inside a transaction. */
enum qt_err provider_returned(struct db *, const struct provider_task *, int64_t now_ms) QT_USE_RESULT;

#endif
