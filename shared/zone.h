/* zone: time zones by their IANA names, through GLib: which day and hour it is somewhere, and when a day begins there.
 * Any thread; no zone of the process (TZ) is looked at. Knows the system's zone files alone. */
#ifndef QT_ZONE_H
#define QT_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#define ZONE_NAME_MAX 40

struct zone;
/* The zone of a name ("Asia/Shanghai", "UTC"); NULL when there is none. Lives as long as the process. */
const struct zone *zone_find(const char *name);

/* A moment's day (since 1970-01-01) and minute of that day there, as clocks show it. */
struct zone_time {
	int64_t day;
	int minute;
};
struct zone_time zone_local(const struct zone *, int64_t ms);
/* The first moment of a day there, unix ms: a day has 23, 24 or 25 hours (or other) until the next begins. */
int64_t zone_day_start(const struct zone *, int64_t day);

/* What the machine's clock goes by: $TZ or /etc/localtime, as an IANA name; "UTC" when it has none. */
void zone_of_machine(char name[ZONE_NAME_MAX + 1]);

/* "2026-11-21" into out[11]. */
char *zone_day_text(int64_t day, char out[11]);
/* The other way; false when it is no day from 1970 on, written just so. */
bool zone_day_parse(const char *text, int64_t *day);
/* The first day of a day's month, or of the month so many later. */
int64_t zone_month_start(int64_t day, unsigned months);

#endif
