/* peer_forward: requests on their way to the other process: one thread, any number at once (a long poll takes half a
 * minute), connections kept. The answer goes back as it came. */
#include "server/peer_inside.h"

#include "shared/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FORWARD_MS 60000

struct forward {
	struct forward *next;
	struct exchange *x;
	struct server *server;
	CURL *easy;
	struct curl_slist *headers;
};

static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
	struct forward *f = ctx;
	buf_add(&f->x->reply, data, size * count);
	return size * count;
}

/* "Name: value\r\n" -> the value when it is that header, in the exchange's arena. */
static const char *value_of(struct exchange *x, const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);
	if (len <= n + 1 || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && *line == ' ')
		line++, len--;
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	return arena_strndup(&x->arena, line, len);
}

static size_t take_header(char *data, size_t size, size_t count, void *ctx)
{
	struct forward *f = ctx;
	struct exchange *x = f->x;
	size_t len = size * count;
	const char *v;

	if ((v = value_of(x, data, len, "Content-Type")))
		x->forwarded_type = v;
	else if ((v = value_of(x, data, len, "Set-Cookie")))
		snprintf(x->call.cookie, sizeof x->call.cookie, "%s", v);
	else if ((v = value_of(x, data, len, "Location")))
		x->call.location = v;
	else if ((v = value_of(x, data, len, "ETag")))
		x->call.etag = v;
	else if ((v = value_of(x, data, len, "Idempotency-Replayed")))
		x->replayed = true;
	return len;
}

static void add_header(struct forward *f, const char *name, const char *value)
{
	if (value == NULL)
		return;
	size_t size = strlen(name) + strlen(value) + 3;
	char *line = arena_alloc(&f->x->arena, size);
	snprintf(line, size, "%s: %s", name, value);
	f->headers = curl_slist_append(f->headers, line);
}

static void prepare(struct forward *f)
{
	struct exchange *x = f->x;
	const struct http_head *h = &x->head;
	char header[PEER_HEADER_MAX];
	size_t room = HTTP_TARGET_MAX + 300;
	char *target = arena_alloc(&x->arena, room), *url = arena_alloc(&x->arena, room + 300);
	bool is_operator = x->listener == LISTENER_SOCKET && h->authorization == NULL;

	snprintf(target, room, "%s%s%.*s", x->target, x->query ? "?" : "", (int)x->query_len, x->query ? x->query : "");
	snprintf(url, room + 300, "%s%s", f->server->settings.peer_url, target);
	peer_sign_header(f->server, x->method, target, is_operator ? PEER_OPERATOR : PEER_CLIENT, x->call.address, x->body.data,
	                 x->body.len, header);
	f->headers = curl_slist_append(NULL, header);
	add_header(f, "Authorization", h->authorization);
	add_header(f, "Cookie", h->cookie);
	add_header(f, "Idempotency-Key", h->idempotency_key);
	add_header(f, "Content-Type", h->content_type ? h->content_type : "application/octet-stream");
	add_header(f, "Accept-Language", h->accept_language);
	add_header(f, "X-Merchant", h->merchant);
	add_header(f, "X-Qrtill", h->qrtill);
	add_header(f, "If-None-Match", h->if_none_match);
	/* What a payment provider signs its callbacks with. */
	add_header(f, "X-Sandbox-Time", call_header(&x->call, "X-Sandbox-Time"));
	add_header(f, "X-Sandbox-Signature", call_header(&x->call, "X-Sandbox-Signature"));
	f->headers = curl_slist_append(f->headers, "Expect:");
	curl_easy_setopt(f->easy, CURLOPT_URL, url);
	curl_easy_setopt(f->easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(f->easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(f->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(f->easy, CURLOPT_TIMEOUT_MS, (long)FORWARD_MS);
	curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, f->headers);
	if (strcmp(x->method, "POST") == 0) {
		curl_easy_setopt(f->easy, CURLOPT_POSTFIELDSIZE, (long)x->body.len);
		curl_easy_setopt(f->easy, CURLOPT_COPYPOSTFIELDS, x->body.data ? x->body.data : "");
	}
	curl_easy_setopt(f->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(f->easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(f->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(f->easy, CURLOPT_HEADERDATA, f);
	curl_easy_setopt(f->easy, CURLOPT_PRIVATE, f);
}

static void finish(struct forward *f, CURLcode result)
{
	struct exchange *x = f->x;
	long status = 0;

	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
	if (result == CURLE_OK) {
		x->call.status = (int)status;
		x->err = QT_OK;
	} else {
		log_line('W', "the other process did not answer: %s", curl_easy_strerror(result));
		/* It may have done what it was asked: the client sends it again with the same key. */
		bool reached = result != CURLE_COULDNT_CONNECT && strcmp(x->method, "POST") == 0;
		x->err = reached ? QT_UNKNOWN_OUTCOME : QT_OFFLINE;
		x->forwarded_type = NULL;
	}
	curl_slist_free_all(f->headers);
	curl_easy_cleanup(f->easy);
	free(f);
	exchange_finish(x);
}

static void start_queued(struct peer *p)
{
	pthread_mutex_lock(&p->lock);
	struct forward *f = p->queue, *next;
	p->queue = NULL;
	pthread_mutex_unlock(&p->lock);
	for (; f != NULL; f = next) {
		next = f->next;
		curl_multi_add_handle(p->multi, f->easy);
	}
}

static void *run(void *ctx)
{
	struct server *s = ctx;
	struct peer *p = s->peer;
	int running, left;
	CURLMsg *m;

	while (!__atomic_load_n(&p->stopping, __ATOMIC_ACQUIRE)) {
		start_queued(p);
		curl_multi_perform(p->multi, &running);
		while ((m = curl_multi_info_read(p->multi, &left)) != NULL)
			if (m->msg == CURLMSG_DONE) {
				struct forward *f;
				CURLcode result = m->data.result;
				curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f);
				curl_multi_remove_handle(p->multi, f->easy);
				finish(f, result);
			}
		curl_multi_poll(p->multi, NULL, 0, 1000, NULL);
	}
	return NULL;
}

enum qt_err peer_forward(struct server *s, struct exchange *x)
{
	struct peer *p = s->peer;
	struct forward *f = xcalloc(1, sizeof *f);

	f->x = x;
	f->server = s;
	f->easy = curl_easy_init();
	if (f->easy == NULL)
		fatal("out of memory");
	x->in_pool = true; /* the answer comes from another thread, which wakes the loop */
	prepare(f);
	pthread_mutex_lock(&p->lock);
	f->next = p->queue;
	p->queue = f;
	pthread_mutex_unlock(&p->lock);
	curl_multi_wakeup(p->multi);
	return QT_OK;
}

void peer_forward_start(struct server *s)
{
	s->peer->multi = curl_multi_init();
	if (s->peer->multi == NULL || pthread_create(&s->peer->thread, NULL, run, s) != 0)
		fatal("cannot start a thread");
}

void peer_forward_stop(struct server *s)
{
	__atomic_store_n(&s->peer->stopping, true, __ATOMIC_RELEASE);
	curl_multi_wakeup(s->peer->multi);
	pthread_join(s->peer->thread, NULL);
	curl_multi_cleanup(s->peer->multi);
}
