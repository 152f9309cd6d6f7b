/* The check of a request's head on bytes as the HTTP library leaves them: whole heads, broken ones, and that no byte behind
 * the head is ever looked at. */
#include "server/http_head.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What the library makes of the bytes: CR LF, the blanks of the request line and the colons become NUL. */
static size_t parsed(const char *text, size_t len, char *out, size_t *target_len)
{
	size_t n = 0;
	int line = 0, blanks = 0;
	bool colon = false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];
		if (c == '\r' || c == '\n') {
			out[n++] = '\0';
			if (c == '\n') {
				line++;
				colon = false;
			}
		} else if (line == 0 && c == ' ' && blanks++ < 2) {
			out[n++] = '\0';
		} else if (line > 0 && c == ':' && !colon) {
			out[n++] = '\0';
			colon = true;
		} else {
			out[n++] = c;
		}
	}
	size_t method = strnlen(out, n);
	*target_len = method + 1 < n ? strnlen(out + method + 1, n - method - 1) : 0;
	return n;
}

static enum qt_err check(const char *text, size_t len, struct http_head *head, struct problem *p)
{
	size_t target_len;
	char *bytes = malloc(len), *exact;
	size_t n = parsed(text, len, bytes, &target_len);
	exact = malloc(n);
	memcpy(exact, bytes, n);
	free(bytes);
	enum qt_err err = http_head_check(exact, n, target_len, head, p);
	free(exact);
	return err;
}

static const char good[] = "POST /v1/orders?a=b HTTP/1.1\r\nHost: shop.example:8443\r\nContent-Length: 12\r\n"
                           "Idempotency-Key: 7\r\nX-Other:\r\nX-More: \ta b\t \r\n\r\n";

static void test_whole(void **state)
{
	struct http_head head;
	struct problem p = { 0 };
	size_t target_len;
	char bytes[sizeof good];

	(void)state;
	size_t n = parsed(good, sizeof good - 1, bytes, &target_len);
	assert_int_equal(http_head_check(bytes, n, target_len, &head, &p), QT_OK);
	assert_int_equal(head.content_length, 12);
	assert_string_equal(head.host, "shop.example:8443");
	assert_string_equal(head.idempotency_key, "7");
	assert_null(head.authorization);
}

/* Every cut and every single byte replaced: never a crash, and what is accepted still is one well-formed head. */
static void test_every_cut(void **state)
{
	struct http_head head;
	struct problem p;

	(void)state;
	for (size_t len = 1; len < sizeof good - 1; len++)
		assert_int_equal(check(good, len, &head, &p), QT_BAD_REQUEST);
	for (size_t at = 0; at < sizeof good - 1; at++)
		for (int c = 0; c < 256; c++) {
			char text[sizeof good];
			memcpy(text, good, sizeof good);
			text[at] = (char)c;
			enum qt_err err = check(text, sizeof good - 1, &head, &p);
			/* NUL, CR and LF look like what the library puts there itself; what tells them apart is the number of headers
			 * that the library found, and where it saw the head end (tests/api/test_http_malformed.c). */
			bool control = (c < 0x20 && c != '\t' && c != '\0' && c != '\r' && c != '\n') || c == 0x7f;
			bool in_target = at >= strlen("POST ") && at < strlen("POST /v1/orders?a=b"); /* judged by http_target_check */
			if (control && !in_target)
				assert_int_equal(err, QT_BAD_REQUEST);
		}
}

static void test_random(void **state)
{
	static const char alphabet[] = "GETPOS /v1HTTP/1.1\r\n\r\n:Host: aContent-Length 0\0\t\x7f\xff";
	unsigned seed = 20261121;
	struct http_head head;
	struct problem p;

	(void)state;
	print_message("# seed %u\n", seed);
	for (int round = 0; round < 100000; round++) {
		char text[120];
		size_t len = 1 + (size_t)rand_r(&seed) % (sizeof text - 1), target_len = (size_t)rand_r(&seed) % 40;
		char *exact = malloc(len);
		for (size_t i = 0; i < len; i++)
			exact[i] = alphabet[(size_t)rand_r(&seed) % (sizeof alphabet - 1)];
		assert_int_equal(http_head_check(exact, len, target_len, &head, &p), QT_BAD_REQUEST);
		free(exact);
	}
}

static void test_targets(void **state)
{
	static const struct { const char *target; enum qt_err err; size_t path_len; } cases[] = {
		{ "/", QT_OK, 1 }, { "/v1/cards/7?limit=5", QT_OK, 11 }, { "/Q/ABC%20", QT_OK, 9 }, { "/a?b=%2f%2e", QT_OK, 2 },
		{ "/a?b=?", QT_OK, 2 }, { "", QT_BAD_REQUEST, 0 }, { "*", QT_BAD_REQUEST, 0 }, { "/a%2fb", QT_BAD_REQUEST, 0 },
		{ "/%2e%2e/", QT_BAD_REQUEST, 0 }, { "/a%00", QT_BAD_REQUEST, 0 }, { "/a?b=%00", QT_BAD_REQUEST, 0 },
		{ "/a?b=%0a", QT_BAD_REQUEST, 0 }, { "/a%", QT_BAD_REQUEST, 0 }, { "/a%4", QT_BAD_REQUEST, 0 },
		{ "/a b", QT_BAD_REQUEST, 0 }, { "/a#b", QT_BAD_REQUEST, 0 }, { "/a\\b", QT_BAD_REQUEST, 0 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct problem p;
		size_t path_len;
		size_t len = strlen(cases[i].target);
		char *exact = malloc(len + 1);
		memcpy(exact, cases[i].target, len);
		enum qt_err err = http_target_check(exact, len, &path_len, &p);
		free(exact);
		if (err != cases[i].err || (err == QT_OK && path_len != cases[i].path_len))
			fail_msg("%s: %s, path of %zu", cases[i].target, err_info(err)->code, path_len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_targets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
