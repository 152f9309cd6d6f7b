/* landing_shop: what the landing pages of the shop's codes show; see page.h. */
#ifndef QT_LANDING_SHOP_H
#define QT_LANDING_SHOP_H

#include "server/call.h"
#include "shared/code.h"

enum qt_err card_landing(struct call *, const struct code *, struct json *) QT_USE_RESULT;
enum qt_err product_landing(struct call *, const struct code *, struct json *) QT_USE_RESULT;
enum qt_err identity_landing(struct call *, const struct code *, struct json *) QT_USE_RESULT;
enum qt_err coupon_landing(struct call *, const struct code *, struct json *) QT_USE_RESULT;
enum qt_err camera_landing(struct call *, const struct code *, struct json *) QT_USE_RESULT;

#endif
