/* label: print-ready labels: a QR code with a name and an introduction, as PDF, SVG or PNG, drawn by cairo and pango
 * (Chinese by the system's fonts). Knows nothing of what the code means. */
#ifndef QT_LABEL_H
#define QT_LABEL_H

#include "shared/qr.h"

/* X(SIZE, "word", width mm, height mm, what it is for) */
#define LABEL_SIZES(X) \
	X(STICKER, "sticker", 60, 80, "table sticker") \
	X(POSTER, "poster", 210, 297, "A4 poster") \
	X(CARD, "card", 85.6, 54, "back of a card (ISO 7810 ID-1)") \
	X(SHELF, "shelf", 90, 38, "shelf label")
enum label_size {
#define X(name, word, width, height, help) LABEL_##name,
	LABEL_SIZES(X)
#undef X
	LABEL_SIZE_COUNT
};
const char *label_size_name(enum label_size);
bool label_size_by_name(const char *, enum label_size *);

enum label_format { LABEL_PDF, LABEL_SVG, LABEL_PNG };
/* By the end of a file's name: .pdf .svg .png; false for others. */
bool label_format_of(const char *path, enum label_format *);

struct label {
	const char *code;    /* text of the QR code */
	const char *name;    /* large; NULL: none */
	const char *name_zh; /* below it; NULL: none */
	const char *intro;   /* small, wrapped; NULL: none */
	enum qr_ec ec;
	enum label_size size;
	enum label_format format;
};
#define LABEL_PNG_DPI 300
/* The file's bytes. Modules are never smaller than 0.25 mm: QT_TOO_LONG names "text" when the code needs more room
 * than the label has, "name" or "intro" when those do. Same input, same bytes (PDF carries no date). */
enum qt_err label_make(const struct label *, struct buf *out, struct problem *) QT_USE_RESULT;

#endif
