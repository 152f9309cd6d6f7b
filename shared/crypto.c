/* crypto: see crypto.h. Owns every call into OpenSSL's primitives and the text forms of bytes; PINs are in pin.c, the
 * key file in keyring.c. A primitive that fails for no fault of the input means a broken installation: fatal. */
#include "shared/crypto.h"

#include "shared/clock.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>

#define NONCE_SIZE 12
#define TAG_SIZE 16

/* Fetched once: a fetch by name costs more than hashing a short message. */
static EVP_MD *sha256_md;
static EVP_MAC *hmac_mac;
static EVP_CIPHER *gcm_cipher;
static pthread_key_t hmac_slot; /* a thread's own EVP_MAC_CTX */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void free_context(void *context)
{
	EVP_MAC_CTX_free(context);
}

static void fetch_all(void)
{
	sha256_md = EVP_MD_fetch(NULL, "SHA256", NULL);
	hmac_mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	gcm_cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (sha256_md == NULL || hmac_mac == NULL || gcm_cipher == NULL || pthread_key_create(&hmac_slot, free_context))
		fatal("OpenSSL lacks SHA-256, HMAC or AES-256-GCM");
}

static void must(int ok, const char *what)
{
	if (ok != 1)
		fatal("OpenSSL failed: %s", what);
}

void crypto_sha256(const void *data, size_t len, uint8_t out[32])
{
	pthread_once(&fetched, fetch_all);
	must(EVP_Digest(data, len, out, NULL, sha256_md, NULL), "SHA-256");
}

static EVP_MAC_CTX *thread_hmac(void)
{
	pthread_once(&fetched, fetch_all);
	EVP_MAC_CTX *context = pthread_getspecific(hmac_slot);
	if (context == NULL) {
		OSSL_PARAM params[] = {
			OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)"SHA256", 0),
			OSSL_PARAM_construct_end(),
		};
		context = EVP_MAC_CTX_new(hmac_mac);
		must(context != NULL && EVP_MAC_CTX_set_params(context, params), "HMAC");
		must(pthread_setspecific(hmac_slot, context) == 0, "HMAC");
	}
	return context;
}

void crypto_hmac(const uint8_t key[32], const void *data, size_t len, uint8_t out[32])
{
	EVP_MAC_CTX *context = thread_hmac();
	size_t got = 0;

	must(EVP_MAC_init(context, key, 32, NULL) && EVP_MAC_update(context, data, len) &&
	     EVP_MAC_final(context, out, &got, 32) && got == 32, "HMAC-SHA-256");
}

void crypto_hmac_sha1(const void *key, size_t key_len, const void *data, size_t len, uint8_t out[20])
{
	unsigned got = 0;
	must(HMAC(EVP_sha1(), key, (int)key_len, data, len, out, &got) != NULL && got == 20, "HMAC-SHA-1");
}

void crypto_derive(const uint8_t key[32], const char *info, void *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)(uintptr_t)"SHA256", 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key, 32),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info, strlen(info)),
		OSSL_PARAM_construct_end(),
	};
	must(context != NULL && EVP_KDF_derive(context, out, len, params) == 1, "HKDF");
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
}

void crypto_seal(const uint8_t key[32], const void *aad, size_t aad_len, const void *in, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint8_t *body = out + NONCE_SIZE;
	int n = 0;

	pthread_once(&fetched, fetch_all);
	random_bytes(out, NONCE_SIZE);
	must(context != NULL && EVP_EncryptInit_ex2(context, gcm_cipher, key, out, NULL), "AES-GCM");
	must(aad_len == 0 || EVP_EncryptUpdate(context, NULL, &n, aad, (int)aad_len), "AES-GCM");
	must(len == 0 || EVP_EncryptUpdate(context, body, &n, in, (int)len), "AES-GCM");
	must(EVP_EncryptFinal_ex(context, body + len, &n), "AES-GCM");
	must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, body + len), "AES-GCM");
	EVP_CIPHER_CTX_free(context);
}

enum qt_err crypto_open(const uint8_t key[32], const void *aad, size_t aad_len, const uint8_t *in, size_t len,
                        void *out)
{
	if (len < NONCE_SIZE + TAG_SIZE)
		return QT_BAD_SIGNATURE;
	size_t body_len = len - NONCE_SIZE - TAG_SIZE;
	uint8_t tag[TAG_SIZE];
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int n = 0;

	pthread_once(&fetched, fetch_all);
	memcpy(tag, in + NONCE_SIZE + body_len, TAG_SIZE);
	must(context != NULL && EVP_DecryptInit_ex2(context, gcm_cipher, key, in, NULL), "AES-GCM");
	must(aad_len == 0 || EVP_DecryptUpdate(context, NULL, &n, aad, (int)aad_len), "AES-GCM");
	must(body_len == 0 || EVP_DecryptUpdate(context, out, &n, in + NONCE_SIZE, (int)body_len), "AES-GCM");
	must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag), "AES-GCM");
	bool good = EVP_DecryptFinal_ex(context, (uint8_t *)out + body_len, &n) == 1;
	EVP_CIPHER_CTX_free(context);
	if (!good && body_len > 0)
		crypto_wipe(out, body_len); /* what was not signed is never handed out */
	return good ? QT_OK : QT_BAD_SIGNATURE;
}

void crypto_sign(const uint8_t seed[32], const void *data, size_t len, uint8_t signature[64])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t got = 64;

	must(key != NULL && context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) &&
	     EVP_DigestSign(context, signature, &got, data, len) && got == 64, "Ed25519");
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
}

void crypto_public(const uint8_t seed[32], uint8_t public_key[32])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	size_t got = 32;

	must(key != NULL && EVP_PKEY_get_raw_public_key(key, public_key, &got) && got == 32, "Ed25519");
	EVP_PKEY_free(key);
}

bool crypto_verify(const uint8_t public_key[32], const void *data, size_t len, const uint8_t signature[64])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	            EVP_DigestVerify(context, signature, 64, data, len) == 1;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return good;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void crypto_wipe(void *p, size_t len)
{
	OPENSSL_cleanse(p, len);
}

uint32_t totp_code(const void *key, size_t key_len, uint64_t step, int digits, bool sha256)
{
	uint8_t counter[8], mac[32];
	unsigned mac_len = 20;
	uint32_t modulus = 1;

	assert(digits >= 6 && digits <= 9);
	for (int i = 7; i >= 0; i--, step >>= 8)
		counter[i] = (uint8_t)step;
	if (sha256)
		must(HMAC(EVP_sha256(), key, (int)key_len, counter, sizeof counter, mac, &mac_len) != NULL, "HMAC");
	else
		crypto_hmac_sha1(key, key_len, counter, sizeof counter, mac);
	/* RFC 4226 section 5.3: dynamic truncation. */
	const uint8_t *p = mac + (mac[mac_len - 1] & 15);
	uint32_t value = (uint32_t)(p[0] & 0x7f) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	for (int i = 0; i < digits; i++)
		modulus *= 10;
	return value % modulus;
}

bool totp_check(const void *key, size_t key_len, uint32_t code, int digits, bool sha256, int64_t now_ms, int64_t *last)
{
	int64_t now_step = now_ms / 30000;

	for (int64_t step = now_step > 0 ? now_step - 1 : 0; step <= now_step + 1; step++)
		if (step > *last && totp_code(key, key_len, (uint64_t)step, digits, sha256) == code) {
			*last = step;
			return true;
		}
	return false;
}

/* Groups of `bits` bits, most significant first, as characters of `alphabet`. */
static size_t encode_bits(const uint8_t *in, size_t len, char *out, int bits, const char *alphabet)
{
	uint32_t held = 0;
	int have = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		held = held << 8 | in[i];
		for (have += 8; have >= bits; have -= bits)
			out[n++] = alphabet[held >> (have - bits) & ((1u << bits) - 1)];
		held &= (1u << have) - 1;
	}
	if (have > 0)
		out[n++] = alphabet[held << (bits - have) & ((1u << bits) - 1)];
	out[n] = '\0';
	return n;
}

/* The reverse; `value` gives a character's value or -1. Unused bits must be zero and fewer than a character's. */
static int decode_bits(const char *text, size_t len, uint8_t *out, size_t room, int bits, int (*value)(char))
{
	uint32_t held = 0;
	int have = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int v = value(text[i]);
		if (v < 0)
			return -1;
		held = held << bits | (uint32_t)v;
		have += bits;
		if (have >= 8) {
			if (n == room)
				return -1;
			have -= 8;
			out[n++] = (uint8_t)(held >> have);
			held &= (1u << have) - 1;
		}
	}
	return have < bits && held == 0 ? (int)n : -1;
}

static const char base32_alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char base64url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char hex_alphabet[] = "0123456789abcdef";

static int index_in(const char *alphabet, char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;
	return at ? (int)(at - alphabet) : -1;
}

static int base32_value(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'I' || c == 'L')
		return 1;
	if (c == 'O')
		return 0;
	return index_in(base32_alphabet, c);
}

static int base64url_value(char c)
{
	return index_in(base64url_alphabet, c);
}

static int hex_value(char c)
{
	return index_in(hex_alphabet, c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c);
}

size_t base32_encode(const uint8_t *in, size_t len, char *out)
{
	return encode_bits(in, len, out, 5, base32_alphabet);
}

int base32_decode(const char *text, size_t text_len, uint8_t *out, size_t room)
{
	return decode_bits(text, text_len, out, room, 5, base32_value);
}

size_t base64url_encode(const uint8_t *in, size_t len, char *out)
{
	return encode_bits(in, len, out, 6, base64url_alphabet);
}

int base64url_decode(const char *text, size_t text_len, uint8_t *out, size_t room)
{
	return decode_bits(text, text_len, out, room, 6, base64url_value);
}

size_t hex_encode(const uint8_t *in, size_t len, char *out)
{
	return encode_bits(in, len, out, 4, hex_alphabet);
}

int hex_decode(const char *text, size_t text_len, uint8_t *out, size_t room)
{
	return decode_bits(text, text_len, out, room, 4, hex_value);
}
