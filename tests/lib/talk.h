/* talk: raw bytes to a listener, many connections at once, and what came back; for requests that no client would send. */
#ifndef QT_TEST_TALK_H
#define QT_TEST_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct talk {
	int fd;
	char *out;        /* owned */
	size_t out_len, sent;
	bool cut;         /* the server would take no more */
	bool drip;        /* one more byte now and then, for ever; set by the caller */
	bool half_close;  /* our side ends behind the last byte; set by the caller */
	int64_t drip_ms;  /* when the next one goes */
	char in[8192];    /* NUL-terminated after talk_all */
	size_t in_len;
	bool ended;       /* the server closed */
};

/* Connect to 127.0.0.1 and keep these bytes for talk_all. Ends the test when nobody listens. */
void talk_start(struct talk *, int port, const char *bytes, size_t len);
/* Send and receive on all until the server has closed each, at most so long. */
void talk_all(struct talk *, int count, int64_t bound_ms);
/* Final answers in a text (not the interim 100). */
int talk_answers(const char *text);
/* Was the malformed request refused: closed, with no answer or one of class 4xx, 501 or 505? */
bool talk_refused(const struct talk *);
void talk_end(struct talk *);
/* The same as a TAP line; ends the talk. */
void talk_judge(struct talk *, const char *label);

#endif
