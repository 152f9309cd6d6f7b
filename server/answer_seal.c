/* answer_seal: see answer_seal.h. */
#include "server/answer_seal.h"

#include <stdlib.h>
#include <string.h>

#define MARK '\x02'    /* in front of a sealed answer; no JSON starts so */
#define OVERHEAD 28    /* of crypto_seal */

/* What a sealed answer is bound to, so that it opens for no other request. */
struct binding {
	int64_t actor_id, key_high, key_low, request_hash;
};

static struct binding binding_of(const struct idempotency *i)
{
	return (struct binding){ i->actor_id, i->key.high, i->key.low, i->request_hash };
}

void answer_seal(const struct keyring *keys, const struct idempotency *i, const char *text, size_t len, struct buf *out)
{
	struct binding aad = binding_of(i);
	uint8_t key[32], *sealed = xmalloc(len + OVERHEAD);
	char *printable = xmalloc((len + OVERHEAD) * 4 / 3 + 4);

	crypto_derive(keys->lookup_key, "kept answers", key, sizeof key);
	crypto_seal(key, &aad, sizeof aad, text, len, sealed);
	buf_addc(out, MARK);
	buf_add(out, printable, base64url_encode(sealed, len + OVERHEAD, printable));
	crypto_wipe(key, sizeof key);
	free(printable);
	free(sealed);
}

enum qt_err answer_open(const struct keyring *keys, const struct idempotency *i, struct arena *arena, const char **text,
                        size_t *len)
{
	struct binding aad = binding_of(i);
	uint8_t key[32], *sealed;
	char *plain;
	int n;
	enum qt_err err;

	if (*len == 0 || (*text)[0] != MARK)
		return QT_OK;
	sealed = arena_alloc(arena, *len);
	n = base64url_decode(*text + 1, *len - 1, sealed, *len);
	if (n < OVERHEAD)
		return QT_STORE;
	plain = arena_alloc(arena, (size_t)n - OVERHEAD + 1);
	crypto_derive(keys->lookup_key, "kept answers", key, sizeof key);
	err = crypto_open(key, &aad, sizeof aad, sealed, (size_t)n, plain);
	crypto_wipe(key, sizeof key);
	if (err != QT_OK)
		return QT_STORE;
	*text = plain;
	*len = (size_t)n - OVERHEAD;
	return QT_OK;
}
