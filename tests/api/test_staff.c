/* Staff: who may add whom, sign-in by PIN, the lock after wrong ones, sessions bound to their till. */
#include "tests/lib/shop.h"

static const struct step people[] = {
	{ "a cashier", "manager", POST, "/v1/staff",
	  "{\"number\":\"007\",\"name\":\"Bo\",\"role\":\"cashier\",\"pin\":\"4711\"}",
	  .status = 201, .save = { { "staff_id", "bo" } } },
	{ "the same again", "manager", POST, "/v1/staff",
	  "{\"number\":\"007\",\"name\":\"Bo\",\"role\":\"cashier\",\"pin\":\"4711\"}", .key = "=a cashier" },
	{ "the number is taken", "owner", POST, "/v1/staff",
	  "{\"number\":\"007\",\"name\":\"Co\",\"role\":\"cashier\",\"pin\":\"4711\"}", .status = 409, .error = "exists",
	  .check = { { "field", "number" } } },
	{ "at another merchant it is free", "other_owner", POST, "/v1/staff",
	  "{\"number\":\"007\",\"name\":\"Co\",\"role\":\"cashier\",\"pin\":\"4712\"}", .status = 201,
	  .save = { { "staff_id", "co" } } },
	{ "7 is not 007", "owner", POST, "/v1/staff",
	  "{\"number\":\"7\",\"name\":\"Di\",\"role\":\"cashier\",\"pin\":\"9999\"}",
	  .status = 201 },
	{ "a manager makes no manager", "manager", POST, "/v1/staff",
	  "{\"number\":\"40\",\"name\":\"X\",\"role\":\"manager\",\"pin\":\"123456\"}", .status = 403, .error = "forbidden",
	  .check = { { "field", "role" } } },
	{ "a manager's PIN is longer", "owner", POST, "/v1/staff",
	  "{\"number\":\"40\",\"name\":\"X\",\"role\":\"manager\",\"pin\":\"12345\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "pin" } } },
	{ "letters are no PIN", "owner", POST, "/v1/staff",
	  "{\"number\":\"40\",\"name\":\"X\",\"role\":\"cashier\",\"pin\":\"12a4\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "pin" } } },
	{ "letters are no number", "owner", POST, "/v1/staff",
	  "{\"number\":\"4x\",\"name\":\"X\",\"role\":\"cashier\",\"pin\":\"1234\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "number" } } },
	{ "a role nobody has", "owner", POST, "/v1/staff",
	  "{\"number\":\"41\",\"name\":\"X\",\"role\":\"king\",\"pin\":\"1234\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "role" } } },
	{ "a cashier adds nobody", "cashier", POST, "/v1/staff",
	  "{\"number\":\"42\",\"name\":\"X\",\"role\":\"cashier\",\"pin\":\"1234\"}", .status = 403, .error = "forbidden" },
	{ "a name with an escape", "owner", POST, "/v1/staff",
	  "{\"number\":\"43\",\"name\":\"\\u001b[2J\",\"role\":\"cashier\",\"pin\":\"1234\"}", .status = 422,
	  .error = "control-character", .check = { { "field", "name" } } },
	{ "listed without PINs", "owner", GET, "/v1/staff?after=3", .status = 200,
	  .check = { { "staff[0].name", "Bo" }, { "staff[0].pin", "<none>" }, { "staff[0].pin_hash", "<none>" } } },
	{ "another merchant's person is not there", "other_owner", POST, "/v1/staff/${bo}", "{\"name\":\"Mine\"}",
	  .status = 404,
	  .error = "not-found" },
	{ "a manager cannot touch the owner", "manager", POST, "/v1/staff/${owner_id}", "{\"pin\":\"999999\"}",
	  .status = 403,
	  .error = "forbidden" },
	{ "nor make a cashier a manager", "manager", POST, "/v1/staff/${bo}", "{\"role\":\"manager\",\"pin\":\"123456\"}",
	  .status = 403, .error = "forbidden", .check = { { "field", "role" } } },
	{ "a higher role needs a new PIN", "owner", POST, "/v1/staff/${bo}", "{\"role\":\"manager\"}", .status = 422,
	  .error = "missing-field", .check = { { "field", "pin" } } },

	{ "sign in", "till", POST, "/v1/sign-in", "{\"number\":\"007\",\"pin\":\"4711\"}", .key = "none", .status = 200,
	  .check = { { "staff_id", "${bo}" }, { "name", "Bo" }, { "role", "cashier" } }, .save = { { "session_token",
	                                                                                             "at_till" } } },
	{ "whoever was there is signed out", "cashier", GET, "/v1/taxes", .status = 401, .error = "not-signed-in" },
	{ "the session works", "at_till", GET, "/v1/taxes", .status = 200 },
	{ "a wrong PIN", "till", POST, "/v1/sign-in", "{\"number\":\"007\",\"pin\":\"4712\"}", .key = "none", .status = 403,
	  .error = "bad-pin" },
	{ "a number nobody has gets the same answer", "till", POST, "/v1/sign-in", "{\"number\":\"5555\",\"pin\":\"4712\"}",
	  .key = "none", .status = 403, .error = "bad-pin", .check = { { "field", "pin" } } },
	{ "another merchant's PIN does not fit here", "other_till", POST, "/v1/sign-in",
	  "{\"number\":\"007\",\"pin\":\"4711\"}",
	  .key = "none", .status = 403, .error = "bad-pin" },
	{ "nobody signs in without a till", "", POST, "/v1/sign-in", "{\"number\":\"007\",\"pin\":\"4711\"}", .key = "none",
	  .status = 401, .error = "not-signed-in" },
	{ "a failed sign-in leaves the session", "at_till", GET, "/v1/taxes", .status = 200 },
	{ "sign out", "at_till", POST, "/v1/sign-out", "{}", .key = "none", .status = 200 },
	{ "it is over", "at_till", GET, "/v1/taxes", .status = 401, .error = "not-signed-in" },

	{ "sign in again", "till", POST, "/v1/sign-in", "{\"number\":\"007\",\"pin\":\"4711\"}", .key = "none",
	  .status = 200,
	  .save = { { "session_token", "at_till" } } },
	{ "at work", "at_till", GET, "/v1/taxes", .status = 200 },
	{ "a new PIN", "manager", POST, "/v1/staff/${bo}", "{\"pin\":\"2345\"}", .status = 200 },
	{ "ends the session", "at_till", GET, "/v1/taxes", .status = 401, .error = "not-signed-in" },
	{ "the old PIN is gone", "till", POST, "/v1/sign-in", "{\"number\":\"007\",\"pin\":\"4711\"}", .key = "none",
	  .status = 403, .error = "bad-pin" },
	{ "the new one works", "till", POST, "/v1/sign-in", "{\"number\":\"007\",\"pin\":\"2345\"}", .key = "none",
	  .status = 200,
	  .save = { { "session_token", "at_till" } } },
	{ "at work again", "at_till", GET, "/v1/taxes", .status = 200 },
	{ "made a manager", "owner", POST, "/v1/staff/${bo}", "{\"role\":\"manager\",\"pin\":\"234567\"}", .status = 200,
	  .check = { { "role", "manager" } } },
	{ "not with the session of before", "at_till", GET, "/v1/staff", .status = 401, .error = "not-signed-in" },
	{ "left", "owner", POST, "/v1/staff/${bo}", "{\"state\":\"left\"}", .status = 200,
	  .check = { { "state", "left" } } },
	{ "cannot sign in any more", "till", POST, "/v1/sign-in", "{\"number\":\"007\",\"pin\":\"234567\"}", .key = "none",
	  .status = 403, .error = "bad-pin" },
};

#define WRONG(number) "till", POST, "/v1/sign-in", "{\"number\":\"" number "\",\"pin\":\"0000\"}", .key = "none"
static const struct step lock[] = {
	{ "wrong 1", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "wrong 2", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "wrong 3", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "wrong 4", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "the right one in between", "till", POST, "/v1/sign-in", "{\"number\":\"11\",\"pin\":\"1111\"}", .key = "none",
	  .status = 200 },
	{ "starts the count anew 1", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "anew 2", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "anew 3", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "anew 4", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "anew 5", WRONG("11"), .status = 403, .error = "bad-pin" },
	{ "locked", WRONG("11"), .status = 423, .error = "pin-locked", .check = { { "detail", "<any>" } } },
	{ "even with the right PIN", "till", POST, "/v1/sign-in", "{\"number\":\"11\",\"pin\":\"1111\"}", .key = "none",
	  .status = 423, .error = "pin-locked" },
	{ "but not at another till", "manager_till", POST, "/v1/sign-in", "{\"number\":\"11\",\"pin\":\"1111\"}",
	  .key = "none",
	  .status = 200 },
	{ "and not others at this till", "till", POST, "/v1/sign-in", "{\"number\":\"22\",\"pin\":\"222222\"}",
	  .key = "none",
	  .status = 200 },
	{ "a number nobody has 1", WRONG("999"), .status = 403, .error = "bad-pin" },
	{ "nobody 2", WRONG("999"), .status = 403, .error = "bad-pin" },
	{ "nobody 3", WRONG("999"), .status = 403, .error = "bad-pin" },
	{ "nobody 4", WRONG("999"), .status = 403, .error = "bad-pin" },
	{ "nobody 5", WRONG("999"), .status = 403, .error = "bad-pin" },
	{ "is locked like everybody", WRONG("999"), .status = 423, .error = "pin-locked" },
};

static const struct step after_restart[] = {
	{ "still locked after a restart", "till", POST, "/v1/sign-in", "{\"number\":\"11\",\"pin\":\"1111\"}",
	  .key = "none",
	  .status = 423, .error = "pin-locked" },
	{ "sessions survive it", "owner", GET, "/v1/staff", .status = 200 },
	{ "the audit is clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	API_RUN(people);
	API_RUN(lock);
	server_kill(&server);
	server_again(&server);
	API_RUN(after_restart);
	return api_end();
}
