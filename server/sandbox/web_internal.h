/* web_internal: what the sandbox's HTTP front (web.c), its signed calls (web_api.c), its pages (web_page.c) and its
 * control interface (web_control.c) share. */
#ifndef QT_SANDBOX_WEB_INTERNAL_H
#define QT_SANDBOX_WEB_INTERNAL_H

#include "server/sandbox/web.h"
#include "shared/buf.h"
#include "shared/jread.h"

#include <pthread.h>

/* Faults of answers to signed calls; the work is done all the same. X(NAME, "word", "what it does") */
#define ANSWER_FAULTS(X) \
	X(NONE, "normal", "answer at once") \
	X(LOSE, "lose", "do it, close the connection without an answer") \
	X(DELAY, "delay", "do it, answer after delay_ms") \
	X(ERROR, "error", "do nothing, answer 500") \
	X(FORGE, "forge", "answer with a wrong signature") \
	X(REFUSE, "refuse", "refuse new payments")
enum answer_fault {
#define X(name, word, help) ANSWER_##name,
	ANSWER_FAULTS(X)
#undef X
	ANSWER_FAULT_COUNT
};

struct web {
	struct web_options options;
	struct MHD_Daemon *daemon;
	int port;
	char public_url[256];
	pthread_mutex_t lock;     /* of the two members below */
	enum answer_fault fault;
	int64_t delay_ms;
};

/* One request, whole. */
struct exchange {
	struct web *web;
	const char *method, *path;
	const char *time_text, *signature; /* headers; NULL: missing */
	struct buf in;                      /* body */
	/* the answer */
	int status;
	const char *content_type;
	struct buf out;
	bool lost;                          /* close without an answer */
	bool signed_call;                   /* sign the answer */
	bool forged;                        /* sign it wrongly */
};

/* The rest of the path after `prefix` up to the next '/', copied into out; NULL when the path does not start so or the
 * word is empty or too long. *rest gets what follows the word ("" or "/cancel"). */
const char *path_word(const char *path, const char *prefix, char *out, size_t size, const char **rest);

void web_api(struct exchange *);      /* /payments, /bindings */
void web_page(struct exchange *);     /* /pay/ID, /bind/ID */
void web_control(struct exchange *);  /* /control */
void exchange_problem(struct exchange *, enum qt_err);

#endif
