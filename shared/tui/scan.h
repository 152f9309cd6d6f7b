/* scan: tells a barcode scanner's keystrokes from a person's. A scanner that acts as a keyboard sends its text with
 * under about 30 ms between keys and ends it with Enter or Tab; nobody types like that. Keys are held back for that
 * long (nobody sees it), so that a scan never touches the field that has the focus. Pure: time comes in, keys or a
 * scan come out. */
#ifndef QT_TUI_SCAN_H
#define QT_TUI_SCAN_H

#include <stddef.h>
#include <stdint.h>

#define SCAN_GAP_US 35000 /* longest pause inside a scan */
#define SCAN_LEAST 4      /* characters: shorter bursts are keys (3 then * typed quickly) */
#define SCAN_MOST 1024    /* longer text is cut into keys */

/* Where results go: keys in their order, or a whole scan (UTF-8, without its end key). */
struct scan_sink {
	void (*key)(void *ctx, int key);
	void (*scan)(void *ctx, const char *text);
	void *ctx;
};

struct scan {
	int held[SCAN_MOST];
	int count;          /* keys held */
	int64_t last_us;    /* time of the last one */
};

/* One key (a Unicode character, or more than 0x10ffff for keys that are none) at a monotonic time. */
void scan_key(struct scan *, int key, int64_t now_us, const struct scan_sink *);
/* Time went by: hand on what turned out to be typed. */
void scan_tick(struct scan *, int64_t now_us, const struct scan_sink *);
/* Microseconds until scan_tick has something to do; -1 when nothing is held. */
int64_t scan_due_us(const struct scan *, int64_t now_us);

#endif
