/* Cards on the lines of a sale: sold singly and as a pack, topped up with any tender, no revenue, no tax, no discount, no
 * points and no rebates; a refund takes the value back while it is there and freezes what was sold. */
#include "tests/lib/sale.h"

#define OP "operator:merchant"
#define SELL(card, cents) "{\"card_id\":${" card "},\"card_use\":\"sell\",\"quantity\":1,\"price_cents\":" cents "}"
#define TOP_UP(card, cents) "{\"card_id\":${" card "},\"card_use\":\"top-up\",\"quantity\":1,\"price_cents\":" cents "}"
#define BREAD "{\"item_id\":${item3},\"quantity\":1}"
#define ORDER(lines, more) "{\"lines\":[" lines "]" more "}"
#define CASH ",\"payments\":[{\"method\":\"cash\"}]"

static const struct step stock[] = {
	{ "a pack of cards", OP, POST, "/v1/card-batches", "{\"count\":6,\"face_cents\":2500}", .status = 201,
	  .save = { { "batch_id", "batch" } } },
	{ "its codes", OP, POST, "/v1/card-batches/${batch}/export", "{}", .key = "none", .status = 200,
	  .save = { { "cards[0].card_id", "p1" }, { "cards[4].card_id", "p5" },
	            { "cards[5].card_id", "p6" }, { "cards[0].code", "p1_code" }, { "cards[3].code", "p4_code" } } },
	{ "a single card", "cashier1", POST, "/v1/cards", "{}", .status = 201, .save = { { "card_id", "s1" }, { "code", "s1_code" } } },
	{ "a second", "cashier1", POST, "/v1/cards", "{}", .status = 201, .save = { { "card_id", "s2" }, { "code", "s2_code" } } },
	{ "and a third", "cashier1", POST, "/v1/cards", "{}", .status = 201, .save = { { "card_id", "s3" }, { "code", "s3_code" } } },
};

static const struct step refused[] = {
	{ "no sum", "cashier1", POST, "/v1/orders", ORDER("{\"card_id\":${s1},\"quantity\":1}", ""), .status = 422, .error = "missing-field",
	  .check = { { "field", "lines[0].price_cents" } } },
	{ "nothing on it", "cashier1", POST, "/v1/orders", ORDER(SELL("s1", "0"), ""), .status = 422, .error = "out-of-range" },
	{ "a card is no item", "cashier1", POST, "/v1/orders",
	  ORDER("{\"card_id\":${s1},\"item_id\":${item3},\"quantity\":1,\"price_cents\":100}", ""), .status = 422, .error = "bad-field",
	  .check = { { "field", "lines[0].card_id" } } },
	{ "no discount on value", "cashier1", POST, "/v1/orders",
	  ORDER("{\"card_id\":${s1},\"quantity\":1,\"price_cents\":100,\"discount\":{\"amount_cents\":50,\"reason\":\"x\"}}", ""),
	  .status = 422, .error = "bad-field", .check = { { "field", "lines[0].discount" } } },
	{ "only an active card is topped up", "cashier1", POST, "/v1/orders", ORDER(TOP_UP("s1", "100"), ""), .status = 409,
	  .error = "card-not-active" },
	{ "the same card twice", "cashier1", POST, "/v1/orders", ORDER(SELL("s1", "100") "," SELL("s1", "100"), ""), .status = 422,
	  .error = "double-field", .check = { { "field", "lines[1].card_id" } } },
	{ "another shop's till", "other_cashier", POST, "/v1/orders", ORDER(SELL("s1", "100"), ""), .status = 404, .error = "card-refused" },
	{ "a pack of more than there are", "cashier1", POST, "/v1/orders", ORDER("{\"card_id\":${p5},\"quantity\":3}", ""), .status = 404,
	  .error = "card-refused", .check = { { "field", "lines[0].quantity" } } },
	{ "two top-ups in one line", "cashier1", POST, "/v1/orders",
	  ORDER("{\"card_id\":${card2_id},\"card_use\":\"top-up\",\"quantity\":2,\"price_cents\":100}", ""), .status = 422,
	  .error = "out-of-range", .check = { { "field", "lines[0].quantity" } } },
	{ "a card paying for itself", "cashier1", POST, "/v1/orders",
	  ORDER(TOP_UP("card2_id", "100"), ",\"payments\":[{\"method\":\"card\",\"code\":\"${card2}\"}]"), .status = 409, .error = "conflict" },
	{ "nothing was changed", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${s1_code}\"}", .key = "none", .check = { { "state", "new" } } },
};

static const struct step selling[] = {
	{ "a card and bread, a tenth off, by a member", "manager", POST, "/v1/orders",
	  ORDER(SELL("s1", "5000") "," BREAD, ",\"customer\":\"${identity1}\",\"discount\":{\"rate_bp\":1000,\"reason\":\"Staff\"}" CASH),
	  .status = 201, .save = { { "order_id", "order1" }, { "receipt.code", "receipt1" } },
	  .check = { { "total_cents", "5225" }, { "tax_cents", "0" }, { "discount_cents", "25" }, { "points_earned", "22" },
	             { "lines[0].total_cents", "5000" }, { "lines[0].card_use", "sell" }, { "lines[0].card_id", "${s1}" },
	             { "lines[0].name", "Prepaid card" }, { "lines[0].note", "<any>" }, { "lines[1].total_cents", "225" } } },
	{ "the same again", "manager", POST, "/v1/orders",
	  ORDER(SELL("s1", "5000") "," BREAD, ",\"customer\":\"${identity1}\",\"discount\":{\"rate_bp\":1000,\"reason\":\"Staff\"}" CASH),
	  .key = "=a card and bread, a tenth off, by a member", .check = { { "lines[0].card_use", "sell" } } },
	{ "it is active and worth what was paid", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${s1_code}\"}", .key = "none",
	  .check = { { "state", "active" }, { "balance_cents", "5000" } } },
	{ "it is not sold twice", "cashier1", POST, "/v1/orders", ORDER(SELL("s1", "100"), CASH), .status = 409, .error = "conflict" },
	{ "a pack of three, at their face, by the bank", "cashier1", POST, "/v1/orders",
	  ORDER("{\"card_id\":${p1},\"quantity\":3}", ",\"payments\":[{\"method\":\"terminal\",\"approval\":\"A1\"}]"), .status = 201,
	  .save = { { "order_id", "pack" } }, .check = { { "total_cents", "7500" }, { "points_earned", "0" } } },
	{ "each has its value", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${p1_code}\"}", .key = "none",
	  .check = { { "state", "active" }, { "balance_cents", "2500" } } },
	{ "the fourth is not sold", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${p4_code}\"}", .key = "none", .check = { { "state", "new" } } },
};

static const struct step topping_up[] = {
	{ "a top-up waits for a code, the rest is a card's", "cashier1", POST, "/v1/orders",
	  ORDER(TOP_UP("s1", "1000") "," SELL("s2", "2000"),
	        ",\"payments\":[{\"method\":\"card\",\"code\":\"${card1}\",\"amount_cents\":500},{\"method\":\"cash\",\"amount_cents\":500},"
	        "{\"method\":\"code\"}]"), .status = 201,
	  .save = { { "order_id", "mixed" }, { "payments[2].code", "pay_url" } }, .check = { { "state", "open" }, { "due_cents", "2000" } } },
	{ "a card that is being sold is not sold elsewhere", "cashier2", POST, "/v1/orders", ORDER(SELL("s2", "100"), CASH), .status = 409,
	  .error = "conflict" },
	{ "nor activated", "cashier2", POST, "/v1/cards/activate", "{\"code\":\"${s2_code}\",\"amount_cents\":100,\"tender\":\"cash\"}",
	  .status = 409, .error = "conflict" },
	{ "nor made the heir of a lost one", "manager", POST, "/v1/cards/transfer",
	  "{\"from_code\":\"${s1_code}\",\"to_code\":\"${s2_code}\",\"reason\":\"lost\"}", .status = 409, .error = "conflict" },
	{ "while it waits, the card to be topped up is lost and moved", "manager", POST, "/v1/cards/transfer",
	  "{\"from_code\":\"${s1_code}\",\"to_code\":\"${s3_code}\",\"reason\":\"lost\"}", .check = { { "balance_cents", "5000" } } },
};
static const struct step paid[] = {
	{ "the phone pays", "c5", POST, "/v1/pay/${pay}", "{\"source\":\"card\",\"card_id\":${card2_id}}", .check = { { "state", "settled" } } },
	{ "the heir has it", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${s3_code}\"}", .key = "none", .check = { { "balance_cents", "6000" } } },
	{ "and the other was sold", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${s2_code}\"}", .key = "none",
	  .check = { { "state", "active" }, { "balance_cents", "2000" } } },
	{ "points top up too: the merchant gives the value", "manager", POST, "/v1/points/earn",
	  "{\"identity_code\":\"${identity1}\",\"points\":300,\"reason\":\"gift\"}" },
	{ "three hundred points", "cashier1", POST, "/v1/orders",
	  ORDER(TOP_UP("s2", "300"), ",\"customer\":\"${identity1}\",\"payments\":[{\"method\":\"points\"}]"), .status = 201,
	  .save = { { "order_id", "by_points" } }, .check = { { "points_earned", "0" } } },
	{ "an order that is cancelled lets its card go", "cashier1", POST, "/v1/orders", ORDER(SELL("p5", "100"), ",\"payments\":[{\"method\":\"code\"}]"),
	  .status = 201, .save = { { "order_id", "dropped" } } },
	{ "cancelled", "cashier1", POST, "/v1/orders/${dropped}/cancel", "{}" },
	{ "sold elsewhere", "cashier2", POST, "/v1/orders", ORDER(SELL("p5", "100"), CASH), .status = 201 },
	{ "the X report says what of it is no revenue", "cashier1", POST, "/v1/shifts/x",
	  "{\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}", .status = 201,
	  .check = { { "report.gross_cents", "10800" }, { "report.cards_cents", "10800" }, { "report.taxes", "<0 items>" }, { "report.cards_sold[1].tender", "sale" },
	             { "report.cards_sold[1].count", "4" }, { "report.cards_sold[1].amount_cents", "9500" }, { "report.cards_topped_up[0].amount_cents", "1300" } } },
};

static const struct step refunds[] = {
	{ "what a refund would do", "manager", GET, "/v1/orders/${pack}/refunds/preview?lines=1*2",
	  .check = { { "refunded_cents", "5000" }, { "cards", "<2 items>" }, { "cards[0].amount_cents", "2500" }, { "cards[0].frozen", "true" } } },
	{ "one of the pack is spent", "cashier1", POST, "/v1/orders",
	  ORDER(BREAD, ",\"payments\":[{\"method\":\"card\",\"code\":\"${p1_code}\"}]"), .status = 201 },
	{ "two of three come back", "manager", POST, "/v1/orders/${pack}/refunds",
	  "{\"lines\":[{\"line_no\":1,\"quantity\":2}],\"reason\":\"not given\"}", .status = 201, .check = { { "refunded_cents", "5000" } } },
	{ "the spent one does not", "manager", POST, "/v1/orders/${pack}/refunds", "{\"reason\":\"x\"}", .status = 409,
	  .error = "insufficient-funds", .check = { { "field", "lines" } } },
	{ "it still pays", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${p1_code}\"}", .key = "none",
	  .check = { { "state", "active" }, { "balance_cents", "2250" } } },
	{ "points that topped up come back", "manager", POST, "/v1/orders/${by_points}/refunds", "{\"reason\":\"x\"}", .status = 201,
	  .check = { { "cards[0].frozen", "false" }, { "tenders[0].points", "300" } } },
	{ "the mixed sale: from the heir, and what was sold is frozen", "manager", POST, "/v1/orders/${mixed}/refunds", "{\"reason\":\"x\"}", .status = 201,
	  .check = { { "refunded_cents", "3000" }, { "order.state", "refunded" } } },
	{ "frozen, and empty", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${s2_code}\"}", .key = "none",
	  .check = { { "state", "frozen" }, { "balance_cents", "0" } } },
	{ "the heir is as before", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${s3_code}\"}", .key = "none",
	  .check = { { "state", "active" }, { "balance_cents", "5000" } } },
	{ "the bread alone: points in proportion to goods", "manager", POST, "/v1/orders/${order1}/refunds",
	  "{\"lines\":[{\"line_no\":2,\"quantity\":1}],\"reason\":\"x\"}", .status = 201, .check = { { "refunded_cents", "225" }, { "points_taken", "22" } } },
	{ "then the card, off its heir", "manager", POST, "/v1/orders/${order1}/refunds", "{\"reason\":\"x\"}", .status = 201,
	  .check = { { "refunded_cents", "5000" }, { "points_taken", "0" }, { "cards[0].frozen", "false" } } },
};

static const struct step desk[] = {
	{ "at the till a card is bound to who shows a code", "cashier1", POST, "/v1/cards/bind", "{\"code\":\"${card3}\"}", .status = 422,
	  .error = "missing-field", .check = { { "field", "customer" } } },
	{ "not by another shop", "other_cashier", POST, "/v1/cards/bind",
	  "{\"code\":\"${card3}\",\"customer\":\"${identity2}\"}", .status = 404, .error = "card-refused" },
	{ "bound", "cashier1", POST, "/v1/cards/bind", "{\"code\":\"${card3}\",\"customer\":\"${identity2}\"}",
	  .check = { { "bound", "true" } } },
	{ "it is on the phone", "c2", GET, "/v1/cards", .check = { { "cards", "<1 items>" }, { "cards[0].balance_cents", "500" } } },
	{ "nobody else gets it", "cashier1", POST, "/v1/cards/bind", "{\"code\":\"${card3}\",\"customer\":\"${identity3}\"}",
	  .status = 409, .error = "card-bound" },
	{ "a phone binds for nobody else", "c3", POST, "/v1/cards/bind", "{\"code\":\"${card3}\",\"customer\":\"${identity3}\"}",
	  .status = 422, .error = "bad-field" },
	{ "lost: a cashier alone moves nothing", "cashier1", POST, "/v1/cards/transfer",
	  "{\"from_code\":\"${card3}\",\"to_code\":\"${p4_code}\",\"reason\":\"lost\"}", .status = 403, .error = "needs-approval" },
	{ "with a manager's PIN", "cashier1", POST, "/v1/cards/transfer",
	  "{\"from_code\":\"${card3}\",\"to_code\":\"${p4_code}\",\"reason\":\"lost\",\"approval_staff\":{\"number\":\"2\",\"pin\":\"567890\"}}",
	  .check = { { "balance_cents", "500" }, { "bound", "true" }, { "amount_cents", "500" } } },
	{ "the lost one is closed", "cashier1", POST, "/v1/cards/look", "{\"code\":\"${card3}\"}", .key = "none",
	  .check = { { "state", "closed" }, { "balance_cents", "0" } } },
};

static const struct step rebates[] = {
	{ "a shared code: rebates of the goods alone", "cashier1", POST, "/v1/orders",
	  ORDER("{\"item_id\":${item3},\"quantity\":40}," SELL("p6", "5000"), ",\"share\":\"${s3}\",\"customer\":\"${identity4}\"" CASH),
	  .status = 201, .save = { { "order_id", "shared" } }, .check = { { "total_cents", "15000" }, { "rebate_cents", "1100" } } },
	{ "the card back: no rebate with it", "manager", POST, "/v1/orders/${shared}/refunds", "{\"lines\":[{\"line_no\":2,\"quantity\":1}],\"reason\":\"x\"}",
	  .status = 201, .check = { { "rebate_cents", "0" }, { "cards", "<1 items>" } } },
	{ "half of the goods: half of it", "manager", POST, "/v1/orders/${shared}/refunds", "{\"lines\":[{\"line_no\":1,\"quantity\":20}],\"reason\":\"x\"}",
	  .status = 201, .check = { { "rebate_cents", "550" } } },
	{ "released later", "operator", POST, "/v1/jobs/run", "{\"job\":\"rebate-release\",\"as_of_ms\":4000000000000}" },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "card_sale", NULL);
	api_begin(&server);
	sale_shop();
	API_RUN(stock);
	API_RUN(refused);
	API_RUN(selling);
	sale_audit();
	API_RUN(topping_up);
	sale_token("pay_url", "pay");
	API_RUN(paid);
	sale_audit();
	API_RUN(refunds);
	sale_audit();
	API_RUN(desk);
	sale_campaign();
	API_RUN(rebates);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
