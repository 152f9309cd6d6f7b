/* event: how soon a till hears that a code it shows was paid. */
#ifndef QT_BENCH_EVENT_H
#define QT_BENCH_EVENT_H

#include "tests/bench/shop.h"

/* Adds paid_event_ms `rounds` times: from the answer to the customer who paid, which follows the commit, to the event at
 * the till; 0 when the till hears it first. Takes the shop's first till, with nobody else at it. */
void bench_event(struct bench_shop *, int till_port, int phone_port, int rounds);

#endif
