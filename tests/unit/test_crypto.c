/* Crypto against published vectors, the text forms, and the key file. */
#include "shared/clock.h"
#include "shared/crypto.h"
#include "tests/lib/tmp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static void assert_hex(const uint8_t *bytes, size_t len, const char *want)
{
	char hex[256];
	hex_encode(bytes, len, hex);
	assert_string_equal(hex, want);
}

static void test_hashes(void **state)
{
	uint8_t out[32], key[32] = { 0 }, okm[42];
	(void)state;
	crypto_sha256("abc", 3, out);
	assert_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	/* RFC 4231 case 1: the key is 20 bytes of 0b; zero padding to the block gives the same MAC. */
	memset(key, 0x0b, 20);
	crypto_hmac(key, "Hi There", 8, out);
	assert_hex(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	crypto_hmac(key, "Hi There", 8, out); /* the context is used again */
	assert_hex(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	crypto_hmac_sha1(key, 20, "Hi There", 8, out);
	assert_hex(out, 20, "b617318655057264e28bc0b6fb378c8ef146be00");
	/* HKDF by hand: PRK = HMAC(zeros, key), T1 = HMAC(PRK, info 01), T2 = HMAC(PRK, T1 info 02). */
	uint8_t zeros[32] = { 0 }, prk[32], block[64], t[32];
	crypto_hmac(zeros, key, 32, prk);
	memcpy(block, "card\x01", 5);
	crypto_hmac(prk, block, 5, t);
	crypto_derive(key, "card", okm, sizeof okm);
	assert_memory_equal(okm, t, 32);
	memcpy(block, t, 32);
	memcpy(block + 32, "card\x02", 5);
	crypto_hmac(prk, block, 37, t);
	assert_memory_equal(okm + 32, t, 10);
}

/* More keys, one after the other, than a thread keeps ready; each gives what it gave before. */
static void test_hmac_of_many_keys(void **state)
{
	uint8_t first[20][32], again[32], key[32] = { 0 };
	(void)state;
	for (int round = 0; round < 3; round++)
		for (int i = 0; i < 20; i++) {
			key[31] = (uint8_t)i;
			crypto_hmac(key, "qrtill", 6, round ? again : first[i]);
			if (round > 0)
				assert_memory_equal(first[i], again, 32);
			else if (i > 0)
				assert_memory_not_equal(first[i], first[i - 1], 32);
		}
	/* by Python's hmac module, key 00..00 13 */
	assert_hex(first[19], 32, "8a121a257dc0040aa6c330ca8c61f8539b3944f7d422ef8d3dd736e105b9d6da");
}

static void test_seal_opens_only_unchanged(void **state)
{
	uint8_t key[32], sealed[5 + 28], plain[5];
	(void)state;
	random_bytes(key, sizeof key);
	crypto_seal(key, "aad", 3, "hello", 5, sealed);
	assert_int_equal(crypto_open(key, "aad", 3, sealed, sizeof sealed, plain), QT_OK);
	assert_memory_equal(plain, "hello", 5);
	assert_int_equal(crypto_open(key, "aae", 3, sealed, sizeof sealed, plain), QT_BAD_SIGNATURE);
	for (size_t bit = 0; bit < sizeof sealed * 8; bit++) {
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(crypto_open(key, "aad", 3, sealed, sizeof sealed, plain), QT_BAD_SIGNATURE);
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(crypto_open(key, "aad", 3, sealed, 27, plain), QT_BAD_SIGNATURE);
}

static void test_ed25519(void **state)
{
	/* RFC 8032 section 7.1, test 2. */
	uint8_t seed[32], public_key[32], signature[64];
	(void)state;
	assert_int_equal(hex_decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", 64, seed, 32), 32);
	crypto_public(seed, public_key);
	assert_hex(public_key, 32, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
	crypto_sign(seed, "\x72", 1, signature);
	assert_hex(signature, 64, "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	           "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
	assert_true(crypto_verify(public_key, "\x72", 1, signature));
	assert_false(crypto_verify(public_key, "\x73", 1, signature));
	signature[63] ^= 1;
	assert_false(crypto_verify(public_key, "\x72", 1, signature));
}

static void test_totp(void **state)
{
	static const struct { int64_t at_s; uint32_t sha1, sha256; } vectors[] = {
		{ 59, 94287082, 46119246 },           { 1111111109, 7081804, 68084774 },
		{ 1111111111, 14050471, 67062674 },   { 1234567890, 89005924, 91819424 },
		{ 2000000000, 69279037, 90698825 },   { INT64_C(20000000000), 65353130, 77737706 },
	};
	const char *key1 = "12345678901234567890", *key256 = "12345678901234567890123456789012";
	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		uint64_t step = (uint64_t)vectors[i].at_s / 30;
		assert_int_equal(totp_code(key1, 20, step, 8, false), vectors[i].sha1);
		assert_int_equal(totp_code(key256, 32, step, 8, true), vectors[i].sha256);
	}
	/* One step either side, each step once, never back. */
	int64_t last = 0, now_ms = INT64_C(1111111111000);
	uint64_t step = 1111111111 / 30;
	assert_true(totp_check(key1, 20, totp_code(key1, 20, step - 1, 8, false), 8, false, now_ms, &last));
	assert_int_equal(last, step - 1);
	assert_false(totp_check(key1, 20, totp_code(key1, 20, step - 1, 8, false), 8, false, now_ms, &last));
	assert_true(totp_check(key1, 20, totp_code(key1, 20, step + 1, 8, false), 8, false, now_ms, &last));
	assert_false(totp_check(key1, 20, totp_code(key1, 20, step, 8, false), 8, false, now_ms, &last));
	assert_false(totp_check(key1, 20, totp_code(key1, 20, step + 2, 8, false), 8, false, now_ms, &last));
	last = 0;
	assert_false(totp_check(key1, 20, totp_code(key1, 20, step - 2, 8, false), 8, false, now_ms, &last));
	last = step + 400 * 2880; /* used under a clock that was 400 days ahead */
	assert_true(totp_check(key1, 20, totp_code(key1, 20, step, 8, false), 8, false, now_ms, &last));
	assert_false(totp_check(key1, 20, totp_code(key1, 20, step, 8, false), 8, false, now_ms, &last));
	last = step + 100; /* less than a day: may have been right */
	assert_false(totp_check(key1, 20, totp_code(key1, 20, step, 8, false), 8, false, now_ms, &last));
}

static void test_text_forms_round_trip(void **state)
{
	uint8_t in[40], out[40];
	char text[128];
	(void)state;
	for (size_t len = 0; len <= sizeof in; len++) {
		random_bytes(in, sizeof in);
		size_t n = base32_encode(in, len, text);
		assert_int_equal(n, (len * 8 + 4) / 5);
		assert_int_equal(base32_decode(text, n, out, sizeof out), len);
		assert_memory_equal(in, out, len);
		n = base64url_encode(in, len, text);
		assert_int_equal(n, (len * 4 + 2) / 3);
		assert_int_equal(base64url_decode(text, n, out, sizeof out), len);
		assert_memory_equal(in, out, len);
		n = hex_encode(in, len, text);
		assert_int_equal(hex_decode(text, n, out, sizeof out), len);
		assert_memory_equal(in, out, len);
	}
}

static void test_text_forms_refuse(void **state)
{
	uint8_t out[40];
	(void)state;
	assert_int_equal(base32_encode((const uint8_t *)"\x01", 1, (char[8]){ 0 }), 2);
	assert_int_equal(base32_decode("04", 2, out, sizeof out), 1); /* 00000 00100: one byte 01 */
	assert_int_equal(out[0], 1);
	assert_int_equal(base32_decode("05", 2, out, sizeof out), -1); /* an unused bit is set */
	assert_int_equal(base32_decode("0", 1, out, sizeof out), -1);  /* five bits make no byte */
	assert_int_equal(base32_decode("000", 3, out, sizeof out), -1);
	assert_int_equal(base32_decode("oO", 2, out, sizeof out), 1);
	assert_int_equal(base32_decode("0U", 2, out, sizeof out), -1);
	assert_int_equal(base32_decode("0000", 4, out, 1), -1);        /* no room */
	assert_int_equal(base32_decode("0\0", 2, out, sizeof out), -1);
	assert_int_equal(base64url_decode("AB", 2, out, sizeof out), -1);
	assert_int_equal(base64url_decode("A+", 2, out, sizeof out), -1);
	assert_int_equal(base64url_decode("AA==", 4, out, sizeof out), -1);
	assert_int_equal(hex_decode("abc", 3, out, sizeof out), -1);
	assert_int_equal(hex_decode("ag", 2, out, sizeof out), -1);
}

static void test_pins(void **state)
{
	uint8_t pepper[32] = { 1 }, other[32] = { 2 };
	char a[128], b[128];
	(void)state;
	pin_hash("4711", pepper, a);
	pin_hash("4711", pepper, b);
	assert_string_not_equal(a, b);
	assert_memory_equal(a, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
	assert_true(pin_verify("4711", pepper, a));
	assert_false(pin_verify("4712", pepper, a));
	assert_false(pin_verify("4711", other, a));
	assert_false(pin_verify("4711", pepper, ""));
	assert_false(pin_verify("4711", pepper, "$argon2id$v=19$m=4294967295,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AA"));
	a[strlen(a) - 2] = a[strlen(a) - 2] == 'A' ? 'B' : 'A';
	assert_false(pin_verify("4711", pepper, a));
}

static void write_text(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, mode);
}

static void test_key_file(void **state)
{
	struct keyring ring, again;
	struct problem p = { 0 };
	struct stat st;
	char path[256];
	(void)state;
	snprintf(path, sizeof path, "%s/keys", test_folder());
	assert_int_equal(keyring_load(path, &ring, &p), QT_NOT_FOUND);
	assert_int_equal(keyring_create(path, &ring, &p), QT_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(keyring_create(path, &again, &p), QT_EXISTS);
	assert_int_equal(keyring_load(path, &again, &p), QT_OK);
	assert_memory_equal(&ring, &again, sizeof ring);
	assert_memory_not_equal(ring.pepper, ring.lookup_key, 32);
	for (int i = 2; i <= KEY_EPOCHS_MAX; i++)
		assert_int_equal(keyring_rotate(path, &ring, 1000 * i, &p), QT_OK);
	assert_int_equal(ring.epochs[7].epoch, 8);
	assert_int_equal(ring.epochs[7].from_ms, 8000);
	assert_int_equal(keyring_rotate(path, &ring, 9000, &p), QT_CONFLICT);
	ring.epochs[0].until_ms = 5000; /* one has ended: it makes room */
	assert_int_equal(keyring_rotate(path, &ring, 9000, &p), QT_OK);
	assert_int_equal(ring.epochs[0].epoch, 2);
	assert_int_equal(ring.epochs[7].epoch, 9);
	assert_int_equal(keyring_load(path, &again, &p), QT_OK);
	assert_memory_equal(&ring, &again, sizeof ring);
	chmod(path, 0640);
	assert_int_equal(keyring_load(path, &again, &p), QT_BAD_CONFIG);
	assert_non_null(strstr(p.detail, "0600"));
}

static void test_bad_key_files(void **state)
{
	static const struct { const char *text, *field; } cases[] = {
		{ "version = ", "keys" },
		{ "version = 2;", "version" },
		{ "version = 1;", "epochs" },
		{ "version = 1; epochs = ();", "epochs" },
		{ "version = 1; epochs = ({ epoch = 0; code_key = \"\"; });", "epochs" },
		{ "version = 1; epochs = ({ epoch = 256; code_key = \"\"; });", "epochs" },
		{ "version = 1; epochs = ({ epoch = 1; code_key = \"00\"; });", "code_key" },
		{ "version = 1; epochs = ({ epoch = 1; from_ms = 5L; until_ms = 4L; });", "epochs" },
		{ "version = 1; epochs = ({ epoch = 1; code_key = "
		  "\"0000000000000000000000000000000000000000000000000000000000000000\"; });", "pepper" },
	};
	struct keyring ring;
	char path[256];
	(void)state;
	snprintf(path, sizeof path, "%s/bad", test_folder());
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct problem p = { 0 };
		write_text(path, cases[i].text, 0600);
		assert_int_equal(keyring_load(path, &ring, &p), QT_BAD_CONFIG);
		assert_string_equal(p.field, cases[i].field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_hmac_of_many_keys),
		cmocka_unit_test(test_seal_opens_only_unchanged),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_totp),
		cmocka_unit_test(test_text_forms_round_trip),
		cmocka_unit_test(test_text_forms_refuse),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_key_file),
		cmocka_unit_test(test_bad_key_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
