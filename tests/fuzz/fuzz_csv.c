/* Files of comma-separated values: a catalogue to import, a list of labels (which may be JSON too). Whatever is sent on is
 * valid JSON; a refusal says why. */
#include "tests/fuzz/fuzz.h"

#include "console/cli_item_list.h"
#include "console/cli_label_list.h"
#include "shared/fields.h"

static enum qt_err take_batch(struct client *c, const char *body, struct problem *p)
{
	(void)c, (void)p;
	assert(json_is_valid(body, strlen(body)));
	return QT_OK;
}

static void read_items(const char *text, size_t len)
{
	static const struct cli cli; /* no options */
	struct client client = { .cli = &cli, .currency = "USD" };
	struct item_list list = { .client = &client, .taxes = { { 1, "Sales" }, { 2, "None" } }, .tax_count = 2,
		                  .send = take_batch };
	struct problem p = { 0 };

	enum qt_err err = item_list_read(&list, text, len, &p);
	fuzz_refusal(err, &p);
	assert(list.sent >= 0);
}

static void read_labels(const char *text, size_t len)
{
	struct label_list list = { .common = { .name = "all" } };
	struct problem p = { 0 };

	enum qt_err err = label_list_read(&list, text, len, &p);
	fuzz_refusal(err, &p);
	assert(list.count >= 0 && (err != QT_OK || list.count > 0));
	for (int i = 0; err == QT_OK && i < list.count; i++)
		assert(list.labels[i].code != NULL);
	label_list_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	read_items(text, size);
	read_labels(text, size);
	free(text);
	return 0;
}
