/* Numbers on goods, AIM prefixes, GS1 element strings; and the patterns of in-store numbers, which are a setting. */
#include "tests/fuzz/fuzz.h"

#include "shared/ean.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *comma = strchr(text, ';');
	const char *rest, *patterns = NULL;
	static struct gs1 g;
	struct ean e;
	struct problem p = { 0 };

	if (comma != NULL) { /* "NUMBER;PATTERNS" */
		*comma = '\0';
		patterns = ean_check_patterns(comma + 1, &p) == QT_OK ? comma + 1 : NULL;
	}
	aim_symbology(text, &rest);
	enum qt_err err = ean_read(rest, patterns, &e, &p);
	fuzz_refusal(err, &p);
	if (err == QT_OK) {
		int n = (int)strlen(e.digits);
		assert(n == 8 || n == 12 || n == 13 || n == 14);
		assert(e.kind == EAN_UPC_E || ean_check_digit(e.digits, n - 1) == e.digits[n - 1] - '0');
		assert(e.weight_g >= 0 && e.price_minor >= 0);
	}
	err = gs1_read(rest, &g, &p);
	fuzz_refusal(err, &p);
	assert(g.count >= 0 && g.count <= GS1_ELEMENTS_MAX);
	free(text);
	return 0;
}
