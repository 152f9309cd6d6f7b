/* routes: see routes.h. A module's table is added to tables[]; nothing else needs to know of it. */
#include "server/routes.h"

#include "server/page.h"

#include <stdlib.h>
#include <string.h>

const char *const method_names[METHOD_COUNT] = { "GET", "POST", "DELETE" };

/* X(table): TABLE_routes and TABLE_route_count, defined in api_TABLE.c or TABLE.c. */
#define TABLES(X) \
	X(status) X(event) X(page) X(account) X(journal) \
	X(merchant) X(terminal) X(staff) X(catalogue) X(item_import) X(stock) X(option) X(sold_out) \
	X(customer) X(card) X(card_batch) X(points) X(points_scheme) X(notice) X(code) \
	X(order) X(payment) X(campaign) X(share) X(rebate) X(prefund) X(receipt) X(provider) X(peer) X(shift) \
	X(approval) X(held) X(store_rule) X(dashboard) X(promotion) X(coupon) X(member) X(wallet) X(till_event) X(login) X(camera) \
	X(report) X(withdraw)

#define X(name) extern const struct route name##_routes[]; extern const int name##_route_count;
TABLES(X)
#undef X

static const struct {
	const struct route *routes;
	const int *count;
} tables[] = {
#define X(name) { name##_routes, &name##_route_count },
	TABLES(X)
#undef X
};

/* A path cut at its slashes. Parameters keep the colon. */
#define SEGMENTS_MAX 8
struct path {
	int count;
	struct { const char *text; size_t len; } segments[SEGMENTS_MAX];
};
struct entry {
	const struct route *route;
	enum method method;
	struct path path;
	struct entry *next; /* of the same bucket */
};

#define BUCKETS 128
static struct {
	struct entry *entries;
	int count;
	struct entry *buckets[BUCKETS];
} index_of;

static bool cut(const char *text, size_t len, struct path *p)
{
	const char *end = text + len;
	p->count = 0;
	if (len == 0 || *text != '/')
		return false;
	for (const char *s = text + 1; s <= end;) {
		const char *slash = memchr(s, '/', (size_t)(end - s));
		if (slash == NULL)
			slash = end;
		if (p->count == SEGMENTS_MAX)
			return false;
		p->segments[p->count].text = s;
		p->segments[p->count++].len = (size_t)(slash - s);
		s = slash + 1;
	}
	return true;
}

/* By the first two segments when they are words, so that /v1/orders and /v1/cards do not meet. */
static unsigned bucket_of(const struct path *p)
{
	unsigned h = 5381;
	for (int i = 0; i < p->count && i < 2; i++) {
		if (i == 1 && p->segments[0].len != 2)
			break; /* only /v1 has more under it than one parameter; /Q, /q have one segment more */
		if (i == 1 && p->segments[0].text[0] != 'v')
			break;
		for (size_t k = 0; k < p->segments[i].len; k++)
			h = h * 33 + (unsigned char)p->segments[i].text[k];
	}
	return h % BUCKETS;
}

static enum method method_of(const char *name)
{
	for (int i = 0; i < METHOD_COUNT; i++)
		if (strcmp(method_names[i], name) == 0)
			return (enum method)i;
	return METHOD_COUNT;
}

static void check_route(const struct route *r, enum method m)
{
	if (m == METHOD_COUNT || r->handle == NULL || r->help == NULL || r->roles == 0 ||
	    (m == METHOD_GET && (r->flags & ROUTE_WRITE)) || ((r->flags & ROUTE_COMPACT) && r->rebuild == NULL) ||
	    ((r->flags & ROUTE_PAGE) && m != METHOD_GET) || (r->fields != NULL && r->args_size == 0))
		fatal("the route %s %s is not well described", r->method, r->path);
}

void routes_open(void)
{
	if (index_of.entries != NULL)
		return;
	int count = 0;
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		count += *tables[t].count;
	index_of.entries = xcalloc((size_t)count, sizeof *index_of.entries);
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (int i = 0; i < *tables[t].count; i++) {
			struct entry *e = &index_of.entries[index_of.count++];
			e->route = &tables[t].routes[i];
			e->method = method_of(e->route->method);
			check_route(e->route, e->method);
			if (!cut(e->route->path, strlen(e->route->path), &e->path))
				fatal("the path %s cannot be used", e->route->path);
			for (const struct entry *o = index_of.entries; o < e; o++)
				if (o->method == e->method && strcmp(o->route->path, e->route->path) == 0)
					fatal("the route %s %s is there twice", e->route->method, e->route->path);
			/* Behind those before it, so that the order of the tables decides. */
			struct entry **at = &index_of.buckets[bucket_of(&e->path)];
			while (*at != NULL)
				at = &(*at)->next;
			*at = e;
		}
}

static bool all_of(const char *s, size_t len, bool (*is)(char))
{
	for (size_t i = 0; i < len; i++)
		if (!is(s[i]))
			return false;
	return len > 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool is_name(char c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* What a request has where the route has ":id", ":token" or ":name". */
static bool take_parameter(const char *kind, const char *s, size_t len, int64_t *id, char token[128])
{
	if (strncmp(kind, ":id", 3) == 0) {
		int64_t n = 0;
		if (!all_of(s, len, is_digit) || len > 18 || s[0] == '0')
			return false;
		for (size_t i = 0; i < len; i++)
			n = n * 10 + (s[i] - '0');
		*id = n;
		return true;
	}
	bool fold = strncmp(kind, ":token", 6) == 0;
	if (len >= 128 || !all_of(s, len, fold ? is_alnum : is_name) || s[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		token[i] = (char)(fold && s[i] >= 'a' && s[i] <= 'z' ? s[i] - 32 : s[i]);
	token[len] = '\0';
	return true;
}

/* /Q/... is upper case in codes; people type it in lower case. */
static bool same_segment(const char *have, size_t have_len, const char *want, size_t want_len)
{
	if (have_len != want_len)
		return false;
	return memcmp(have, want, have_len) == 0 || (want_len == 1 && want[0] == 'Q' && have[0] == 'q');
}

static bool fits(const struct path *want, const struct path *have, int64_t *id, char token[128])
{
	if (want->count != have->count)
		return false;
	for (int i = 0; i < want->count; i++) {
		const char *w = want->segments[i].text;
		if (*w == ':' ? !take_parameter(w, have->segments[i].text, have->segments[i].len, id, token)
		              : !same_segment(have->segments[i].text, have->segments[i].len, w, want->segments[i].len))
			return false;
	}
	return true;
}

enum qt_err routes_match(const char *method, const char *path, size_t len, const struct route **route, int64_t *id,
                         char token[128], unsigned *allow)
{
	struct path p;
	bool head = strcmp(method, "HEAD") == 0;
	enum method m = method_of(head ? "GET" : method);

	*route = NULL;
	*allow = 0;
	if (!cut(path, len, &p))
		return QT_NO_ROUTE;
	if (p.count > 0 && same_segment(p.segments[0].text, p.segments[0].len, "Q", 1))
		p.segments[0].text = "Q";
	for (const struct entry *e = index_of.buckets[bucket_of(&p)]; e != NULL; e = e->next) {
		int64_t this_id = 0;
		char this_token[128] = "";
		if (!fits(&e->path, &p, &this_id, this_token))
			continue;
		*allow |= 1u << e->method;
		if (*route != NULL || e->method != m || (head && !(e->route->flags & ROUTE_PAGE)))
			continue;
		*route = e->route;
		*id = this_id;
		memcpy(token, this_token, sizeof this_token);
	}
	return *route != NULL ? QT_OK : *allow ? QT_BAD_METHOD : QT_NO_ROUTE;
}

const struct route *routes_at(int i)
{
	return i < index_of.count ? index_of.entries[i].route : NULL;
}

int route_body_max(const struct route *r)
{
	if (method_of(r->method) == METHOD_GET)
		return 0;
	return r->body_max > 0 ? r->body_max : r->fields != NULL ? 4096 : 64;
}
