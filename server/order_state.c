/* order_state: see order_state.h. */
#include "server/order_state.h"

#include <string.h>

#define STATES_MAX 13

struct state {
	const char *name;
	unsigned next; /* bit per state that may follow */
};
#define X(name, number, wire, next) [number] = { wire, next },
static const struct state order_states[STATES_MAX] = { ORDER_STATES(X) };
static const struct state payment_states[STATES_MAX] = { PAYMENT_STATES(X) };
#undef X

static bool may(const struct state *table, int from, int to)
{
	return from > 0 && from < STATES_MAX && to > 0 && to < STATES_MAX && (table[from].next & S(to)) != 0;
}

static const char *name_of(const struct state *table, int state)
{
	return state > 0 && state < STATES_MAX && table[state].name ? table[state].name : "?";
}

bool order_state_may(int from, int to)
{
	return may(order_states, from, to);
}

bool payment_state_may(int from, int to)
{
	return may(payment_states, from, to);
}

const char *order_state_name(int state)
{
	return name_of(order_states, state);
}

const char *payment_state_name(int state)
{
	return name_of(payment_states, state);
}

int order_state_by_name(const char *name)
{
	for (int i = 1; i < STATES_MAX; i++)
		if (order_states[i].name && strcmp(order_states[i].name, name) == 0)
			return i;
	return 0;
}

const char *payment_method_name(int method)
{
	switch (method) {
#define X(name, number, wire) case number: return wire;
	PAYMENT_METHODS(X)
#undef X
	}
	return "?";
}

const char *payment_source_name(int source)
{
	switch (source) {
#define X(name, number, wire) case number: return wire;
	PAYMENT_SOURCES(X)
#undef X
	}
	return NULL;
}
