/* report: the one description of every report: its name, columns and chart. The server fills rows by it, JSON, CSV, PDF and
 * the console's screens show them by it. qrtill-report(7) says what each counts. Pure tables. */
#ifndef QT_REPORT_H
#define QT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

enum report_type {
	REPORT_TEXT,
	REPORT_WORD,   /* a word of ours, shown by report_word */
	REPORT_NUMBER, /* an id: not added up */
	REPORT_COUNT,
	REPORT_MONEY,  /* minor units of the answer's currency */
	REPORT_RATE,   /* basis points */
	REPORT_DAY,    /* "2026-11-21" */
	REPORT_TIME    /* unix ms; 0: none */
};
struct report_column {
	const char *name;             /* member of a row in JSON; NULL ends the list */
	enum report_type type;
	bool sum;                     /* has a sum in the member "total" */
	const char *title, *title_zh; /* for people */
};
enum report_chart { REPORT_NO_CHART, REPORT_BARS, REPORT_PIE };

#define REPORT_COLUMNS_MAX 14
struct report {
	const char *name;             /* "day": GET /v1/reports/day, qrtill report day; NULL ends the table */
	const char *title, *title_zh;
	const char *help;             /* one line */
	bool now;                     /* tells how it stands now: takes no days */
	struct report_column columns[REPORT_COLUMNS_MAX + 1];
	enum report_chart chart;
	const char *label, *value;    /* columns the chart shows; NULL: no chart */
};

extern const struct report reports[];
/* NULL when there is none. */
const struct report *report_find(const char *name);
int report_column_count(const struct report *);
/* A word of a REPORT_WORD column for people; the word itself when it is not known. */
const char *report_word(const char *word, bool chinese);

#endif
