/* http_answer: an answer on its way out: its headers, and its line in the access log. See http_loop.h. */
#include "server/http_loop.h"
#include "server/page.h"
#include "server/routes.h"
#include "shared/clock.h"
#include "shared/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define SEND_MS 30000 /* an answer must be taken within this time */

static void add_header(struct MHD_Response *r, const char *name, const char *value)
{
	if (MHD_add_response_header(r, name, value) != MHD_YES)
		log_line('E', "header %s cannot be sent", name);
}

static void add_allow(struct MHD_Response *r, unsigned methods)
{
	char allow[64] = "";
	for (int i = 0; i < METHOD_COUNT; i++)
		if (methods & 1u << i)
			snprintf(allow + strlen(allow), sizeof allow - strlen(allow), "%s%s", allow[0] ? ", " : "", method_names[i]);
	add_header(r, "Allow", allow);
}

static void add_page_headers(struct MHD_Response *r, const struct call *call)
{
	for (int i = 0; i < page_header_count; i++)
		add_header(r, page_headers[i].name, page_headers[i].value);
	if (call->location != NULL)
		add_header(r, "Location", call->location);
	if (call->etag != NULL) {
		add_header(r, "ETag", call->etag);
		add_header(r, "Cache-Control", "no-cache");
	} else {
		add_header(r, "Cache-Control", "no-store");
	}
}

/* Codes and credentials in a path can be secrets (a card's, an enrolment's), also in one that leads nowhere: of a long
 * part only the first characters are logged. */
static void log_path(struct buf *out, const struct exchange *x)
{
	enum { LONGEST = 16, SHOWN = 4 }; /* no word of a route but one is longer; no secret is shorter */

	for (size_t at = 0; at < x->path_len;) {
		const char *start = x->target + at, *slash = memchr(start + 1, '/', x->path_len - at - 1);
		size_t len = slash ? (size_t)(slash - start) : x->path_len - at;
		bool whole = len <= LONGEST + 1; /* with its slash */
		text_clean(out, start, whole ? len : SHOWN + 1, TEXT_TERMINAL);
		if (!whole)
			buf_adds(out, "...");
		at += len;
	}
}

static void log_answer(struct loop *l, const struct exchange *x)
{
	const struct actor *a = &x->call.actor;
	char when[21], peer[INET6_ADDRSTRLEN] = "local";

	if (!l->server->settings.access_log)
		return;
	if (x->listener != LISTENER_SOCKET)
		inet_ntop(AF_INET6, x->call.address, peer, sizeof peer);
	buf_adds(&l->log, clock_format_utc(clock_now_ms(), when));
	buf_adds(&l->log, " A ");
	buf_adds(&l->log, strncmp(peer, "::ffff:", 7) == 0 ? peer + 7 : peer);
	buf_addf(&l->log, " role %d/%lld %s ", a->role ? __builtin_ctz((unsigned)a->role) : 0,
	         (long long)(a->staff_id ? a->staff_id : a->terminal_id ? a->terminal_id : a->customer_id), x->method);
	log_path(&l->log, x);
	buf_addf(&l->log, " %d %s %lld us\n", x->call.status, err_info(x->err)->code,
	         (long long)(clock_mono_us() - x->started_us));
}

/* Sends x->reply or the page with all its headers. */
enum MHD_Result answer_send(struct client *c)
{
	struct exchange *x = &c->exchange;
	struct call *call = &x->call;
	bool page = x->err == QT_OK && x->route != NULL && (x->route->flags & ROUTE_PAGE);
	const char *forwarded = x->err == QT_OK ? x->forwarded_type : NULL;
	struct buf *body = page && !forwarded ? &call->page : &x->reply;
	/* What the phone has already is not sent again (RFC 9110 section 13.1.2). */
	if (page && !forwarded && call->status == 200 && call->etag && x->head.if_none_match &&
	    strstr(x->head.if_none_match, call->etag)) {
		call->status = 304;
		buf_reset(body);
	}

	/* Not copied: the exchange keeps both bodies until the library says that the request is over (on_completed). */
	struct MHD_Response *r = MHD_create_response_from_buffer(body->len, body->data, MHD_RESPMEM_PERSISTENT);
	if (r == NULL)
		fatal("out of memory");
	if (page)
		add_page_headers(r, call);
	else
		add_header(r, "Cache-Control", "no-store");
	if (body->len > 0)
		add_header(r, "Content-Type", forwarded ? forwarded : page ? call->content_type
		                              : x->err ? "application/problem+json" : "application/json");
	if (x->replayed)
		add_header(r, "Idempotency-Replayed", "true");
	if (call->cookie[0] != '\0')
		add_header(r, "Set-Cookie", call->cookie);
	if (x->err == QT_BAD_METHOD)
		add_allow(r, x->allow);
	if (x->err == QT_NOT_SIGNED_IN)
		add_header(r, "WWW-Authenticate", "Bearer");
	if (x->err == QT_TOO_MANY || x->err == QT_BUSY)
		add_header(r, "Retry-After", "1");
	if (x->close || atomic_load(&x->loop->server->http->stopping))
		add_header(r, "Connection", "close");
	c->deadline_ms = clock_mono_ms() + SEND_MS;
	log_answer(x->loop, x);
	enum MHD_Result sent = MHD_queue_response(c->connection, (unsigned)call->status, r);
	MHD_destroy_response(r);
	return sent;
}
