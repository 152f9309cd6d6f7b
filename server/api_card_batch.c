/* api_card_batch: routes of batches of prepaid cards, from making them to handing their codes to the printer. */
#include "server/api_card.h"
#include "server/audit_log.h"
#include "server/list.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

struct batch_args {
	int64_t count, face_cents, expires_ms;
	const char *name;
};
static const struct field batch_fields[] = {
	FIELD(struct batch_args, count, INT, .flags = FIELD_REQUIRED, .min = 1, .max = 10000, .help = "how many cards"),
	FIELD(struct batch_args, face_cents, INT, .flags = FIELD_REQUIRED, .min = 0, .max = MONEY_MAX,
	      .help = "put on a card that is activated without an amount, minor units"),
	FIELD(struct batch_args, expires_ms, INT, .min = 0, .max = INT64_MAX,
	      .help = "not accepted from then on; 0: never"),
	FIELD(struct batch_args, name, TEXT, .max = NAME_MAX_BYTES, .help = "for the merchant's own list"),
	FIELDS_DONE
};

static enum qt_err number_json(struct call *call, const char *name, int64_t card_id)
{
	struct card c;
	char text[24];
	enum qt_err err = card_get(call->db, 0, card_id, &c);

	if (err != QT_OK)
		return err;
	snprintf(text, sizeof text, "%" PRId64, c.number);
	json_text(call->reply, name, text);
	return QT_OK;
}

static enum qt_err batch_post(struct call *call)
{
	const struct batch_args *a = call->args;
	struct card_batch b = { .count = a->count, .face_cents = a->face_cents, .expires_ms = a->expires_ms,
	                        .name = a->name && a->name[0] ? a->name : NULL };
	struct merchant m;
	char detail[48];
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = merchant_check_part(&m, PART_CARDS, &call->problem);
	if (err == QT_OK && a->expires_ms != 0 && a->expires_ms <= call->now_ms)
		return problem_set(&call->problem, QT_OUT_OF_RANGE, "expires_ms", "it is over already");
	b.merchant_id = m.id;
	if (err == QT_OK)
		err = card_batch_add(call->db, &b, call->now_ms);
	snprintf(detail, sizeof detail, "%" PRId64 " cards", b.count);
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "card-batch-add", b.id, detail);
	if (err != QT_OK)
		return err;
	call->status = 201;
	json_int(call->reply, "batch_id", b.id);
	json_int(call->reply, "count", b.count);
	return number_json(call, "first_number", b.first_card_id);
}

static enum qt_err batch_json(struct call *call, int64_t merchant_id, int64_t id)
{
	SQL(name_of, "SELECT name, created_ms, (SELECT COUNT(*) FROM card WHERE id >= first_card_id AND "
	             "id < first_card_id + count AND state = 1) FROM card_batch WHERE id = $1");
	char name[NAME_MAX_BYTES + 1];
	int64_t created_ms, fresh;
	struct card_batch b;
	enum qt_err err = card_batch_get(call->db, merchant_id, id, &b);

	if (err == QT_OK)
		err = db_one(call->db, &name_of, "i", id, "tii", name, sizeof name, &created_ms, &fresh);
	if (err != QT_OK)
		return err;
	json_int(call->reply, "batch_id", b.id);
	json_text(call->reply, "name", name);
	json_int(call->reply, "count", b.count);
	json_int(call->reply, "new", fresh);
	json_int(call->reply, "face_cents", b.face_cents);
	json_int(call->reply, "expires_ms", b.expires_ms);
	json_int(call->reply, "created_ms", created_ms);
	json_int(call->reply, "exported_ms", b.exported_ms);
	return number_json(call, "first_number", b.first_card_id);
}

static enum qt_err batch_row(struct call *call, int64_t merchant_id, int64_t id)
{
	return batch_json(call, merchant_id, id);
}

static enum qt_err batches_get(struct call *call)
{
	LIST_SQL(up, down, "card_batch", "merchant_id");
	struct merchant m;
	enum qt_err err = call_merchant(call, &m);

	return err == QT_OK ? list_rows(call, "batches", &up, &down, m.id, batch_row) : err;
}

static enum qt_err export_post(struct call *call)
{
	struct card_batch b;
	struct merchant m;
	char number[24], url[CODE_URL_MAX];
	enum qt_err err = call_merchant(call, &m);

	if (err == QT_OK)
		err = card_batch_export(call->db, call->server, m.id, call->id, call->now_ms, &b);
	if (err == QT_CONFLICT)
		return problem_set(&call->problem, err, "", "the codes were given out already; they are shown once");
	if (err == QT_OK)
		err = audit_log_add(call->db, &call->actor, call->now_ms, "card-batch-export", call->id, NULL);
	if (err != QT_OK)
		return err;
	json_array(call->reply, "cards");
	for (int64_t id = b.first_card_id; id < b.first_card_id + b.count && err == QT_OK; id++) {
		struct card c;
		if ((err = card_get(call->db, m.id, id, &c)) != QT_OK)
			break;
		snprintf(number, sizeof number, "%" PRId64, c.number);
		json_object(call->reply, NULL);
		json_int(call->reply, "card_id", c.id);
		json_text(call->reply, "number", number);
		json_text(call->reply, "code", card_code_url(call->server, &c, url));
		json_end(call->reply);
	}
	json_end(call->reply);
	return err;
}

const struct route card_batch_routes[] = {
	{ .method = "POST", .path = "/v1/card-batches", .roles = ROLES_BOSS, .flags = ROUTE_WRITE, .body_max = 1024,
	  .fields = batch_fields, .args_size = sizeof(struct batch_args), .handle = batch_post,
	  .help = "Make up to 10,000 cards, new and without codes." },
	{ .method = "GET", .path = "/v1/card-batches", .roles = ROLES_BOSS, .fields = list_both_fields,
	  .args_size = sizeof(struct list_args), .handle = batches_get, .help = "List the merchant's batches." },
	{ .method = "POST", .path = "/v1/card-batches/:id/export", .roles = ROLES_BOSS, .flags = ROUTE_WRITE | ROUTE_NO_KEY,
	  .handle = export_post, .help = "Numbers and codes of a batch for the printer; once only." },
};
const int card_batch_route_count = (int)(sizeof card_batch_routes / sizeof *card_batch_routes);
