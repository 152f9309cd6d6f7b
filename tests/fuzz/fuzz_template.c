/* Page templates: the first part of the input is the template, the rest a value that must come out escaped. */
#include "tests/fuzz/fuzz.h"

#include "server/template.h"
#include "shared/jread.h"

static const char *find(void *context, const char *name)
{
	return strcmp(name, "self") == 0 ? context : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char values[] = "{\"name\":\"<b>&\\\"'\",\"lines\":[{\"a\":1},{\"a\":2}],\"yes\":true,\"amount_cents\":1234,"
	                             "\"currency\":\"USD\",\"at_ms\":1795228380000,\"none\":null}";
	static const char dictionary[] = "{\"hello\":\"Hello\"}";
	char *source = fuzz_text(data, size);
	struct json_t *tree = jparse(values, strlen(values)), *text = jparse(dictionary, strlen(dictionary));
	struct template_env env = { .text = text, .find = find, .context = source };
	struct buf out = { 0 };
	struct problem p = { 0 };

	if (memchr(data, '<', size) == NULL && template_render(&env, source, tree, &out, &p) == QT_OK)
		assert(out.len == 0 || strchr(out.data, '<') == NULL);
	buf_free(&out);
	jfree(tree);
	jfree(text);
	free(source);
	return 0;
}
