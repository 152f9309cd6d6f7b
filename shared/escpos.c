/* escpos: see escpos.h. */
#include "shared/escpos.h"

#include "shared/text.h"

#include <iconv.h>
#include <string.h>

#define ADD(e, ...) buf_add(&(e)->out, (const unsigned char[]){ __VA_ARGS__ }, sizeof (const unsigned char[]){ __VA_ARGS__ })

void escpos_begin(struct escpos *e, int paper_mm, enum escpos_text text)
{
	*e = (struct escpos){ .text = text, .paper_mm = paper_mm == 80 ? 80 : 58 };
	e->columns = e->paper_mm == 80 ? 48 : 32;
	e->dots = e->paper_mm == 80 ? 576 : 384;
	ADD(e, 0x1b, 0x40);
	if (text == ESCPOS_GB18030)
		ADD(e, 0x1c, 0x26); /* FS &: bytes above 7f are Chinese */
	else
		ADD(e, 0x1c, 0x2e); /* FS .: they are not */
}

void escpos_align(struct escpos *e, enum escpos_align align)
{
	e->align = align;
	ADD(e, 0x1b, 0x61, (unsigned char)align);
}

void escpos_bold(struct escpos *e, bool on)
{
	ADD(e, 0x1b, 0x45, on ? 1 : 0);
}

void escpos_big(struct escpos *e, bool on)
{
	e->big = on;
	ADD(e, 0x1d, 0x21, on ? 0x11 : 0x00);
}

static bool is_ascii(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s >= 0x80)
			return false;
	return true;
}

/* One character of UTF-8 to the end of out, as the printer wants it. */
static void add_character(struct escpos *e, iconv_t to_gb, const char *s, size_t len)
{
	char gb[8], *in = (char *)(uintptr_t)s, *out = gb;
	size_t in_left = len, out_left = sizeof gb;

	if (len == 1) {
		buf_addc(&e->out, *s);
		return;
	}
	if (to_gb == (iconv_t)-1 || iconv(to_gb, &in, &in_left, &out, &out_left) == (size_t)-1) {
		buf_addc(&e->out, '?');
		return;
	}
	buf_add(&e->out, gb, sizeof gb - out_left);
}

static void add_text(struct escpos *e, const char *clean)
{
	iconv_t to_gb = (iconv_t)-1;

	if (e->text == ESCPOS_GB18030 && !is_ascii(clean))
		to_gb = iconv_open("GB18030", "UTF-8");
	for (size_t n; *clean; clean += n) {
		n = text_utf8_length(clean, strlen(clean));
		n = n ? n : 1;
		add_character(e, to_gb, clean, n);
	}
	if (to_gb != (iconv_t)-1)
		iconv_close(to_gb);
}

static int columns(const struct escpos *e)
{
	return e->big ? e->columns / 2 : e->columns;
}

static void print_clean(struct escpos *e, struct buf *clean)
{
	char *text = clean->data ? clean->data : (char[]){ "" };

	text[text_fit(text, columns(e), NULL)] = '\0';
	if (e->text == ESCPOS_RASTER && !is_ascii(text)) {
		escpos_raster_line(e, text);
		return;
	}
	add_text(e, text);
	buf_addc(&e->out, '\n');
}

void escpos_line(struct escpos *e, const char *utf8)
{
	struct buf clean = { 0 };

	text_clean(&clean, utf8, strlen(utf8), TEXT_PRINTER);
	print_clean(e, &clean);
	buf_free(&clean);
}

void escpos_pair(struct escpos *e, const char *left, const char *right)
{
	struct buf l = { 0 }, r = { 0 }, line = { 0 };
	int used;

	text_clean(&l, left, strlen(left), TEXT_PRINTER);
	text_clean(&r, right, strlen(right), TEXT_PRINTER);
	int right_columns = r.data ? text_columns(r.data) : 0;
	int room = columns(e) - right_columns - 1;
	size_t take = l.data && room > 0 ? text_fit(l.data, room, &used) : 0;
	if (take == 0)
		used = 0;
	buf_add(&line, l.data ? l.data : "", take);
	for (int i = used + right_columns; i < columns(e); i++)
		buf_addc(&line, ' ');
	buf_adds(&line, r.data ? r.data : "");
	print_clean(e, &line);
	buf_free(&l);
	buf_free(&r);
	buf_free(&line);
}

void escpos_rule(struct escpos *e)
{
	for (int i = 0; i < columns(e); i++)
		buf_addc(&e->out, '-');
	buf_addc(&e->out, '\n');
}

void escpos_qr(struct escpos *e, const char *data, int module_dots)
{
	size_t len = strlen(data);

	if (len == 0 || len > 700 || module_dots < 3 || module_dots > 16)
		return;
	ADD(e, 0x1d, 0x28, 0x6b, 4, 0, 0x31, 0x41, 0x32, 0);                         /* model 2 */
	ADD(e, 0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x43, (unsigned char)module_dots);      /* module size */
	ADD(e, 0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x45, 0x31);                            /* EC level M */
	ADD(e, 0x1d, 0x28, 0x6b, (unsigned char)((len + 3) & 0xff), (unsigned char)((len + 3) >> 8), 0x31, 0x50, 0x30);
	buf_add(&e->out, data, len);
	ADD(e, 0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x51, 0x30);                            /* print */
	buf_addc(&e->out, '\n');
}

void escpos_feed(struct escpos *e, int lines)
{
	ADD(e, 0x1b, 0x64, (unsigned char)lines);
}

void escpos_cut(struct escpos *e)
{
	ADD(e, 0x1d, 0x56, 0x42, 0);
}

void escpos_drawer(struct escpos *e, int pin)
{
	ADD(e, 0x1b, 0x70, pin == 5 ? 1 : 0, 0x19, 0xfa);
}
