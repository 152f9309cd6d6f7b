/* import: how fast a catalogue is taken in as CSV. */
#ifndef QT_BENCH_IMPORT_H
#define QT_BENCH_IMPORT_H

/* Adds import_rows_per_s `rounds` times: `qrtill item import` of 100,000 new items into a server of its own, from the start
 * of the command to its end. */
void bench_import(const char *bin, const char *folder, int rounds);

#endif
