/* Bytes for receipt printers: a receipt made of foreign texts is read again as a printer would. Every command in it is one
 * that we gave, in our order; between them stand only printable characters and line ends. The input: a byte that chooses
 * paper and characters, then texts, one a line; the first byte of a line says how it is printed. */
#include "tests/fuzz/fuzz.h"

#include "shared/escpos.h"

enum { LEAST_CHARACTER = 0x20, LOG_MOST = 4096 };

/* Commands given or seen: the byte that names each. */
struct log {
	unsigned char names[LOG_MOST];
	int count;
};

static void note(struct log *log, unsigned char name)
{
	assert(log->count < LOG_MOST);
	log->names[log->count++] = name;
}

/* Length of the command at s as a printer reads it; 0: none that we have. */
static size_t command_length(const unsigned char *s, size_t left)
{
	size_t n = 0;

	if (left >= 2 && s[0] == 0x1b)
		n = s[1] == '@' ? 2 : s[1] == 'a' || s[1] == 'E' || s[1] == 'd' ? 3 : s[1] == 'p' ? 5 : 0;
	else if (left >= 2 && s[0] == 0x1c)
		n = s[1] == '&' || s[1] == '.' ? 2 : 0;
	else if (left >= 5 && s[0] == 0x1d)
		n = s[1] == '!' ? 3 : s[1] == 'V' ? 4 : s[1] == '(' && s[2] == 'k' ? 5 + (size_t)s[3] + 256u * s[4] : 0;
	else if (left >= 2 && s[0] == 0x1d)
		n = s[1] == '!' ? 3 : s[1] == 'V' ? 4 : 0;
	return n <= left ? n : 0;
}

static void read_as_printer(const struct buf *out, struct log *seen)
{
	const unsigned char *s = (const unsigned char *)out->data;

	for (size_t i = 0; i < out->len;) {
		if (s[i] >= LEAST_CHARACTER || s[i] == '\n') {
			assert(s[i] != 0x7f);
			i++;
			continue;
		}
		size_t n = command_length(s + i, out->len - i);
		assert(n > 0);
		note(seen, s[i + 1]);
		i += n;
	}
}

static void print(struct escpos *e, const char *line, struct log *given)
{
	switch (line[0] & 7) {
	case 0: escpos_bold(e, true), note(given, 'E'); break;
	case 1: escpos_big(e, true), note(given, '!'); break;
	case 2: escpos_align(e, ESCPOS_CENTER), note(given, 'a'); break;
	case 3:
		if (strlen(line + 1) > 0 && strlen(line + 1) <= 700)
			for (int i = 0; i < 5; i++)
				note(given, '(');
		escpos_qr(e, line + 1, 4);
		return;
	case 4: escpos_drawer(e, 2), note(given, 'p'); break;
	case 5: escpos_cut(e), note(given, 'V'); break;
	case 6: escpos_pair(e, line + 1, "12.34"); return;
	default: escpos_feed(e, 3), note(given, 'd'); break;
	}
	escpos_line(e, line + 1);
	escpos_pair(e, "total", line + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct log given, seen;
	char *text = fuzz_text(data, size), *save = NULL;
	struct escpos e;

	given.count = seen.count = 0;
	/* Pictures of lines are left out: their bytes are dots, and drawing is another's. */
	escpos_begin(&e, size > 0 && data[0] & 1 ? 80 : 58, size > 0 && data[0] & 2 ? ESCPOS_GB18030 : ESCPOS_ASCII);
	note(&given, '@');
	note(&given, e.text == ESCPOS_GB18030 ? '&' : '.');
	for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		print(&e, line, &given);
	read_as_printer(&e.out, &seen);
	assert(seen.count == given.count && memcmp(seen.names, given.names, (size_t)seen.count) == 0);
	buf_free(&e.out);
	free(text);
	return 0;
}
