/* till_camera: a phone or another camera paired with this till through the server: what it sees arrives as if this till had
 * scanned it. The server tells by an event that there is something; the till fetches it, notes on disk how far it has
 * it, and then takes it, so that nothing is taken twice. See till.h. */
#ifndef QT_POS_TILL_CAMERA_H
#define QT_POS_TILL_CAMERA_H

#include <stdbool.h>
#include <stdint.h>

struct till_camera {
	char state[12];      /* "waiting" for its camera, "paired", "ended"; empty: not known yet */
	char code[256];      /* waiting: what is shown to it */
	int64_t expires_ms;  /* of the code or of the pairing, by the server's clock */
	int64_t asking;      /* api number of a look under way; 0: none */
	int64_t changing;    /* api number of a pairing being made or ended; 0: none */
	char error[256];     /* why that did not go; empty: nothing */
	bool again;          /* something came while we were looking */
};

struct till;

void till_camera_ask(struct till *);    /* look what there is */
void till_camera_new(struct till *);    /* a new code; the pairing before ends */
void till_camera_end(struct till *);
bool till_camera_paired(const struct till *);

#endif
