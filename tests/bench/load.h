/* load: an HTTP load generator for the bench and the crash tests. One thread, epoll, keep-alive connections;
 * closed loop (each connection sends its next request when the last was answered) or open loop (requests fall
 * due at a fixed rate, and latency counts from when they were due, so a stall cannot hide itself). */
#ifndef QT_BENCH_LOAD_H
#define QT_BENCH_LOAD_H

#include "shared/buf.h"

#include <stdint.h>

struct load;

/* Write one whole HTTP request for connection `index` (0..connections-1) into `out`. `serial` counts all requests of
 * the run from 0. False: this connection has nothing more to send. */
typedef bool load_make(void *ctx, int index, int64_t serial, struct buf *out);
/* One answer came: HTTP status and body (NUL-terminated, borrowed). May be NULL. */
typedef void load_answer(void *ctx, int index, int status, const char *body, size_t len);

struct load_options {
	int port;            /* on 127.0.0.1 */
	int connections;     /* at most 1024 */
	int64_t requests;    /* stop after so many were sent; 0: no such bound */
	int64_t duration_ms; /* stop sending after this time; 0: no such bound */
	int64_t rate;        /* requests per second; 0: closed loop */
	load_make *make;
	load_answer *answer;
	void *ctx;
};

struct load_result {
	int64_t answered;    /* answers with the status that `make` hopes for, 200 or 201 */
	int64_t refused;     /* answers with any other status */
	int64_t lost;        /* sent, and the connection ended without an answer */
	double seconds;      /* first send to last answer */
	int64_t p50_us, p99_us, max_us;
	char first_refusal[256]; /* start of the first refused body */
};

/* QT_OFFLINE when no connection could be made. */
enum qt_err load_run(const struct load_options *, struct load_result *) QT_USE_RESULT;

#endif
