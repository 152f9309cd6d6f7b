/* provider_sandbox: qrtill's side of the sandbox payment platform (qrtill-sandbox(8)). A model for real ones: everything a
 * provider needs is in this one file. */
#ifndef QT_PROVIDER_SANDBOX_H
#define QT_PROVIDER_SANDBOX_H

#include "server/provider.h"

/* Operations for the platform at `url` ("http://127.0.0.1:9090"), which shares the key in `key_file` and calls back at
 * public_url. Allocated; lives as long as the process. */
enum qt_err provider_sandbox_new(const char *url, const char *key_file, const char *callback_base,
                                 const struct provider_ops **ops, struct problem *) QT_USE_RESULT;

#endif
