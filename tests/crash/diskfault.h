/* diskfault: what a test and diskfault_shim.c share: a file of this size, mapped by both. */
#ifndef QT_TEST_DISKFAULT_H
#define QT_TEST_DISKFAULT_H

#include <stdatomic.h>

struct diskfault {
	atomic_int write_errno; /* writes fail with it; 0: they work */
	atomic_int sync_errno;  /* syncs fail with it */
	atomic_int after;       /* so many such calls work first */
	atomic_int times;       /* so many fail, then all work; -1: all fail */
	atomic_int hits;        /* failed so far */
	atomic_int alloc;       /* the so-manieth allocation from now on fails; 0: none */
	atomic_int alloc_hits;
};

#endif
