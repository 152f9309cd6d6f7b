/* api_option: options in the JSON of an item. */
#ifndef QT_API_OPTION_H
#define QT_API_OPTION_H

#include "server/call.h"
#include "server/option.h"

/* Array "options" of an item that asks some, into an open object. */
enum qt_err item_options_json(struct call *, int64_t item_id) QT_USE_RESULT;

#endif
