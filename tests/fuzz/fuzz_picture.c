/* Pictures the whole way: decoded and read in the locked child. The child must end by itself: being stopped for doing what
 * is forbidden is a finding. A process a run: slow; pixels.c, which decodes, has a target without the child. */
#include "tests/fuzz/fuzz.h"

#include "shared/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct picture_codes codes = { .count = 0 };
	struct problem p = { 0 };

	enum qt_err err = picture_read(data, size, &codes, &p);
	fuzz_refusal(err, &p);
	assert(err == QT_OK || err == QT_BAD_PICTURE || err == QT_NO_CODE_IN_PICTURE);
	assert(strstr(p.detail, "stopped") == NULL);
	assert(err != QT_OK || (codes.count > 0 && codes.count <= PICTURE_CODES_MAX));
	for (int i = 0; i < codes.count; i++)
		assert(strlen(codes.codes[i].text) <= codes.codes[i].len);
	picture_free(&codes);
	return 0;
}
