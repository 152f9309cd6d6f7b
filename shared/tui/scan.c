/* scan: see scan.h. */
#include "shared/tui/scan.h"

static void release(struct scan *s, const struct scan_sink *to)
{
	int count = s->count;

	s->count = 0;
	for (int i = 0; i < count; i++)
		to->key(to->ctx, s->held[i]);
}

static size_t put_utf8(int c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

static void emit_scan(struct scan *s, const struct scan_sink *to)
{
	char text[SCAN_MOST * 4 + 1];
	size_t len = 0;

	for (int i = 0; i < s->count; i++)
		len += put_utf8(s->held[i], text + len);
	text[len] = '\0';
	s->count = 0;
	to->scan(to->ctx, text);
}

void scan_key(struct scan *s, int key, int64_t now_us, const struct scan_sink *to)
{
	scan_tick(s, now_us, to);
	if ((key == '\r' || key == '\n' || key == '\t') && s->count >= SCAN_LEAST) {
		emit_scan(s, to);
		return;
	}
	/* 0x1d is FNC1 as scanners send it. */
	if ((key >= 0x20 && key != 0x7f && key <= 0x10ffff) || (key == 0x1d && s->count > 0)) {
		if (s->count == SCAN_MOST)
			release(s, to);
		s->held[s->count++] = key;
		s->last_us = now_us;
		return;
	}
	release(s, to);
	to->key(to->ctx, key);
}

void scan_tick(struct scan *s, int64_t now_us, const struct scan_sink *to)
{
	if (s->count > 0 && now_us - s->last_us > SCAN_GAP_US)
		release(s, to);
}

int64_t scan_due_us(const struct scan *s, int64_t now_us)
{
	if (s->count == 0)
		return -1;
	int64_t due = s->last_us + SCAN_GAP_US + 1 - now_us;
	return due > 0 ? due : 0;
}
