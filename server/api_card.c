/* api_card: routes of prepaid cards. Decode, call, reply; the rules are in card.c and card_money.c. */
#include "server/api_card.h"

#include "server/approval.h"
#include "server/audit_log.h"
#include "server/customer.h"
#include "server/events.h"
#include "server/list.h"
#include "server/notice.h"
#include "server/ratelimit.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum qt_err card_json(struct call *call, const struct card *c)
{
	struct card_batch b = { 0 };
	struct merchant m;
	char masked[24];
	int64_t balance = 0;
	enum qt_err err = merchant_get(call->db, c->merchant_id, &m);

	if (err == QT_OK && c->account_id > 0)
		err = ledger_balance(call->db, c->account_id, &balance);
	if (err == QT_OK && c->state == CARD_NEW && c->batch_id)
		err = card_batch_get(call->db, c->merchant_id, c->batch_id, &b);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "card_id", c->id);
	json_text(call->reply, "number_masked", card_number_masked(c->number, masked));
	json_text(call->reply, "state", card_state_name(card_state_at(c, call->now_ms)));
	json_int(call->reply, "balance_cents", balance);
	json_text(call->reply, "currency", currency_by_numeric(m.currency)->alpha);
	json_bool(call->reply, "bound", c->customer_id != 0);
	if (call->actor.role == ROLE_CUSTOMER)
		json_bool(call->reply, "mine", c->customer_id == call->actor.customer_id);
	if (c->state == CARD_NEW && c->batch_id)
		json_int(call->reply, "face_cents", b.face_cents);
	json_int(call->reply, "expires_ms", c->expires_ms);
	json_int(call->reply, "merchant_id", m.id);
	json_text(call->reply, "merchant_name", m.name);
	json_text(call->reply, "merchant_name_zh", m.name_zh);
	return QT_OK;
}

/* The merchant of the actor with cards open; a customer acts for none and gets an empty one. */
static enum qt_err issuer(struct call *call, struct merchant *m)
{
	enum qt_err err;

	*m = (struct merchant){ 0 };
	if (call->actor.role == ROLE_CUSTOMER)
		return QT_OK;
	err = call_merchant(call, m);
	return err == QT_OK ? merchant_check_part(m, PART_CARDS, &call->problem) : err;
}

/* A customer finds own cards by id, and bearer cards by their code; others any card of their merchant. Whatever else is
 * refused in one way. */
static enum qt_err may_touch(const struct call *call, const struct card *c)
{
	if (call->actor.role == ROLE_CUSTOMER && c->customer_id != 0 && c->customer_id != call->actor.customer_id)
		return QT_CARD_REFUSED;
	return QT_OK;
}

/* By whichever of code and number is given; `code_field` and `number_field` name them in problems. */
static enum qt_err find_card(struct call *call, int64_t merchant_id, const char *code, const char *number,
                             const char *code_field, const char *number_field, struct card *c)
{
	enum qt_err err;

	if ((code == NULL) == (number == NULL))
		return problem_set(&call->problem, code ? QT_BAD_FIELD : QT_MISSING_FIELD, code_field,
		                   "either %s or %s", code_field, number_field);
	/* A number can be read over a shoulder: customers need the code. */
	if (number != NULL && call->actor.role == ROLE_CUSTOMER)
		return problem_set(&call->problem, QT_FORBIDDEN, number_field, "scan the card's code");
	err = code ? card_by_code(call->db, call->server, merchant_id, code, call->now_ms, c)
	           : card_by_number(call->db, merchant_id, number, c);
	if (err == QT_OK)
		err = may_touch(call, c);
	return err == QT_OK ? err : problem_set(&call->problem, err, code ? code_field : number_field, "%s", "");
}

/* The card of the path. */
static enum qt_err card_of_path(struct call *call, struct card *c)
{
	struct merchant m;
	enum qt_err err = issuer(call, &m);

	if (err == QT_OK)
		err = card_get(call->db, m.id, call->id, c);
	if (err == QT_OK && call->actor.role == ROLE_CUSTOMER && c->customer_id != call->actor.customer_id)
		err = QT_NOT_FOUND;
	return err;
}

/* Tell the holder; bearer cards have none. */
static enum qt_err tell_holder(struct call *call, const struct card *c, const char *kind, bool sms, const char *en,
                               const char *zh)
{
	if (c->customer_id == 0)
		return QT_OK;
	return notice_add(call->db, &(struct notice){ .customer_id = c->customer_id, .merchant_id = c->merchant_id,
	                                              .kind = kind,
	                  .ref_id = c->id, .at_ms = call->now_ms, .text_en = en, .text_zh = zh, .sms = sms });
}

struct card_args {
	const char *code, *number;
	int64_t amount_cents;
	int tender;
};
static const char *const tender_words[] = { "none", "cash", "terminal", NULL };
static const char *const money_words[] = { "cash", "terminal", NULL };
#define CODE_FIELDS \
	FIELD(struct card_args, code, TEXT, .flags = FIELD_SECRET, .min = 1, .max = CODE_URL_MAX, \
	      .help = "the card's code: URL or token"), \
	FIELD(struct card_args, number, TEXT, .min = 16, .max = 24, .help = "or its 16 digits (at a till)")

static const struct field look_fields[] = { CODE_FIELDS, FIELDS_DONE };
static const struct field issue_fields[] = {
	FIELD(struct card_args, amount_cents, INT, .min = 0, .max = MONEY_MAX, .fallback = -1,
	      .help = "activate it with this amount, minor units; without it the card stays new"),
	FIELD(struct card_args, tender, CHOICE, .choices = tender_words, .help = "how the amount was paid"),
	FIELDS_DONE
};
static const struct field activate_fields[] = {
	CODE_FIELDS,
	FIELD(struct card_args, amount_cents, INT, .min = 0, .max = MONEY_MAX, .fallback = -1,
	      .help = "first amount, minor units; default: the batch's face value"),
	FIELD(struct card_args, tender, CHOICE, .choices = tender_words,
	      .help = "how it was paid: into the drawer, by the bank's terminal, or given by the merchant"),
	FIELDS_DONE
};
static const struct field top_up_fields[] = {
	CODE_FIELDS,
	FIELD(struct card_args, amount_cents, INT, .flags = FIELD_REQUIRED, .min = 1, .max = MONEY_MAX,
	      .help = "minor units"),
	FIELD(struct card_args, tender, CHOICE, .flags = FIELD_REQUIRED, .choices = money_words,
	      .help = "how it was paid: into the drawer or by the bank's terminal"),
	FIELDS_DONE
};

static struct card_money money_of(const struct call *call, const struct merchant *m, int64_t amount_cents,
                                  enum card_tender tender)
{
	return (struct card_money){ .amount_cents = amount_cents, .tender = tender, .terminal_id = call->actor.terminal_id,
	                            .currency = m->currency, .actor_id = actor_packed(&call->actor),
	                            .at_ms = call->now_ms };
}

/* Cash goes into a drawer, and a drawer is a till's. */
static enum qt_err check_tender(struct call *call, enum card_tender tender)
{
	if (tender == CARD_TENDER_CASH && call->actor.terminal_id == 0)
		return problem_set(&call->problem, QT_BAD_FIELD, "tender", "cash is taken at a till");
	/* What the merchant gives away is not a cashier's to give. */
	if (tender == CARD_TENDER_NONE && call->actor.role == ROLE_CASHIER)
		return problem_set(&call->problem, QT_NEEDS_APPROVAL, "tender", "only a manager gives value without payment");
	return QT_OK;
}

static enum qt_err issue_reply(struct call *call)
{
	struct card c;
	char url[CODE_URL_MAX], number[24];
	enum qt_err err = card_get(call->db, 0, call->ref[0], &c);

	call->status = 201;
	if (err != QT_OK)
		return err;
	snprintf(number, sizeof number, "%" PRId64, c.number);
	json_text(call->reply, "number", number);
	json_text(call->reply, "code", card_code_url(call->server, &c, url));
	return card_json(call, &c);
}

static enum qt_err issue_post(struct call *call)
{
	const struct card_args *a = call->args;
	struct card c;
	struct merchant m;
	enum qt_err err = issuer(call, &m);

	if (err == QT_OK && a->amount_cents > 0)
		err = check_tender(call, (enum card_tender)a->tender);
	if (err == QT_OK)
		err = card_issue(call->db, call->server, m.id, 0, call->now_ms, &c);
	if (err == QT_OK && a->amount_cents >= 0) {
		struct card_money money = money_of(call, &m, a->amount_cents, (enum card_tender)a->tender);
		err = card_activate(call->db, &c, &money, &call->problem);
	}
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "card-issue", c.id, NULL);
	call->ref[0] = c.id;
	return err == QT_OK ? issue_reply(call) : err;
}

/* Amount of an activation that names none: the batch's. */
static enum qt_err face_amount(struct call *call, const struct card *c, int64_t *amount_cents)
{
	struct card_batch b;
	enum qt_err err;

	if (*amount_cents >= 0)
		return QT_OK;
	*amount_cents = 0;
	if (c->batch_id == 0)
		return QT_OK;
	err = card_batch_get(call->db, c->merchant_id, c->batch_id, &b);
	if (err == QT_OK)
		*amount_cents = b.face_cents;
	return err;
}

static enum qt_err activate_post(struct call *call)
{
	const struct card_args *a = call->args;
	enum card_tender tender = (enum card_tender)a->tender;
	struct card c;
	struct merchant m;
	int64_t amount_cents = a->amount_cents;
	enum qt_err err = issuer(call, &m);

	if (err == QT_OK)
		err = find_card(call, m.id, a->code, a->number, "code", "number", &c);
	if (err == QT_OK)
		err = face_amount(call, &c, &amount_cents);
	if (err == QT_OK && amount_cents > 0)
		err = check_tender(call, tender);
	if (err != QT_OK)
		return err;
	struct card_money money = money_of(call, &m, amount_cents, tender);
	err = card_activate(call->db, &c, &money, &call->problem);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "card-activate", c.id, tender_words[tender]);
	return err == QT_OK ? card_json(call, &c) : err;
}

static enum qt_err top_up_post(struct call *call)
{
	const struct card_args *a = call->args;
	enum card_tender tender = a->tender == 0 ? CARD_TENDER_CASH : CARD_TENDER_TERMINAL;
	struct card c;
	struct merchant m;
	char en[NOTICE_TEXT_MAX], zh[NOTICE_TEXT_MAX], amount[32];
	enum qt_err err = issuer(call, &m);

	if (err == QT_OK)
		err = check_tender(call, tender);
	if (err == QT_OK)
		err = find_card(call, m.id, a->code, a->number, "code", "number", &c);
	if (err != QT_OK)
		return err;
	struct card_money money = money_of(call, &m, a->amount_cents, tender);
	err = card_top_up(call->db, &c, &money, &call->problem);
	if (err != QT_OK)
		return err;
	money_format(a->amount_cents, m.currency, amount, sizeof amount);
	snprintf(en, sizeof en, "%s %s was put on your %s card.", currency_by_numeric(m.currency)->alpha, amount, m.name);
	snprintf(zh, sizeof zh, "您的%s卡已充值 %s %s。", m.name_zh, currency_by_numeric(m.currency)->alpha, amount);
	err = tell_holder(call, &c, "card-top-up", true, en, zh);
	return err == QT_OK ? card_json(call, &c) : err;
}

static enum qt_err look_post(struct call *call)
{
	const struct card_args *a = call->args;
	struct card c;
	struct merchant m;
	enum qt_err err = issuer(call, &m);

	if (err == QT_OK)
		err = find_card(call, m.id, a->code, a->number, "code", "number", &c);
	return err == QT_OK ? card_json(call, &c) : err;
}

static enum qt_err card_row(struct call *call, int64_t owner_id, int64_t id)
{
	struct card c;
	enum qt_err err = card_get(call->db, 0, id, &c);

	(void)owner_id;
	return err == QT_OK ? card_json(call, &c) : err;
}

static enum qt_err cards_get(struct call *call)
{
	LIST_SQL(mine, mine_down, "card", "customer_id > 0 AND state <> 4 AND customer_id");
	LIST_SQL(issued, issued_down, "card", "merchant_id");
	struct merchant m;

	if (call->actor.role == ROLE_CUSTOMER)
		return list_rows(call, "cards", &mine, &mine_down, call->actor.customer_id, card_row);
	enum qt_err err = call_merchant(call, &m);
	return err == QT_OK ? list_rows(call, "cards", &issued, &issued_down, m.id, card_row) : err;
}

struct statement_args {
	int64_t before, limit;
};
static const struct field statement_fields[] = {
	FIELD(struct statement_args, before, INT, .min = 0, .max = INT64_MAX,
	      .help = "rows older than this entry; 0: from the newest"),
	FIELD(struct statement_args, limit, INT, .min = 1, .max = 200, .fallback = 50, .help = "rows at most"),
	FIELDS_DONE
};

static enum qt_err statement_get(struct call *call)
{
	const struct statement_args *a = call->args;
	struct statement_row rows[200];
	struct card c;
	int count = 0;
	enum qt_err err = card_of_path(call, &c);

	if (err == QT_OK && c.account_id > 0)
		err = ledger_statement(call->db, c.account_id, a->before, rows, (int)a->limit, &count);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "rows");
	for (int i = 0; i < count; i++) {
		json_object(call->reply, NULL);
		json_int(call->reply, "entry_id", rows[i].entry_id);
		json_int(call->reply, "at_ms", rows[i].at_ms);
		json_text(call->reply, "kind", journal_kind_name(rows[i].kind));
		json_int(call->reply, "amount_cents", rows[i].amount);
		json_int(call->reply, "balance_cents", rows[i].balance_after);
		json_int(call->reply, "order_id", rows[i].order_id);
		json_end(call->reply);
	}
	json_end(call->reply);
	if (count == a->limit)
		json_int(call->reply, "next", rows[count - 1].entry_id);
	else
		json_null(call->reply, "next");
	return card_json(call, &c);
}

struct bind_args {
	const char *code, *number, *customer;
};
static const struct field bind_fields[] = {
	FIELD(struct bind_args, code, TEXT, .flags = FIELD_SECRET, .min = 1, .max = CODE_URL_MAX,
	      .help = "the card's code: URL or token"),
	FIELD(struct bind_args, number, TEXT, .min = 16, .max = 24, .help = "or its number, at a till"),
	FIELD(struct bind_args, customer, TEXT, .min = 1, .max = CODE_URL_MAX,
	      .help = "at a till: identity code of whom it is bound to"),
	FIELDS_DONE
};

/* Who gets the card: the customer who asks, or whose identity code the till scanned. */
static enum qt_err holder_to_be(struct call *call, const struct bind_args *a, int64_t *customer_id)
{
	bool customer = call->actor.role == ROLE_CUSTOMER;

	*customer_id = call->actor.customer_id;
	if (customer && a->customer == NULL)
		return QT_OK;
	if (customer || a->customer == NULL)
		return problem_set(&call->problem, customer ? QT_BAD_FIELD : QT_MISSING_FIELD, "customer", "%s",
		                   customer ? "a card is bound to who asks" : "identity code of whom it is bound to");
	enum qt_err err = customer_by_identity(call->server, a->customer, call->now_ms, customer_id);
	return err == QT_OK ? err : problem_set(&call->problem, err, "customer", "an identity code is needed");
}

static enum qt_err bind_post(struct call *call)
{
	const struct bind_args *a = call->args;
	struct card c;
	struct merchant m;
	int64_t customer_id;
	bool fresh;
	enum qt_err err = issuer(call, &m);

	if (err == QT_OK)
		err = holder_to_be(call, a, &customer_id);
	if (err == QT_OK && call->actor.role == ROLE_CUSTOMER && a->code && a->number == NULL) {
		err = card_by_code(call->db, call->server, 0, a->code, call->now_ms, &c); /* also another's: it says so */
		if (err != QT_OK)
			return problem_set(&call->problem, err, "code", "%s", "");
	} else if (err == QT_OK) {
		err = find_card(call, m.id, a->code, a->number, "code", "number", &c);
	}
	if (err != QT_OK)
		return err;
	fresh = c.customer_id == 0;
	err = card_bind(call->db, &c, customer_id, call->now_ms);
	if (err == QT_OK && fresh)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "card-bind", c.id, NULL);
	if (err == QT_OK && fresh)
		err = event_add(call->db, TOPIC_CUSTOMER, customer_id, "card-bound", c.id, NULL);
	return err == QT_OK ? card_json(call, &c) : err;
}

static enum qt_err freeze_post(struct call *call)
{
	enum card_freezer by = call->actor.role == ROLE_CUSTOMER ? CARD_FROZEN_BY_HOLDER : CARD_FROZEN_BY_MERCHANT;
	struct card c;
	enum qt_err err = card_of_path(call, &c);

	if (err == QT_OK)
		err = card_freeze(call->db, &c, by, call->now_ms);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "card-freeze", c.id, NULL);
	if (err == QT_OK && by == CARD_FROZEN_BY_MERCHANT)
		err = tell_holder(call, &c, "card-frozen", true, "Your card was frozen by the shop.", "您的卡已被商户冻结。");
	return err == QT_OK ? card_json(call, &c) : err;
}

static enum qt_err unfreeze_post(struct call *call)
{
	enum card_freezer by = call->actor.role == ROLE_CUSTOMER ? CARD_FROZEN_BY_HOLDER : CARD_FROZEN_BY_MERCHANT;
	struct card c;
	enum qt_err err = card_of_path(call, &c);

	if (err == QT_OK)
		err = card_unfreeze(call->db, &c, by, call->now_ms);
	if (err == QT_FORBIDDEN)
		return problem_set(&call->problem, err, "", "the shop has frozen the card and only the shop can release it");
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "card-unfreeze", c.id, NULL);
	return err == QT_OK ? card_json(call, &c) : err;
}

struct transfer_args {
	const char *from_code, *from_number, *to_code, *to_number, *reason;
	int64_t from_card_id;
	struct approval_args approval;
};
static const struct field transfer_fields[] = {
	{ "approval_staff", FIELD_OBJECT, 0, offsetof(struct transfer_args, approval), .sub = approval_fields,
	  .help = "the manager who approves exactly this, for a cashier" },
	FIELD(struct transfer_args, from_code, TEXT, .flags = FIELD_SECRET, .min = 1, .max = CODE_URL_MAX,
	      .help = "code of the old card"),
	FIELD(struct transfer_args, from_number, TEXT, .min = 16, .max = 24, .help = "or its number"),
	FIELD(struct transfer_args, from_card_id, INT, .min = 1, .max = INT64_MAX, .help = "or its id"),
	FIELD(struct transfer_args, to_code, TEXT, .flags = FIELD_SECRET, .min = 1, .max = CODE_URL_MAX,
	      .help = "code of the new card"),
	FIELD(struct transfer_args, to_number, TEXT, .min = 16, .max = 24, .help = "or its number"),
	FIELD(struct transfer_args, reason, TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = NAME_MAX_BYTES, .help = "why"),
	FIELDS_DONE
};

/* The lost card: a customer names an own one, by id or code. */
static enum qt_err find_lost(struct call *call, int64_t merchant_id, const struct transfer_args *a, struct card *c)
{
	enum qt_err err;

	if (a->from_card_id == 0)
		err = find_card(call, merchant_id, a->from_code, a->from_number, "from_code", "from_number", c);
	else if (a->from_code != NULL || a->from_number != NULL)
		err = problem_set(&call->problem, QT_BAD_FIELD, "from_card_id", "one way of naming the card is enough");
	else
		err = card_get(call->db, merchant_id, a->from_card_id, c);
	if (err == QT_NOT_FOUND || (err == QT_OK && call->actor.role == ROLE_CUSTOMER &&
	                            c->customer_id != call->actor.customer_id))
		return problem_set(&call->problem, QT_CARD_REFUSED, a->from_card_id ? "from_card_id" : "from_code", "%s", "");
	/* Its holder cannot move what the shop has frozen. */
	if (err == QT_OK && call->actor.role == ROLE_CUSTOMER && c->frozen_by == CARD_FROZEN_BY_MERCHANT)
		return problem_set(&call->problem, QT_CARD_FROZEN, a->from_card_id ? "from_card_id" : "from_code", "%s", "");
	return err;
}

static bool transfer_needs_pin(const struct call *call)
{
	return ((const struct transfer_args *)call->args)->approval.number != NULL;
}

static enum qt_err transfer_prepare(struct call *call)
{
	const struct transfer_args *a = call->args;
	struct staff *staff;
	enum qt_err err = approval_take(call, &a->approval, &staff);

	call->prepared = staff;
	return err;
}

static enum qt_err transfer_post(struct call *call)
{
	const struct transfer_args *a = call->args;
	const struct staff *approver = call->prepared;
	struct card from, to;
	struct merchant m;
	int64_t amount_cents;
	enum qt_err err = issuer(call, &m);

	if (err == QT_OK && call->actor.role == ROLE_CASHIER && approver == NULL)
		return problem_set(&call->problem, QT_NEEDS_APPROVAL, "approval_staff", "a manager moves balances");
	if (err == QT_OK)
		err = find_lost(call, m.id, a, &from);
	if (err == QT_OK)
		err = find_card(call, m.id, a->to_code, a->to_number, "to_code", "to_number", &to);
	if (err == QT_OK)
		err = merchant_get(call->db, from.merchant_id, &m);
	/* A customer's new card must be sold already: activating is the shop's. */
	if (err == QT_OK && call->actor.role == ROLE_CUSTOMER && to.state == CARD_NEW)
		return problem_set(&call->problem, QT_CARD_NOT_ACTIVE, "to_code", "%s", "");
	if (err == QT_OK)
		err = card_transfer(call->db, &from, &to, m.currency, actor_packed(&call->actor), call->now_ms, &amount_cents,
		                    &call->problem);
	if (err == QT_OK && approver)
		err = approval_given(call, approver->id, APPROVAL_CARD_MOVE, amount_cents, from.id);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "card-transfer", from.id, a->reason);
	if (err == QT_OK)
		err = tell_holder(call, &to, "card-transfer", true, "The balance of your old card is on your new card now.",
		                  "旧卡余额已转到新卡。");
	if (err != QT_OK)
		return err;
	json_int(call->reply, "amount_cents", amount_cents);
	json_int(call->reply, "from_card_id", from.id);
	return card_json(call, &to);
}

#define ROLES_CARD_DESK (ROLES_TILL | ROLE_OWNER | ROLE_OPERATOR)
#define CARD_ARGS(table) .fields = table, .args_size = sizeof(struct card_args)
const struct route card_routes[] = {
	{ .method = "POST", .path = "/v1/cards", .roles = ROLES_CARD_DESK, .flags = ROUTE_WRITE | ROUTE_COMPACT,
	  .body_max = 512,
	  CARD_ARGS(issue_fields), .handle = issue_post, .rebuild = issue_reply,
	  .help = "Issue one card, also activated; its code is in the answer alone." },
	{ .method = "POST", .path = "/v1/cards/activate", .roles = ROLES_CARD_DESK, .flags = ROUTE_WRITE, .body_max = 1024,
	  CARD_ARGS(activate_fields), .handle = activate_post, .help = "Make a new card active, with its first amount." },
	{ .method = "POST", .path = "/v1/cards/top-up", .roles = ROLES_CARD_DESK, .flags = ROUTE_WRITE, .body_max = 1024,
	  CARD_ARGS(top_up_fields), .handle = top_up_post, .help = "Put money on a card." },
	{ .method = "POST", .path = "/v1/cards/look", .roles = ROLES_CARD_DESK | ROLE_CUSTOMER, .body_max = 1024,
	  .limit = LIMIT_CODE, CARD_ARGS(look_fields), .handle = look_post,
	  .help = "A card's state and balance, by its code or number." },
	{ .method = "GET", .path = "/v1/cards", .roles = ROLES_BOSS | ROLE_CUSTOMER, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = cards_get, .help = "My cards, or the merchant's." },
	{ .method = "GET", .path = "/v1/cards/:id/statement", .roles = ROLES_CARD_DESK | ROLE_CUSTOMER,
	  .fields = statement_fields,
	  .args_size = sizeof(struct statement_args), .handle = statement_get,
	  .help = "A card's movements, newest first." },
	{ .method = "POST", .path = "/v1/cards/bind", .roles = ROLES_CARD_DESK | ROLE_CUSTOMER, .flags = ROUTE_WRITE, .body_max = 1024,
	  .limit = LIMIT_CODE, .fields = bind_fields, .args_size = sizeof(struct bind_args), .handle = bind_post,
	  .help = "Bind a bearer card to me, or, at a till, to the customer who shows an identity code." },
	{ .method = "POST", .path = "/v1/cards/:id/freeze", .roles = ROLES_CARD_DESK | ROLE_CUSTOMER, .flags = ROUTE_WRITE,
	  .handle = freeze_post, .help = "Nothing can be paid with the card until it is released." },
	{ .method = "POST", .path = "/v1/cards/:id/unfreeze", .roles = ROLES_BOSS | ROLE_CUSTOMER, .flags = ROUTE_WRITE,
	  .handle = unfreeze_post, .help = "Release a frozen card; what the shop froze only the shop releases." },
	{ .method = "POST", .path = "/v1/cards/transfer", .roles = ROLES_CARD_DESK | ROLE_CUSTOMER, .flags = ROUTE_WRITE,
	  .body_max = 2048, .prepare = transfer_prepare, .needs_prepare = transfer_needs_pin,
	  .fields = transfer_fields, .args_size = sizeof(struct transfer_args), .handle = transfer_post,
	  .help = "Move a lost card's whole balance to another card; the lost one is closed." },
};
const int card_route_count = (int)(sizeof card_routes / sizeof *card_routes);
