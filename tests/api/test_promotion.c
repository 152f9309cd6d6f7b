/* Promotions and coupons: what is refused, how orders come about with them, what holds, uses and gives back a coupon, and
 * that limits stand. Prices exclude 8.25 % tax. */
#include "shared/clock.h"
#include "shared/zone.h"
#include "tests/lib/sale.h"

#include <string.h>

#define OP "operator:merchant"
#define BAD(body) OP, POST, "/v1/promotions", body, .status = 422, .error = "bad-field"

static const struct step refused[] = {
	{ "without a kind", OP, POST, "/v1/promotions", "{\"name\":\"x\"}", .status = 422, .error = "missing-field",
	  .check = { { "field", "kind" } } },
	{ "nothing off", BAD("{\"name\":\"x\",\"kind\":\"order\"}"), .check = { { "field", "off_bp" } } },
	{ "rate and amount", BAD("{\"name\":\"x\",\"kind\":\"order\",\"off_bp\":1,\"off_cents\":1}"),
	  .check = { { "field", "off_bp" } } },
	{ "buy without get", BAD("{\"name\":\"x\",\"kind\":\"get\",\"off_bp\":1,\"parts\":[{\"items\":[${item1}]}]}"),
	  .check = { { "field", "parts" } } },
	{ "another merchant's item", OP, POST, "/v1/promotions",
	  "{\"name\":\"x\",\"kind\":\"item\",\"off_bp\":1,\"parts\":[{\"items\":[${other_item}]}]}", .status = 404,
	  .error = "not-found", .check = { { "field", "parts" } } },
	{ "another merchant's store", OP, POST, "/v1/promotions",
	  "{\"name\":\"x\",\"kind\":\"order\",\"off_bp\":1,\"stores\":[999]}", .status = 404, .check = { { "field", "stores" } } ,
	  .error = "not-found" },
	{ "an eighth day", OP, POST, "/v1/promotions", "{\"name\":\"x\",\"kind\":\"order\",\"off_bp\":1,\"weekdays\":[8]}",
	  .status = 422, .error = "out-of-range", .check = { { "field", "weekdays" } } },
	{ "a code with a blank", BAD("{\"name\":\"x\",\"kind\":\"order\",\"off_bp\":1,\"code\":\"A B C\"}"),
	  .check = { { "field", "code" } } },
	{ "a cashier makes none", "cashier1", POST, "/v1/promotions", "{\"name\":\"x\",\"kind\":\"order\",\"off_bp\":1}",
	  .status = 403, .error = "forbidden" },
};

#define ONE "{\"item_id\":${item2},\"quantity\":1}" /* 10.00, with tax 10.83 */
#define SELL(more) "cashier1", POST, "/v1/orders", "{\"lines\":[" ONE "]" more "}"
#define CASH ",\"payments\":[{\"method\":\"cash\"}]"
#define CODES(name) ",\"codes\":[{\"code\":\"${" name "}\"}]"

/* A till that was alone says what it took off: it stands, where the promotion could take that off at some time. */
#define TOLD(cuts) SELL(CASH ",\"promotions\":\"told\",\"cuts\":[" cuts "]")
#define CUT(id, cents) "{\"promotion_id\":${" id "},\"line_no\":1,\"saved_cents\":" cents "}"
static const struct step told[] = {
	{ "ten per cent off item 2", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Told\",\"kind\":\"item\",\"off_bp\":1000,\"parts\":[{\"items\":[${item2}]}]}", .status = 201,
	  .save = { { "promotion_id", "told" } } },
	{ "one with a code", "manager", POST, "/v1/promotions", "{\"name\":\"Coded\",\"kind\":\"order\",\"off_cents\":50,\"by_code\":true}",
	  .status = 201, .save = { { "promotion_id", "coded" } } },
	{ "the till hears of the one it may judge", "till1", GET, "/v1/promotions/running", .check = { { "promotions", "<2 items>" },
	  { "promotions[1].promotion_id", "${told}" }, { "promotions[1].off_bp", "1000" }, { "sections[0].section_id", "1" },
	  { "sections[0].items[0]", "<any>" } } },
	{ "as it was", TOLD(CUT("told", "100")), .status = 201, .check = { { "total_cents", "974" }, { "promotions[0].saved_cents", "100" } } },
	{ "the till had not heard of it yet", TOLD(""), .status = 201, .save = { { "order_id", "untold" } },
	  .check = { { "total_cents", "1083" }, { "promotions", "<none>" } } },
	{ "paused", "manager", POST, "/v1/promotions/${told}/state", "{\"state\":\"paused\"}" },
	{ "the till had not heard that it was paused", TOLD(CUT("told", "100")), .status = 201, .save = { { "order_id", "told_order" } },
	  .check = { { "total_cents", "974" }, { "promotions[0].saved_cents", "100" }, { "steps[0].amount_cents", "-100" } } },
	{ "more than it ever takes off", TOLD(CUT("told", "101")), .status = 422, .error = "out-of-range", .check = { { "field", "cuts" } } },
	{ "more than the line costs", TOLD(CUT("told", "900") "," CUT("told", "101")), .status = 422, .error = "out-of-range",
	  .check = { { "field", "cuts[1].saved_cents" } } },
	{ "one that needs the server", TOLD(CUT("coded", "50")), .status = 422, .error = "out-of-range" },
	{ "one that is not there", TOLD("{\"promotion_id\":99,\"line_no\":1,\"saved_cents\":1}"), .status = 404, .error = "not-found",
	  .check = { { "field", "cuts[0].promotion_id" } } },
	{ "a line that is not there", TOLD("{\"promotion_id\":${told},\"line_no\":2,\"saved_cents\":1}"), .status = 404, .error = "not-found" },
	{ "stopped", "manager", POST, "/v1/promotions/${told}/state", "{\"state\":\"stopped\"}" },
	{ "stopped, too", "manager", POST, "/v1/promotions/${coded}/state", "{\"state\":\"stopped\"}" },
};

static const struct step automatic[] = {
	{ "ten per cent off item 2", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Ten off\",\"name_zh\":\"九折\",\"kind\":\"item\",\"off_bp\":1000,\"parts\":[{\"items\":[${item2}]}]}",
	  .status = 201, .save = { { "promotion_id", "ten" } } },
	{ "tried: it applies", "cashier1", POST, "/v1/promotions/try", "{\"lines\":[" ONE "]}", .key = "none",
	  .check = { { "total_cents", "900" }, { "rules[0].why", "applied" }, { "rules[0].saved_cents", "100" } } },
	{ "the order says so", SELL(CASH ",\"total_cents\":974"), .status = 201, .save = { { "order_id", "first" } },
	  .check = { { "total_cents", "974" }, { "discount_cents", "100" }, { "lines[0].total_cents", "974" },
	             { "steps[0].kind", "promotion" }, { "steps[0].amount_cents", "-100" }, { "steps[0].reason", "Ten off" },
	             { "promotions[0].name_zh", "九折" }, { "promotions[0].saved_cents", "100" } } },
	{ "what the customer was told is not what it comes to", SELL(CASH ",\"total_cents\":1083"), .status = 409,
	  .error = "amount-mismatch", .check = { { "field", "total_cents" }, { "detail", "it comes to 974, not 1083" } } },
	{ "one use, 1.00", OP, GET, "/v1/promotions/${ten}", .check = { { "uses", "1" }, { "spent_cents", "100" } } },
	{ "a till that could not ask", SELL(CASH ",\"promotions\":\"none\""), .status = 201,
	  .check = { { "total_cents", "1083" }, { "promotions", "<none>" } } },
	{ "paused", OP, POST, "/v1/promotions/${ten}/state", "{\"state\":\"paused\"}", .check = { { "state", "paused" } } },
	{ "it takes nothing off", SELL(CASH), .status = 201, .check = { { "total_cents", "1083" }, { "promotions", "<none>" } } },
	{ "the pane says why", OP, POST, "/v1/promotions/try", "{\"lines\":[" ONE "]}", .key = "none",
	  .check = { { "total_cents", "1000" }, { "rules[0].why", "not-running" } } },
	{ "stopped", OP, POST, "/v1/promotions/${ten}/state", "{\"state\":\"stopped\"}" },
	{ "for good", OP, POST, "/v1/promotions/${ten}/state", "{\"state\":\"running\"}", .status = 409, .error = "conflict" },
	{ "another's promotion", "operator:other_merchant", GET, "/v1/promotions/${ten}", .status = 404, .error = "not-found" },
	{ "the refund brings 9.74 back", "manager", POST, "/v1/orders/${first}/refunds", "{\"reason\":\"late\"}", .status = 201,
	  .check = { { "order.state", "refunded" } } },
	{ "and the use", OP, GET, "/v1/promotions/${ten}", .check = { { "uses", "0" }, { "spent_cents", "0" } } },
};

static const struct step coupons[] = {
	{ "two off with a coupon, from 9.00", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Two off\",\"kind\":\"order\",\"off_cents\":200,\"by_code\":true,\"min_cents\":900}", .status = 201,
	  .save = { { "promotion_id", "two" } } },
	{ "three codes", "manager", POST, "/v1/coupon-batches", "{\"promotion_id\":${two},\"count\":3}", .status = 201,
	  .save = { { "batch_id", "batch" } } },
	{ "given out", "manager", POST, "/v1/coupon-batches/${batch}/export", "{}", .key = "none",
	  .check = { { "coupons", "<3 items>" } },
	  .save = { { "coupons[0].code", "k1" }, { "coupons[1].code", "k2" }, { "coupons[2].code", "k3" } } },
	{ "once", "manager", POST, "/v1/coupon-batches/${batch}/export", "{}", .key = "none", .status = 409,
	  .error = "conflict" },
	{ "what it is", "cashier1", POST, "/v1/coupons/look", "{\"code\":\"${k1}\"}", .key = "none",
	  .check = { { "name", "Two off" }, { "state", "fresh" } } },
	{ "not another shop's", "other_cashier", POST, "/v1/coupons/look", "{\"code\":\"${k1}\"}", .key = "none", .status = 404,
	  .error = "not-found" },
	{ "without it the price is full", SELL(CASH), .status = 201, .check = { { "total_cents", "1083" } } },
	{ "too small a basket", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item1},\"quantity\":1}]" CODES("k1") CASH "}", .status = 409, .error = "coupon-refused",
	  .check = { { "field", "codes[0]" }, { "detail", "min-spend: the basket is too small, 567 missing" } } },
	{ "an open order holds it", SELL(CODES("k1")), .status = 201, .save = { { "order_id", "open" } },
	  .check = { { "total_cents", "866" }, { "state", "open" } } },
	{ "no other order takes it", SELL(CODES("k1") CASH), .status = 409, .error = "coupon-refused",
	  .check = { { "detail", "code-held: another sale that is not paid yet holds the code" } } },
	{ "cancelled", "cashier1", POST, "/v1/orders/${open}/cancel", "{}", .check = { { "state", "cancelled" } } },
	{ "it is fresh again", "cashier1", POST, "/v1/coupons/look", "{\"code\":\"${k1}\"}", .key = "none",
	  .check = { { "state", "fresh" } } },
	{ "used", SELL(CODES("k1") CASH), .status = 201, .save = { { "order_id", "paid" } }, .check = { { "total_cents", "866" } } },
	{ "it works once", SELL(CODES("k1") CASH), .status = 409, .error = "coupon-refused",
	  .check = { { "detail", "code-used: the code was used already" } } },
	{ "held", SELL(CODES("k2")), .status = 201, .save = { { "order_id", "later" } } },
	{ "and paid later", "cashier1", POST, "/v1/orders/${later}/payments", "{\"method\":\"cash\"}",
	  .check = { { "state", "paid" } } },
	{ "that one was used, too", "cashier1", POST, "/v1/coupons/look", "{\"code\":\"${k2}\"}", .key = "none",
	  .check = { { "state", "used" } } },
	{ "the batch knows", "manager", GET, "/v1/coupon-batches", .check = { { "batches[0].used", "2" } } },
	{ "given back whole", "manager", POST, "/v1/orders/${paid}/refunds", "{\"reason\":\"late\"}", .status = 201 },
	{ "the coupon comes back", "cashier1", POST, "/v1/coupons/look", "{\"code\":\"${k1}\"}", .key = "none",
	  .check = { { "state", "fresh" } } },
	{ "kept in c1's wallet", "c1", POST, "/v1/coupons/keep", "{\"code\":\"${k3}\"}", .check = { { "name", "Two off" } } },
	{ "not in c2's", "c2", POST, "/v1/coupons/keep", "{\"code\":\"${k3}\"}", .status = 409, .error = "conflict" },
	{ "c1 sees it", "c1", GET, "/v1/coupons", .check = { { "coupons", "<1 items>" }, { "coupons[0].code", "${k3}" } } },
	{ "c2 may not use it", SELL(CODES("k3") CASH ",\"customer\":\"${identity2}\""), .status = 409, .error = "coupon-refused" },
	{ "c1 may", SELL(CODES("k3") CASH ",\"customer\":\"${identity1}\""), .status = 201 },
	{ "no coupon at all", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[" ONE "],\"codes\":[{\"code\":\"RUBBISH\"}]" CASH "}", .status = 409, .error = "coupon-refused",
	  .check = { { "detail", "code-refused: the code is not accepted" } } },
	{ "a card is no coupon", "cashier1", POST, "/v1/orders", "{\"lines\":[" ONE "]" CODES("card1") CASH "}", .status = 409,
	  .error = "coupon-refused" },
	{ "off line codes are out", SELL(CODES("k1") CASH ",\"promotions\":\"plain\""), .status = 409, .error = "coupon-refused",
	  .check = { { "detail", "online: it needs the server, which cannot be reached" } } },
};

static const struct step limits[] = {
	{ "a code that all share, twice", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Welcome\",\"kind\":\"order\",\"off_bp\":5000,\"code\":\"welcome-5\",\"uses_max\":2}", .status = 201,
	  .save = { { "promotion_id", "welcome" } } },
	{ "not twice the same code", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Again\",\"kind\":\"order\",\"off_bp\":1,\"code\":\"WELCOME-5\"}", .status = 409, .error = "exists" },
	{ "first", SELL(CASH ",\"codes\":[{\"code\":\"Welcome-5\"}]"), .status = 201, .check = { { "total_cents", "541" } } },
	{ "second", SELL(CASH ",\"codes\":[{\"code\":\"WELCOME-5\"}]"), .status = 201 },
	{ "no third", SELL(CASH ",\"codes\":[{\"code\":\"WELCOME-5\"}]"), .status = 409, .error = "coupon-refused",
	  .check = { { "detail", "uses-up: it was used as often as it may be" } } },
	{ "with a budget of 2.50", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Budget\",\"kind\":\"item\",\"off_cents\":100,\"budget_cents\":250,\"parts\":[{\"items\":[${item2}]}]}",
	  .status = 201, .save = { { "promotion_id", "budget" } } },
	{ "1.00", SELL(CASH), .status = 201, .check = { { "discount_cents", "100" } } },
	{ "2.00", SELL(CASH), .status = 201, .check = { { "discount_cents", "100" } } },
	{ "0.50 does not suffice", SELL(CASH), .status = 201, .check = { { "discount_cents", "<none>" } } },
	{ "0.50 is left", "manager", GET, "/v1/promotions/${budget}", .check = { { "budget_left_cents", "50" }, { "uses", "2" } } },
	{ "stopped", "manager", POST, "/v1/promotions/${budget}/state", "{\"state\":\"stopped\"}" },
	{ "once for each person", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Hello\",\"kind\":\"order\",\"off_cents\":300,\"person_max\":1}", .status = 201,
	  .save = { { "promotion_id", "hello" } } },
	{ "c3's", SELL(CASH ",\"customer\":\"${identity3}\""), .status = 201, .check = { { "discount_cents", "300" } } },
	{ "not again", SELL(CASH ",\"customer\":\"${identity3}\""), .status = 201, .check = { { "discount_cents", "<none>" } } },
	{ "c4's", SELL(CASH ",\"customer\":\"${identity4}\""), .status = 201, .check = { { "discount_cents", "300" } } },
	{ "stopped, too", "manager", POST, "/v1/promotions/${hello}/state", "{\"state\":\"stopped\"}" },
	{ "a first purchase", "manager", POST, "/v1/promotions",
	  "{\"name\":\"First\",\"kind\":\"order\",\"off_cents\":400,\"first_purchase\":true}", .status = 201,
	  .save = { { "promotion_id", "once" } } },
	{ "c5 never bought", SELL(CASH ",\"customer\":\"${identity5}\""), .status = 201, .check = { { "discount_cents", "400" } } },
	{ "c5 did", SELL(CASH ",\"customer\":\"${identity5}\""), .status = 201, .check = { { "discount_cents", "<none>" } } },
	{ "and stopped", "manager", POST, "/v1/promotions/${once}/state", "{\"state\":\"stopped\"}" },
	{ "for level 2", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Gold\",\"kind\":\"order\",\"off_cents\":150,\"levels\":[2]}", .status = 201,
	  .save = { { "promotion_id", "gold" } } },
	{ "c1 has no level", SELL(CASH ",\"customer\":\"${identity1}\""), .status = 201, .check = { { "discount_cents", "<none>" } } },
	{ "c1 is made one", "manager", POST, "/v1/members", "{\"identity_code\":\"${identity1}\",\"level\":2,\"birthday\":1121}" },
	{ "no such date", "manager", POST, "/v1/members", "{\"identity_code\":\"${identity1}\",\"birthday\":230}", .status = 422,
	  .error = "bad-field" },
	{ "now it does", SELL(CASH ",\"customer\":\"${identity1}\""), .status = 201, .check = { { "discount_cents", "150" } } },
	{ "stopped as well", "manager", POST, "/v1/promotions/${gold}/state", "{\"state\":\"stopped\"}" },
	{ "a section", "manager", POST, "/v1/sections", "{\"name\":\"Food\"}", .status = 201, .save = { { "section_id", "food" } } },
	{ "with item 3", "manager", POST, "/v1/sections/${food}/items", "{\"add\":[${item3}]}" },
	{ "not with another's", "manager", POST, "/v1/sections/${food}/items", "{\"add\":[${other_item}]}", .status = 404,
	  .error = "not-found" },
	{ "three for two in it", "manager", POST, "/v1/promotions",
	  "{\"name\":\"3 for 2\",\"kind\":\"get\",\"off_bp\":10000,\"parts\":[{\"pieces\":2,\"sections\":[${food}]},"
	  "{\"pieces\":1,\"sections\":[${food}]}]}", .status = 201, .save = { { "promotion_id", "three" } } },
	{ "2.50 off 7.50", "cashier1", POST, "/v1/orders", "{\"lines\":[{\"item_id\":${item3},\"quantity\":3}]" CASH "}",
	  .status = 201, .save = { { "order_id", "part" } }, .check = { { "total_cents", "500" } } },
	{ "one piece back", "manager", POST, "/v1/orders/${part}/refunds",
	  "{\"reason\":\"x\",\"lines\":[{\"line_no\":1,\"quantity\":1}]}", .status = 201, .check = { { "refunded_cents", "167" } } },
	{ "the use stays", "manager", GET, "/v1/promotions/${three}", .check = { { "uses", "1" } } },
	{ "the rest back", "manager", POST, "/v1/orders/${part}/refunds", "{\"reason\":\"x\"}", .status = 201,
	  .check = { { "refunded_cents", "333" } } },
	{ "the use, too", "manager", GET, "/v1/promotions/${three}", .check = { { "uses", "0" } } },
};

/* In a zone so far ahead of the other that it is another weekday there at any moment. */
#define ZONE(name) OP, POST, "/v1/stores/${store}/zone", "{\"zone\":\"" name "\"}"
static const struct step zones[] = {
	{ "the shop is on Kiritimati", ZONE("Pacific/Kiritimati") },
	{ "a promotion of its today and tomorrow", "manager", POST, "/v1/promotions",
	  "{\"name\":\"Today\",\"kind\":\"order\",\"off_bp\":1000,\"weekdays\":[${today},${tomorrow}]}", .status = 201,
	  .save = { { "promotion_id", "today" } } },
	{ "it applies", SELL(CASH), .status = 201, .check = { { "discount_cents", "100" } } },
	{ "the shop is on Samoa, 25 hours behind", ZONE("Pacific/Pago_Pago") },
	{ "it does not yet", SELL(CASH), .status = 201, .check = { { "discount_cents", "<none>" } } },
	{ "tried there: nothing off", OP, POST, "/v1/promotions/try", "{\"store_id\":${store},\"lines\":[" ONE "]}", .key = "none",
	  .check = { { "total_cents", "1000" } } },
	{ "as before", ZONE("UTC") },
	{ "stopped", "manager", POST, "/v1/promotions/${today}/state", "{\"state\":\"stopped\"}" },
};

/* Weekdays from 1, Monday. */
static void set_days(void)
{
	const int64_t day = zone_local(zone_find("Pacific/Kiritimati"), clock_now_ms()).day;

	api_set("today", "%d", (int)((day + 3) % 7) + 1);
	api_set("tomorrow", "%d", (int)((day + 4) % 7) + 1);
}

/* Both differences are in the audit log, and nothing else is. */
static void check_log(void)
{
	static const struct step look = { "the audit log", OP, GET, "/v1/audit-log?limit=500" };
	const char *text = api_send(&look)->text;
	int count = 0;

	for (const char *at = text; text && (at = strstr(at, "promotion-told")) != NULL; at++)
		count++;
	api_ok(count == 2, "2 differences are in the audit log: %d", count);
	api_ok(text && strstr(text, "took off 0, the promotions of that time 100") != NULL, "one with too little");
	api_ok(text && strstr(text, "took off 100, the promotions of that time 0") != NULL, "one with too much");
}

int main(void)
{
	struct test_server server;

	server_start(&server, "promotion", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(refused);
	API_RUN(automatic);
	API_RUN(coupons);
	API_RUN(limits);
	set_days();
	API_RUN(zones);
	API_RUN(told);
	check_log();
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
