/* ean_bars: see ean_bars.h. */
#include "shared/ean_bars.h"

#include "shared/qr.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define QUIET_BEFORE 11
#define BARS_HIGH 60

/* Set A as 7 modules; B is C read backwards, C is A inverted. */
static const char *const set_a[10] = {
	"0001101", "0011001", "0010011", "0111101", "0100011", "0110001", "0101111", "0111011", "0110111", "0001011",
};
/* Which of A and B the six left digits take says the first digit. */
static const char *const parities[10] = {
	"AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB", "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA",
};

static uint8_t *put(uint8_t *at, const char *bits)
{
	for (; *bits; bits++)
		*at++ = *bits == '1';
	return at;
}

static uint8_t *put_digit(uint8_t *at, int digit, char set)
{
	for (int i = 0; i < 7; i++) {
		bool a = set_a[digit][set == 'B' ? 6 - i : i] == '1';
		*at++ = set == 'A' ? a : !a;
	}
	return at;
}

void ean_bars(const char *digits, uint8_t modules[EAN_BARS_MODULES])
{
	assert(strlen(digits) == 13);
	memset(modules, 0, EAN_BARS_MODULES);
	uint8_t *at = put(modules + QUIET_BEFORE, "101");
	for (int i = 1; i <= 6; i++)
		at = put_digit(at, digits[i] - '0', parities[digits[0] - '0'][i - 1]);
	at = put(at, "01010");
	for (int i = 7; i <= 12; i++)
		at = put_digit(at, digits[i] - '0', 'C');
	put(at, "101");
}

void ean_bars_png(const char *digits, int scale, struct buf *out)
{
	uint8_t modules[EAN_BARS_MODULES];
	int width = EAN_BARS_MODULES * scale, height = BARS_HIGH * scale;
	uint8_t *pixels = xmalloc((size_t)(width * height));

	ean_bars(digits, modules);
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			pixels[y * width + x] = modules[x / scale] && y >= 4 * scale && y < height - 4 * scale ? 0 : 255;
	png_write(pixels, width, height, 1, out);
	free(pixels);
}

void ean_bars_svg(const char *digits, struct buf *out)
{
	uint8_t modules[EAN_BARS_MODULES];

	ean_bars(digits, modules);
	buf_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" "
	         "viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" shape-rendering=\"crispEdges\">\n"
	         "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<path fill=\"#000\" d=\"", EAN_BARS_MODULES, BARS_HIGH,
	         EAN_BARS_MODULES * 3, BARS_HIGH * 3, EAN_BARS_MODULES, BARS_HIGH);
	for (int x = 0; x < EAN_BARS_MODULES; x++)
		if (modules[x])
			buf_addf(out, "M%d 4h1v%dh-1z", x, BARS_HIGH - 8);
	buf_adds(out, "\"/>\n</svg>\n");
}

void ean_bars_terminal(const char *digits, int lines, struct buf *out)
{
	static const char *const cells[] = { " ", "▌", "▐", "█" };
	uint8_t modules[EAN_BARS_MODULES + 1] = { 0 };

	ean_bars(digits, modules);
	for (int line = 0; line < lines; line++) {
		buf_adds(out, "\033[38;5;16;48;5;231m");
		for (int x = 0; x < EAN_BARS_MODULES; x += 2)
			buf_adds(out, cells[modules[x] + 2 * modules[x + 1]]);
		buf_adds(out, "\033[0m\n");
	}
}
