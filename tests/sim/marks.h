/* marks: what lies before and behind the static variables of a program; see process.h. */
#ifndef QT_SIM_MARKS_H
#define QT_SIM_MARKS_H

extern char server_data_begin[64], server_data_end[64], server_bss_begin[64], server_bss_end[64];
extern char till_data_begin[64], till_data_end[64], till_bss_begin[64], till_bss_end[64];

#endif
