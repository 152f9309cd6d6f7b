/* camera: a phone or another camera paired with a till: by a code on the till's screen, for one till, until it is ended
 * from either side or twelve hours have passed. What it sees waits for the till for half a minute, and is nothing but text
 * somebody might have typed. Owns the tables camera and camera_scan. No HTTP, no JSON. */
#ifndef QT_CAMERA_H
#define QT_CAMERA_H

#include "server/call.h"
#include "server/server.h"
#include "shared/code.h"

#define CAMERA_CODE_MS (5 * 60 * 1000)             /* a code waits so long for its camera */
#define CAMERA_LIFE_MS (INT64_C(12) * 3600 * 1000) /* of a pairing */
#define CAMERA_SCAN_MS 30000                       /* what a till did not take by then is stale */
#define CAMERA_SCANS_MAX 60                        /* of a camera within that time */
#define CAMERA_TEXT_MAX 1024                       /* bytes of one scan */
#define CAMERA_TOKEN_MAX 80                        /* of a camera's credential, with NUL */

/* A row of camera; members as its columns. */
struct camera {
	int64_t id, terminal_id, created_ms, paired_ms, expires_ms, ended_ms;
};
/* "waiting" (for its camera), "paired", "ended" (also: expired). Static. */
const char *camera_state(const struct camera *, int64_t now_ms);

/* A new pairing for this till; the one before ends. Inside a transaction. */
enum qt_err camera_add(struct db *, int64_t terminal_id, int64_t now_ms, struct camera *) QT_USE_RESULT;
/* The till's newest pairing, in force or not. QT_NOT_FOUND: it never had one. Any connection. */
enum qt_err camera_of_terminal(struct db *, int64_t terminal_id, struct camera *) QT_USE_RESULT;
enum qt_err camera_get(struct db *, int64_t camera_id, struct camera *) QT_USE_RESULT;
/* Whoever shows the pairing code first is its camera; `token` is handed out once. QT_BAD_CODE, QT_CODE_USED,
 * QT_CODE_EXPIRED. Inside a transaction. */
enum qt_err camera_pair(struct call *, const char *code, struct camera *, char token[CAMERA_TOKEN_MAX]) QT_USE_RESULT;
/* Whose credential this is. QT_NOT_SIGNED_IN: nobody's, or the pairing has ended, or its till is none any more. Any
 * connection. */
enum qt_err camera_by_token(struct call *, const char *token, struct camera *) QT_USE_RESULT;
/* Ending twice changes nothing. Inside a transaction. */
enum qt_err camera_end(struct db *, const struct camera *, int64_t now_ms) QT_USE_RESULT;

/* What the camera saw, in order. FNC1 (0x1d) is kept as U+241D. QT_TOO_MANY: more than its till can want. Inside a
 * transaction. */
enum qt_err camera_scan_add(struct call *, const struct camera *, const char *const *texts, int count) QT_USE_RESULT;
/* One of them, for its till. */
struct camera_scan {
	int64_t id;
	char text[CAMERA_TEXT_MAX + 1];
};
/* The camera's next scan after `after` that is not stale. QT_NOT_FOUND. Any connection. */
enum qt_err camera_scan_next(struct call *, const struct camera *, int64_t after, struct camera_scan *) QT_USE_RESULT;

#endif
