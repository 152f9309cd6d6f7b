/* price: see price.h. */
#include "server/price.h"

#include <assert.h>

static enum qt_err price_line(struct price_line *l)
{
	int64_t base;
	enum qt_err err = money_mul(l->quantity, l->price_cents, &base);
	if (err != QT_OK)
		return err;
	if (l->inclusive) {
		l->total_cents = base;
		return money_ratio(base, l->rate_bp, 10000 + l->rate_bp, &l->tax_cents);
	}
	err = money_ratio(base, l->rate_bp, 10000, &l->tax_cents);
	return err == QT_OK ? money_add(base, l->tax_cents, &l->total_cents) : err;
}

enum qt_err price_lines(struct price_line *lines, int count, int64_t *tax_cents, int64_t *total_cents, int *bad_line)
{
	int64_t tax = 0, total = 0;

	for (int i = 0; i < count; i++) {
		enum qt_err err = price_line(&lines[i]);
		if (err == QT_OK)
			err = money_add(tax, lines[i].tax_cents, &tax);
		if (err == QT_OK)
			err = money_add(total, lines[i].total_cents, &total);
		if (err != QT_OK) {
			*bad_line = i;
			return err;
		}
	}
	*tax_cents = tax;
	*total_cents = total;
	return QT_OK;
}

/* whole * n / all, rounded; cannot overflow since n <= all. */
static int64_t running_part(int64_t whole, int64_t n, int64_t all)
{
	int64_t r = 0;
	enum qt_err err = money_ratio(whole, n, all, &r);
	assert(err == QT_OK);
	return r;
}

int64_t price_part(int64_t whole, int64_t before, int64_t pieces, int64_t all)
{
	assert(all > 0 && before >= 0 && pieces >= 0 && before + pieces <= all);
	return running_part(whole, before + pieces, all) - running_part(whole, before, all);
}
