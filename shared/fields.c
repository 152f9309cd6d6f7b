/* fields: see fields.h. A recursive descent over the text, bounded in depth; nothing is kept besides what the
 * table asks for. */
#include "shared/fields.h"

#include "shared/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 4
#define TABLE_MAX 64 /* fields of one table: one bit each while decoding */
#define CHUNK_SIZE 16000

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	_Alignas(16) char data[];
};

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->chunks;

	size = (size + 15) & ~(size_t)15;
	if (c == NULL || c->size - c->used < size) {
		size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		c = xmalloc(sizeof *c + room);
		c->used = 0;
		c->size = room;
		c->next = a->chunks;
		a->chunks = c;
	}
	void *p = c->data + c->used;
	c->used += size;
	return memset(p, 0, size);
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = arena_alloc(a, len + 1);
	memcpy(p, s, len);
	return p;
}

void arena_reset(struct arena *a, size_t keep)
{
	struct arena_chunk *kept = NULL;

	while (a->chunks != NULL) {
		struct arena_chunk *c = a->chunks;
		a->chunks = c->next;
		if (kept == NULL && c->size <= keep) {
			kept = c;
			continue;
		}
		free(c);
	}
	if (kept != NULL) {
		kept->used = 0;
		kept->next = NULL;
		a->chunks = kept;
	}
}

void arena_free(struct arena *a)
{
	while (a->chunks != NULL) {
		struct arena_chunk *next = a->chunks->next;
		free(a->chunks);
		a->chunks = next;
	}
}

/* Where the reading is. `path` is the path of the object being read, with its final dot. */
struct reader {
	const char *p, *end;
	struct arena *arena;
	struct problem *problem;
	char path[64];
	size_t path_len;
	int depth;
};

static enum qt_err fail(struct reader *r, enum qt_err err, const char *name, const char *detail)
{
	char field[130];
	snprintf(field, sizeof field, "%s%s", r->path, name ? name : "");
	size_t len = strlen(field);
	if (name == NULL && len > 0 && field[len - 1] == '.')
		field[len - 1] = '\0';
	return problem_set(r->problem, err, field, detail ? "%s" : NULL, detail);
}

static enum qt_err fail_json(struct reader *r, const char *detail)
{
	return fail(r, QT_BAD_JSON, NULL, detail);
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
		r->p++;
}

static bool take(struct reader *r, char c)
{
	skip_space(r);
	if (r->p >= r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return false;
	r->p += len;
	return true;
}

static int hex4(const char *s)
{
	int v = 0;
	for (int i = 0; i < 4; i++) {
		int c = (unsigned char)s[i], d;
		if (c >= '0' && c <= '9')
			d = c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			d = (c | 32) - 'a' + 10;
		else
			return -1;
		v = v << 4 | d;
	}
	return v;
}

static size_t put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(lead[n] | c);
	return n;
}

/* One escape after the backslash; writes its bytes. A lone surrogate is written as three bytes that are not UTF-8, so
 * that the check of the whole text names the field. -1: no escape of JSON. */
static int read_escape(struct reader *r, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (r->p >= r->end)
		return -1;
	char c = *r->p++;
	const char *at = c ? strchr(from, c) : NULL;
	if (at != NULL) {
		out[0] = to[at - from];
		return 1;
	}
	if (c != 'u' || r->end - r->p < 4)
		return -1;
	int u = hex4(r->p);
	if (u < 0)
		return -1;
	r->p += 4;
	if (u >= 0xd800 && u < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
		int low = hex4(r->p + 2);
		if (low >= 0xdc00 && low < 0xe000) {
			r->p += 6;
			u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
		}
	}
	return (int)put_utf8(out, (unsigned)u);
}

/* A string, the opening quote already taken. The text is NUL-terminated in the arena; it may hold NUL bytes. */
static enum qt_err read_string(struct reader *r, char **text, size_t *len)
{
	const char *start = r->p;
	while (r->p < r->end && *r->p != '"' && *r->p != '\\' && (unsigned char)*r->p >= 0x20)
		r->p++;
	if (r->p < r->end && *r->p == '"') {
		*len = (size_t)(r->p++ - start);
		*text = arena_strndup(r->arena, start, *len);
		return QT_OK;
	}
	/* With escapes the text is never longer than what stands for it. */
	const char *close = r->p;
	while (close < r->end && *close != '"')
		close += *close == '\\' && close + 1 < r->end ? 2 : 1;
	if (close >= r->end)
		return fail_json(r, "a string does not end");
	char *out = arena_alloc(r->arena, (size_t)(close - start) + 1);
	size_t n = (size_t)(r->p - start);
	memcpy(out, start, n);
	while (*r->p != '"') {
		if ((unsigned char)*r->p < 0x20)
			return fail_json(r, "a raw control character in a string");
		if (*r->p != '\\') {
			out[n++] = *r->p++;
			continue;
		}
		r->p++;
		int k = read_escape(r, out + n);
		if (k < 0 || r->p > close)
			return fail_json(r, "a bad escape in a string");
		n += (size_t)k;
	}
	r->p++;
	*text = out;
	*len = n;
	return QT_OK;
}

/* RFC 8259 number; *integer says whether it has neither fraction nor exponent. NULL: no number. */
static const char *scan_number(const char *p, const char *end, bool *integer)
{
	if (p < end && *p == '-')
		p++;
	if (p >= end || *p < '0' || *p > '9')
		return NULL;
	if (*p == '0')
		p++;
	else
		while (p < end && *p >= '0' && *p <= '9')
			p++;
	*integer = true;
	if (p < end && *p == '.') {
		*integer = false;
		const char *digits = ++p;
		while (p < end && *p >= '0' && *p <= '9')
			p++;
		if (p == digits)
			return NULL;
	}
	if (p < end && (*p | 32) == 'e') {
		*integer = false;
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		const char *digits = p;
		while (p < end && *p >= '0' && *p <= '9')
			p++;
		if (p == digits)
			return NULL;
	}
	return p;
}

/* Decimal digits with an optional minus into *v. false: does not fit. */
static bool parse_int(const char *p, const char *end, int64_t *v)
{
	bool minus = p < end && *p == '-';
	int64_t n = 0;
	for (p += minus; p < end; p++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, *p - '0', &n))
			return false;
	if (!minus && n == INT64_MIN)
		return false;
	*v = minus ? n : -n;
	return true;
}

static enum qt_err check_int(struct reader *r, const struct field *f, const char *name, const char *text, const char *end,
                             int64_t *v)
{
	char detail[120];
	bool fits = parse_int(text, end, v);
	if (fits && (f->min == 0 && f->max == 0 ? true : *v >= f->min && *v <= f->max))
		return QT_OK;
	if (f->min == 0 && f->max == 0)
		snprintf(detail, sizeof detail, "the number is too large");
	else
		snprintf(detail, sizeof detail, "must be from %lld to %lld", (long long)f->min, (long long)f->max);
	return fail(r, QT_OUT_OF_RANGE, name, detail);
}

/* What every text of a request must be, whichever way it came. */
static enum qt_err check_text(struct reader *r, const struct field *f, char *text, size_t len, void *target)
{
	char detail[120];
	size_t max = f->max > 0 ? (size_t)f->max : 255;

	if (!text_is_utf8(text, len))
		return fail(r, QT_NOT_UTF8, f->name, NULL);
	if (f->type == FIELD_LINES) {
		const char *from = text, *end = text + len;
		for (const char *p = text; p <= end; p++)
			if (p == end || *p == '\n' || *p == '\t') {
				if (text_has_controls(from, (size_t)(p - from)))
					return fail(r, QT_CONTROL_CHARACTER, f->name, NULL);
				from = p + 1;
			}
	} else if (text_has_controls(text, len)) {
		return fail(r, QT_CONTROL_CHARACTER, f->name, NULL);
	}
	if (f->type == FIELD_CHOICE) {
		for (int i = 0; f->choices[i] != NULL; i++)
			if (strcmp(f->choices[i], text) == 0) {
				memcpy(target, &i, sizeof i);
				return QT_OK;
			}
		size_t n = (size_t)snprintf(detail, sizeof detail, "must be one of:");
		for (int i = 0; f->choices[i] != NULL && n < sizeof detail; i++)
			n += (size_t)snprintf(detail + n, sizeof detail - n, " %s", f->choices[i]);
		return fail(r, QT_BAD_FIELD, f->name, detail);
	}
	if (len > max) {
		snprintf(detail, sizeof detail, "at most %zu bytes", max);
		return fail(r, QT_TOO_LONG, f->name, detail);
	}
	if (len < (size_t)(f->min > 0 ? f->min : 0)) {
		snprintf(detail, sizeof detail, "at least %lld bytes", (long long)f->min);
		return fail(r, QT_BAD_FIELD, f->name, detail);
	}
	memcpy(target, &(const char *){ text }, sizeof text);
	return QT_OK;
}

static void set_fallbacks(const struct field *table, char *target)
{
	for (const struct field *f = table; f->type != FIELD_END; f++) {
		char *at = target + f->offset;
		if (f->fallback == 0)
			continue; /* the target is zeroed */
		if (f->type == FIELD_INT)
			memcpy(at, &f->fallback, sizeof f->fallback);
		else if (f->type == FIELD_BOOL)
			*(bool *)at = true;
		else if (f->type == FIELD_CHOICE || f->type == FIELD_MAYBE)
			*(int *)at = (int)f->fallback;
	}
}

static enum qt_err read_object(struct reader *, const struct field *table, char *target);

/* Extends the path by "name." or "name[i]." for what is inside; returns what to give to path_leave. */
static size_t path_enter(struct reader *r, const char *name, int index)
{
	size_t before = r->path_len, room = sizeof r->path - before;
	int n = index < 0 ? snprintf(r->path + before, room, "%s.", name)
	                  : snprintf(r->path + before, room, "%s[%d].", name, index);
	r->path_len = (size_t)n < room ? before + (size_t)n : sizeof r->path - 1;
	return before;
}

static void path_leave(struct reader *r, size_t before)
{
	r->path_len = before;
	r->path[before] = '\0';
}

static enum qt_err read_element(struct reader *r, const struct field *f, int index, char *at)
{
	char name[80];
	bool integer;

	if (f->type == FIELD_LIST) {
		size_t before = path_enter(r, f->name, index);
		enum qt_err err = take(r, '{') ? read_object(r, f->sub, at) : fail(r, QT_BAD_FIELD, NULL, "must be an object");
		path_leave(r, before);
		return err;
	}
	snprintf(name, sizeof name, "%s[%d]", f->name, index);
	skip_space(r);
	const char *end = scan_number(r->p, r->end, &integer);
	if (end == NULL || !integer)
		return fail(r, QT_BAD_FIELD, name, "must be a whole number");
	int64_t v;
	static const struct field any = { .min = 0, .max = INT64_MAX };
	enum qt_err err = check_int(r, &any, name, r->p, end, &v);
	memcpy(at, &v, sizeof v);
	r->p = end;
	return err;
}

static enum qt_err read_list(struct reader *r, const struct field *f, struct field_list *list)
{
	size_t size = f->type == FIELD_LIST ? f->sub_size : sizeof(int64_t);
	int64_t max = f->max > 0 ? f->max : 100;
	char detail[80], *items = NULL;
	int room = 0, count = 0;

	if (!take(r, '['))
		return fail(r, QT_BAD_FIELD, f->name, "must be a list");
	if (!take(r, ']'))
		do {
			if (count >= max) {
				snprintf(detail, sizeof detail, "at most %lld elements", (long long)max);
				return fail(r, QT_TOO_LONG, f->name, detail);
			}
			if (count == room) {
				room = room ? room * 2 : 4;
				char *more = arena_alloc(r->arena, (size_t)room * size);
				if (count > 0)
					memcpy(more, items, (size_t)count * size);
				items = more;
			}
			enum qt_err err = read_element(r, f, count, items + (size_t)count * size);
			if (err)
				return err;
			count++;
			if (take(r, ']'))
				break;
			if (!take(r, ','))
				return fail_json(r, "a comma or ] is missing in a list");
		} while (true);
	if (count < f->min) {
		snprintf(detail, sizeof detail, "at least %lld elements", (long long)f->min);
		return fail(r, QT_BAD_FIELD, f->name, detail);
	}
	*list = (struct field_list){ items, count };
	return QT_OK;
}

static enum qt_err read_value(struct reader *r, const struct field *f, char *at)
{
	char *text;
	size_t len;
	bool integer;
	enum qt_err err;

	switch (f->type) {
	case FIELD_INT: {
		const char *end = scan_number(r->p, r->end, &integer);
		if (end == NULL)
			return fail(r, QT_BAD_FIELD, f->name, "must be a whole number");
		if (!integer)
			return fail(r, QT_BAD_FIELD, f->name, "must be a whole number, without fraction or exponent");
		int64_t v;
		if ((err = check_int(r, f, f->name, r->p, end, &v)))
			return err;
		memcpy(at, &v, sizeof v);
		r->p = end;
		return QT_OK;
	}
	case FIELD_BOOL:
		if (take_word(r, "true"))
			*(bool *)at = true;
		else if (take_word(r, "false"))
			*(bool *)at = false;
		else
			return fail(r, QT_BAD_FIELD, f->name, "must be true or false");
		return QT_OK;
	case FIELD_MAYBE:
		if (take_word(r, "true"))
			*(int *)at = 1;
		else if (take_word(r, "false"))
			*(int *)at = 0;
		else
			return fail(r, QT_BAD_FIELD, f->name, "must be true or false");
		return QT_OK;
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_CHOICE:
		if (!take(r, '"'))
			return fail(r, QT_BAD_FIELD, f->name, "must be a text");
		if ((err = read_string(r, &text, &len)))
			return err;
		return check_text(r, f, text, len, at);
	case FIELD_LIST:
	case FIELD_INTS:
		return read_list(r, f, (struct field_list *)(void *)at);
	case FIELD_OBJECT: {
		size_t before = path_enter(r, f->name, -1);
		err = take(r, '{') ? read_object(r, f->sub, at) : fail(r, QT_BAD_FIELD, NULL, "must be an object");
		path_leave(r, before);
		return err;
	}
	case FIELD_END:
		break;
	}
	assert(!"field type");
	return QT_INTERNAL;
}

/* Index of the field with this name, or -1. `hint` is where it most likely is. */
static int find_field(const struct field *table, const char *name, size_t len, int hint)
{
	for (int i = hint; table[i].type != FIELD_END; i++)
		if (strncmp(table[i].name, name, len) == 0 && table[i].name[len] == '\0')
			return i;
	for (int i = 0; i < hint; i++)
		if (strncmp(table[i].name, name, len) == 0 && table[i].name[len] == '\0')
			return i;
	return -1;
}

static enum qt_err check_seen(struct reader *r, const struct field *table, uint64_t seen)
{
	for (int i = 0; table[i].type != FIELD_END; i++) {
		assert(i < TABLE_MAX);
		if ((table[i].flags & FIELD_REQUIRED) && !(seen & UINT64_C(1) << i))
			return fail(r, QT_MISSING_FIELD, table[i].name, table[i].help);
	}
	return QT_OK;
}

/* Marks field `name` as seen and gives its index; unknown and doubled names are refused. */
static enum qt_err note_field(struct reader *r, const struct field *table, const char *name, size_t len, uint64_t *seen,
                              int *at)
{
	char shown[50];
	int i = memchr(name, '\0', len) ? -1 : find_field(table, name, len, *at);
	if (i < 0) {
		snprintf(shown, sizeof shown, "%.*s", (int)(len < 40 ? len : 40), name);
		bool clean = text_is_utf8(shown, strlen(shown)) && !text_has_controls(shown, strlen(shown));
		return fail(r, QT_UNKNOWN_FIELD, clean ? shown : "?", NULL);
	}
	if (*seen & UINT64_C(1) << i)
		return fail(r, QT_DOUBLE_FIELD, table[i].name, NULL);
	*seen |= UINT64_C(1) << i;
	*at = i;
	return QT_OK;
}

/* An object, the opening brace already taken. */
static enum qt_err read_object(struct reader *r, const struct field *table, char *target)
{
	uint64_t seen = 0, nulls = 0;
	int at = 0;
	enum qt_err err;

	if (r->depth++ >= DEPTH_MAX)
		return fail_json(r, "nested too deeply");
	set_fallbacks(table, target);
	if (!take(r, '}'))
		do {
			char *name;
			size_t len;
			if (!take(r, '"'))
				return fail_json(r, "a name in quotes is missing");
			if ((err = read_string(r, &name, &len)) || (err = note_field(r, table, name, len, &seen, &at)))
				return err;
			if (!take(r, ':'))
				return fail_json(r, "a colon is missing");
			skip_space(r);
			if (take_word(r, "null"))
				nulls |= UINT64_C(1) << at; /* as if it were not there */
			else if ((err = read_value(r, &table[at], target + table[at].offset)))
				return err;
			if (table[at + 1].type != FIELD_END)
				at++;
			if (take(r, '}'))
				break;
			if (!take(r, ','))
				return fail_json(r, "a comma or } is missing");
		} while (true);
	r->depth--;
	return check_seen(r, table, seen & ~nulls);
}

enum qt_err fields_from_json(const struct field *table, void *target, size_t target_size, const char *body, size_t len,
                             struct arena *arena, struct problem *problem)
{
	struct reader r = { .p = body, .end = body + len, .arena = arena, .problem = problem };
	enum qt_err err;

	memset(target, 0, target_size);
	if (!take(&r, '{'))
		return fail_json(&r, "the body must be a JSON object");
	if ((err = read_object(&r, table, target)))
		return err;
	skip_space(&r);
	return r.p == r.end ? QT_OK : fail_json(&r, "something follows the JSON object");
}

/* Percent-decode into the arena. false: a bad escape. */
static bool decode_query(struct arena *arena, const char *s, size_t len, char **text, size_t *out_len)
{
	char *out = arena_alloc(arena, len + 1), pair[5] = "00";
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (s[i] != '%') {
			out[n++] = s[i] == '+' ? ' ' : s[i];
			continue;
		}
		if (len - i < 3)
			return false;
		pair[2] = s[i + 1];
		pair[3] = s[i + 2];
		int v = hex4(pair);
		if (v < 0)
			return false;
		out[n++] = (char)v;
		i += 2;
	}
	*text = out;
	*out_len = n;
	return true;
}

static enum qt_err read_query_value(struct reader *r, const struct field *f, char *text, size_t len, char *at)
{
	bool integer = false;
	if (f->type == FIELD_INT) {
		const char *end = scan_number(text, text + len, &integer);
		if (end != text + len || !integer)
			return fail(r, QT_BAD_FIELD, f->name, "must be a whole number");
		int64_t v;
		enum qt_err err = check_int(r, f, f->name, text, end, &v);
		memcpy(at, &v, sizeof v);
		return err;
	}
	if (f->type == FIELD_BOOL) {
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return fail(r, QT_BAD_FIELD, f->name, "must be true or false");
		*(bool *)at = text[0] == 't';
		return QT_OK;
	}
	if (f->type == FIELD_MAYBE) {
		if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
			return fail(r, QT_BAD_FIELD, f->name, "must be true or false");
		*(int *)at = text[0] == 't';
		return QT_OK;
	}
	assert(f->type == FIELD_TEXT || f->type == FIELD_LINES || f->type == FIELD_CHOICE);
	return check_text(r, f, text, len, at);
}

enum qt_err fields_from_query(const struct field *table, void *target, size_t target_size, const char *query, size_t len,
                              struct arena *arena, struct problem *problem)
{
	struct reader r = { .arena = arena, .problem = problem };
	const char *p = query ? query : "", *end = p + len;
	uint64_t seen = 0;
	int at = 0;

	memset(target, 0, target_size);
	set_fallbacks(table, target);
	while (p < end) {
		const char *stop = memchr(p, '&', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		const char *equals = memchr(p, '=', (size_t)(stop - p));
		const char *value = equals ? equals + 1 : stop;
		char *name, *text;
		size_t name_len, text_len;
		if (!decode_query(arena, p, (size_t)((equals ? equals : stop) - p), &name, &name_len) ||
		    !decode_query(arena, value, (size_t)(stop - value), &text, &text_len))
			return fail(&r, QT_BAD_REQUEST, NULL, "a bad percent escape in the query");
		enum qt_err err = note_field(&r, table, name, name_len, &seen, &at);
		if (err == QT_OK)
			err = read_query_value(&r, &table[at], text, text_len, (char *)target + table[at].offset);
		if (err)
			return err;
		p = stop + 1;
	}
	return check_seen(&r, table, seen);
}

/* Any JSON value; `depth` bounds the recursion. */
static bool skip_value(struct reader *r, int depth)
{
	bool integer;
	char *text;
	size_t len;

	skip_space(r);
	if (depth > 64 || r->p >= r->end)
		return false;
	if (*r->p == '"') {
		r->p++;
		return read_string(r, &text, &len) == QT_OK && text_is_utf8(text, len);
	}
	if (*r->p == '{' || *r->p == '[') {
		bool object = *r->p++ == '{';
		char close = object ? '}' : ']';
		if (take(r, close))
			return true;
		do {
			if (object && !(take(r, '"') && read_string(r, &text, &len) == QT_OK && text_is_utf8(text, len) &&
			                take(r, ':')))
				return false;
			if (!skip_value(r, depth + 1))
				return false;
		} while (take(r, ','));
		return take(r, close);
	}
	if (take_word(r, "true") || take_word(r, "false") || take_word(r, "null"))
		return true;
	const char *end = scan_number(r->p, r->end, &integer);
	if (end != NULL)
		r->p = end;
	return end != NULL;
}

bool json_is_valid(const char *text, size_t len)
{
	struct arena arena = { 0 };
	struct reader r = { .p = text, .end = text + len, .arena = &arena };
	bool valid = skip_value(&r, 0);
	skip_space(&r);
	arena_free(&arena);
	return valid && r.p == r.end;
}
