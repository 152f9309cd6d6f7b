/* api_order: routes of orders: sell, look, pay at the till, cancel, give back. */
#include "server/approval.h"
#include "server/card.h"
#include "server/catalogue.h"
#include "server/customer.h"
#include "server/list.h"
#include "server/option.h"
#include "server/order_card.h"
#include "server/promotion.h"
#include "server/refund.h"
#include "server/settle.h"

#include <stdlib.h>
#include <string.h>

/* ---- arguments ---- */

/* One element of payments; the method's index in method_words is its number less one. */
struct tender_args {
	int method;
	int64_t amount_cents, received_cents, cash_rounding_cents, payment_id;
	const char *code, *number, *pin, *identity_code, *approval, *institution;
};
static const char *const method_words[] = {
#define X(name, number, wire) wire,
	PAYMENT_METHODS(X)
#undef X
	NULL
};
static const struct field tender_fields[] = {
	{ "method", FIELD_CHOICE, FIELD_REQUIRED, offsetof(struct tender_args, method), .choices = method_words,
	  .help = "how it is paid; a provider is chosen by the customer who scans a code; points-discount: not a payment, "
	          "points take amount_cents off the price, when the order is made" },
	{ "amount_cents", FIELD_INT, 0, offsetof(struct tender_args, amount_cents), 1, MONEY_MAX,
	  .help = "minor units; what is due when absent" },
	{ "received_cents", FIELD_INT, 0, offsetof(struct tender_args, received_cents), 1, MONEY_MAX,
	  .help = "cash: what the customer gave; exactly the amount when absent" },
	{ "cash_rounding_cents", FIELD_INT, 0, offsetof(struct tender_args, cash_rounding_cents), 1, 100,
	  .help = "cash: what the till rounded to, as its store had it; the store's present one when absent" },
	{ "code", FIELD_TEXT, FIELD_SECRET, offsetof(struct tender_args, code), 1, CODE_URL_MAX,
	  .help = "card: its code; wallet: the 18 digits the customer shows" },
	{ "number", FIELD_TEXT, 0, offsetof(struct tender_args, number), 1, 32, .help = "card: its 16 digits" },
	{ "pin", FIELD_TEXT, FIELD_SECRET, offsetof(struct tender_args, pin), 1, 32,
	  .help = "PIN of the holder of a bound card, points or wallet, above the limit" },
	{ "identity_code", FIELD_TEXT, 0, offsetof(struct tender_args, identity_code), 1, CODE_URL_MAX,
	  .help = "points, points-discount: whose; the order's customer when absent" },
	{ "approval", FIELD_TEXT, 0, offsetof(struct tender_args, approval), 1, PAYMENT_REFERENCE_MAX - 1,
	  .help = "terminal: the bank terminal's approval" },
	{ "institution", FIELD_TEXT, 0, offsetof(struct tender_args, institution), 1, PAYMENT_PROVIDER_MAX,
	  .help = "provider: its name" },
	{ "payment_id", FIELD_INT, 0, offsetof(struct tender_args, payment_id), 1, INT64_MAX,
	  .help = "fixed: the unmatched payment" },
	{ 0 },
};

static const struct field discount_fields[] = {
	{ "rate_bp", FIELD_INT, 0, offsetof(struct order_discount_request, rate_bp), 1, 10000,
	  .help = "of what it is taken off, basis points; or amount_cents" },
	{ "amount_cents", FIELD_INT, 0, offsetof(struct order_discount_request, amount_cents), 1, MONEY_MAX,
	  .help = "minor units" },
	{ "reason", FIELD_TEXT, FIELD_REQUIRED, offsetof(struct order_discount_request, reason), 1, ORDER_REASON_MAX,
	  .help = "why" },
	{ 0 },
};
static const char *const card_use_words[] = { "sell", "top-up", NULL };
static const struct field line_fields[] = {
	{ "item_id", FIELD_INT, 0, offsetof(struct order_line_request, item_id), 1, INT64_MAX,
	  .help = "the item, or barcode" },
	{ "barcode", FIELD_TEXT, 0, offsetof(struct order_line_request, barcode), 1, CODE_URL_MAX,
	  .help = "barcode, PLU, SKU or product code; with a weight or price inside it says how much, and what it costs" },
	{ "quantity", FIELD_INT, 0, offsetof(struct order_line_request, quantity), 1, ORDER_QUANTITY_MAX,
	  .help = "pieces" },
	{ "quantity_milli", FIELD_INT, 0, offsetof(struct order_line_request, quantity_milli), 1,
	  ORDER_QUANTITY_MAX * QUANTITY_MILLI, .help = "of goods measured in kg, g, l or m instead of quantity: thousandths" },
	{ "price_cents", FIELD_INT, 0, offsetof(struct order_line_request, price_cents), 0, MONEY_MAX, .fallback = -1,
	  .help = "minor units; typed for items without a price of their own, else with price_reason" },
	{ "price_reason", FIELD_TEXT, 0, offsetof(struct order_line_request, price_reason), 1, ORDER_REASON_MAX,
	  .help = "why price_cents instead of the catalogue's price" },
	{ "discount", FIELD_OBJECT, 0, offsetof(struct order_line_request, discount), .sub = discount_fields,
	  .help = "what is taken off this line" },
	{ "options", FIELD_INTS, 0, offsetof(struct order_line_request, options), 0, OPTION_LINE_MAX,
	  .help = "choice_id of each choice of the item's options; its defaults where a group must be chosen from and is not" },
	{ "note", FIELD_TEXT, 0, offsetof(struct order_line_request, note), 1, 120, .help = "on the receipt" },
	{ "card_id", FIELD_INT, 0, offsetof(struct order_line_request, card_id), 1, INT64_MAX,
	  .help = "instead of an item: the prepaid card; with quantity above 1 the first of a batch's cards that follow" },
	{ "card_use", FIELD_CHOICE, 0, offsetof(struct order_line_request, card_use), .choices = card_use_words,
	  .help = "with card_id; price_cents goes on each card, the batch's face value when absent" },
	{ 0 },
};

struct order_code_args {
	const char *code;
};
static const struct field order_code_fields[] = {
	{ "code", FIELD_TEXT, FIELD_REQUIRED | FIELD_SECRET, offsetof(struct order_code_args, code), 1, CODE_URL_MAX,
	  .help = "a coupon's code, or one that all share" },
	{ 0 },
};
/* In the order of enum order_promotions. */
static const char *const promotion_words[] = { "all", "plain", "none", "told", NULL };
static const struct field cut_fields[] = {
	{ "promotion_id", FIELD_INT, FIELD_REQUIRED, offsetof(struct order_cut, promotion_id), 1, INT64_MAX,
	  .help = "the promotion" },
	{ "line_no", FIELD_INT, FIELD_REQUIRED, offsetof(struct order_cut, line_no), 1, ORDER_LINES_MAX,
	  .help = "line of the order" },
	{ "saved_cents", FIELD_INT, FIELD_REQUIRED, offsetof(struct order_cut, saved_cents), 1, MONEY_MAX,
	  .help = "what it took off, minor units" },
	{ 0 },
};
struct order_args {
	int64_t number, at_ms, total_cents;
	const char *share, *customer;
	struct field_list lines, payments, approvals, codes, cuts;
	int promotions, tax_exempt;
	struct order_discount_request discount;
};
static const struct field order_fields[] = {
	{ "number", FIELD_INT, 0, offsetof(struct order_args, number), 1, INT64_C(1) << 40,
	  .help = "the till's own sequence number, unique per terminal; the server gives one when absent" },
	{ "at_ms", FIELD_INT, 0, offsetof(struct order_args, at_ms), 1, INT64_MAX / 2,
	  .help = "when it was sold, unix ms" },
	{ "lines", FIELD_LIST, FIELD_REQUIRED, offsetof(struct order_args, lines), 1, ORDER_LINES_MAX, .sub = line_fields,
	  .sub_size = sizeof(struct order_line_request), .help = "what is sold" },
	{ "discount", FIELD_OBJECT, 0, offsetof(struct order_args, discount), .sub = discount_fields,
	  .help = "what is taken off the whole order, after the lines' discounts" },
	{ "approvals", FIELD_INTS, 0, offsetof(struct order_args, approvals), 0, APPROVALS_MAX,
	  .help = "approval_id of each approval that discounts or prices above the cashier's limits need" },
	{ "codes", FIELD_LIST, 0, offsetof(struct order_args, codes), 0, PROMO_CODES_MOST, .sub = order_code_fields,
	  .sub_size = sizeof(struct order_code_args), .help = "codes of promotions; refused when one does not apply" },
	{ "promotions", FIELD_CHOICE, 0, offsetof(struct order_args, promotions), .choices = promotion_words,
	  .help = "which may apply: plain are those without code, customer or limit; none when the till could not ask for any; "
	          "told when it judged alone: cuts say how" },
	{ "cuts", FIELD_LIST, 0, offsetof(struct order_args, cuts), 0, ORDER_CUTS_MAX, .sub = cut_fields,
	  .sub_size = sizeof(struct order_cut), .help = "with promotions told: what each took off which line" },
	{ "total_cents", FIELD_INT, 0, offsetof(struct order_args, total_cents), 0, MONEY_MAX, .fallback = -1,
	  .help = "what the customer was told; refused when it comes to something else" },
	{ "share", FIELD_TEXT, 0, offsetof(struct order_args, share), 1, CODE_URL_MAX, .help = "share or campaign code" },
	{ "customer", FIELD_TEXT, 0, offsetof(struct order_args, customer), 1, CODE_URL_MAX, .help = "identity code" },
	{ "tax_exempt", FIELD_MAYBE, 0, offsetof(struct order_args, tax_exempt), .fallback = -1,
	  .help = "what the customer was told: true without tax, refused when the customer has no certificate; false with tax, "
	          "as a till does that could not ask; when absent as the customer's certificate says" },
	{ "payments", FIELD_LIST, 0, offsetof(struct order_args, payments), 0, PAYMENTS_MAX, .sub = tender_fields,
	  .sub_size = sizeof(struct tender_args), .help = "how it is paid" },
	{ 0 },
};

/* ---- PINs and wallet codes, outside the transaction ---- */

/* What was found out of a tender before the transaction. */
struct tender_prepared {
	bool pin_checked;
	struct wallet_claim claim;
};

/* Whose PIN a tender needs; 0: nobody's, or not known (the handler says why). `buyer_id` is the order's customer. */
static int64_t holder_of(struct call *call, const struct tender_args *t, int64_t buyer_id)
{
	struct card card = { 0 };
	int64_t customer_id = 0;
	enum qt_err err = QT_NOT_FOUND;

	bool points = t->method + 1 == METHOD_POINTS || t->method + 1 == METHOD_POINTS_OFF;
	if (points && t->identity_code == NULL)
		return buyer_id;
	if (points)
		err = customer_by_identity(call->server, t->identity_code, call->now_ms, &customer_id);
	else if (t->method + 1 == METHOD_CARD && t->code)
		err = card_by_code(call->db, call->server, call->actor.merchant_id, t->code, call->now_ms, &card);
	else if (t->method + 1 == METHOD_CARD && t->number)
		err = card_by_number(call->db, call->actor.merchant_id, t->number, &card);
	return err == QT_OK ? customer_id + card.customer_id : 0;
}

/* Leaves a tender_prepared per tender in call->prepared: codes of wallets are this till's, PINs given are right. */
static enum qt_err prepare_tenders(struct call *call, const struct tender_args *tenders, int count, int64_t buyer_id)
{
	struct tender_prepared *out = arena_alloc(call->arena, (size_t)count * sizeof *out + 1);
	enum qt_err err = QT_OK;

	for (int i = 0; i < count && err == QT_OK; i++) {
		bool wallet = tenders[i].method + 1 == METHOD_WALLET;
		if (wallet && tenders[i].code == NULL)
			return problem_set(&call->problem, QT_MISSING_FIELD, "code", "the 18 digits the customer shows");
		if (wallet)
			err = wallet_claim(call, tenders[i].code, &out[i].claim);
		if (err != QT_OK || tenders[i].pin == NULL)
			continue;
		int64_t customer_id = wallet ? out[i].claim.customer_id : holder_of(call, &tenders[i], buyer_id);
		if (customer_id == 0)
			continue;
		err = customer_pin_check(call, customer_id, tenders[i].pin);
		out[i].pin_checked = err == QT_OK;
	}
	call->prepared = out;
	return err;
}

static bool needs_look(const struct tender_args *tenders, int count)
{
	for (int i = 0; i < count; i++)
		if (tenders[i].pin || tenders[i].method + 1 == METHOD_WALLET)
			return true;
	return false;
}

static bool orders_need_look(const struct call *call)
{
	const struct order_args *a = call->args;
	return needs_look(a->payments.items, a->payments.count);
}

static enum qt_err orders_prepare(struct call *call)
{
	const struct order_args *a = call->args;
	int64_t buyer_id = 0;

	if (a->customer && customer_by_identity(call->server, a->customer, call->now_ms, &buyer_id) != QT_OK)
		buyer_id = 0; /* the handler says what is wrong with it */
	return prepare_tenders(call, a->payments.items, a->payments.count, buyer_id);
}

static void read_tenders(const struct call *call, const struct tender_args *args, int count, struct tender *out)
{
	const struct tender_prepared *prepared = call->prepared;

	for (int i = 0; i < count; i++)
		out[i] = (struct tender){ .method = args[i].method + 1, .amount_cents = args[i].amount_cents,
			.received_cents = args[i].received_cents, .cash_rounding_cents = args[i].cash_rounding_cents,
			.payment_id = args[i].payment_id, .code = args[i].code,
			.number = args[i].number, .identity_code = args[i].identity_code, .approval = args[i].approval,
			.pin_checked = prepared && prepared[i].pin_checked,
			.claim = prepared ? prepared[i].claim : (struct wallet_claim){ 0 } };
}

/* ---- selling ---- */

static void tell_paid(struct call *call)
{
	sale_json(call->reply, call->server, call->told, true);
}

static enum qt_err orders_post(struct call *call)
{
	const struct order_args *a = call->args;
	struct sale *sale = arena_alloc(call->arena, sizeof *sale);
	const struct order_code_args *given = a->codes.items;
	const char *codes[PROMO_CODES_MOST];
	struct tender tenders[PAYMENTS_MAX];
	struct order_request r = { .number = a->number, .at_ms = a->at_ms, .lines = a->lines.items,
		.line_count = a->lines.count, .discount = a->discount,
		.approvals = a->approvals.items, .approval_count = a->approvals.count, .share = a->share,
		.customer = a->customer, .tax_exempt = a->tax_exempt, .payments = tenders,
		.payment_count = a->payments.count, .codes = codes, .code_count = a->codes.count, .promotions = (enum order_promotions)a->promotions,
		.expected_cents = a->total_cents, .cuts = a->cuts.items, .cut_count = a->cuts.count };

	if (call->actor.terminal_id == 0)
		return problem_set(&call->problem, QT_FORBIDDEN, "", "orders are made at a till");
	for (int i = 0; i < a->codes.count; i++)
		codes[i] = given[i].code;
	read_tenders(call, a->payments.items, a->payments.count, tenders);
	enum qt_err err = order_make(call, &r, sale);
	if (err != QT_OK)
		return err;
	call->status = 201;
	if (sale->order.state != ORDER_PAID) {
		call->ref[1] = sale->order.id; /* whose request it was, should the till give it up */
		sale_json(call->reply, call->server, sale, false);
		return QT_OK;
	}
	/* What is paid at once can be told again from its rows; an open order will have changed by then. */
	call->ref[0] = sale->order.id;
	call->tell = tell_paid;
	call->told = sale;
	return QT_OK;
}

static enum qt_err orders_rebuild(struct call *call)
{
	struct sale *sale = arena_alloc(call->arena, sizeof *sale);

	enum qt_err err = sale_load(call->db, 0, call->ref[0], call->arena, sale);
	if (err == QT_OK)
		sale_json(call->reply, call->server, sale, true);
	return err;
}

/* ---- looking ---- */

/* A cashier sees the own store's orders, a boss the merchant's, a customer the own. */
static enum qt_err may_see(struct call *call, const struct sale *sale)
{
	const struct actor *a = &call->actor;

	if (a->role == ROLE_CUSTOMER)
		return sale->order.customer_id == a->customer_id ? QT_OK : QT_NOT_FOUND;
	bool whole_merchant = a->role == ROLE_MANAGER || a->role == ROLE_OWNER || a->role == ROLE_OPERATOR;
	return whole_merchant || sale->store_id == a->store_id ? QT_OK : QT_NOT_FOUND;
}

static enum qt_err load_order(struct call *call, struct sale **out)
{
	bool customer = call->actor.role == ROLE_CUSTOMER;
	int64_t merchant_id = customer ? 0 : call->actor.merchant_id;
	struct sale *sale = *out = arena_alloc(call->arena, sizeof *sale);

	enum qt_err err = customer ? QT_OK : call_needs_merchant(call);
	if (err == QT_OK)
		err = sale_load(call->db, merchant_id, call->id, call->arena, sale);
	if (err == QT_OK)
		err = may_see(call, sale);
	return err == QT_NOT_FOUND ? problem_set(&call->problem, err, "", "there is no such order") : err;
}

static enum qt_err order_get_one(struct call *call)
{
	struct sale *sale;
	enum qt_err err = load_order(call, &sale);

	if (err == QT_OK)
		sale_json(call->reply, call->server, sale, false);
	return err;
}

struct order_list_args {
	int64_t after, limit, from_ms, to_ms;
	const char *state;
	bool desc;
};
static const struct field order_list_fields[] = {
	{ "after", FIELD_INT, 0, offsetof(struct order_list_args, after), 0, INT64_MAX, .help = "orders after this one" },
	{ "limit", FIELD_INT, 0, offsetof(struct order_list_args, limit), 1, 500, 50, .help = "at most this many" },
	{ "desc", FIELD_BOOL, 0, offsetof(struct order_list_args, desc), .help = "true: newest first" },
	{ "state", FIELD_TEXT, 0, offsetof(struct order_list_args, state), 1, 20, .help = "only in this state" },
	{ "from_ms", FIELD_INT, 0, offsetof(struct order_list_args, from_ms), 0, INT64_MAX,
	  .help = "sold at or after, unix ms" },
	{ "to_ms", FIELD_INT, 0, offsetof(struct order_list_args, to_ms), 0, INT64_MAX, INT64_MAX,
	  .help = "sold before, unix ms" },
	{ 0 },
};

static void order_row(struct json *j, struct stmt *s)
{
	const struct currency *c = currency_by_numeric(stmt_col_int(s, 6));

	json_object(j, NULL);
	json_int(j, "order_id", stmt_col_int(s, 0));
	json_int(j, "number", stmt_col_int(s, 1));
	json_int(j, "terminal_id", stmt_col_int(s, 2));
	json_text(j, "state", order_state_name((int)stmt_col_int(s, 3)));
	json_int(j, "at_ms", stmt_col_int(s, 4));
	json_int(j, "total_cents", stmt_col_int(s, 5));
	json_text(j, "currency", c ? c->alpha : "");
	json_int(j, "receipt_number", stmt_col_int(s, 7));
	json_end(j);
}

static enum qt_err orders_get(struct call *call)
{
#define ORDER_PAGE(cursor, order) \
	"SELECT id, number, terminal_id, state, created_ms, total_cents, " \
	"(SELECT m.currency FROM merchant m WHERE m.id = merchant_id), receipt_number FROM orders " \
	"WHERE merchant_id = $1 AND id " cursor " $2 AND ($3 = 0 OR state = $3) AND created_ms >= $4 AND created_ms < $5 " \
	"AND ($6 = 0 OR terminal_id IN (SELECT id FROM terminal WHERE store_id = $6)) ORDER BY id " order " LIMIT $7"
	SQL(up, ORDER_PAGE(">", "ASC"));
	SQL(down, ORDER_PAGE("<", "DESC"));
	const struct order_list_args *a = call->args;
	bool till = call->actor.role == ROLE_CASHIER || call->actor.role == ROLE_TERMINAL;
	int state = a->state ? order_state_by_name(a->state) : 0;
	int64_t last = 0, count = 0;

	if (a->state && state == 0)
		return problem_set(&call->problem, QT_BAD_FIELD, "state", "not a state of orders");
	struct stmt *s = db_stmt(call->db, a->desc ? &down : &up);
	stmt_int(s, 1, call->actor.merchant_id);
	stmt_int(s, 2, a->desc && a->after == 0 ? INT64_MAX : a->after);
	stmt_int(s, 3, state);
	stmt_int(s, 4, a->from_ms);
	stmt_int(s, 5, a->to_ms);
	stmt_int(s, 6, till ? call->actor.store_id : 0);
	stmt_int(s, 7, a->limit);
	json_array(call->reply, "orders");
	while (stmt_step(s)) {
		order_row(call->reply, s);
		last = stmt_col_int(s, 0);
		count++;
	}
	json_end(call->reply);
	if (count == a->limit)
		json_int(call->reply, "next", last);
	else
		json_null(call->reply, "next");
	return stmt_end(s);
}

/* ---- paying and cancelling at the till ---- */

static bool payment_needs_look(const struct call *call)
{
	return needs_look(call->args, 1);
}

static enum qt_err payment_prepare(struct call *call)
{
	struct order o = { 0 };
	enum qt_err err = order_get(call->db, call->actor.merchant_id, call->id, &o);

	return err == QT_OK ? prepare_tenders(call, call->args, 1, o.customer_id) : err;
}

static enum qt_err order_payments_post(struct call *call)
{
	struct tender tender;
	struct sale *sale;

	enum qt_err err = load_order(call, &sale);
	if (err != QT_OK)
		return err;
	read_tenders(call, call->args, 1, &tender);
	err = payment_plan(call, sale, &tender, 1, false);
	if (err == QT_OK)
		err = payment_commit(call, sale, false);
	if (err == QT_OK)
		sale_json(call->reply, call->server, sale, false);
	return err;
}

struct cancel_args {
	int64_t approval_id;
};
static const struct field cancel_fields[] = {
	{ "approval_id", FIELD_INT, 0, offsetof(struct cancel_args, approval_id), 1, INT64_MAX,
	  .help = "an approval to cancel, above the cashier's limit" },
	{ 0 },
};

/* An order that was sent is cancelled up to the cashier's limit, or with an approval. */
static enum qt_err may_cancel(struct call *call, const struct sale *sale)
{
	const struct cancel_args *a = call->args;
	struct staff_limit limit;
	struct approval approval;

	enum qt_err err = staff_limit_of_call(call, &limit);
	if (err != QT_OK || sale->order.total_cents <= limit.cancel_cents)
		return err;
	if (a->approval_id == 0)
		return problem_set(&call->problem, QT_NEEDS_APPROVAL, "approval_id", "above the cashier's limit");
	err = approval_check(call, a->approval_id, APPROVAL_CANCEL, call->now_ms, &approval);
	if (err == QT_OK && approval.amount_cents < sale->order.total_cents)
		err = QT_NEEDS_APPROVAL;
	if (err != QT_OK)
		return problem_set(&call->problem, err, "approval_id", "it does not cover this order");
	return approval_use(call->db, &approval, sale->order.id, call->now_ms);
}

static enum qt_err order_cancel_post(struct call *call)
{
	struct sale *sale;

	enum qt_err err = load_order(call, &sale);
	if (err == QT_OK && sale->order.state == ORDER_OPEN)
		err = may_cancel(call, sale);
	if (err == QT_OK)
		err = order_cancel(call->db, sale, settle_actor(call), call->now_ms, call->server->settings.provider_give_up_ms,
		                   &call->problem);
	if (err == QT_OK)
		sale_json(call->reply, call->server, sale, false);
	return err;
}

/* ---- refunds ---- */

static const struct field refund_line_fields[] = {
	{ "line_no", FIELD_INT, FIELD_REQUIRED, offsetof(struct refund_line_request, line_no), 1, ORDER_LINES_MAX,
	  .help = "line of the order" },
	{ "quantity", FIELD_INT, 0, offsetof(struct refund_line_request, quantity), 1, ORDER_QUANTITY_MAX,
	  .help = "pieces taken back" },
	{ "quantity_milli", FIELD_INT, 0, offsetof(struct refund_line_request, quantity_milli), 1,
	  ORDER_QUANTITY_MAX * QUANTITY_MILLI, .help = "thousandths of measured goods taken back, instead of quantity" },
	{ 0 },
};
struct refund_args {
	struct field_list lines;
	const char *reason;
	struct approval_args approval;
};
static const struct field refund_fields[] = {
	{ "lines", FIELD_LIST, 0, offsetof(struct refund_args, lines), 0, ORDER_LINES_MAX, .sub = refund_line_fields,
	  .sub_size = sizeof(struct refund_line_request),
	  .help = "what is taken back; everything that is left when absent" },
	{ "reason", FIELD_TEXT, FIELD_REQUIRED, offsetof(struct refund_args, reason), 1, REFUND_REASON_MAX, .help = "why" },
	{ "approval_staff", FIELD_OBJECT, 0, offsetof(struct refund_args, approval), .sub = approval_fields,
	  .help = "the manager who approves exactly this refund, above the cashier's limit" },
	{ 0 },
};

static bool refund_needs_pin(const struct call *call)
{
	return ((const struct refund_args *)call->args)->approval.number != NULL;
}

/* Who approves this refund: it names the person; action and amount are the request's. */
static enum qt_err refund_prepare(struct call *call)
{
	const struct refund_args *a = call->args;
	struct staff *staff;
	enum qt_err err = approval_take(call, &a->approval, &staff);

	call->prepared = staff;
	return err;
}

static void plan_json(struct json *j, const struct refund_plan *plan, const struct sale *sale)
{
	json_int(j, "refunded_cents", plan->refund.amount_cents);
	json_int(j, "tax_cents", plan->refund.tax_cents);
	json_int(j, "points_taken", plan->refund.points);
	json_int(j, "rebate_cents", plan->refund.rebate_cents);
	json_bool(j, "needs_approval", plan->needs_approval);
	json_array(j, "lines");
	for (int i = 0; i < plan->line_count; i++) {
		const struct refund_line *l = &plan->lines[i];
		json_object(j, NULL);
		json_int(j, "line_no", l->id % REFUND_LINE_ROOM); /* once written, ids carry the refund's */
		quantity_json(j, l->quantity, sale->lines[l->id % REFUND_LINE_ROOM - 1].unit);
		json_int(j, "amount_cents", l->amount_cents);
		json_int(j, "tax_cents", l->tax_cents);
		json_end(j);
	}
	json_end(j);
	json_array(j, "cards");
	for (int i = 0; i < plan->card_count; i++) {
		char masked[24];
		json_object(j, NULL);
		json_int(j, "card_id", plan->cards[i].card_id);
		json_text(j, "number_masked", card_number_masked(plan->cards[i].number, masked));
		json_int(j, "amount_cents", plan->cards[i].amount_cents);
		json_bool(j, "frozen", plan->cards[i].freeze);
		json_end(j);
	}
	json_end(j);
	json_array(j, "tenders");
	for (int i = 0; i < plan->tender_count; i++) {
		const struct refund_tender *t = &plan->tenders[i];
		json_object(j, NULL);
		json_int(j, "payment_id", t->payment_id);
		for (int k = 0; k < sale->payment_count; k++)
			if (sale->payments[k].id == t->payment_id)
				json_text(j, "source", payment_source_name((int)sale->payments[k].source));
		json_int(j, "amount_cents", t->amount_cents);
		if (t->points)
			json_int(j, "points", t->points);
		if (t->rounding_cents)
			json_int(j, "rounding_cents", t->rounding_cents);
		json_bool(j, "waiting", t->state == REFUND_TENDER_WAITING);
		json_end(j);
	}
	json_end(j);
}

static enum qt_err refunds_post(struct call *call)
{
	const struct refund_args *a = call->args;
	const struct staff *approver = call->prepared;
	struct refund_request r = { .lines = a->lines.items, .line_count = a->lines.count, .reason = a->reason,
		.approved_by = approver ? approver->id : 0 };
	struct refund_plan *plan = arena_alloc(call->arena, sizeof *plan);
	struct sale *sale;

	enum qt_err err = load_order(call, &sale);
	if (err == QT_OK)
		err = refund_make(call, sale, &r, plan);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "refund_id", plan->refund.id);
	plan_json(call->reply, plan, sale);
	json_object(call->reply, "order");
	sale_json(call->reply, call->server, sale, false);
	json_end(call->reply);
	return QT_OK;
}

struct preview_args {
	const char *lines;
};
static const struct field preview_fields[] = {
	{ "lines", FIELD_TEXT, 0, offsetof(struct preview_args, lines), 1, 2000,
	  .help = "LINE*QUANTITY (of measured goods thousandths), comma between; everything that is left when absent" },
	{ 0 },
};

/* "1*2,3" -> lines; false when it is not well formed. */
static bool read_lines(const char *text, struct refund_line_request *lines, int *count)
{
	*count = 0;
	while (*text) {
		char *end;
		if (*count == ORDER_LINES_MAX || *text < '1' || *text > '9')
			return false;
		struct refund_line_request *l = &lines[(*count)++];
		*l = (struct refund_line_request){ .line_no = strtoll(text, &end, 10), .quantity = 1 };
		if (*end == '*') {
			if (end[1] < '1' || end[1] > '9')
				return false;
			l->quantity = l->quantity_milli = strtoll(end + 1, &end, 10); /* the line says which it is */
		}
		if (*end != '\0' && (*end != ',' || end[1] == '\0'))
			return false;
		text = *end ? end + 1 : end;
	}
	return true;
}

static enum qt_err refunds_preview(struct call *call)
{
	const struct preview_args *a = call->args;
	struct refund_line_request lines[ORDER_LINES_MAX];
	struct refund_request r = { .lines = lines, .reason = "" };
	struct refund_plan *plan = arena_alloc(call->arena, sizeof *plan);
	struct sale *sale;

	if (a->lines && !read_lines(a->lines, lines, &r.line_count))
		return problem_set(&call->problem, QT_BAD_FIELD, "lines", "must be LINE*QUANTITY, comma between");
	enum qt_err err = load_order(call, &sale);
	if (err == QT_OK)
		err = refund_work_out(call, sale, &r, plan);
	if (err == QT_OK)
		plan_json(call->reply, plan, sale);
	return err;
}

const struct route order_routes[] = {
	{ .method = "POST", .path = "/v1/orders", .roles = ROLES_TILL, .flags = ROUTE_WRITE | ROUTE_COMPACT,
	  .body_max = 131072,
	  .fields = order_fields, .args_size = sizeof(struct order_args), .handle = orders_post, .prepare = orders_prepare,
	  .needs_prepare = orders_need_look, .rebuild = orders_rebuild,
	  .help = "Sell: prices from the catalogue, tax, and payments; all of it or nothing." },
	{ .method = "GET", .path = "/v1/orders", .roles = ROLES_STAFF | ROLE_TERMINAL, .fields = order_list_fields,
	  .args_size = sizeof(struct order_list_args), .handle = orders_get,
	  .help = "Orders, oldest first; a cashier sees the store's." },
	{ .method = "GET", .path = "/v1/orders/:id", .roles = ROLES_STAFF | ROLE_TERMINAL | ROLE_CUSTOMER,
	  .handle = order_get_one, .help = "An order with its lines, payments and receipt." },
	{ .method = "POST", .path = "/v1/orders/:id/payments", .roles = ROLES_TILL, .flags = ROUTE_WRITE,
	  .fields = tender_fields, .args_size = sizeof(struct tender_args), .handle = order_payments_post,
	  .prepare = payment_prepare, .needs_prepare = payment_needs_look,
	  .help = "Pay an open order, or a part of it; covered, it settles." },
	{ .method = "POST", .path = "/v1/orders/:id/cancel", .roles = ROLES_TILL, .flags = ROUTE_WRITE,
	  .body_max = 256, .fields = cancel_fields, .args_size = sizeof(struct cancel_args),
	  .handle = order_cancel_post, .help = "Cancel an open order: its codes end, held parts go back." },
	{ .method = "POST", .path = "/v1/orders/:id/refunds", .roles = ROLES_TILL | ROLES_BOSS, .flags = ROUTE_WRITE,
	  .body_max = 32768, .fields = refund_fields, .args_size = sizeof(struct refund_args), .handle = refunds_post,
	  .prepare = refund_prepare, .needs_prepare = refund_needs_pin,
	  .help = "Give back: to the original tenders in proportion; points and rebates follow." },
	{ .method = "GET", .path = "/v1/orders/:id/refunds/preview", .roles = ROLES_TILL | ROLES_BOSS,
	  .fields = preview_fields, .args_size = sizeof(struct preview_args), .handle = refunds_preview,
	  .help = "What a refund would give back; nothing is done." },
};
const int order_route_count = sizeof order_routes / sizeof *order_routes;
