/* web: the sandbox platform's HTTP: the merchant's signed calls, the pages a person pays and agrees on, and the control
 * interface of tests. The protocol is in qrtill-sandbox(8). */
#ifndef QT_SANDBOX_WEB_H
#define QT_SANDBOX_WEB_H

#include "server/sandbox/callback.h"

struct web;

struct web_options {
	const char *address;      /* IPv4 address to listen on */
	int port;                 /* 0: a free one */
	const char *public_url;   /* what redirects carry; NULL: http://address:port */
	const uint8_t *key;       /* 32 bytes, borrowed for the web's life */
	struct book *book;        /* borrowed */
	struct callbacks *callbacks; /* borrowed */
};
enum qt_err web_start(const struct web_options *, struct web **, struct problem *) QT_USE_RESULT;
int web_port(const struct web *);
void web_stop(struct web *);

#endif
