/* crypto: see crypto.h. Owns every call into OpenSSL's primitives and the text forms of bytes; PINs are in pin.c, the
 * key file in keyring.c. A primitive that fails for no fault of the input means a broken installation: fatal.
 *
 * SHA-256 and HMAC-SHA-256 are called several times for each sale, over a hundred bytes or so. OpenSSL's own structure for
 * them is used there, which can be copied and lies on the stack: through EVP, copying a keyed state and throwing it away
 * costs as much as hashing (2.5 us a MAC, against 0.5 us here). */
#define OPENSSL_SUPPRESS_DEPRECATED /* since OpenSSL 3.0 that structure counts as old */

#include "shared/crypto.h"

#include "shared/clock.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/sha.h>

#define NONCE_SIZE 12
#define TAG_SIZE 16

/* A key of HMAC-SHA-256 made ready (RFC 2104 section 4): the states behind its inner and its outer block. */
struct hmac_key {
	uint8_t key[32];
	SHA256_CTX inner, outer;
};

/* The keys a thread used last; a server uses about six over and over. */
#define HMAC_KEYS 8
struct hmac_keys {
	struct hmac_key list[HMAC_KEYS];
	int count, next; /* next: the place that is given up for a new key */
};

/* Fetched once: a fetch by name costs more than sealing a short message. */
static EVP_CIPHER *gcm_cipher;
static pthread_key_t hmac_slot; /* a thread's own struct hmac_keys */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

static void forget_keys(void *keys)
{
	crypto_wipe(keys, sizeof(struct hmac_keys));
	free(keys);
}

static void fetch_all(void)
{
	gcm_cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (gcm_cipher == NULL || pthread_key_create(&hmac_slot, forget_keys) != 0)
		fatal("OpenSSL lacks AES-256-GCM");
}

static void must(int ok, const char *what)
{
	if (ok != 1)
		fatal("OpenSSL failed: %s", what);
}

void crypto_sha256(const void *data, size_t len, uint8_t out[32])
{
	SHA256_CTX hash;

	must(SHA256_Init(&hash) && SHA256_Update(&hash, data, len) && SHA256_Final(out, &hash), "SHA-256");
}

static void hmac_pad(SHA256_CTX *state, const uint8_t key[32], uint8_t pad)
{
	uint8_t block[SHA256_CBLOCK];

	memset(block, pad, sizeof block);
	for (int i = 0; i < 32; i++)
		block[i] ^= key[i];
	must(SHA256_Init(state) && SHA256_Update(state, block, sizeof block), "HMAC-SHA-256");
	crypto_wipe(block, sizeof block);
}

/* The key made ready, valid until this thread's next call. */
static const struct hmac_key *hmac_ready(const uint8_t key[32])
{
	pthread_once(&fetched, fetch_all);
	struct hmac_keys *keys = pthread_getspecific(hmac_slot);

	if (keys == NULL) {
		keys = xcalloc(1, sizeof *keys);
		must(pthread_setspecific(hmac_slot, keys) == 0, "HMAC-SHA-256");
	}
	for (int i = 0; i < keys->count; i++)
		if (memcmp(keys->list[i].key, key, 32) == 0)
			return &keys->list[i];
	struct hmac_key *k = &keys->list[keys->next];
	keys->next = (keys->next + 1) % HMAC_KEYS;
	keys->count += keys->count < HMAC_KEYS;
	memcpy(k->key, key, 32);
	hmac_pad(&k->inner, key, 0x36);
	hmac_pad(&k->outer, key, 0x5c);
	return k;
}

void crypto_hmac(const uint8_t key[32], const void *data, size_t len, uint8_t out[32])
{
	const struct hmac_key *k = hmac_ready(key);
	SHA256_CTX hash = k->inner;
	uint8_t inner[32];

	must(SHA256_Update(&hash, data, len) && SHA256_Final(inner, &hash), "HMAC-SHA-256");
	hash = k->outer;
	must(SHA256_Update(&hash, inner, sizeof inner) && SHA256_Final(out, &hash), "HMAC-SHA-256");
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

static EVP_PKEY *pair_of(const uint8_t *secret, const uint8_t point[CRYPTO_POINT_SIZE])
{
	uint8_t little[32];
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	OSSL_PARAM params[4], *p = params;

	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)"P-256", 0);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point, CRYPTO_POINT_SIZE);
	for (int i = 0; secret && i < 32; i++) /* a number in the machine's order */
		little[i] = secret[31 - i];
	if (secret)
		*p++ = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, little, sizeof little);
	*p = OSSL_PARAM_construct_end();
	must(context != NULL && EVP_PKEY_fromdata_init(context) == 1, "P-256");
	if (EVP_PKEY_fromdata(context, &key, secret ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL; /* not on the curve */
	EVP_PKEY_CTX_free(context);
	crypto_wipe(little, sizeof little);
	return key;
}

void crypto_pair(uint8_t secret[32], uint8_t point[CRYPTO_POINT_SIZE])
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	BIGNUM *number = NULL;
	size_t len = 0;

	must(key != NULL && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1, "P-256");
	must(BN_bn2binpad(number, secret, 32) == 32, "P-256");
	must(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, CRYPTO_POINT_SIZE, &len) == 1 &&
	     len == CRYPTO_POINT_SIZE, "P-256");
	BN_clear_free(number);
	EVP_PKEY_free(key);
}

enum qt_err crypto_agree(const uint8_t secret[32], const uint8_t own[CRYPTO_POINT_SIZE],
                         const uint8_t other[CRYPTO_POINT_SIZE], uint8_t out[32])
{
	EVP_PKEY *mine = pair_of(secret, own), *theirs = other[0] == 4 ? pair_of(NULL, other) : NULL;
	EVP_PKEY_CTX *context = theirs && mine ? EVP_PKEY_CTX_new(mine, NULL) : NULL;
	size_t len = 32;

	bool good = context != NULL && EVP_PKEY_derive_init(context) == 1 &&
		EVP_PKEY_derive_set_peer_ex(context, theirs, 1) == 1 && EVP_PKEY_derive(context, out, &len) == 1 && len == 32;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(mine);
	EVP_PKEY_free(theirs);
	return good ? QT_OK : QT_BAD_FIELD;
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

#define STEPS_A_DAY 2880

int64_t totp_last(int64_t last, int64_t now_ms)
{
	return last > now_ms / 30000 + STEPS_A_DAY ? -1 : last;
}

bool totp_check(const void *key, size_t key_len, uint32_t code, int digits, bool sha256, int64_t now_ms, int64_t *last)
{
	int64_t now_step = now_ms / 30000, used = totp_last(*last, now_ms);

	for (int64_t step = now_step > 0 ? now_step - 1 : 0; step <= now_step + 1; step++)
		if (step > used && totp_code(key, key_len, (uint64_t)step, digits, sha256) == code) {
			*last = step;
			return true;
		}
	return false;
}

/* Text forms of bytes: groups of bits, most significant first, as characters of an alphabet. */
struct alphabet {
	int bits;
	const char *characters; /* 2^bits of them */
	uint8_t value[256];     /* of a character, plus one; 0: not of the alphabet. Filled in by alphabets_open. */
};
static struct alphabet base32 = { 5, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", { 0 } };
static struct alphabet base64url = { 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", { 0 } };
static struct alphabet hex = { 4, "0123456789abcdef", { 0 } };

static void open_alphabet(struct alphabet *a)
{
	for (int i = 0; i < 1 << a->bits; i++)
		a->value[(unsigned char)a->characters[i]] = (uint8_t)(i + 1);
}

static void alphabets_open(void)
{
	open_alphabet(&base32);
	open_alphabet(&base64url);
	open_alphabet(&hex);
	for (int c = 'a'; c <= 'z'; c++)
		base32.value[c] = base32.value[c - 'a' + 'A'];
	for (const char *c = "IiLlOo"; *c; c++) /* read by people: what they may have meant */
		base32.value[(unsigned char)*c] = base32.value[(*c | 32) == 'o' ? '0' : '1'];
	for (int c = 'A'; c <= 'F'; c++)
		hex.value[c] = hex.value[c - 'A' + 'a'];
}

static pthread_once_t alphabets = PTHREAD_ONCE_INIT;

static size_t encode_bits(const struct alphabet *a, const uint8_t *in, size_t len, char *out)
{
	uint32_t held = 0;
	int have = 0;
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		held = held << 8 | in[i];
		for (have += 8; have >= a->bits; have -= a->bits)
			out[n++] = a->characters[held >> (have - a->bits) & ((1u << a->bits) - 1)];
		held &= (1u << have) - 1;
	}
	if (have > 0)
		out[n++] = a->characters[held << (a->bits - have) & ((1u << a->bits) - 1)];
	out[n] = '\0';
	return n;
}

/* The reverse. Unused bits must be zero and fewer than a character's. */
static int decode_bits(const struct alphabet *a, const char *text, size_t len, uint8_t *out, size_t room)
{
	uint32_t held = 0;
	int have = 0;
	size_t n = 0;

	pthread_once(&alphabets, alphabets_open);
	for (size_t i = 0; i < len; i++) {
		int v = a->value[(unsigned char)text[i]] - 1;
		if (v < 0)
			return -1;
		held = held << a->bits | (uint32_t)v;
		have += a->bits;
		if (have >= 8) {
			if (n == room)
				return -1;
			have -= 8;
			out[n++] = (uint8_t)(held >> have);
			held &= (1u << have) - 1;
		}
	}
	return have < a->bits && held == 0 ? (int)n : -1;
}

size_t base32_encode(const uint8_t *in, size_t len, char *out)
{
	return encode_bits(&base32, in, len, out);
}

int base32_decode(const char *text, size_t text_len, uint8_t *out, size_t room)
{
	return decode_bits(&base32, text, text_len, out, room);
}

size_t base64url_encode(const uint8_t *in, size_t len, char *out)
{
	return encode_bits(&base64url, in, len, out);
}

int base64url_decode(const char *text, size_t text_len, uint8_t *out, size_t room)
{
	return decode_bits(&base64url, text, text_len, out, room);
}

size_t hex_encode(const uint8_t *in, size_t len, char *out)
{
	return encode_bits(&hex, in, len, out);
}

int hex_decode(const char *text, size_t text_len, uint8_t *out, size_t room)
{
	return decode_bits(&hex, text, text_len, out, room);
}
