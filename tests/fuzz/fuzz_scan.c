/* Keystrokes and their times: every key comes out exactly once, as a key or in a scan. */
#include "tests/fuzz/fuzz.h"

#include "shared/tui/scan.h"

static size_t keys_out, scanned;

static void on_key(void *ctx, int key)
{
	(void)ctx, (void)key;
	keys_out++;
}

static void on_scan(void *ctx, const char *text)
{
	(void)ctx;
	scanned++;
	assert(strlen(text) >= SCAN_LEAST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scan s;
	struct scan_sink sink = { on_key, on_scan, NULL };
	int64_t now = 0;

	memset(&s, 0, sizeof s);
	keys_out = scanned = 0;
	for (size_t i = 0; i + 1 < size; i += 2) {
		now += data[i + 1] * 400;
		scan_tick(&s, now, &sink);
		scan_key(&s, data[i] == 0xff ? 0x110000 : data[i], now, &sink);
		assert(s.count >= 0 && s.count <= SCAN_MOST);
	}
	scan_tick(&s, now + 10 * SCAN_GAP_US, &sink);
	assert(s.count == 0 && scan_due_us(&s, now) == -1);
	assert(keys_out + scanned <= size / 2 && (scanned > 0 || keys_out == size / 2));
	return 0;
}
