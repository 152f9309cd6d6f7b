/* tmp: a folder of the test's own, removed at exit. */
#ifndef QT_TEST_TMP_H
#define QT_TEST_TMP_H

/* Makes /tmp/qrtill-test-XXXXXX at first call; the same path (static) afterwards. Removed at exit unless
 * QRTILL_KEEP is set. */
const char *test_folder(void);

#endif
