/* bank: a payment provider in the simulated world: naive books of who was asked for what, what was paid and given back. It
 * signs its callbacks as the sandbox platform does, and the server checks them with its own code; requests and answers
 * between the two get lost like all others. */
#ifndef QT_SIM_BANK_H
#define QT_SIM_BANK_H

#include <stdbool.h>
#include <stdint.h>

struct provider_ops;

/* The operations for the server; `folder` is a real one for the shared key. */
const struct provider_ops *bank_open(const char *folder);
/* What people paid in, less what they got back, minor units. */
int64_t bank_taken_cents(void);
/* Deals that somebody still has to decide. */
bool bank_is_quiet(void);
/* What a payment of the server's is here: "" when the bank never heard of it. */
const char *bank_state(int64_t payment_id, int64_t *amount_cents);
/* When it was first asked for a payment, by the server's clock; 0: never. */
int64_t bank_asked_ms(int64_t payment_id);

#endif
