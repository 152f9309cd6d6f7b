/* Code tokens: whatever reads under the rule is written in one way only, and none that was altered reads. */
#include "tests/fuzz/fuzz.h"

#include "shared/code.h"

static const struct keyring *ring(void)
{
	static struct keyring r;

	r.epoch_count = 1;
	r.epochs[0].epoch = 1;
	memset(r.epochs[0].code_key, 7, sizeof r.epochs[0].code_key);
	return &r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), token[CODE_TOKEN_MAX], again[CODE_TOKEN_MAX];
	struct code code, made;

	if (code_token_of(text, "https://pay.example.com", token) != NULL)
		assert(strlen(token) < CODE_TOKEN_MAX);
	if (code_read(NULL, text, 1000, &code) == QT_OK) {
		assert(code.id > 0 && code.kind != CODE_NONE);
		made = code;
		/* The structure alone reads; the same content under our key has one text, and only that text passes. */
		if (code_make(ring(), &made, again) == QT_OK) {
			assert(code_read(ring(), again, 1000, &made) == QT_OK && made.id == code.id && made.kind == code.kind);
			again[strlen(again) / 2] ^= 1;
			assert(code_read(ring(), again, 1000, &made) != QT_OK);
		}
	}
	free(text);
	return 0;
}
