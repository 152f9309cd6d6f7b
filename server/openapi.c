/* openapi: see openapi.h. */
#include "server/openapi.h"

#include "server/api_words.h"
#include "server/routes.h"

#include <stdio.h>
#include <string.h>

static void write_schema(struct json *, const char *key, const struct field *);

/* Members of a JSON object that the table decodes. */
static void write_members(struct json *j, const struct field *table)
{
	json_text(j, "type", "object");
	json_bool(j, "additionalProperties", false);
	json_object(j, "properties");
	for (const struct field *f = table; f->type != FIELD_END; f++)
		write_schema(j, f->name, f);
	json_end(j);
	json_array(j, "required");
	for (const struct field *f = table; f->type != FIELD_END; f++)
		if (f->flags & FIELD_REQUIRED)
			json_text(j, NULL, f->name);
	json_end(j);
}

static void write_bounds(struct json *j, const char *min, const char *max, int64_t low, int64_t high)
{
	if (low != 0 || high != 0)
		json_int(j, min, low);
	if (high != 0)
		json_int(j, max, high);
}

static void write_schema(struct json *j, const char *key, const struct field *f)
{
	json_object(j, key);
	switch (f->type) {
	case FIELD_INT:
		json_text(j, "type", "integer");
		write_bounds(j, "minimum", "maximum", f->min, f->max);
		break;
	case FIELD_BOOL:
	case FIELD_MAYBE:
		json_text(j, "type", "boolean");
		break;
	case FIELD_TEXT:
	case FIELD_LINES:
		json_text(j, "type", "string");
		write_bounds(j, "minLength", "maxLength", f->min, f->max ? f->max : 255);
		break;
	case FIELD_CHOICE:
		json_text(j, "type", "string");
		json_array(j, "enum");
		for (int i = 0; f->choices[i] != NULL; i++)
			json_text(j, NULL, f->choices[i]);
		json_end(j);
		break;
	case FIELD_LIST:
	case FIELD_INTS:
		json_text(j, "type", "array");
		write_bounds(j, "minItems", "maxItems", f->min, f->max ? f->max : 100);
		json_object(j, "items");
		if (f->type == FIELD_LIST)
			write_members(j, f->sub);
		else
			json_text(j, "type", "integer");
		json_end(j);
		break;
	case FIELD_OBJECT:
		write_members(j, f->sub);
		break;
	case FIELD_END:
		break;
	}
	if (f->help != NULL)
		json_text(j, "description", f->help);
	json_end(j);
}

static void write_parameter(struct json *j, const char *in, const char *name, bool required)
{
	json_object(j, NULL);
	json_text(j, "name", name);
	json_text(j, "in", in);
	json_bool(j, "required", required);
}

/* :id, :token and :name of the path, then the query or the headers. */
static void write_parameters(struct json *j, const struct route *r)
{
	char name[32];

	json_array(j, "parameters");
	for (const char *s = strchr(r->path, ':'); s != NULL; s = strchr(s, ':')) {
		size_t len = strcspn(++s, "/");
		snprintf(name, sizeof name, "%.*s", (int)len, s);
		write_parameter(j, "path", name, true);
		json_object(j, "schema");
		json_text(j, "type", strcmp(name, "id") == 0 ? "integer" : "string");
		json_end(j);
		json_end(j);
	}
	if (strcmp(r->method, "GET") == 0)
		for (const struct field *f = r->fields; f != NULL && f->type != FIELD_END; f++) {
			write_parameter(j, "query", f->name, f->flags & FIELD_REQUIRED);
			write_schema(j, "schema", f);
			json_end(j);
		}
	if ((r->flags & ROUTE_WRITE) && !(r->flags & ROUTE_NO_KEY)) {
		write_parameter(j, "header", "Idempotency-Key", true);
		json_object(j, "schema");
		json_text(j, "type", "string");
		json_end(j);
		json_end(j);
	}
	json_end(j);
}

static void write_responses(struct json *j, const struct route *r)
{
	bool page = r->flags & ROUTE_PAGE;

	json_object(j, "responses");
	json_object(j, "200");
	json_text(j, "description", page ? "the page or file" : "done");
	json_object(j, "content");
	json_object(j, page ? "*/*" : "application/json");
	json_end(j);
	json_end(j);
	json_end(j);
	json_object(j, "default");
	json_text(j, "description", "a problem (RFC 9457) with a registered code");
	json_object(j, "content");
	json_object(j, "application/problem+json");
	json_object(j, "schema");
	json_text(j, "$ref", "#/components/schemas/problem");
	json_end(j);
	json_end(j);
	json_end(j);
	json_end(j);
	json_end(j);
}

static void write_operation(struct json *j, const struct route *r)
{
	char key[8];
	size_t n = strlen(r->method);

	for (size_t i = 0; i <= n && i < sizeof key; i++)
		key[i] = (char)(r->method[i] >= 'A' ? r->method[i] | 32 : r->method[i]);
	json_object(j, key);
	json_text(j, "summary", r->help);
	json_array(j, "x-roles");
	for (int i = 0; i < api_role_count; i++)
		if (r->roles & api_roles[i].role)
			json_text(j, NULL, api_roles[i].name);
	json_end(j);
	write_parameters(j, r);
	if (r->fields != NULL && strcmp(r->method, "GET") != 0) {
		json_object(j, "requestBody");
		json_bool(j, "required", true);
		json_object(j, "content");
		json_object(j, "application/json");
		json_object(j, "schema");
		write_members(j, r->fields);
		json_end(j);
		json_end(j);
		json_end(j);
		json_end(j);
	}
	write_responses(j, r);
	json_end(j);
}

/* "/v1/cards/:id" as OpenAPI writes it, "/v1/cards/{id}". */
static void template_path(const char *path, char out[128])
{
	size_t n = 0;
	bool open = false;
	for (; *path != '\0' && n < 120; path++) {
		if (*path == '/' && open) {
			out[n++] = '}';
			open = false;
		}
		if (*path == ':') {
			out[n++] = '{';
			open = true;
		} else {
			out[n++] = *path;
		}
	}
	if (open)
		out[n++] = '}';
	out[n] = '\0';
}

static void write_paths(struct json *j)
{
	const struct route *r, *o;
	char path[128];

	json_object(j, "paths");
	for (int i = 0; (r = routes_at(i)) != NULL; i++) {
		bool written = false;
		for (int k = 0; k < i && !written; k++)
			written = strcmp(routes_at(k)->path, r->path) == 0;
		if (written)
			continue;
		template_path(r->path, path);
		json_object(j, path);
		for (int k = i; (o = routes_at(k)) != NULL; k++)
			if (strcmp(o->path, r->path) == 0)
				write_operation(j, o);
		json_end(j);
	}
	json_end(j);
}

static void write_problem(struct json *j)
{
	static const struct { const char *name, *type, *help; } members[] = {
		{ "type", "string", "always about:blank" },
		{ "code", "string", "stable code of the error" },
		{ "status", "integer", "HTTP status" },
		{ "title", "string", "what is wrong, in the asker's language" },
		{ "field", "string", "path of the field it is about" },
		{ "detail", "string", "the reason, in English" },
	};

	json_object(j, "problem");
	json_text(j, "type", "object");
	json_object(j, "properties");
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		json_object(j, members[i].name);
		json_text(j, "type", members[i].type);
		json_text(j, "description", members[i].help);
		if (strcmp(members[i].name, "code") == 0) {
			json_array(j, "enum");
			for (int e = 1; e < QT_ERR_COUNT; e++)
				json_text(j, NULL, err_info((enum qt_err)e)->code);
			json_end(j);
		}
		json_end(j);
	}
	json_end(j);
	json_end(j);
}

void openapi_json(struct buf *out)
{
	struct buf flat = { 0 };
	struct json j;

	json_start(&j, &flat);
	json_object(&j, NULL);
	json_text(&j, "openapi", "3.1.0");
	json_object(&j, "info");
	json_text(&j, "title", "qrtill");
	json_text(&j, "version", QRTILL_VERSION);
	json_text(&j, "description", "See qrtill-api(7). Money is in integer minor units, times are unix milliseconds.");
	json_end(&j);
	write_paths(&j);
	json_object(&j, "components");
	json_object(&j, "schemas");
	write_problem(&j);
	json_end(&j);
	json_end(&j);
	json_end(&j);
	api_words_indent(flat.data, flat.len, out);
	buf_free(&flat);
}

void openapi_list(struct buf *out)
{
	const struct route *r;

	for (int i = 0; (r = routes_at(i)) != NULL; i++) {
		buf_addf(out, "%-6s %-40s", r->method, r->path);
		api_words_roles(r->roles, out);
		buf_addc(out, '\n');
	}
}
