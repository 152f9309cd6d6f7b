/* mark_server_end: where the static variables of the server end; see process.h. */
#include "tests/sim/marks.h"

char server_data_end[64] = { 1 };
char server_bss_end[64];
