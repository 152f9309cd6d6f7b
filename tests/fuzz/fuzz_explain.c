/* Any text a scanner may give: its kind, its fields, and the JSON made of them. */
#include "tests/fuzz/fuzz.h"

#include "shared/explain.h"
#include "shared/fields.h"
#include "shared/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct explain_options options = { 0 };
	struct explain e;
	struct buf out = { 0 };
	struct json j;

	explain_text(text, &options, &e);
	assert(text_kind_name(e.kind) != NULL);
	json_start(&j, &out);
	json_object(&j, NULL);
	explain_json(&e, false, &j);
	json_end(&j);
	assert(json_is_valid(out.data, out.len));
	buf_reset(&out);
	explain_lines(&e, true, &out);
	for (size_t i = 0; i < out.len; i++) /* what a person is shown cannot drive the terminal */
		assert((unsigned char)out.data[i] >= 0x20 || out.data[i] == '\n' || out.data[i] == '\t');
	assert(out.len == 0 || text_is_utf8(out.data, out.len));
	buf_free(&out);
	explain_free(&e);
	free(text);
	return 0;
}
