/* secret: see secret.h. */
#include "pos/secret.h"

#include "shared/crypto.h"

#include <stdlib.h>
#include <string.h>

#define MARK "sealed:"
#define MARK_LEN (sizeof MARK - 1)
#define SEAL_EXTRA 28 /* nonce and tag, crypto_seal */

static void key_of(const char *terminal_token, uint8_t key[32])
{
	uint8_t root[32];

	crypto_sha256(terminal_token, strlen(terminal_token), root);
	crypto_derive(root, "qrtill-pos outbox", key, 32);
	crypto_wipe(root, sizeof root);
}

char *secret_seal(const char *terminal_token, const char *text)
{
	size_t len = strlen(text), sealed_len = len + SEAL_EXTRA;
	uint8_t key[32], *sealed = xcalloc(sealed_len, 1);
	char *out = xcalloc(MARK_LEN + (sealed_len * 4 + 2) / 3 + 1, 1);

	key_of(terminal_token, key);
	crypto_seal(key, MARK, MARK_LEN, text, len, sealed);
	memcpy(out, MARK, MARK_LEN);
	base64url_encode(sealed, sealed_len, out + MARK_LEN);
	crypto_wipe(key, sizeof key);
	free(sealed);
	return out;
}

char *secret_open(const char *terminal_token, const char *text)
{
	size_t text_len = strlen(text);
	uint8_t key[32];
	char *out = NULL;

	if (strncmp(text, MARK, MARK_LEN) != 0)
		return xstrdup(text);
	uint8_t *sealed = xcalloc(text_len, 1);
	int len = base64url_decode(text + MARK_LEN, text_len - MARK_LEN, sealed, text_len);
	if (len >= SEAL_EXTRA) {
		out = xcalloc((size_t)len - SEAL_EXTRA + 1, 1);
		key_of(terminal_token, key);
		if (crypto_open(key, MARK, MARK_LEN, sealed, (size_t)len, out) != QT_OK) {
			free(out);
			out = NULL;
		}
		crypto_wipe(key, sizeof key);
	}
	free(sealed);
	return out;
}
