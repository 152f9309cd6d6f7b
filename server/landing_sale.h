/* landing_sale: what the landing pages of the sale's codes show; see page.h. */
#ifndef QT_LANDING_SALE_H
#define QT_LANDING_SALE_H

#include "server/call.h"
#include "shared/code.h"

/* Till payments and fixed till codes. */
enum qt_err pay_landing(struct call *, const struct code *, struct json *) QT_USE_RESULT;
/* Campaigns and shares. */
enum qt_err campaign_landing(struct call *, const struct code *, struct json *) QT_USE_RESULT;
enum qt_err receipt_landing(struct call *, const struct code *, struct json *) QT_USE_RESULT;

#endif
