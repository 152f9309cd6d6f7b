/* customer: see customer.h. */
#include "server/customer.h"

#include "server/auth.h"
#include "server/notice.h"
#include "server/peer.h"
#include "server/staff.h"
#include "server/wallet.h"
#include "shared/clock.h"

#include <stdio.h>
#include <string.h>

enum qt_err customer_get(struct db *db, int64_t customer_id, struct customer *c)
{
	SQL(by_id, "SELECT id, locale, phone, pin_hash, created_ms FROM customer WHERE id = $1");
	return db_one(db, &by_id, "i", customer_id, "ittti", &c->id, c->locale, sizeof c->locale, c->phone, sizeof c->phone,
	              c->pin_hash, sizeof c->pin_hash, &c->created_ms);
}

enum qt_err customer_by_identity(const struct server *server, const char *text, int64_t now_ms, int64_t *customer_id)
{
	char token[CODE_TOKEN_MAX];
	struct code code;

	if (code_token_of(text, server->settings.public_url, token) == NULL)
		return QT_BAD_CODE;
	enum qt_err err = code_read(&server->keys, token, now_ms, &code);
	if (err != QT_OK)
		return err;
	if (code.kind != CODE_IDENTITY)
		return QT_WRONG_KIND;
	*customer_id = code.id;
	return QT_OK;
}

char *customer_identity_url(const struct server *server, int64_t customer_id, char out[CODE_URL_MAX])
{
	struct code code = { .kind = CODE_IDENTITY, .id = customer_id };
	char token[CODE_TOKEN_MAX];

	if (code_make(&server->keys, &code, token) != QT_OK)
		fatal("the key file has no epoch for codes");
	return code_url(server->settings.public_url, token, out);
}

enum qt_err customer_pin_check(struct call *call, int64_t customer_id, const char *pin)
{
	struct customer c;
	enum qt_err err = customer_get(call->db, customer_id, &c);

	if (err != QT_OK)
		return err;
	if (pin == NULL || c.pin_hash[0] == '\0')
		return problem_set(&call->problem, QT_PIN_NEEDED, "pin", c.pin_hash[0] ? "" : "no PIN was set yet");
	err = pin_guard_take(call, PIN_CUSTOMER, customer_id, 0);
	if (err != QT_OK)
		return err;
	if (!pin_verify(pin, call->server->keys.pepper, c.pin_hash))
		return problem_set(&call->problem, QT_BAD_PIN, "pin", "%s", "");
	return pin_guard_clear(call, PIN_CUSTOMER, customer_id, 0);
}

enum qt_err customer_add(struct db *db, const struct server *server, const char *locale, const char *device_name,
                         int64_t now_ms, int64_t *customer_id, char token[AUTH_TOKEN_MAX])
{
	SQL(insert,
	    "INSERT INTO customer (id, locale, phone, phone_ms, pin_hash, created_ms) VALUES ($1, $2, NULL, 0, NULL, $3)");
	SQL(add_device, "INSERT INTO device (id, customer_id, name, secret_hash, created_ms, revoked_ms) "
	                "VALUES ($1, $2, $3, $4, $5, 0)");
	uint8_t hash[32];
	enum qt_err err;

	*customer_id = db_new_id(db, "customer");
	peer_person_changed(*customer_id);
	err = db_run(db, &insert, "iti", *customer_id, locale, now_ms);
	if (err != QT_OK)
		return err;
	int64_t device_id = db_new_id(db, "device");
	auth_new_secret(CREDENTIAL_DEVICE, device_id, &server->keys, token, hash);
	return db_run(db, &add_device, "iitbi", device_id, *customer_id, device_name, (const void *)hash, sizeof hash,
	              now_ms);
}

enum qt_err customer_change(struct db *db, const struct customer *c)
{
	SQL(update, "UPDATE customer SET locale = $2, pin_hash = $3 WHERE id = $1");
	auth_forget(CREDENTIAL_OF_CUSTOMER, c->id);
	peer_person_changed(c->id);
	return db_run(db, &update, "itt", c->id, c->locale, c->pin_hash[0] ? c->pin_hash : NULL);
}

enum qt_err device_revoke(struct db *db, int64_t customer_id, int64_t device_id, int64_t now_ms)
{
	SQL(by_id, "SELECT revoked_ms FROM device WHERE id = $1 AND customer_id = $2");
	SQL(revoke, "UPDATE device SET revoked_ms = $2 WHERE id = $1");
	int64_t revoked_ms;
	enum qt_err err = db_one(db, &by_id, "ii", device_id, customer_id, "i", &revoked_ms);

	if (err != QT_OK || revoked_ms > 0)
		return err;
	auth_forget(CREDENTIAL_DEVICE, device_id);
	peer_person_changed(customer_id);
	err = db_run(db, &revoke, "ii", device_id, now_ms);
	/* the lost phone may hold keys that codes are made with */
	return err == QT_OK ? wallet_end_put(db, customer_id, now_ms) : err;
}
