/* escpos_raster: a line of text as a one-bit picture for printers without Chinese characters. See escpos.h. */
#include "shared/escpos.h"

#include <pango/pangocairo.h>

#define LINE_DOTS 24 /* height of the printer's own characters */

static cairo_surface_t *paint(const struct escpos *e, const char *utf8, int height)
{
	cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, e->dots, height);
	cairo_t *cairo = cairo_create(surface);
	PangoLayout *layout = pango_cairo_create_layout(cairo);
	PangoFontDescription *font = pango_font_description_from_string("Noto Sans Mono CJK SC, Noto Sans CJK SC, monospace");
	int width, tall;

	/* Character cells as wide as the printer's: 12 dots, twice that for Chinese. */
	pango_font_description_set_absolute_size(font, (e->big ? 2 : 1) * 22 * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_layout_set_text(layout, utf8, -1);
	pango_layout_get_pixel_size(layout, &width, &tall);
	double x = e->align == ESCPOS_LEFT ? 0 : e->align == ESCPOS_CENTER ? (e->dots - width) / 2.0 : e->dots - width;
	double scale = width > e->dots ? (double)e->dots / width : 1;
	cairo_translate(cairo, scale < 1 ? 0 : x, (height - tall * scale) / 2.0);
	cairo_scale(cairo, scale, scale);
	pango_cairo_show_layout(cairo, layout);
	cairo_surface_flush(surface);
	pango_font_description_free(font);
	g_object_unref(layout);
	cairo_destroy(cairo);
	return surface;
}

void escpos_raster_line(struct escpos *e, const char *utf8)
{
	int height = e->big ? 2 * LINE_DOTS : LINE_DOTS, row_bytes = e->dots / 8;
	cairo_surface_t *surface = paint(e, utf8, height);

	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		fatal("no picture of a line of text: %s", cairo_status_to_string(cairo_surface_status(surface)));
	const unsigned char *pixels = cairo_image_surface_get_data(surface);
	int stride = cairo_image_surface_get_stride(surface);
	/* GS v 0: normal size, bytes across, dots down; little-endian. */
	const unsigned char head[] = { 0x1d, 0x76, 0x30, 0, (unsigned char)row_bytes, (unsigned char)(row_bytes >> 8),
	                               (unsigned char)height, (unsigned char)(height >> 8) };
	buf_add(&e->out, head, sizeof head);
	for (int y = 0; y < height; y++)
		for (int i = 0; i < row_bytes; i++) {
			unsigned char byte = 0;
			for (int bit = 0; bit < 8; bit++)
				byte = (unsigned char)(byte << 1 | (pixels[y * stride + i * 8 + bit] > 96));
			buf_addc(&e->out, (char)byte);
		}
	cairo_surface_destroy(surface);
}
