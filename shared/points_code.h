/* points_code: what a phone shows at a till to collect or spend points, described in qrtill-code(5): sealed by AES-256-GCM
 * with the key the phone has agreed on with the server for one merchant's scheme; a till passes it on and cannot read it.
 * Pure but for the nonce.
 *
 * Text: QTP1, then base32 of: kind (1 byte), number of the key (4), nonce (12), sealed time in ms (8), tag (16).
 * Bound to it (AAD): "qrtill points 1", merchant (8), number (4), kind (1), step of 30 s (8). Numbers big-endian. */
#ifndef QT_POINTS_CODE_H
#define QT_POINTS_CODE_H

#include "shared/crypto.h"

#define POINTS_CODE_PREFIX "QTP1"
#define POINTS_CODE_BYTES (1 + 4 + 12 + 8 + 16)
#define POINTS_CODE_SIZE 72           /* of the text, with NUL */
#define POINTS_CODE_STEP_MS 30000
#define POINTS_KEY_LIMIT INT64_C(4294967296) /* numbers of keys are below this */

enum points_code_kind { POINTS_CODE_COLLECT = 1, POINTS_CODE_SPEND = 2 };

struct points_code {
	int kind;               /* enum points_code_kind */
	int64_t number;         /* of the key */
	uint8_t sealed[12 + 8 + 16];
};

/* The key of a phone for a merchant, out of what both have agreed on (crypto_agree). */
void points_code_key(const uint8_t agreed[32], int64_t merchant_id, int64_t number, uint8_t key[32]);
void points_code_make(const uint8_t key[32], int64_t merchant_id, int64_t number, enum points_code_kind, int64_t now_ms,
                      char out[POINTS_CODE_SIZE]);
/* Take apart what was scanned. QT_BAD_CODE: not such a code. */
enum qt_err points_code_read(const char *text, struct points_code *) QT_USE_RESULT;
/* Open it: of this step, the one before or the one after. QT_BAD_CODE: another key, merchant or kind, or changed;
 * QT_CODE_EXPIRED: genuine, but up to ten minutes old. */
enum qt_err points_code_open(const struct points_code *, const uint8_t key[32], int64_t merchant_id, int64_t now_ms,
                             int64_t *step) QT_USE_RESULT;

#endif
