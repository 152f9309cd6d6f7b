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

/* QT_NOT_FOUND for another person's. customer_id 0: the merchant's own. Inside a transaction. */
enum qt_err notice_mark_read(struct db *, int64_t customer_id, int64_t merchant_id, int64_t notice_id, int64_t now_ms)
	QT_USE_RESULT;

/* Put a message into the outbox as it is (confirmation codes). Inside a transaction. */
enum qt_err sms_add(struct db *, const char *phone, const char *text, int64_t now_ms, int64_t give_up_ms,
                    int64_t notice_id) QT_USE_RESULT;

/* A job of the server: hand what is due to smstools, as files of its spool format, and mark it sent. Each file
 * is written under a hidden name, synced and renamed. At least once: a crash between the file and the mark sends
 * again. Not in the writer. */
enum qt_err sms_send_due(struct server *, int64_t now_ms, int *sent) QT_USE_RESULT;
/* The file's text for one message: "To:", "Alphabet: UTF-8", a blank line, the text. Pure. */
struct buf;
void sms_spool_text(struct buf *, const char *phone, const char *text);

#endif
