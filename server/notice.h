/* notice: what people are told after a payment and when something of theirs changes (W13). A row for the page
 * (with an event, so that it appears at once), and a row in the outbox of short messages when the person has a
 * confirmed phone number. Owns the tables notice and sms. */
#ifndef QT_NOTICE_H
#define QT_NOTICE_H

#include "server/server.h"

#define NOTICE_TEXT_MAX 400 /* bytes of one language's text */

struct notice {
	int64_t customer_id;  /* to whom; 0: to the merchant */
	int64_t merchant_id;  /* to whom, or from whom */
	const char *kind;     /* short word: "paid", "refunded", "card-bound" ... */
	int64_t ref_id;       /* row it is about, by kind; 0: none */
	int64_t at_ms;
	const char *text_en, *text_zh; /* whole sentences with amounts; borrowed */
	bool sms;             /* worth a short message too */
};
/* Inside a transaction: adds the row, the event, and the short message. */
enum qt_err notice_add(struct db *, const struct notice *) QT_USE_RESULT;

/* Put a message into the outbox as it is (confirmation codes). Inside a transaction. */
enum qt_err sms_add(struct db *, const char *phone, const char *text, int64_t now_ms, int64_t give_up_ms,
                    int64_t notice_id) QT_USE_RESULT;

#endif
