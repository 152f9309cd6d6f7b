/* EPC069-12 transfer codes. */
#include "tests/fuzz/fuzz.h"

#include "shared/epc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), again[EPC_BYTES_MAX + 1];
	struct epc e, back;
	struct problem p = { 0 };

	enum qt_err err = epc_read(text, &e, &p);
	fuzz_refusal(err, &p);
	if (err == QT_OK) {
		assert(iban_is_valid(e.iban) && e.amount_cents >= 0);
		if (epc_make(&e, again, &p) == QT_OK)
			assert(epc_read(again, &back, &p) == QT_OK && back.amount_cents == e.amount_cents &&
			       strcmp(back.iban, e.iban) == 0 && strcmp(back.name, e.name) == 0);
	}
	free(text);
	return 0;
}
