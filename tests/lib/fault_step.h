/* fault_step: makes chosen statements of a running server fail, one place after the other. The server is started with
 * tests/fault/step_shim.so in front of the SQLite library; test and server share a small file. Off unless the
 * environment has QRTILL_STEP_SHIM (the shim) and QRTILL_STEP_FILE (the file). */
#ifndef QT_TEST_FAULT_STEP_H
#define QT_TEST_FAULT_STEP_H

#include <stdatomic.h>
#include <stdbool.h>

/* What the file holds. */
struct fault_step {
	atomic_int round;       /* a new number: readers count from one again; 0: nothing fails */
	atomic_int read_at;     /* the statement, since the round began, that fails outside a writer's transaction */
	atomic_int write_at;    /* the statement of every writer's transaction that fails; COMMIT counts */
	atomic_int read_hits;   /* statements that failed, ever */
	atomic_int write_hits;
};

/* Before a request is sent again and again: all places from the first. */
void fault_step_first(void);
/* After each answer: true when a statement failed meanwhile; the next place is armed. */
bool fault_step_next(void);
/* Nothing fails any more. */
void fault_step_off(void);
/* Statements that failed so far. */
int fault_step_hits(void);
/* Is the server run with the shim? */
bool fault_step_on(void);

#endif
