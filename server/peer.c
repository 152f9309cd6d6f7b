/* peer: see peer.h. */
#include "server/peer.h"

#include "server/auth.h"

#include <stdlib.h>
#include <string.h>

#define SKEW_MS 60000

bool peer_is_ours(const struct server *s, const struct route *r)
{
	return (r->flags & ROUTE_BOTH) || (r->flags & ROUTE_CODES ? s->role_codes : s->role_service);
}

enum qt_err peer_identify(struct server *s, struct db *reader, const char *token, int64_t now_ms, struct actor *actor)
{
	return auth_check(reader, &s->keys, token, now_ms, actor);
}

/* The bytes that are signed. */
static void sign(const struct server *s, const char *method, const char *target, int64_t time_ms, const char *body,
                 size_t len, char out[65])
{
	struct buf text = { 0 };
	uint8_t hash[32], mac[32];

	crypto_sha256(body ? body : "", len, hash);
	buf_addf(&text, "%s\n%s\n%lld\n", method, target, (long long)time_ms);
	buf_add(&text, hash, sizeof hash);
	crypto_hmac(s->keys.peer_key, text.data, text.len, mac);
	hex_encode(mac, sizeof mac, out);
	buf_free(&text);
}

enum qt_err peer_verify(struct server *s, const char *method, const char *target, const char *given, const char *body,
                        size_t len, int64_t now_ms, struct actor *actor)
{
	char *end, expected[65];
	long long time_ms = strtoll(given, &end, 10);

	if (end == given || *end != ':' || strlen(end + 1) != 64)
		return QT_BAD_SIGNATURE;
	sign(s, method, target, time_ms, body, len, expected);
	if (!crypto_equal(expected, end + 1, 64) || time_ms < now_ms - SKEW_MS || time_ms > now_ms + SKEW_MS)
		return QT_BAD_SIGNATURE;
	actor->role = ROLE_PEER;
	return QT_OK;
}

enum qt_err peer_forward(struct server *s, struct call *call, const char *method, const char *target, const char *query,
                         const struct http_head *head, struct buf *reply)
{
	(void)s, (void)method, (void)target, (void)query, (void)head, (void)reply;
	return problem_set(&call->problem, QT_NO_ROUTE, "", "the role this belongs to does not run here");
}

enum qt_err peer_start(struct server *s, struct problem *p)
{
	if (s->role_codes && s->role_service)
		return QT_OK;
	return problem_set(p, QT_BAD_CONFIG, "roles", "roles: both roles must run in one process");
}

void peer_stop(struct server *s)
{
	(void)s;
}
