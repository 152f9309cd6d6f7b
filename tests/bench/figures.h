/* figures: the bench's results: each key is measured several times, its median counts. */
#ifndef QT_BENCH_FIGURES_H
#define QT_BENCH_FIGURES_H

/* One more measurement of `key`. Keys are string literals. */
void figure_add(const char *key, double value);
/* Median of what was added; 0 when nothing was. */
double figure_median(const char *key);
/* Print the table with goals, and write medians, minima and maxima as JSON. */
void figures_print(void);
int figures_write(const char *path); /* 0, or -1 with errno */

#endif
