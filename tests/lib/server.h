/* server: a real qrtilld for a test: in the test's own folder, on free loopback ports, stopped by its process id. */
#ifndef QT_TEST_SERVER_H
#define QT_TEST_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct test_server {
	pid_t pid;            /* 0: not running */
	char dir[90];        /* data_dir: database, keys, heads, log */
	char socket[100];     /* the operator's */
	char log[100];        /* what it wrote on standard error */
	int till_port, phone_port;
	char till_url[64];    /* "http://127.0.0.1:PORT" (https:// with TLS) */
	char phone_url[64];
	char flags[12][256];  /* more flags, "--roles=codes" */
	int flag_count;
};

/* Start $QRTILL_BIN/qrtilld with a data folder NAME in test_folder() and wait until it answers. `flags` are more options,
 * ended by NULL, or NULL. Limits of tries and the access log are off unless the flags say otherwise. Ends the test
 * with "not ok" and the server's log when it does not come up. */
void server_start(struct test_server *, const char *name, const char *const *flags);
/* Start again in the same folder and on the same ports, after server_stop or server_kill. */
void server_again(struct test_server *);
/* SIGTERM; true when it ended cleanly (exit status 0) within ten seconds. */
bool server_stop(struct test_server *);
/* SIGKILL. */
void server_kill(struct test_server *);
/* Start and expect a refusal: true when it ended by itself with a status that is not 0; its message is in `log`. */
bool server_refuses(struct test_server *, const char *name, const char *const *flags, char *message, int size);

/* A loopback TCP port that was free a moment ago. */
int free_port(void);

#endif
