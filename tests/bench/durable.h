/* durable: watches a server with strace, to see that no answer precedes its own fdatasync (durable.awk). */
#ifndef QT_BENCH_DURABLE_H
#define QT_BENCH_DURABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct durable {
	int64_t answers;    /* successful ones to POSTs */
	int64_t early;      /* of them, those without an fdatasync begun after the request was read and ended before */
	int64_t fdatasyncs;
};
/* False when strace cannot be used here. */
bool durable_begin(pid_t server);
void durable_end(struct durable *);

#endif
