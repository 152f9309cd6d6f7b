/* seen: when each till was last heard of. In memory only: after a restart nobody was seen yet. Any thread. */
#ifndef QT_SEEN_H
#define QT_SEEN_H

#include <stdint.h>

void seen_mark(int64_t terminal_id, int64_t now_ms);
int64_t seen_ms(int64_t terminal_id); /* 0: not since the start */

#endif
