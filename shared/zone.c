/* zone: see zone.h. Zones that were asked for are kept; there are few. */
#include "shared/zone.h"

#include "shared/err.h"

#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS INT64_C(86400000)

struct zone {
	char name[ZONE_NAME_MAX + 1];
	GTimeZone *glib;
	struct zone *next;
};
static struct zone *known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Names become paths: nothing but what zones are named with. */
static bool is_name(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
	size_t len = strlen(name);

	return len > 0 && len <= ZONE_NAME_MAX && strspn(name, allowed) == len && g_ascii_isalpha(name[0]);
}

const struct zone *zone_find(const char *name)
{
	struct zone *z;

	if (!is_name(name))
		return NULL;
	pthread_mutex_lock(&lock);
	for (z = known; z != NULL && strcmp(z->name, name) != 0; z = z->next)
		;
	if (z == NULL) {
		GTimeZone *glib = g_time_zone_new_identifier(name);
		if (glib != NULL) {
			z = xcalloc(1, sizeof *z);
			snprintf(z->name, sizeof z->name, "%s", name);
			z->glib = glib;
			z->next = known;
			known = z;
		}
	}
	pthread_mutex_unlock(&lock);
	return z;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static int64_t offset_ms(const struct zone *z, int64_t ms)
{
	int interval = g_time_zone_find_interval(z->glib, G_TIME_TYPE_UNIVERSAL, floor_div(ms, 1000));
	return g_time_zone_get_offset(z->glib, interval) * INT64_C(1000);
}

struct zone_time zone_local(const struct zone *z, int64_t ms)
{
	int64_t local = ms + offset_ms(z, ms), day = floor_div(local, DAY_MS);
	return (struct zone_time){ day, (int)((local - day * DAY_MS) / 60000) };
}

/* The first moment whose day is this one: clocks may be put forward over midnight, so it is searched for. */
int64_t zone_day_start(const struct zone *z, int64_t day)
{
	int64_t low = (day - 2) * DAY_MS, high = (day + 2) * DAY_MS;

	while (low < high) {
		int64_t middle = low + (high - low) / 2;
		if (zone_local(z, middle).day < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void zone_of_machine(char name[ZONE_NAME_MAX + 1])
{
	static const char folder[] = "/zoneinfo/";
	const char *found = getenv("TZ");
	char target[256];

	if (found == NULL || zone_find(found) == NULL) {
		ssize_t n = readlink("/etc/localtime", target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
		found = strstr(target, folder);
		if (found != NULL)
			found += sizeof folder - 1;
	}
	snprintf(name, ZONE_NAME_MAX + 1, "%s", found != NULL && zone_find(found) != NULL ? found : "UTC");
}

char *zone_day_text(int64_t day, char out[11])
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_julian(&date, (guint32)(day + 719163)); /* 1970-01-01 there */
	snprintf(out, 11, "%04u-%02u-%02u", g_date_get_year(&date) % 10000u, g_date_get_month(&date) % 100u,
	         g_date_get_day(&date) % 100u);
	return out;
}

bool zone_day_parse(const char *text, int64_t *day)
{
	int year, month, date, end = 0;

	if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 ||
	    sscanf(text, "%4d-%2d-%2d%n", &year, &month, &date, &end) != 3 || end != 10 || year < 1970 ||
	    !g_date_valid_dmy((GDateDay)date, (GDateMonth)month, (GDateYear)year))
		return false;
	GDate *d = g_date_new_dmy((GDateDay)date, (GDateMonth)month, (GDateYear)year);
	*day = (int64_t)g_date_get_julian(d) - 719163;
	g_date_free(d);
	return true;
}

int64_t zone_month_start(int64_t day, unsigned months)
{
	GDate date;

	g_date_clear(&date, 1);
	g_date_set_julian(&date, (guint32)(day + 719163));
	g_date_set_day(&date, 1);
	g_date_add_months(&date, months);
	return (int64_t)g_date_get_julian(&date) - 719163;
}
