/* Pictures the whole way, decoded and read, without the jail and the program around it: what it writes is whole records. */
#include "tests/fuzz/fuzz.h"

#include "shared/picture_scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf out = { 0 };
	bool good = picture_scan_unlocked(data, size, &out);

	assert(good || out.len > 0);
	for (size_t at = 0; good && at < out.len;) {
		const uint8_t *head = (const uint8_t *)out.data + at;
		assert(out.len - at >= PICTURE_RECORD_HEAD && head[23] == 0 && head[24] <= 3 && head[25] <= 1);
		size_t len = head[26] | (size_t)head[27] << 8 | (size_t)head[28] << 16 | (size_t)head[29] << 24;
		assert(len <= out.len - at - PICTURE_RECORD_HEAD);
		at += PICTURE_RECORD_HEAD + len;
	}
	buf_free(&out);
	return 0;
}
