/* The head of a request as the HTTP library leaves it in its buffer, its target, and the route it leads to. */
#include "tests/fuzz/fuzz.h"

#include "server/http_head.h"
#include "server/routes.h"

/* The library's buffer: line ends and what follows a name are NULs. */
static void mangle(char *head, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (head[i] == '\r' && i + 1 < size && head[i + 1] == '\n') {
			head[i] = head[i + 1] = '\0';
			i++;
		} else if (head[i] == '\n' || head[i] == '\r') {
			head[i] = '\0';
		}
	}
}

static void match(const char *target, size_t path_len)
{
	static bool opened;
	const struct route *route = NULL;
	char token[128];
	unsigned allow = 0;
	int64_t id = 0;

	if (!opened)
		routes_open();
	opened = true;
	for (int method = 0; method < METHOD_COUNT; method++)
		if (routes_match(method_names[method], target, path_len, &route, &id, token, &allow) == QT_OK)
			assert(route != NULL && id >= 0 && memchr(token, '\0', sizeof token) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *raw = fuzz_text(data, size), *head = fuzz_text(data, size);
	struct http_head h;
	struct problem p = { 0 };
	size_t target_len = 0, path_len = 0;
	const char *space = memchr(raw, ' ', size);

	if (space != NULL) {
		const char *target = space + 1, *end = memchr(target, ' ', size - (size_t)(target - raw));
		target_len = end ? (size_t)(end - target) : 0;
		if (http_target_check(target, target_len, &path_len, &p) == QT_OK) {
			assert(path_len >= 1 && path_len <= target_len && target[0] == '/');
			match(target, path_len);
		}
		head[space - raw] = '\0';
		if (end != NULL)
			head[end - raw] = '\0';
	}
	mangle(head, size);
	enum qt_err err = http_head_check(head, size, target_len, &h, &p);
	if (err == QT_OK)
		assert(h.lines >= 1 && h.lines <= HTTP_HEADERS_MAX && h.host != NULL && h.content_length >= -1);
	free(raw);
	free(head);
	return 0;
}
