/* seen: see seen.h. A till whose place another has taken is forgotten: a tick that comes late, never a wrong one. */
#include "server/seen.h"

#include <stdatomic.h>
#include <stddef.h>

#define PLACES 8192 /* power of two; ids are dense, so neighbours never meet */

static struct {
	_Atomic int64_t terminal_id, at_ms;
} places[PLACES];

void seen_mark(int64_t terminal_id, int64_t now_ms)
{
	size_t i = (size_t)terminal_id & (PLACES - 1);

	atomic_store_explicit(&places[i].terminal_id, terminal_id, memory_order_relaxed);
	atomic_store_explicit(&places[i].at_ms, now_ms, memory_order_relaxed);
}

int64_t seen_ms(int64_t terminal_id)
{
	size_t i = (size_t)terminal_id & (PLACES - 1);

	return atomic_load_explicit(&places[i].terminal_id, memory_order_relaxed) == terminal_id
	       ? atomic_load_explicit(&places[i].at_ms, memory_order_relaxed) : 0;
}
