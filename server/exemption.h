/* exemption: customers who pay no tax at a merchant, by a certificate the merchant was shown. No HTTP, no JSON.
 * Owns the tables tax_exemption and order_exemption. */
#ifndef QT_EXEMPTION_H
#define QT_EXEMPTION_H

#include "server/store/db.h"

#define CERTIFICATE_MAX 40 /* bytes */

/* A row; members as the columns of 0028-tax-exemption.sql. */
struct exemption {
	int64_t id, merchant_id, customer_id;
	char certificate[CERTIFICATE_MAX + 1];
	int64_t from_ms, until_ms, created_ms, actor_id, ended_ms;
};
/* Is it good at this moment? Pure. */
bool exemption_is_good(const struct exemption *, int64_t at_ms);
/* The customer's newest one that was good at `at_ms`. QT_NOT_FOUND. Any connection. */
enum qt_err exemption_find(struct db *, int64_t merchant_id, int64_t customer_id, int64_t at_ms, struct exemption *)
	QT_USE_RESULT;
/* QT_NOT_FOUND also for another merchant's. Any connection. */
enum qt_err exemption_get(struct db *, int64_t merchant_id, int64_t exemption_id, struct exemption *) QT_USE_RESULT;
/* Write a new one; id is set. Inside a transaction. */
enum qt_err exemption_add(struct db *, struct exemption *) QT_USE_RESULT;
/* Take it back: no good from now on. Inside a transaction. */
enum qt_err exemption_end(struct db *, int64_t exemption_id, int64_t now_ms) QT_USE_RESULT;
/* The order was sold by it. Inside a transaction. */
enum qt_err exemption_use(struct db *, int64_t exemption_id, int64_t order_id) QT_USE_RESULT;

#endif
