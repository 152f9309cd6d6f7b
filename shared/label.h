/* label: print-ready labels and sheets of them: a QR code with a name, an introduction, a price, a number or an address,
 * as PDF, SVG or PNG, drawn by cairo and pango (Chinese by the system's fonts). Owns sizes, layout and cut marks; files
 * and lists are the caller's. Knows nothing of what the code means. */
#ifndef QT_LABEL_H
#define QT_LABEL_H

#include "shared/qr.h"

/* X(SIZE, "word", width mm, height mm, what it is for) */
#define LABEL_SIZES(X) \
	X(STICKER, "sticker", 60, 80, "table sticker") \
	X(POSTER, "poster", 210, 297, "A4 poster") \
	X(CARD, "card", 85.6, 54, "back of a card (ISO 7810 ID-1)") \
	X(SHELF, "shelf", 90, 38, "shelf label") \
	X(BUSINESS, "business", 85, 55, "business card")
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

#define LABEL_LINES_MAX 8
struct label { /* all text is borrowed UTF-8; NULL or "": none */
	const char *code;    /* text of the QR code; needed */
	const char *name;    /* large */
	const char *name_zh; /* below it */
	const char *intro;   /* small, wrapped */
	const char *lines[LABEL_LINES_MAX]; /* of an address; one after the other */
	const char *phone;   /* below the address */
	const char *price;   /* very large, at the foot: "$12.50" */
	const char *unit;    /* small, behind the price: "kg" */
	const char *number;  /* at the foot, in groups as given: "9206 2133 1834 7350" */
	bool ec_given;       /* `ec` is wanted; else the strongest whose modules stay large: H, at least Q */
	enum qr_ec ec;
	enum label_size size;
	enum label_format format;
};
#define LABEL_PNG_DPI 300
/* The file's bytes. Modules are never smaller than 4 dots at 300 dpi (0.34 mm): QT_TOO_LONG names "text" when the code
 * needs more room than the label has, else the text that does not fit even in small letters; QT_BAD_FIELD a text for
 * which no font has a letter. Nothing is ever cut. Same input, same bytes (PDF carries no date). */
enum qt_err label_make(const struct label *, struct buf *out, struct problem *) QT_USE_RESULT;

/* X(PAPER, "word", width mm, height mm, what it is); 0: the page is one label, for printers of rolls and cards */
#define LABEL_PAPERS(X) \
	X(A4, "a4", 210, 297, "A4") \
	X(A5, "a5", 148, 210, "A5") \
	X(LETTER, "letter", 215.9, 279.4, "US letter") \
	X(LABEL, "label", 0, 0, "a page for each label")
enum label_paper {
#define X(name, word, width, height, help) PAPER_##name,
	LABEL_PAPERS(X)
#undef X
	PAPER_COUNT
};
bool label_paper_by_name(const char *, enum label_paper *);

#define LABEL_GAP_MM_MAX 20
#define LABELS_MAX 10000
struct label_sheet {
	enum label_paper paper;
	enum label_size size;     /* of every label on it */
	enum label_format format;
	int gap_mm;               /* between labels; 0: one cut parts two */
	bool no_marks;            /* for paper that is cut already */
};
struct label_grid {
	int columns, rows;
	double page_width, page_height; /* mm */
	double left, top;               /* mm; the first label's corner */
	bool marks;                     /* there is room for cut marks, and they are wanted */
};
/* As many labels as fit beside and below each other, in the middle of the page, with 8 mm around for the marks. A label
 * that fills the paper stands alone. QT_BAD_FIELD "paper": smaller than the label. */
enum qt_err label_grid_of(const struct label_sheet *, struct label_grid *, struct problem *) QT_USE_RESULT;
/* One page (0 first) of `count` labels, row by row; of a PDF all pages at once, `page` is not looked at. Errors as
 * label_make, with the label before the field: "labels[3].name". */
enum qt_err label_sheet_make(const struct label_sheet *, const struct label *, int count, int page, struct buf *out,
                             struct problem *) QT_USE_RESULT;

#endif
