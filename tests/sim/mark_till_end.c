/* mark_till_end: where the static variables of the till end; see process.h. */
#include "tests/sim/marks.h"

char till_data_end[64] = { 1 };
char till_bss_end[64];
