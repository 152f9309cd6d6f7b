/* diskfault: what a test and diskfault_shim.c share: a file of this size, mapped by both. */
#ifndef QT_TEST_DISKFAULT_H
#define QT_TEST_DISKFAULT_H

#include <stdatomic.h>

struct diskfault {
	atomic_int write_errno; /* writes fail with it; 0: they work */
	atomic_int sync_errno;  /* syncs fail with it */
	atomic_int read_errno;  /* reads fail with it */
	atomic_int name_errno;  /* what opens, renames, removes or cuts a file fails with it */
	atomic_int after;       /* so many such calls work first */
	atomic_int times;       /* so many fail, then all work; -1: all fail */
	atomic_int hits;        /* failed so far */
	atomic_int alloc;       /* the so-manieth allocation from now on fails; 0: none */
	atomic_int alloc_all;   /* and all behind it */
	atomic_int alloc_out;   /* that is so now */
	atomic_int alloc_hits;
	atomic_int counting;    /* calls in the folder are counted */
	atomic_int writes, syncs, reads, names, allocs; /* seen; all but allocs while counting */
};

#endif
