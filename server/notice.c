/* notice: see notice.h. The handing over of short messages is in sms.c. */
#include "server/notice.h"

#include "server/customer.h"
#include "server/events.h"
#include "server/merchant.h"
#include "shared/buf.h"

#include <string.h>

#define SMS_WORTH_MS (24 * 60 * 60 * 1000) /* a notice is not worth a message after a day */

/* Phone number and language of whom the notice is for; an empty phone when there is none. */
static enum qt_err receiver(struct db *db, const struct notice *n, char phone[17], bool *chinese)
{
	struct customer c;
	struct merchant m;
	enum qt_err err;

	phone[0] = '\0';
	*chinese = false;
	if (n->customer_id == 0) {
		err = merchant_get(db, n->merchant_id, &m);
		if (err == QT_OK) {
			memcpy(phone, m.phone, sizeof m.phone);
			*chinese = strcmp(m.country, "CN") == 0 || strcmp(m.country, "TW") == 0 || strcmp(m.country, "HK") == 0;
		}
		return err;
	}
	err = customer_get(db, n->customer_id, &c);
	if (err == QT_NOT_FOUND) /* a split server that has no copy of the person yet: the notice is kept, no message is sent */
		return QT_OK;
	if (err == QT_OK) {
		memcpy(phone, c.phone, sizeof c.phone);
		*chinese = strcmp(c.locale, "zh") == 0;
	}
	return err;
}

static enum qt_err add_event(struct db *db, const struct notice *n, int64_t notice_id)
{
	struct buf extra = { 0 };
	struct json j;
	enum qt_err err;

	json_start(&j, &extra);
	json_object(&j, NULL);
	json_text(&j, "kind", n->kind);
	json_int(&j, "ref", n->ref_id);
	json_text(&j, "text", n->text_en);
	json_text(&j, "text_zh", n->text_zh);
	json_end(&j);
	err = event_add(db, n->customer_id ? TOPIC_CUSTOMER : TOPIC_MERCHANT,
	                n->customer_id ? n->customer_id : n->merchant_id,
	                "notice", notice_id, extra.data);
	buf_free(&extra);
	return err;
}

enum qt_err notice_add(struct db *db, const struct notice *n)
{
	SQL(insert, "INSERT INTO notice (id, customer_id, merchant_id, kind, ref_id, text_en, text_zh, at_ms, read_ms) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)");
	char phone[17] = "";
	bool chinese = false;
	enum qt_err err = n->sms ? receiver(db, n, phone, &chinese) : QT_OK;
	int64_t id;

	if (err != QT_OK)
		return err;
	id = db_new_id(db, "notice");
	err = db_run(db, &insert, "iiititti", id, n->customer_id, n->merchant_id, n->kind, n->ref_id, n->text_en,
	             n->text_zh,
	             n->at_ms);
	if (err == QT_OK)
		err = add_event(db, n, id);
	if (err == QT_OK && phone[0] != '\0')
		err = sms_add(db, phone, chinese ? n->text_zh : n->text_en, n->at_ms, n->at_ms + SMS_WORTH_MS, id);
	return err;
}

enum qt_err notice_mark_read(struct db *db, int64_t customer_id, int64_t merchant_id, int64_t notice_id, int64_t now_ms)
{
	SQL(find, "SELECT read_ms FROM notice WHERE id = $1 AND customer_id = $2 AND (merchant_id = $3 OR $3 = 0)");
	SQL(mark, "UPDATE notice SET read_ms = $2 WHERE id = $1");
	int64_t read_ms;
	enum qt_err err = db_one(db, &find, "iii", notice_id, customer_id, merchant_id, "i", &read_ms);

	if (err == QT_OK && read_ms == 0)
		err = db_run(db, &mark, "ii", notice_id, now_ms);
	return err;
}
