/* callback: tells the merchant's server what became of a payment or a binding, as a platform does: signed, from a thread of
 * its own, tried again until it is taken. Its faults are switches, so that lost, late, doubled, reordered and forged callbacks
 * can be tried for real. */
#ifndef QT_SANDBOX_CALLBACK_H
#define QT_SANDBOX_CALLBACK_H

#include "server/sandbox/book.h"

/* X(NAME, "word", "what it does") */
#define CALLBACK_FAULTS(X) \
	X(NONE, "deliver", "each once, at once") \
	X(LOSE, "lose", "never sent") \
	X(DOUBLE, "double", "each sent twice") \
	X(HOLD, "hold", "kept until /control/flush, then sent in order") \
	X(REORDER, "reorder", "kept until /control/flush, then sent newest first") \
	X(LATE, "late", "sent after late_ms") \
	X(FORGE_SIGNATURE, "forge-signature", "sent with a wrong signature") \
	X(FORGE_AMOUNT, "forge-amount", "sent, rightly signed, with one cent too much")
enum callback_fault {
#define X(name, word, help) CALLBACK_##name,
	CALLBACK_FAULTS(X)
#undef X
	CALLBACK_FAULT_COUNT
};
/* The fault of this name, or CALLBACK_FAULT_COUNT. */
enum callback_fault callback_fault_by_name(const char *);
const char *callback_fault_name(enum callback_fault);

struct callbacks;

/* Starts the thread. The key is copied. */
struct callbacks *callbacks_start(const uint8_t key[32]);
void callbacks_stop(struct callbacks *); /* drops what was not sent */

void callbacks_set_fault(struct callbacks *, enum callback_fault, int64_t late_ms);
/* Send what HOLD and REORDER kept. */
void callbacks_flush(struct callbacks *);

/* Queue a message; fields are copied. An empty callback_url queues nothing. */
void callback_payment(struct callbacks *, const struct book_payment *);
void callback_binding(struct callbacks *, const struct book_binding *);

struct callback_stats {
	int64_t queued, sent, taken, failed; /* taken: answered with 2xx; failed: given up after the last try */
	enum callback_fault fault;
};
void callbacks_stats(struct callbacks *, struct callback_stats *);

#endif
