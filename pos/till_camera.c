/* till_camera: see till_camera.h. */
#include "pos/till.h"

#include "shared/tr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FNC1_SIGN "\xe2\x90\x9d" /* U+241D, as which the server hands on what scanners send as 0x1d */

bool till_camera_paired(const struct till *t)
{
	return strcmp(t->camera.state, "paired") == 0 && till_now_ms(t) < t->camera.expires_ms;
}

static void take_state(struct till *t, const struct json_t *answer)
{
	struct till_camera *c = &t->camera;
	bool was = strcmp(c->state, "paired") == 0;

	snprintf(c->state, sizeof c->state, "%s", jtext(answer, "state", "ended"));
	snprintf(c->code, sizeof c->code, "%s", jtext(answer, "code", ""));
	c->expires_ms = jint(answer, "expires_ms", 0);
	bool is = strcmp(c->state, "paired") == 0;
	if (is && !was)
		screen_close(t->tui, &screen_camera_ops);
	if (is != was)
		tui_say(t->tui, is ? STYLE_GOOD : STYLE_WARN, "%s",
		        is ? tr("a camera is paired: what it sees comes here") : tr("the camera is no longer paired"));
	tui_dirty(t->tui);
}

/* Text of strangers, as a scanner would send it. */
static void take_scan(struct till *t, const char *text)
{
	size_t len = strlen(text), out = 0;
	char *scan = xstrdup(text);

	for (size_t i = 0; i < len; out++) {
		bool fnc1 = strncmp(text + i, FNC1_SIGN, strlen(FNC1_SIGN)) == 0;
		scan[out] = fnc1 ? 0x1d : text[i];
		i += fnc1 ? strlen(FNC1_SIGN) : 1;
	}
	scan[out] = '\0';
	tui_feed_scan(t->tui, scan);
	free(scan);
}

static void on_mine(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	const struct json_t *scans = jget(r->body, "scans"), *scan;

	t->camera.asking = 0;
	till_link_said(t, r->err);
	if (r->err != QT_OK)
		return;
	take_state(t, r->body);
	for (size_t i = 0; (scan = jat(scans, i)) != NULL && t->session_token; i++) {
		if (setting_put_int(t->store, "camera_scan", jint(scan, "scan_id", 0)) != QT_OK) {
			tui_say(t->tui, STYLE_BAD, "%s", tr_err(QT_STORE));
			return;
		}
		take_scan(t, jtext(scan, "text", ""));
	}
	if (t->camera.again)
		till_camera_ask(t);
}

void till_camera_ask(struct till *t)
{
	char path[64];

	t->camera.again = t->camera.asking != 0;
	if (t->api == NULL || t->session_token == NULL || t->camera.asking)
		return;
	snprintf(path, sizeof path, "/v1/cameras/mine?after=%lld", (long long)setting_int(t->store, "camera_scan", 0));
	const struct api_request r = { .method = "GET", .path = path, .done = on_mine, .ctx = t };
	t->camera.asking = api_send(t->api, &r);
}

static void on_changed(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;

	t->camera.changing = 0;
	till_link_said(t, r->err);
	tui_dirty(t->tui);
	if (r->err != QT_OK)
		till_problem_text(r, t->camera.error, sizeof t->camera.error);
	till_camera_ask(t); /* also when the answer was lost: what there is, is what counts */
}

static void change(struct till *t, const char *path)
{
	char key[40];

	t->camera.error[0] = '\0';
	if (t->api == NULL || t->session_token == NULL || t->camera.changing)
		return;
	till_make_uuid(key);
	const struct api_request r = { .method = "POST", .path = path, .key = key, .done = on_changed, .ctx = t };
	t->camera.changing = api_send(t->api, &r);
}

void till_camera_new(struct till *t)
{
	change(t, "/v1/cameras");
}

void till_camera_end(struct till *t)
{
	change(t, "/v1/cameras/mine/end");
}
