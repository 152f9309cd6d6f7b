/* provider_sandbox: see provider_sandbox.h. */
#include "server/provider_sandbox.h"

#include "shared/clock.h"
#include "shared/jread.h"
#include "shared/money.h"
#include "shared/sandbox_sign.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 65536
#define TIMEOUT_MS 8000L

struct sandbox {
	struct provider_ops ops;
	char url[256];
	char callback_url[512];
	uint8_t key[32];
};

/* What comes back over HTTP. */
struct answer {
	struct buf body;
	char time_text[32], signature[SANDBOX_SIGNATURE_SIZE + 1];
	long status;
};

static size_t take_body(char *data, size_t size, size_t count, void *ctx)
{
	struct answer *a = ctx;
	if (a->body.len + size * count > ANSWER_MAX)
		return 0;
	buf_add(&a->body, data, size * count);
	return size * count;
}

static void take_value(const char *line, size_t len, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	if (len <= name_len || strncasecmp(line, name, name_len) != 0)
		return;
	line += name_len;
	len -= name_len;
	while (len > 0 && *line == ' ')
		line++, len--;
	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
		len--;
	snprintf(out, size, "%.*s", (int)len, line);
}

static size_t take_header(char *line, size_t size, size_t count, void *ctx)
{
	struct answer *a = ctx;
	take_value(line, size * count, "X-Sandbox-Time:", a->time_text, sizeof a->time_text);
	take_value(line, size * count, "X-Sandbox-Signature:", a->signature, sizeof a->signature);
	return size * count;
}

/* Send one signed request. QT_OK: an answer came whose signature is right. QT_PROVIDER_DOWN: the request did not arrive.
 * QT_UNKNOWN_OUTCOME: it may have (no answer, or one that cannot be believed). */
static enum qt_err exchange(struct sandbox *s, const char *method, const char *path, const char *body, struct answer *a)
{
	char signature[SANDBOX_SIGNATURE_SIZE], header[160], url[512], status[8];
	int64_t now = clock_now_ms();
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();

	if (curl == NULL)
		fatal("libcurl cannot be started");
	snprintf(url, sizeof url, "%s%s", s->url, path);
	sandbox_sign(s->key, method, path, now, body, strlen(body), signature);
	snprintf(header, sizeof header, "X-Sandbox-Time: %" PRId64, now);
	headers = curl_slist_append(headers, header);
	snprintf(header, sizeof header, "X-Sandbox-Signature: %s", signature);
	headers = curl_slist_append(headers, header);
	headers = curl_slist_append(headers, "Content-Type: application/json");
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (strcmp(method, "POST") == 0)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	CURLcode rc = curl_easy_perform(curl);
	if (rc == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &a->status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	if (rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST)
		return QT_PROVIDER_DOWN;
	if (rc != CURLE_OK)
		return QT_UNKNOWN_OUTCOME;
	snprintf(status, sizeof status, "%ld", a->status);
	if (!sandbox_signed(s->key, status, signature, a->time_text, a->body.data ? a->body.data : "", a->body.len, a->signature,
	                    now)) {
		log_line('W', "provider sandbox: an answer to %s %s is not signed rightly", method, path);
		return QT_UNKNOWN_OUTCOME;
	}
	return QT_OK;
}

static enum provider_outcome outcome_of(const char *state)
{
	static const struct { const char *state; enum provider_outcome outcome; } table[] = {
		{ "pending", PROVIDER_PENDING },  { "paid", PROVIDER_PAID },     { "refused", PROVIDER_FAILED },
		{ "cancelled", PROVIDER_FAILED }, { "active", PROVIDER_PAID },   { "revoked", PROVIDER_FAILED },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(table[i].state, state) == 0)
			return table[i].outcome;
	return PROVIDER_UNKNOWN;
}

static void read_answer(const struct json_t *body, const char *id_name, struct provider_answer *out)
{
	out->outcome = outcome_of(jtext(body, "state", ""));
	out->amount_cents = jint(body, "amount_cents", 0);
	out->at_ms = jint(body, "at_ms", 0);
	snprintf(out->reference, sizeof out->reference, "%s", jtext(body, id_name, ""));
	snprintf(out->redirect_url, sizeof out->redirect_url, "%s", jtext(body, "redirect_url", ""));
}

/* One call; takes over `body`. A refusal by the platform (4xx, rightly signed) comes back as the error it names. */
static enum qt_err ask(struct sandbox *s, const char *method, const char *path, char *body, const char *id_name,
                       struct provider_answer *out)
{
	struct answer a = { .status = 0 };
	enum qt_err err = exchange(s, method, path, body, &a);
	struct json_t *tree = NULL;

	*out = (struct provider_answer){ .outcome = PROVIDER_UNKNOWN };
	if (err == QT_OK && a.status >= 500)
		err = QT_UNKNOWN_OUTCOME;
	else if (err == QT_OK && (tree = jparse(a.body.data ? a.body.data : "", a.body.len)) == NULL)
		err = QT_UNKNOWN_OUTCOME;
	else if (err == QT_OK && a.status >= 400)
		err = err_from_code(jtext(tree, "error", "provider-refused"));
	else if (err == QT_OK)
		read_answer(tree, id_name, out);
	jfree(tree);
	buf_free(&a.body);
	free(body);
	return err;
}

static char *payment_body(const struct sandbox *s, const struct provider_order *o)
{
	const struct currency *currency = currency_by_numeric(o->currency);
	char reference[48];
	struct buf b = { 0 };
	struct json j;

	snprintf(reference, sizeof reference, "payment-%" PRId64, o->payment_id);
	json_start(&j, &b);
	json_object(&j, NULL);
	json_text(&j, "reference", reference);
	json_int(&j, "amount_cents", o->amount_cents);
	json_text(&j, "currency", currency ? currency->alpha : "");
	json_text(&j, "description", o->subject);
	json_text(&j, "callback_url", s->callback_url);
	if (o->binding)
		json_text(&j, "binding", o->binding);
	json_end(&j);
	return buf_take(&b);
}

static enum qt_err sandbox_start(void *ctx, const struct provider_order *o, struct provider_answer *out)
{
	struct sandbox *s = ctx;
	return ask(s, "POST", "/payments", payment_body(s, o), "payment", out);
}

/* QT_NOT_FOUND from the platform means that the request for the payment never arrived: no money moved, but a start that
 * is still on its way could move it, so the outcome stays unknown until a cancel has closed the reference. */
static enum qt_err sandbox_query(void *ctx, const struct provider_order *o, struct provider_answer *out)
{
	char path[96];
	snprintf(path, sizeof path, "/payments/payment-%" PRId64, o->payment_id);
	return ask(ctx, "GET", path, xstrdup(""), "payment", out);
}

/* A payment that the platform has never seen is made first, unbound, and then cancelled: from then on a late request for
 * it finds the reference closed. */
static enum qt_err sandbox_cancel(void *ctx, const struct provider_order *o, struct provider_answer *out)
{
	struct sandbox *s = ctx;
	struct provider_order unbound = *o;
	char path[96];

	snprintf(path, sizeof path, "/payments/payment-%" PRId64 "/cancel", o->payment_id);
	enum qt_err err = ask(s, "POST", path, xstrdup("{}"), "payment", out);
	if (err != QT_NOT_FOUND)
		return err;
	unbound.binding = NULL;
	err = ask(s, "POST", "/payments", payment_body(s, &unbound), "payment", out);
	return err == QT_OK ? ask(s, "POST", path, xstrdup("{}"), "payment", out) : err;
}

static enum qt_err sandbox_refund(void *ctx, const struct provider_order *o, int64_t refund_id, int64_t amount_cents,
                                  struct provider_answer *out)
{
	char path[96], reference[48];
	struct buf b = { 0 };
	struct json j;

	snprintf(path, sizeof path, "/payments/payment-%" PRId64 "/refund", o->payment_id);
	snprintf(reference, sizeof reference, "refund-%" PRId64, refund_id);
	json_start(&j, &b);
	json_object(&j, NULL);
	json_text(&j, "refund_reference", reference);
	json_int(&j, "amount_cents", amount_cents);
	json_end(&j);
	return ask(ctx, "POST", path, buf_take(&b), "payment", out);
}

static enum qt_err sandbox_bind(void *ctx, int64_t customer_id, int64_t binding_id, struct provider_answer *out)
{
	struct sandbox *s = ctx;
	char reference[80];
	struct buf b = { 0 };
	struct json j;

	snprintf(reference, sizeof reference, "binding-%" PRId64 "-%" PRId64, customer_id, binding_id);
	json_start(&j, &b);
	json_object(&j, NULL);
	json_text(&j, "reference", reference);
	json_text(&j, "callback_url", s->callback_url);
	json_end(&j);
	return ask(s, "POST", "/bindings", buf_take(&b), "binding", out);
}

static enum qt_err sandbox_query_binding(void *ctx, const char *reference, struct provider_answer *out)
{
	char path[128];
	snprintf(path, sizeof path, "/bindings/%.64s", reference);
	return ask(ctx, "GET", path, xstrdup(""), "binding", out);
}

static enum qt_err sandbox_unbind(void *ctx, const char *reference)
{
	struct provider_answer answer;
	char path[128];

	snprintf(path, sizeof path, "/bindings/%.64s/revoke", reference);
	return ask(ctx, "POST", path, xstrdup("{}"), "binding", &answer);
}

/* "payment-17" -> 17, "binding-3-17" -> 17; 0 when it is not one of ours. */
static int64_t reference_id(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);
	const char *digits = strrchr(text, '-');
	char *end;

	if (strncmp(text, prefix, len) != 0 || digits == NULL || digits[1] < '1' || digits[1] > '9')
		return 0;
	int64_t id = strtoll(digits + 1, &end, 10);
	return *end == '\0' && end - digits < 18 ? id : 0;
}

static enum qt_err sandbox_verify(const struct call *call, void *ctx, struct provider_callback *out)
{
	struct sandbox *s = ctx;
	enum qt_err err = QT_BAD_REQUEST;
	struct json_t *tree;
	const char *path = strstr(s->callback_url, "/v1/"); /* the platform signs the path it was given */

	*out = (struct provider_callback){ 0 };
	if (!sandbox_signed(s->key, "POST", path, call_header(call, "X-Sandbox-Time"), call->body ? call->body : "",
	                    call->body_len, call_header(call, "X-Sandbox-Signature"), call->now_ms))
		return QT_BAD_SIGNATURE;
	tree = jparse(call->body, call->body_len);
	if (tree == NULL)
		return QT_BAD_JSON;
	const char *type = jtext(tree, "type", ""), *reference = jtext(tree, "reference", "");
	if (strcmp(type, "payment") == 0) {
		const struct currency *currency = currency_by_alpha(jtext(tree, "currency", ""));
		out->payment_id = reference_id(reference, "payment-");
		out->currency = currency ? currency->numeric : 0;
		read_answer(tree, "payment", &out->answer);
	} else if (strcmp(type, "binding") == 0) {
		out->binding_id = reference_id(reference, "binding-");
		read_answer(tree, "binding", &out->answer);
	}
	if ((out->payment_id != 0 || out->binding_id != 0) && out->answer.outcome != PROVIDER_UNKNOWN)
		err = QT_OK;
	jfree(tree);
	return err;
}

enum qt_err provider_sandbox_new(const char *url, const char *key_file, const char *callback_base,
                                 const struct provider_ops **ops, struct problem *why)
{
	struct sandbox *s = xcalloc(1, sizeof *s);

	if (strlen(url) >= sizeof s->url || strlen(callback_base) + 64 >= sizeof s->callback_url) {
		free(s);
		return problem_set(why, QT_BAD_CONFIG, "providers", "the address is too long");
	}
	enum qt_err err = sandbox_key_load(key_file, s->key, why);
	if (err != QT_OK) {
		free(s);
		return err;
	}
	snprintf(s->url, sizeof s->url, "%s", url);
	snprintf(s->callback_url, sizeof s->callback_url, "%s/v1/providers/sandbox/callback", callback_base);
	s->ops = (struct provider_ops){
		.id = 1,
		.name = "sandbox",
		.name_en = "Sandbox Pay",
		.name_zh = "沙盒支付",
		.start = sandbox_start,
		.query = sandbox_query,
		.cancel = sandbox_cancel,
		.refund = sandbox_refund,
		.bind = sandbox_bind,
		.query_binding = sandbox_query_binding,
		.unbind = sandbox_unbind,
		.verify_callback = sandbox_verify,
		.ctx = s,
	};
	*ops = &s->ops;
	return QT_OK;
}
