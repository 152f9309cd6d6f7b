/* The code rule: round trips, every bit flipped, forms that are not canonical, epochs, URLs. */
#include "shared/clock.h"
#include "shared/code.h"
#include "shared/money.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t now_ms = INT64_C(1800000000000);

/* The ring of the published vectors: code keys are 32 times the epoch's number. */
static struct keyring vector_ring(void)
{
	struct keyring ring = { .epoch_count = 2 };
	for (int i = 0; i < 2; i++) {
		ring.epochs[i].epoch = i + 1;
		memset(ring.epochs[i].code_key, i + 1, 32);
	}
	return ring;
}

static struct code sample(int kind, unsigned *seed)
{
	struct code c = { .kind = (enum code_kind)kind };
	int64_t big = (int64_t)rand_r(seed) << 31 | rand_r(seed);
	c.id = 1 + (big >> rand_r(seed) % 60);
	if (kind == CODE_PAYMENT) {
		c.amount_minor = 1 + big % (rand_r(seed) % 2 ? 100000 : MONEY_MAX);
		c.currency = 840;
		c.shop_id = 1 + rand_r(seed) % 100000;
		c.expires_s = 1800000000 + rand_r(seed) % 1000;
	}
	if (kind == CODE_CARD || kind == CODE_COUPON || kind == CODE_ENROLMENT || kind == CODE_RECEIPT)
		for (int i = 0; i < CODE_SECRET_SIZE; i++)
			c.secret[i] = (uint8_t)rand_r(seed);
	return c;
}

static void test_every_kind_round_trips(void **state)
{
	struct keyring ring = vector_ring();
	unsigned seed = (unsigned)clock_mono_us();
	(void)state;
	print_message("# seed %u\n", seed);
	for (int round = 0; round < 200; round++)
		for (int kind = 1; kind <= 14; kind++) {
			struct code c = sample(kind, &seed), back;
			char token[CODE_TOKEN_MAX];
			assert_int_equal(code_make(&ring, &c, token), QT_OK);
			assert_int_equal(c.epoch, 2);
			assert_int_equal(code_read(&ring, token, now_ms, &back), QT_OK);
			assert_memory_equal(&c, &back, sizeof c);
			assert_int_equal(code_read(NULL, token, now_ms, &back), QT_OK);
		}
}

static void test_every_flipped_bit_is_refused(void **state)
{
	struct keyring ring = vector_ring();
	unsigned seed = (unsigned)clock_mono_us(), flipped = 0;
	(void)state;
	print_message("# seed %u\n", seed);
	for (int round = 0; round < 25; round++)
		for (int kind = 1; kind <= 14; kind++) {
			struct code c = sample(kind, &seed), back;
			char token[CODE_TOKEN_MAX], other[CODE_TOKEN_MAX], folded[CODE_TOKEN_MAX];
			uint8_t bytes[64];
			assert_int_equal(code_make(&ring, &c, token), QT_OK);
			int n = base32_decode(token, strlen(token), bytes, sizeof bytes);
			for (int bit = 0; bit < n * 8; bit++, flipped++) {
				bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
				base32_encode(bytes, (size_t)n, other);
				assert_int_equal(code_read(&ring, other, now_ms, &back), QT_BAD_CODE);
				bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
			}
			/* In the text itself: a flipped bit either makes the other case of the same letter, or is refused. */
			for (size_t bit = 0; bit < strlen(token) * 8; bit++) {
				strcpy(other, token);
				other[bit / 8] ^= (char)(1u << bit % 8);
				for (size_t i = 0; i <= strlen(token); i++)
					folded[i] = (char)toupper((unsigned char)other[i]);
				enum qt_err want = strcmp(folded, token) == 0 ? QT_OK : QT_BAD_CODE;
				assert_int_equal(code_read(&ring, other, now_ms, &back), want);
			}
		}
	print_message("# %u bits\n", flipped);
}

/* A token of these bytes with a right MAC, so that only the form is wrong. */
static void forge(const struct keyring *ring, const uint8_t *bytes, size_t len, char *token)
{
	uint8_t all[80], mac[32];
	memcpy(all, bytes, len);
	crypto_hmac(ring->epochs[bytes[1] - 1].code_key, all, len, mac);
	memcpy(all + len, mac, 8);
	base32_encode(all, len + 8, token);
}

static void test_other_forms_are_refused(void **state)
{
	static const struct { const char *what; uint8_t len, bytes[40]; enum qt_err want; } cases[] = {
		{ "product 5", 3, { 0x24, 1, 5 }, QT_OK },
		{ "id 128", 4, { 0x24, 1, 0x80, 1 }, QT_OK },
		{ "id 0", 3, { 0x24, 1, 0 }, QT_BAD_CODE },
		{ "id 5 in two bytes", 4, { 0x24, 1, 0x85, 0 }, QT_BAD_CODE },
		{ "no id", 2, { 0x24, 1 }, QT_BAD_CODE },
		{ "id not ended", 3, { 0x24, 1, 0x85 }, QT_BAD_CODE },
		{ "id of 64 bits", 12, { 0x24, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 }, QT_BAD_CODE },
		{ "id of 63 bits", 11, { 0x24, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f }, QT_OK },
		{ "a byte too many", 4, { 0x24, 1, 5, 0 }, QT_BAD_CODE },
		{ "version 0", 3, { 0x04, 1, 5 }, QT_BAD_CODE },
		{ "version 2", 3, { 0x44, 1, 5 }, QT_BAD_CODE },
		{ "kind 0", 3, { 0x20, 1, 5 }, QT_BAD_CODE },
		{ "kind 15", 3, { 0x2f, 1, 5 }, QT_BAD_CODE },
		{ "card without secret", 3, { 0x23, 1, 5 }, QT_BAD_CODE },
		{ "card, 9 bytes of secret", 12, { 0x23, 1, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9 }, QT_BAD_CODE },
		{ "card, 10 bytes", 13, { 0x23, 1, 5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, QT_OK },
		{ "payment", 11, { 0x21, 1, 5, 100, 3, 0x48, 7, 0x70, 0, 0, 0 }, QT_OK },
		{ "payment of 0", 11, { 0x21, 1, 5, 0, 3, 0x48, 7, 0x70, 0, 0, 0 }, QT_BAD_CODE },
		{ "payment, currency 0", 11, { 0x21, 1, 5, 100, 0, 0, 7, 0x70, 0, 0, 0 }, QT_BAD_CODE },
		{ "payment, currency 1000", 11, { 0x21, 1, 5, 100, 3, 0xe8, 7, 0x70, 0, 0, 0 }, QT_BAD_CODE },
		{ "payment, no shop", 11, { 0x21, 1, 5, 100, 3, 0x48, 0, 0x70, 0, 0, 0 }, QT_BAD_CODE },
		{ "payment, no expiry", 11, { 0x21, 1, 5, 100, 3, 0x48, 7, 0, 0, 0, 0 }, QT_BAD_CODE },
		{ "payment cut short", 10, { 0x21, 1, 5, 100, 3, 0x48, 7, 0x70, 0, 0 }, QT_BAD_CODE },
		{ "payment, amount over 10^15", 18,
		  { 0x21, 1, 5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 3, 0x48, 7, 0x70, 0, 0, 0 }, QT_BAD_CODE },
	};
	struct keyring ring = vector_ring();
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char token[CODE_TOKEN_MAX];
		struct code c;
		forge(&ring, cases[i].bytes, cases[i].len, token);
		if (code_read(&ring, token, now_ms, &c) != cases[i].want)
			fail_msg("%s", cases[i].what);
		if (code_read(NULL, token, now_ms, &c) != cases[i].want)
			fail_msg("%s, without keys", cases[i].what);
	}
}

static void test_epochs(void **state)
{
	struct keyring ring = vector_ring(), old = ring;
	struct code c = { .kind = CODE_PRODUCT, .id = 9 }, back;
	char token[CODE_TOKEN_MAX];
	(void)state;
	old.epoch_count = 1;
	assert_int_equal(code_make(&old, &c, token), QT_OK);
	assert_int_equal(c.epoch, 1);
	assert_int_equal(code_read(&ring, token, now_ms, &back), QT_OK); /* an old epoch's codes stay valid */
	ring.epochs[0].until_ms = now_ms + 1;
	assert_int_equal(code_read(&ring, token, now_ms, &back), QT_OK);
	assert_int_equal(code_read(&ring, token, now_ms + 1, &back), QT_BAD_CODE);
	assert_int_equal(code_make(&ring, &c, token), QT_OK);
	assert_int_equal(c.epoch, 2);
	assert_int_equal(code_read(&old, token, now_ms, &back), QT_BAD_CODE); /* an epoch nobody knows */
	ring.epochs[1].from_ms = now_ms + 300001; /* more ahead than clocks may differ */
	assert_int_equal(code_read(&ring, token, now_ms, &back), QT_BAD_CODE);
	ring.epochs[1].from_ms = now_ms + 300000;
	assert_int_equal(code_read(&ring, token, now_ms, &back), QT_OK);
}

static void test_make_refuses_what_cannot_be_read(void **state)
{
	static const struct code bad[] = {
		{ .kind = CODE_NONE, .id = 1 }, { .kind = 15, .id = 1 }, { .kind = 32, .id = 1 }, { .kind = CODE_PRODUCT, .id = 0 },
		{ .kind = CODE_PRODUCT, .id = -1 },
		{ .kind = CODE_PAYMENT, .id = 1, .amount_minor = 0, .currency = 840, .shop_id = 1, .expires_s = 1 },
		{ .kind = CODE_PAYMENT, .id = 1, .amount_minor = MONEY_MAX + 1, .currency = 840, .shop_id = 1, .expires_s = 1 },
		{ .kind = CODE_PAYMENT, .id = 1, .amount_minor = 1, .currency = 1000, .shop_id = 1, .expires_s = 1 },
		{ .kind = CODE_PAYMENT, .id = 1, .amount_minor = 1, .currency = 840, .shop_id = 0, .expires_s = 1 },
		{ .kind = CODE_PAYMENT, .id = 1, .amount_minor = 1, .currency = 840, .shop_id = 1, .expires_s = INT64_C(1) << 32 },
	};
	struct keyring ring = vector_ring();
	char token[CODE_TOKEN_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct code c = bad[i];
		assert_int_equal(code_make(&ring, &c, token), QT_OUT_OF_RANGE);
	}
}

/* Lines of tests/vectors/code.txt: epoch kind id amount currency shop expiry secret token ("-": none). */
static void test_published_vectors(void **state)
{
	struct keyring ring = vector_ring();
	FILE *f = fopen("tests/vectors/code.txt", "r");
	char line[512], kind[16], secret[32], token[CODE_TOKEN_MAX], made[CODE_TOKEN_MAX];
	int count = 0;
	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof line, f)) {
		struct code c = { 0 }, back;
		long long id, amount, shop, expires;
		if (line[0] == '#' || line[0] == '\n')
			continue;
		assert_int_equal(sscanf(line, "%d %15s %lld %lld %d %lld %lld %31s %95s", &c.epoch, kind, &id, &amount, &c.currency,
		                        &shop, &expires, secret, token), 9);
		c.kind = code_kind_by_name(kind);
		c.id = id, c.amount_minor = amount, c.shop_id = shop, c.expires_s = expires;
		if (secret[0] != '-')
			assert_int_equal(hex_decode(secret, 20, c.secret, CODE_SECRET_SIZE), CODE_SECRET_SIZE);
		ring.epoch_count = c.epoch;
		assert_int_equal(code_make(&ring, &c, made), QT_OK);
		assert_string_equal(made, token);
		assert_int_equal(code_read(&ring, token, now_ms, &back), QT_OK);
		assert_memory_equal(&c, &back, sizeof c);
		count++;
	}
	fclose(f);
	assert_true(count >= 14);
}

static void test_urls(void **state)
{
	static const char ours[] = "https://pay.example.com:8443";
	static const struct { const char *text, *url, *want; } cases[] = {
		{ "HTTPS://PAY.EXAMPLE.COM:8443/Q/4G0G5VDXY1J6B2KZ40", ours, "4G0G5VDXY1J6B2KZ40" },
		{ "https://pay.example.com:8443/q/4g0g5vdxy1j6b2kz40", ours, "4G0G5VDXY1J6B2KZ40" },
		{ "http://pay.example.com:8443/Q/4g0g5vdxy1j6b2kz40?utm=1#x", ours, "4G0G5VDXY1J6B2KZ40" },
		{ "HTTPS://PAY.EXAMPLE.COM:8443/Q/4G0G5VDXY1J6B2KZ40/", ours, "4G0G5VDXY1J6B2KZ40" },
		{ "4gogsvdxyij6b2kz4o", ours, "4G0GSVDXY1J6B2KZ40" },
		{ "HTTPS://PAY.EXAMPLE.COM/Q/4G0G5VDXY1J6B2KZ40", ours, NULL },
		{ "HTTPS://PAY.EXAMPLE.COM:8443.EVIL.ORG/Q/4G0G5VDXY1J6B2KZ40", ours, NULL },
		{ "HTTPS://EVIL.ORG/Q/4G0G5VDXY1J6B2KZ40", ours, NULL },
		{ "HTTPS://EVIL.ORG/Q/4G0G5VDXY1J6B2KZ40", NULL, "4G0G5VDXY1J6B2KZ40" },
		{ "HTTPS://PAY.EXAMPLE.COM:8443@EVIL.ORG/Q/4G0G5VDXY1J6B2KZ40", ours, NULL },
		{ "HTTPS://PAY.EXAMPLE.COM:8443/X/4G0G5VDXY1J6B2KZ40", ours, NULL },
		{ "HTTPS://PAY.EXAMPLE.COM:8443/Q/", ours, NULL },
		{ "HTTPS:///Q/4G0G5VDXY1J6B2KZ40", NULL, NULL },
		{ "ftp://pay.example.com:8443/Q/4G0G5VDXY1J6B2KZ40", ours, NULL },
		{ "160000000000000001", ours, NULL },        /* a customer's payment code of elsewhere */
		{ "4006381333931", ours, NULL },             /* an EAN-13 */
		{ "4G0G5VDXY1J6B2KZ4U", ours, NULL },        /* U is not in the alphabet */
		{ "4G0G5VDXY1J6B2K 40", ours, NULL },
		{ "", ours, NULL },
		{ "4G0G5VDXY1J6B2K~40", ours, NULL },
		{ "4GLGIVDXY1J6B2KZ40", ours, "4G1G1VDXY1J6B2KZ40" },
		{ "HTTPS://BAY.EXAMPLE.COM:8443/Q/4G0G5VDXY1J6B2KZ40", ours, NULL }, /* a host as long as ours */
		{ "HTTPS://PAY.EXAMPLE.COM/Q/4G0G5VDXY1J6B2KZ40", "pay.example.com", "4G0G5VDXY1J6B2KZ40" },
		{ "4G0G5VDXY1J6B2KZ404G0G5VDXY1J6B2KZ404G0G5VDXY1J6B2KZ404G0G5VDXY1J6B2KZ404G0G5VDXY1J6B2KZ40"
		  "4G0G5VDXY1J6B2KZ404G0G5VDXY1J6B2KZ404G0G5VDXY1J6B2KZ404G0G5VDXY1J6B2KZ404G0G5VDXY1J6B2KZ40", ours, NULL },
	};
	char out[CODE_TOKEN_MAX], url[CODE_URL_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *got = code_token_of(cases[i].text, cases[i].url, out);
		if ((got == NULL) != (cases[i].want == NULL) || (got && strcmp(got, cases[i].want) != 0))
			fail_msg("%s: %s", cases[i].text, got ? got : "(null)");
	}
	assert_string_equal(code_url("https://pay.example.com/", "4G", url), "HTTPS://PAY.EXAMPLE.COM/Q/4G");
}

static void test_kind_names(void **state)
{
	(void)state;
	for (int i = 1; i <= 14; i++)
		assert_int_equal(code_kind_by_name(code_kind_name((enum code_kind)i)), i);
	assert_string_equal(code_kind_name((enum code_kind)15), "none");
	assert_string_equal(code_kind_name((enum code_kind)99), "none");
	assert_int_equal(code_kind_by_name("none"), CODE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_round_trips),
		cmocka_unit_test(test_every_flipped_bit_is_refused),
		cmocka_unit_test(test_other_forms_are_refused),
		cmocka_unit_test(test_epochs),
		cmocka_unit_test(test_make_refuses_what_cannot_be_read),
		cmocka_unit_test(test_published_vectors),
		cmocka_unit_test(test_urls),
		cmocka_unit_test(test_kind_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
