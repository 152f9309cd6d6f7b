/* peer: see peer.h. Signatures, calls to the other process, and whose credential lives where. */
#include "server/peer.h"

#include "server/auth.h"
#include "server/peer_inside.h"
#include "shared/clock.h"
#include "shared/code.h"
#include "shared/jread.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SKEW_MS 60000
#define REMEMBER_MS 5000
#define REMEMBERED 1024

static const char *const as_words[] = { [PEER_CLIENT] = "client", [PEER_ITSELF] = "peer", [PEER_OPERATOR] = "operator" };

bool peer_is_ours(const struct server *s, const struct route *r)
{
	return (r->flags & ROUTE_BOTH) || (r->flags & ROUTE_CODES ? s->role_codes : s->role_service);
}

/* The signature of everything that matters, in hex. `said` is "TIME:AS:ADDRESS". */
static void sign(const struct server *s, const char *method, const char *target, const char *said, const char *body,
                 size_t len, char out[65])
{
	struct buf text = { 0 };
	uint8_t hash[32], mac[32];

	crypto_sha256(body ? body : "", len, hash);
	buf_addf(&text, "%s\n%s\n%s\n", method, target, said);
	buf_add(&text, hash, sizeof hash);
	crypto_hmac(s->keys.peer_key, text.data, text.len, mac);
	hex_encode(mac, sizeof mac, out);
	buf_free(&text);
}

void peer_sign_header(const struct server *s, const char *method, const char *target, enum peer_as as,
                      const uint8_t address[16], const char *body, size_t len, char out[PEER_HEADER_MAX])
{
	char said[100], hex[33], signature[65];

	hex_encode(address, 16, hex);
	snprintf(said, sizeof said, "%lld:%s:%s", (long long)clock_now_ms(), as_words[as], hex);
	sign(s, method, target, said, body, len, signature);
	snprintf(out, PEER_HEADER_MAX, "X-Peer: %s:%s", said, signature);
}

enum qt_err peer_verify(struct server *s, struct exchange *x, const char *header, enum peer_as *as)
{
	char said[100], target[HTTP_TARGET_MAX + 2], expected[65], word[16], hex[33];
	const char *signature = strrchr(header, ':');
	long long time_ms;

	if (signature == NULL || (size_t)(signature - header) >= sizeof said || strlen(signature + 1) != 64)
		return QT_BAD_SIGNATURE;
	snprintf(said, sizeof said, "%.*s", (int)(signature - header), header);
	snprintf(target, sizeof target, "%s%s%.*s", x->target, x->query ? "?" : "", (int)x->query_len, x->query ? x->query : "");
	sign(s, x->method, target, said, x->body.data, x->body.len, expected);
	if (!crypto_equal(expected, signature + 1, 64))
		return QT_BAD_SIGNATURE;
	if (sscanf(said, "%lld:%15[a-z]:%32[0-9a-f]", &time_ms, word, hex) != 3 ||
	    hex_decode(hex, strlen(hex), x->call.address, sizeof x->call.address) != sizeof x->call.address ||
	    time_ms < x->call.now_ms - SKEW_MS || time_ms > x->call.now_ms + SKEW_MS)
		return QT_BAD_SIGNATURE;
	for (int i = PEER_CLIENT; i <= PEER_OPERATOR; i++)
		if (strcmp(as_words[i], word) == 0) {
			*as = (enum peer_as)i;
			return QT_OK;
		}
	return QT_BAD_SIGNATURE;
}

/* --- calls of this process to the other --- */

static size_t take_bytes(char *data, size_t size, size_t count, void *ctx)
{
	buf_add(ctx, data, size * count);
	return size * count;
}

static pthread_key_t handle_key;

static void free_handle(void *handle)
{
	curl_easy_cleanup(handle);
}

static void make_key(void)
{
	if (pthread_key_create(&handle_key, free_handle) != 0)
		fatal("no thread key left");
}

/* This thread's handle, which keeps its connection for the next call; connections are not shared between threads. */
static CURL *own_handle(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_key);
	CURL *c = pthread_getspecific(handle_key);
	if (c == NULL) {
		c = curl_easy_init();
		if (c == NULL || pthread_setspecific(handle_key, c) != 0)
			fatal("out of memory");
	}
	curl_easy_reset(c);
	return c;
}

enum qt_err peer_call(struct server *s, const char *method, const char *target, const char *body, struct buf *answer)
{
	static const uint8_t nowhere[16];
	char header[PEER_HEADER_MAX], url[HTTP_TARGET_MAX + 300];
	size_t len = body ? strlen(body) : 0;
	long status = 0;
	CURL *c = own_handle();

	peer_sign_header(s, method, target, PEER_ITSELF, nowhere, body, len, header);
	struct curl_slist *headers = curl_slist_append(NULL, header);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	snprintf(url, sizeof url, "%s%s", s->settings.peer_url, target);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, 5000L);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (body != NULL)
		curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, body);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
	CURLcode failed = curl_easy_perform(c);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (failed != CURLE_OK) {
		log_line('W', "the other process cannot be asked: %s", curl_easy_strerror(failed));
		return QT_OFFLINE;
	}
	if (status / 100 == 2)
		return QT_OK;
	struct json_t *problem = jparse(answer->data ? answer->data : "", answer->len);
	const char *code = problem ? jtext(problem, "code", NULL) : NULL;
	enum qt_err err = code ? err_from_code(code) : QT_INTERNAL;
	jfree(problem);
	return err;
}

/* --- whose credential --- */

bool peer_must_ask(const struct server *s, const char *token)
{
	return !s->role_codes && token[0] == CREDENTIAL_DEVICE;
}

static bool recall(struct peer *p, const char *token, int64_t now_ms, struct actor *actor)
{
	bool found = false;

	pthread_mutex_lock(&p->lock);
	for (int i = 0; i < REMEMBERED && p->known != NULL && !found; i++)
		if (p->known[i].until_ms > now_ms && strcmp(p->known[i].token, token) == 0) {
			*actor = p->known[i].actor;
			found = true;
		}
	pthread_mutex_unlock(&p->lock);
	return found;
}

static void remember(struct peer *p, const char *token, int64_t now_ms, const struct actor *actor)
{
	pthread_mutex_lock(&p->lock);
	if (p->known == NULL)
		p->known = xcalloc(REMEMBERED, sizeof *p->known);
	struct known *k = &p->known[p->next_known++ % REMEMBERED];
	snprintf(k->token, sizeof k->token, "%s", token);
	k->until_ms = now_ms + REMEMBER_MS;
	k->actor = *actor;
	pthread_mutex_unlock(&p->lock);
}

enum qt_err peer_identify(struct server *s, struct db *reader, const char *token, int64_t now_ms, struct actor *actor)
{
	struct buf body = { 0 }, answer = { 0 };
	struct json j;

	if (!peer_must_ask(s, token))
		return auth_check(reader, &s->keys, token, now_ms, actor);
	if (strlen(token) >= AUTH_TOKEN_MAX)
		return QT_NOT_SIGNED_IN;
	if (recall(s->peer, token, now_ms, actor))
		return QT_OK;
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "device_token", token);
	json_end(&j);
	enum qt_err err = peer_call(s, "POST", "/v1/peer/identify", body.data, &answer);
	struct json_t *tree = err == QT_OK ? jparse(answer.data, answer.len) : NULL;
	if (err == QT_OK) {
		const char *locale = jtext(tree, "locale", "en");
		*actor = (struct actor){ .role = ROLE_CUSTOMER, .customer_id = jint(tree, "customer_id", 0) };
		snprintf(actor->locale, sizeof actor->locale, "%.2s", locale);
		remember(s->peer, token, now_ms, actor);
	}
	jfree(tree);
	buf_free(&body);
	buf_free(&answer);
	return err;
}

/* --- landing pages --- */

bool peer_has_landing(const struct server *s, int code_kind)
{
	return !s->role_service && code_kind != CODE_IDENTITY;
}

enum qt_err peer_landing(struct call *call, struct json *j)
{
	char target[160];
	struct buf answer = { 0 };

	snprintf(target, sizeof target, "/v1/peer/landing/%s?customer_id=%lld", call->token, (long long)call->actor.customer_id);
	enum qt_err err = peer_call(call->server, "GET", target, NULL, &answer);
	if (err == QT_OK && answer.len > 2)
		json_raw(j, NULL, answer.data + 1, answer.len - 2); /* its members, without the braces */
	buf_free(&answer);
	return err;
}
