/* jread: see jread.h. */
#include "shared/jread.h"

#include "shared/err.h"

#include <jansson.h>

/* The library goes on without memory and leaves characters out of what it reads: a right text becomes a wrong one. Here it
 * is fatal, as everywhere. */
static void __attribute__((constructor)) set_allocator(void)
{
	json_set_alloc_funcs(xmalloc, free);
}

struct json_t *jparse(const char *text, size_t len)
{
	json_error_t why;
	return json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
}

struct json_t *jhold(struct json_t *v)
{
	return json_incref(v);
}

void jfree(struct json_t *v)
{
	json_decref(v);
}

char *jdump(const struct json_t *v)
{
	char *text = v ? json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY) : xstrdup("null");
	if (text == NULL)
		fatal("out of memory");
	return text;
}

struct json_t *jget(const struct json_t *object, const char *name)
{
	return json_object_get(object, name);
}

struct json_t *jat(const struct json_t *array, size_t index)
{
	return json_array_get(array, index);
}

void jeach(const struct json_t *object, void (*each)(void *ctx, const char *name, struct json_t *value), void *ctx)
{
	json_t *o = (json_t *)object; /* jansson's iterator takes no const, but changes nothing */

	for (void *at = json_object_iter(o); at != NULL; at = json_object_iter_next(o, at))
		each(ctx, json_object_iter_key(at), json_object_iter_value(at));
}

size_t jcount(const struct json_t *array)
{
	return json_array_size(array);
}

int64_t jint(const struct json_t *object, const char *name, int64_t fallback)
{
	return jvalue_int(jget(object, name), fallback);
}

const char *jtext(const struct json_t *object, const char *name, const char *fallback)
{
	return jvalue_text(jget(object, name), fallback);
}

bool jbool(const struct json_t *object, const char *name, bool fallback)
{
	const json_t *v = jget(object, name);
	return json_is_boolean(v) ? json_is_true(v) : fallback;
}

int64_t jvalue_int(const struct json_t *v, int64_t fallback)
{
	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

const char *jvalue_text(const struct json_t *v, const char *fallback)
{
	return json_is_string(v) ? json_string_value(v) : fallback;
}

enum jkind jkind_of(const struct json_t *v)
{
	if (v == NULL)
		return JKIND_NONE;
	switch (json_typeof(v)) {
	case JSON_NULL: return JKIND_NULL;
	case JSON_TRUE: case JSON_FALSE: return JKIND_BOOL;
	case JSON_INTEGER: return JKIND_INT;
	case JSON_STRING: return JKIND_TEXT;
	case JSON_ARRAY: return JKIND_ARRAY;
	case JSON_OBJECT: return JKIND_OBJECT;
	default: return JKIND_OTHER;
	}
}

bool jvalue_bool(const struct json_t *v)
{
	return json_is_true(v);
}
