/* api_camera: routes of cameras that are paired with tills: a till shows a code, a camera takes it and sends what it sees,
 * the till fetches that. Decode, call, reply; the rules are in camera.c. */
#include "server/audit_log.h"
#include "server/camera.h"
#include "server/landing_shop.h"
#include "server/list.h"
#include "server/merchant.h"
#include "server/ratelimit.h"
#include "server/terminal.h"
#include "shared/picture.h"
#include "shared/text.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define PICTURE_MAX (1 << 20)         /* bytes of a picture; pages make theirs smaller before they send them */
#define PICTURE_TEXT_MAX (1400 * 1024) /* of it in base64url */
#define SEND_BODY_MAX (1500 * 1024)
#define FNC1_SIGN "\xe2\x90\x9d"      /* U+241D, for the separator that scanners send as 0x1d */

/* ---- the till's side ---- */

static void camera_json(struct call *call, const struct camera *c)
{
	const char *state = camera_state(c, call->now_ms);
	char token[CODE_TOKEN_MAX], url[CODE_URL_MAX];
	struct code code = { .kind = CODE_CAMERA, .id = c->id };

	json_int(call->reply, "camera_id", c->id);
	json_text(call->reply, "state", state);
	json_int(call->reply, "expires_ms", c->expires_ms);
	if (strcmp(state, "waiting") == 0 && code_make(&call->server->keys, &code, token) == QT_OK)
		json_text(call->reply, "code", code_url(call->server->settings.public_url, token, url));
}

static enum qt_err cameras_post(struct call *call)
{
	struct camera c;
	enum qt_err err = camera_add(call->db, call->actor.terminal_id, call->now_ms, &c);

	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "camera-add", c.id, NULL);
	if (err != QT_OK)
		return err;
	call->status = 201;
	camera_json(call, &c);
	return QT_OK;
}

struct mine_args {
	int64_t after;
};
static const struct field mine_fields[] = {
	FIELD(struct mine_args, after, INT, .min = 0, .max = INT64_MAX, .help = "id of the last scan taken"),
	FIELDS_DONE
};

static enum qt_err mine_get(struct call *call)
{
	const struct mine_args *a = call->args;
	struct camera c;
	struct camera_scan scan = { .id = a->after };
	enum qt_err err = camera_of_terminal(call->db, call->actor.terminal_id, &c);
	bool known = err == QT_OK;

	if (!known && err != QT_NOT_FOUND)
		return err;
	if (known)
		camera_json(call, &c);
	else
		json_text(call->reply, "state", "ended");
	json_array(call->reply, "scans");
	if (known && strcmp(camera_state(&c, call->now_ms), "paired") == 0)
		while ((err = camera_scan_next(call, &c, scan.id, &scan)) == QT_OK) {
			json_object(call->reply, NULL);
			json_int(call->reply, "scan_id", scan.id);
			json_text(call->reply, "text", scan.text);
			json_end(call->reply);
		}
	json_end(call->reply);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err end_it(struct call *call, const struct camera *c)
{
	enum qt_err err = c->ended_ms ? QT_OK : camera_end(call->db, c, call->now_ms);

	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "camera-end", c->id, NULL);
	return err;
}

static enum qt_err mine_end_post(struct call *call)
{
	struct camera c;
	enum qt_err err = camera_of_terminal(call->db, call->actor.terminal_id, &c);

	return err == QT_OK ? end_it(call, &c) : err == QT_NOT_FOUND ? QT_OK : err;
}

/* ---- the camera's side ---- */

/* Which till this is, for the camera's page: names only. */
static enum qt_err till_json(struct call *call, const struct camera *c, struct json *j)
{
	struct terminal t;
	struct merchant m;
	enum qt_err err = terminal_get(call->db, 0, c->terminal_id, &t);

	if (err == QT_OK)
		err = merchant_get(call->db, t.merchant_id, &m);
	if (err != QT_OK)
		return err;
	json_text(j, "merchant_name", m.name);
	json_text(j, "merchant_name_zh", m.name_zh);
	json_text(j, "terminal_name", t.name);
	json_text(j, "state", camera_state(c, call->now_ms));
	json_int(j, "expires_ms", c->expires_ms);
	return QT_OK;
}

enum qt_err camera_landing(struct call *call, const struct code *code, struct json *j)
{
	struct camera c;
	enum qt_err err = camera_get(call->db, code->id, &c);

	return err == QT_OK ? till_json(call, &c, j) : err;
}

struct pair_args {
	const char *code;
};
static const struct field pair_fields[] = {
	FIELD(struct pair_args, code, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = CODE_URL_MAX,
	      .help = "the code on the till's screen: URL or token"),
	FIELDS_DONE
};

static enum qt_err pair_post(struct call *call)
{
	const struct pair_args *a = call->args;
	struct camera c;
	char token[CAMERA_TOKEN_MAX];
	enum qt_err err = camera_pair(call, a->code, &c, token);

	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "camera-pair", c.id, NULL);
	if (err == QT_OK)
		err = till_json(call, &c, call->reply);
	if (err != QT_OK)
		return call->problem.err != QT_OK ? err : problem_set(&call->problem, err, "code", NULL);
	call->status = 201;
	json_text(call->reply, "camera_token", token);
	crypto_wipe(token, sizeof token);
	return QT_OK;
}

struct send_args {
	const char *camera_token, *text, *picture;
};
#define TOKEN_FIELD(target) \
	FIELD(target, camera_token, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = CAMERA_TOKEN_MAX - 1, \
	      .help = "the credential of the pairing")
static const struct field send_fields[] = {
	TOKEN_FIELD(struct send_args),
	FIELD(struct send_args, text, TEXT, .flags = FIELD_SECRET, .min = 1, .max = CAMERA_TEXT_MAX,
	      .help = "what was decoded; U+241D stands for FNC1"),
	FIELD(struct send_args, picture, TEXT, .flags = FIELD_SECRET, .min = 1, .max = PICTURE_TEXT_MAX,
	      .help = "PNG or JPEG of at most 1 MB in base64url without padding, instead of text: decoded here"),
	FIELDS_DONE
};

/* What a picture held, in the arena. */
struct seen {
	const char *texts[PICTURE_CODES_MAX];
	int count;
};

/* The text as it is kept, or NULL when no till could take it. */
static const char *clean_text(struct arena *arena, const struct picture_code *code)
{
	char out[CAMERA_TEXT_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; i < code->len; i++) {
		bool fnc1 = code->text[i] == 0x1d;
		size_t len = fnc1 ? strlen(FNC1_SIGN) : 1;
		if (n + len > CAMERA_TEXT_MAX)
			return NULL;
		memcpy(out + n, fnc1 ? FNC1_SIGN : code->text + i, len);
		n += len;
	}
	return n > 0 && text_is_utf8(out, n) && !text_has_controls(out, n) ? arena_strndup(arena, out, n) : NULL;
}

static void keep_seen(struct arena *arena, const struct picture_codes *codes, struct seen *seen)
{
	for (int i = 0; i < codes->count; i++) {
		const char *text = clean_text(arena, &codes->codes[i]);
		bool again = false;
		for (int k = 0; k < seen->count && text; k++)
			again = again || strcmp(seen->texts[k], text) == 0;
		if (text && !again)
			seen->texts[seen->count++] = text;
	}
}

static bool has_picture(const struct call *call)
{
	const struct send_args *a = call->args;
	return a->picture != NULL;
}

/* In the pool. One picture at a time in the whole server: the pool has other work, and each picture is a process. */
static enum qt_err send_prepare(struct call *call)
{
	static atomic_flag reading = ATOMIC_FLAG_INIT;
	const struct send_args *a = call->args;
	size_t len = strlen(a->picture);
	struct picture_codes codes = { .count = 0 };
	struct camera c;
	enum qt_err err = camera_by_token(call, a->camera_token, &c); /* strangers' pictures are not looked at */

	if (err != QT_OK)
		return err;
	uint8_t *bytes = arena_alloc(call->arena, len * 3 / 4 + 1);
	int size = base64url_decode(a->picture, len, bytes, len * 3 / 4 + 1);
	if (size <= 0 || size > PICTURE_MAX)
		return problem_set(&call->problem, QT_BAD_FIELD, "picture", "base64url of at most 1 MB");
	if (atomic_flag_test_and_set(&reading))
		return QT_BUSY;
	err = picture_read(bytes, (size_t)size, &codes, &call->problem);
	atomic_flag_clear(&reading);
	if (err == QT_OK) {
		call->prepared = arena_alloc(call->arena, sizeof(struct seen));
		keep_seen(call->arena, &codes, call->prepared);
	}
	picture_free(&codes);
	return err;
}

static enum qt_err send_post(struct call *call)
{
	const struct send_args *a = call->args;
	const struct seen *seen = call->prepared;
	struct camera c;
	enum qt_err err = camera_by_token(call, a->camera_token, &c);

	if (err != QT_OK)
		return err;
	if ((a->text != NULL) == (a->picture != NULL))
		return problem_set(&call->problem, a->text ? QT_BAD_FIELD : QT_MISSING_FIELD, "text", "either text or a picture");
	const struct seen one = { .texts = { a->text }, .count = 1 };
	if (seen == NULL)
		seen = &one;
	if (seen->count == 0)
		return problem_set(&call->problem, QT_NO_CODE_IN_PICTURE, "picture", NULL);
	err = camera_scan_add(call, &c, seen->texts, seen->count);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "sent", seen->count);
	json_array(call->reply, "texts"); /* what the camera's page shows; the camera had it in front of it */
	for (int i = 0; i < seen->count; i++)
		json_text(call->reply, NULL, seen->texts[i]);
	json_end(call->reply);
	return QT_OK;
}

struct end_args {
	const char *camera_token;
};
static const struct field end_fields[] = {
	TOKEN_FIELD(struct end_args),
	FIELDS_DONE
};

static enum qt_err end_post(struct call *call)
{
	const struct end_args *a = call->args;
	struct camera c;
	enum qt_err err = camera_by_token(call, a->camera_token, &c);

	return err == QT_OK ? end_it(call, &c) : err;
}

const struct route camera_routes[] = {
	{ .method = "POST", .path = "/v1/cameras", .roles = ROLES_TILL, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .handle = cameras_post, .help = "A code by which one camera is paired with this till; the pairing before ends." },
	{ .method = "GET", .path = "/v1/cameras/mine", .roles = ROLES_TILL, .fields = mine_fields,
	  .args_size = sizeof(struct mine_args), .handle = mine_get,
	  .help = "This till's newest pairing, and what its camera saw within the last half minute." },
	{ .method = "POST", .path = "/v1/cameras/mine/end", .roles = ROLES_TILL, .flags = ROUTE_WRITE,
	  .handle = mine_end_post, .help = "End this till's pairing." },
	{ .method = "POST", .path = "/v1/cameras/pair", .roles = ROLE_ANYONE, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .body_max = 1024, .limit = LIMIT_CODE, .fields = pair_fields, .args_size = sizeof(struct pair_args),
	  .handle = pair_post, .help = "Become a till's camera by the code on its screen; the credential is shown once." },
	{ .method = "POST", .path = "/v1/cameras/send", .roles = ROLE_ANYONE, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .body_max = SEND_BODY_MAX, .limit = LIMIT_CAMERA, .fields = send_fields, .args_size = sizeof(struct send_args),
	  .prepare = send_prepare, .needs_prepare = has_picture, .handle = send_post,
	  .help = "Send the paired till what was decoded, or a picture; it acts as if it had scanned it itself." },
	{ .method = "POST", .path = "/v1/cameras/end", .roles = ROLE_ANYONE, .flags = ROUTE_WRITE, .body_max = 1024,
	  .limit = LIMIT_CODE, .fields = end_fields, .args_size = sizeof(struct end_args), .handle = end_post,
	  .help = "End the pairing from the camera's side." },
};
const int camera_route_count = (int)(sizeof camera_routes / sizeof *camera_routes);
