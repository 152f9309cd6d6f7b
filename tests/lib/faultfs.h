/* faultfs: SQLite's file layer with a switch for trouble: a full disk, failing writes, failing syncs. */
#ifndef QT_TEST_FAULTFS_H
#define QT_TEST_FAULTFS_H

enum fault { FAULT_NONE, FAULT_FULL, FAULT_WRITE, FAULT_SYNC };

/* Make it the default file layer; before the first database is opened. */
void faultfs_install(void);
/* From the next call on; any thread. */
void faultfs_set(enum fault);
/* Writes or syncs that were refused so far. */
int faultfs_hits(void);

#endif
