/* model_sum: see model_sum.h. */
#include "tests/sim/model_sum.h"

#include "shared/err.h"
#include "tests/sim/asker.h"
#include "tests/sim/bank.h"
#include "tests/sim/checks.h"
#include "tests/sim/desk.h"
#include "tests/sim/paper.h"
#include "tests/sim/people.h"
#include "tests/sim/shop.h"
#include "tests/sim/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 20
#define PARTS_MAX 16

/* An order as it stands at the end, with what is known of how it came to be. */
struct bill {
	int64_t id;
	int till;                     /* that made it */
	const struct fact *made;
	struct json_t *now;           /* owned: the server's word */
	int64_t total, tax, money, fee, points, agent, platform;
	int customer;                 /* who bought; -1: nobody known */
	int promoter[SHOP_LEVELS];    /* -1: nobody earns at this level */
	int64_t part[SHOP_LEVELS];
	int64_t line_total[LINES_MAX], line_tax[LINES_MAX], quantity[LINES_MAX], taken[LINES_MAX];
	int line_count;
	struct tender {
		int64_t id, amount, points, back;
		char source[12];
		int64_t owner;        /* card id, or index of the customer */
	} tenders[PARTS_MAX];
	int tender_count;
	int64_t refunded;
};
static bool spent_points[SHOP_CUSTOMERS]; /* then a refund may find fewer points than it would take back */
static int64_t paid_count[TILLS], paid_cents[TILLS];

/* ---- arithmetic ---- */

/* a * b / c, halves up; nothing here is negative. */
static int64_t rounded(int64_t a, int64_t b, int64_t c)
{
	return (2 * a * b + c) / (2 * c);
}

/* What pieces `from` to `to` of `all` cost, so that all together cost the whole. */
static int64_t slice(int64_t whole, int64_t from, int64_t to, int64_t all)
{
	return rounded(whole, to, all) - rounded(whole, from, all);
}

/* What somebody loses of a part when so much of the total went back, after so much before. */
static int64_t loss(int64_t part, int64_t total, int64_t before, int64_t more)
{
	return part * (total - before) / total - part * (total - before - more) / total;
}

/* ---- who is who ---- */

/* The fact that made a payment, and the tender in it: by the payment's number. */
static bool find_tender(int64_t payment_id, const struct fact **fact, const struct json_t **tender)
{
	const struct json_t *payments, *p;
	const struct fact *f;

	for (int i = 0; (f = paper_at(i)) != NULL; i++) {
		*fact = f;
		*tender = f->request;
		if (strncmp(f->path, "/v1/pay/", 8) == 0 && jint(f->answer, "payment_id", 0) == payment_id)
			return true;
	}
	for (int i = 0; (f = paper_at(i)) != NULL; i++) {
		const struct json_t *asked = jget(f->request, "payments");
		bool one = asked == NULL && strstr(f->path, "/payments") != NULL;
		size_t first;
		if (strncmp(f->path, "/v1/orders", 10) != 0 || (asked == NULL && !one))
			continue;
		/* New payments are the last ones of the answer; the first answer that shows it is the one that made it. */
		payments = jget(f->answer, "payments");
		size_t count = jcount(payments), fresh = one ? 1 : jcount(asked);
		first = count > fresh ? count - fresh : 0;
		for (size_t k = first; (p = jat(payments, k)) != NULL; k++)
			if (jint(p, "payment_id", 0) == payment_id) {
				*fact = f;
				*tender = one ? f->request : jat(asked, k - first);
				return true;
			}
	}
	return false;
}

static int64_t owner_of(const struct bill *b, const struct tender *x)
{
	const struct fact *fact;
	const struct json_t *t;
	int index = -1;

	if (!find_tender(x->id, &fact, &t))
		broken("nobody asked for payment %lld of order %lld", (long long)x->id, (long long)b->id);
	bool phone = strncmp(fact->path, "/v1/pay/", 8) == 0;
	const char *method = jtext(t, phone ? "source" : "method", "");
	if (strcmp(method, x->source) != 0)
		broken("payment %lld was to be by %s, and is by %s", (long long)x->id, method, x->source);
	if (strcmp(x->source, "card") == 0) {
		if (jint(t, "card_id", 0))
			return jint(t, "card_id", 0);
		const char *text = jtext(t, "card_code", jtext(t, "code", jtext(t, "number", "")));
		index = shop_card_by(text);
		if (index < 0)
			broken("payment %lld is by a card nobody knows", (long long)x->id);
		return shop.cards[index].id;
	}
	if (phone)
		return fact->who[strlen(fact->who) - 1] - '0';
	if (strcmp(x->source, "points") == 0)
		return jtext(t, "identity_code", NULL) ? shop_customer_by_identity(jtext(t, "identity_code", "")) : b->customer;
	return 0;
}

/* ---- a bill ---- */

static void price(struct bill *b)
{
	const struct json_t *lines = jget(b->made->request, "lines"), *l;

	for (size_t i = 0; (l = jat(lines, i)) != NULL; i++) {
		int64_t id = jint(l, "item_id", 0), n = jint(l, "quantity", 0), base, tax;
		int k = 0;
		while (k < SHOP_ITEMS && shop.items[k].id != id)
			k++;
		if (k == SHOP_ITEMS || b->line_count == LINES_MAX)
			broken("order %lld has a line nobody asked for", (long long)b->id);
		base = n * shop.items[k].price_cents;
		tax = shop.inclusive ? rounded(base, shop.items[k].rate_bp, 10000 + shop.items[k].rate_bp)
		                     : rounded(base, shop.items[k].rate_bp, 10000);
		b->quantity[b->line_count] = n;
		b->line_tax[b->line_count] = tax;
		b->line_total[b->line_count++] = base + (shop.inclusive ? 0 : tax);
		b->tax += tax;
		b->total += base + (shop.inclusive ? 0 : tax);
	}
	if (b->total != jint(b->now, "total_cents", 0) || b->tax != jint(b->now, "tax_cents", 0))
		broken("order %lld costs %lld with tax of %lld, must be %lld with %lld", (long long)b->id,
		       (long long)jint(b->now, "total_cents", 0), (long long)jint(b->now, "tax_cents", 0), (long long)b->total,
		       (long long)b->tax);
}

static bool is_settled(const char *state)
{
	return strcmp(state, "settled") == 0 || strcmp(state, "part-refunded") == 0 || strcmp(state, "refunded") == 0;
}

static void read_tenders(struct bill *b)
{
	const struct json_t *payments = jget(b->now, "payments"), *p;

	for (size_t i = 0; (p = jat(payments, i)) != NULL; i++) {
		if (!is_settled(jtext(p, "state", "")))
			continue;
		struct tender *x = &b->tenders[b->tender_count++];
		x->id = jint(p, "payment_id", 0);
		x->amount = jint(p, "amount_cents", 0);
		x->points = jint(p, "points", 0);
		snprintf(x->source, sizeof x->source, "%s", jtext(p, "source", ""));
		x->owner = owner_of(b, x);
		if (strcmp(x->source, "points") != 0)
			b->money += x->amount;
		if (strcmp(x->source, "card") == 0 || strcmp(x->source, "rebate") == 0 || strcmp(x->source, "provider") == 0)
			b->fee += rounded(x->amount, shop.fee_bp, 10000);
	}
}

/* Half up, to the shop's smallest coin. */
static int64_t in_cash(int64_t cents)
{
	int64_t rest = cents % shop.coin_cents;
	return rest * 2 >= shop.coin_cents ? cents - rest + shop.coin_cents : cents - rest;
}

/* A tender takes money (sign -1) or brings it back (1). */
static void book_tender(const struct tender *x, int sign, int64_t amount, int64_t points)
{
	if (strcmp(x->source, "cash") == 0) {
		int64_t cash = shop.coin_cents > 1 ? in_cash(x->back + amount) - in_cash(x->back) : amount;
		paper_add(PAPER_CASH, 0, sign * cash);
		paper_add(PAPER_ROUNDING, shop.merchant_id, sign * (amount - cash));
	} else if (strcmp(x->source, "card") == 0)
		paper_add(PAPER_CARD, x->owner, sign * amount);
	else if (strcmp(x->source, "rebate") == 0)
		paper_add(PAPER_REBATE, shop.customers[x->owner].id, sign * amount);
	else if (strcmp(x->source, "provider") == 0)
		paper_add(PAPER_PROVIDER, 1, sign * amount);
	else if (strcmp(x->source, "points") == 0) {
		paper_add(PAPER_POINTS, shop.customers[x->owner].id, sign * points);
		paper_add(PAPER_POINTS_ISSUED, shop.merchant_id, -sign * points);
	} else
		broken("payment %lld is by nothing known: %s", (long long)x->id, x->source);
}

static void book_points(struct bill *b)
{
	b->customer = shop_customer_by_id(jint(b->now, "customer_id", 0));
	const char *named = jtext(b->made->request, "customer", NULL);
	if (named && b->customer != shop_customer_by_identity(named))
		broken("order %lld is not credited to the customer it names", (long long)b->id);
	if (b->customer >= 0)
		b->points = b->money * shop.points_per_100 / 100;
	if (b->points != jint(b->now, "points_earned", 0))
		broken("order %lld earned %lld points, must be %lld", (long long)b->id,
		       (long long)jint(b->now, "points_earned", 0), (long long)b->points);
	if (b->points) {
		paper_add(PAPER_POINTS, shop.customers[b->customer].id, b->points);
		paper_add(PAPER_POINTS_ISSUED, shop.merchant_id, -b->points);
	}
}

/* The share a bill is credited to; -1: none. */
static int share_of(const struct bill *b)
{
	const char *named = jtext(b->made->request, "share", NULL);
	char token[200];

	if (jint(b->now, "campaign_id", 0) == 0) {
		if (named)
			broken("order %lld forgot its share", (long long)b->id);
		return -1;
	}
	for (int i = 0; i < SHOP_SHARES; i++) {
		if (shop.shares[i].id != jint(b->now, "share_id", 0))
			continue;
		shop_token(shop.shares[i].code, token);
		if (named && strcmp(named, token) != 0)
			broken("order %lld is credited to another share than its own", (long long)b->id);
		return i;
	}
	broken("order %lld is credited to a share nobody made", (long long)b->id);
}

static void book_rebates(struct bill *b)
{
	int share = share_of(b);
	int64_t sum = 0, said = jint(b->now, "rebate_cents", 0);
	const char *outcome = jtext(b->now, "rebate_outcome", "none");

	for (int i = 0; i < SHOP_LEVELS; i++)
		b->promoter[i] = -1;
	if (share >= 0 && strcmp(outcome, "prefund-empty") != 0) {
		for (int i = 0; i < shop.shares[share].chain_count; i++) {
			if (shop.shares[share].chain[i] == b->customer)
				continue;
			b->promoter[i] = shop.shares[share].chain[i];
			b->part[i] = b->money * shop.level_bp[i] / 10000;
			sum += b->part[i];
		}
		b->agent = b->money * shop.agent_bp / 10000;
		b->platform = b->money * shop.platform_bp / 10000;
		sum += b->agent + b->platform;
	}
	if (said != sum || (share >= 0 && sum > 0 && strcmp(outcome, "paid") != 0))
		broken("order %lld gave rebates of %lld (%s), must be %lld", (long long)b->id, (long long)said, outcome,
		       (long long)sum);
	for (int i = 0; i < SHOP_LEVELS; i++)
		if (b->promoter[i] >= 0)
			paper_add(PAPER_REBATE, shop.customers[b->promoter[i]].id, b->part[i]);
	paper_add(PAPER_AGENT, shop.agent_id, b->agent);
	paper_add(PAPER_PLATFORM, 0, b->platform);
	paper_add(PAPER_PREFUND, shop.merchant_id, -sum);
}

/* ---- refunds ---- */

/* Shares of `total` in proportion to `weight`: rounded down, then what is left one by one to the largest remainders. */
static void share_out(int64_t total, const int64_t *weight, int n, int64_t *part)
{
	int64_t sum = 0, left = total;
	bool got[PARTS_MAX] = { 0 };

	for (int i = 0; i < n; i++)
		sum += weight[i];
	for (int i = 0; i < n; i++) {
		part[i] = total * weight[i] / sum;
		left -= part[i];
	}
	while (left-- > 0) {
		int best = -1;
		for (int i = 0; i < n; i++)
			if (!got[i] && (best < 0 || total * weight[i] % sum > total * weight[best] % sum))
				best = i;
		got[best] = true;
		part[best]++;
	}
}

static int64_t refund_lines(struct bill *b, const struct fact *f, int64_t *tax)
{
	const struct json_t *lines = jget(f->request, "lines"), *l;
	int64_t amount = 0;

	*tax = 0;
	for (size_t i = 0; (l = jat(lines, i)) != NULL; i++) {
		int64_t k = jint(l, "line_no", 0) - 1, n = jint(l, "quantity", 0);
		if (k < 0 || k >= b->line_count || b->taken[k] + n > b->quantity[k])
			broken("refund %lld takes back more than was sold", (long long)jint(f->answer, "refund_id", 0));
		amount += slice(b->line_total[k], b->taken[k], b->taken[k] + n, b->quantity[k]);
		*tax += slice(b->line_tax[k], b->taken[k], b->taken[k] + n, b->quantity[k]);
		b->taken[k] += n;
	}
	return amount;
}

/* Money back to where it came from; what of it was money, not points. */
static int64_t refund_tenders(struct bill *b, const struct fact *f, int64_t amount)
{
	const struct json_t *said = jget(f->answer, "tenders"), *t;
	int64_t left[PARTS_MAX] = { 0 }, part[PARTS_MAX] = { 0 }, money = 0;

	for (int i = 0; i < b->tender_count; i++)
		left[i] = b->tenders[i].amount - b->tenders[i].back;
	if (amount > 0)
		share_out(amount, left, b->tender_count, part);
	for (int i = 0; i < b->tender_count; i++) {
		struct tender *x = &b->tenders[i];
		int64_t told = 0, points = 0;
		for (size_t k = 0; (t = jat(said, k)) != NULL; k++)
			told += jint(t, "payment_id", 0) == x->id ? jint(t, "amount_cents", 0) : 0;
		if (told != part[i])
			broken("refund %lld gives %lld back to payment %lld, must be %lld", (long long)jint(f->answer, "refund_id", 0),
			       (long long)told, (long long)x->id, (long long)part[i]);
		if (x->points)
			points = slice(x->points, x->back, x->back + part[i], x->amount);
		else
			money += part[i];
		book_tender(x, 1, part[i], points);
		x->back += part[i];
	}
	return money;
}

static void refund_promises(struct bill *b, const struct fact *f, int64_t amount)
{
	int64_t points = loss(b->points, b->total, b->refunded, amount), taken = jint(f->answer, "points_taken", 0), sum = 0;
	int64_t agent = loss(b->agent, b->total, b->refunded, amount);
	int64_t platform = loss(b->platform, b->total, b->refunded, amount);

	if (taken > points || (taken < points && !spent_points[b->customer]))
		broken("refund %lld takes %lld points back, must be %lld", (long long)jint(f->answer, "refund_id", 0),
		       (long long)taken, (long long)points);
	if (taken) {
		paper_add(PAPER_POINTS, shop.customers[b->customer].id, -taken);
		paper_add(PAPER_POINTS_ISSUED, shop.merchant_id, taken);
	}
	for (int i = 0; i < SHOP_LEVELS; i++) {
		int64_t back = loss(b->part[i], b->total, b->refunded, amount);
		if (b->promoter[i] >= 0)
			paper_add(PAPER_REBATE, shop.customers[b->promoter[i]].id, -back);
		sum += back;
	}
	sum += agent + platform;
	paper_add(PAPER_AGENT, shop.agent_id, -agent);
	paper_add(PAPER_PLATFORM, 0, -platform);
	paper_add(PAPER_PREFUND, shop.merchant_id, sum);
	if (sum != jint(f->answer, "rebate_cents", 0))
		broken("refund %lld takes rebates of %lld back, must be %lld", (long long)jint(f->answer, "refund_id", 0),
		       (long long)jint(f->answer, "rebate_cents", 0), (long long)sum);
}

static void refund(struct bill *b, const struct fact *f)
{
	int64_t tax, amount = refund_lines(b, f, &tax), money, fee;

	if (amount != jint(f->answer, "refunded_cents", 0) || tax != jint(f->answer, "tax_cents", 0))
		broken("refund %lld is %lld with tax of %lld, must be %lld with %lld", (long long)jint(f->answer, "refund_id", 0),
		       (long long)jint(f->answer, "refunded_cents", 0), (long long)jint(f->answer, "tax_cents", 0),
		       (long long)amount, (long long)tax);
	money = refund_tenders(b, f, amount);
	fee = loss(b->fee, b->total, b->refunded, amount);
	refund_promises(b, f, amount);
	paper_add(PAPER_MERCHANT, shop.merchant_id, fee - money);
	paper_add(PAPER_FEE, 0, -fee);
	b->refunded += amount;
}

/* In the order in which they were made: their numbers. */
static void refunds(struct bill *b)
{
	char path[64];
	int64_t last = 0;

	snprintf(path, sizeof path, "/v1/orders/%lld/refunds", (long long)b->id);
	for (;;) {
		const struct fact *next = NULL, *f;
		for (int i = 0; (f = paper_at(i)) != NULL; i++)
			if (strcmp(f->path, path) == 0 && jint(f->answer, "refund_id", 0) > last &&
			    (next == NULL || jint(f->answer, "refund_id", 0) < jint(next->answer, "refund_id", 0)))
				next = f;
		if (next == NULL)
			break;
		last = jint(next->answer, "refund_id", 0);
		refund(b, next);
	}
	const char *state = b->refunded == 0 ? "paid" : b->refunded == b->total ? "refunded" : "part-refunded";
	if (strcmp(state, jtext(b->now, "state", "")) != 0)
		broken("order %lld is %s, must be %s", (long long)b->id, jtext(b->now, "state", ""), state);
}

static void sum_order(const struct fact *f)
{
	struct bill b = { .id = jint(f->answer, "order_id", 0), .made = f, .till = f->who[strlen(f->who) - 1] - '0' };
	char path[64];

	snprintf(path, sizeof path, "/v1/orders/%lld", (long long)b.id);
	b.now = asker_must("operator", NULL, shop.merchant_id, "GET", path, NULL);
	const char *state = jtext(b.now, "state", "");
	if (strcmp(state, "open") == 0)
		broken("order %lld is still open", (long long)b.id);
	if (strcmp(state, "cancelled") == 0 || strcmp(state, "expired") == 0)
		goto out;
	price(&b);
	b.customer = shop_customer_by_id(jint(b.now, "customer_id", 0));
	read_tenders(&b);
	for (int i = 0; i < b.tender_count; i++)
		book_tender(&b.tenders[i], -1, b.tenders[i].amount, b.tenders[i].points);
	paper_add(PAPER_MERCHANT, shop.merchant_id, b.money - b.fee);
	paper_add(PAPER_FEE, 0, b.fee);
	book_points(&b);
	book_rebates(&b);
	refunds(&b);
	paid_count[b.till]++;
	paid_cents[b.till] += b.total;
out:
	jfree(b.now);
}

/* ---- the rest ---- */

/* Value put on a card. */
static void sum_card(const struct fact *f)
{
	int64_t amount = jint(f->request, "amount_cents", 0);
	const char *tender = jtext(f->request, "tender", "none");

	if (amount <= 0)
		return;
	paper_add(PAPER_CARD, jint(f->answer, "card_id", 0), amount);
	if (strcmp(tender, "cash") == 0)
		paper_add(PAPER_CASH, 0, -amount);
	else
		paper_add(strcmp(tender, "none") == 0 ? PAPER_MERCHANT : PAPER_WORLD, shop.merchant_id, -amount);
}

static void sum_points(const struct fact *f, int sign)
{
	int customer = shop_customer_by_identity(jtext(f->request, "identity_code", ""));

	if (customer < 0)
		broken("points of somebody unknown were changed");
	paper_add(PAPER_POINTS, shop.customers[customer].id, sign * jint(f->request, "points", 0));
	paper_add(PAPER_POINTS_ISSUED, shop.merchant_id, -sign * jint(f->request, "points", 0));
}

static void sum_prefund(const struct fact *f)
{
	paper_add(PAPER_PREFUND, shop.merchant_id, jint(f->request, "amount_cents", 0));
	paper_add(PAPER_WORLD, shop.merchant_id, -jint(f->request, "amount_cents", 0));
}

/* Who ever paid or gave away points. */
static void note_spenders(void)
{
	const struct fact *f;

	for (int i = 0; (f = paper_at(i)) != NULL; i++) {
		const struct json_t *list = jget(f->request, "payments"), *t = list ? jat(list, 0) : f->request;
		int customer = -1;
		if (strcmp(jtext(t, "method", ""), "points") == 0 || strcmp(f->path, "/v1/points/spend") == 0)
			customer = shop_customer_by_identity(jtext(t, "identity_code", ""));
		else if (strcmp(jtext(t, "source", ""), "points") == 0)
			customer = f->who[strlen(f->who) - 1] - '0';
		if (customer >= 0)
			spent_points[customer] = true;
	}
}

struct refused {
	int count;
};

static void count_refused(struct till *t, void *arg)
{
	struct outbox_row rows[64];
	struct refused *r = arg;
	int count = outbox_list(t->store, rows, 64);

	for (int i = 0; i < count; i++) {
		r->count += rows[i].kind == OUTBOX_ORDER && rows[i].refused[0] != '\0';
		outbox_row_free(&rows[i]);
	}
}

/* Each sale that a cashier finished is one paid order, and there are no others. */
static void compare_tills(void)
{
	for (int i = 0; i < TILLS; i++) {
		struct refused refused = { 0 };
		if (!desk_do(i, count_refused, &refused))
			broken("till %d is not there", i);
		if (cashier_sales(i) != paid_count[i] + refused.count)
			broken("till %d finished %lld sales (%d were refused later), but %lld orders are paid", i,
			       (long long)cashier_sales(i), refused.count, (long long)paid_count[i]);
		if (refused.count == 0 && cashier_sales_cents(i) != paid_cents[i])
			broken("till %d sold for %lld, but its paid orders are %lld", i, (long long)cashier_sales_cents(i),
			       (long long)paid_cents[i]);
	}
}

void model_sum(void)
{
	const struct fact *f;

	note_spenders();
	for (int i = 0; (f = paper_at(i)) != NULL; i++) {
		if (strcmp(f->path, "/v1/orders") == 0)
			sum_order(f);
		else if (strcmp(f->path, "/v1/cards") == 0 || strcmp(f->path, "/v1/cards/activate") == 0 ||
		         strcmp(f->path, "/v1/cards/top-up") == 0)
			sum_card(f);
		else if (strcmp(f->path, "/v1/cards/transfer") == 0)
			paper_join_cards(jint(f->answer, "from_card_id", 0), jint(f->answer, "card_id", 0));
		else if (strcmp(f->path, "/v1/points/earn") == 0)
			sum_points(f, 1);
		else if (strcmp(f->path, "/v1/points/spend") == 0)
			sum_points(f, -1);
		else if (strcmp(f->path, "/v1/prefund") == 0)
			sum_prefund(f);
	}
	compare_tills();
	int64_t taken = bank_taken_cents();
	/* What the bank has of it, the books must know: nothing paid there is lost, nothing is counted twice. */
	if (-checks_balance(PAPER_PROVIDER, 1, false) != taken)
		broken("the bank took %lld, the books say %lld", (long long)taken, (long long)-checks_balance(PAPER_PROVIDER, 1, false));
}
