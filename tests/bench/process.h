/* process: what the kernel knows of a running process, for the bench. */
#ifndef QT_BENCH_PROCESS_H
#define QT_BENCH_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* CPU time of all its threads so far, nanoseconds (/proc/PID/task/TID/schedstat). 0 when it cannot be read. */
int64_t process_cpu_ns(pid_t);
/* Resident memory, bytes (VmRSS). */
int64_t process_rss_bytes(pid_t);
/* Size of a file, bytes; 0 when there is none. */
int64_t file_bytes(const char *path);

#endif
