/* The picture decoder itself, without the jail around it. */
#include "tests/fuzz/fuzz.h"

#include "shared/pixels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pixels p = { 0 };

	if (pixels_decode(data, size, &p) == NULL) {
		assert(p.width > 0 && p.height > 0 && (p.channels == 1 || p.channels == 3));
		if ((int64_t)p.width * p.height < 1 << 20) {
			struct pixels grey = pixels_grey(&p, -1);
			pixels_free(&grey);
			pixels_colourful(&p);
		}
		pixels_free(&p);
	}
	return 0;
}
