/* till_standing: see till_standing.h. */
#include "pos/till.h"

#include "shared/clock.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_MS 5000

static void forget(struct till *t)
{
	struct till_standing *s = &t->standing;

	if (s->asking)
		api_cancel(t->api, s->asking);
	jfree(s->answer);
	memset(s, 0, sizeof *s);
}

static void on_look(void *ctx, const struct api_reply *r)
{
	struct till *t = ctx;
	struct till_standing *s = &t->standing;

	s->asking = 0;
	till_link_said(t, r->err);
	if (r->err == QT_OK)
		s->answer = jhold(r->body);
	else if (r->status < 400 || r->status == 401 || r->status >= 500) /* no answer, or nobody signed in: later again */
		s->next_ms = clock_mono_ms() + AGAIN_MS;
	else
		till_problem_text(r, s->error, sizeof s->error);
	tui_dirty(t->tui);
}

void till_standing_tick(struct till *t, int64_t now_ms)
{
	struct till_standing *s = &t->standing;
	struct buf body = { 0 };
	struct json j;

	if (strcmp(s->customer, t->sale.customer) != 0 || s->sale_number != t->sale.number) {
		forget(t);
		s->sale_number = t->sale.number;
		snprintf(s->customer, sizeof s->customer, "%s", t->sale.customer);
	}
	if (s->customer[0] == '\0' || s->answer || s->error[0] || s->asking || now_ms < s->next_ms || t->api == NULL ||
	    t->session_token == NULL || t->link != LINK_ON)
		return;
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "identity_code", s->customer);
	json_end(&j);
	const struct api_request r = { .method = "POST", .path = "/v1/points/look", .body = body.data, .done = on_look,
		.ctx = t };
	s->asking = api_send(t->api, &r);
	buf_free(&body);
}

void till_standing_free(struct till *t)
{
	jfree(t->standing.answer);
	t->standing.answer = NULL;
}
