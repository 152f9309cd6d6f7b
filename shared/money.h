/* money: integer amounts in minor units. The only arithmetic allowed on money.
 * Amounts are int64_t minor units ("cents") of a unit; a unit is an ISO 4217 numeric currency code
 * (1-999), or a points scheme (UNIT_POINTS_BASE + merchant id). Rates are basis points
 * (1 bp = 0.01 %). Never floating point. */
#ifndef QT_MONEY_H
#define QT_MONEY_H

#include "shared/err.h"

#include <stdint.h>

#define MONEY_MAX INT64_C(1000000000000000) /* 10^15 minor units: no single amount may be larger */
#define UNIT_POINTS_BASE INT64_C(1000000)   /* unit of merchant m's points: UNIT_POINTS_BASE + m */

/* *r = a op b. QT_OVERFLOW when the result does not fit or passes MONEY_MAX in size; *r is then untouched. */
enum qt_err money_add(int64_t a, int64_t b, int64_t *r) QT_USE_RESULT;
enum qt_err money_sub(int64_t a, int64_t b, int64_t *r) QT_USE_RESULT;
enum qt_err money_mul(int64_t a, int64_t b, int64_t *r) QT_USE_RESULT;

/* *r = amount * num / den, rounded half away from zero (qrtill's one rounding rule), computed in
 * 128 bits. den > 0. QT_OVERFLOW as above. */
enum qt_err money_ratio(int64_t amount, int64_t num, int64_t den, int64_t *r) QT_USE_RESULT;

/* amount * rate_bp / 10000, rounded down towards zero: shares given away never exceed their base. */
enum qt_err money_share_down(int64_t amount, int64_t rate_bp, int64_t *r) QT_USE_RESULT;

/* Split `total` (>= 0) over n weights (each >= 0, sum > 0) by largest remainder; ties go to the lower
 * index. parts[] sums to total exactly. QT_BAD_REQUEST when the weights cannot be used. */
enum qt_err money_split(int64_t total, const int64_t *weights, int n, int64_t *parts) QT_USE_RESULT;

/* A currency qrtill knows. */
struct currency {
	int numeric;        /* ISO 4217 numeric, 840 */
	char alpha[4];      /* "USD" */
	int digits;         /* decimal places of the minor unit: 0, 2 or 3 */
	const char *symbol; /* UTF-8, "$" */
};
const struct currency *currency_by_numeric(int64_t numeric); /* NULL: not known */
const struct currency *currency_by_alpha(const char *alpha);  /* NULL: not known; case matters */

/* "1234.50" with the currency's places, '-' before negatives, no symbol. Always terminates; `size` >= 24. */
char *money_format(int64_t amount, int64_t unit, char *out, size_t size);

/* Parse "23.75", "23,75", "1234" with at most the currency's places. QT_BAD_FIELD when it is not an amount. */
enum qt_err money_parse(const char *text, int64_t unit, int64_t *amount) QT_USE_RESULT;

#endif
