/* routes: THE route table: every module's routes in one place, and how a path finds its route. */
#ifndef QT_ROUTES_H
#define QT_ROUTES_H

#include "server/call.h"

enum method { METHOD_GET, METHOD_POST, METHOD_DELETE, METHOD_COUNT };
extern const char *const method_names[METHOD_COUNT];

/* Reads all tables once; fatal when one has a mistake (a path twice, a write that is not POST ...). */
void routes_open(void);

/* Where a path leads. QT_NO_ROUTE; QT_BAD_METHOD with the methods there are as bits of enum method in *allow. `id` and
 * `token` (128 bytes) take what stood for :id, :token (folded to upper case) or :name. HEAD is GET for pages. */
enum qt_err routes_match(const char *method, const char *path, size_t len, const struct route **, int64_t *id,
                         char token[128], unsigned *allow) QT_USE_RESULT;

/* Route i in the order of the tables; NULL behind the last. */
const struct route *routes_at(int i);

/* Bytes of body the route takes. */
int route_body_max(const struct route *);

#endif
