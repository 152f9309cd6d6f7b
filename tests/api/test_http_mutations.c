/* Malformed requests, made by rule: each part of a good request, changed in each way that RFC 9110, 9112 and 3986 forbid. Each
 * gets one refusal or a closed connection; the good request behind it, which is answered when the two sides do not agree
 * on where the first one ended, never gets an answer. Besides those written by hand in test_http_malformed.c. */
#include "shared/buf.h"
#include "tests/lib/api.h"
#include "tests/lib/proof.h"
#include "tests/lib/talk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEXT "GET /v1/status HTTP/1.1\r\nHost: b\r\n\r\n"
#define CASES_MAX 2000
#define AT_ONCE 450 /* connections */
#define COUNT_OF(a) (sizeof(a) / sizeof *(a))

static struct mutant {
	char name[96];
	struct buf bytes;
	bool half_close;
} mutants[CASES_MAX];
static int mutant_count;

/* The good request that is changed. */
struct parts {
	const char *method, *target, *version;
	const char *headers[12]; /* whole lines without their end; NULL-ended */
	const char *body;
};
static const struct parts get = { "GET", "/v1/status", "HTTP/1.1",
	{ "Host: a", "Accept: */*", "User-Agent: x", "Cookie: c=1", NULL }, "" };
static const struct parts post = { "POST", "/v1/codes/check", "HTTP/1.1",
	{ "Host: a", "Content-Type: application/json", "Content-Length: 12", "Idempotency-Key: 7", "X-Note: y", NULL },
	"{\"text\":\"a\"}" };

static struct mutant *add(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static struct mutant *add(const char *fmt, ...)
{
	struct mutant *m = &mutants[mutant_count++];
	va_list ap;

	if (mutant_count == CASES_MAX)
		fatal("too many cases");
	va_start(ap, fmt);
	vsnprintf(m->name, sizeof m->name, fmt, ap);
	va_end(ap);
	return m;
}

static void put_line(struct buf *out, const struct parts *r)
{
	buf_addf(out, "%s %s %s\r\n", r->method, r->target, r->version);
}

static void put_headers(struct buf *out, const struct parts *r, int from)
{
	for (int i = from; r->headers[i] != NULL; i++)
		buf_addf(out, "%s\r\n", r->headers[i]);
}

/* Head lines from `from` on, the empty line, the body and the request behind it. */
static void put_rest(struct buf *out, const struct parts *r, int from)
{
	put_headers(out, r, from);
	buf_addf(out, "\r\n%s" NEXT, r->body);
}

/* The whole request with one more head line in front, "" for none; the bytes may hold anything. */
static void put_with(struct mutant *m, const struct parts *r, const void *line, size_t len)
{
	put_line(&m->bytes, r);
	buf_add(&m->bytes, line, len);
	buf_adds(&m->bytes, "\r\n");
	put_rest(&m->bytes, r, 0);
}

/* How a byte is shown in a name. */
static const char *shown(int byte)
{
	static char text[8];
	snprintf(text, sizeof text, "%%%02x", byte & 255);
	return text;
}

/* Each head line, broken in each way. */
static void break_lines(const struct parts *r)
{
	static const struct { const char *what, *end; } ends[] = {
		{ "a bare LF", "\n" }, { "a bare CR", "\r" }, { "LF CR", "\n\r" }, { "CR CR LF", "\r\r\n" },
		{ "CR LF and a blank", "\r\n " }, { "CR LF and a tab", "\r\n\t" }, { "a NUL and CR LF", "%0\r\n" },
		{ "a form feed and CR LF", "\f\r\n" },
	};
	for (int i = 0; r->headers[i] != NULL; i++)
		for (size_t e = 0; e < COUNT_OF(ends); e++) {
			bool nul = ends[e].end[0] == '%';
			struct mutant *m = add("%s: %s behind \"%s\"", r->method, ends[e].what, r->headers[i]);
			put_line(&m->bytes, r);
			for (int k = 0; k < i; k++)
				buf_addf(&m->bytes, "%s\r\n", r->headers[k]);
			buf_adds(&m->bytes, r->headers[i]);
			if (nul)
				buf_addc(&m->bytes, '\0');
			buf_adds(&m->bytes, ends[e].end + (nul ? 2 : 0));
			put_rest(&m->bytes, r, i + 1);
		}
}

/* Each header's name and colon, broken in each way. */
static void break_names(const struct parts *r)
{
	static const struct { const char *what, *before, *name, *colon; } ways[] = {
		{ "a blank before the colon", "", NULL, " :" }, { "a tab before the colon", "", NULL, "\t:" },
		{ "a blank at the start", " ", NULL, ":" },     { "a tab at the start", "\t", NULL, ":" },
		{ "no colon", "", NULL, "" },                   { "a semicolon", "", NULL, ";" },
		{ "an equals sign", "", NULL, "=" },            { "no name", "", "", ":" },
		{ "a quoted name", "\"", NULL, "\":" },
	};
	for (int i = 0; r->headers[i] != NULL; i++)
		for (size_t w = 0; w < COUNT_OF(ways); w++) {
			const char *colon = strchr(r->headers[i], ':');
			struct mutant *m = add("%s: %s in \"%s\"", r->method, ways[w].what, r->headers[i]);
			put_line(&m->bytes, r);
			for (int k = 0; r->headers[k] != NULL; k++) {
				if (k != i) {
					buf_addf(&m->bytes, "%s\r\n", r->headers[k]);
					continue;
				}
				buf_adds(&m->bytes, ways[w].before);
				if (ways[w].name == NULL)
					buf_add(&m->bytes, r->headers[i], (size_t)(colon - r->headers[i]));
				buf_addf(&m->bytes, "%s%s\r\n", ways[w].colon, colon + 1);
			}
			buf_addf(&m->bytes, "\r\n%s" NEXT, r->body);
		}
}

/* Every byte that may not be there, in every place. */
static void plant_bytes(void)
{
	for (int c = 0; c < 256; c++) {
		bool control = c < 0x20 || c == 0x7f, high = c >= 0x80 && c % 16 == 5;
		char line[40];
		int len;
		if (!control && !high)
			continue;
		if (control && c != '\t') {
			len = snprintf(line, sizeof line, "X-Note: a%cb", c);
			put_with(add("%s in a header's value", shown(c)), &get, line, (size_t)len);
		}
		len = snprintf(line, sizeof line, "X-N%cote: ab", c);
		put_with(add("%s in a header's name", shown(c)), &get, line, (size_t)len);
		struct mutant *m = add("%s in the method", shown(c));
		buf_addf(&m->bytes, "GE%cT /v1/status HTTP/1.1\r\n", c);
		put_rest(&m->bytes, &get, 0);
		m = add("%s in the target", shown(c));
		buf_addf(&m->bytes, "GET /v1/sta%ctus HTTP/1.1\r\n", c);
		put_rest(&m->bytes, &get, 0);
		m = add("%s in the version", shown(c));
		buf_addf(&m->bytes, "GET /v1/status HTTP/1%c.1\r\n", c);
		put_rest(&m->bytes, &get, 0);
		m = add("%s in Host", shown(c));
		put_line(&m->bytes, &get);
		buf_addf(&m->bytes, "Host: a%cb\r\n", c);
		put_rest(&m->bytes, &get, 1);
	}
	for (const char *c = "(),/;<=>?@[\\]{}\""; *c; c++) {
		char line[40];
		int len = snprintf(line, sizeof line, "X%cY: a", *c);
		put_with(add("%c in a header's name", *c), &get, line, (size_t)len);
	}
}

static void put_target(const char *target)
{
	struct mutant *m = add("target %.60s", target);
	buf_addf(&m->bytes, "GET %s HTTP/1.1\r\n", target);
	put_rest(&m->bytes, &get, 0);
}

static void break_targets(void)
{
	static const char *const bad[] = {
		"*", "v1/status", "http://a/v1/status", "HTTP://a/", "https://a/v1/status", "a:80", "//a b/", "?x=1", "#x", "./v1/status",
		"../v1", "\\v1\\status", "/v1/status#x", "/v1/status?#", "/%", "/%1", "/%g0", "/%0g", "/%%", "/%%41", "/%u0041", "/%-1",
		"/%+1", "/% 1", "/%2f", "/%2F", "/%5c", "/%5C", "/%2e", "/%2E%2e/", "/v1/%2e/status", "/v1/status?%", "/v1/status?%z1",
		"/v1/status?a=%1", "/\"", "/<a>", "/>", "/\\", "/^", "/`", "/{", "/}", "/|", "/a b", "/v1/status?a b", "/v1/status?\"",
		"/v1/status?<", "/v1/status?{", "/v1/status?|", "/v1/status?^", "file:///etc/passwd", "javascript:alert(1)", "@a/",
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		put_target(bad[i]);
	for (int c = 0; c <= 0x20; c++) {
		char target[40];
		int hidden = c < 0x20 ? c : 0x7f;
		snprintf(target, sizeof target, "/v1/status%%%02x", hidden);
		put_target(target);
		snprintf(target, sizeof target, "/v1/status?q=%%%02X", hidden);
		put_target(target);
	}
}

static void break_request_lines(void)
{
	static const char *const versions[] = {
		"HTTP/0.9", "HTTP/1.2", "HTTP/1.9", "HTTP/2", "HTTP/2.0", "HTTP/3.0", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/", "HTTP",
		"HTTP/01.1", "HTTP/1.01", "HTTP/1.1.1", "HTTP/1.10", "HTTP/11", "HTTP/-1.1", "HTTP/+1.1", "HTTP/1,1", "HTTP/1.1;", "HTTP/1.1 ",
		"HTTP/1.1 x", "HTTP/1.x", "HTTP/a.b", "http/1.1", "Http/1.1", "HTTPS/1.1", "XHTTP/1.1", "HTTP 1.1", "HTTP//1.1", "HTTP\\1.1",
		"RTSP/1.0", "SIP/2.0", "ICAP/1.0", "FTP/1.1", "\"HTTP/1.1\"", "HTTP/1.1\t", "HTTP/4294967297.1",
	};
	static const char *const methods[] = {
		"get", "Get", "gET", "G-T", "GET1", "GET:", "GET/", "GET,POST", "GET;", "GET(", "\"GET\"", "{GET}", "<GET>", "G@T", "GET?", "G[T]",
		"GET=", "G\\T", "1GET", "_", "$", "GET.", "post", "pOST", "ABCDEFGHIJKLMNOPQ",
	};
	for (size_t i = 0; i < COUNT_OF(versions); i++) {
		struct mutant *m = add("version \"%s\"", versions[i]);
		buf_addf(&m->bytes, "GET /v1/status %s\r\n", versions[i]);
		put_rest(&m->bytes, &get, 0);
	}
	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		struct mutant *m = add("method \"%s\"", methods[i]);
		buf_addf(&m->bytes, "%s /v1/status HTTP/1.1\r\n", methods[i]);
		put_rest(&m->bytes, &get, 0);
	}
}

static void break_lengths(void)
{
	static const char *const bad[] = {
		"", "-1", "-12", "+12", "0x0c", "0Xc", "12.0", "1e1", "12,12", "12, 12", "12,", ",12", "12;", "12 12", "1 2", "12a", "a12", "a", "\"12\"",
		"'12'", "(12)", "12\x0b", "12/2", "12%", "%31%32", "1_2", "\xef\xbc\x91\xef\xbc\x92", "\xd9\xa1\xd9\xa2", "18446744073709551616",
		"18446744073709551628", "9223372036854775808", "-9223372036854775808", "99999999999999999999999999999999", "NaN", "Infinity", "null",
		"twelve", "12\t12", "0 12", "12-",
	};
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct mutant *m = add("Content-Length \"%s\"", bad[i]);
		buf_addf(&m->bytes, "POST /v1/codes/check HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\n%s" NEXT, bad[i], post.body);
	}
	static const char *const names[] = { "Content-Length", "content-length", "CONTENT-LENGTH" };
	static const char *const values[] = { "12", "0", "1", "13", "012" };
	for (size_t n = 0; n < COUNT_OF(names); n++)
		for (size_t v = 0; v < COUNT_OF(values); v++) {
			char line[60];
			int len = snprintf(line, sizeof line, "%s: %s", names[n], values[v]);
			put_with(add("two lengths, first %s: %s", names[n], values[v]), &post, line, (size_t)len);
		}
}

/* Transfer codings with a length, before and behind it, and without one. */
static void break_codings(void)
{
	static const char *const values[] = {
		"chunked", "Chunked", "CHUNKED", "identity", "gzip", "deflate", "x-gzip", "chunked, chunked", "gzip, chunked", "chunked, gzip",
		"chunked,", ",chunked", "identity, chunked", "chunked;q=1", "\"chunked\"", "chunke", "chunkedd", "chun ked", " chunked", "\tchunked",
		"chunked\t", "trailers", "", "x",
	};
	static const char *const names[] = { "Transfer-Encoding", "transfer-encoding", "TRANSFER-ENCODING" };
	for (size_t v = 0; v < COUNT_OF(values); v++)
		for (size_t place = 0; place < 3; place++) {
			static const char *const places[] = { "alone", "before a length", "behind a length" };
			struct mutant *m = add("%s \"%s\" %s", names[v % 3], values[v], places[place]);
			buf_adds(&m->bytes, "POST /v1/codes/check HTTP/1.1\r\nHost: a\r\n");
			if (place == 2)
				buf_adds(&m->bytes, "Content-Length: 22\r\n");
			buf_addf(&m->bytes, "%s: %s\r\n", names[v % 3], values[v]);
			if (place == 1)
				buf_adds(&m->bytes, "Content-Length: 22\r\n");
			buf_addf(&m->bytes, "\r\nc\r\n%s\r\n0\r\n\r\n" NEXT, post.body);
		}
	static const char *const chunks[] = {
		"zz\r\nab\r\n0\r\n\r\n", "-2\r\nab\r\n0\r\n\r\n", "0x2\r\nab\r\n0\r\n\r\n", "2 \r\nab\r\n0\r\n\r\n", "2\nab\n0\n\n", "2\r\nabc\r\n0\r\n\r\n",
		"ffffffffffffffff\r\nab", "10000000000000000\r\nab", "2;a=\"\r\nab\r\n0\r\n\r\n", "2\r\nab0\r\n\r\n", "\r\n2\r\nab\r\n0\r\n\r\n", "0\r\nX: y\r\n\r\n",
		"0\r\nContent-Length: 5\r\n\r\n", "2\r\n", "", "2;" "\n" "\r\nab\r\n0\r\n\r\n",
	};
	for (size_t i = 0; i < COUNT_OF(chunks); i++) {
		struct mutant *m = add("chunk trick %zu", i + 1);
		buf_addf(&m->bytes, "POST /v1/codes/check HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%s" NEXT, chunks[i]);
	}
}

static void break_hosts(void)
{
	static const char *const bad[] = {
		"", "a b", "a,b", "u@a", "u:p@a", "a/", "a/b", "a?b", "a#b", "<a>", "\"a\"", "a;b", "a=b", "a|b", "a\\b", "{a}", "a%00", "a^", "a`b", "http://a",
		"a!", "$a", "a&b", "a*", "(a)", "a+b",
	};
	static const char *const once[] = { "Host", "Authorization", "Cookie", "Idempotency-Key", "Content-Type", "Accept-Language",
		"X-Merchant", "X-Qrtill", "If-None-Match", "X-Forwarded-For", "Expect" };
	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct mutant *m = add("Host \"%s\"", bad[i]);
		buf_addf(&m->bytes, "GET /v1/status HTTP/1.1\r\nHost: %s\r\n\r\n" NEXT, bad[i]);
	}
	for (size_t i = 0; i < COUNT_OF(once); i++)
		for (int way = 0; way < 3; way++) {
			static const char *const ways[] = { "the same twice", "two that differ", "the second in small letters" };
			char second[40];
			const char *value = strcmp(once[i], "Expect") == 0 ? "100-continue" : "a";
			snprintf(second, sizeof second, "%s", once[i]);
			for (char *c = second; way == 2 && *c; c++)
				*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
			struct mutant *m = add("%s: %s", once[i], ways[way]);
			buf_addf(&m->bytes, "GET /v1/status HTTP/1.1\r\n%s%s: %s\r\n%s: %s\r\n\r\n" NEXT, i ? "Host: a\r\n" : "", once[i], value,
			         second, way == 1 ? "b" : value);
		}
}

static void break_bodies(void)
{
	static const char *const methods[] = { "GET", "HEAD", "DELETE" };
	static const int counts[] = { 65, 100, 400, 2000 };

	for (size_t i = 0; i < COUNT_OF(methods); i++) {
		struct mutant *m = add("%s with a body", methods[i]);
		buf_addf(&m->bytes, "%s /v1/status HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}" NEXT, methods[i]);
	}
	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct mutant *m = add("%d headers", counts[i]);
		put_line(&m->bytes, &get);
		for (int k = 0; k < counts[i]; k++)
			buf_addf(&m->bytes, "X-%d: a\r\n", k);
		put_rest(&m->bytes, &get, 0);
	}
	for (int left = 1; left <= 12; left++) { /* the connection ends too soon */
		struct mutant *m = add("a body that lacks %d bytes, then the end", left);
		put_line(&m->bytes, &post);
		put_headers(&m->bytes, &post, 0);
		buf_addf(&m->bytes, "\r\n%.*s", 12 - left, post.body);
		m->half_close = true;
	}
	static const char *const junk[] = { "x", "\r\n\r\n\r\n", "{}", "GET", NEXT, "POST /v1/codes/check HTTP/1.1\r\n\r\n", "\x16\x03\x01", "%", " " };
	for (size_t i = 0; i < COUNT_OF(junk); i++) {
		struct mutant *m = add("junk %zu behind a request that ends the connection and is refused", i + 1);
		buf_addf(&m->bytes, "GET /v1/nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n%s", junk[i]);
	}
	/* Cut anywhere in its head, then the end. */
	struct buf whole = { 0 };
	put_line(&whole, &post);
	put_headers(&whole, &post, 0);
	for (size_t at = 1; at < whole.len; at += 4) {
		struct mutant *m = add("a head cut after %zu bytes, then the end", at);
		buf_add(&m->bytes, whole.data, at);
		m->half_close = true;
	}
	buf_free(&whole);
}

/* All of them at this listener; returns how many were not refused as they must be. */
static int run_all(const char *listener, int port)
{
	static struct talk talks[AT_ONCE];
	int wrong = 0;

	for (int from = 0; from < mutant_count; from += AT_ONCE) {
		int count = mutant_count - from < AT_ONCE ? mutant_count - from : AT_ONCE;
		for (int i = 0; i < count; i++) {
			const struct mutant *m = &mutants[from + i];
			talk_start(&talks[i], port, m->bytes.data, m->bytes.len);
			talks[i].half_close = m->half_close;
		}
		talk_all(talks, count, 15000);
		for (int i = 0; i < count; i++) {
			char label[160];
			snprintf(label, sizeof label, "%s: %.95s", listener, mutants[from + i].name);
			for (char *c = label; *c; c++) /* TAP is one line of text */
				*c = *c < ' ' || *c == '#' ? '.' : *c;
			wrong += !talk_refused(&talks[i]);
			talk_judge(&talks[i], label);
		}
	}
	return wrong;
}

/* The good requests that all others were made from are answered, and so is the one behind them. */
static void check_originals(int port)
{
	static const struct parts *const originals[] = { &get, &post };
	struct talk talk;

	for (size_t i = 0; i < COUNT_OF(originals); i++) {
		struct buf bytes = { 0 };
		put_line(&bytes, originals[i]);
		put_headers(&bytes, originals[i], 0);
		buf_addf(&bytes, "\r\n%sGET /v1/status HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n", originals[i]->body);
		talk_start(&talk, port, bytes.data, bytes.len);
		talk_all(&talk, 1, 5000);
		if (!api_ok(talk_answers(talk.in) == 2 && strncmp(talk.in, "HTTP/1.1 200", 12) == 0, "%s, unchanged, and the one behind it",
		            originals[i]->method))
			printf("# %.600s\n", talk.in);
		talk_end(&talk);
		buf_free(&bytes);
	}
}

int main(void)
{
	static const char *const flags[] = { "--connections-per-address=0", "--request-timeout-s=1", NULL };
	struct test_server server;

	break_lines(&get);
	break_lines(&post);
	break_names(&get);
	break_names(&post);
	plant_bytes();
	break_targets();
	break_request_lines();
	break_lengths();
	break_codings();
	break_hosts();
	break_bodies();
	server_start(&server, "server", flags);
	api_begin(&server);
	check_originals(server.phone_port);
	int wrong = run_all("phones", server.phone_port) + run_all("tills", server.till_port);
	check_originals(server.till_port);
	api_ok(mutant_count >= 500, "%d malformed requests, no less than 500", mutant_count);
	api_ok(server_stop(&server), "the server ends cleanly");
	proof_say("malformed", 2 * mutant_count, wrong, "requests=%d", mutant_count);
	for (int i = 0; i < mutant_count; i++)
		buf_free(&mutants[i].bytes);
	return api_end();
}
