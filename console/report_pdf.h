/* report_pdf: a report on paper: A4 pages with a head, a chart and the table, by cairo and pango. Pure: an answer of the
 * server in, the bytes of a PDF out. */
#ifndef QT_REPORT_PDF_H
#define QT_REPORT_PDF_H

#include "shared/buf.h"
#include "shared/jread.h"
#include "shared/report.h"

/* One cell as people read it: amounts with a decimal point, words, days, local times. */
void report_cell(struct buf *out, const struct report_column *, const struct json_t *row, int64_t unit, bool chinese);

/* QT_TOO_LONG when it has more rows than anybody prints. Same answer, same bytes. */
enum qt_err report_pdf(const struct report *, const struct json_t *answer, bool chinese, struct buf *out,
                       struct problem *) QT_USE_RESULT;

#endif
