/* sandbox_sign: the signature of the sandbox payment platform's HTTP, made and checked by both sides; the whole
 * protocol is in qrtill-sandbox(8). A request or callback carries
 *   X-Sandbox-Time: unix milliseconds
 *   X-Sandbox-Signature: hex of HMAC-SHA-256(key, METHOD "\n" PATH "\n" TIME "\n" hex(SHA-256(body)))
 * and an answer carries the signature over its status in place of the method and the request's signature in place of
 * the path, so that an answer cannot be passed off as that to another request. */
#ifndef QT_SANDBOX_SIGN_H
#define QT_SANDBOX_SIGN_H

#include "shared/err.h"

#include <stdint.h>

#define SANDBOX_SIGNATURE_SIZE 65           /* 64 hex digits and NUL */
#define SANDBOX_CLOCK_SLACK_MS (5 * 60000)  /* requests older or newer than this are refused */

/* `first` is the method, or an answer's status as text; `second` the path with query, or the request's signature. */
void sandbox_sign(const uint8_t key[32], const char *first, const char *second, int64_t time_ms, const void *body,
                  size_t body_len, char signature[SANDBOX_SIGNATURE_SIZE]);
/* The signature is right and, when now_ms is not 0, its time is within the slack. Constant time. `signature` and
 * `time_text` may be NULL (header missing): then it is not. */
bool sandbox_signed(const uint8_t key[32], const char *first, const char *second, const char *time_text, const void *body,
                    size_t body_len, const char *signature, int64_t now_ms);

/* Read a key file: 64 hex digits, mode 0600. Made with a fresh key when it does not exist. QT_BAD_CONFIG says why. */
enum qt_err sandbox_key_load(const char *path, uint8_t key[32], struct problem *) QT_USE_RESULT;

#endif
