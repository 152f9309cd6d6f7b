/* promo_check: whether a promotion makes sense, field by field. See promo.h. */
#include "shared/promo.h"

#include <stddef.h>

struct rule {
	bool (*broken)(const struct promo *);
	const char *field, *reason;
};

static bool off_of(int64_t kind)
{
	return kind == PROMO_ITEM || kind == PROMO_GET || kind == PROMO_ORDER;
}

static bool wrong_kind(const struct promo *p)
{
	return p->kind < PROMO_ITEM || p->kind > PROMO_ORDER;
}

static bool wrong_stack(const struct promo *p)
{
	return p->stack < PROMO_STACKABLE || p->stack > PROMO_EXCLUSIVE;
}

static bool wrong_off(const struct promo *p)
{
	return off_of(p->kind) ? (p->off_bp != 0) == (p->off_cents != 0) : p->off_bp || p->off_cents;
}

static bool rate_too_high(const struct promo *p)
{
	return p->off_bp < 0 || p->off_bp > 10000;
}

static bool off_negative(const struct promo *p)
{
	return p->off_cents < 0 || p->off_cents > MONEY_MAX;
}

static bool price_misplaced(const struct promo *p)
{
	return p->price_cents < 0 || p->price_cents > MONEY_MAX || (p->price_cents > 0 && p->kind != PROMO_BUNDLE);
}

static bool sets_misplaced(const struct promo *p)
{
	if (p->kind == PROMO_FREE)
		return p->sets_max < 1;
	return p->sets_max < 0 || (p->sets_max > 0 && (p->kind == PROMO_ITEM || p->kind == PROMO_ORDER));
}

static bool wrong_parts(const struct promo *p)
{
	static const int least[] = {
#define X(name, number, wire, from, to) [number] = from,
		PROMO_KINDS(X)
#undef X
	}, most[] = {
#define X(name, number, wire, from, to) [number] = to,
		PROMO_KINDS(X)
#undef X
	};
	return p->part_count < least[p->kind] || p->part_count > most[p->kind];
}

static bool wrong_pieces(const struct promo *p)
{
	int64_t sum = 0;

	for (int i = 0; i < p->part_count; i++) {
		if (p->parts[i].pieces < 1 || p->parts[i].pieces > PROMO_SETS_MOST)
			return true;
		sum += p->parts[i].pieces;
	}
	return p->kind == PROMO_BUNDLE && sum < 2;
}

static bool nameless_part(const struct promo *p)
{
	return p->kind == PROMO_FREE && p->parts[0].ref_count == 0;
}

static bool ends_too_soon(const struct promo *p)
{
	return p->ends_ms != 0 && p->ends_ms <= p->starts_ms;
}

static bool no_such_minute(const struct promo *p)
{
	return p->from_minute < 0 || p->from_minute > 1439 || p->to_minute < 0 || p->to_minute > 1440 ||
		(p->from_minute == p->to_minute && p->from_minute != 0);
}

static bool no_such_weekday(const struct promo *p)
{
	return p->weekdays < 0 || p->weekdays > 127;
}

static bool group_misplaced(const struct promo *p)
{
	return (p->stack == PROMO_GROUP) != (p->group > 0);
}

static bool days_without_birthday(const struct promo *p)
{
	return p->birthday_days < 0 || p->birthday_days > 31 || (p->birthday_days > 0 && !p->birthday);
}

enum qt_err promo_check(const struct promo *p, const char **field, const char **reason)
{
	static const struct rule rules[] = {
		{ wrong_kind, "kind", "no such kind" },
		{ wrong_stack, "stack", "stackable, group or exclusive" },
		{ wrong_off, "off_bp", "item, get and order take either off_bp or off_cents, the others neither" },
		{ rate_too_high, "off_bp", "at most 10000" },
		{ off_negative, "off_cents", "not below zero" },
		{ price_misplaced, "price_cents", "only bundles have a price" },
		{ sets_misplaced, "sets_max", "free says how often; get and bundle may; item and order have no sets" },
		{ wrong_parts, "parts", "item, free and order have one, get has two (bought, got), a bundle one to eight" },
		{ wrong_pieces, "parts", "one piece or more each; a bundle two or more together" },
		{ nameless_part, "parts", "say what is free" },
		{ ends_too_soon, "ends_ms", "it must end after it starts" },
		{ no_such_minute, "from_minute", "minutes of a day, from 0 to 1440, not the same twice" },
		{ no_such_weekday, "weekdays", "1 to 7" },
		{ group_misplaced, "group", "a group's number goes with stack group, and only with it" },
		{ days_without_birthday, "birthday_days", "0 to 31, with birthday" },
	};

	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (rules[i].broken(p)) {
			*field = rules[i].field;
			*reason = rules[i].reason;
			return QT_BAD_FIELD;
		}
	return QT_OK;
}
