/* mark_till_begin: where the static variables of the till begin; see process.h. */
#include "tests/sim/marks.h"

char till_data_begin[64] = { 1 };
char till_bss_begin[64];
