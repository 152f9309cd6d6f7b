/* mark_server_begin: where the static variables of the server begin; see process.h. */
#include "tests/sim/marks.h"

char server_data_begin[64] = { 1 };
char server_bss_begin[64];
