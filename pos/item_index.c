/* item_index: see item_index.h. */
#include "pos/item_index.h"

#include "shared/buf.h"

#include <stdlib.h>
#include <string.h>

#define BETWEEN '\x01' /* the texts of an item; no word contains it */

static struct {
	int opening;        /* of the file it was read from; 0: not read */
	int64_t version;
	struct buf text;    /* of all items, one after the other, folded */
	struct entry {
		int64_t id;
		size_t start;
	} *entries;         /* one more than there are, for the end */
	int count, room;
} index_of;

static void add_folded(const char *text)
{
	size_t start = index_of.text.len;

	buf_add(&index_of.text, text, strlen(text));
	for (char *c = index_of.text.data + start; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c += 'a' - 'A';
	buf_add(&index_of.text, (const char[]){ BETWEEN }, 1);
}

static struct entry *next_entry(void)
{
	if (index_of.count == index_of.room) {
		index_of.room = index_of.room ? index_of.room * 2 : 1024;
		index_of.entries = xrealloc(index_of.entries, (size_t)index_of.room * sizeof *index_of.entries);
	}
	return &index_of.entries[index_of.count];
}

SQL(all_texts, "SELECT id, name, COALESCE(name_zh, ''), sku FROM item WHERE active = 1 ORDER BY name, id");

static bool make(struct tdb *s)
{
	index_of.count = 0;
	buf_reset(&index_of.text);
	for (bool row = tdb_row(s, &all_texts, ""); row; row = tdb_next(&all_texts)) {
		*next_entry() = (struct entry){ tdb_int(&all_texts, 0), index_of.text.len };
		index_of.count++;
		for (int column = 1; column <= 3; column++)
			add_folded(tdb_text(&all_texts, column));
	}
	*next_entry() = (struct entry){ 0, index_of.text.len };
	return tdb_end(&all_texts) == QT_OK;
}

struct words {
	char text[256];
	const char *of[ITEM_WORDS_MOST];
	size_t len[ITEM_WORDS_MOST];
	int count;
};

static void cut(const char *text, struct words *w)
{
	size_t n = 0;

	for (; text[n] && n + 1 < sizeof w->text; n++)
		w->text[n] = (char)(text[n] >= 'A' && text[n] <= 'Z' ? text[n] + 'a' - 'A' : text[n]);
	w->text[n] = '\0';
	w->count = 0;
	for (const char *at = w->text + strspn(w->text, " "); *at && w->count < ITEM_WORDS_MOST; at += strspn(at, " ")) {
		w->of[w->count] = at;
		w->len[w->count] = strcspn(at, " ");
		at += w->len[w->count++];
	}
}

/* The entry that holds this byte. */
static int entry_at(size_t offset)
{
	int low = 0, high = index_of.count - 1;

	while (low < high) {
		int middle = low + (high - low + 1) / 2;
		if (index_of.entries[middle].start <= offset)
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

/* The first item from `at` on that has every word; as many as there are when none has. Whatever word is rarest leaps. */
static int next_match(const struct words *w, int at)
{
	for (int i = 0; i < w->count && at < index_of.count; i++) {
		size_t start = index_of.entries[at].start;
		const char *hit = memmem(index_of.text.data + start, index_of.text.len - start, w->of[i], w->len[i]);
		if (hit == NULL)
			return index_of.count;
		int has = entry_at((size_t)(hit - index_of.text.data));
		if (has > at)
			i = -1; /* the words before it must be there too */
		at = has;
	}
	return at;
}

int item_index_find(struct tdb *s, int64_t version, const char *text, int64_t *ids, int most)
{
	struct words w;
	int found = 0;

	if (index_of.opening != tdb_opening(s) || index_of.version != version) {
		index_of.opening = make(s) ? tdb_opening(s) : 0;
		index_of.version = version;
	}
	cut(text, &w);
	for (int at = next_match(&w, 0); at < index_of.count && found < most; at = next_match(&w, at + 1))
		ids[found++] = index_of.entries[at].id;
	return found;
}
