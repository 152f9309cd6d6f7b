/* checks: what must hold after every step of the server, read from its database by arithmetic of their own. A table, so
 * that a promise more is a row more. */
#ifndef QT_SIM_CHECKS_H
#define QT_SIM_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

/* The server is up on its file; it goes down (or is dead). */
void checks_open(void);
void checks_close(void);
/* After a step: if something was committed, every promise is looked at. */
void checks_step(void);
int64_t checks_done(void);

/* Balance of an account as its entries say; `points`: in the merchant's points. 0 when there is none. */
int64_t checks_balance(int kind, int64_t owner_id, bool points);
/* All accounts, one after the other; false: no more. */
bool checks_account(int index, int *kind, int64_t *owner_id, bool *points, int64_t *balance);

#endif
