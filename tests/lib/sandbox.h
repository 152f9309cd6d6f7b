/* sandbox: a real qrtill-sandbox beside a test server: its process, its switches, its pages as a person uses them. */
#ifndef QT_TEST_SANDBOX_H
#define QT_TEST_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct test_sandbox {
	pid_t pid;          /* 0: not running */
	int port;           /* kept over sandbox_again */
	char url[64];       /* "http://127.0.0.1:PORT" */
	char flag[96];      /* for the server: "--providers=sandbox=URL" */
	char key_file[160], book[160];
};

/* Start $QRTILL_BIN/qrtill-sandbox for the server that will be started as `name` (server_start): makes that server's data
 * folder, and the shared key in it. */
void sandbox_start(struct test_sandbox *, const char *name);
void sandbox_stop(struct test_sandbox *);  /* SIGTERM, and wait */
void sandbox_again(struct test_sandbox *); /* same port, key and book */

/* POST to the control interface; ends the test when it is refused. */
void sandbox_control(const struct test_sandbox *, const char *path, const char *json);
/* A number of GET /control by name ("alice", "taken", "failed"). */
int64_t sandbox_number(const struct test_sandbox *, const char *name);
/* Fill in the form of a page and press a button; HTTP status. */
int sandbox_page(const char *page_url, const char *account, const char *pin, bool agree);
/* A signed call as the merchant's server makes it; HTTP status (404: the platform does not know it). */
int sandbox_call(const struct test_sandbox *, const char *method, const char *path, const char *body);
/* Send the server a callback, signed with the shared key or not; HTTP status. */
int sandbox_callback(const struct test_sandbox *, const char *server_url, const char *body, bool rightly_signed);

#endif
