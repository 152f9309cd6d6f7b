/* dispatch: what every request goes through, in one place and one order: match, address limit, credential, role,
 * forgery check, idempotency key, body, tries, then the handler where it belongs (here, in the pool, with the writer), and the
 * answer. Knows no HTTP library and no noun. */
#include "server/answer_seal.h"
#include "server/auth.h"
#include "server/exchange.h"
#include "server/peer.h"
#include "server/routes.h"
#include "shared/clock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BUFFER_KEEP 16384 /* bytes of body or reply memory kept between requests */

void exchange_reset(struct exchange *x)
{
	arena_reset(&x->arena, BUFFER_KEEP);
	buf_free(&x->call.page);
	if (x->body.room > BUFFER_KEEP)
		buf_free(&x->body);
	if (x->reply.room > BUFFER_KEEP)
		buf_free(&x->reply);
	buf_reset(&x->body);
	buf_reset(&x->reply);
	x->state = EXCHANGE_HEAD;
	x->target_len = x->path_len = x->query_len = 0;
	x->query = NULL;
	x->target[0] = x->method[0] = '\0';
	x->head = (struct http_head){ .content_length = -1 };
	x->route = NULL;
	x->allow = 0;
	x->cookie_used = x->close = x->replayed = x->has_key = x->waiting = x->in_pool = x->identified = x->redo = x->pushing = false;
	x->forwarded_type = NULL;
	x->err = QT_OK;
	memset(&x->call, 0, sizeof x->call);
	memcpy(x->call.address, x->peer, sizeof x->peer);
	memcpy(x->call.actor.locale, "en", 3);
	x->call.status = 200;
}

static enum qt_err refuse(struct exchange *x, enum qt_err err, const char *field, const char *why)
{
	return problem_set(&x->call.problem, err, field, why ? "%s" : NULL, why);
}

/* "zh", "zh-CN;q=0.9, en" -> zh; whatever comes first of the two that we have. */
static void set_locale(struct exchange *x)
{
	const char *s = x->head.accept_language;
	while (s != NULL && *s != '\0') {
		s += strspn(s, " ,");
		if (strncasecmp(s, "zh", 2) == 0 || strncasecmp(s, "en", 2) == 0) {
			memcpy(x->call.actor.locale, (s[0] | 32) == 'z' ? "zh" : "en", 3);
			return;
		}
		s = strchr(s, ',');
	}
}

bool dispatch_head(struct server *server, struct exchange *x)
{
	struct call *call = &x->call;

	call->server = server;
	call->arena = &x->arena;
	call->now_ms = clock_now_ms();
	set_locale(x);
	x->err = routes_match(x->method, x->target, x->path_len, &x->route, &call->id, call->token, &x->allow);
	call->route = x->route;
	if (x->err != QT_OK)
		return x->head.content_length <= 0; /* without a body the connection can go on */
	if (x->head.content_length > route_body_max(x->route)) {
		x->err = refuse(x, QT_BODY_TOO_LARGE, "", route_body_max(x->route) ? NULL : "this route takes no body");
		return false;
	}
	return true;
}

static void open_reply(struct exchange *x)
{
	struct call *call = &x->call;

	buf_reset(&x->reply);
	buf_reset(&call->page);
	call->problem = (struct problem){ 0 };
	call->status = 200;
	call->cookie[0] = '\0';
	call->location = call->etag = NULL;
	memset(call->ref, 0, sizeof call->ref);
	call->tell = NULL;
	json_start(&x->json, &x->reply);
	call->reply = NULL;
	if (!(x->route->flags & ROUTE_PAGE)) {
		json_object(&x->json, NULL);
		call->reply = &x->json;
	}
}

static void close_reply(struct exchange *x)
{
	if (x->call.reply == NULL)
		return;
	assert(x->json.depth == 1);
	json_end(&x->json);
	x->call.reply = NULL;
}

static enum qt_err run_handler(struct exchange *x, struct db *db)
{
	open_reply(x);
	x->call.db = db;
	enum qt_err err = x->route->handle(&x->call);
	if (err != QT_OK)
		return err;
	if (x->call.tell != NULL) {
		assert((x->route->flags & ROUTE_COMPACT) && x->call.ref[0] != 0);
		return QT_OK;
	}
	if ((x->route->flags & ROUTE_COMPACT) && x->call.ref[0] != 0 && x->reply.len <= 1)
		err = x->route->rebuild(&x->call);
	if (err == QT_OK && !(x->route->flags & ROUTE_WAIT && x->call.wait_until_ms > 0))
		close_reply(x);
	return err;
}

/* A reply whose cookie must come again with it is kept behind a line with the cookie. */
#define COOKIE_MARK '\x01'

static enum qt_err replay(struct exchange *x, struct db *db)
{
	struct idempotency *key = &x->key;

	open_reply(x);
	x->call.db = db;
	x->call.status = key->status;
	x->replayed = true;
	if (key->reply == NULL) {
		x->call.ref[0] = key->ref[0];
		x->call.ref[1] = key->ref[1];
		enum qt_err err = x->route->rebuild(&x->call);
		x->call.status = key->status;
		if (err == QT_OK)
			close_reply(x);
		return err;
	}
	const char *body = key->reply;
	size_t len = key->reply_len;
	enum qt_err opened = answer_open(&x->call.server->keys, key, &x->arena, &body, &len);
	if (opened != QT_OK)
		return opened;
	if (len > 0 && body[0] == COOKIE_MARK) {
		const char *line = memchr(body, '\n', len);
		assert(line != NULL);
		snprintf(x->call.cookie, sizeof x->call.cookie, "%.*s", (int)(line - body - 1), body + 1);
		len -= (size_t)(line + 1 - body);
		body = line + 1;
	}
	buf_reset(&x->reply);
	buf_add(&x->reply, body, len);
	x->call.reply = NULL;
	return QT_OK;
}

static enum qt_err keep_answer(struct exchange *x, struct db *db)
{
	struct idempotency *key = &x->key;
	struct buf with_cookie = { 0 }, sealed = { 0 };

	key->status = x->call.status;
	key->ref[0] = x->call.ref[0];
	key->ref[1] = x->call.ref[1];
	bool compact = (x->route->flags & ROUTE_COMPACT) && key->ref[0] != 0;
	key->reply = compact ? NULL : x->reply.data;
	key->reply_len = compact ? 0 : x->reply.len;
	if (!compact && x->call.cookie[0] != '\0') {
		buf_addf(&with_cookie, "%c%s\n", COOKIE_MARK, x->call.cookie);
		buf_add(&with_cookie, x->reply.data, x->reply.len);
		key->reply = with_cookie.data;
		key->reply_len = with_cookie.len;
	}
	if (!compact && (x->route->flags & ROUTE_SECRET)) {
		answer_seal(&x->call.server->keys, key, key->reply, key->reply_len, &sealed);
		key->reply = sealed.data;
		key->reply_len = sealed.len;
	}
	enum qt_err err = idempotency_store(db, key, x->call.now_ms);
	key->reply = NULL;
	buf_free(&with_cookie);
	buf_free(&sealed);
	return err;
}

static struct exchange *of_job(struct job *job)
{
	return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

static struct exchange *of_task(struct task *task)
{
	return (struct exchange *)(void *)((char *)task - offsetof(struct exchange, task));
}

static enum qt_err job_run(struct job *job, struct db *db)
{
	struct exchange *x = of_job(job);
	enum qt_err err;

	x->replayed = false;
	if (x->has_key) {
		err = idempotency_find(db, &x->key, &x->arena);
		if (err == QT_OK)
			return replay(x, db);
		if (err != QT_NOT_FOUND)
			return err;
	}
	err = run_handler(x, db);
	if (err == QT_OK && x->has_key)
		err = keep_answer(x, db);
	return err;
}

static void task_run(struct task *, struct db *reader);

static enum qt_err to_pool(struct exchange *x)
{
	x->in_pool = true;
	x->task.run = task_run;
	return pool_submit(x->call.server->pool, &x->task);
}

static void job_done(struct job *job, enum qt_err err)
{
	struct exchange *x = of_job(job);

	x->err = err;
	auth_commit();
	if (err == QT_OK && peer_has_changes(x->call.server)) {
		/* The other process must know of a changed person before the person does. */
		x->pushing = true;
		if (to_pool(x) == QT_OK)
			return;
	}
	exchange_finish(x);
}

static enum qt_err submit(struct exchange *x)
{
	x->job.run = job_run;
	x->job.done = job_done;
	return writer_submit(x->call.server->writer, &x->job);
}

/* In the pool: a slow read, what a write needs beforehand, or a call to the other process. */
static void task_run(struct task *task, struct db *reader)
{
	struct exchange *x = of_task(task);
	struct server *server = x->call.server;

	x->call.db = reader;
	if (x->redo) {
		x->identity = x->call.actor;
		x->identify_err = peer_identify(server, reader, x->ask_for, x->call.now_ms, &x->identity);
		x->identified = true;
	} else if (x->pushing) {
		peer_push(server, reader);
	} else if (!(x->route->flags & ROUTE_WRITE)) {
		x->err = run_handler(x, reader);
	} else {
		/* A repeated request is answered before it costs anything or counts as a try. */
		x->err = x->has_key ? idempotency_find(reader, &x->key, &x->arena) : QT_NOT_FOUND;
		if (x->err == QT_OK) {
			x->err = replay(x, reader);
		} else if (x->err == QT_NOT_FOUND) {
			x->err = x->route->prepare(&x->call);
			if (x->err == QT_OK) {
				x->in_pool = false;
				/* Once submitted it belongs to the writer, who may have answered it already. */
				enum qt_err err = submit(x);
				if (err == QT_OK)
					return;
				x->err = err;
				x->in_pool = true;
			}
		}
	}
	exchange_finish(x);
}

void dispatch(struct server *server, struct exchange *x, struct db *reader)
{
	const struct route *r = x->route;
	enum qt_err err = dispatch_admit(server, x, reader);

	if (err == QT_OK) {
		bool ours = peer_is_ours(server, r);
		bool prepare = ours && r->prepare != NULL && (r->needs_prepare == NULL || r->needs_prepare(&x->call));
		/* A page of a split server may have to ask the other process what it shows. */
		bool asks = server->peer != NULL && (r->flags & ROUTE_CODES) && !(r->flags & ROUTE_WRITE);
		if (!ours) {
			err = peer_forward(server, x);
			if (err == QT_OK)
				return;
		} else if (asks || (r->flags & ROUTE_SLOW) || prepare) {
			err = to_pool(x);
			if (err == QT_OK)
				return;
		} else if (r->flags & ROUTE_WRITE) {
			err = submit(x);
			if (err == QT_OK)
				return;
		} else {
			bool waits = r->flags & ROUTE_WAIT;
			if (waits)
				exchange_listen(x, true);
			err = run_handler(x, reader);
			if (err == QT_OK && waits && x->call.wait_until_ms > 0) {
				exchange_wait(x);
				return;
			}
			if (waits)
				exchange_listen(x, false);
		}
	}
	if (x->redo && err == QT_BUSY && to_pool(x) == QT_OK)
		return;
	x->err = err;
	x->state = EXCHANGE_DONE;
}

void dispatch_redo(struct server *server, struct exchange *x, struct db *reader)
{
	x->redo = false;
	x->in_pool = false;
	dispatch(server, x, reader);
}

void dispatch_again(struct server *server, struct exchange *x, struct db *reader, bool last)
{
	int64_t until_ms = x->call.wait_until_ms;

	(void)server;
	x->call.now_ms = clock_now_ms();
	if (last)
		x->call.wait_until_ms = -1;
	x->err = run_handler(x, reader);
	if (x->err == QT_OK && x->call.wait_until_ms > 0) {
		x->call.wait_until_ms = until_ms;
		return;
	}
	x->state = EXCHANGE_DONE;
}

void dispatch_render(struct exchange *x)
{
	struct call *call = &x->call;
	const struct err_info *info = err_info(x->err);
	struct json j;

	if (x->err == QT_OK) {
		if (call->tell != NULL) {
			call->db = NULL;
			call->tell(call);
			call->tell = NULL;
			close_reply(x);
		}
		return;
	}
	if (x->err == QT_INTERNAL || x->err == QT_STORE)
		log_line('E', "%s %.*s: %s %s", x->method, (int)x->path_len, x->target, info->code, call->problem.detail);
	buf_reset(&x->reply);
	call->status = info->http_status;
	call->cookie[0] = '\0';
	json_start(&j, &x->reply);
	json_object(&j, NULL);
	json_text(&j, "type", "about:blank");
	json_text(&j, "code", info->code);
	json_int(&j, "status", info->http_status);
	json_text(&j, "title", strcmp(call->actor.locale, "zh") == 0 ? info->zh : info->en);
	if (call->problem.err == x->err && call->problem.field[0] != '\0')
		json_text(&j, "field", call->problem.field);
	if (call->problem.err == x->err && call->problem.detail[0] != '\0')
		json_text(&j, "detail", call->problem.detail);
	json_end(&j);
}
