/* Foreign text on its way to terminal, printer, HTML and CSV; widths; amounts; receipt printers' bytes. */
#include "tests/fuzz/fuzz.h"

#include "shared/escpos.h"
#include "shared/money.h"
#include "shared/text.h"

static void check_clean(const struct buf *out, enum text_sink sink)
{
	assert(out->len == 0 || text_is_utf8(out->data, out->len));
	for (size_t i = 0; i < out->len; i++)
		assert((unsigned char)out->data[i] >= 0x20 && out->data[i] != 0x7f);
	if (sink == TEXT_HTML)
		assert(out->len == 0 || (strpbrk(out->data, "<>\"'") == NULL));
	if (sink == TEXT_CSV)
		assert(out->len >= 2 && out->data[0] == '"' && strchr("=+-@", out->data[1]) == (out->data[1] ? NULL : strchr("=+-@", 0)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), formatted[32];
	struct escpos printer = { .out = { 0 } };
	struct buf out = { 0 };
	int64_t amount, again;
	int used;

	for (int sink = TEXT_TERMINAL; sink <= TEXT_JSON; sink++) {
		buf_reset(&out);
		text_clean(&out, text, size, (enum text_sink)sink);
		check_clean(&out, (enum text_sink)sink);
	}
	size_t fit = text_fit(text, 10, &used);
	assert(fit <= strlen(text) && used <= 10 && used <= text_columns(text));
	if (money_parse(text, 840, &amount) == QT_OK) {
		money_format(amount, 840, formatted, sizeof formatted);
		assert(money_parse(formatted, 840, &again) == QT_OK && again == amount);
	}
	escpos_begin(&printer, size % 2 ? 58 : 80, size % 3 ? ESCPOS_GB18030 : ESCPOS_ASCII);
	escpos_line(&printer, text);
	escpos_pair(&printer, text, "1.00");
	escpos_qr(&printer, text, 6);
	buf_free(&printer.out);
	buf_free(&out);
	free(text);
	return 0;
}
