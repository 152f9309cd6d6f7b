/* api_card: what the card's routes share with api_card_batch.c and the landing page. */
#ifndef QT_API_CARD_H
#define QT_API_CARD_H

#include "server/call.h"
#include "server/card.h"
#include "server/merchant.h"

/* Members of a card, into the reply's open object: what its holder and the shop see; never number or code. */
enum qt_err card_json(struct call *, const struct card *) QT_USE_RESULT;

#endif
