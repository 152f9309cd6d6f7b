/* web_page: what a person sees: confirm a payment, or agree to a binding. Plain forms that need no script. */
#include "server/sandbox/web_internal.h"

#include "shared/money.h"
#include "shared/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_html(struct buf *b, const char *text)
{
	text_clean(b, text, strlen(text), TEXT_HTML);
}

static void page_start(struct exchange *x, const char *title)
{
	x->content_type = "text/html; charset=utf-8";
	x->status = 200;
	buf_adds(&x->out, "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
	                  "<meta name=\"viewport\" content=\"width=device-width\"><title>");
	add_html(&x->out, title);
	buf_adds(&x->out, "</title><h1>Sandbox payment platform</h1><h2>");
	add_html(&x->out, title);
	buf_adds(&x->out, "</h2>");
}

static void page_form(struct exchange *x)
{
	buf_adds(&x->out, "<form method=\"post\" action=\"");
	add_html(&x->out, x->path);
	buf_adds(&x->out,
	         "\"><p><label>Account <input name=\"account\" autocomplete=\"username\"></label>"
	         "<p><label>PIN <input name=\"pin\" type=\"password\" inputmode=\"numeric\"></label>"
	         "<p><button name=\"answer\" value=\"yes\">Confirm</button> "
	         "<button name=\"answer\" value=\"no\">Decline</button></form>");
}

static void page_note(struct exchange *x, const char *note)
{
	buf_adds(&x->out, "<p id=\"note\">");
	add_html(&x->out, note);
	buf_adds(&x->out, "</p>");
}

static void page_error(struct exchange *x, enum qt_err err)
{
	page_start(x, "Not possible");
	x->status = err_info(err)->http_status;
	page_note(x, err_info(err)->en);
}

/* One value of an application/x-www-form-urlencoded body of plain words. */
static void form_value(const struct exchange *x, const char *name, char *out, size_t size)
{
	size_t name_len = strlen(name);

	out[0] = '\0';
	for (const char *p = x->in.data; p != NULL && *p != '\0'; p = strchr(p, '&') ? strchr(p, '&') + 1 : NULL) {
		if (strncmp(p, name, name_len) != 0 || p[name_len] != '=')
			continue;
		size_t len = strcspn(p + name_len + 1, "&");
		if (len < size)
			snprintf(out, size, "%.*s", (int)len, p + name_len + 1);
	}
}

struct answer {
	char account[32], pin[8], yes[4];
	bool agree;
};

static void take_answer(const struct exchange *x, struct answer *a)
{
	form_value(x, "account", a->account, sizeof a->account);
	form_value(x, "pin", a->pin, sizeof a->pin);
	form_value(x, "answer", a->yes, sizeof a->yes);
	a->agree = strcmp(a->yes, "yes") == 0;
}

static void payment_page(struct exchange *x, const char *id, bool post)
{
	char title[64], amount[32];
	struct book_payment p;
	struct answer a;
	enum qt_err err;

	if (post) {
		take_answer(x, &a);
		err = book_payment_answer(x->web->options.book, id, a.account, a.pin, a.agree, &p);
		if (err == QT_OK || err == QT_INSUFFICIENT)
			callback_payment(x->web->options.callbacks, &p);
	} else {
		err = book_payment_by_id(x->web->options.book, id, &p);
	}
	if (err != QT_OK && err != QT_INSUFFICIENT) {
		page_error(x, err);
		return;
	}
	const struct currency *currency = currency_by_alpha(p.currency);
	snprintf(title, sizeof title, "%s %s", p.currency,
	         money_format(p.amount_cents, currency ? currency->numeric : 0, amount, sizeof amount));
	page_start(x, title);
	page_note(x, p.description);
	if (p.state == BOOK_PENDING)
		page_form(x);
	else
		page_note(x, book_state_name(p.state));
}

static void binding_page(struct exchange *x, const char *id, bool post)
{
	struct book_binding g;
	struct answer a;
	enum qt_err err;

	if (post) {
		take_answer(x, &a);
		err = book_binding_answer(x->web->options.book, id, a.account, a.pin, a.agree, &g);
		if (err == QT_OK)
			callback_binding(x->web->options.callbacks, &g);
	} else {
		err = book_binding_by_id(x->web->options.book, id, &g);
	}
	if (err != QT_OK) {
		page_error(x, err);
		return;
	}
	page_start(x, "Bind your account to this shop");
	if (g.state == BOOK_PENDING)
		page_form(x);
	else
		page_note(x, book_state_name(g.state));
}

void web_page(struct exchange *x)
{
	bool post = strcmp(x->method, "POST") == 0;
	char id[BOOK_ID_SIZE];
	const char *rest = "";

	if (path_word(x->path, "/pay/", id, sizeof id, &rest) != NULL && *rest == '\0')
		payment_page(x, id, post);
	else if (path_word(x->path, "/bind/", id, sizeof id, &rest) != NULL && *rest == '\0')
		binding_page(x, id, post);
	else
		page_error(x, QT_NO_ROUTE);
}
