/* denomination: see denomination.h. */
#include "pos/denomination.h"

#include "shared/money.h"

#include <stddef.h>

static const struct {
	int64_t currency; /* ISO 4217 numeric */
	int64_t values[DENOMINATIONS_MOST]; /* minor units, largest first, ended by 0 */
} tables[] = {
	{ 840, { 10000, 5000, 2000, 1000, 500, 200, 100, 50, 25, 10, 5, 1 } },                      /* USD */
	{ 978, { 50000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1 } },     /* EUR */
	{ 156, { 10000, 5000, 2000, 1000, 500, 100, 50, 10 } },                                     /* CNY */
	{ 826, { 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1 } },                          /* GBP */
	{ 392, { 10000, 5000, 2000, 1000, 500, 100, 50, 10, 5, 1 } },                               /* JPY */
	{ 756, { 100000, 20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5 } },          /* CHF */
	{ 124, { 10000, 5000, 2000, 1000, 500, 200, 100, 25, 10, 5 } },                             /* CAD */
	{ 344, { 100000, 50000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10 } },             /* HKD */
};

int denominations(int64_t currency, int64_t out[DENOMINATIONS_MOST])
{
	static const int64_t steps[] = { 5, 2, 1 };
	const struct currency *c = currency_by_numeric(currency);
	int64_t unit = 1;
	int count = 0;

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		if (tables[i].currency != currency)
			continue;
		while (count < DENOMINATIONS_MOST && tables[i].values[count] > 0) {
			out[count] = tables[i].values[count];
			count++;
		}
		return count;
	}
	for (int i = 0; c != NULL && i < c->digits + 2; i++) /* up to 500 of the unit, down to as far as there is room */
		unit *= 10;
	for (; unit > 0; unit /= 10)
		for (int i = 0; i < 3 && count < 15; i++)
			out[count++] = steps[i] * unit;
	return count;
}
