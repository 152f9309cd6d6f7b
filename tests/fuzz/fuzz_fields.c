/* JSON bodies and queries decoded by a table that has every type of field. */
#include "tests/fuzz/fuzz.h"

#include "shared/buf.h"
#include "shared/fields.h"
#include "shared/text.h"

struct line {
	int64_t quantity;
	const char *note;
};
struct body {
	int64_t amount_cents;
	bool yes;
	int maybe, choice;
	const char *name, *text;
	struct field_list lines, ids;
	struct line one;
};
static const char *const words[] = { "cash", "card", NULL };
static const struct field line_fields[] = {
	{ "quantity", FIELD_INT, FIELD_REQUIRED, offsetof(struct line, quantity), 1, 1000 },
	{ "note", FIELD_TEXT, 0, offsetof(struct line, note), 0, 40 },
	{ .type = FIELD_END },
};
static const struct field fields[] = {
	{ "amount_cents", FIELD_INT, 0, offsetof(struct body, amount_cents), -1000000, INT64_C(1000000000000000), 7 },
	{ "yes", FIELD_BOOL, 0, offsetof(struct body, yes) },
	{ "maybe", FIELD_MAYBE, 0, offsetof(struct body, maybe), .fallback = -1 },
	{ "choice", FIELD_CHOICE, 0, offsetof(struct body, choice), .choices = words },
	{ "name", FIELD_TEXT, 0, offsetof(struct body, name), 1, 80 },
	{ "text", FIELD_LINES, 0, offsetof(struct body, text), 0, 400 },
	{ "lines", FIELD_LIST, 0, offsetof(struct body, lines), 0, 8, .sub = line_fields, .sub_size = sizeof(struct line) },
	{ "ids", FIELD_INTS, 0, offsetof(struct body, ids), 0, 8 },
	{ "one", FIELD_OBJECT, 0, offsetof(struct body, one), .sub = line_fields, .sub_size = sizeof(struct line) },
	{ .type = FIELD_END },
};
static const struct field query_fields[] = {
	{ "after", FIELD_INT, 0, offsetof(struct body, amount_cents), 0, INT64_MAX },
	{ "q", FIELD_TEXT, 0, offsetof(struct body, name), 0, 80 },
	{ "choice", FIELD_CHOICE, 0, offsetof(struct body, choice), .choices = words },
	{ .type = FIELD_END },
};

/* What was accepted keeps to the table. */
static void check_body(const struct body *b)
{
	assert(b->amount_cents >= -1000000 && b->amount_cents <= INT64_C(1000000000000000));
	assert(b->choice == 0 || b->choice == 1);
	assert(b->maybe >= -1 && b->maybe <= 1);
	if (b->name != NULL) {
		size_t len = strlen(b->name);
		assert(len >= 1 && len <= 80 && text_is_utf8(b->name, len) && !text_has_controls(b->name, len));
	}
	assert(b->text == NULL || (strlen(b->text) <= 400 && text_is_utf8(b->text, strlen(b->text))));
	assert(b->lines.count <= 8 && b->ids.count <= 8);
	for (int i = 0; i < b->lines.count; i++) {
		const struct line *line = (const struct line *)b->lines.items + i;
		assert(line->quantity >= 1 && line->quantity <= 1000);
	}
	for (int i = 0; i < b->ids.count; i++)
		assert(((const int64_t *)b->ids.items)[i] >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = xmalloc(size); /* not terminated: the parser gets a length */
	struct arena arena = { 0 };
	struct problem p = { 0 };
	struct body b;

	if (size > 0)
		memcpy(copy, data, size);
	enum qt_err err = fields_from_json(fields, &b, sizeof b, copy, size, &arena, &p);
	if (err == QT_OK) {
		check_body(&b);
		assert(json_is_valid(copy, size));
	}
	fuzz_refusal(err, &p);
	memset(&p, 0, sizeof p);
	err = fields_from_query(query_fields, &b, sizeof b, copy, size, &arena, &p);
	assert(err != QT_OK || b.name == NULL || (text_is_utf8(b.name, strlen(b.name)) && strlen(b.name) <= 80));
	fuzz_refusal(err, &p);
	arena_free(&arena);
	free(copy);
	return 0;
}
