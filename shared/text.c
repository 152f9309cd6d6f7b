/* text: see text.h. */
#include "shared/text.h"

#include <string.h>
#include <wchar.h>

/* Decode one character; returns its length or 0. RFC 3629 table 3-7 of the Unicode standard. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n;

	if (len == 0)
		return 0;
	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	uint32_t c = s[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

size_t text_utf8_length(const char *s, size_t len)
{
	uint32_t cp;
	return decode((const unsigned char *)s, len, &cp);
}

bool text_is_utf8(const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = (unsigned char)s[i] < 0x80 ? 1 : text_utf8_length(s + i, len - i); /* most text is ASCII */
		if (n == 0)
			return false;
	}
	return true;
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c || c == 0x180e ||
	       (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

bool text_has_controls(const char *s, size_t len)
{
	uint32_t c = 0;
	for (size_t i = 0, n = 1; i < len; i += n) {
		if (s[i] >= 0x20 && s[i] < 0x7f) {
			n = 1;
			continue;
		}
		n = decode((const unsigned char *)s + i, len - i, &c);
		if (n == 0)
			n = 1;
		else if (is_control(c))
			return true;
	}
	return false;
}

static const char *html_entity(uint32_t c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

/* RFC 8259 section 7: beyond U+FFFF a surrogate pair. */
static void add_json_escape(struct buf *out, uint32_t c)
{
	if (c >= 0x10000)
		buf_addf(out, "\\u%04x\\u%04x", 0xd800u + ((c - 0x10000) >> 10), 0xdc00u + ((c - 0x10000) & 0x3ffu));
	else
		buf_addf(out, "\\u%04x", c);
}

void text_clean(struct buf *out, const char *s, size_t len, enum text_sink sink)
{
	uint32_t c = 0;

	if (sink == TEXT_CSV) {
		buf_addc(out, '"');
		if (len > 0 && strchr("=+-@\t\r", s[0]) != NULL)
			buf_addc(out, '\'');
	}
	for (size_t i = 0, n; i < len; i += n) {
		const char *entity;
		n = decode((const unsigned char *)s + i, len - i, &c);
		if (n == 0) {
			buf_adds(out, sink == TEXT_JSON ? "\\ufffd" : "\xef\xbf\xbd");
			n = 1;
		} else if (is_control(c) && sink == TEXT_JSON) {
			add_json_escape(out, c);
		} else if (is_control(c)) {
			buf_adds(out, sink == TEXT_PRINTER ? "?" : "\xef\xbf\xbd");
		} else if (sink == TEXT_HTML && (entity = html_entity(c)) != NULL) {
			buf_adds(out, entity);
		} else {
			if (sink == TEXT_CSV && c == '"')
				buf_addc(out, '"');
			buf_add(out, s + i, n);
		}
	}
	if (sink == TEXT_CSV)
		buf_addc(out, '"');
}

static int columns_of(const char *s, size_t len, size_t *bytes)
{
	uint32_t c = 0;
	size_t n = decode((const unsigned char *)s, len, &c);
	int w = 1;

	if (n == 0)
		n = 1;
	else if ((w = wcwidth((wchar_t)c)) < 0)
		w = 1;
	*bytes = n;
	return w;
}

int text_columns(const char *s)
{
	int columns = 0;
	size_t len = strlen(s), n;

	for (size_t i = 0; i < len; i += n)
		columns += columns_of(s + i, len - i, &n);
	return columns;
}

size_t text_fit(const char *s, int columns, int *used)
{
	size_t len = strlen(s), i = 0, n;
	int at = 0;

	while (i < len) {
		int w = columns_of(s + i, len - i, &n);
		if (at + w > columns)
			break;
		at += w;
		i += n;
	}
	if (used)
		*used = at;
	return i;
}
