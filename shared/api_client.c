/* api_client: see api_client.h. */
#include "shared/api_client.h"

#include "shared/buf.h"
#include "shared/clock.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REPLY_MAX (32u << 20) /* bytes of one answer; more is not ours */
#define EVENT_WAIT_S 25

struct flight {
	struct flight *next;
	int64_t number;
	CURL *easy;                 /* owned; NULL: the injected transport has it */
	struct curl_slist *headers; /* owned */
	struct buf in;              /* the answer's body */
	char *body;                 /* owned; what is posted */
	bool post, replayed, events;
	bool fresh;                 /* no connection that lay idle was taken */
	api_done done;              /* NULL: cancelled, or events being stopped */
	void *ctx;
};

struct api {
	CURLM *multi;               /* NULL: an injected transport carries the requests */
	const struct api_transport *transport; /* NULL: libcurl */
	char *url, *socket, *token, *pin, *locale; /* owned; NULL: none */
	int64_t merchant_id;
	int timeout_ms;
	int64_t last_number;
	bool stale;                 /* a request ran out of time: connections that lie idle may be as dead as its own */
	struct flight *flights;
	struct api_events *events;  /* borrowed; NULL: none running */
};

static const struct api_transport *injected;

static char *copy_text(const char *s)
{
	return s != NULL && s[0] != '\0' ? xstrdup(s) : NULL;
}

static void replace_text(char **slot, const char *s)
{
	char *copy = copy_text(s);
	free(*slot);
	*slot = copy;
}

enum qt_err api_open(const struct api_options *o, struct api **out, struct problem *p)
{
	static bool ready;

	*out = NULL;
	if (!ready && !injected && curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		fatal("libcurl does not start");
	ready = ready || !injected;
	const char *url = o->url && o->url[0] ? o->url : o->socket && o->socket[0] ? "http://localhost" : "";
	if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
		return problem_set(p, QT_BAD_CONFIG, "server", "must begin with http:// or https://");
	if (o->pin && o->pin[0] && strncmp(o->pin, "sha256/", 7) != 0)
		return problem_set(p, QT_BAD_CONFIG, "pin", "must be sha256/ and base64");
	struct api *a = xcalloc(1, sizeof *a);
	a->url = copy_text(url);
	for (size_t n = strlen(a->url); n > 0 && a->url[n - 1] == '/'; n--)
		a->url[n - 1] = '\0';
	a->socket = copy_text(o->socket);
	a->token = copy_text(o->token);
	a->locale = copy_text(o->locale);
	if (o->pin && o->pin[0]) {
		const char *hash = o->pin + 7 + (o->pin[7] == '/');
		a->pin = xmalloc(strlen(hash) + 9);
		sprintf(a->pin, "sha256//%s", hash);
	}
	a->merchant_id = o->merchant_id;
	a->timeout_ms = o->timeout_ms ? o->timeout_ms : 15000;
	a->transport = injected;
	a->multi = injected ? NULL : curl_multi_init();
	if (a->multi == NULL && !injected)
		fatal("libcurl does not start");
	*out = a;
	return QT_OK;
}

static void flight_free(struct api *a, struct flight *f)
{
	if (f->easy != NULL) {
		curl_multi_remove_handle(a->multi, f->easy);
		curl_easy_cleanup(f->easy);
		curl_slist_free_all(f->headers);
	}
	buf_free(&f->in);
	free(f->body);
	free(f);
}

static void flight_unlink(struct api *a, struct flight *f)
{
	struct flight **at = &a->flights;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
}

void api_close(struct api *a)
{
	if (a == NULL)
		return;
	while (a->flights != NULL) {
		struct flight *f = a->flights;
		a->flights = f->next;
		if (a->transport)
			a->transport->cancel(a->transport->ctx, a, f->number);
		flight_free(a, f);
	}
	if (a->multi)
		curl_multi_cleanup(a->multi);
	free(a->url);
	free(a->socket);
	free(a->token);
	free(a->pin);
	free(a->locale);
	free(a);
}

void api_set_token(struct api *a, const char *token)
{
	replace_text(&a->token, token);
}

void api_set_locale(struct api *a, const char *locale)
{
	replace_text(&a->locale, locale);
}

void api_reply_free(struct api_reply *r)
{
	jfree(r->body);
	*r = (struct api_reply){ 0 };
}

static size_t on_body(char *data, size_t size, size_t count, void *ctx)
{
	struct flight *f = ctx;
	if (f->in.len + size * count > REPLY_MAX)
		return 0;
	buf_add(&f->in, data, size * count);
	return size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *ctx)
{
	static const char name[] = "idempotency-replayed:";
	struct flight *f = ctx;
	if (size * count >= sizeof name && strncasecmp(data, name, sizeof name - 1) == 0)
		f->replayed = memmem(data, size * count, "true", 4) != NULL;
	return size * count;
}

static void add_header(struct flight *f, const char *name, const char *value)
{
	struct buf b = { 0 };
	if (value == NULL || value[0] == '\0')
		return;
	buf_adds(&b, name);
	buf_adds(&b, ": ");
	buf_adds(&b, value);
	struct curl_slist *longer = curl_slist_append(f->headers, b.data);
	if (longer == NULL)
		fatal("out of memory");
	f->headers = longer;
	buf_free(&b);
}

static void add_headers(struct api *a, struct flight *f, const struct api_request *r)
{
	const char *token = r->token ? r->token : a->token;
	char merchant[24];

	add_header(f, "Accept", "application/json");
	add_header(f, "Accept-Language", a->locale);
	if (token != NULL && token[0] != '\0') {
		struct buf b = { 0 };
		buf_adds(&b, "Bearer ");
		buf_adds(&b, token);
		add_header(f, "Authorization", b.data);
		buf_free(&b);
	}
	add_header(f, "Idempotency-Key", r->key);
	if (a->merchant_id > 0) {
		snprintf(merchant, sizeof merchant, "%lld", (long long)a->merchant_id);
		add_header(f, "X-Merchant", merchant);
	}
	if (f->post)
		add_header(f, "Content-Type", "application/json");
}

static void set_options(struct api *a, struct flight *f, const struct api_request *r)
{
	struct buf url = { 0 };
	CURL *e = f->easy;

	buf_adds(&url, a->url);
	buf_adds(&url, r->path);
	curl_easy_setopt(e, CURLOPT_URL, url.data);
	buf_free(&url);
	curl_easy_setopt(e, CURLOPT_PRIVATE, f);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_NOPROXY, "*"); /* the server is reached directly or not at all */
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "qrtill/" QRTILL_VERSION);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(r->timeout_ms ? r->timeout_ms : a->timeout_ms));
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	f->fresh = a->stale;
	if (a->stale)
		curl_easy_setopt(e, CURLOPT_MAXAGE_CONN, 1L);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, f);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, f->headers);
	if (a->socket != NULL)
		curl_easy_setopt(e, CURLOPT_UNIX_SOCKET_PATH, a->socket);
	if (a->pin != NULL) {
		/* The pinned key is the whole trust: the till learned it with its enrolment code. */
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
		if (curl_easy_setopt(e, CURLOPT_PINNEDPUBLICKEY, a->pin) != CURLE_OK)
			fatal("this libcurl cannot pin the server's key");
	}
	if (f->post) {
		curl_easy_setopt(e, CURLOPT_POST, 1L);
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)strlen(f->body));
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, f->body);
	}
}

static void hand_over(struct api *a, const struct flight *f, const struct api_request *r)
{
	const struct api_message m = {
		.method = r->method, .path = r->path, .body = f->body, .token = r->token ? r->token : a->token, .key = r->key,
		.locale = a->locale, .merchant_id = a->merchant_id, .timeout_ms = r->timeout_ms ? r->timeout_ms : a->timeout_ms,
	};
	a->transport->send(a->transport->ctx, a, f->number, &m);
}

int64_t api_send(struct api *a, const struct api_request *r)
{
	struct flight *f = xcalloc(1, sizeof *f);

	f->number = ++a->last_number;
	f->post = strcmp(r->method, "POST") == 0;
	assert(f->post || strcmp(r->method, "GET") == 0);
	f->body = f->post ? xstrdup(r->body ? r->body : "{}") : NULL;
	f->done = r->done;
	f->ctx = r->ctx;
	f->next = a->flights;
	a->flights = f;
	if (a->transport) {
		hand_over(a, f, r);
		return f->number;
	}
	f->easy = curl_easy_init();
	if (f->easy == NULL)
		fatal("out of memory");
	add_headers(a, f, r);
	set_options(a, f, r);
	if (curl_multi_add_handle(a->multi, f->easy) != CURLM_OK)
		fatal("libcurl takes no more requests");
	return f->number;
}

void api_cancel(struct api *a, int64_t number)
{
	for (struct flight *f = a->flights; f != NULL; f = f->next) {
		if (f->number == number) {
			if (a->transport)
				a->transport->cancel(a->transport->ctx, a, number);
			flight_unlink(a, f);
			flight_free(a, f);
			return;
		}
	}
}

int api_pending(const struct api *a)
{
	int n = 0;
	for (const struct flight *f = a->flights; f != NULL; f = f->next)
		n += !f->events;
	return n;
}

/* What a failed transfer means for the caller. */
static enum qt_err transport_error(const struct flight *f, CURLcode code)
{
	curl_off_t sent_us = 0;

	switch (code) {
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_PEER_FAILED_VERIFICATION:
		return QT_BAD_SIGNATURE;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
		return QT_OFFLINE;
	default:
		/* Non-zero once the connection stood and the request could go out. */
		curl_easy_getinfo(f->easy, CURLINFO_PRETRANSFER_TIME_T, &sent_us);
		return f->post && sent_us > 0 ? QT_UNKNOWN_OUTCOME : QT_OFFLINE;
	}
}

static void read_answer(const struct flight *f, struct api_reply *r)
{
	if (f->in.len > 0)
		r->body = jparse(f->in.data, f->in.len);
	if (r->status >= 200 && r->status < 300) {
		if (f->in.len > 0 && r->body == NULL)
			r->err = problem_set(&r->problem, f->post ? QT_UNKNOWN_OUTCOME : QT_INTERNAL, NULL,
			                     "the answer is not JSON");
		return;
	}
	const char *code = jtext(r->body, "code", "");
	r->err = code[0] != '\0' ? err_from_code(code) : QT_INTERNAL;
	if (code[0] == '\0' && r->status >= 502 && r->status <= 504) /* a proxy speaks, not our server */
		r->err = f->post ? QT_UNKNOWN_OUTCOME : QT_OFFLINE;
	if (r->err == QT_OK)
		r->err = QT_INTERNAL;
	problem_set(&r->problem, r->err, jtext(r->body, "field", ""), "%s", jtext(r->body, "detail", ""));
	snprintf(r->title, sizeof r->title, "%s", jtext(r->body, "title", ""));
}

static void give(struct api *a, struct flight *f, struct api_reply *r)
{
	flight_unlink(a, f);
	if (f->done != NULL)
		f->done(f->ctx, r);
	flight_free(a, f);
	api_reply_free(r);
}

static void finish(struct api *a, struct flight *f, CURLcode code)
{
	struct api_reply r = { .err = QT_OK };
	long status = 0;

	if (code == CURLE_OK) {
		curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
		r.status = (int)status;
		r.replayed = f->replayed;
		read_answer(f, &r);
	} else {
		r.err = problem_set(&r.problem, transport_error(f, code), NULL, "%s", curl_easy_strerror(code));
	}
	if (code == CURLE_OPERATION_TIMEDOUT)
		a->stale = true;
	else if (code == CURLE_OK && f->fresh)
		a->stale = false;
	give(a, f, &r);
}

void api_inject(const struct api_transport *transport)
{
	injected = transport;
}

void api_answer(struct api *a, int64_t number, int status, bool replayed, bool seen, const char *body, size_t len)
{
	struct api_reply r = { .err = QT_OK, .status = status, .replayed = replayed };
	struct flight *f = a->flights;

	while (f != NULL && f->number != number)
		f = f->next;
	assert(f != NULL);
	if (status != 0) {
		buf_add(&f->in, body, len);
		read_answer(f, &r);
	} else {
		r.err = problem_set(&r.problem, f->post && seen ? QT_UNKNOWN_OUTCOME : QT_OFFLINE, NULL, "no answer");
	}
	give(a, f, &r);
}

static void events_arm(struct api_events *);

/* Carry transfers on, and tell whoever waits for those that ended. false: none did. */
static bool advance(struct api *a)
{
	bool ended = false;
	int running, left;
	CURLMsg *m;

	curl_multi_perform(a->multi, &running);
	while ((m = curl_multi_info_read(a->multi, &left)) != NULL) {
		struct flight *f;
		if (m->msg != CURLMSG_DONE)
			continue;
		CURLcode code = m->data.result;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&f);
		finish(a, f, code);
		ended = true;
	}
	return ended;
}

bool api_wait(struct api *a, int fd, int timeout_ms)
{
	struct curl_waitfd extra = { .fd = fd, .events = CURL_WAIT_POLLIN };

	if (a->events != NULL && a->events->number == 0) {
		int64_t in_ms = a->events->retry_ms - clock_mono_ms();
		if (in_ms <= 0)
			events_arm(a->events);
		else if (in_ms < timeout_ms)
			timeout_ms = (int)in_ms;
	}
	if (a->transport)
		return false;
	/* An answer that came while the caller did something else ends here: then there is nothing to wait for. */
	if (advance(a))
		timeout_ms = 0;
	curl_multi_poll(a->multi, &extra, fd >= 0, timeout_ms, NULL);
	advance(a);
	return fd >= 0 && extra.revents != 0;
}

void api_wake(struct api *a)
{
	if (a->multi)
		curl_multi_wakeup(a->multi);
}

static void on_called(void *ctx, const struct api_reply *from)
{
	struct api_reply *to = ctx;
	*to = *from;
	jhold(to->body);
}

enum qt_err api_call(struct api *a, const char *method, const char *path, const char *body, const char *key,
                     struct api_reply *reply)
{
	struct api_request r = { .method = method, .path = path, .body = body, .key = key, .done = on_called, .ctx = reply };

	*reply = (struct api_reply){ .err = QT_ERR_COUNT };
	api_send(a, &r);
	while (reply->err == QT_ERR_COUNT)
		api_wait(a, -1, 1000);
	return reply->err;
}

static void on_events(void *ctx, const struct api_reply *r)
{
	struct api_events *e = ctx;
	const struct json_t *rows = jget(r->body, "events"), *row;

	e->number = 0;
	if (r->err == QT_OK) {
		e->backoff_ms = 0;
		e->retry_ms = 0;
		e->wait_s = EVENT_WAIT_S;
		if (e->state)
			e->state(e->ctx, QT_OK);
		for (size_t i = 0; (row = jat(rows, i)) != NULL; i++) {
			int64_t id = jint(row, "event_id", 0);
			if (id <= e->after)
				continue;
			e->after = id;
			e->event(e->ctx, jtext(row, "kind", ""), jint(row, "ref_id", 0), jget(row, "extra"));
		}
		int64_t last = jint(r->body, "last", e->after);
		if (last > e->after)
			e->after = last;
		return;
	}
	e->backoff_ms = e->backoff_ms == 0 ? 500 : e->backoff_ms < 4000 ? e->backoff_ms * 2 : 8000;
	e->retry_ms = clock_mono_ms() + e->backoff_ms;
	e->wait_s = 0;
	if (e->state)
		e->state(e->ctx, r->err);
}

static void events_arm(struct api_events *e)
{
	struct buf path = { 0 };
	struct api_request r = { .method = "GET", .done = on_events, .ctx = e, .timeout_ms = (EVENT_WAIT_S + 10) * 1000 };

	buf_adds(&path, "/v1/events?after=");
	buf_add_int(&path, e->after);
	buf_adds(&path, "&wait=");
	buf_add_int(&path, e->wait_s);
	if (e->query != NULL)
		buf_adds(&path, e->query);
	r.path = path.data;
	e->number = api_send(e->api, &r);
	e->api->flights->events = true;
	buf_free(&path);
}

void api_events_start(struct api *a, struct api_events *e)
{
	assert(a->events == NULL);
	e->api = a;
	e->number = 0;
	e->retry_ms = 0;
	e->backoff_ms = 0;
	e->wait_s = 0;
	a->events = e;
}

void api_events_stop(struct api_events *e)
{
	if (e->api == NULL)
		return;
	if (e->number != 0)
		api_cancel(e->api, e->number);
	e->api->events = NULL;
	e->api = NULL;
}

char *api_escape(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	struct buf b = { 0 };

	for (; *text; text++) {
		if (strchr(plain, *text) != NULL)
			buf_addc(&b, *text);
		else
			buf_add(&b, (char[]){ '%', hex[(unsigned char)*text >> 4], hex[*text & 15] }, 3);
	}
	return buf_take(&b);
}
