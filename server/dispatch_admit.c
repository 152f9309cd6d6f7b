/* dispatch_admit: may this request be carried out? Address, credential, role, forgery, tries, key, body: in that order, so
 * that nothing is decoded for whom it is not meant. */
#include "server/auth.h"
#include "server/exchange.h"
#include "server/peer.h"
#include "server/ratelimit.h"
#include "server/seen.h"
#include "shared/clock.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static enum qt_err refuse(struct exchange *x, enum qt_err err, const char *field, const char *why)
{
	return problem_set(&x->call.problem, err, field, why ? "%s" : NULL, why);
}

/* The client's own address: the last one a trusted proxy has added. */
static void set_address(struct server *server, struct exchange *x)
{
	const char *list = x->head.forwarded_for;
	struct in_addr v4;

	if (!server->settings.trust_proxy || list == NULL)
		return;
	const char *last = strrchr(list, ',');
	last = last ? last + 1 : list;
	last += strspn(last, " ");
	uint8_t *out = x->call.address;
	if (inet_pton(AF_INET, last, &v4) == 1) {
		memset(out, 0, 16);
		out[10] = out[11] = 0xff;
		memcpy(out + 12, &v4, 4);
	} else if (inet_pton(AF_INET6, last, out) != 1) {
		memcpy(out, x->peer, sizeof x->peer);
	}
}

static bool cookie_token(const char *cookies, char token[AUTH_TOKEN_MAX])
{
	static const char name[] = "qrtill_device=";
	for (const char *s = cookies; s != NULL && *s != '\0'; s = strchr(s, ';')) {
		s += strspn(s, "; ");
		if (strncmp(s, name, sizeof name - 1) != 0)
			continue;
		s += sizeof name - 1;
		size_t len = strcspn(s, "; ");
		if (len >= AUTH_TOKEN_MAX)
			return false;
		memcpy(token, s, len);
		token[len] = '\0';
		return true;
	}
	return false;
}

static enum qt_err operator_actor(struct exchange *x, struct actor *a)
{
	a->role = ROLE_OPERATOR;
	if (x->head.merchant == NULL)
		return QT_OK;
	char *end;
	a->merchant_id = strtoll(x->head.merchant, &end, 10);
	if (x->head.merchant[0] < '1' || x->head.merchant[0] > '9' || *end != '\0' || strlen(x->head.merchant) > 18)
		return refuse(x, QT_BAD_FIELD, "X-Merchant", "must be a merchant's id");
	return QT_OK;
}

/* The credential's actor; for one that only the other process knows QT_BUSY the first time: the pool must ask. */
static enum qt_err check_credential(struct server *server, struct exchange *x, struct db *reader, const char *token)
{
	struct actor *a = &x->call.actor;

	if (!peer_must_ask(server, token))
		return peer_identify(server, reader, token, x->call.now_ms, a);
	if (!x->identified) {
		x->redo = true;
		x->ask_for = arena_strndup(&x->arena, token, strlen(token));
		return QT_BUSY;
	}
	if (x->identify_err == QT_OK)
		*a = x->identity;
	return x->identify_err;
}

static enum qt_err identify(struct server *server, struct exchange *x, struct db *reader)
{
	struct actor *a = &x->call.actor;
	char token[AUTH_TOKEN_MAX];

	enum peer_as as = PEER_CLIENT;
	const char *signature = server->peer != NULL ? call_header(&x->call, "X-Peer") : NULL;
	a->role = ROLE_ANYONE;
	if (signature != NULL) {
		enum qt_err err = peer_verify(server, x, signature, &as);
		if (err != QT_OK || as == PEER_ITSELF) {
			a->role = ROLE_PEER;
			return err;
		}
	}
	if (x->head.authorization != NULL) {
		if (strncasecmp(x->head.authorization, "Bearer ", 7) != 0)
			return refuse(x, QT_NOT_SIGNED_IN, "Authorization", "must be a Bearer credential");
		return check_credential(server, x, reader, x->head.authorization + 7);
	}
	if (as == PEER_OPERATOR || x->listener == LISTENER_SOCKET)
		return operator_actor(x, a);
	if (x->head.cookie != NULL && cookie_token(x->head.cookie, token)) {
		enum qt_err err = check_credential(server, x, reader, token);
		x->cookie_used = err == QT_OK;
		return err == QT_NOT_SIGNED_IN ? QT_OK : err; /* an old cookie is like none */
	}
	return QT_OK;
}

static enum qt_err check_role(struct exchange *x)
{
	const struct actor *a = &x->call.actor;

	if (!(x->route->roles & (a->role | ROLE_ANYONE)))
		return refuse(x, a->role == ROLE_ANYONE ? QT_NOT_SIGNED_IN : QT_FORBIDDEN, "", NULL);
	/* A page of another site can make a browser send our cookie, but not this header. */
	if (x->cookie_used && strcmp(x->method, "POST") == 0 && (x->head.qrtill == NULL || strcmp(x->head.qrtill, "1") != 0))
		return refuse(x, QT_FORBIDDEN, "X-Qrtill", "a request with a cookie needs this header with value 1");
	return QT_OK;
}

static enum qt_err take_key(struct exchange *x)
{
	const struct actor *a = &x->call.actor;

	if (!(x->route->flags & ROUTE_WRITE) || (x->route->flags & ROUTE_NO_KEY))
		return QT_OK;
	if (x->head.idempotency_key == NULL)
		return refuse(x, QT_NO_IDEMPOTENCY_KEY, "Idempotency-Key", NULL);
	enum qt_err err = idempotency_key_parse(x->head.idempotency_key, &x->key.key, &x->call.problem);
	if (err)
		return err;
	/* Strangers share one actor: their keys must be ones nobody else can hit upon. */
	if (a->role == ROLE_ANYONE && x->key.key.high == 0)
		return refuse(x, QT_BAD_FIELD, "Idempotency-Key", "without a credential it must be a UUID");
	x->key.actor_id = idempotency_actor(a);
	uint8_t hash[32];
	/* The reply is written later: until then its memory serves. */
	struct buf *whole = &x->reply;
	buf_reset(whole);
	buf_adds(whole, x->method);
	buf_addc(whole, ' ');
	buf_add(whole, x->target, x->path_len);
	buf_addc(whole, '\n');
	if (a->role == ROLE_OPERATOR && a->merchant_id != 0) /* one actor for all merchants: another one is another request */
		buf_addf(whole, "%lld\n", (long long)a->merchant_id);
	buf_add(whole, x->body.data, x->body.len);
	crypto_sha256(whole->data, whole->len, hash);
	memcpy(&x->key.request_hash, hash, sizeof x->key.request_hash);
	buf_reset(whole);
	x->has_key = true;
	x->call.key = &x->key;
	return QT_OK;
}

/* "application/json" with or without parameters. */
static bool is_json(const char *type)
{
	static const char json[] = "application/json";
	return type != NULL && strncasecmp(type, json, sizeof json - 1) == 0 && strchr("; \t", type[sizeof json - 1]) != NULL;
}

/* Then no body is as good as an empty object. */
static bool all_optional(const struct field *fields)
{
	for (; fields->type != FIELD_END; fields++)
		if (fields->flags & FIELD_REQUIRED)
			return false;
	return true;
}

static enum qt_err decode(struct exchange *x)
{
	static const struct field nothing[] = { { 0 } };
	const struct route *r = x->route;
	struct call *call = &x->call;
	const struct field *fields = r->fields ? r->fields : nothing;
	size_t size = r->fields ? r->args_size : 0;
	void *args = arena_alloc(&x->arena, size + 1);

	call->body = x->body.data;
	call->body_len = x->body.len;
	if (r->fields != NULL)
		call->args = args;
	if (strcmp(r->method, "GET") == 0) {
		if ((r->flags & ROUTE_PAGE) && r->fields == NULL)
			return QT_OK; /* whatever a poster's link has added */
		return fields_from_query(fields, args, size, x->query, x->query_len, &x->arena, &call->problem);
	}
	if (x->query_len > 0 && !(r->fields == NULL && r->body_max > 0))
		return refuse(x, QT_BAD_REQUEST, "", "this route takes no query");
	if (r->fields == NULL && (r->body_max > 0 || x->body.len == 0))
		return QT_OK; /* the handler reads the bytes itself, or there are none */
	if (x->body.len > 0 && !is_json(x->head.content_type))
		return refuse(x, QT_BAD_TYPE, "Content-Type", NULL);
	bool no_body = x->body.len == 0 && all_optional(fields);
	return fields_from_json(fields, args, size, no_body ? "{}" : x->body.data ? x->body.data : "",
	                        no_body ? 2 : x->body.len, &x->arena, &call->problem);
}

/* Takes one of the tries the route costs. A till's tries are its own: the tills of a shop share one address, and are
 * known by name. (ff00::/8 is multicast: no client's address starts so.) */
static enum qt_err take_try(const struct exchange *x)
{
	enum limit_purpose purpose = (enum limit_purpose)x->route->limit;
	uint64_t terminal_id = (uint64_t)x->call.actor.terminal_id;
	uint8_t key[16] = { 0xff };

	if (terminal_id == 0)
		return ratelimit_take(purpose, x->call.address, clock_mono_ms());
	for (int i = 1; i < 8; i++, terminal_id >>= 8)
		key[i] = (uint8_t)terminal_id;
	return ratelimit_take(purpose, key, clock_mono_ms());
}

enum qt_err dispatch_admit(struct server *server, struct exchange *x, struct db *reader)
{
	struct call *call = &x->call;
	enum qt_err err;

	set_address(server, x);
	if (x->listener == LISTENER_PHONE && (err = ratelimit_take(LIMIT_REQUEST, call->address, clock_mono_ms())))
		return err;
	if (x->err != QT_OK)
		return x->err; /* no such route, but the address has paid for asking */
	if (!peer_is_ours(server, x->route))
		return QT_OK; /* the other process does the rest */
	if ((err = identify(server, x, reader)) || (err = check_role(x)))
		return err;
	if (call->actor.terminal_id != 0)
		seen_mark(call->actor.terminal_id, call->now_ms);
	if ((err = take_try(x)))
		return err;
	if ((err = take_key(x)))
		return err;
	return decode(x);
}
