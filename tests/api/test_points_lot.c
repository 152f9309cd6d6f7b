/* Points in lots: what lapses first is spent first, a refund gives back to the lot it came from, what lapses is booked, and
 * levels by what was earned. The auditor recomputes the lots throughout. */
#include "tests/lib/sale.h"

#include "shared/clock.h"

#define OP "operator:merchant"
#define DAY INT64_C(86400000)
#define SCHEME(days) "{\"lifetime_days\":" days ",\"levels\":[{\"from_points\":0,\"name\":\"Guest\"}," \
	"{\"from_points\":150,\"name\":\"Friend\",\"name_zh\":\"好友\"}]}"
#define EARN(points) "{\"identity_code\":\"${identity1}\",\"points\":" points ",\"reason\":\"test\"}"
#define LOOK "{\"identity_code\":\"${identity1}\"}"

static const struct step earning[] = {
	{ "before lots were kept", OP, GET, "/v1/points/scheme", .check = { { "lifetime_days", "0" }, { "levels", "<0 items>" } } },
	{ "a cashier makes no scheme", "cashier1", POST, "/v1/points/scheme", SCHEME("10"), .status = 403, .error = "forbidden" },
	{ "levels rise from nothing", OP, POST, "/v1/points/scheme", "{\"levels\":[{\"from_points\":5,\"name\":\"A\"}]}", .status = 422,
	  .error = "bad-field", .check = { { "field", "levels[0].from_points" } } },
	{ "and only rise", OP, POST, "/v1/points/scheme",
	  "{\"levels\":[{\"from_points\":0,\"name\":\"A\"},{\"from_points\":0,\"name\":\"B\"}]}", .status = 422, .error = "bad-field",
	  .check = { { "field", "levels[1].from_points" } } },
	{ "points that live ten days", OP, POST, "/v1/points/scheme", SCHEME("10"),
	  .check = { { "lifetime_days", "10" }, { "level_days", "365" }, { "levels", "<2 items>" }, { "levels[1].name_zh", "好友" } } },
	{ "a hundred of them", OP, POST, "/v1/points/earn", EARN("100"),
	  .check = { { "balance", "100" }, { "next_points", "100" }, { "next_expires_ms", "<any>" }, { "level", "Guest" },
	             { "next_level_points", "150" } } },
	{ "then five days", OP, POST, "/v1/points/scheme", SCHEME("5") },
	{ "fifty", OP, POST, "/v1/points/earn", EARN("50"),
	  .check = { { "balance", "150" }, { "next_points", "50" }, { "level", "Friend" }, { "level_zh", "好友" }, { "next_level_points", "<none>" } } },
	{ "then for ever", OP, POST, "/v1/points/scheme", SCHEME("0") },
	{ "thirty", OP, POST, "/v1/points/earn", EARN("30"), .check = { { "balance", "180" }, { "next_points", "50" } } },
	{ "the phone sees what lapses next", "c1", GET, "/v1/points",
	  .check = { { "schemes[0].balance", "180" }, { "schemes[0].next_points", "50" }, { "schemes[0].level", "Friend" } } },
};
static const struct step spending[] = {
	{ "sixty pay a part", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"points\",\"identity_code\":\"${identity1}\","
	  "\"amount_cents\":60},{\"method\":\"cash\"}]}", .status = 201, .save = { { "order_id", "order" } },
	  .check = { { "state", "paid" }, { "points_earned", "19" } } },
	{ "fifty of those that lapse first, ten of the next", "cashier1", POST, "/v1/points/look", LOOK,
	  .check = { { "balance", "139" }, { "next_points", "90" } } },
	{ "given back", "manager", POST, "/v1/orders/${order}/refunds", "{\"reason\":\"test\"}", .status = 201 },
	{ "they are in their lots again, and what was earned is gone", "cashier1", POST, "/v1/points/look", LOOK,
	  .check = { { "balance", "180" }, { "next_points", "50" }, { "level", "Friend" } } },
	{ "a part is held", "cashier1", POST, "/v1/orders",
	  "{\"lines\":[{\"item_id\":${item3},\"quantity\":1}],\"payments\":[{\"method\":\"points\",\"identity_code\":\"${identity1}\","
	  "\"amount_cents\":20}]}", .status = 201, .save = { { "order_id", "held" } } },
};
static const struct step lapsing[] = {
	{ "four days on nothing lapses", "operator", POST, "/v1/jobs/run", "{\"job\":\"points-expire\",\"as_of_ms\":${four}}" },
	{ "all are there", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "160" } } },
	{ "six days on", "operator", POST, "/v1/jobs/run", "{\"job\":\"points-expire\",\"as_of_ms\":${six}}" },
	{ "fifty have lapsed", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "balance", "110" }, { "next_points", "100" } } },
	{ "eleven days on", "operator", POST, "/v1/jobs/run", "{\"job\":\"points-expire\",\"as_of_ms\":${eleven}}" },
	{ "only what never lapses is left, and what a payment holds", "cashier1", POST, "/v1/points/look", LOOK,
	  .check = { { "balance", "10" }, { "next_points", "<none>" } } },
	{ "the held part pays", "cashier1", POST, "/v1/orders/${held}/payments", "{\"method\":\"cash\"}", .check = { { "state", "paid" } } },
	{ "the same job again takes nothing", "operator", POST, "/v1/jobs/run", "{\"job\":\"points-expire\",\"as_of_ms\":${eleven}}" },
	{ "what is left", "cashier1", POST, "/v1/points/look", LOOK, .check = { { "next_points", "<none>" } } },
	{ "given back, though its lot has lapsed", "manager", POST, "/v1/orders/${held}/refunds", "{\"reason\":\"test\"}", .status = 201 },
};

int main(void)
{
	struct test_server server;
	int64_t now_ms = clock_now_ms();

	server_start(&server, "points_lot", NULL);
	api_begin(&server);
	sale_shop();
	api_set("four", "%lld", (long long)(now_ms + 4 * DAY));
	api_set("six", "%lld", (long long)(now_ms + 6 * DAY));
	api_set("eleven", "%lld", (long long)(now_ms + 11 * DAY));
	API_RUN(earning);
	API_RUN(spending);
	sale_audit();
	API_RUN(lapsing);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
