/* EMVCo payloads: what is accepted has a right checksum and is written again the same. */
#include "tests/fuzz/fuzz.h"

#include "shared/emv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct emv e;
	char *text = fuzz_text(data, size), again[EMV_TEXT_MAX * 4];
	struct emv_part parts[EMV_FIELDS_MAX];
	struct problem p = { 0 };
	int count = 0;

	emv_looks_like(text);
	enum qt_err err = emv_read(text, &e, &p);
	fuzz_refusal(err, &p);
	assert(e.field_count >= 0 && e.field_count <= EMV_FIELDS_MAX);
	if (err == QT_OK) {
		assert(e.crc_ok);
		for (int i = 0; i < e.field_count; i++)
			if (!e.fields[i].is_template && strcmp(e.fields[i].path, "00") != 0 && strcmp(e.fields[i].path, "63") != 0)
				parts[count++] = (struct emv_part){ e.fields[i].path, e.fields[i].value };
		/* The standard lets objects stand in any order, we write them in one; what we write we read. */
		if (emv_make(parts, count, again, &p) == QT_OK)
			assert(emv_read(again, &e, &p) == QT_OK);
	}
	free(text);
	return 0;
}
