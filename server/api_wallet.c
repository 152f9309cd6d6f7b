/* api_wallet: routes of the keys with which phones make the codes they show at tills. Decode, call, reply; the rules are
 * in wallet.c. */
#include "server/audit_log.h"
#include "server/list.h"
#include "server/order_state.h"
#include "server/wallet.h"

#include <stddef.h>
#include <stdio.h>

struct key_args {
	int source;
	int64_t card_id;
};
static const char *const source_words[] = { "card", "points", "rebate", NULL };
static const int source_of_word[] = { SOURCE_CARD, SOURCE_POINTS, SOURCE_REBATE };
static const struct field key_fields[] = {
	FIELD(struct key_args, source, CHOICE, .flags = FIELD_REQUIRED, .choices = source_words,
	      .help = "what pays by the codes of this key"),
	FIELD(struct key_args, card_id, INT, .min = 1, .max = INT64_MAX, .help = "card: which of mine"),
	FIELDS_DONE
};

static void key_json(struct json *j, const struct wallet_key *k)
{
	char number[16];

	snprintf(number, sizeof number, "%08d", (int)k->number);
	json_int(j, "key_id", k->id);
	json_text(j, "source", payment_source_name((int)k->source));
	if (k->card_id)
		json_int(j, "card_id", k->card_id);
	json_text(j, "number", number);
	json_int(j, "created_ms", k->created_ms);
}

static enum qt_err codes_get(struct call *call)
{
	struct wallet_key keys[WALLET_KEYS_MAX];
	int count;
	enum qt_err err = wallet_key_list(call->db, call->actor.customer_id, keys, WALLET_KEYS_MAX, &count);

	json_int(call->reply, "now_ms", call->now_ms);
	json_array(call->reply, "keys");
	for (int i = 0; i < count && err == QT_OK; i++) {
		json_object(call->reply, NULL);
		key_json(call->reply, &keys[i]);
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

static enum qt_err codes_post(struct call *call)
{
	const struct key_args *a = call->args;
	int source = source_of_word[a->source];
	uint8_t bytes[WALLET_KEY_SIZE];
	char key[WALLET_KEY_SIZE * 2];
	struct wallet_key k;

	if ((source == SOURCE_CARD) != (a->card_id != 0))
		return problem_set(&call->problem, a->card_id ? QT_BAD_FIELD : QT_MISSING_FIELD, "card_id",
		                   "a card has one, nothing else has");
	enum qt_err err = wallet_key_add(call, source, a->card_id, &k);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "wallet-key", k.id, payment_source_name(source));
	if (err != QT_OK)
		return err;
	wallet_key_bytes(&call->server->keys, &k, bytes);
	base64url_encode(bytes, sizeof bytes, key);
	call->status = 201;
	key_json(call->reply, &k);
	json_text(call->reply, "key", key);
	json_text(call->reply, "prefix", WALLET_CODE_PREFIX);
	json_int(call->reply, "digits", WALLET_ONE_TIME_DIGITS);
	json_int(call->reply, "step_ms", WALLET_STEP_MS);
	json_int(call->reply, "now_ms", call->now_ms);
	crypto_wipe(bytes, sizeof bytes);
	crypto_wipe(key, sizeof key);
	return QT_OK;
}

static enum qt_err code_end_post(struct call *call)
{
	enum qt_err err = wallet_key_end(call->db, call->actor.customer_id, call->id, call->now_ms);

	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "wallet-key-end", call->id, NULL);
	return err;
}

const struct route wallet_routes[] = {
	{ .method = "GET", .path = "/v1/me/codes", .roles = ROLE_CUSTOMER, .handle = codes_get,
	  .help = "The keys of my codes that are in force, without the keys themselves, and the server's time." },
	{ .method = "POST", .path = "/v1/me/codes", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE | ROUTE_SECRET,
	  .body_max = 512, .fields = key_fields, .args_size = sizeof(struct key_args), .handle = codes_post,
	  .help = "A key to make codes with that I show at tills; the same again while it is in force." },
	{ .method = "POST", .path = "/v1/me/codes/:id/end", .roles = ROLE_CUSTOMER, .flags = ROUTE_WRITE,
	  .handle = code_end_post, .help = "Codes of this key pay nothing any more." },
};
const int wallet_route_count = (int)(sizeof wallet_routes / sizeof *wallet_routes);
