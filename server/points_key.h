/* points_key: the keys that phones hold, one for each merchant's points scheme they have joined, and the codes made with
 * them (shared/points_code.h). The key is agreed on by ECDH and never sent; the server keeps its copy sealed by a key
 * outside the database. No HTTP, no JSON. Owns the table points_key. */
#ifndef QT_POINTS_KEY_H
#define QT_POINTS_KEY_H

#include "server/call.h"
#include "server/server.h"
#include "shared/points_code.h"

#define POINTS_KEYS_MAX 5 /* in force, of a customer at a merchant: so many phones; a further one ends the oldest */

/* Join: a key with the phone whose public point is given; *number and the server's point are what the phone needs to make
 * the same. QT_BAD_FIELD (public_key). Inside a transaction. */
enum qt_err points_key_add(struct call *, int64_t merchant_id, const uint8_t phone[CRYPTO_POINT_SIZE], int64_t *number,
                           uint8_t server_point[CRYPTO_POINT_SIZE]) QT_USE_RESULT;

/* A code that a till passed on. */
struct points_claim {
	int64_t key_id, customer_id, step;
};
/* Whose code it is. `kind` 0: any. QT_BAD_CODE (one answer for all that is wrong with it), QT_CODE_EXPIRED, QT_CODE_USED.
 * Nothing is written. Any connection. */
enum qt_err points_key_claim(struct call *, int64_t merchant_id, const char *text, int kind,
                             struct points_claim *) QT_USE_RESULT;
/* It, and all older ones, are used. QT_CODE_USED. Inside a transaction, last. */
enum qt_err points_key_use(struct db *, const struct points_claim *) QT_USE_RESULT;

#endif
