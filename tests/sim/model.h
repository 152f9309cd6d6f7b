/* model: what a bystander with pencil and paper makes of it, who sees requests arrive and answers leave, knows the price
 * list and the rules of the house, and nothing of the programs. The same request again must get the same answer; nothing may
 * be granted that the rules forbid; and in the end every balance must be what the paper says. */
#ifndef QT_SIM_MODEL_H
#define QT_SIM_MODEL_H

#include "tests/sim/net.h"

/* The story begins: what was before is the shop's. */
void model_open(void);
/* A copy of a request reaches the server; the server answers it. */
void model_sees(const struct request *);
void model_hears(const struct request *, const struct answer *);
/* Everybody went home and everything was answered: add up. */
void model_settle(void);
/* Requests that were granted. */
int64_t model_granted(void);

#endif
