/* Files of comma-separated values: a catalogue to import, a list of labels (which may be JSON too). Whatever is sent on is
 * valid JSON; a refusal says why. */
#include "tests/fuzz/fuzz.h"

#include "console/cli_item_csv.h"
#include "console/cli_label_list.h"
#include "shared/fields.h"

static void read_items(const char *text, size_t len)
{
	static const struct cli cli; /* no options */
	static const struct item_tax taxes[] = { { 1, "Sales" }, { 2, "None" } };
	struct client client = { .cli = &cli, .currency = "USD" };
	struct item_csv csv = { .client = &client, .taxes = taxes, .tax_count = 2 };

	enum qt_err err = item_csv_read(&csv, text, len);
	assert((err == QT_OK) == (csv.problem_count == 0) && (err != QT_OK || csv.row_count > 0));
	for (int i = 0; i < csv.row_count; i++) {
		assert(json_is_valid(csv.text.data + csv.rows[i].start, csv.rows[i].len));
		assert(csv.rows[i].line > (i ? csv.rows[i - 1].line - 1 : 0));
	}
	for (int i = 0; i < csv.problem_count; i++)
		assert(csv.problems[i].line > 0 && csv.problems[i].detail[0] != '\0');
	item_csv_free(&csv);
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
