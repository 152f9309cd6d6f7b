/* printer: hands finished ESC/POS bytes to a file, a device or a TCP port, in a thread of its own, so that a printer
 * without paper never stops the till. */
#ifndef QT_POS_PRINTER_H
#define QT_POS_PRINTER_H

#include "shared/err.h"

struct printer;
/* `where`: "tcp:HOST:PORT" (IPv6 in brackets), or the path of a device or file (bytes are added at its end). `wake` is
 * called from the thread when a job ended. */
struct printer *printer_start(const char *where, void (*wake)(void *ctx), void *ctx);
/* Waits at most 2 s for the job under way. NULL is allowed. */
void printer_stop(struct printer *);
/* Takes the bytes over (freed here). QT_BUSY: more than 16 jobs wait. */
enum qt_err printer_send(struct printer *, char *bytes, size_t len) QT_USE_RESULT;
/* Results of ended jobs, one a call: true and QT_OK or why it failed in `p`; false: none. */
bool printer_result(struct printer *, struct problem *p);

#endif
