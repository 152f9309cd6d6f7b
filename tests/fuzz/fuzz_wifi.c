/* Wi-Fi codes: what is read is written and read again the same. */
#include "tests/fuzz/fuzz.h"

#include "shared/wifi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), again[WIFI_TEXT_MAX];
	struct wifi w, back;
	struct problem p = { 0 };

	enum qt_err err = wifi_read(text, &w, &p);
	fuzz_refusal(err, &p);
	if (err == QT_OK && wifi_make(&w, again, &p) == QT_OK) {
		assert(wifi_read(again, &back, &p) == QT_OK);
		assert(strcmp(w.ssid, back.ssid) == 0 && strcmp(w.password, back.password) == 0 && w.hidden == back.hidden);
	}
	free(text);
	return 0;
}
