/* provider: the registry. See provider.h. */
#include "server/provider.h"

#include <string.h>

#define PROVIDERS_MAX 8
static const struct provider_ops *registered[PROVIDERS_MAX];
static int registered_count;

bool provider_register(const struct provider_ops *ops)
{
	if (registered_count == PROVIDERS_MAX || provider_by_name(ops->name))
		return false;
	registered[registered_count++] = ops;
	return true;
}

const struct provider_ops *provider_by_name(const char *name)
{
	for (int i = 0; i < registered_count; i++)
		if (strcmp(registered[i]->name, name) == 0)
			return registered[i];
	return NULL;
}

const struct provider_ops *provider_at(int index)
{
	return index >= 0 && index < registered_count ? registered[index] : NULL;
}
