/* training: see training.h. The books of a training are in practice.c. */
#include "pos/training.h"

#include "pos/practice.h"
#include "pos/till.h"
#include "shared/tr.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A request that was sent and not answered yet. */
struct waiting {
	struct waiting *next;
	struct api *api;
	int64_t number;
	bool post;
	char *path;            /* owned */
	struct json_t *body;   /* owned; NULL: none */
};

static struct {
	struct waiting *first;  /* oldest first */
	struct practice *books;
} stand_in;

/* ---- what is answered ---- */

static enum qt_err add_setting(const struct practice_call *c, const char *name)
{
	char *text = setting_text(c->till->store, name);

	json_raw(c->out, "copy", text ? text : "{}", text ? strlen(text) : 2);
	free(text);
	return QT_OK;
}

static enum qt_err who_am_i(const struct practice_call *c)
{
	return add_setting(c, "shop_json");
}

static enum qt_err rules(const struct practice_call *c)
{
	return add_setting(c, "rules_json");
}

/* The copy was made at the start: there is nothing newer. */
static enum qt_err catalogue(const struct practice_call *c)
{
	json_int(c->out, "version", till_items_version(c->till->store));
	return QT_OK;
}

static enum qt_err sign_in(const struct practice_call *c)
{
	json_text(c->out, "session_token", "training");
	json_text(c->out, "name", tr("Trainee"));
	json_text(c->out, "role", "cashier");
	return QT_OK;
}

static enum qt_err sign_out(const struct practice_call *c)
{
	(void)c;
	return QT_OK;
}

/* Whoever is asked approves. */
static enum qt_err approve(const struct practice_call *c)
{
	json_int(c->out, "approval_id", 1);
	json_int(c->out, "amount_cents", jint(c->body, "amount_cents", 0));
	json_int(c->out, "expires_ms", till_now_ms(c->till) + 600000);
	json_text(c->out, "approved_by", tr("training"));
	return QT_OK;
}

static enum qt_err no_promotions(const struct practice_call *c)
{
	json_array(c->out, "codes");
	for (size_t i = 0; i < jcount(jget(c->body, "codes")); i++) {
		json_object(c->out, NULL);
		json_text(c->out, "why", "training");
		json_text(c->out, "reason", err_info(QT_TRAINING)->en);
		json_text(c->out, "reason_zh", err_info(QT_TRAINING)->zh);
		json_end(c->out);
	}
	json_end(c->out);
	return QT_OK;
}

/* A path; ":" stands for a number. `copy`: the answer is the text of the setting itself. */
static const struct {
	bool post, copy;
	const char *path;
	enum qt_err (*answer)(const struct practice_call *);
} routes[] = {
	{ false, true, "/v1/terminals/me", who_am_i },
	{ false, true, "/v1/store-rules", rules },
	{ false, false, "/v1/catalogue", catalogue },
	{ true, false, "/v1/sign-in", sign_in },
	{ true, false, "/v1/sign-out", sign_out },
	{ true, false, "/v1/approvals", approve },
	{ true, false, "/v1/promotions/try", no_promotions },
	{ true, false, "/v1/orders", practice_order },
	{ false, false, "/v1/orders/:", practice_order_look },
	{ true, false, "/v1/orders/:/payments", practice_pay },
	{ true, false, "/v1/orders/:/cancel", practice_cancel },
	{ true, false, "/v1/payments/:/cancel", practice_release },
	{ false, false, "/v1/orders/:/refunds/preview", practice_refund_preview },
	{ true, false, "/v1/orders/:/refunds", practice_refund },
	{ false, false, "/v1/shifts/current", practice_shift_look },
	{ true, false, "/v1/shifts", practice_shift_open },
	{ true, false, "/v1/shifts/cash-in", practice_cash_in },
	{ true, false, "/v1/shifts/cash-out", practice_cash_out },
	{ true, false, "/v1/shifts/safe-drop", practice_safe_drop },
	{ true, false, "/v1/shifts/no-sale", practice_no_sale },
	{ true, false, "/v1/shifts/x", practice_x },
	{ true, false, "/v1/shifts/close", practice_shift_close },
};

static bool path_is(const char *pattern, const char *path, struct practice_call *c)
{
	for (; *pattern; pattern++) {
		if (*pattern != ':') {
			if (*pattern != *path++)
				return false;
			continue;
		}
		char *end;
		c->id = strtoll(path, &end, 10);
		if (end == path)
			return false;
		path = end;
	}
	c->query = *path == '?' ? path + 1 : path;
	return *path == '?' || *path == '\0';
}

/* The answer's text. `copy`: it is the one member that was written. */
static void give(const struct waiting *w, enum qt_err err, const struct buf *out, bool copy)
{
	struct json_t *body = copy ? jparse(out->data, out->len) : NULL;
	char *text = copy ? jdump(jget(body, "copy")) : NULL, refusal[80];

	if (err == QT_OK) {
		api_answer(w->api, w->number, 200, false, true, text ? text : out->data, text ? strlen(text) : out->len);
	} else {
		int n = snprintf(refusal, sizeof refusal, "{\"code\":\"%s\"}", err_info(err)->code);
		api_answer(w->api, w->number, err_info(err)->http_status, false, true, refusal, (size_t)n);
	}
	free(text);
	jfree(body);
}

static void answer(const struct till *t, const struct waiting *w)
{
	struct buf out = { 0 };
	struct json j;
	struct practice_call c = { .books = stand_in.books, .till = t, .body = w->body, .query = "", .out = &j };
	enum qt_err err = QT_TRAINING;
	bool copy = false;

	json_start(&j, &out);
	json_object(&j, NULL);
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
		if (routes[i].post != w->post || !path_is(routes[i].path, w->path, &c))
			continue;
		copy = routes[i].copy;
		err = routes[i].answer(&c);
		break;
	}
	json_end(&j);
	give(w, err, &out, copy && err == QT_OK);
	buf_free(&out);
}

/* ---- the transport ---- */

static void waiting_free(struct waiting *w)
{
	free(w->path);
	jfree(w->body);
	free(w);
}

static void take(void *ctx, struct api *api, int64_t number, const struct api_message *m)
{
	struct waiting *w = xcalloc(1, sizeof *w), **at = &stand_in.first;

	(void)ctx;
	w->api = api;
	w->number = number;
	w->post = strcmp(m->method, "POST") == 0;
	w->path = xstrdup(m->path);
	w->body = m->body ? jparse(m->body, strlen(m->body)) : NULL;
	while (*at)
		at = &(*at)->next;
	*at = w;
}

static void forget(void *ctx, struct api *api, int64_t number)
{
	(void)ctx;
	for (struct waiting **at = &stand_in.first; *at; at = &(*at)->next) {
		struct waiting *w = *at;
		if (w->api != api || w->number != number)
			continue;
		*at = w->next;
		waiting_free(w);
		return;
	}
}

bool training_wait(struct till *t, int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct waiting *w = stand_in.first;

	if (w == NULL)
		return poll(&p, fd >= 0, timeout_ms) > 0 && p.revents != 0;
	stand_in.first = w->next;
	answer(t, w);
	waiting_free(w);
	return poll(&p, fd >= 0, 0) > 0 && p.revents != 0;
}

/* ---- begin and end ---- */

static void replace(char **setting, const char *text)
{
	free(*setting);
	*setting = xstrdup(text);
}

enum qt_err training_open(struct till *t, struct problem *p)
{
	static const struct api_transport transport = { take, forget, NULL };
	struct pos_settings *s = &t->settings;
	char *real = s->data_dir, path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/training", real) >= (int)sizeof path)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "the path is too long");
	s->data_dir = xstrdup(path);
	replace(&s->server, "");
	replace(&s->enrol, "");
	s->open_drawer = false;
	enum qt_err err = tdb_open(s->data_dir, &t->store, p);
	if (err == QT_OK)
		err = tdb_copy_shop(t->store, real, p);
	free(real);
	if (err != QT_OK)
		return err;
	/* Words, not credentials: what the till takes for being enrolled, and for somebody having signed in. */
	t->terminal_token = xstrdup("training");
	if ((err = setting_put(t->store, "session", "training")) == QT_OK &&
	    (err = setting_put(t->store, "staff_name", tr("Trainee"))) == QT_OK)
		err = setting_put(t->store, "staff_role", "cashier");
	stand_in.books = practice_new();
	api_inject(&transport);
	return err;
}

void training_close(void)
{
	api_inject(NULL);
	practice_free(stand_in.books);
	stand_in.books = NULL;
}
