/* pin: hashes of PINs and passphrases (declared in crypto.h). A file of its own so that only programs which check PINs
 * link libargon2. RFC 9106, Argon2id; the pepper is its secret input, the encoded form is PHC's. */
#include "shared/clock.h"
#include "shared/crypto.h"

#include <stdio.h>
#include <string.h>

#include <argon2.h>
#include <openssl/evp.h>

#define COST_KIB 19456u
#define COST_PASSES 2u
#define SALT_SIZE 16
#define HASH_SIZE 32

/* Standard base64 without padding, as PHC strings have it. */
static void add_base64(char *out, const uint8_t *in, int len)
{
	int n = EVP_EncodeBlock((unsigned char *)out, in, len);
	while (n > 0 && out[n - 1] == '=')
		out[--n] = '\0';
}

static bool read_base64(const char *text, size_t text_len, uint8_t *out, size_t size)
{
	char padded[68];
	uint8_t bytes[51];

	if (text_len != (size * 4 + 2) / 3 || text_len > 64)
		return false;
	memset(padded, '=', sizeof padded);
	memcpy(padded, text, text_len);
	if (EVP_DecodeBlock(bytes, (unsigned char *)padded, (int)((text_len + 3) / 4 * 4)) < (int)size)
		return false;
	memcpy(out, bytes, size);
	return true;
}

static bool argon2_run(const char *pin, const uint8_t pepper[32], const uint8_t salt[SALT_SIZE], uint32_t kib,
                       uint32_t passes, uint8_t hash[HASH_SIZE])
{
	argon2_context context = {
		.out = hash, .outlen = HASH_SIZE,
		.pwd = (uint8_t *)(uintptr_t)pin, .pwdlen = (uint32_t)strlen(pin),
		.salt = (uint8_t *)(uintptr_t)salt, .saltlen = SALT_SIZE,
		.secret = (uint8_t *)(uintptr_t)pepper, .secretlen = 32,
		.t_cost = passes, .m_cost = kib, .lanes = 1, .threads = 1,
		.version = ARGON2_VERSION_13, .flags = ARGON2_DEFAULT_FLAGS,
	};
	int rc = argon2id_ctx(&context);
	if (rc == ARGON2_MEMORY_ALLOCATION_ERROR)
		fatal("out of memory");
	return rc == ARGON2_OK;
}

void pin_hash(const char *pin, const uint8_t pepper[32], char out[128])
{
	uint8_t salt[SALT_SIZE], hash[HASH_SIZE];
	char salt_text[32], hash_text[64];

	random_bytes(salt, sizeof salt);
	if (!argon2_run(pin, pepper, salt, COST_KIB, COST_PASSES, hash))
		fatal("libargon2 cannot hash");
	add_base64(salt_text, salt, SALT_SIZE);
	add_base64(hash_text, hash, HASH_SIZE);
	snprintf(out, 128, "$argon2id$v=19$m=%u,t=%u,p=1$%s$%s", COST_KIB, COST_PASSES, salt_text, hash_text);
	crypto_wipe(hash, sizeof hash);
}

bool pin_verify(const char *pin, const uint8_t pepper[32], const char *encoded)
{
	uint8_t salt[SALT_SIZE], want[HASH_SIZE], got[HASH_SIZE];
	unsigned kib = 0, passes = 0;
	int at = 0;

	/* Costs come from the text, so that hashes made with older costs keep working; bounded against a forged row. */
	if (sscanf(encoded, "$argon2id$v=19$m=%u,t=%u,p=1$%n", &kib, &passes, &at) != 2 || at == 0 || kib < 8 ||
	    kib > 1u << 20 || passes < 1 || passes > 64)
		return false;
	const char *salt_text = encoded + at, *dollar = strchr(salt_text, '$');
	if (dollar == NULL || !read_base64(salt_text, (size_t)(dollar - salt_text), salt, sizeof salt) ||
	    !read_base64(dollar + 1, strlen(dollar + 1), want, sizeof want))
		return false;
	bool same = argon2_run(pin, pepper, salt, kib, passes, got) && crypto_equal(got, want, sizeof got);
	crypto_wipe(got, sizeof got);
	return same;
}
