/* openapi: the API described from the route table itself, so that description and server cannot drift: as OpenAPI 3.1
 * JSON (data/openapi.json), as a plain list, and as the manual page qrtill-api(7). "make api-docs" writes the files. */
#ifndef QT_OPENAPI_H
#define QT_OPENAPI_H

#include "shared/buf.h"

/* routes_open must have run. */
void openapi_json(struct buf *out);
void openapi_list(struct buf *out);   /* "METHOD path roles flags" a line */
void openapi_manual(struct buf *out); /* mdoc */

#endif
