/* figures: see figures.h. */
#include "tests/bench/figures.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIGURES_MAX 64
#define VALUES_MAX 32

static struct figure {
	const char *key;
	double values[VALUES_MAX];
	int count;
} figures[FIGURES_MAX];
static int figure_count;

/* What is hoped for, from the project's goals: at least (+) or at most (-). */
static const struct goal {
	const char *key;
	char sense;
	double bound;
} goals[] = {
	{ "settle_per_s", '+', 15000 },      { "settle_per_s_c256", '+', 20000 }, { "cpu_us_per_settlement", '-', 55 },
	{ "ratio_vs_pgbench", '+', 6 },      { "p99_ms_at_200", '-', 8 },         { "growth_ratio", '+', 0.9 },
	{ "rss_idle_mb", '-', 16 },          { "rss_1m_mb", '-', 64 },            { "bytes_per_settlement", '-', 400 },
	{ "till_start_ms", '-', 150 },       { "lookup_us_100k", '-', 100 },      { "qr_draw_ms", '-', 5 },
	{ "sale_keys", '-', 3 },             { "split_keys", '-', 7 },            { "refund_repeat_keys", '-', 6 },
	{ "offline_drain_per_s", '+', 500 }, { "search_open_ms_100k", '-', 20 }, { "early_answers", '-', 0 },
	{ "paid_event_ms", '-', 100 },       { "promo_eval_us", '-', 200 }, { "report_year_ms_1m", '-', 1000 },
	{ "import_rows_per_s", '+', 5000 },
	{ "sale_ms_100k", '-', 10 },         { "search_ms_100k", '-', 20 },       { "till_rss_mb", '-', 40 },
};

static struct figure *find(const char *key, bool add)
{
	for (int i = 0; i < figure_count; i++)
		if (strcmp(figures[i].key, key) == 0)
			return &figures[i];
	if (!add || figure_count == FIGURES_MAX)
		return NULL;
	figures[figure_count].key = key;
	return &figures[figure_count++];
}

void figure_add(const char *key, double value)
{
	struct figure *f = find(key, true);
	if (f != NULL && f->count < VALUES_MAX)
		f->values[f->count++] = value;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double sorted_at(const struct figure *f, int index)
{
	double sorted[VALUES_MAX];
	memcpy(sorted, f->values, sizeof sorted);
	qsort(sorted, (size_t)f->count, sizeof *sorted, by_value);
	return sorted[index];
}

double figure_median(const char *key)
{
	const struct figure *f = find(key, false);
	return f != NULL && f->count > 0 ? sorted_at(f, f->count / 2) : 0;
}

static const struct goal *goal_of(const char *key)
{
	for (size_t i = 0; i < sizeof goals / sizeof *goals; i++)
		if (strcmp(goals[i].key, key) == 0)
			return &goals[i];
	return NULL;
}

void figures_print(void)
{
	printf("%-26s %12s %12s %12s   %s\n", "figure", "median", "least", "most", "goal");
	for (int i = 0; i < figure_count; i++) {
		const struct figure *f = &figures[i];
		const struct goal *g = goal_of(f->key);
		double median = sorted_at(f, f->count / 2);
		printf("%-26s %12.2f %12.2f %12.2f", f->key, median, sorted_at(f, 0), sorted_at(f, f->count - 1));
		if (g != NULL) {
			bool met = g->sense == '+' ? median >= g->bound : median <= g->bound;
			printf("   %s %g  %s", g->sense == '+' ? "at least" : "at most", g->bound, met ? "met" : "NOT MET");
		}
		putchar('\n');
	}
}

int figures_write(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return -1;
	fputs("{\n", f);
	for (int i = 0; i < figure_count; i++)
		fprintf(f, "  \"%s\": %.3f,\n", figures[i].key, sorted_at(&figures[i], figures[i].count / 2));
	fputs("  \"ranges\": {\n", f);
	for (int i = 0; i < figure_count; i++)
		fprintf(f, "    \"%s\": [%.3f, %.3f, %d]%s\n", figures[i].key, sorted_at(&figures[i], 0),
		        sorted_at(&figures[i], figures[i].count - 1), figures[i].count, i + 1 < figure_count ? "," : "");
	fputs("  }\n}\n", f);
	return fclose(f);
}
