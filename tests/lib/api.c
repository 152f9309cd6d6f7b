/* api: see api.h. */
#include "tests/lib/api.h"

#include "shared/clock.h"
#include "shared/crypto.h"
#include "shared/err.h"
#include "tests/lib/fault_step.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A growing text on a memory stream; jansson.h keeps shared/buf.h out of this file. */
struct text {
	char *data;
	size_t len;
	FILE *file;
};

static void text_start(struct text *t)
{
	if (t->file == NULL && (t->file = open_memstream(&t->data, &t->len)) == NULL)
		fatal("out of memory");
}

/* The text so far; valid until more is added. Owned by `t`. */
static const char *text_get(struct text *t)
{
	text_start(t);
	fflush(t->file);
	return t->data;
}

static char *text_take(struct text *t)
{
	text_start(t);
	fclose(t->file);
	char *data = t->data;
	*t = (struct text){ 0 };
	return data;
}

static void text_free(struct text *t)
{
	free(text_take(t));
}

static void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap;

	text_start(t);
	va_start(ap, fmt);
	vfprintf(t->file, fmt, ap);
	va_end(ap);
}

#define VARIABLES_MAX 256
#define LABELS_MAX 512

static struct {
	const struct test_server *server;
	CURL *curl;
	int number, failed;
	struct { char *name, *value; } variables[VARIABLES_MAX];
	int variable_count;
	struct { char *label, *key, *text; int status; } labels[LABELS_MAX];
	int label_count;
	struct answer last;
} world;

bool api_ok(bool ok, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", ok ? "" : "not ", ++world.number);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	world.failed += !ok;
	fflush(stdout);
	return ok;
}

void api_begin(const struct test_server *server)
{
	world.server = server;
	if (world.curl != NULL)
		curl_easy_cleanup(world.curl); /* its connections may lead to another server */
	world.curl = curl_easy_init();
	if (world.curl == NULL)
		fatal("libcurl does not start");
}

static int find_variable(const char *name, size_t len)
{
	for (int i = 0; i < world.variable_count; i++)
		if (strlen(world.variables[i].name) == len && memcmp(world.variables[i].name, name, len) == 0)
			return i;
	return -1;
}

static const char *variable(const char *name, size_t len)
{
	int i = find_variable(name, len);
	if (i < 0) {
		api_ok(false, "the variable %.*s was never set", (int)len, name);
		exit(api_end());
	}
	return world.variables[i].value;
}

const char *api_var(const char *name)
{
	return variable(name, strlen(name));
}

int64_t api_int(const char *name)
{
	return strtoll(api_var(name), NULL, 10);
}

void api_set(const char *name, const char *fmt, ...)
{
	char *value;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&value, fmt, ap) < 0)
		fatal("out of memory");
	va_end(ap);
	int i = find_variable(name, strlen(name));
	if (i < 0) {
		if (world.variable_count == VARIABLES_MAX)
			fatal("too many variables");
		i = world.variable_count++;
		world.variables[i].name = xstrdup(name);
	}
	free(world.variables[i].value);
	world.variables[i].value = value;
}

/* Text with ${var} replaced; the caller frees. NULL stays NULL. */
static char *expand(const char *text)
{
	struct text b = { 0 };

	if (text == NULL)
		return NULL;
	for (const char *s = text; *s != '\0';) {
		const char *open = strstr(s, "${"), *close = open ? strchr(open, '}') : NULL;
		if (close == NULL) {
			text_add(&b, "%s", s);
			break;
		}
		text_add(&b, "%.*s", (int)(open - s), s);
		text_add(&b, "%s", variable(open + 2, (size_t)(close - open - 2)));
		s = close + 1;
	}
	return text_take(&b);
}

char *api_uuid(char out[37])
{
	uint8_t u[16];
	char hex[33];
	uint64_t now_ms = (uint64_t)clock_now_ms();

	random_bytes(u, sizeof u);
	for (int i = 0; i < 6; i++)
		u[i] = (uint8_t)(now_ms >> (40 - 8 * i));
	u[6] = (uint8_t)(0x70 | (u[6] & 15));
	u[8] = (uint8_t)(0x80 | (u[8] & 63));
	hex_encode(u, sizeof u, hex);
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
	return out;
}

static size_t take_bytes(char *data, size_t size, size_t count, void *ctx)
{
	struct text *t = ctx;

	text_start(t);
	fwrite(data, size, count, t->file);
	return size * count;
}

static struct curl_slist *add(struct curl_slist *list, const char *fmt, ...)
{
	char *line;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		fatal("out of memory");
	va_end(ap);
	list = curl_slist_append(list, line);
	free(line);
	return list;
}

/* Credential headers; *socket says whether the request goes to the operator's socket. */
static struct curl_slist *add_credential(struct curl_slist *list, const char *as, bool *operator_socket, bool *till)
{
	*operator_socket = strncmp(as, "operator", 8) == 0 && (as[8] == '\0' || as[8] == ':');
	*till = false;
	if (*operator_socket)
		return as[8] == ':' ? add(list, "X-Merchant: %s", api_var(as + 9)) : list;
	if (as[0] == '\0')
		return list;
	if (strncmp(as, "cookie:", 7) == 0)
		return add(list, "Cookie: other=1; qrtill_device=%s", api_var(as + 7));
	const char *token = api_var(as);
	*till = token[0] == 'T' || token[0] == 'S';
	return add(list, "Authorization: Bearer %s", token);
}

static int find_label(const char *label)
{
	for (int i = world.label_count - 1; i >= 0; i--)
		if (strcmp(world.labels[i].label, label) == 0)
			return i;
	fatal("no step is called \"%s\"", label);
}

static char *key_of(const struct step *s)
{
	char uuid[37];

	if (s->key == NULL)
		return strcmp(s->method, POST) == 0 ? xstrdup(api_uuid(uuid)) : NULL;
	if (strcmp(s->key, "none") == 0)
		return NULL;
	if (s->key[0] == '=')
		return world.labels[find_label(s->key + 1)].key ? xstrdup(world.labels[find_label(s->key + 1)].key) : NULL;
	return expand(s->key);
}

static void remember(const struct step *s, char *key)
{
	int i = world.label_count - 1;

	/* Asked again and again (within_ms), or in rounds: the newest answer counts. */
	while (i >= 0 && strcmp(world.labels[i].label, s->label) != 0)
		i--;
	if (i >= 0) {
		free(world.labels[i].label);
		free(world.labels[i].key);
		free(world.labels[i].text);
	} else if (world.label_count == LABELS_MAX) {
		fatal("too many steps");
	} else {
		i = world.label_count++;
	}
	world.labels[i].label = xstrdup(s->label);
	world.labels[i].key = key;
	world.labels[i].text = xstrdup(world.last.text);
	world.labels[i].status = world.last.status;
}

const struct answer *api_last(void)
{
	return &world.last;
}

/* Not where tries are counted, which a request that fails does not give back, nor while the auditor looks. */
static bool faults_apply(const struct step *s)
{
	for (int i = 0; i < world.server->flag_count; i++)
		if (strncmp(world.server->flags[i], "--rate-limit=", 13) == 0 && strcmp(world.server->flags[i] + 13, "0") != 0)
			return false;
	return strcmp(s->path, "/v1/audit") != 0;
}

const struct answer *api_send(const struct step *s)
{
	struct text text = { 0 }, headers = { 0 };
	bool operator_socket, till;
	char url[4096], *path = expand(s->path), *body = expand(s->body), *header = expand(s->header), *key = key_of(s);
	struct curl_slist *list = add_credential(NULL, s->as, &operator_socket, &till);
	CURL *c = world.curl;
	long status = 0;

	curl_easy_reset(c);
	if (operator_socket)
		curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, world.server->socket);
	snprintf(url, sizeof url, "%s%s",
	         operator_socket ? "http://qrtilld" : till ? world.server->till_url : world.server->phone_url, path);
	if (key != NULL)
		list = add(list, "Idempotency-Key: %s", key);
	if (body != NULL)
		list = add(list, "Content-Type: application/json");
	if (header != NULL)
		list = add(list, "%s", header);
	list = add(list, "Expect:");
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, s->method);
	if (body != NULL || strcmp(s->method, POST) == 0)
		curl_easy_setopt(c, CURLOPT_COPYPOSTFIELDS, body ? body : "");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_bytes);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &text);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_bytes);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, &headers);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	/* With failing statements (fault_step.h) the same request is sent until it gets by without meeting one. */
	if (faults_apply(s))
		fault_step_first();
	bool again;
	do {
		text_free(&text);
		text_free(&headers);
		status = 0;
		CURLcode failed = curl_easy_perform(c);
		if (failed == CURLE_OK)
			curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
		else
			printf("# %s: %s\n", s->label, curl_easy_strerror(failed));
		again = fault_step_next();
	} while (again && status >= 500);
	fault_step_off();
	curl_slist_free_all(list);

	json_decref(world.last.body);
	free(world.last.text);
	free(world.last.headers);
	world.last.status = (int)status;
	world.last.text = text_take(&text);
	world.last.headers = text_take(&headers);
	world.last.body = json_loads(world.last.text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	world.last.replayed = strcasestr(world.last.headers, "\nIdempotency-Replayed: true") != NULL;
	free(path);
	free(body);
	free(header);
	remember(s, key);
	return &world.last;
}

json_t *api_field(const char *path)
{
	json_t *at = world.last.body;
	char name[128];

	while (at != NULL && *path != '\0') {
		if (*path == '[') {
			char *end;
			at = json_array_get(at, strtoul(path + 1, &end, 10));
			path = end + 1;
		} else {
			size_t len = strcspn(path, ".[");
			snprintf(name, sizeof name, "%.*s", (int)len, path);
			at = json_object_get(at, name);
			path += len;
		}
		path += *path == '.';
	}
	return at;
}

static char *value_text(const json_t *v)
{
	char *text;

	if (json_is_string(v))
		return xstrdup(json_string_value(v));
	text = v ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	return text ? text : xstrdup("<none>");
}

static bool field_is(const char *path, const char *want, struct text *why)
{
	json_t *v = api_field(path);
	char *expected = expand(want), *have = value_text(v);
	bool there = v != NULL && !json_is_null(v), ok;
	size_t items;

	if (strcmp(expected, "<any>") == 0)
		ok = there;
	else if (strcmp(expected, "<none>") == 0)
		ok = !there;
	else if (sscanf(expected, "<%zu items>", &items) == 1)
		ok = json_is_array(v) && json_array_size(v) == items;
	else
		ok = there && strcmp(expected, have) == 0;
	if (!ok)
		text_add(why, "#   %s is %s, expected %s\n", path, have, expected);
	free(expected);
	free(have);
	return ok;
}

/* Is the last answer as the step wants it? What is wrong goes into `why`. */
static bool judge(const struct step *s, struct text *why)
{
	const struct answer *a = &world.last;
	bool ok = s->status ? a->status == s->status : a->status == 200 || a->status == 201;

	if (!ok)
		text_add(why, "#   status %d, expected %d\n", a->status, s->status ? s->status : 200);
	if (s->error != NULL)
		ok = field_is("code", s->error, why) && ok;
	for (size_t i = 0; i < sizeof s->check / sizeof *s->check && s->check[i].path != NULL; i++)
		ok = field_is(s->check[i].path, s->check[i].is, why) && ok;
	if (s->key != NULL && s->key[0] == '=' && s->error == NULL) {
		int first = find_label(s->key + 1);
		if (strcmp(s->label, s->key + 1) == 0)
			fatal("step \"%s\" replays itself", s->label);
		if (a->replayed == s->fresh) {
			ok = false;
			text_add(why, "#   %s\n", s->fresh ? "it is a replay" : "it is not marked as replayed");
		}
		if (!s->fresh && (a->status != world.labels[first].status || strcmp(a->text, world.labels[first].text) != 0)) {
			ok = false;
			text_add(why, "#   first: %d %s\n", world.labels[first].status, world.labels[first].text);
		}
	} else if (a->replayed) {
		ok = false;
		text_add(why, "#   it is marked as replayed\n");
	}
	return ok;
}

/* Says whether it went well when `loud`, and always what went wrong. */
static bool run_step(const struct step *s, bool loud)
{
	int64_t until_ms = clock_mono_ms() + s->within_ms;
	struct text why = { 0 };
	bool ok;

	for (;;) {
		api_send(s);
		text_free(&why);
		ok = judge(s, &why);
		if (ok || clock_mono_ms() >= until_ms)
			break;
		usleep(20000);
	}
	for (size_t i = 0; ok && i < sizeof s->save / sizeof *s->save && s->save[i].path != NULL; i++) {
		char *text = value_text(api_field(s->save[i].path));
		if (strcmp(text, "<none>") == 0) {
			ok = false;
			text_add(&why, "#   %s is not there to be kept\n", s->save[i].path);
		} else {
			api_set(s->save[i].as, "%s", text);
		}
		free(text);
	}
	if (loud)
		api_ok(ok, "%s", s->label);
	else if (!ok)
		printf("# %s\n", s->label);
	if (!ok)
		printf("#   %s %s as %s\n%s#   answer: %.1500s\n", s->method, s->path, s->as, text_get(&why),
		       world.last.text);
	text_free(&why);
	return ok;
}

bool api_holds(const struct step *steps, int count)
{
	bool ok = true;

	for (int i = 0; ok && i < count; i++)
		ok = run_step(&steps[i], false);
	return ok;
}

void api_run(const struct step *steps, int count)
{
	static const struct step audit = { "the audit is clean", "operator", POST, "/v1/audit", "{}",
		.check = { { "clean", "true" } }, .within_ms = 3000 }; /* the heads file follows its commit */

	for (int i = 0; i < count; i++)
		run_step(&steps[i], true);
	if (fault_step_on())
		run_step(&audit, true);
}

int api_end(void)
{
	printf("1..%d\n", world.number);
	if (fault_step_on())
		printf("# statements that failed: %d\n", fault_step_hits());
	if (world.curl != NULL)
		curl_easy_cleanup(world.curl);
	world.curl = NULL;
	json_decref(world.last.body);
	free(world.last.text);
	free(world.last.headers);
	world.last = (struct answer){ 0 };
	for (int i = 0; i < world.variable_count; i++) {
		free(world.variables[i].name);
		free(world.variables[i].value);
	}
	for (int i = 0; i < world.label_count; i++) {
		free(world.labels[i].label);
		free(world.labels[i].key);
		free(world.labels[i].text);
	}
	world.variable_count = world.label_count = 0;
	return world.failed > 0;
}
