/* template: see template.h. */
#include "server/template.h"

#include "shared/jread.h"
#include "shared/money.h"
#include "shared/text.h"

#include <string.h>
#include <time.h>

#define SCOPES_MAX 8
#define NAME_SIZE 64
#define INCLUDES_MAX 4

struct renderer {
	const struct template_env *env;
	const struct json_t *scopes[SCOPES_MAX]; /* innermost last; borrowed from the values */
	int scope_count;
	int includes;               /* how deep we are in {{>name}} */
	struct buf *out;
	struct problem *problem;
};

/* A tag cut out of the source: "{{" sigil filter ":" name "}}". */
struct tag {
	char sigil;           /* '#', '^', '/', '>' or 0 */
	char filter[12];      /* "money", "t", ...; empty: none */
	char name[NAME_SIZE];
	const char *next;     /* first character after the tag */
};

static const struct json_t *look_up(const struct renderer *r, const char *name)
{
	if (strcmp(name, ".") == 0)
		return r->scopes[r->scope_count - 1];
	for (int i = r->scope_count - 1; i >= 0; i--) {
		const struct json_t *found = jget(r->scopes[i], name);
		if (found)
			return found;
	}
	return NULL;
}

static bool is_true(const struct json_t *v)
{
	switch (jkind_of(v)) {
	case JKIND_BOOL: return jvalue_bool(v);
	case JKIND_INT: return jvalue_int(v, 0) != 0;
	case JKIND_TEXT: return *jvalue_text(v, "") != '\0';
	case JKIND_ARRAY: return jcount(v) > 0;
	case JKIND_OBJECT: return true;
	default: return false;
	}
}

static void add_clean(struct renderer *r, const char *text)
{
	text_clean(r->out, text, strlen(text), TEXT_HTML);
}

static void add_value(struct renderer *r, const char *name)
{
	const struct json_t *v = look_up(r, name);

	switch (jkind_of(v)) {
	case JKIND_TEXT:
		add_clean(r, jvalue_text(v, ""));
		break;
	case JKIND_INT:
		buf_add_int(r->out, jvalue_int(v, 0));
		break;
	case JKIND_BOOL:
		buf_adds(r->out, jvalue_bool(v) ? "true" : "false");
		break;
	default:
		break;
	}
}

static void add_local(struct renderer *r, const char *name)
{
	char name_zh[NAME_SIZE + 3];

	strcat(strcpy(name_zh, name), "_zh");
	add_value(r, r->env->chinese && is_true(look_up(r, name_zh)) ? name_zh : name);
}

static void add_money(struct renderer *r, const char *name)
{
	char digits[32];
	const struct json_t *v = look_up(r, name);
	const struct currency *c = currency_by_alpha(jvalue_text(look_up(r, "currency"), ""));

	if (jkind_of(v) != JKIND_INT || c == NULL)
		return;
	const char *text = money_format(jvalue_int(v, 0), c->numeric, digits, sizeof digits);
	if (*text == '-') {
		buf_addc(r->out, '-');
		text++;
	}
	add_clean(r, c->symbol);
	buf_adds(r->out, text);
}

static void add_rate(struct renderer *r, const char *name)
{
	int64_t bp = jvalue_int(look_up(r, name), 0);
	int64_t rest = bp < 0 ? -(bp % 100) : bp % 100;

	buf_addf(r->out, "%s%lld", bp < 0 && bp > -100 ? "-" : "", (long long)(bp / 100));
	if (rest != 0)
		buf_addf(r->out, rest % 10 ? ".%02lld" : ".%lld", (long long)(rest % 10 ? rest : rest / 10));
	buf_addc(r->out, '%');
}

static void add_time(struct renderer *r, const char *name, const char *format)
{
	char text[40];
	struct tm tm;
	const struct json_t *v = look_up(r, name);
	time_t seconds = (time_t)(jvalue_int(v, 0) / 1000);

	if (jkind_of(v) == JKIND_INT && gmtime_r(&seconds, &tm) && strftime(text, sizeof text, format, &tm) > 0)
		buf_adds(r->out, text);
}

static void add_time_iso(struct renderer *r, const char *name) { add_time(r, name, "%Y-%m-%dT%H:%M:%SZ"); }
static void add_time_plain(struct renderer *r, const char *name) { add_time(r, name, "%Y-%m-%d %H:%M UTC"); }

static enum qt_err add_text(struct renderer *r, const char *key)
{
	const char *text = jtext(r->env->text, key, NULL);

	if (text == NULL)
		return problem_set(r->problem, QT_BAD_CONFIG, key, "the dictionary has no such text");
	add_clean(r, text);
	return QT_OK;
}

static const struct {
	const char *filter;
	void (*add)(struct renderer *, const char *name);
} filters[] = {
	{ "",      add_value },    { "money", add_money },      { "rate", add_rate },
	{ "local", add_local },    { "time",  add_time_plain }, { "iso",  add_time_iso },
};

static enum qt_err add_tag(struct renderer *r, const struct tag *tag)
{
	if (strcmp(tag->filter, "t") == 0)
		return add_text(r, tag->name);
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
		if (strcmp(filters[i].filter, tag->filter) == 0) {
			filters[i].add(r, tag->name);
			return QT_OK;
		}
	}
	return problem_set(r->problem, QT_BAD_CONFIG, tag->name, "there is no filter \"%s\"", tag->filter);
}

/* `at` points to "{{". */
static enum qt_err read_tag(struct renderer *r, const char *at, struct tag *tag)
{
	const char *end = strstr(at, "}}");
	const char *start = at + 2;

	*tag = (struct tag){ .next = end ? end + 2 : NULL };
	if (end == NULL)
		return problem_set(r->problem, QT_BAD_CONFIG, "", "a tag is not closed: %.20s", at);
	if (start < end && strchr("#^/>", *start))
		tag->sigil = *start++;
	const char *colon = memchr(start, ':', (size_t)(end - start));
	if (colon) {
		if ((size_t)(colon - start) >= sizeof tag->filter)
			return problem_set(r->problem, QT_BAD_CONFIG, "", "a filter is too long: %.20s", at);
		memcpy(tag->filter, start, (size_t)(colon - start));
		start = colon + 1;
	}
	if (start == end || (size_t)(end - start) >= sizeof tag->name)
		return problem_set(r->problem, QT_BAD_CONFIG, "", "a tag's name is empty or too long: %.20s", at);
	memcpy(tag->name, start, (size_t)(end - start));
	return QT_OK;
}

/* The end of the section that `tag` opened: *body_end is its closing tag's start, *after what follows it. */
static enum qt_err find_end(struct renderer *r, const struct tag *open, const char **body_end, const char **after)
{
	int depth = 1;
	struct tag tag;

	for (const char *at = strstr(open->next, "{{"); at; at = strstr(tag.next, "{{")) {
		enum qt_err err = read_tag(r, at, &tag);
		if (err != QT_OK)
			return err;
		depth += tag.sigil == '#' || tag.sigil == '^' ? 1 : tag.sigil == '/' ? -1 : 0;
		if (depth > 0)
			continue;
		if (strcmp(tag.name, open->name) != 0)
			break;
		*body_end = at;
		*after = tag.next;
		return QT_OK;
	}
	return problem_set(r->problem, QT_BAD_CONFIG, open->name, "the section is not closed");
}

static enum qt_err render(struct renderer *r, const char *source, const char *end);

static enum qt_err render_section(struct renderer *r, const struct tag *tag, const char *end)
{
	const struct json_t *value = look_up(r, tag->name);
	bool shown = is_true(value) == (tag->sigil == '#');
	bool scoped = tag->sigil == '#' && (jkind_of(value) == JKIND_ARRAY || jkind_of(value) == JKIND_OBJECT);
	size_t times = !shown ? 0 : tag->sigil == '#' && jkind_of(value) == JKIND_ARRAY ? jcount(value) : 1;

	if (scoped && r->scope_count == SCOPES_MAX)
		return problem_set(r->problem, QT_BAD_CONFIG, tag->name, "sections are nested too deep");
	for (size_t i = 0; i < times; i++) {
		if (scoped)
			r->scopes[r->scope_count++] = jkind_of(value) == JKIND_ARRAY ? jat(value, i) : value;
		enum qt_err err = render(r, tag->next, end);
		if (scoped)
			r->scope_count--;
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

static enum qt_err render_other(struct renderer *r, const struct tag *tag)
{
	const char *source = r->env->find ? r->env->find(r->env->context, tag->name) : NULL;

	if (source == NULL || r->includes == INCLUDES_MAX)
		return problem_set(r->problem, QT_BAD_CONFIG, tag->name, "this template cannot be included");
	r->includes++;
	enum qt_err err = render(r, source, source + strlen(source));
	r->includes--;
	return err;
}

static enum qt_err render(struct renderer *r, const char *source, const char *end)
{
	enum qt_err err = QT_OK;

	while (err == QT_OK && source < end) {
		struct tag tag;
		const char *body_end = NULL;
		const char *at = memmem(source, (size_t)(end - source), "{{", 2);

		buf_add(r->out, source, (size_t)((at ? at : end) - source));
		if (at == NULL)
			break;
		err = read_tag(r, at, &tag);
		if (err != QT_OK)
			break;
		source = tag.next;
		switch (tag.sigil) {
		case '#': case '^':
			err = find_end(r, &tag, &body_end, &source);
			if (err == QT_OK)
				err = render_section(r, &tag, body_end);
			break;
		case '/':
			err = problem_set(r->problem, QT_BAD_CONFIG, tag.name, "the section was not opened");
			break;
		case '>':
			err = render_other(r, &tag);
			break;
		default:
			err = add_tag(r, &tag);
		}
	}
	return err;
}

enum qt_err template_render(const struct template_env *env, const char *source, const struct json_t *values,
                            struct buf *out, struct problem *problem)
{
	struct renderer r = { .env = env, .scopes = { values }, .scope_count = 1, .out = out, .problem = problem };

	return render(&r, source, source + strlen(source));
}
