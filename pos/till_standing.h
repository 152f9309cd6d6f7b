/* till_standing: who buys, as the server knows them: points, what of them lapses next, level. Asked once when a
 * customer's code is put on a sale; nothing of it is on disk. See till.h. */
#ifndef QT_POS_TILL_STANDING_H
#define QT_POS_TILL_STANDING_H

#include <stdint.h>

struct till_standing {
	char customer[256];    /* the code that was asked about; empty: nobody */
	int64_t sale_number;   /* of which sale: the next one changes the points */
	struct json_t *answer; /* owned; as of POST /v1/points/look; NULL: none */
	char error[160];       /* why there is none; empty: none */
	int64_t asking;        /* api number; 0: none */
	int64_t next_ms;       /* monotonic: not before, after the network failed */
};

struct till;

/* Ask about the customer of the sale when that is somebody else than before. */
void till_standing_tick(struct till *, int64_t now_ms);
void till_standing_free(struct till *);

#endif
