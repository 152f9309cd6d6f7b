/* Requests that are not well formed: each gets exactly one answer of class 4xx, or none, and the connection ends; what
 * was smuggled behind it is never answered. All connections are open at once, so that one does not wait for another. */
#include "tests/lib/api.h"
#include "tests/lib/talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define H "Host: a\r\n"
#define V " HTTP/1.1\r\n"
#define G "GET /v1/status HTTP/1.1\r\n"
#define P "POST /v1/jobs/run HTTP/1.1\r\n" H "Content-Type: application/json\r\n"
/* A good request behind the bad one: if it is answered, something was smuggled. */
#define NEXT "GET /v1/status HTTP/1.1\r\nHost: b\r\n\r\n"
#define CASE(label, text) { label, text, sizeof(text) - 1 }

struct bad {
	const char *label, *bytes;
	size_t len;
};

static const struct bad cases[] = {
	/* request line */
	CASE("no version", "GET /v1/status\r\n" H "\r\n" NEXT),
	CASE("HTTP/0.9", "GET /v1/status HTTP/0.9\r\n" H "\r\n" NEXT),
	CASE("HTTP/1.2", "GET /v1/status HTTP/1.2\r\n" H "\r\n" NEXT),
	CASE("HTTP/2.0", "GET /v1/status HTTP/2.0\r\n" H "\r\n" NEXT),
	CASE("HTTP/11", "GET /v1/status HTTP/11\r\n" H "\r\n" NEXT),
	CASE("HTTP/1.10", "GET /v1/status HTTP/1.10\r\n" H "\r\n" NEXT),
	CASE("http/1.1 in lower case", "GET /v1/status http/1.1\r\n" H "\r\n" NEXT),
	CASE("another protocol", "GET /v1/status SIP/2.0\r\n" H "\r\n" NEXT),
	CASE("no space in the version", "GET /v1/statusHTTP/1.1\r\n" H "\r\n" NEXT),
	CASE("two spaces before the target", "GET  /v1/status" V H "\r\n" NEXT),
	CASE("two spaces before the version", "GET /v1/status  HTTP/1.1\r\n" H "\r\n" NEXT),
	CASE("a tab for a space", "GET\t/v1/status\tHTTP/1.1\r\n" H "\r\n" NEXT),
	CASE("a space behind the version", "GET /v1/status HTTP/1.1 \r\n" H "\r\n" NEXT),
	CASE("a space before the method", " GET /v1/status" V H "\r\n" NEXT),
	CASE("a space in the target", "GET /v1/sta tus" V H "\r\n" NEXT),
	CASE("the method in lower case", "get /v1/status" V H "\r\n" NEXT),
	CASE("a method with a digit", "GET1 /v1/status" V H "\r\n" NEXT),
	CASE("a method with a colon", "GET: /v1/status" V H "\r\n" NEXT),
	CASE("a very long method", "GETGETGETGETGETGETGET /v1/status" V H "\r\n" NEXT),
	CASE("no method", "/v1/status" V H "\r\n" NEXT),
	CASE("an empty target", "GET " V H "\r\n" NEXT),
	CASE("a target without a slash", "GET v1/status" V H "\r\n" NEXT),
	CASE("an absolute target", "GET http://a/v1/status" V H "\r\n" NEXT),
	CASE("a star", "GET *" V H "\r\n" NEXT),
	CASE("CONNECT", "CONNECT a:80" V H "\r\n" NEXT),
	CASE("PRI of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
	CASE("a TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n" NEXT),
	CASE("an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n" NEXT),
	CASE("only spaces", "   \r\n\r\n" NEXT),
	CASE("binary rubbish", "\x80\x81\x82\x00\x01\x02\r\n\r\n" NEXT),
	/* the target's characters */
	CASE("%00 in the path", "GET /v1/status%00" V H "\r\n" NEXT),
	CASE("%00 in the query", "GET /v1/status?x=%00" V H "\r\n" NEXT),
	CASE("a raw NUL in the path", "GET /v1/sta\0tus" V H "\r\n" NEXT),
	CASE("half an escape", "GET /v1/status%4" V H "\r\n" NEXT),
	CASE("an escape without digits", "GET /v1/status%" V H "\r\n" NEXT),
	CASE("an escape that is no hex", "GET /v1/status%zz" V H "\r\n" NEXT),
	CASE("an escape of IIS", "GET /v1/status%u0041" V H "\r\n" NEXT),
	CASE("a hidden slash", "GET /v1%2fstatus" V H "\r\n" NEXT),
	CASE("a hidden backslash", "GET /v1%5cstatus" V H "\r\n" NEXT),
	CASE("hidden dots", "GET /v1/%2e%2e/status" V H "\r\n" NEXT),
	CASE("a hidden line end", "GET /v1/status%0d%0aX:1" V H "\r\n" NEXT),
	CASE("a hidden DEL", "GET /v1/status%7f" V H "\r\n" NEXT),
	CASE("a raw DEL", "GET /v1/status\x7f" V H "\r\n" NEXT),
	CASE("raw UTF-8", "GET /v1/\xe4\xb8\xad" V H "\r\n" NEXT),
	CASE("a raw byte above 127", "GET /v1/\xff" V H "\r\n" NEXT),
	CASE("a quote", "GET /v1/\"x\"" V H "\r\n" NEXT),
	CASE("angle brackets", "GET /<script>" V H "\r\n" NEXT),
	CASE("a backslash", "GET /v1\\status" V H "\r\n" NEXT),
	CASE("a caret", "GET /v1/^" V H "\r\n" NEXT),
	CASE("braces", "GET /v1/{x}" V H "\r\n" NEXT),
	CASE("a bar", "GET /v1/a|b" V H "\r\n" NEXT),
	CASE("a fragment", "GET /v1/status#x" V H "\r\n" NEXT),
	CASE("a control in the target", "GET /v1/\x01status" V H "\r\n" NEXT),
	/* line ends */
	CASE("bare LF behind the request line", "GET /v1/status HTTP/1.1\nHost: a\r\n\r\n" NEXT),
	CASE("bare LF behind a header", G "Host: a\n\r\n" NEXT),
	CASE("bare LF between headers", G "Host: a\nX: b\r\n\r\n" NEXT),
	CASE("bare LF as the empty line", G H "\n" NEXT),
	CASE("bare LF everywhere", "GET /v1/status HTTP/1.1\nHost: a\n\n" NEXT),
	CASE("bare CR behind the request line", "GET /v1/status HTTP/1.1\rHost: a\r\n\r\n" NEXT),
	CASE("bare CR behind a header", G "Host: a\rX: b\r\n\r\n" NEXT),
	CASE("bare CR as the empty line", G H "\r" NEXT),
	CASE("CR CR LF", G "Host: a\r\r\n\r\n" NEXT),
	CASE("LF CR", G "Host: a\n\r\n\r" NEXT),
	CASE("bare LF before a body", P "Content-Length: 16\r\n\n{\"job\":\"events\"}" NEXT),
	/* header lines */
	CASE("a folded header with spaces", G H "X: a\r\n b\r\n\r\n" NEXT),
	CASE("a folded header with a tab", G H "X: a\r\n\tb\r\n\r\n" NEXT),
	CASE("a folded first line", G " Host: a\r\n\r\n" NEXT),
	CASE("a folded Host", G "Host:\r\n a\r\n\r\n" NEXT),
	CASE("a folded length", P "Content-Length:\r\n 16\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a space before the colon", G "Host : a\r\n\r\n" NEXT),
	CASE("a tab before the colon", G "Host\t: a\r\n\r\n" NEXT),
	CASE("a space in a name", G H "X Y: a\r\n\r\n" NEXT),
	CASE("no colon", G H "X\r\n\r\n" NEXT),
	CASE("no name", G H ": a\r\n\r\n" NEXT),
	CASE("a NUL in a name", G H "X\0Y: a\r\n\r\n" NEXT),
	CASE("a NUL in a value", G H "X: a\0b\r\n\r\n" NEXT),
	CASE("a NUL at the end of a value", G H "X: a\0\r\n\r\n" NEXT),
	CASE("two NULs that look like a line end", G "X: a\0\0Host: b\r\n\r\n" NEXT),
	CASE("two NULs behind a value", G H "X: a\0\0\r\n\r\n" NEXT),
	CASE("two NULs that hide a length", P "X: a\0\0Content-Length: 2\r\n\r\n{}" NEXT),
	CASE("two NULs behind the version", "GET /v1/status HTTP/1.1\0\0Host: a\r\n\r\n" NEXT),
	CASE("a NUL for the colon", G "Host\0 a\r\n\r\n" NEXT),
	CASE("NULs for blanks", "GET\0/v1/status\0HTTP/1.1\r\n" H "\r\n" NEXT),
	CASE("bare LFs that end the head early", G H "X: a\n\nContent-Length: 5\r\n\r\n" NEXT),
	CASE("a control in a name", G H "X\x01: a\r\n\r\n" NEXT),
	CASE("a control in a value", G H "X: a\x01\r\n\r\n" NEXT),
	CASE("an escape in a value", G H "X: \x1b[31m\r\n\r\n" NEXT),
	CASE("a DEL in a value", G H "X: \x7f\r\n\r\n" NEXT),
	CASE("a bell in a value", G H "X: \x07\r\n\r\n" NEXT),
	CASE("a form feed in a value", G H "X: a\x0c\r\n\r\n" NEXT),
	CASE("a vertical tab before a value", G H "X:\x0b" "a\r\n\r\n" NEXT),
	CASE("a name with UTF-8", G H "\xc3\xa4: a\r\n\r\n" NEXT),
	CASE("a name with a quote", G H "\"X\": a\r\n\r\n" NEXT),
	CASE("a name with brackets", G H "X[0]: a\r\n\r\n" NEXT),
	CASE("a name with a slash", G H "X/Y: a\r\n\r\n" NEXT),
	CASE("a name with parentheses", G H "X(Y): a\r\n\r\n" NEXT),
	/* Host */
	CASE("no Host", G "\r\n" NEXT),
	CASE("no Host in HTTP/1.0", "GET /v1/status HTTP/1.0\r\n\r\n" NEXT),
	CASE("an empty Host", G "Host:\r\n\r\n" NEXT),
	CASE("two Hosts", G H "Host: b\r\n\r\n" NEXT),
	CASE("the same Host twice", G H H "\r\n" NEXT),
	CASE("two Hosts in other letters", G H "HOST: b\r\n\r\n" NEXT),
	CASE("Host with a space", G "Host: a b\r\n\r\n" NEXT),
	CASE("Host with a comma", G "Host: a,b\r\n\r\n" NEXT),
	CASE("Host with a user", G "Host: u@a\r\n\r\n" NEXT),
	CASE("Host with a path", G "Host: a/b\r\n\r\n" NEXT),
	CASE("Host with markup", G "Host: <a>\r\n\r\n" NEXT),
	CASE("Host with a byte above 127", G "Host: \xff\r\n\r\n" NEXT),
	/* lengths and codings */
	CASE("two lengths", P "Content-Length: 16\r\nContent-Length: 0\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("the same length twice", P "Content-Length: 16\r\nContent-Length: 16\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a list of lengths", P "Content-Length: 16, 16\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a negative length", P "Content-Length: -1\r\n\r\n" NEXT),
	CASE("a length with a plus", P "Content-Length: +16\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a length in hex", P "Content-Length: 0x10\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a length with a fraction", P "Content-Length: 16.0\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a length with letters", P "Content-Length: 16a\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a length with a space in it", P "Content-Length: 1 6\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("an empty length", P "Content-Length:\r\n\r\n" NEXT),
	CASE("a length in quotes", P "Content-Length: \"16\"\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a length that overflows", P "Content-Length: 18446744073709551632\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("a length beyond int64", P "Content-Length: 9223372036854775808\r\n\r\n" NEXT),
	CASE("a length larger than the route takes", P "Content-Length: 1000000\r\n\r\n{" NEXT),
	CASE("a gigantic length", P "Content-Length: 9223372036854775807\r\n\r\n{" NEXT),
	CASE("a body on GET", G H "Content-Length: 2\r\n\r\n{}" NEXT),
	CASE("a length and chunked", P "Content-Length: 16\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
	CASE("chunked and a length", P "Transfer-Encoding: chunked\r\nContent-Length: 16\r\n\r\n0\r\n\r\n" NEXT),
	CASE("chunked", P "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"job\":\"events\"}\r\n0\r\n\r\n" NEXT),
	CASE("chunked twice", P "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" NEXT),
	CASE("two transfer codings", P "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" NEXT),
	CASE("identity", P "Transfer-Encoding: identity\r\nContent-Length: 16\r\n\r\n{\"job\":\"events\"}" NEXT),
	CASE("gzip, chunked", P "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" NEXT),
	CASE("a coding nobody knows", P "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" NEXT),
	CASE("chunked behind a vertical tab", P "Transfer-Encoding:\x0b" "chunked\r\n\r\n0\r\n\r\n" NEXT),
	CASE("chunked in a folded line", P "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" NEXT),
	CASE("an empty coding", P "Transfer-Encoding:\r\n\r\n" NEXT),
	CASE("chunked with a bad size", P "Transfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n" NEXT),
	CASE("chunked with a size in minus", P "Transfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n0\r\n\r\n" NEXT),
	CASE("chunked with bare LF", P "Transfer-Encoding: chunked\r\n\r\n1\nx\n0\n\n" NEXT),
	CASE("chunked without its end", P "Transfer-Encoding: chunked\r\n\r\n5\r\nab" NEXT),
	CASE("chunked with a trailer", P "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n" NEXT),
	CASE("chunked on GET", G H "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" NEXT),
	/* once-only headers, and what nobody may expect */
	CASE("two credentials", G H "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n" NEXT),
	CASE("two keys", P "Idempotency-Key: 1\r\nIdempotency-Key: 2\r\nContent-Length: 2\r\n\r\n{}" NEXT),
	CASE("two content types", P "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}" NEXT),
	CASE("two cookies", G H "Cookie: a=1\r\nCookie: b=2\r\n\r\n" NEXT),
	CASE("two merchants", G H "X-Merchant: 1\r\nX-Merchant: 2\r\n\r\n" NEXT),
	CASE("an expectation nobody knows", P "Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}" NEXT),
};
#define COUNT (sizeof cases / sizeof *cases)

/* What is too long cannot be written out. */
static const struct { const char *label, *before; char fill; size_t count; const char *after; } long_cases[] = {
	{ "a target of 2,001 bytes", "GET /", 'a', 2000, V H "\r\n" NEXT },
	{ "a target of 7,000 bytes", "GET /", 'a', 7000, V H "\r\n" NEXT },
	{ "a target of 100,000 bytes", "GET /", 'a', 100000, V H "\r\n" NEXT },
	{ "a query of 3,000 bytes", "GET /v1/status?", 'a', 3000, V H "\r\n" NEXT },
	{ "a header of 9,000 bytes", G H "X: ", 'a', 9000, "\r\n\r\n" NEXT },
	{ "a header of 100,000 bytes", G H "X: ", 'a', 100000, "\r\n\r\n" NEXT },
	{ "a header name of 9,000 bytes", G H, 'a', 9000, ": 1\r\n\r\n" NEXT },
	{ "a Host of 9,000 bytes", G "Host: ", 'a', 9000, "\r\n\r\n" NEXT },
	{ "a method of 9,000 bytes", "", 'A', 9000, " /v1/status" V H "\r\n" NEXT },
	{ "a length of 9,000 digits", P "Content-Length: ", '0', 9000, "16\r\n\r\n{}" NEXT },
	{ "100,000 empty lines", "", '\n', 100000, "" },
};
#define LONG_COUNT (sizeof long_cases / sizeof *long_cases)

/* Too slow: never complete. They must end by the server's own deadline. */
static const struct bad slow_cases[] = {
	CASE("nothing at all", ""),
	CASE("half a request line", "GET /v1/sta"),
	CASE("a head that does not end", G H "X: a\r\n"),
	CASE("a head without its last byte", G H "\r"),
	CASE("a body that does not come", P "Content-Length: 16\r\n\r\n"),
	CASE("half a body", P "Content-Length: 64\r\n\r\n{\"job\":"),
};
#define SLOW_COUNT (sizeof slow_cases / sizeof *slow_cases)

static void test_bad(int port)
{
	static struct talk talks[COUNT + LONG_COUNT];

	for (size_t i = 0; i < COUNT; i++)
		talk_start(&talks[i], port, cases[i].bytes, cases[i].len);
	for (size_t i = 0; i < LONG_COUNT; i++) {
		size_t before = strlen(long_cases[i].before), after = strlen(long_cases[i].after), n = long_cases[i].count;
		char *text = malloc(before + n + after);
		memcpy(text, long_cases[i].before, before);
		memset(text + before, long_cases[i].fill, n);
		memcpy(text + before + n, long_cases[i].after, after);
		talk_start(&talks[COUNT + i], port, text, before + n + after);
		free(text);
	}
	talk_all(talks, COUNT + LONG_COUNT, 15000);
	for (size_t i = 0; i < COUNT; i++)
		talk_judge(&talks[i], cases[i].label);
	for (size_t i = 0; i < LONG_COUNT; i++)
		talk_judge(&talks[COUNT + i], long_cases[i].label);
}

static void test_slow(int port)
{
	static struct talk talks[2 * SLOW_COUNT];

	for (size_t i = 0; i < 2 * SLOW_COUNT; i++) {
		talk_start(&talks[i], port, slow_cases[i / 2].bytes, slow_cases[i / 2].len);
		talks[i].drip = i % 2 == 1 && slow_cases[i / 2].len < 100;
	}
	talk_all(talks, 2 * SLOW_COUNT, 20000);
	for (size_t i = 0; i < 2 * SLOW_COUNT; i++) {
		char label[100];
		snprintf(label, sizeof label, "%s%s", slow_cases[i / 2].label, i % 2 ? ", dripping" : "");
		talk_judge(&talks[i], label);
	}
}

/* Good ones, so that the strictness is not simply refusing everything. */
static const struct { const char *label, *bytes; int answers; } good_cases[] = {
	{ "one request", G H "Connection: close\r\n\r\n", 1 },
	{ "three in one packet", G H "\r\n" G H "\r\n" G H "Connection: close\r\n\r\n", 3 },
	{ "an empty value and tabs around one", G H "X:\r\nY:\t a\tb\r\nConnection: close\r\n\r\n", 1 },
	{ "bytes above 127 in a value", G H "X: \xe4\xb8\xad\r\nConnection: close\r\n\r\n", 1 },
	{ "HTTP/1.0", "GET /v1/status HTTP/1.0\r\n" H "\r\n", 1 },
	{ "an escape in a query", "GET /Q/ABC?utm=%41 HTTP/1.1\r\n" H "Connection: close\r\n\r\n", 1 },
	{ "a refused body that is read, then another", P "Content-Length: 2\r\n\r\n{}" G H "Connection: close\r\n\r\n", 2 },
	{ "no such route, then another", "GET /x" V H "\r\n" G H "Connection: close\r\n\r\n", 2 },
	{ "Expect", P "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", 1 },
};
#define GOOD_COUNT (sizeof good_cases / sizeof *good_cases)

static void test_good(int port)
{
	static struct talk talks[GOOD_COUNT];

	for (size_t i = 0; i < GOOD_COUNT; i++)
		talk_start(&talks[i], port, good_cases[i].bytes, strlen(good_cases[i].bytes));
	talk_all(talks, GOOD_COUNT, 10000);
	for (size_t i = 0; i < GOOD_COUNT; i++) {
		talks[i].in[talks[i].in_len] = '\0';
		if (!api_ok(talks[i].ended && talk_answers(talks[i].in) == good_cases[i].answers, "%s", good_cases[i].label))
			printf("# ended %d: %.900s\n", talks[i].ended, talks[i].in);
		talk_end(&talks[i]);
	}
}

int main(void)
{
	struct test_server server;
	static const char *const flags[] = { "--connections-per-address=0", "--request-timeout-s=1", NULL };

	server_start(&server, "server", flags);
	api_begin(&server);
	test_good(server.phone_port);
	test_bad(server.phone_port);
	test_slow(server.till_port);
	test_good(server.till_port);
	api_ok(server_stop(&server), "the server ends cleanly");
	return api_end();
}
