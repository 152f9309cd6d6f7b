/* callback: see callback.h. */
#include "server/sandbox/callback.h"

#include "shared/buf.h"
#include "shared/clock.h"
#include "shared/sandbox_sign.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES_MAX 5

struct message {
	struct message *next;
	char url[256];
	char *body;         /* owned */
	int64_t due_ms;     /* monotonic time before which it is not sent */
	int tries;
	bool forged;        /* sign with a wrong key */
};

struct callbacks {
	uint8_t key[32];
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stopping;
	int64_t late_ms;
	struct message *queue; /* to be sent, in order */
	struct message *kept;  /* newest first, until flushed */
	struct callback_stats stats;
};

static const char *const fault_names[] = {
#define X(name, word, help) word,
	CALLBACK_FAULTS(X)
#undef X
};

enum callback_fault callback_fault_by_name(const char *name)
{
	int f = 0;
	while (f < CALLBACK_FAULT_COUNT && strcmp(fault_names[f], name) != 0)
		f++;
	return (enum callback_fault)f;
}

const char *callback_fault_name(enum callback_fault fault)
{
	return fault_names[fault];
}

static void append(struct message **list, struct message *m)
{
	while (*list != NULL)
		list = &(*list)->next;
	m->next = NULL;
	*list = m;
}

static void message_free(struct message *m)
{
	free(m->body);
	free(m);
}

/* Path with query of an absolute URL. */
static const char *url_path(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;
	return path ? path : "/";
}

static size_t ignore(char *data, size_t size, size_t count, void *ctx)
{
	(void)data, (void)ctx;
	return size * count;
}

static bool deliver(struct callbacks *c, const struct message *m)
{
	char signature[SANDBOX_SIGNATURE_SIZE], header[128];
	uint8_t wrong[32] = { 0 };
	int64_t now = clock_now_ms();
	long status = 0;
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();

	if (curl == NULL)
		return false;
	sandbox_sign(m->forged ? wrong : c->key, "POST", url_path(m->url), now, m->body, strlen(m->body), signature);
	snprintf(header, sizeof header, "X-Sandbox-Time: %" PRId64, now);
	headers = curl_slist_append(headers, header);
	snprintf(header, sizeof header, "X-Sandbox-Signature: %s", signature);
	headers = curl_slist_append(headers, header);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	curl_easy_setopt(curl, CURLOPT_URL, m->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, m->body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 5000L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	return status >= 200 && status < 300;
}

/* The next message that is due, taken off the queue; NULL after waiting until something may have changed. */
static struct message *next_due(struct callbacks *c)
{
	int64_t now = clock_mono_ms(), soonest = now + 1000;
	struct timespec until;

	for (struct message **at = &c->queue; *at != NULL; at = &(*at)->next) {
		struct message *m = *at;
		if (m->due_ms <= now) {
			*at = m->next;
			return m;
		}
		if (m->due_ms < soonest)
			soonest = m->due_ms;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	int64_t ns = until.tv_nsec + (soonest - now) * 1000000;
	until.tv_sec += ns / 1000000000;
	until.tv_nsec = ns % 1000000000;
	pthread_cond_timedwait(&c->changed, &c->lock, &until);
	return NULL;
}

static void *sender(void *arg)
{
	struct callbacks *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stopping) {
		struct message *m = next_due(c);
		if (m == NULL)
			continue;
		pthread_mutex_unlock(&c->lock);
		bool taken = deliver(c, m);
		pthread_mutex_lock(&c->lock);
		c->stats.sent++;
		if (!taken && ++m->tries < TRIES_MAX) {
			m->due_ms = clock_mono_ms() + (200 << m->tries);
			append(&c->queue, m);
			continue;
		}
		c->stats.taken += taken;
		c->stats.failed += !taken;
		message_free(m);
	}
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

struct callbacks *callbacks_start(const uint8_t key[32])
{
	struct callbacks *c = xcalloc(1, sizeof *c);
	pthread_condattr_t monotonic;

	memcpy(c->key, key, sizeof c->key);
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&c->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&c->thread, NULL, sender, c) != 0)
		fatal("sandbox: cannot start a thread");
	return c;
}

static void free_list(struct message *m)
{
	while (m != NULL) {
		struct message *next = m->next;
		message_free(m);
		m = next;
	}
}

void callbacks_stop(struct callbacks *c)
{
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	free_list(c->queue);
	free_list(c->kept);
	free(c);
}

void callbacks_set_fault(struct callbacks *c, enum callback_fault fault, int64_t late_ms)
{
	pthread_mutex_lock(&c->lock);
	c->stats.fault = fault;
	c->late_ms = late_ms;
	pthread_mutex_unlock(&c->lock);
}

void callbacks_flush(struct callbacks *c)
{
	pthread_mutex_lock(&c->lock);
	struct message *kept = c->kept, *ordered = NULL;
	c->kept = NULL;
	while (kept != NULL) {
		struct message *m = kept;
		kept = m->next;
		if (c->stats.fault == CALLBACK_REORDER) {
			append(&ordered, m);
		} else {
			m->next = ordered;
			ordered = m;
		}
	}
	struct message **tail = &c->queue;
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = ordered;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

/* Takes over `body`. */
static void queue(struct callbacks *c, const char *url, char *body)
{
	pthread_mutex_lock(&c->lock);
	enum callback_fault fault = c->stats.fault;
	c->stats.queued++;
	for (int copies = fault == CALLBACK_DOUBLE ? 2 : fault == CALLBACK_LOSE ? 0 : 1; copies > 0; copies--) {
		struct message *m = xcalloc(1, sizeof *m);
		snprintf(m->url, sizeof m->url, "%s", url);
		m->body = xstrdup(body);
		m->forged = fault == CALLBACK_FORGE_SIGNATURE;
		m->due_ms = clock_mono_ms() + (fault == CALLBACK_LATE ? c->late_ms : 0);
		if (fault == CALLBACK_HOLD || fault == CALLBACK_REORDER) {
			m->next = c->kept;
			c->kept = m;
		} else {
			append(&c->queue, m);
		}
	}
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
	free(body);
}

void callback_payment(struct callbacks *c, const struct book_payment *p)
{
	struct buf b = { 0 };
	struct json j;

	if (p->callback_url[0] == '\0')
		return;
	pthread_mutex_lock(&c->lock);
	int64_t extra = c->stats.fault == CALLBACK_FORGE_AMOUNT;
	pthread_mutex_unlock(&c->lock);
	json_start(&j, &b);
	json_object(&j, NULL);
	json_text(&j, "type", "payment");
	json_text(&j, "reference", p->reference);
	json_text(&j, "payment", p->id);
	json_text(&j, "state", book_state_name(p->state));
	json_int(&j, "amount_cents", p->amount_cents + extra);
	json_text(&j, "currency", p->currency);
	json_int(&j, "at_ms", p->done_ms);
	json_end(&j);
	queue(c, p->callback_url, buf_take(&b));
}

void callback_binding(struct callbacks *c, const struct book_binding *g)
{
	struct buf b = { 0 };
	struct json j;

	if (g->callback_url[0] == '\0')
		return;
	json_start(&j, &b);
	json_object(&j, NULL);
	json_text(&j, "type", "binding");
	json_text(&j, "reference", g->reference);
	json_text(&j, "binding", g->id);
	json_text(&j, "state", book_state_name(g->state));
	json_end(&j);
	queue(c, g->callback_url, buf_take(&b));
}

void callbacks_stats(struct callbacks *c, struct callback_stats *stats)
{
	pthread_mutex_lock(&c->lock);
	*stats = c->stats;
	pthread_mutex_unlock(&c->lock);
}
