/* customer_phone: phone numbers, confirmed by a code sent to them. See customer.h. */
#include "server/customer.h"

#include "server/call.h"
#include "server/notice.h"
#include "server/peer.h"
#include "shared/clock.h"

#include <stdio.h>
#include <string.h>

enum qt_err phone_check(const char *phone, struct problem *p)
{
	size_t digits = phone[0] == '+' ? strspn(phone + 1, "0123456789") : 0;

	if (digits < 8 || digits > 15 || phone[1 + digits] != '\0' || phone[1] == '0')
		return problem_set(p, QT_BAD_FIELD, "phone", "an international number: + and 8 to 15 digits");
	return QT_OK;
}

/* Six decimal digits, each as likely as any other. */
static void random_code(char code[7])
{
	uint32_t r;

	do
		random_bytes(&r, sizeof r);
	while (r >= UINT32_MAX - UINT32_MAX % 1000000);
	snprintf(code, 7, "%06u", (unsigned)(r % 1000000));
}

static void code_hash(const struct keyring *keys, int64_t confirmation_id, const char *code, uint8_t out[32])
{
	char text[64];
	int len = snprintf(text, sizeof text, "phone %lld %.16s", (long long)confirmation_id, code);

	crypto_hmac(keys->lookup_key, text, (size_t)len, out);
	crypto_wipe(text, sizeof text);
}

enum qt_err phone_ask(struct db *db, const struct server *server, const struct customer *c, const char *phone,
                      int64_t now_ms, struct problem *p)
{
	SQL(today, "SELECT COUNT(*) FROM phone_confirmation WHERE customer_id = $1 AND created_ms > $2");
	SQL(insert,
	    "INSERT INTO phone_confirmation (id, customer_id, phone, code_hash, tries, created_ms, expires_ms, used_ms) "
	            "VALUES ($1, $2, $3, $4, 0, $5, $6, 0)");
	char code[7], text[NOTICE_TEXT_MAX];
	uint8_t hash[32];
	int64_t asked;
	enum qt_err err = db_one(db, &today, "ii", c->id, now_ms - INT64_C(86400000), "i", &asked);

	if (err == QT_OK && asked >= PHONE_CODES_A_DAY)
		return problem_set(p, QT_TOO_MANY, "phone", "at most %d codes a day", PHONE_CODES_A_DAY);
	if (err != QT_OK)
		return err;
	int64_t id = db_new_id(db, "phone_confirmation");
	random_code(code);
	code_hash(&server->keys, id, code, hash);
	snprintf(text, sizeof text, strcmp(c->locale, "zh") == 0 ? "您的 qrtill 验证码是 %s，10 分钟内有效。请勿告诉他人。"
	                                                         : "Your qrtill code is %s. It is good for 10 minutes. "
	                                                           "Tell nobody.",
	         code);
	err = db_run(db, &insert, "iitbii", id, c->id, phone, (const void *)hash, sizeof hash, now_ms,
	             now_ms + PHONE_CODE_TTL_MS);
	if (err == QT_OK)
		err = sms_add(db, phone, text, now_ms, now_ms + PHONE_CODE_TTL_MS, 0);
	crypto_wipe(code, sizeof code);
	crypto_wipe(text, sizeof text);
	return err;
}

struct code_try {
	const struct keyring *keys;
	int64_t customer_id, now_ms;
	const char *code;
	int64_t right_id; /* out: the row whose code it is; 0: refused */
};

/* Counts first, so that many tries at once count as many. */
static enum qt_err try_code(void *ctx, struct db *db)
{
	SQL(newest, "SELECT id, code_hash, tries, expires_ms, used_ms FROM phone_confirmation WHERE customer_id = $1 "
	            "ORDER BY id DESC LIMIT 1");
	SQL(count, "UPDATE phone_confirmation SET tries = tries + 1 WHERE id = $1");
	struct code_try *t = ctx;
	uint8_t kept[32] = { 0 }, given[32];
	size_t len = sizeof kept;
	int64_t id, tries, expires_ms, used_ms;
	enum qt_err err = db_one(db, &newest, "i", t->customer_id, "ibiii", &id, kept, &len, &tries, &expires_ms, &used_ms);

	t->right_id = 0;
	if (err != QT_OK)
		return err == QT_NOT_FOUND ? QT_OK : err;
	if (tries >= PHONE_CODE_TRIES || used_ms > 0 || t->now_ms >= expires_ms)
		return QT_OK;
	code_hash(t->keys, id, t->code, given);
	t->right_id = crypto_equal(kept, given, sizeof kept) ? id : 0;
	return db_run(db, &count, "i", id);
}

enum qt_err phone_check_code(struct call *call, int64_t customer_id, const char *code, int64_t *confirmation_id)
{
	struct code_try t = { .keys = &call->server->keys, .customer_id = customer_id, .now_ms = call->now_ms,
	                      .code = code };
	enum qt_err err = writer_run(call->server->writer, try_code, &t);

	*confirmation_id = t.right_id;
	if (err == QT_OK && t.right_id == 0)
		return problem_set(&call->problem, QT_BAD_FIELD, "code", "wrong, or no longer good");
	return err;
}

enum qt_err phone_confirm(struct db *db, int64_t confirmation_id, int64_t now_ms, char phone[17])
{
	SQL(by_id, "SELECT customer_id, phone, used_ms FROM phone_confirmation WHERE id = $1");
	SQL(use, "UPDATE phone_confirmation SET used_ms = $2 WHERE id = $1");
	SQL(take, "UPDATE customer SET phone = NULL, phone_ms = 0 WHERE phone = $1 AND id <> $2");
	SQL(give, "UPDATE customer SET phone = $2, phone_ms = $3 WHERE id = $1");
	int64_t customer_id, used_ms;
	enum qt_err err = db_one(db, &by_id, "i", confirmation_id, "iti", &customer_id, phone, (size_t)17, &used_ms);

	if (err == QT_OK && used_ms > 0)
		err = QT_CONFLICT;
	if (err == QT_OK)
		err = db_run(db, &use, "ii", confirmation_id, now_ms);
	if (err == QT_OK)
		err = db_run(db, &take, "ti", phone, customer_id);
	peer_person_changed(customer_id);
	return err == QT_OK ? db_run(db, &give, "iti", customer_id, phone, now_ms) : err;
}
