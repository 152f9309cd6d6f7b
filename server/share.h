/* share: re-shared codes (W5): chains of promoters of any depth, and a channel's root (W18). No HTTP, no JSON.
 * Owns the table share. Rows never change. */
#ifndef QT_SHARE_H
#define QT_SHARE_H

#include "server/campaign.h"
#include "server/order.h"

struct share {
	int64_t id, campaign_id;
	int64_t parent_id;    /* 0: from the campaign's own code */
	int64_t customer_id;  /* promoter; 0: a channel's root */
	int64_t channel_id;   /* credited with sales by this share; 0: none */
	int64_t generation;   /* 1 for the first; a channel's root is 0 */
	int64_t created_ms;
};
/* QT_NOT_FOUND. Any connection. */
enum qt_err share_get(struct db *, int64_t share_id, struct share *) QT_USE_RESULT;

/* Ancestors from this share up (itself first), at most `max`. Writer only: rows are kept in memory. */
enum qt_err share_chain_of_writer(struct db *, int64_t share_id, struct share *chain, int max,
                                  int *count) QT_USE_RESULT;

/* What a SHARE or CAMPAIGN code says; share->id 0 for a campaign's own code. QT_BAD_CODE, QT_WRONG_KIND,
 * QT_NOT_FOUND. Any connection. */
enum qt_err share_by_code(struct db *, const struct server *, const char *text, int64_t now_ms, struct share *)
	QT_USE_RESULT;
/* Credit an order to the code (sets campaign_id and share_id); the campaign must be the merchant's. A campaign
 * that is not running is no error: the order says so when it is paid. Writer only. */
enum qt_err share_credit(struct call *, const char *text, struct order *) QT_USE_RESULT;

/* The customer's own share of what `from` is; the one there is already when asked again, also when `from` is
 * their own. QT_CHAIN_CYCLE when the customer is further up the chain, QT_CAMPAIGN_CLOSED, QT_NOT_FOUND (channel_id).
 * Inside a transaction. */
enum qt_err share_make(struct db *, const struct share *from, int64_t customer_id, int64_t channel_id, int64_t now_ms,
                       struct share *, struct problem *) QT_USE_RESULT;
/* A channel's root in a campaign. Inside a transaction. */
enum qt_err share_make_root(struct db *, const struct campaign *, int64_t channel_id, int64_t now_ms, struct share *)
	QT_USE_RESULT;

/* The SHARE code's URL: also the link. */
char *share_code_url(const struct server *, int64_t share_id, char out[CODE_URL_MAX]);

#endif
