/* training: a till that sells for practice and can never reach the books. It runs in a folder of its own, DATA_DIR/training,
 * filled anew at each start with the catalogue and the particulars of the real till, whose file is only read. The process
 * reads no credential and opens no network: the API client gets a transport that answers in the same process (api_inject),
 * so libcurl is never started. What a training has not, as cards, points and coupons, is refused with QT_TRAINING. */
#ifndef QT_POS_TRAINING_H
#define QT_POS_TRAINING_H

#include "shared/err.h"

struct till;

/* Open the training file as the till's, and put the stand-in in the server's place: in place of reading the real file and
 * key. `t->settings` are loaded and become those of the training: its folder, no server, no drawer. Errors as
 * tdb_copy_shop. */
enum qt_err training_open(struct till *, struct problem *) QT_USE_RESULT;
/* The loop's wait: answers what was sent, else waits for `fd`. true: fd can be read. */
bool training_wait(struct till *, int fd, int timeout_ms);
void training_close(void);

#endif
