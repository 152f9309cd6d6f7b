/* page: see page.h. */
#include "server/page.h"

#include "server/landing_sale.h"
#include "server/landing_shop.h"
#include "server/page_files.h"
#include "server/peer.h"
#include "server/server.h"
#include "server/template.h"
#include "shared/jread.h"
#include "shared/qr.h"

#include <stdlib.h>
#include <string.h>

/* Every kind's way to land; kinds without a row get code.html, which says what the code is for. */
static const struct landing landings[] = {
	{ CODE_CARD, "card.html", card_landing },
	{ CODE_PRODUCT, "product.html", product_landing },
	{ CODE_IDENTITY, "identity.html", identity_landing },
	{ CODE_PAYMENT, "payment.html", pay_landing },
	{ CODE_FIXED, "fixed.html", pay_landing },
	{ CODE_CAMPAIGN, "campaign.html", campaign_landing },
	{ CODE_SHARE, "campaign.html", campaign_landing },
	{ CODE_RECEIPT, "receipt.html", receipt_landing },
	{ CODE_COUPON, "coupon.html", coupon_landing },
	{ CODE_CAMERA, "camera.html", camera_landing },
};

static const char csp[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
	"manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const struct page_header page_headers[] = {
	{ "Content-Security-Policy", csp },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=()" },
};
const int page_header_count = sizeof page_headers / sizeof *page_headers;

/* What every page may say about the code and the phone; closes the object. */
static void write_common(struct call *call, const struct code *code, struct json *j)
{
	const bool chinese = strcmp(call->actor.locale, "zh") == 0;
	char url[CODE_URL_MAX];

	json_text(j, "lang", chinese ? "zh" : "en");
	json_bool(j, "set_up", call->actor.role == ROLE_CUSTOMER);
	json_text(j, "path", call->token[0] ? call->token : "/");
	if (code) {
		json_text(j, "token", call->token);
		json_text(j, "url", code_url(call->server->settings.public_url, call->token, url));
	}
	json_end(j);
}

static enum qt_err show(struct call *call, const char *page, const struct buf *values, int status)
{
	struct json_t *tree = jparse(values->data, values->len);
	enum qt_err err = QT_INTERNAL;

	if (tree == NULL) /* a member written twice, say: then the page would be empty and lie */
		problem_set(&call->problem, err, page, "what the landing function wrote is not one JSON object");
	else
		err = page_files_render(page, strcmp(call->actor.locale, "zh") == 0, tree, &call->page,
		                        &call->problem);
	jfree(tree);
	if (err != QT_OK) {
		log_line('E', "page %s: %s: %s", page, call->problem.field, call->problem.detail);
		return QT_INTERNAL;
	}
	call->content_type = "text/html; charset=utf-8";
	call->status = status;
	return QT_OK;
}

static const struct landing *landing_of(enum code_kind kind)
{
	for (size_t i = 0; i < sizeof landings / sizeof *landings; i++) {
		if (landings[i].kind == kind && kind != CODE_NONE)
			return &landings[i];
	}
	return NULL;
}

static void write_kind(struct json *j, enum code_kind kind)
{
	static const struct { const char *name, *name_zh; } names[] = {
#define X(name, number, wire, en, zh) [number] = { en, zh },
		CODE_KINDS(X)
#undef X
	};
	json_text(j, "kind", code_kind_name(kind));
	json_text(j, "kind_name", names[kind].name);
	json_text(j, "kind_name_zh", names[kind].name_zh);
}

/* Read the code and let its kind write what it lands on. */
static enum qt_err fill(struct call *call, struct code *code, struct json *j)
{
	enum qt_err err = code_read(&call->server->keys, call->token, call->now_ms, code);

	if (err != QT_OK)
		return err;
	write_kind(j, code->kind);
	const struct landing *landing = landing_of(code->kind);
	if (landing == NULL)
		return QT_OK;
	return peer_has_landing(call->server, (int)code->kind) ? peer_landing(call, j) : landing->fill(call, code, j);
}

enum qt_err page_landing_fill(struct call *call, struct json *j)
{
	struct code code = { 0 };
	enum qt_err err = code_read(&call->server->keys, call->token, call->now_ms, &code);
	const struct landing *landing = err == QT_OK ? landing_of(code.kind) : NULL;

	return landing ? landing->fill(call, &code, j) : err;
}

/* What is not a code of ours; also /Q/ with what cannot be a token. */
static enum qt_err unknown_page_get(struct call *call)
{
	struct buf values = { 0 };
	struct json j;

	json_start(&j, &values);
	json_object(&j, NULL);
	write_common(call, NULL, &j);
	enum qt_err err = show(call, "unknown.html", &values, 404);
	buf_free(&values);
	return err;
}

static enum qt_err code_page_get(struct call *call)
{
	struct buf values = { 0 };
	struct code code = { 0 };
	struct json j;
	const char *page = "code.html";

	json_start(&j, &values);
	json_object(&j, NULL);
	enum qt_err err = fill(call, &code, &j);
	if (err == QT_OK) {
		const struct landing *landing = landing_of(code.kind);
		page = landing ? landing->page : page;
		write_common(call, &code, &j);
		err = show(call, page, &values, 200);
	} else if (err_info(err)->http_status < 500) {
		/* A forged, altered or foreign code: nothing of it, and nothing of ours, may look like an offer. */
		err = unknown_page_get(call);
	}
	buf_free(&values);
	return err;
}

static enum qt_err landing_get(struct call *call)
{
	struct code code = { 0 };

	return fill(call, &code, call->reply);
}

/* The code as a picture. Only for codes of ours: this draws no symbols for strangers. */
static enum qt_err code_picture_get(struct call *call)
{
	struct code code;
	struct qr qr = { 0 };
	char url[CODE_URL_MAX];
	enum qt_err err = code_read(&call->server->keys, call->token, call->now_ms, &code);

	if (err != QT_OK)
		return err;
	code_url(call->server->settings.public_url, call->token, url);
	err = qr_make(url, strlen(url), QR_EC_M, &qr, &call->problem);
	if (err != QT_OK)
		return err;
	qr_svg(&qr, QR_MARGIN, &call->page);
	qr_free(&qr);
	call->content_type = "image/svg+xml";
	return QT_OK;
}

static enum qt_err home_page_get(struct call *call)
{
	struct buf values = { 0 };
	struct json j;

	json_start(&j, &values);
	json_object(&j, NULL);
	write_common(call, NULL, &j);
	enum qt_err err = show(call, "home.html", &values, 200);
	buf_free(&values);
	return err;
}

/* A file as it is: the route's path with :name put in. */
static enum qt_err file_get(struct call *call)
{
	char path[256];
	const char *colon = strchr(call->route->path, ':');
	size_t stem = colon ? (size_t)(colon - call->route->path) : strlen(call->route->path);
	char *etag = arena_alloc(call->arena, PAGE_ETAG_SIZE);

	if (stem + strlen(call->token) >= sizeof path)
		return QT_NO_ROUTE;
	memcpy(path, call->route->path, stem);
	strcpy(path + stem, colon ? call->token : "");
	enum qt_err err = page_files_add(path + 1, &call->page, &call->content_type, etag);
	if (err == QT_OK)
		call->etag = etag;
	return err;
}

struct manifest_args {
	const char *code; /* token of the code that was on the screen when the page was installed; NULL: none */
};
static const struct field manifest_fields[] = {
	{ "code", FIELD_TEXT, 0, offsetof(struct manifest_args, code), .max = CODE_TOKEN_MAX,
	  .help = "code to continue with after installation" },
	{ 0 },
};

/* The manifest's start address carries the code, so that an installed page continues with it even where its storage is
 * not the browser's. */
static enum qt_err manifest_get(struct call *call)
{
	const struct manifest_args *args = call->args;
	struct code code;
	struct buf values = { 0 };
	struct json j;

	json_start(&j, &values);
	json_object(&j, NULL);
	if (args->code && code_read(&call->server->keys, args->code, call->now_ms, &code) == QT_OK)
		json_text(&j, "token", args->code);
	write_common(call, NULL, &j);
	enum qt_err err = show(call, "manifest.webmanifest", &values, 200);
	buf_free(&values);
	call->content_type = "application/manifest+json";
	return err;
}

#define FILE_ROUTE(path_, help_) \
	{ .method = "GET", .path = path_, .roles = ROLE_ANYONE, .flags = ROUTE_PAGE | ROUTE_BOTH, .handle = file_get, \
	  .help = help_ }

const struct route page_routes[] = {
	{ .method = "GET", .path = "/", .roles = ROLE_ANYONE, .flags = ROUTE_PAGE | ROUTE_BOTH,
	  .handle = home_page_get, .help = "The wallet on the phone." },
	{ .method = "GET", .path = "/Q/:token", .roles = ROLE_ANYONE, .flags = ROUTE_PAGE | ROUTE_CODES,
	  .handle = code_page_get, .help = "The page a code lands on; 404 and a plain page when it is not ours." },
	{ .method = "GET", .path = "/Q/:name", .roles = ROLE_ANYONE, .flags = ROUTE_PAGE | ROUTE_CODES,
	  .handle = unknown_page_get, .help = "What cannot be a code: the plain page that says so." },
	{ .method = "GET", .path = "/Q/:token/qr.svg", .roles = ROLE_ANYONE, .flags = ROUTE_PAGE | ROUTE_CODES,
	  .handle = code_picture_get, .help = "A code of ours as a picture." },
	{ .method = "GET", .path = "/v1/landing/:token", .roles = ROLE_ANYONE, .flags = ROUTE_CODES,
	  .handle = landing_get, .help = "What the landing page of a code shows, for any kind; public data only." },
	{ .method = "GET", .path = "/manifest.webmanifest", .roles = ROLE_ANYONE, .flags = ROUTE_PAGE | ROUTE_BOTH,
	  .fields = manifest_fields, .args_size = sizeof(struct manifest_args), .handle = manifest_get,
	  .help = "Makes the wallet installable." },
	FILE_ROUTE("/app.css", "The pages' one style sheet."),
	FILE_ROUTE("/sw.js", "The service worker: keeps the shell for use without a network, never an answer."),
	FILE_ROUTE("/js/:name", "The pages' ES modules."),
	FILE_ROUTE("/text/:name", "The dictionary of the pages, English or Chinese."),
	FILE_ROUTE("/icons/:name", "Icons of the installed wallet."),
};
const int page_route_count = sizeof page_routes / sizeof *page_routes;

enum qt_err pages_open(const char *web_dir, struct problem *problem)
{
	return page_files_open(web_dir, problem);
}
