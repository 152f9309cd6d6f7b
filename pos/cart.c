/* cart: see cart.h. */
#include "pos/cart.h"

#include "shared/jread.h"
#include "shared/money.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void mix(uint64_t *mark, int64_t value)
{
	*mark = (*mark ^ (uint64_t)value) * UINT64_C(0x9E3779B97F4A7C15);
	*mark ^= *mark >> 29;
}

uint64_t cart_mark(const struct cart *c)
{
	uint64_t mark = 1;

	for (int i = 0; i < c->count; i++) {
		const struct cart_line *l = &c->lines[i];
		mix(&mark, l->item_id);
		mix(&mark, l->card_id);
		mix(&mark, l->quantity);
		mix(&mark, l->label_cents);
		mix(&mark, l->overridden ? l->new_price_cents : l->price_cents);
		mix(&mark, l->discount.rate_bp);
		mix(&mark, l->discount.amount_cents);
		for (int k = 0; k < l->option_count; k++)
			mix(&mark, l->options[k].choice_id);
	}
	for (int i = 0; i < c->coupon_count; i++)
		for (const char *at = c->coupons[i]; *at; at++)
			mix(&mark, *at);
	mix(&mark, c->coupon_count);
	return mark ? mark : 1;
}

bool cart_has_promotions(const struct cart *c)
{
	return c->promotions_for != 0 && c->promotions_for == cart_mark(c);
}

int64_t cart_promotion_cents(const struct cart *c)
{
	int64_t sum = 0;

	for (int i = 0; i < c->count; i++)
		sum += c->lines[i].price.promotion_cents;
	return sum;
}

static int64_t options_cents(const struct cart_line *l)
{
	int64_t sum = 0;

	for (int i = 0; i < l->option_count; i++)
		sum += l->options[i].price_cents;
	return sum;
}

enum qt_err cart_price(struct cart *c)
{
	struct price_line lines[CART_LINES_MOST];
	struct price_order o = { .lines = lines, .count = c->count, .discount = c->discount,
	                         .points_cents = c->points.off_cents, .exempt = cart_is_exempt(c) };

	for (int i = 0; i < c->count; i++) {
		const struct cart_line *l = &c->lines[i];
		lines[i] = (struct price_line){ .quantity = l->quantity, .price_cents = l->price_cents,
			.rate_bp = l->rate_bp, .inclusive = c->inclusive || l->card_id != 0, .fixed = l->card_id != 0,
			.overridden = l->overridden, .new_price_cents = l->new_price_cents, .discount = l->discount,
			.measured = l->unit[0] != '\0', .labelled = l->label[0] != '\0', .label_cents = l->label_cents,
			.option_cents = options_cents(l) };
	}
	enum qt_err err = price_begin(&o);
	for (int i = 0; i < c->count && cart_has_promotions(c); i++)
		lines[i].promotion_cents = c->lines[i].promotion_cents;
	if (err == QT_OK)
		err = price_finish(&o);
	if (err != QT_OK)
		return err;
	for (int i = 0; i < c->count; i++) {
		c->lines[i].price = lines[i];
		c->lines[i].tax_cents = lines[i].tax_cents;
		c->lines[i].total_cents = lines[i].total_cents;
	}
	c->tax_cents = o.tax_cents;
	c->total_cents = o.total_cents;
	c->discount_cents = o.discount_cents;
	c->given = price_given(&o);
	return QT_OK;
}

int64_t cart_taken_off(const struct cart_line *l)
{
	return l->price.discount_cents + l->price.order_discount_cents + l->price.promotion_cents + l->price.points_cents -
		l->price.override_cents;
}

static bool same_options(const struct cart_line *l, const struct till_item *it)
{
	bool same = l->option_count == it->option_count;

	for (int i = 0; i < l->option_count && same; i++)
		same = l->options[i].choice_id == it->options[i].choice_id &&
		       l->options[i].price_cents == it->options[i].price_cents;
	return same;
}

int64_t cart_points_most(const struct cart *c)
{
	int64_t sum = 0;

	for (int i = 0; i < c->count; i++) {
		const struct price_line *p = &c->lines[i].price;
		if (c->lines[i].card_id == 0)
			sum += price_left(p) - p->promotion_cents - p->order_discount_cents;
	}
	return sum;
}

static int find_line(const struct cart *c, const struct till_item *it)
{
	if (quantity_is_measured(it->unit) || it->label[0])
		return -1;
	for (int i = 0; i < c->count; i++)
		if (c->lines[i].card_id == 0 && c->lines[i].item_id == it->id &&
		    c->lines[i].price_cents == it->price_cents && !c->lines[i].overridden && c->lines[i].label[0] == '\0' &&
		    c->lines[i].discount_reason[0] == '\0' && c->lines[i].note[0] == '\0' &&
		    same_options(&c->lines[i], it))
			return i;
	return -1;
}

/* Keep a change of one line only when the whole can still be priced. */
static enum qt_err keep_or_undo(struct cart *c, int line, const struct cart_line *before, int count_before)
{
	enum qt_err err = cart_price(c);

	if (err == QT_OK)
		return QT_OK;
	c->lines[line] = *before;
	c->count = count_before;
	enum qt_err again = cart_price(c);
	assert(again == QT_OK);
	return err;
}

static int64_t quantity_most(const char *unit)
{
	return CART_QUANTITY_MOST * (quantity_is_measured(unit) ? QUANTITY_MILLI : 1);
}

enum qt_err cart_add(struct cart *c, const struct till_item *it, int64_t quantity, int *line)
{
	int at = find_line(c, it), count_before = c->count;

	if (quantity < 1 || quantity > quantity_most(it->unit))
		return QT_OUT_OF_RANGE;
	if (at >= 0) {
		if (line)
			*line = at;
		return cart_set_quantity(c, at, c->lines[at].quantity + quantity);
	}
	if (c->count == CART_LINES_MOST)
		return QT_TOO_LONG;
	at = c->count++;
	const struct cart_line before = c->lines[at];
	struct cart_line *l = &c->lines[at];
	*l = (struct cart_line){ .item_id = it->id, .quantity = quantity, .price_cents = it->price_cents,
	                         .rate_bp = it->rate_bp, .open_price = it->open_price };
	memcpy(l->name, it->name, sizeof l->name);
	memcpy(l->name_zh, it->name_zh, sizeof l->name_zh);
	if (quantity_is_measured(it->unit))
		memcpy(l->unit, it->unit, sizeof l->unit);
	memcpy(l->options, it->options, sizeof l->options);
	l->option_count = it->option_count;
	memcpy(l->label, it->label, sizeof l->label);
	l->label_cents = it->label_cents;
	if (l->open_price && l->label[0])
		l->price_cents = l->label_cents;
	if (line)
		*line = at;
	return keep_or_undo(c, at, &before, count_before);
}

enum qt_err cart_add_card(struct cart *c, int64_t card_id, bool top_up, int64_t quantity, int64_t amount_cents,
                          const char *number_masked)
{
	if (quantity < 1 || quantity > CART_CARDS_MOST || amount_cents < 1)
		return QT_OUT_OF_RANGE;
	if (c->count == CART_LINES_MOST)
		return QT_TOO_LONG;
	for (int i = 0; i < c->count; i++) {
		const struct cart_line *l = &c->lines[i];
		if (l->card_id != 0 && card_id < l->card_id + l->quantity && l->card_id < card_id + quantity)
			return QT_EXISTS;
	}
	int at = c->count++;
	const struct cart_line before = c->lines[at];
	struct cart_line *l = &c->lines[at];
	*l = (struct cart_line){ .card_id = card_id, .top_up = top_up, .quantity = quantity, .price_cents = amount_cents };
	snprintf(l->name, sizeof l->name, "%s %s", top_up ? "Card top-up" : "Prepaid card", number_masked);
	snprintf(l->name_zh, sizeof l->name_zh, "%s %s", top_up ? "预付卡充值" : "预付卡", number_masked);
	return keep_or_undo(c, at, &before, at);
}

bool cart_has_cards(const struct cart *c)
{
	for (int i = 0; i < c->count; i++)
		if (c->lines[i].card_id != 0)
			return true;
	return false;
}

enum qt_err cart_set_quantity(struct cart *c, int line, int64_t quantity)
{
	assert(line >= 0 && line < c->count);
	if (quantity < 0 || quantity > quantity_most(c->lines[line].unit))
		return QT_OUT_OF_RANGE;
	if (quantity == 0) {
		cart_void(c, line);
		return QT_OK;
	}
	const struct cart_line before = c->lines[line];
	c->lines[line].quantity = quantity;
	return keep_or_undo(c, line, &before, c->count);
}

enum qt_err cart_change(struct cart *c, int line, int64_t by)
{
	assert(line >= 0 && line < c->count);
	if (c->lines[line].unit[0] || c->lines[line].label[0] || c->lines[line].card_id) /* weighed, or scanned one by one */
		return QT_CONFLICT;
	return cart_set_quantity(c, line, c->lines[line].quantity + by);
}

void cart_void(struct cart *c, int line)
{
	assert(line >= 0 && line < c->count);
	c->count--;
	memmove(&c->lines[line], &c->lines[line + 1], (size_t)(c->count - line) * sizeof *c->lines);
	enum qt_err err = cart_price(c);
	if (err == QT_OUT_OF_RANGE && c->points.off_cents) { /* less is left than points take off: they are kept */
		c->points = (struct cart_points){ 0 };
		err = cart_price(c);
	}
	if (err == QT_OUT_OF_RANGE) { /* less is left than the order's discount takes off: it goes too */
		c->discount = (struct price_discount){ 0 };
		c->discount_reason[0] = '\0';
		err = cart_price(c);
	}
	assert(err == QT_OK); /* less than before */
}

void cart_clear(struct cart *c)
{
	bool inclusive = c->inclusive;

	memset(c, 0, sizeof *c);
	c->inclusive = inclusive;
}

int64_t cart_pieces(const struct cart *c)
{
	int64_t pieces = 0;
	for (int i = 0; i < c->count; i++)
		pieces += c->lines[i].unit[0] ? 1 : c->lines[i].quantity;
	return pieces;
}

static void discount_json(struct json *j, const struct price_discount *d, const char *reason)
{
	if (reason[0] == '\0')
		return;
	json_object(j, "discount");
	json_int(j, d->rate_bp ? "rate_bp" : "amount_cents", d->rate_bp ? d->rate_bp : d->amount_cents);
	json_text(j, "reason", reason);
	json_end(j);
}

/* What of a line is not the catalogue's. */
static void line_prices_json(struct json *j, const struct cart_line *l)
{
	if (l->overridden) {
		json_int(j, "price_cents", l->new_price_cents);
		json_text(j, "price_reason", l->price_reason);
	}
	discount_json(j, &l->discount, l->discount_reason);
	if (l->note[0])
		json_text(j, "note", l->note);
	if (l->card_id) {
		json_int(j, "card_id", l->card_id);
		json_text(j, "card_use", l->top_up ? "top-up" : "sell");
	}
}

void cart_options_json(const struct cart_line *l, struct json *j)
{
	if (l->option_count == 0)
		return;
	json_array(j, "options");
	for (int i = 0; i < l->option_count; i++) {
		json_object(j, NULL);
		json_int(j, "choice_id", l->options[i].choice_id);
		json_text(j, "name", l->options[i].name);
		json_text(j, "name_zh", l->options[i].name_zh);
		json_int(j, "price_cents", l->options[i].price_cents);
		json_end(j);
	}
	json_end(j);
}

static void coupons_json(const struct cart *c, struct json *j)
{
	json_array(j, "codes");
	for (int i = 0; i < c->coupon_count; i++) {
		json_object(j, NULL);
		json_text(j, "code", c->coupons[i]);
		json_end(j);
	}
	json_end(j);
}

/* What the customer was told while the server was away. */
static void told_json(const struct cart *c, struct json *j)
{
	json_text(j, "promotions", "told");
	json_array(j, "cuts");
	for (int k = 0; k < c->promotion_count; k++)
		for (int i = 0; i < c->count; i++) {
			if (c->promotions[k].cuts[i] == 0)
				continue;
			json_object(j, NULL);
			json_int(j, "promotion_id", c->promotions[k].id);
			json_int(j, "line_no", i + 1);
			json_int(j, "saved_cents", c->promotions[k].cuts[i]);
			json_end(j);
		}
	json_end(j);
}

void cart_json(const struct cart *c, struct json *j)
{
	json_array(j, "lines");
	for (int i = 0; i < c->count; i++) {
		json_object(j, NULL);
		const struct cart_line *l = &c->lines[i];
		if (l->label[0]) { /* the server reads it itself */
			json_text(j, "barcode", l->label);
		} else {
			if (l->card_id == 0)
				json_int(j, "item_id", l->item_id);
			json_int(j, l->unit[0] ? "quantity_milli" : "quantity", l->quantity);
		}
		if ((l->open_price && l->label[0] == '\0') || l->card_id)
			json_int(j, "price_cents", c->lines[i].price_cents);
		if (l->option_count)
			json_array(j, "options");
		for (int k = 0; k < l->option_count; k++)
			json_int(j, NULL, l->options[k].choice_id);
		if (l->option_count)
			json_end(j);
		line_prices_json(j, &c->lines[i]);
		json_end(j);
	}
	json_end(j);
	discount_json(j, &c->discount, c->discount_reason);
	if (cart_has_promotions(c) && c->promotions_told)
		told_json(c, j);
	else if (cart_has_promotions(c))
		coupons_json(c, j);
	else /* nobody said what they take off: the customer was told the sum without */
		json_text(j, "promotions", "none");
	if (c->approval_count == 0)
		return;
	json_array(j, "approvals");
	for (int i = 0; i < c->approval_count; i++)
		json_int(j, NULL, c->approvals[i].id);
	json_end(j);
}

static void step_json(struct json *j, int line_no, int kind, int64_t amount_cents, int64_t rate_bp, const char *reason)
{
	if (amount_cents == 0 && kind != STEP_EXEMPT)
		return;
	json_object(j, NULL);
	json_int(j, "line_no", line_no);
	json_text(j, "kind", price_step_name(kind));
	json_int(j, "amount_cents", amount_cents);
	if (rate_bp)
		json_int(j, "rate_bp", rate_bp);
	json_text(j, "reason", reason);
	json_end(j);
}

void cart_steps_json(const struct cart *c, struct json *j)
{
	if (!cart_has_prices(c))
		return;
	json_array(j, "steps");
	for (int i = 0; i < c->count; i++) {
		const struct cart_line *l = &c->lines[i];
		step_json(j, i + 1, STEP_OVERRIDE, l->price.override_cents, 0, l->price_reason);
		for (int k = 0; k < l->option_count; k++)
			step_json(j, i + 1, STEP_OPTION, l->options[k].price_cents * l->quantity, 0, l->options[k].name);
		step_json(j, i + 1, STEP_LINE_DISCOUNT, -l->price.discount_cents, l->discount.rate_bp, l->discount_reason);
		step_json(j, i + 1, STEP_PROMOTION, -l->price.promotion_cents, 0,
		          c->promotion_count ? c->promotions[0].name : "");
		step_json(j, i + 1, STEP_ORDER_DISCOUNT, -l->price.order_discount_cents, c->discount.rate_bp,
		          c->discount_reason);
		step_json(j, i + 1, STEP_POINTS, -l->price.points_cents, 0, "");
		if (cart_is_exempt(c) && l->rate_bp > 0)
			step_json(j, i + 1, STEP_EXEMPT, -l->price.exempt_cents, l->rate_bp, c->customer.certificate);
	}
	json_end(j);
}

bool cart_has_prices(const struct cart *c)
{
	bool some = c->discount_reason[0] || c->approval_count || c->coupon_count || c->age_checked ||
		c->points.off_cents || c->customer.customer_id || cart_promotion_cents(c) > 0;

	for (int i = 0; i < c->count; i++)
		some |= c->lines[i].card_id || c->lines[i].unit[0] || c->lines[i].label[0] || c->lines[i].overridden ||
			c->lines[i].discount_reason[0] || c->lines[i].note[0] || c->lines[i].option_count;
	return some;
}

/* What the till judged alone has to be the same after a restart: the customer was told. */
static void promotions_json(const struct cart *c, struct json *j)
{
	json_array(j, "told");
	for (int k = 0; k < c->promotion_count; k++) {
		const struct cart_promotion *p = &c->promotions[k];
		json_object(j, NULL);
		json_int(j, "promotion_id", p->id);
		json_text(j, "name", p->name);
		json_text(j, "name_zh", p->name_zh);
		json_int(j, "saved_cents", p->saved_cents);
		json_array(j, "cuts");
		for (int i = 0; i < c->count; i++)
			json_int(j, NULL, p->cuts[i]);
		json_end(j);
		json_end(j);
	}
	json_end(j);
}

void cart_prices_json(const struct cart *c, struct json *j)
{
	discount_json(j, &c->discount, c->discount_reason);
	json_array(j, "lines");
	for (int i = 0; i < c->count; i++) {
		json_object(j, NULL);
		line_prices_json(j, &c->lines[i]);
		json_int(j, "promotion_cents", c->lines[i].promotion_cents);
		cart_options_json(&c->lines[i], j);
		json_text(j, "unit", c->lines[i].unit);
		json_text(j, "label", c->lines[i].label);
		json_int(j, "label_cents", c->lines[i].label_cents);
		json_end(j);
	}
	json_end(j);
	json_int(j, "promotions_for", (int64_t)c->promotions_for);
	if (c->promotions_told)
		promotions_json(c, j);
	json_int(j, "age_checked", c->age_checked);
	json_int(j, "points_off_cents", c->points.off_cents);
	json_text(j, "points_identity_code", c->points.identity_code);
	json_object(j, "customer");
	json_int(j, "customer_id", c->customer.customer_id);
	json_int(j, "level", c->customer.level);
	json_int(j, "points", c->customer.points);
	json_text(j, "tax_certificate", c->customer.certificate);
	json_end(j);
	coupons_json(c, j);
	json_array(j, "approvals");
	for (int i = 0; i < c->approval_count; i++) {
		const struct cart_approval *a = &c->approvals[i];
		json_object(j, NULL);
		json_int(j, "approval_id", a->id);
		json_int(j, "amount_cents", a->amount_cents);
		json_int(j, "expires_ms", a->expires_ms);
		json_bool(j, "price", a->price);
		json_end(j);
	}
	json_end(j);
}

static void read_discount(const struct json_t *d, struct price_discount *out, char reason[CART_REASON_ROOM])
{
	*out = (struct price_discount){ jint(d, "rate_bp", 0), jint(d, "amount_cents", 0) };
	snprintf(reason, CART_REASON_ROOM, "%s", jtext(d, "reason", ""));
}

static void read_options(struct cart_line *l, const struct json_t *options)
{
	const struct json_t *o;

	l->option_count = 0;
	for (size_t i = 0; (o = jat(options, i)) != NULL && l->option_count < OPTIONS_MOST; i++) {
		struct cart_option *out = &l->options[l->option_count++];
		out->choice_id = jint(o, "choice_id", 0);
		out->price_cents = jint(o, "price_cents", 0);
		snprintf(out->name, sizeof out->name, "%s", jtext(o, "name", ""));
		snprintf(out->name_zh, sizeof out->name_zh, "%s", jtext(o, "name_zh", ""));
	}
}

static void read_promotions(struct cart *c, const struct json_t *told)
{
	const struct json_t *row;

	c->promotions_told = told != NULL;
	c->promotion_count = 0;
	for (size_t k = 0; (row = jat(told, k)) != NULL && c->promotion_count < CART_PROMOTIONS_MOST; k++) {
		struct cart_promotion *p = &c->promotions[c->promotion_count++];
		p->id = jint(row, "promotion_id", 0);
		p->saved_cents = jint(row, "saved_cents", 0);
		snprintf(p->name, sizeof p->name, "%s", jtext(row, "name", ""));
		snprintf(p->name_zh, sizeof p->name_zh, "%s", jtext(row, "name_zh", ""));
		for (int i = 0; i < c->count; i++)
			p->cuts[i] = jvalue_int(jat(jget(row, "cuts"), (size_t)i), 0);
	}
}

void cart_customer_read(struct cart_customer *w, const struct json_t *said)
{
	*w = (struct cart_customer){ .customer_id = jint(said, "customer_id", 0), .level = jint(said, "level", 0),
	                             .points = jint(said, "points", 0) };
	snprintf(w->certificate, sizeof w->certificate, "%s", jtext(said, "tax_certificate", ""));
}

void cart_prices_read(struct cart *c, const struct json_t *prices)
{
	const struct json_t *lines = jget(prices, "lines"), *approvals = jget(prices, "approvals"), *a;

	read_discount(jget(prices, "discount"), &c->discount, c->discount_reason);
	const struct json_t *codes = jget(prices, "codes"), *code;
	c->promotions_for = (uint64_t)jint(prices, "promotions_for", 0);
	read_promotions(c, jget(prices, "told"));
	c->age_checked = jint(prices, "age_checked", 0);
	c->points.off_cents = jint(prices, "points_off_cents", 0);
	snprintf(c->points.identity_code, sizeof c->points.identity_code, "%s", jtext(prices, "points_identity_code", ""));
	cart_customer_read(&c->customer, jget(prices, "customer"));
	c->coupon_count = 0;
	for (size_t i = 0; i < CART_COUPONS_MOST && (code = jat(codes, i)) != NULL; i++)
		snprintf(c->coupons[c->coupon_count++], sizeof c->coupons[0], "%s", jtext(code, "code", ""));
	for (int i = 0; i < c->count; i++) {
		const struct json_t *line = jat(lines, (size_t)i);
		struct cart_line *l = &c->lines[i];
		l->promotion_cents = jint(line, "promotion_cents", 0);
		read_discount(jget(line, "discount"), &l->discount, l->discount_reason);
		l->overridden = jtext(line, "price_reason", NULL) != NULL;
		l->new_price_cents = jint(line, "price_cents", 0);
		snprintf(l->price_reason, sizeof l->price_reason, "%s", jtext(line, "price_reason", ""));
		snprintf(l->note, sizeof l->note, "%s", jtext(line, "note", ""));
		read_options(l, jget(line, "options"));
		snprintf(l->unit, sizeof l->unit, "%s", jtext(line, "unit", ""));
		snprintf(l->label, sizeof l->label, "%s", jtext(line, "label", ""));
		l->label_cents = jint(line, "label_cents", 0);
		l->card_id = jint(line, "card_id", 0);
		l->top_up = strcmp(jtext(line, "card_use", ""), "top-up") == 0;
	}
	c->approval_count = 0;
	for (size_t i = 0; (a = jat(approvals, i)) != NULL && c->approval_count < CART_APPROVALS_MOST; i++)
		c->approvals[c->approval_count++] = (struct cart_approval){ jint(a, "approval_id", 0),
			jint(a, "amount_cents", 0), jint(a, "expires_ms", 0), jbool(a, "price", false) };
}

enum qt_err cart_parse_entry(const char *typed, int64_t *quantity_milli, const char **code)
{
	const char *star = strchr(typed, '*');

	*quantity_milli = 0;
	*code = typed;
	if (star == NULL)
		return QT_OK;
	if (strchr(star + 1, '*') != NULL)
		return QT_BAD_FIELD;
	*code = star + 1;
	return quantity_parse(typed, (size_t)(star - typed), quantity_milli);
}

enum qt_err cart_parse_amount(const char *typed, int64_t currency, bool as_cents, int64_t *amount_cents)
{
	size_t len = strlen(typed);

	if (len == 0)
		return QT_BAD_FIELD;
	if (!as_cents || strspn(typed, "0123456789") != len)
		return money_parse(typed, currency, amount_cents);
	if (len > 15)
		return QT_OVERFLOW;
	*amount_cents = strtoll(typed, NULL, 10);
	return QT_OK;
}

int cart_quick_amounts(int64_t due_cents, int64_t currency, int64_t out[4])
{
	static const int64_t steps[] = { 1, 5, 10, 20, 50, 100, 200, 500, 1000, 10000 };
	const struct currency *c = currency_by_numeric(currency);
	int64_t unit = 1;
	int count = 0;

	for (int i = c ? c->digits : 2; i > 0; i--)
		unit *= 10;
	for (size_t i = 0; i < sizeof steps / sizeof *steps && count < 4; i++) {
		int64_t step = steps[i] * unit;
		if (due_cents <= 0 || due_cents > MONEY_MAX - step)
			break;
		int64_t amount = (due_cents + step - 1) / step * step;
		if (amount > due_cents && (count == 0 || amount > out[count - 1]))
			out[count++] = amount;
	}
	return count;
}
