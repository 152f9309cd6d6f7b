/* page: the phone pages. Serves the files of the web folder and, at /Q/TOKEN, the landing page of a code, filled on
 * the server so that it reads without JavaScript. Knows no rule of money: what a page shows comes from the landing
 * function of the code's kind, what a page does goes through /v1.
 *
 * The web folder (settings.web_dir) is read once into memory, so that no request names a file on disk:
 *   *.html           templates (template.h); home.html is "/", the others are landing pages and their parts
 *   text/en.json, text/zh.json   the dictionary of templates and scripts: one object of key to text
 *   app.css, sw.js, folders js and icons   served as they are; manifest.webmanifest is a template: its start address
 *                    carries the code that was scanned
 *
 * What every template finds in scope besides what the landing function writes:
 *   lang "en"|"zh" · token · url (the code as scanned) · kind (wire name) · kind_name, kind_name_zh · set_up (the phone
 *   has a wallet here) · path (of this page) */
#ifndef QT_PAGE_H
#define QT_PAGE_H

#include "server/call.h"
#include "shared/code.h"

/* How one kind of code lands. Its owner adds a row to landings[] in page.c. */
struct landing {
	enum code_kind kind;
	const char *page;   /* template of the web folder, "payment.html" */
	/* Write what the page may show anyone who holds the code, as members of the open object: names as in the API,
	 * "currency" beside amounts, name_zh beside name. The same members answer GET /v1/landing/:token. Only reads
	 * (call->db); QT_NOT_FOUND when the row is gone, which shows as "not a code of ours". A state that is over
	 * (expired, paid, ended) is no error: write "state" and let the page say it. */
	enum qt_err (*fill)(struct call *, const struct code *, struct json *);
};

extern const struct route page_routes[];
extern const int page_route_count;

/* Security headers of every ROUTE_PAGE answer: name, value. */
struct page_header { const char *name, *value; };
extern const struct page_header page_headers[];
extern const int page_header_count;

/* What the landing function of the call's code writes; for the process of a split server that serves the page. */
enum qt_err page_landing_fill(struct call *, struct json *) QT_USE_RESULT;

/* Read the web folder. Called by main, so that a broken installation is noticed at start. */
enum qt_err pages_open(const char *web_dir, struct problem *) QT_USE_RESULT;

#endif
