/* buf: see buf.h. */
#include "shared/buf.h"

#include "shared/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void grow(struct buf *b, size_t need)
{
	size_t room = b->room ? b->room : 256;
	while (room < need)
		room *= 2;
	b->data = xrealloc(b->data, room);
	b->room = room;
}

static inline void reserve(struct buf *b, size_t extra)
{
	size_t need = b->len + extra + 1;
	if (need > b->room)
		grow(b, need);
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	reserve(b, len);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_addc(struct buf *b, char c)
{
	reserve(b, 1);
	b->data[b->len++] = c;
	b->data[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	reserve(b, (size_t)n);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	b->len += (size_t)n;
}

void buf_add_int(struct buf *b, int64_t v)
{
	char digits[20];
	int n = 0;
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;

	do
		digits[sizeof digits - (size_t)++n] = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (v < 0)
		buf_addc(b, '-');
	buf_add(b, digits + sizeof digits - n, (size_t)n);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

char *buf_take(struct buf *b)
{
	reserve(b, 0);
	char *s = b->data;
	s[b->len] = '\0';
	*b = (struct buf){ 0 };
	return s;
}

void json_start(struct json *j, struct buf *out)
{
	*j = (struct json){ .out = out };
}

/* Written as it is: printable ASCII without the quote and the backslash, of which most of a reply consists. */
static const bool is_plain[256] = {
	[' ' ... '!'] = true, ['#' ... '['] = true, [']' ... '~'] = true,
};

static void add_escaped(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	if (c >= 0x80)
		buf_adds(b, "\xef\xbf\xbd");
	else if (c == '"' || c == '\\')
		buf_add(b, (char[]){ '\\', (char)c }, 2);
	else if (c == '\n')
		buf_adds(b, "\\n");
	else
		buf_add(b, (char[]){ '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] }, 6);
}

static void add_quoted(struct buf *b, const char *s, size_t len)
{
	size_t run = 0;

	reserve(b, len + 2);
	b->data[b->len++] = '"';
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)s[i];
		if (is_plain[c]) {
			i++;
			continue;
		}
		size_t step = c >= 0x80 ? text_utf8_length(s + i, len - i) : 0;
		if (step > 0) {
			i += step;
			continue;
		}
		buf_add(b, s + run, i - run);
		add_escaped(b, c);
		run = ++i;
	}
	buf_add(b, s + run, len - run);
	buf_addc(b, '"');
}

static void value_start(struct json *j, const char *key)
{
	if (j->more & (1u << j->depth))
		buf_addc(j->out, ',');
	j->more |= 1u << j->depth;
	if (key) {
		add_quoted(j->out, key, strlen(key));
		buf_addc(j->out, ':');
	}
}

static void open_level(struct json *j, const char *key, char bracket)
{
	value_start(j, key);
	buf_addc(j->out, bracket);
	j->depth++;
	assert(j->depth < 32);
	j->more &= ~(1u << j->depth);
	if (bracket == '[')
		j->arrays |= 1u << j->depth;
	else
		j->arrays &= ~(1u << j->depth);
}

void json_object(struct json *j, const char *key)
{
	open_level(j, key, '{');
}

void json_array(struct json *j, const char *key)
{
	open_level(j, key, '[');
}

void json_end(struct json *j)
{
	assert(j->depth > 0);
	buf_addc(j->out, j->arrays & (1u << j->depth) ? ']' : '}');
	j->depth--;
}

void json_int(struct json *j, const char *key, int64_t v)
{
	value_start(j, key);
	buf_add_int(j->out, v);
}

void json_bool(struct json *j, const char *key, bool v)
{
	value_start(j, key);
	buf_adds(j->out, v ? "true" : "false");
}

void json_text(struct json *j, const char *key, const char *utf8)
{
	if (utf8 == NULL)
		json_null(j, key);
	else
		json_textn(j, key, utf8, strlen(utf8));
}

void json_textn(struct json *j, const char *key, const char *utf8, size_t len)
{
	value_start(j, key);
	add_quoted(j->out, utf8, len);
}

void json_null(struct json *j, const char *key)
{
	value_start(j, key);
	buf_adds(j->out, "null");
}

void json_raw(struct json *j, const char *key, const char *json, size_t len)
{
	value_start(j, key);
	buf_add(j->out, json, len);
}
