/* The way from a path to its route: whatever is asked, by any method, the answer keeps to the table. */
#include "tests/fuzz/fuzz.h"

#include "server/routes.h"

/* What a parameter may hold. */
static void check_token(const char token[128], const struct route *route)
{
	assert(memchr(token, '\0', 128) != NULL);
	for (const char *c = token; *c != '\0'; c++) {
		bool alnum = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');
		assert(alnum || strchr("-_.", *c) != NULL);
	}
	assert(strchr(route->path, ':') != NULL || token[0] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = { "GET", "POST", "DELETE", "HEAD", "PUT", "" };
	char *path = xmalloc(size + 1); /* not terminated: the matcher gets a length */
	static bool opened;

	if (!opened)
		routes_open();
	opened = true;
	memcpy(path, data, size);
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		const struct route *route = NULL;
		char token[128] = "";
		unsigned allow = 0;
		int64_t id = 0;
		enum qt_err err = routes_match(methods[i], path, size, &route, &id, token, &allow);
		assert(err == QT_OK || err == QT_NO_ROUTE || err == QT_BAD_METHOD);
		assert((err == QT_OK) == (route != NULL) && (err != QT_BAD_METHOD || allow != 0));
		if (route == NULL)
			continue;
		assert(strcmp(route->method, methods[i]) == 0 || strcmp(methods[i], "HEAD") == 0);
		assert(id >= 0 && (strstr(route->path, ":id") == NULL || id > 0));
		check_token(token, route);
	}
	free(path);
	return 0;
}
