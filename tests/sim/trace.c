/* trace: see trace.h. */
#include "tests/sim/trace.h"

#include "tests/sim/net.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool trace_shown;

/* FNV-1a: says same or not, no more. */
static uint64_t hash = UINT64_C(0xcbf29ce484222325);

void trace(const char *fmt, ...)
{
	char line[700];
	int n = snprintf(line, sizeof line, "%9lld ", (long long)net_now_ms);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
	va_end(ap);
	for (const char *p = line; *p; p++)
		hash = (hash ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
	if (trace_shown)
		puts(line);
}

uint64_t trace_hash(void)
{
	return hash;
}

void broken(const char *fmt, ...)
{
	va_list ap;

	printf("broken: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	_exit(1);
}
