/* paper: see paper.h. */
#include "tests/sim/paper.h"

#include "shared/err.h"
#include "tests/sim/checks.h"
#include "tests/sim/trace.h"

#include <stdlib.h>
#include <string.h>

#define FACTS_MAX 2000
#define SUMS_MAX 400
#define CARDS_MAX 300

static struct fact facts[FACTS_MAX];
static int fact_count;
static struct { enum paper_kind kind; int64_t owner_id, must, is; } sums[SUMS_MAX];
static int sum_count;
static int64_t purse[CARDS_MAX]; /* by card id: another card of the same purse, 0: itself */

struct fact *paper_fact(const char *who, const char *key)
{
	for (int i = fact_count - 1; i >= 0; i--)
		if (strcmp(facts[i].key, key) == 0 && strcmp(facts[i].who, who) == 0)
			return &facts[i];
	return NULL;
}

struct fact *paper_note(const char *who, const char *key, const char *path, struct json_t *request, struct json_t *answer)
{
	if (fact_count == FACTS_MAX)
		fatal("the paper is full");
	struct fact *f = &facts[fact_count++];
	*f = (struct fact){ .who = xstrdup(who), .key = xstrdup(key), .path = xstrdup(path), .request = request,
		.answer = answer };
	return f;
}

struct fact *paper_at(int index)
{
	return index < fact_count ? &facts[index] : NULL;
}

/* ---- sums ---- */

static int64_t purse_of(int64_t card_id)
{
	while (card_id > 0 && card_id < CARDS_MAX && purse[card_id] != 0)
		card_id = purse[card_id];
	return card_id;
}

void paper_join_cards(int64_t card_id, int64_t other_id)
{
	if (purse_of(card_id) != purse_of(other_id) && card_id < CARDS_MAX)
		purse[purse_of(card_id)] = purse_of(other_id);
}

/* What is compared as one: a purse's cards, a person's rebates whether held or not, all drawers. */
static int sum_of(enum paper_kind kind, int64_t owner_id)
{
	int i = 0;

	if (kind == PAPER_CARD)
		owner_id = purse_of(owner_id);
	if (kind == PAPER_REBATE_HELD)
		kind = PAPER_REBATE;
	if (kind == PAPER_CASH)
		owner_id = 0;
	while (i < sum_count && (sums[i].kind != kind || sums[i].owner_id != owner_id))
		i++;
	if (i == SUMS_MAX)
		fatal("the paper is full");
	if (i == sum_count) {
		sums[sum_count].kind = kind;
		sums[sum_count++].owner_id = owner_id;
	}
	return i;
}

void paper_add(enum paper_kind kind, int64_t owner_id, int64_t amount)
{
	sums[sum_of(kind, owner_id)].must += amount;
}

void paper_begin(void)
{
	int64_t owner_id, balance;
	bool points;
	int kind;

	for (int i = 0; checks_account(i, &kind, &owner_id, &points, &balance); i++)
		paper_add((enum paper_kind)kind, owner_id, balance);
}

void paper_compare(void)
{
	static const char *const names[] = { "world", "cash", "merchant", "card", "held", "fee", "prefund", "rebate-held",
		"rebates", "channel", "agent", "platform", "points", "points-issued", "provider", "suspense", "breakage", "rounding" };
	int64_t owner_id, balance;
	bool points;
	int kind;

	/* Cards that became one purse during the story. */
	for (int i = 0; i < sum_count; i++) {
		int root = sums[i].kind == PAPER_CARD ? sum_of(PAPER_CARD, sums[i].owner_id) : i;
		if (root == i)
			continue;
		sums[root].must += sums[i].must;
		sums[i].must = 0;
	}
	for (int i = 0; checks_account(i, &kind, &owner_id, &points, &balance); i++)
		sums[sum_of((enum paper_kind)kind, owner_id)].is += balance;
	for (int i = 0; i < sum_count; i++)
		if (sums[i].is != sums[i].must)
			broken("%s of %lld is %lld, must be %lld", names[sums[i].kind], (long long)sums[i].owner_id,
			       (long long)sums[i].is, (long long)sums[i].must);
}
