/* crypto: thin, hard-to-misuse wrappers over OpenSSL, and the key file. All sizes in bytes. */
#ifndef QT_CRYPTO_H
#define QT_CRYPTO_H

#include "shared/err.h"

#include <stdint.h>

void crypto_sha256(const void *data, size_t len, uint8_t out[32]);
/* HMAC-SHA-256 (RFC 2104). */
void crypto_hmac(const uint8_t key[32], const void *data, size_t len, uint8_t out[32]);
/* HMAC-SHA-1, for RFC 6238 with its test keys and for authenticator apps. */
void crypto_hmac_sha1(const void *key, size_t key_len, const void *data, size_t len, uint8_t out[20]);
/* HKDF-SHA-256 (RFC 5869) with an empty salt; `info` names the use. */
void crypto_derive(const uint8_t key[32], const char *info, void *out, size_t len);
/* AES-256-GCM (SP 800-38D): out = 12-byte random nonce, ciphertext, 16-byte tag; len + 28 bytes. */
void crypto_seal(const uint8_t key[32], const void *aad, size_t aad_len, const void *in, size_t len, uint8_t *out);
/* QT_BAD_SIGNATURE when anything was changed. out takes len - 28 bytes. */
enum qt_err crypto_open(const uint8_t key[32], const void *aad, size_t aad_len, const uint8_t *in, size_t len,
                        void *out) QT_USE_RESULT;
/* Ed25519 (RFC 8032). */
void crypto_sign(const uint8_t seed[32], const void *data, size_t len, uint8_t signature[64]);
void crypto_public(const uint8_t seed[32], uint8_t public_key[32]);
bool crypto_verify(const uint8_t public_key[32], const void *data, size_t len, const uint8_t signature[64]);
/* ECDH over P-256 (SP 800-56A): a fresh pair; public keys are uncompressed points. */
#define CRYPTO_POINT_SIZE 65
void crypto_pair(uint8_t secret[32], uint8_t point[CRYPTO_POINT_SIZE]);
/* What both sides come to: the x of the product. QT_BAD_FIELD: `other` is no point of the curve. */
enum qt_err crypto_agree(const uint8_t secret[32], const uint8_t own[CRYPTO_POINT_SIZE],
                         const uint8_t other[CRYPTO_POINT_SIZE], uint8_t out[32]) QT_USE_RESULT;
/* Constant time. */
bool crypto_equal(const void *a, const void *b, size_t len);
/* Overwrite secrets; not optimised away. */
void crypto_wipe(void *, size_t);

/* PIN or passphrase hash: Argon2id, 19 MiB, t=2, p=1, 16-byte salt, pepper as the secret input.
 * Encoded form "$argon2id$..." fits 128 bytes. Takes about 20 ms: never in the HTTP loop or the writer. */
void pin_hash(const char *pin, const uint8_t pepper[32], char out[128]);
bool pin_verify(const char *pin, const uint8_t pepper[32], const char *encoded);

/* RFC 4226/6238: code of `digits` (6-9) digits for a step; SHA-256 when sha256, else SHA-1. */
uint32_t totp_code(const void *key, size_t key_len, uint64_t step, int digits, bool sha256);
/* floor(unix seconds / 30). Checks step-1, step, step+1 that are later than *last (the last accepted step);
 * on success stores the step in *last and returns true. A *last more than a day ahead was left by a clock that was wrong
 * and counts as none (totp_last). */
bool totp_check(const void *key, size_t key_len, uint32_t code, int digits, bool sha256, int64_t now_ms, int64_t *last);
/* The last accepted step as it counts now: -1 when only a wrong clock can have left it. */
int64_t totp_last(int64_t last, int64_t now_ms);

/* base32, Crockford's alphabet (0-9 A-Z without I L O U), no padding. Decoding folds case, reads I and L as 1 and
 * O as 0, refuses everything else and unused bits that are not zero. Returns bytes or -1. */
size_t base32_encode(const uint8_t *in, size_t len, char *out); /* out: (len*8+4)/5 + 1 */
int base32_decode(const char *text, size_t text_len, uint8_t *out, size_t room);
/* base64url without padding, RFC 4648 section 5. Returns bytes or -1. */
size_t base64url_encode(const uint8_t *in, size_t len, char *out); /* out: (len*4+2)/3 + 1 */
int base64url_decode(const char *text, size_t text_len, uint8_t *out, size_t room);
size_t hex_encode(const uint8_t *in, size_t len, char *out);       /* out: 2*len + 1, lower case */
int hex_decode(const char *text, size_t text_len, uint8_t *out, size_t room);

/* The key file: secrets outside the database, mode 0600, libconfig syntax, made at first start; qrtill-keys(5).
 * Everything else is derived from these roots with crypto_derive. */
#define KEY_EPOCHS_MAX 8
struct keyring {
	int epoch_count;
	struct {
		int epoch;
		uint8_t code_key[32];
		int64_t from_ms, until_ms; /* until_ms 0: no end */
	} epochs[KEY_EPOCHS_MAX];
	uint8_t pepper[32];     /* of PINs */
	uint8_t lookup_key[32]; /* keyed hashes of card and coupon secrets, device and terminal tokens */
	uint8_t seal_seed[32];  /* Ed25519: countersigns the ledger's head */
	uint8_t row_key[32];    /* MACs of sealed rows */
	uint8_t peer_key[32];   /* signs requests between the two processes of a split server */
};
/* QT_NOT_FOUND when the file is missing; QT_BAD_CONFIG with the reason when it cannot be used (also when others
 * may read it). */
enum qt_err keyring_load(const char *path, struct keyring *, struct problem *) QT_USE_RESULT;
/* Make a new file; QT_EXISTS when there is one. Written to a temporary file, fsynced, renamed. */
enum qt_err keyring_create(const char *path, struct keyring *, struct problem *) QT_USE_RESULT;
/* Add an epoch with a fresh key from now on; old codes stay valid until their own end. */
enum qt_err keyring_rotate(const char *path, struct keyring *, int64_t now_ms, struct problem *) QT_USE_RESULT;

/* What this process keeps in memory is in no core dump: no core file, and nothing of its memory in what the kernel hands to
 * a collector of dumps (core(5)). Called once at start, by programs that hold keys or credentials. */
void keyring_leave_no_core(void);

#endif
