/* auth: see auth.h. */
#include "server/auth.h"

#include "shared/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was looked up. The secret itself is kept, in memory only, so that a known credential costs no HMAC. */
struct entry {
	enum credential kind; /* 0: free */
	int64_t id;
	uint8_t secret[AUTH_SECRET_SIZE];
	int64_t expires_ms;   /* 0: no end */
	struct actor actor;
	bool has_locale;      /* actor.locale is the customer's own */
};

#define CACHE_SIZE 16384 /* power of two; full slots are overwritten */
#define PROBES 4
#define FORGOTTEN_MAX 64

static struct {
	pthread_mutex_t lock;
	struct entry *entries;
	uint64_t changes;  /* counts every forgetting, so that a look-up begun before it is not remembered */
	struct { enum credential kind; int64_t id; } forgotten[FORGOTTEN_MAX]; /* since the last commit */
	_Atomic int forgotten_count; /* changed under the lock, looked at without */
	bool forgotten_all; /* more than fit */
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void hash_secret(enum credential kind, int64_t id, const struct keyring *keys,
                        const uint8_t secret[AUTH_SECRET_SIZE], uint8_t hash[32])
{
	uint8_t text[64 + AUTH_SECRET_SIZE];
	int n = snprintf((char *)text, 64, "%c-%lld-", kind, (long long)id);
	memcpy(text + n, secret, AUTH_SECRET_SIZE);
	crypto_hmac(keys->lookup_key, text, (size_t)n + AUTH_SECRET_SIZE, hash);
	crypto_wipe(text, sizeof text);
}

void auth_new_secret(enum credential kind, int64_t id, const struct keyring *keys, char token[AUTH_TOKEN_MAX],
                     uint8_t hash[32])
{
	uint8_t secret[AUTH_SECRET_SIZE];
	char text[48];

	random_bytes(secret, sizeof secret);
	hash_secret(kind, id, keys, secret, hash);
	base64url_encode(secret, sizeof secret, text);
	snprintf(token, AUTH_TOKEN_MAX, "%c-%lld-%s", kind, (long long)id, text);
	crypto_wipe(secret, sizeof secret);
	crypto_wipe(text, sizeof text);
}

/* "T-12-SECRET" apart. Only the one form auth_new_secret makes. */
static bool parse_token(const char *token, enum credential *kind, int64_t *id, uint8_t secret[AUTH_SECRET_SIZE])
{
	if (token[0] == '\0' || strchr("TSLDK", token[0]) == NULL || token[1] != '-')
		return false;
	const char *p = token + 2;
	int64_t n = 0;
	if (*p < '1' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
			return false;
	if (*p++ != '-')
		return false;
	*kind = (enum credential)token[0];
	*id = n;
	size_t len = strlen(p);
	return len == 43 && base64url_decode(p, len, secret, AUTH_SECRET_SIZE) == AUTH_SECRET_SIZE;
}

SQL(terminal_by_id, "SELECT secret_hash, merchant_id, store_id, id FROM terminal"
                    " WHERE id = $1 AND revoked_ms = 0 AND secret_hash IS NOT NULL");
SQL(session_by_id, "SELECT s.secret_hash, s.expires_ms, p.role, p.id, t.id, t.store_id, t.merchant_id FROM session s"
                   " JOIN staff p ON p.id = s.staff_id JOIN terminal t ON t.id = s.terminal_id"
                   " WHERE s.id = $1 AND s.revoked_ms = 0 AND t.revoked_ms = 0 AND p.state = 1");
SQL(login_by_id, "SELECT s.secret_hash, s.expires_ms, p.role, p.id, p.merchant_id FROM login_session s"
                 " JOIN staff p ON p.id = s.staff_id WHERE s.id = $1 AND s.revoked_ms = 0 AND p.state = 1");
SQL(device_by_id, "SELECT d.secret_hash, c.id, c.locale FROM device d JOIN customer c ON c.id = d.customer_id"
                  " WHERE d.id = $1 AND d.revoked_ms = 0");
SQL(key_by_id, "SELECT secret_hash, expires_ms, agent_id, channel_id FROM access_key WHERE id = $1 AND revoked_ms = 0");

static enum qt_err look_up(struct db *db, struct entry *e, uint8_t hash[32])
{
	struct actor *a = &e->actor;
	size_t len = 32;
	int64_t role = 0;
	enum qt_err err = QT_NOT_FOUND;

	switch (e->kind) {
	case CREDENTIAL_TERMINAL:
		err = db_one(db, &terminal_by_id, "i", e->id, "biii", hash, &len, &a->merchant_id, &a->store_id, &a->terminal_id);
		a->role = ROLE_TERMINAL;
		break;
	case CREDENTIAL_SESSION:
		err = db_one(db, &session_by_id, "i", e->id, "biiiiii", hash, &len, &e->expires_ms, &role, &a->staff_id,
		             &a->terminal_id, &a->store_id, &a->merchant_id);
		a->role = (enum role)role;
		break;
	case CREDENTIAL_LOGIN:
		err = db_one(db, &login_by_id, "i", e->id, "biiii", hash, &len, &e->expires_ms, &role, &a->staff_id,
		             &a->merchant_id);
		a->role = (enum role)role;
		break;
	case CREDENTIAL_DEVICE:
		err = db_one(db, &device_by_id, "i", e->id, "bit", hash, &len, &a->customer_id, a->locale, sizeof a->locale);
		a->role = ROLE_CUSTOMER;
		e->has_locale = true;
		break;
	case CREDENTIAL_KEY:
		err = db_one(db, &key_by_id, "i", e->id, "biii", hash, &len, &e->expires_ms, &a->agent_id, &a->channel_id);
		a->role = a->agent_id ? ROLE_AGENT : ROLE_CHANNEL;
		break;
	case CREDENTIAL_OF_STAFF:
	case CREDENTIAL_OF_CUSTOMER:
	case CREDENTIAL_OF_MERCHANT:
		assert(!"not a credential");
	}
	return err == QT_OK && len != 32 ? QT_STORE : err;
}

static struct entry *slot_of(enum credential kind, int64_t id, int probe)
{
	uint64_t h = ((uint64_t)id * 4 + (uint64_t)kind) * UINT64_C(0x9e3779b97f4a7c15);
	return &cache.entries[((h >> 40) + (uint64_t)probe) & (CACHE_SIZE - 1)];
}

static bool recall(struct entry *e, uint64_t *changes)
{
	bool found = false;

	pthread_mutex_lock(&cache.lock);
	if (cache.entries == NULL)
		cache.entries = xcalloc(CACHE_SIZE, sizeof *cache.entries);
	for (int i = 0; i < PROBES && !found; i++) {
		const struct entry *at = slot_of(e->kind, e->id, i);
		found = at->kind == e->kind && at->id == e->id && crypto_equal(at->secret, e->secret, sizeof e->secret);
		if (found)
			*e = *at;
	}
	*changes = cache.changes;
	pthread_mutex_unlock(&cache.lock);
	return found;
}

static void remember(const struct entry *e, uint64_t changes)
{
	pthread_mutex_lock(&cache.lock);
	if (cache.changes == changes) {
		struct entry *to = slot_of(e->kind, e->id, 0);
		for (int i = 0; i < PROBES; i++) {
			struct entry *at = slot_of(e->kind, e->id, i);
			if (at->kind == 0 || (at->kind == e->kind && at->id == e->id)) {
				to = at;
				break;
			}
		}
		*to = *e;
	}
	pthread_mutex_unlock(&cache.lock);
}

enum qt_err auth_check(struct db *db, const struct keyring *keys, const char *token, int64_t now_ms, struct actor *actor)
{
	struct entry e = { 0 };
	uint64_t changes;

	if (!parse_token(token, &e.kind, &e.id, e.secret))
		return QT_NOT_SIGNED_IN;
	if (!recall(&e, &changes)) {
		uint8_t kept[32], given[32];
		enum qt_err err = look_up(db, &e, kept);
		if (err)
			return err == QT_NOT_FOUND ? QT_NOT_SIGNED_IN : err;
		hash_secret(e.kind, e.id, keys, e.secret, given);
		if (!crypto_equal(kept, given, sizeof kept))
			return QT_NOT_SIGNED_IN;
		remember(&e, changes);
	}
	if (e.expires_ms != 0 && now_ms >= e.expires_ms)
		return QT_NOT_SIGNED_IN;
	if (!e.has_locale)
		memcpy(e.actor.locale, actor->locale, sizeof e.actor.locale);
	*actor = e.actor;
	return QT_OK;
}

static bool belongs(const struct entry *e, enum credential kind, int64_t id)
{
	switch (kind) {
	case CREDENTIAL_TERMINAL:    return e->actor.terminal_id == id;
	case CREDENTIAL_OF_STAFF:    return e->actor.staff_id == id;
	case CREDENTIAL_OF_CUSTOMER: return e->actor.customer_id == id;
	case CREDENTIAL_OF_MERCHANT: return e->actor.merchant_id == id;
	case CREDENTIAL_SESSION:
	case CREDENTIAL_LOGIN:
	case CREDENTIAL_DEVICE:
	case CREDENTIAL_KEY:         return e->kind == kind && e->id == id;
	}
	return true;
}

static void drop(enum credential kind, int64_t id)
{
	cache.changes++;
	for (int i = 0; cache.entries != NULL && i < CACHE_SIZE; i++)
		if (cache.entries[i].kind != 0 && belongs(&cache.entries[i], kind, id))
			cache.entries[i].kind = 0;
}

void auth_forget(enum credential kind, int64_t id)
{
	pthread_mutex_lock(&cache.lock);
	drop(kind, id);
	if (cache.forgotten_count < FORGOTTEN_MAX) {
		cache.forgotten[cache.forgotten_count].kind = kind;
		cache.forgotten[cache.forgotten_count++].id = id;
	} else {
		cache.forgotten_all = true;
	}
	pthread_mutex_unlock(&cache.lock);
}

void auth_commit(void)
{
	if (cache.forgotten_count == 0)
		return;
	pthread_mutex_lock(&cache.lock);
	for (int i = 0; i < cache.forgotten_count; i++)
		drop(cache.forgotten[i].kind, cache.forgotten[i].id);
	if (cache.forgotten_all) {
		cache.changes++;
		memset(cache.entries, 0, CACHE_SIZE * sizeof *cache.entries);
	}
	cache.forgotten_all = false;
	cache.forgotten_count = 0;
	pthread_mutex_unlock(&cache.lock);
}
