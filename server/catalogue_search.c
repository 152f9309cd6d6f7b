/* catalogue_search: words of names, and the look-up by their beginnings. See catalogue.h. */
#include "server/catalogue_row.h"

#include "shared/text.h"

#include <stdio.h>
#include <string.h>

#define CANDIDATES_MAX 2000 /* rows of the index looked at for one query */

/* A character as the search sees it: 0 for what separates words. */
enum letter { LETTER_NONE, LETTER_WORD, LETTER_CHINESE };

static enum letter letter_of(const char *s, size_t len)
{
	unsigned char c = (unsigned char)s[0];

	if (len == 1)
		return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? LETTER_WORD : LETTER_NONE;
	if (len == 3 && c == 0xe3 && (unsigned char)s[1] == 0x80)
		return LETTER_NONE; /* U+3000-303F: Chinese punctuation */
	if (len == 3 && c == 0xef && (unsigned char)s[1] == 0xbc && (unsigned char)s[2] < 0x90)
		return LETTER_NONE; /* U+FF00-FF0F: wide punctuation */
	if (len == 2 && c == 0xc2)
		return LETTER_NONE; /* U+0080-00BF: signs */
	if (len == 3 && c == 0xe2)
		return LETTER_NONE; /* U+2000-2FFF: signs */
	return len >= 3 ? LETTER_CHINESE : LETTER_WORD;
}

/* Lower case for ASCII, Latin-1 and Cyrillic's first half; other scripts are kept. Length never changes. */
static void fold(char *s, size_t len)
{
	unsigned char *u = (unsigned char *)s;

	if (len == 1 && u[0] >= 'A' && u[0] <= 'Z')
		u[0] += 'a' - 'A';
	else if (len == 2 && u[0] == 0xc3 && u[1] >= 0x80 && u[1] <= 0x9e && u[1] != 0x97)
		u[1] += 0x20;
	else if (len == 2 && u[0] == 0xd0 && u[1] >= 0x90 && u[1] <= 0x9f)
		u[1] += 0x20;
	else if (len == 2 && u[0] == 0xd0 && u[1] >= 0xa0 && u[1] <= 0xaf) {
		u[0] = 0xd1;
		u[1] -= 0x20;
	}
}

/* The longest whole characters that fit into a word. */
static size_t word_fit(const char *s, size_t len)
{
	size_t fit = 0, n;

	while (fit < len && (n = text_utf8_length(s + fit, len - fit)) > 0 && fit + n <= WORD_MAX_BYTES)
		fit += n;
	return fit;
}

static void add_one(struct words *w, const char *s, size_t len)
{
	len = word_fit(s, len);
	if (len == 0 || w->count == WORDS_MAX)
		return;
	for (int i = 0; i < w->count; i++)
		if (strlen(w->word[i]) == len && memcmp(w->word[i], s, len) == 0)
			return;
	memcpy(w->word[w->count], s, len);
	w->word[w->count++][len] = '\0';
}

static void add_rests(struct words *w, const char *s, size_t len)
{
	for (size_t i = 0, n; i < len && (n = text_utf8_length(s + i, len - i)) > 0; i += n)
		add_one(w, s + i, len - i);
}

void words_add(struct words *w, const char *text, bool rests)
{
	char folded[NAME_MAX_BYTES + 1];
	size_t len = strnlen(text, NAME_MAX_BYTES), start = 0, n;
	enum letter last = LETTER_NONE;

	memcpy(folded, text, len);
	folded[len] = '\0';
	for (size_t i = 0; i <= len; i += n) {
		n = i < len ? text_utf8_length(folded + i, len - i) : 1;
		n += n == 0;
		enum letter now = i < len ? letter_of(folded + i, n) : LETTER_NONE;
		if (i < len)
			fold(folded + i, n);
		if (now != last) {
			if (last == LETTER_CHINESE && rests)
				add_rests(w, folded + start, i - start);
			else if (last != LETTER_NONE)
				add_one(w, folded + start, i - start);
			start = i;
			last = now;
		}
	}
}

void catalogue_item_words(const struct item *it, struct words *w)
{
	char plu[24] = "";

	w->count = 0;
	words_add(w, it->name, true);
	words_add(w, it->name_zh, true);
	words_add(w, it->sku, true);
	if (it->plu)
		snprintf(plu, sizeof plu, "%lld", (long long)it->plu);
	words_add(w, plu, true);
}

static bool has_word(const struct words *w, const char *word)
{
	for (int i = 0; i < w->count; i++)
		if (strcmp(w->word[i], word) == 0)
			return true;
	return false;
}

#define INTO_WORD "INSERT INTO item_word (merchant_id, item_id, word) VALUES "
#define WORDS_AT_ONCE 4

/* Several in one statement: a catalogue's import is mostly this. */
static enum qt_err insert_words(struct db *db, int64_t merchant_id, int64_t item_id, const char *const *words, int count)
{
	SQL(one, INTO_WORD "($1, $2, $3)");
	SQL(four, INTO_WORD "($1, $2, $3), ($1, $2, $4), ($1, $2, $5), ($1, $2, $6)");
	enum qt_err err = QT_OK;
	int i = 0;

	for (; i + WORDS_AT_ONCE <= count && err == QT_OK; i += WORDS_AT_ONCE)
		err = db_run(db, &four, "iitttt", merchant_id, item_id, words[i], words[i + 1], words[i + 2], words[i + 3]);
	for (; i < count && err == QT_OK; i++)
		err = db_run(db, &one, "iit", merchant_id, item_id, words[i]);
	return err;
}

enum qt_err catalogue_index_item(struct db *db, int64_t merchant_id, const struct item *before, const struct item *it)
{
	SQL(take, "DELETE FROM item_word WHERE merchant_id = $1 AND word = $2 AND item_id = $3");
	struct words old = { .count = 0 }, now;
	const char *fresh[WORDS_MAX];
	int count = 0;
	enum qt_err err = QT_OK;

	catalogue_item_words(it, &now);
	if (before)
		catalogue_item_words(before, &old);
	for (int i = 0; i < old.count && err == QT_OK; i++)
		if (!has_word(&now, old.word[i]))
			err = db_run(db, &take, "iti", merchant_id, old.word[i], it->id);
	for (int i = 0; i < now.count; i++)
		if (!has_word(&old, now.word[i]))
			fresh[count++] = now.word[i];
	return err == QT_OK ? insert_words(db, merchant_id, it->id, fresh, count) : err;
}

/* The end of the range of texts that start with `prefix`: the prefix and the largest character. */
static void prefix_end(const char *prefix, char out[BARCODE_MAX_BYTES + 8])
{
	snprintf(out, BARCODE_MAX_BYTES + 8, "%s\xf4\x8f\xbf\xbf", prefix);
}

/* Does a word of the item start with each word asked for? */
static bool has_words(const struct item *it, const struct words *w, int except)
{
	struct words own;
	bool all = true;

	if (w->count <= (except >= 0 ? 1 : 0))
		return true;
	catalogue_item_words(it, &own);
	for (int i = 0; i < w->count && all; i++) {
		size_t len = strlen(w->word[i]);
		bool found = i == except;
		for (int k = 0; k < own.count && !found; k++)
			found = strncmp(own.word[k], w->word[i], len) == 0;
		all = found;
	}
	return all;
}

static bool is_listed(const struct item *items, int count, int64_t id)
{
	for (int i = 0; i < count; i++)
		if (items[i].id == id)
			return true;
	return false;
}

/* Rows of `sql` (merchant, from, to, limit) that also hold the other words. */
static enum qt_err collect(struct db *db, struct sql *sql, int64_t merchant_id, const char *from, const struct words *w,
                           int except, struct item *items, int max, int *count)
{
	struct stmt *s = db_stmt(db, sql);
	char end[BARCODE_MAX_BYTES + 8];

	prefix_end(from, end);
	stmt_int(s, 1, merchant_id);
	stmt_text(s, 2, from);
	stmt_text(s, 3, end);
	stmt_int(s, 4, CANDIDATES_MAX);
	while (*count < max && stmt_step(s)) {
		catalogue_read_row(s, &items[*count]);
		if (!items[*count].active || is_listed(items, *count, items[*count].id))
			continue;
		*count += has_words(&items[*count], w, except);
	}
	return stmt_end(s);
}

/* Index of the word that the fewest rows start with, counted no further than CANDIDATES_MAX. */
static enum qt_err rarest(struct db *db, int64_t merchant_id, const struct words *w, int *index)
{
	SQL(rows,
	    "SELECT COUNT(*) FROM (SELECT 1 FROM item_word WHERE merchant_id = $1 AND word >= $2 AND word < $3 LIMIT "
	    "$4) x");
	int64_t count, least = INT64_MAX;
	char end[BARCODE_MAX_BYTES + 8];
	enum qt_err err = QT_OK;

	*index = 0;
	for (int i = 0; w->count > 1 && i < w->count && err == QT_OK; i++) {
		prefix_end(w->word[i], end);
		err = db_one(db, &rows, "itti", merchant_id, w->word[i], end, (int64_t)CANDIDATES_MAX, "i", &count);
		if (err == QT_OK && count < least) {
			least = count;
			*index = i;
		}
	}
	return err;
}

enum qt_err catalogue_search(struct db *db, int64_t merchant_id, const char *text, struct item *items, int max,
                             int *count)
{
	SQL(by_word,
	    "SELECT " ITEM_COLUMNS " FROM item_word w JOIN item i ON i.id = w.item_id " ITEM_JOINS
	             " WHERE w.merchant_id = $1 AND w.word >= $2 AND w.word < $3 ORDER BY w.word, w.item_id LIMIT $4");
	SQL(by_barcode,
	    "SELECT " ITEM_COLUMNS " FROM barcode b JOIN item i ON i.id = b.item_id " ITEM_JOINS
	                " WHERE b.merchant_id = $1 AND b.code >= $2 AND b.code < $3 ORDER BY b.code LIMIT $4");
	static const struct words none = { .count = 0 };
	struct words w = { .count = 0 };
	enum qt_err err;
	int first;

	*count = 0;
	words_add(&w, text, false);
	err = rarest(db, merchant_id, &w, &first);
	if (err == QT_OK && w.count > 0)
		err = collect(db, &by_word, merchant_id, w.word[first], &w, first, items, max, count);
	if (err == QT_OK && *count < max && strlen(text) >= 4 && strlen(text) <= BARCODE_MAX_BYTES)
		err = collect(db, &by_barcode, merchant_id, text, &none, -1, items, max, count);
	return err;
}
