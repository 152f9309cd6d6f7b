/* Prepaid cards: batches, codes, activation, top-up, binding, freezing, transfer, expiry; what guesses get. */
#include "tests/lib/shop.h"

#include "shared/code.h"

#include <stdio.h>
#include <string.h>

static const struct step batch[] = {
	{ "a batch", "manager", POST, "/v1/card-batches", "{\"count\":3,\"face_cents\":2500,\"name\":\"Spring\"}",
	  .status = 201,
	  .check = { { "count", "3" } }, .save = { { "batch_id", "batch" }, { "first_number", "first" } } },
	{ "the same again", "manager", POST, "/v1/card-batches", "{\"count\":3,\"face_cents\":2500,\"name\":\"Spring\"}",
	  .key = "=a batch" },
	{ "no batch at all", "manager", POST, "/v1/card-batches", "{\"count\":0,\"face_cents\":0}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "count" } } },
	{ "a batch too large", "manager", POST, "/v1/card-batches", "{\"count\":10001,\"face_cents\":0}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "count" } } },
	{ "a negative face", "manager", POST, "/v1/card-batches", "{\"count\":1,\"face_cents\":-1}", .status = 422,
	  .error = "out-of-range", .check = { { "field", "face_cents" } } },
	{ "over already", "manager", POST, "/v1/card-batches", "{\"count\":1,\"face_cents\":0,\"expires_ms\":1}",
	  .status = 422,
	  .error = "out-of-range", .check = { { "field", "expires_ms" } } },
	{ "a cashier makes none", "cashier", POST, "/v1/card-batches", "{\"count\":1,\"face_cents\":0}", .status = 403,
	  .error = "forbidden" },
	{ "before the export a card is known by number alone", "cashier", POST, "/v1/cards/look",
	  "{\"number\":\"${first}\"}",
	  .key = "none", .status = 200, .check = { { "state", "new" }, { "balance_cents", "0" }, { "bound", "false" } } },
	{ "another merchant cannot export", "other_owner", POST, "/v1/card-batches/${batch}/export", "{}", .key = "none",
	  .status = 404, .error = "not-found" },
	{ "export", "manager", POST, "/v1/card-batches/${batch}/export", "{}", .key = "none", .status = 200,
	  .check = { { "cards", "<3 items>" }, { "cards[0].number", "${first}" } },
	  .save = { { "cards[0].code", "card0" }, { "cards[1].code", "card1" }, { "cards[2].code", "card2" },
	            { "cards[2].number", "number2" }, { "cards[0].card_id", "id0" }, { "cards[1].card_id", "id1" } } },
	{ "once only", "manager", POST, "/v1/card-batches/${batch}/export", "{}", .key = "none", .status = 409,
	  .error = "conflict" },
	{ "listed", "manager", GET, "/v1/card-batches", .status = 200,
	  .check = { { "batches", "<1 items>" }, { "batches[0].new", "3" }, { "batches[0].name", "Spring" } } },
	{ "the code is one of ours", "", POST, "/v1/codes/check", "{\"text\":\"${card0}\"}", .key = "none", .status = 200,
	  .check = { { "kind", "card" }, { "valid", "true" }, { "merchant_name", "Demo Cafe" }, { "landing_url",
	                                                                                          "${card0}" } } },
};

static const struct step activation[] = {
	{ "not active yet", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card0}\",\"amount_cents\":100,\"tender\":\"cash\"}",
	  .status = 409, .error = "card-not-active" },
	{ "given away needs a manager", "cashier", POST, "/v1/cards/activate", "{\"code\":\"${card0}\"}", .status = 403,
	  .error = "needs-approval", .check = { { "field", "tender" } } },
	{ "cash needs a drawer", "operator:merchant", POST, "/v1/cards/activate",
	  "{\"code\":\"${card0}\",\"tender\":\"cash\"}",
	  .status = 422, .error = "bad-field", .check = { { "field", "tender" } } },
	{ "activate with the face value", "cashier", POST, "/v1/cards/activate",
	  "{\"code\":\"${card0}\",\"tender\":\"cash\"}",
	  .status = 200, .check = { { "state", "active" }, { "balance_cents", "2500" }, { "currency", "USD" },
	                            { "number", "<none>" }, { "code", "<none>" } } },
	{ "the same again", "cashier", POST, "/v1/cards/activate", "{\"code\":\"${card0}\",\"tender\":\"cash\"}",
	  .key = "=activate with the face value", .check = { { "balance_cents", "2500" } } },
	{ "twice is too often", "cashier", POST, "/v1/cards/activate", "{\"code\":\"${card0}\",\"tender\":\"cash\"}",
	  .status = 409,
	  .error = "conflict" },
	{ "at another merchant it is no card", "other_cashier", POST, "/v1/cards/activate",
	  "{\"code\":\"${card1}\",\"tender\":\"cash\"}", .status = 404, .error = "card-refused" },
	{ "by number, with another amount", "cashier", POST, "/v1/cards/activate",
	  "{\"number\":\"${number2}\",\"amount_cents\":1000,\"tender\":\"terminal\"}", .status = 200,
	  .check = { { "balance_cents", "1000" } } },
	{ "both code and number", "cashier", POST, "/v1/cards/look", "{\"code\":\"${card0}\",\"number\":\"${first}\"}",
	  .key = "none",
	  .status = 422, .error = "bad-field" },
	{ "neither", "cashier", POST, "/v1/cards/look", "{}", .key = "none", .status = 422, .error = "missing-field",
	  .check = { { "field", "code" } } },
	{ "top up", "cashier", POST, "/v1/cards/top-up", "{\"code\":\"${card0}\",\"amount_cents\":500,\"tender\":\"cash\"}",
	  .status = 200, .check = { { "balance_cents", "3000" } } },
	{ "the same top-up again", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card0}\",\"amount_cents\":500,\"tender\":\"cash\"}", .key = "=top up",
	  .check = { { "balance_cents", "3000" } } },
	{ "counted once", "cashier", POST, "/v1/cards/look", "{\"code\":\"${card0}\"}", .key = "none", .status = 200,
	  .check = { { "balance_cents", "3000" } } },
	{ "with nothing", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card0}\",\"amount_cents\":0,\"tender\":\"cash\"}",
	  .status = 422, .error = "out-of-range", .check = { { "field", "amount_cents" } } },
	{ "with less than nothing", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card0}\",\"amount_cents\":-500,\"tender\":\"cash\"}", .status = 422, .error = "out-of-range" },
	{ "with more than can be counted", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card0}\",\"amount_cents\":1000000000000000,\"tender\":\"terminal\"}", .status = 422,
	  .error = "overflow" },
	{ "a given top-up does not exist", "manager", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card0}\",\"amount_cents\":500,\"tender\":\"none\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "tender" } } },
	{ "issue at the till", "cashier", POST, "/v1/cards", "{\"amount_cents\":700,\"tender\":\"cash\"}", .status = 201,
	  .check = { { "state", "active" }, { "balance_cents", "700" } },
	  .save = { { "code", "till_card" }, { "number", "till_number" }, { "card_id", "till_id" } } },
	{ "issue again: code and all", "cashier", POST, "/v1/cards", "{\"amount_cents\":700,\"tender\":\"cash\"}",
	  .key = "=issue at the till", .check = { { "code", "${till_card}" }, { "number", "${till_number}" } } },
	{ "the drawer has what came in", "operator:merchant", GET, "/v1/journal", .status = 200,
	  .check = { { "journals[0].kind", "card-top-up" }, { "journals", "<4 items>" } } },
};

static const struct step binding[] = {
	{ "look at a bearer card by its code", "ann", POST, "/v1/cards/look", "{\"code\":\"${card0}\"}", .key = "none",
	  .status = 200, .check = { { "balance_cents", "3000" }, { "bound", "false" }, { "merchant_name_zh", "示例咖啡" } } },
	{ "a number is not enough for a phone", "ann", POST, "/v1/cards/look", "{\"number\":\"${first}\"}", .key = "none",
	  .status = 403, .error = "forbidden", .check = { { "field", "number" } } },
	{ "bind", "ann", POST, "/v1/cards/bind", "{\"code\":\"${card0}\"}", .status = 200,
	  .check = { { "bound", "true" } } },
	{ "the same bind again", "ann", POST, "/v1/cards/bind", "{\"code\":\"${card0}\"}", .key = "=bind" },
	{ "binding what is mine changes nothing", "ann", POST, "/v1/cards/bind", "{\"code\":\"${card0}\"}", .status = 200 },
	{ "a thief's phone", "bob", POST, "/v1/cards/bind", "{\"code\":\"${card0}\"}", .status = 409,
	  .error = "card-bound" },
	{ "sees nothing of it either", "bob", POST, "/v1/cards/look", "{\"code\":\"${card0}\"}", .key = "none",
	  .status = 404,
	  .error = "card-refused" },
	{ "a card that is not active", "bob", POST, "/v1/cards/bind", "{\"code\":\"${card1}\"}", .status = 409,
	  .error = "card-not-active" },
	{ "a code of another kind", "bob", POST, "/v1/cards/bind", "{\"code\":\"${fixed_code}\"}", .status = 422,
	  .error = "wrong-kind", .check = { { "field", "code" } } },
	{ "my cards", "ann", GET, "/v1/cards", .status = 200,
	  .check = { { "cards", "<1 items>" }, { "cards[0].card_id", "${id0}" }, { "cards[0].balance_cents", "3000" } } },
	{ "Bob has none", "bob", GET, "/v1/cards", .status = 200, .check = { { "cards", "<0 items>" } } },
	{ "the merchant's cards", "manager", GET, "/v1/cards", .status = 200, .check = { { "cards", "<4 items>" } } },
	{ "statement", "ann", GET, "/v1/cards/${id0}/statement", .status = 200,
	  .check = { { "rows", "<2 items>" }, { "rows[0].amount_cents", "500" }, { "rows[0].balance_cents", "3000" },
	             { "rows[1].kind", "card-top-up" }, { "balance_cents", "3000" } } },
	{ "in pages", "ann", GET, "/v1/cards/${id0}/statement?limit=1", .status = 200, .check = { { "rows", "<1 items>" } },
	  .save = { { "next", "before" } } },
	{ "the next", "ann", GET, "/v1/cards/${id0}/statement?limit=1&before=${before}", .status = 200,
	  .check = { { "rows[0].balance_cents", "2500" } } },
	{ "not another's", "bob", GET, "/v1/cards/${id0}/statement", .status = 404, .error = "not-found" },
	{ "nor another merchant's", "other_manager", GET, "/v1/cards/${id0}/statement", .status = 404,
	  .error = "not-found" },
};

static const struct step freezing[] = {
	{ "freeze mine", "ann", POST, "/v1/cards/${id0}/freeze", "{}", .status = 200, .check = { { "state", "frozen" } } },
	{ "frozen cards take no money", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card0}\",\"amount_cents\":1,\"tender\":\"cash\"}", .status = 409, .error = "card-frozen" },
	{ "not another's card", "bob", POST, "/v1/cards/${id0}/freeze", "{}", .status = 404, .error = "not-found" },
	{ "release mine", "ann", POST, "/v1/cards/${id0}/unfreeze", "{}", .status = 200,
	  .check = { { "state", "active" } } },
	{ "the shop freezes", "cashier", POST, "/v1/cards/${id0}/freeze", "{}", .status = 200,
	  .check = { { "state", "frozen" } } },
	{ "its holder cannot release that", "ann", POST, "/v1/cards/${id0}/unfreeze", "{}", .status = 403,
	  .error = "forbidden" },
	{ "nor move it away", "ann", POST, "/v1/cards/transfer",
	  "{\"from_card_id\":${id0},\"to_code\":\"${till_card}\",\"reason\":\"lost\"}", .status = 409,
	  .error = "card-frozen" },
	{ "a cashier neither", "cashier", POST, "/v1/cards/${id0}/unfreeze", "{}", .status = 403, .error = "forbidden" },
	{ "another merchant cannot", "other_manager", POST, "/v1/cards/${id0}/unfreeze", "{}", .status = 404,
	  .error = "not-found" },
	{ "a manager can", "manager", POST, "/v1/cards/${id0}/unfreeze", "{}", .status = 200,
	  .check = { { "state", "active" } } },
	{ "a new card cannot be frozen", "cashier", POST, "/v1/cards/${id1}/freeze", "{}", .status = 409,
	  .error = "card-not-active" },
	{ "the holder was told", "ann", GET, "/v1/notices", .status = 200,
	  .check = { { "notices", "<1 items>" }, { "notices[0].kind", "card-frozen" }, { "notices[0].ref", "${id0}" } } },
};

static const struct step transfer[] = {
	{ "by no way at all", "manager", POST, "/v1/cards/transfer", "{\"to_code\":\"${card1}\",\"reason\":\"lost\"}",
	  .status = 422,
	  .error = "missing-field", .check = { { "field", "from_code" } } },
	{ "to itself", "manager", POST, "/v1/cards/transfer",
	  "{\"from_card_id\":${id0},\"to_code\":\"${card0}\",\"reason\":\"lost\"}", .status = 409, .error = "conflict",
	  .check = { { "field", "to_code" } } },
	{ "not a cashier's to do alone", "cashier", POST, "/v1/cards/transfer",
	  "{\"from_card_id\":${id0},\"to_code\":\"${card1}\",\"reason\":\"lost\"}", .status = 403, .error = "needs-approval" },
	{ "not another's card", "bob", POST, "/v1/cards/transfer",
	  "{\"from_card_id\":${id0},\"to_code\":\"${till_card}\",\"reason\":\"mine\"}", .status = 404,
	  .error = "card-refused" },
	{ "not to a card that was never sold", "ann", POST, "/v1/cards/transfer",
	  "{\"from_card_id\":${id0},\"to_code\":\"${card1}\",\"reason\":\"lost\"}", .status = 409,
	  .error = "card-not-active" },
	{ "lost: all of it to a new card", "manager", POST, "/v1/cards/transfer",
	  "{\"from_card_id\":${id0},\"to_code\":\"${card1}\",\"reason\":\"lost\"}", .status = 200,
	  .check = { { "amount_cents", "3000" }, { "balance_cents", "3000" }, { "card_id", "${id1}" }, { "bound", "true" },
	             { "state", "active" } } },
	{ "the same transfer again", "manager", POST, "/v1/cards/transfer",
	  "{\"from_card_id\":${id0},\"to_code\":\"${card1}\",\"reason\":\"lost\"}",
	  .key = "=lost: all of it to a new card" },
	{ "the old card is closed", "cashier", POST, "/v1/cards/look", "{\"code\":\"${card0}\"}", .key = "none",
	  .status = 200,
	  .check = { { "state", "closed" }, { "balance_cents", "0" } } },
	{ "and takes nothing", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card0}\",\"amount_cents\":1,\"tender\":\"cash\"}", .status = 404, .error = "card-refused" },
	{ "and moves nothing", "manager", POST, "/v1/cards/transfer",
	  "{\"from_code\":\"${card0}\",\"to_code\":\"${till_card}\",\"reason\":\"again\"}", .status = 409,
	  .error = "conflict" },
	{ "the new one is the holder's", "ann", GET, "/v1/cards", .status = 200,
	  .check = { { "cards", "<1 items>" }, { "cards[0].card_id", "${id1}" } } },
	{ "a customer joins two of the own", "ann", POST, "/v1/cards/bind", "{\"code\":\"${till_card}\"}", .status = 200 },
	{ "into one", "ann", POST, "/v1/cards/transfer",
	  "{\"from_card_id\":${till_id},\"to_code\":\"${card1}\",\"reason\":\"one is enough\"}", .status = 200,
	  .check = { { "balance_cents", "3700" } } },
	{ "the audit is clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

static const struct step expiry[] = {
	{ "a batch with an end", "manager", POST, "/v1/card-batches",
	  "{\"count\":2,\"face_cents\":900,\"expires_ms\":${soon}}", .status = 201, .save = { { "batch_id", "ending" } } },
	{ "export it", "manager", POST, "/v1/card-batches/${ending}/export", "{}", .key = "none", .status = 200,
	  .save = { { "cards[0].code", "ending0" }, { "cards[1].code", "ending1" } } },
	{ "activate it", "cashier", POST, "/v1/cards/activate", "{\"code\":\"${ending0}\",\"tender\":\"cash\"}",
	  .status = 200 },
	{ "not over yet", "operator", POST, "/v1/jobs/run", "{\"job\":\"expire\"}", .status = 200 },
	{ "still there", "cashier", POST, "/v1/cards/look", "{\"code\":\"${ending0}\"}", .key = "none", .status = 200,
	  .check = { { "state", "active" }, { "balance_cents", "900" }, { "expires_ms", "${soon}" } } },
	{ "a day later", "operator", POST, "/v1/jobs/run", "{\"job\":\"expire\",\"as_of_ms\":${later}}", .status = 200 },
	{ "the value has lapsed", "cashier", POST, "/v1/cards/look", "{\"code\":\"${ending0}\"}", .key = "none",
	  .status = 200,
	  .check = { { "state", "expired" }, { "balance_cents", "0" } } },
	{ "nothing goes on it", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${ending0}\",\"amount_cents\":1,\"tender\":\"cash\"}", .status = 410, .error = "code-expired" },
	{ "the unsold one is over too", "cashier", POST, "/v1/cards/activate",
	  "{\"code\":\"${ending1}\",\"tender\":\"cash\"}",
	  .status = 410, .error = "code-expired" },
	{ "cards closed for the merchant", "owner", POST, "/v1/merchants/${merchant}", "{\"cards_open\":false}",
	  .status = 200 },
	{ "no card is looked at", "cashier", POST, "/v1/cards/look", "{\"code\":\"${card1}\"}", .key = "none",
	  .status = 403,
	  .error = "closed-here" },
	{ "none is issued", "cashier", POST, "/v1/cards", "{}", .status = 403, .error = "closed-here" },
	{ "the books are clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

/* Each character of a card's code changed, and numbers near its own: all get one and the same refusal. */
static void guesses(void)
{
	char code[256], body[320], first[600] = "";
	const char *real = api_var("card1");
	int tried = 0, same = 0;

	for (size_t i = (size_t)(strrchr(real, '/') + 1 - real); real[i] != '\0'; i++) {
		snprintf(code, sizeof code, "%s", real);
		code[i] = code[i] == '7' ? 'K' : '7';
		snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
		const struct answer *a = api_send(&(struct step){ "guess", "cashier", POST, "/v1/cards/look", body,
		                                                  .key = "none" });
		if (tried++ == 0)
			snprintf(first, sizeof first, "%s", a->text);
		same += a->status == 404 && strcmp(first, a->text) == 0;
	}
	api_ok(tried > 20 && same == tried, "%d altered codes get one and the same refusal", tried);
	api_ok(strstr(first, "card-refused") != NULL, "which is card-refused");
	same = 0;
	for (int i = 1; i <= 50; i++) {
		snprintf(body, sizeof body, "{\"number\":\"%016lld\"}", (long long)api_int("number2") + i);
		const struct answer *a = api_send(&(struct step){ "guess", "cashier", POST, "/v1/cards/look", body,
		                                                  .key = "none" });
		same += a->status == 404 && strstr(a->text, "card-refused") != NULL;
	}
	api_ok(same == 50, "50 numbers beside a card's own are no cards");
}

/* A code with a good MAC and a secret of its own: what a thief with the code key, but without the card, could make. */
static void wrong_secret(const struct test_server *server)
{
	struct code code = { .kind = CODE_CARD, .id = api_int("id1"), .secret = "guessed!!" };
	struct keyring keys;
	struct problem why = { 0 };
	char path[200], token[CODE_TOKEN_MAX], body[200];

	snprintf(path, sizeof path, "%s/keys.conf", server->dir);
	if (!api_ok(keyring_load(path, &keys, &why) == QT_OK && code_make(&keys, &code, token) == QT_OK,
	            "a code is made %s",
	            why.detail))
		return;
	snprintf(body, sizeof body, "{\"code\":\"%s\"}", token);
	const struct answer *a = api_send(&(struct step){ "guess", "cashier", POST, "/v1/cards/look", body,
	                                                  .key = "none" });
	api_ok(a->status == 404 && strstr(a->text, "card-refused") != NULL, "a wrong secret under a good MAC is refused");
	snprintf(body, sizeof body, "{\"text\":\"%s\"}", token);
	a = api_send(&(struct step){ "check", "", POST, "/v1/codes/check", body, .key = "none" });
	api_ok(a->status == 200 && strstr(a->text, "\"valid\":false") != NULL, "and not called valid");
}

/* Guessing costs tries: each till has its own, so that one cannot lock out the shop's others. */
static void limited_guesses(void)
{
	static const struct step guess = { "guess", "cashier", POST, "/v1/cards/look", "{\"number\":\"9000000000000009\"}",
	                                   .key = "none" };
	static const struct step other = { "another till of the shop goes on", "manager", POST, "/v1/cards/look",
	                                   "{\"number\":\"9000000000000009\"}", .key = "none", .status = 404,
	                                   .error = "card-refused" };
	struct test_server server;
	int refused = 0, limited = 0;

	server_start(&server, "limits", (const char *const[]){ "--rate-limit=1", NULL });
	api_begin(&server);
	shop_make("");
	for (int i = 0; i < 400 && limited == 0; i++) {
		int status = api_send(&guess)->status;
		refused += status == 404;
		limited += status == 429;
	}
	api_ok(refused >= 60 && limited == 1, "a till that guesses is stopped, after %d guesses", refused);
	api_run(&other, 1);
	server_stop(&server);
}

int main(void)
{
	struct test_server server;

	server_start(&server, "server", NULL);
	api_begin(&server);
	shop_make("");
	shop_make("other_");
	shop_customer("ann");
	shop_customer("bob");
	API_RUN(batch);
	guesses();
	wrong_secret(&server);
	API_RUN(activation);
	API_RUN(binding);
	API_RUN(freezing);
	API_RUN(transfer);
	api_run(&(struct step){ "the time", "operator", GET, "/v1/status", .save = { { "time_ms", "now" } } }, 1);
	api_set("soon", "%lld", (long long)api_int("now") + 3600000);
	api_set("later", "%lld", (long long)api_int("now") + 86400000);
	API_RUN(expiry);
	limited_guesses();
	return api_end();
}
