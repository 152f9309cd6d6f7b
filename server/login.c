/* login: see login.h. */
#include "server/login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOTP_KEY_SIZE 20
#define TOTP_DIGITS 6

enum qt_err login_fold(const char *name, char out[LOGIN_NAME_MAX + 1], struct problem *p)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyz0123456789._@-";
	size_t len = strlen(name);

	if (len < 3 || len > LOGIN_NAME_MAX)
		return problem_set(p, QT_BAD_FIELD, "login", "3 to %d characters", LOGIN_NAME_MAX);
	for (size_t i = 0; i <= len; i++)
		out[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 'a' - 'A' : name[i]);
	if (strspn(out, may) != len)
		return problem_set(p, QT_BAD_FIELD, "login", "letters, digits, . _ @ and - only");
	return QT_OK;
}

#define LOGIN_COLUMNS "staff_id, name, passphrase_hash, serial, totp, last_step, recovery_used"

static enum qt_err read_login(struct db *db, struct sql *sql, int64_t staff_id, const char *name, struct login *l)
{
	int64_t totp = 0;
	enum qt_err err = name
		? db_one(db, sql, "t", name, "ittiiii", &l->staff_id, l->name, sizeof l->name, l->passphrase_hash,
		         sizeof l->passphrase_hash, &l->serial, &totp, &l->last_step, &l->recovery_used)
		: db_one(db, sql, "i", staff_id, "ittiiii", &l->staff_id, l->name, sizeof l->name, l->passphrase_hash,
		         sizeof l->passphrase_hash, &l->serial, &totp, &l->last_step, &l->recovery_used);

	l->totp = totp == 1;
	return err;
}

enum qt_err login_by_name(struct db *db, const char *folded, struct login *l)
{
	SQL(by_name, "SELECT " LOGIN_COLUMNS " FROM login WHERE name = $1");
	return read_login(db, &by_name, 0, folded, l);
}

static enum qt_err by_staff(struct db *db, int64_t staff_id, struct login *l)
{
	SQL(by_id, "SELECT " LOGIN_COLUMNS " FROM login WHERE staff_id = $1");
	return read_login(db, &by_id, staff_id, NULL, l);
}

enum qt_err login_session_close(struct db *db, int64_t staff_id, int64_t now_ms)
{
	SQL(end, "UPDATE login_session SET revoked_ms = $2 WHERE staff_id = $1 AND revoked_ms = 0");

	auth_forget(CREDENTIAL_OF_STAFF, staff_id);
	return db_run(db, &end, "ii", staff_id, now_ms);
}

enum qt_err login_set(struct db *db, const struct staff *st, const char *folded, const char *passphrase_hash,
                      int64_t now_ms, struct login *l, struct problem *p)
{
	SQL(put, "INSERT INTO login (staff_id, name, passphrase_hash, serial, totp, last_step, recovery_used, changed_ms) "
	         "VALUES ($1, $2, $3, $4, $5, 0, 0, $6) ON CONFLICT (staff_id) DO UPDATE SET name = $2, "
	         "passphrase_hash = $3, serial = $4, totp = $5, last_step = 0, recovery_used = 0, changed_ms = $6");
	struct login before = { 0 }, other;
	enum qt_err err = login_by_name(db, folded, &other);

	if (err == QT_OK && other.staff_id != st->id)
		return problem_set(p, QT_EXISTS, "login", "the name is taken");
	if (err == QT_OK || err == QT_NOT_FOUND)
		err = by_staff(db, st->id, &before);
	if (err != QT_OK && err != QT_NOT_FOUND)
		return err;
	*l = (struct login){ .staff_id = st->id, .serial = before.serial + 1, .totp = st->role == ROLE_OWNER };
	snprintf(l->name, sizeof l->name, "%s", folded);
	snprintf(l->passphrase_hash, sizeof l->passphrase_hash, "%s", passphrase_hash);
	err = db_run(db, &put, "ittiii", st->id, l->name, l->passphrase_hash, l->serial, (int64_t)l->totp, now_ms);
	return err == QT_OK ? login_session_close(db, st->id, now_ms) : err;
}

/* ---- codes ---- */

static void derive(const struct keyring *keys, const struct login *l, const char *use, int number, void *out, size_t len)
{
	char info[96];

	snprintf(info, sizeof info, "%s-%lld-%lld-%d", use, (long long)l->staff_id, (long long)l->serial, number);
	crypto_derive(keys->lookup_key, info, out, len);
}

/* RFC 4648, as authenticator apps read it; 20 bytes are 32 characters without padding. */
static void base32_of_apps(const uint8_t key[TOTP_KEY_SIZE], char out[33])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	for (int i = 0; i < 32; i++) {
		int bit = i * 5, shift = 11 - bit % 8;
		unsigned two = (unsigned)key[bit / 8] << 8 | (bit / 8 + 1 < TOTP_KEY_SIZE ? key[bit / 8 + 1] : 0);
		out[i] = letters[two >> shift & 31];
	}
	out[32] = '\0';
}

void login_uri(const struct keyring *keys, const struct login *l, char out[LOGIN_URI_ROOM])
{
	uint8_t key[TOTP_KEY_SIZE];
	char text[33];

	derive(keys, l, "totp", 0, key, sizeof key);
	base32_of_apps(key, text);
	snprintf(out, LOGIN_URI_ROOM, "otpauth://totp/qrtill:%s?secret=%s&issuer=qrtill", l->name, text);
	crypto_wipe(key, sizeof key);
	crypto_wipe(text, sizeof text);
}

void login_recovery(const struct keyring *keys, const struct login *l, int number, char out[LOGIN_RECOVERY_ROOM])
{
	uint8_t bytes[10];
	char text[17];

	derive(keys, l, "recovery", number, bytes, sizeof bytes);
	base32_encode(bytes, sizeof bytes, text);
	snprintf(out, LOGIN_RECOVERY_ROOM, "%.4s-%.4s-%.4s-%.4s", text, text + 4, text + 8, text + 12);
	crypto_wipe(bytes, sizeof bytes);
	crypto_wipe(text, sizeof text);
}

static bool recovery_fits(const struct keyring *keys, struct login *l, const char *code)
{
	char plain[20] = "";
	uint8_t given[10], kept[10];
	size_t n = 0;

	for (; *code && n < sizeof plain - 1; code++)
		if (*code != '-' && *code != ' ')
			plain[n++] = *code;
	if (n != 16 || base32_decode(plain, n, given, sizeof given) != 10)
		return false;
	for (int i = 0; i < LOGIN_RECOVERY_CODES; i++) {
		derive(keys, l, "recovery", i, kept, sizeof kept);
		if (!crypto_equal(kept, given, sizeof kept) || (l->recovery_used & 1 << i))
			continue;
		l->recovery_used |= 1 << i;
		return true;
	}
	return false;
}

bool login_code_fits(const struct keyring *keys, struct login *l, const char *code, int64_t now_ms)
{
	uint8_t key[TOTP_KEY_SIZE];

	if (strlen(code) != TOTP_DIGITS || strspn(code, "0123456789") != TOTP_DIGITS)
		return recovery_fits(keys, l, code);
	derive(keys, l, "totp", 0, key, sizeof key);
	bool fits = totp_check(key, sizeof key, (uint32_t)atoi(code), TOTP_DIGITS, false, now_ms, &l->last_step);
	crypto_wipe(key, sizeof key);
	return fits;
}

enum qt_err login_use(struct db *db, const struct login *l, int64_t now_ms)
{
	SQL(use, "UPDATE login SET last_step = $2, recovery_used = $3 WHERE staff_id = $1");
	struct login now;
	enum qt_err err = by_staff(db, l->staff_id, &now);

	if (err != QT_OK)
		return err;
	/* Between the check and here the same code may have been used, or the login set anew. */
	if (now.serial != l->serial || (l->totp && totp_last(now.last_step, now_ms) >= l->last_step &&
	                                now.recovery_used == l->recovery_used))
		return QT_BAD_PIN;
	return db_run(db, &use, "iii", l->staff_id, l->last_step, l->recovery_used | now.recovery_used);
}

enum qt_err login_session_open(struct db *db, const struct keyring *keys, int64_t staff_id, int64_t now_ms,
                               char token[AUTH_TOKEN_MAX])
{
	SQL(insert, "INSERT INTO login_session (id, staff_id, secret_hash, created_ms, expires_ms, revoked_ms) "
	            "VALUES ($1, $2, $3, $4, $5, 0)");
	int64_t id = db_new_id(db, "login_session");
	uint8_t hash[32];

	auth_new_secret(CREDENTIAL_LOGIN, id, keys, token, hash);
	return db_run(db, &insert, "iibii", id, staff_id, (const void *)hash, sizeof hash, now_ms, now_ms + LOGIN_SESSION_MS);
}
