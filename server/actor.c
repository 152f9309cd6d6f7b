/* actor: who asked, packed into one small integer (see actor_packed in call.h). */
#include "server/call.h"

int64_t actor_packed(const struct actor *actor)
{
	int64_t id = 0;

	switch (actor->role) {
	case ROLE_CUSTOMER: id = actor->customer_id; break;
	case ROLE_TERMINAL: id = actor->terminal_id; break;
	case ROLE_CASHIER:
	case ROLE_MANAGER:
	case ROLE_OWNER:    id = actor->staff_id; break;
	case ROLE_AGENT:    id = actor->agent_id; break;
	case ROLE_CHANNEL:  id = actor->channel_id; break;
	case ROLE_ANYONE:
	case ROLE_OPERATOR:
	case ROLE_PEER:
	case ROLE_PROVIDER: break;
	}
	return id * 16 + __builtin_ctz((unsigned)actor->role);
}
