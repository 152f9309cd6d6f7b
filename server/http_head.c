/* http_head: see http_head.h. */
#include "server/http_head.h"

#include <string.h>
#include <strings.h>

static enum qt_err refuse(struct problem *p, const char *why)
{
	return problem_set(p, QT_BAD_REQUEST, "", "%s", why);
}

/* RFC 9110 section 5.6.2. */
static bool is_token_char(unsigned char c)
{
	return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c != 0 && strchr("!#$%&'*+-.^_`|~", c));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum qt_err http_target_check(const char *target, size_t len, size_t *path_len, struct problem *p)
{
	bool in_path = true;

	*path_len = len;
	if (len == 0 || target[0] != '/')
		return refuse(p, "the request target must begin with a slash");
	if (len > HTTP_TARGET_MAX)
		return refuse(p, "the request target is too long");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)target[i];
		if (c <= ' ' || c >= 0x7f || strchr("\"<>\\^`{|}#", c) != NULL)
			return refuse(p, "the request target has a character that must be escaped");
		if (c == '?' && in_path) {
			in_path = false;
			*path_len = i;
		}
		if (c != '%')
			continue;
		int high = i + 2 < len ? hex_digit(target[i + 1]) : -1, low = i + 2 < len ? hex_digit(target[i + 2]) : -1;
		if (high < 0 || low < 0)
			return refuse(p, "a bad percent escape in the request target");
		int byte = high << 4 | low;
		if (byte < 0x20 || byte == 0x7f || (in_path && (byte == '/' || byte == '\\' || byte == '.')))
			return refuse(p, "the request target hides a control character, a slash or a dot");
	}
	return QT_OK;
}

/* Headers that may come once at most, with what they may hold. */
enum known { CONTENT_LENGTH, HOST, AUTHORIZATION, COOKIE, IDEMPOTENCY_KEY, CONTENT_TYPE, ACCEPT_LANGUAGE, MERCHANT, QRTILL,
             IF_NONE_MATCH, FORWARDED_FOR, TRANSFER_ENCODING, EXPECT, KNOWN_COUNT };
static const char *const known_names[KNOWN_COUNT] = {
	"content-length", "host", "authorization", "cookie", "idempotency-key", "content-type", "accept-language",
	"x-merchant", "x-qrtill", "if-none-match", "x-forwarded-for", "transfer-encoding", "expect",
};

static enum qt_err check_content_length(const char *v, int64_t *length, struct problem *p)
{
	int64_t n = 0;
	if (*v == '\0')
		return refuse(p, "Content-Length is empty");
	for (; *v != '\0'; v++) {
		if (*v < '0' || *v > '9')
			return refuse(p, "Content-Length is not a number");
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *v - '0', &n))
			return refuse(p, "Content-Length is too large");
	}
	*length = n;
	return QT_OK;
}

/* RFC 3986 host and port: a registered name, IPv4 or [IPv6]. */
static enum qt_err check_host(const char *v, struct problem *p)
{
	if (*v == '\0')
		return refuse(p, "Host is empty");
	for (; *v != '\0'; v++)
		if (!((*v >= '0' && *v <= '9') || ((*v | 32) >= 'a' && (*v | 32) <= 'z') || strchr("-._~:[]", *v)))
			return refuse(p, "Host is not a host name");
	return QT_OK;
}

static enum qt_err check_once(enum known k, const char *value, const char *seen[KNOWN_COUNT], struct problem *p)
{
	if (seen[k] != NULL)
		return problem_set(p, QT_BAD_REQUEST, "", "header %s comes twice", known_names[k]);
	seen[k] = value;
	if (k == HOST)
		return check_host(value, p);
	if (k == TRANSFER_ENCODING)
		return refuse(p, "transfer codings are not taken; send Content-Length");
	if (k == EXPECT && strcasecmp(value, "100-continue") != 0)
		return refuse(p, "Expect is not understood");
	return QT_OK;
}

static int known_header(const char *name, size_t len)
{
	for (int k = 0; k < KNOWN_COUNT; k++)
		if ((name[0] | 32) == known_names[k][0] && strncasecmp(known_names[k], name, len) == 0 && known_names[k][len] == '\0')
			return k;
	return -1;
}

/* One header line "name NUL blanks value NUL NUL" at *at; moves *at behind it. */
static enum qt_err check_line(const char **at, const char *end, const char *seen[KNOWN_COUNT], struct problem *p)
{
	const char *name = *at, *s = name;

	if (*s == ' ' || *s == '\t')
		return refuse(p, "a header line is folded");
	while (s < end && is_token_char((unsigned char)*s))
		s++;
	if (s == name || s >= end || *s != '\0')
		return refuse(p, "a header name has a character that may not be there");
	int k = known_header(name, (size_t)(s - name));
	s++;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	const char *value = s;
	for (; s < end && *s != '\0'; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return refuse(p, "a header value holds a control character");
	if (end - s < 2 || s[1] != '\0')
		return refuse(p, "a header line does not end in CR LF");
	*at = s + 2;
	return k < 0 ? QT_OK : check_once((enum known)k, value, seen, p);
}

static enum qt_err check_request_line(const char *head, const char *end, size_t target_len, const char **after,
                                      struct problem *p)
{
	const char *s = head;
	while (s < end && *s >= 'A' && *s <= 'Z')
		s++;
	if (s == head || s - head > 16 || s >= end || *s != '\0')
		return refuse(p, "the method is not a word in capitals");
	s += 1 + target_len;
	if (end - s < 1 + 8 + 2 || *s != '\0')
		return refuse(p, "the request line has stray blanks");
	s++;
	if (memcmp(s, "HTTP/1.1", 9) != 0 && memcmp(s, "HTTP/1.0", 9) != 0)
		return refuse(p, "the version must be HTTP/1.1");
	s += 8;
	if (s[1] != '\0')
		return refuse(p, "the request line does not end in CR LF");
	*after = s + 2;
	return QT_OK;
}

enum qt_err http_head_check(const char *head, size_t size, size_t target_len, struct http_head *out, struct problem *p)
{
	const char *seen[KNOWN_COUNT] = { 0 }, *end = head + size, *at = head;
	enum qt_err err;

	*out = (struct http_head){ .content_length = -1 };
	if (size > HTTP_HEAD_MAX || target_len > HTTP_TARGET_MAX || target_len >= size)
		return refuse(p, "the head of the request is too long");
	if ((err = check_request_line(head, end, target_len, &at, p)))
		return err;
	for (; end - at > 2; out->lines++) {
		if (out->lines == HTTP_HEADERS_MAX)
			return refuse(p, "too many headers");
		if ((err = check_line(&at, end, seen, p)))
			return err;
	}
	if (end - at != 2 || at[0] != '\0' || at[1] != '\0')
		return refuse(p, "the head does not end in an empty line with CR LF");
	if (seen[HOST] == NULL)
		return refuse(p, "header Host is missing");
	if (seen[CONTENT_LENGTH] != NULL && (err = check_content_length(seen[CONTENT_LENGTH], &out->content_length, p)))
		return err;
	out->host = seen[HOST];
	out->authorization = seen[AUTHORIZATION];
	out->cookie = seen[COOKIE];
	out->idempotency_key = seen[IDEMPOTENCY_KEY];
	out->content_type = seen[CONTENT_TYPE];
	out->accept_language = seen[ACCEPT_LANGUAGE];
	out->merchant = seen[MERCHANT];
	out->qrtill = seen[QRTILL];
	out->if_none_match = seen[IF_NONE_MATCH];
	out->forwarded_for = seen[FORWARDED_FOR];
	return QT_OK;
}
