/* api_customer: routes of people with phones: sign-up from the device alone, language, PIN, phone number,
 * devices. PINs are hashed and checked in prepare, never in the writer. */
#include "server/audit_log.h"
#include "server/customer.h"
#include "server/list.h"
#include "server/merchant.h"
#include "server/ratelimit.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const locale_words[] = { "en", "zh", NULL };

/* HttpOnly keeps the credential from scripts, SameSite from other sites' forms; a year. */
static void set_cookie(struct call *call, const char *token)
{
	bool secure = strncmp(call->server->settings.public_url, "https:", 6) == 0;
	snprintf(call->cookie, sizeof call->cookie, "qrtill_device=%s; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax%s",
	         token, secure ? "; Secure" : "");
}

struct sign_up_args {
	int locale;
	const char *device_name;
};
static const struct field sign_up_fields[] = {
	FIELD(struct sign_up_args, locale, CHOICE, .choices = locale_words, .fallback = -1,
	      .help = "language of notices; default: the request's"),
	FIELD(struct sign_up_args, device_name, TEXT, .max = NAME_MAX_BYTES, .help = "what the device calls itself"),
	FIELDS_DONE
};

static enum qt_err sign_up_post(struct call *call)
{
	const struct sign_up_args *a = call->args;
	const char *locale = a->locale >= 0 ? locale_words[a->locale] : call->actor.locale;
	char token[AUTH_TOKEN_MAX], url[CODE_URL_MAX];
	int64_t id;
	enum qt_err err = customer_add(call->db, call->server, locale, a->device_name, call->now_ms, &id, token);

	if (err != QT_OK)
		return err;
	call->status = 201;
	set_cookie(call, token);
	json_int(call->reply, "customer_id", id);
	json_text(call->reply, "device_token", token);
	json_text(call->reply, "identity_code", customer_identity_url(call->server, id, url));
	return QT_OK;
}

static enum qt_err me_json(struct call *call)
{
	struct customer c;
	char url[CODE_URL_MAX];
	enum qt_err err = customer_get(call->db, call->actor.customer_id, &c);

	if (err != QT_OK)
		return err;
	json_int(call->reply, "customer_id", c.id);
	if (c.phone[0] != '\0')
		json_text(call->reply, "phone", c.phone);
	json_bool(call->reply, "phone_confirmed", c.phone[0] != '\0');
	json_bool(call->reply, "has_pin", c.pin_hash[0] != '\0');
	json_text(call->reply, "locale", c.locale);
	json_text(call->reply, "identity_code", customer_identity_url(call->server, c.id, url));
	json_int(call->reply, "created_ms", c.created_ms);
	return QT_OK;
}

struct me_args {
	int locale;
	const char *pin, *old_pin;
};
static const struct field me_fields[] = {
	FIELD(struct me_args, locale, CHOICE, .choices = locale_words, .fallback = -1, .help = "language of notices"),
	FIELD(struct me_args, pin, TEXT, .flags = FIELD_SECRET, .min = 4, .max = 12, .help = "a new PIN, 4 to 12 digits"),
	FIELD(struct me_args, old_pin, TEXT, .flags = FIELD_SECRET, .min = 1, .max = 12,
	      .help = "the present PIN, when there is one"),
	FIELDS_DONE
};

/* Leaves the new PIN's hash in call->prepared. Without a present PIN whoever holds the device may set one. */
static enum qt_err me_prepare(struct call *call)
{
	const struct me_args *a = call->args;
	struct customer c;
	enum qt_err err;

	if (a->pin == NULL)
		return QT_OK;
	if (strspn(a->pin, "0123456789") != strlen(a->pin))
		return problem_set(&call->problem, QT_BAD_FIELD, "pin", "4 to 12 digits");
	err = customer_get(call->db, call->actor.customer_id, &c);
	if (err == QT_OK && c.pin_hash[0] != '\0') {
		if (a->old_pin == NULL)
			return problem_set(&call->problem, QT_MISSING_FIELD, "old_pin", "the present PIN is needed to change it");
		err = customer_pin_check(call, c.id, a->old_pin);
	}
	if (err != QT_OK)
		return err;
	call->prepared = arena_alloc(call->arena, sizeof(struct customer));
	memcpy(call->prepared, &c, sizeof c);
	pin_hash(a->pin, call->server->keys.pepper, ((struct customer *)call->prepared)->pin_hash);
	return QT_OK;
}

static enum qt_err me_post(struct call *call)
{
	const struct me_args *a = call->args;
	const struct customer *prepared = call->prepared;
	struct customer c;
	enum qt_err err = customer_get(call->db, call->actor.customer_id, &c);

	if (err != QT_OK)
		return err;
	if (a->locale >= 0)
		memcpy(c.locale, locale_words[a->locale], 3);
	if (prepared != NULL)
		memcpy(c.pin_hash, prepared->pin_hash, sizeof c.pin_hash);
	err = customer_change(call->db, &c);
	if (err == QT_OK && prepared != NULL)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "customer-pin", c.id, NULL);
	return err == QT_OK ? me_json(call) : err;
}

struct phone_args {
	const char *phone;
};
static const struct field phone_fields[] = {
	FIELD(struct phone_args, phone, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 16,
	      .help = "E.164, \"+4917012345678\""),
	FIELDS_DONE
};

static enum qt_err phone_post(struct call *call)
{
	const struct phone_args *a = call->args;
	struct customer c;
	enum qt_err err = phone_check(a->phone, &call->problem);

	if (err == QT_OK && (call->server->settings.sms_spool == NULL || call->server->settings.sms_spool[0] == '\0'))
		return problem_set(&call->problem, QT_CLOSED_HERE, "", "this server sends no short messages");
	if (err == QT_OK)
		err = customer_get(call->db, call->actor.customer_id, &c);
	if (err == QT_OK)
		err = phone_ask(call->db, call->server, &c, a->phone, call->now_ms, &call->problem);
	if (err == QT_OK)
		json_int(call->reply, "expires_ms", call->now_ms + PHONE_CODE_TTL_MS);
	return err;
}

struct confirm_args {
	const char *code;
};
static const struct field confirm_fields[] = {
	FIELD(struct confirm_args, code, TEXT, .flags = FIELD_REQUIRED | FIELD_SECRET, .min = 1, .max = 16,
	      .help = "the 6 digits of the message"),
	FIELDS_DONE
};

static enum qt_err confirm_prepare(struct call *call)
{
	const struct confirm_args *a = call->args;
	int64_t *id = arena_alloc(call->arena, sizeof *id);

	call->prepared = id;
	return phone_check_code(call, call->actor.customer_id, a->code, id);
}

static enum qt_err confirm_post(struct call *call)
{
	const int64_t *confirmation_id = call->prepared;
	char phone[17];
	enum qt_err err = phone_confirm(call->db, *confirmation_id, call->now_ms, phone);

	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "customer-phone", call->actor.customer_id, NULL);
	return err == QT_OK ? me_json(call) : err;
}

static enum qt_err devices_get(struct call *call)
{
	SQL(ids_of, "SELECT id FROM device WHERE customer_id = $1 AND id > $2 AND revoked_ms = 0 ORDER BY id LIMIT $3");
	SQL(by_id, "SELECT name, created_ms FROM device WHERE id = $1");
	const struct list_args *args = call->args;
	int64_t ids[LIST_MAX], created_ms;
	char name[NAME_MAX_BYTES + 1];
	int count;
	enum qt_err err = list_ids(call->db, &ids_of, call->actor.customer_id, args, ids, &count);

	json_array(call->reply, "devices");
	for (int i = 0; i < count && err == QT_OK; i++) {
		err = db_one(call->db, &by_id, "i", ids[i], "ti", name, sizeof name, &created_ms);
		json_object(call->reply, NULL);
		json_int(call->reply, "device_id", ids[i]);
		json_text(call->reply, "name", name);
		json_int(call->reply, "created_ms", created_ms);
		json_end(call->reply);
	}
	list_finish(call, args, ids, count);
	return err;
}

static enum qt_err device_revoke_post(struct call *call)
{
	enum qt_err err = device_revoke(call->db, call->actor.customer_id, call->id, call->now_ms);

	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "device-revoke", call->id, NULL);
	return err;
}

const struct route customer_routes[] = {
	{ .method = "POST", .path = "/v1/customers", .roles = ROLE_ANYONE,
	  .flags = ROUTE_WRITE | ROUTE_CODES | ROUTE_SECRET,
	  .body_max = 1024, .limit = LIMIT_SIGN_UP, .fields = sign_up_fields, .args_size = sizeof(struct sign_up_args),
	  .handle = sign_up_post,
	  .help = "Sign up from the device alone; the credential is shown once and set as a cookie." },
	{ .method = "GET", .path = "/v1/me", .roles = ROLE_CUSTOMER, .flags = ROUTE_CODES, .handle = me_json,
	  .help = "Who the device belongs to." },
	{ .method = "POST", .path = "/v1/me", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE | ROUTE_CODES, .body_max = 1024,
	  .fields = me_fields, .args_size = sizeof(struct me_args), .prepare = me_prepare, .handle = me_post,
	  .help = "Change language or PIN." },
	{ .method = "POST", .path = "/v1/me/phone", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE | ROUTE_CODES,
	  .body_max = 512, .limit = LIMIT_PHONE, .fields = phone_fields, .args_size = sizeof(struct phone_args),
	  .handle = phone_post,
	  .help = "Send a 6-digit code to a phone number." },
	{ .method = "POST", .path = "/v1/me/phone/confirm", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE | ROUTE_CODES,
	  .body_max = 512, .limit = LIMIT_PIN, .fields = confirm_fields, .args_size = sizeof(struct confirm_args),
	  .prepare = confirm_prepare,
	  .handle = confirm_post, .help = "Confirm the number by its code; five tries, ten minutes." },
	{ .method = "GET", .path = "/v1/me/devices", .roles = ROLE_CUSTOMER, .flags = ROUTE_CODES, .fields = list_fields,
	  .args_size = sizeof(struct list_args), .handle = devices_get, .help = "List my devices." },
	{ .method = "POST", .path = "/v1/me/devices/:id/revoke", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE | ROUTE_CODES,
	  .handle = device_revoke_post, .help = "End a device's credential." },
};
const int customer_route_count = (int)(sizeof customer_routes / sizeof *customer_routes);
