/* promotion: rows of promotions. See promotion.h. */
#include "server/promotion.h"

#include <stdlib.h>
#include <string.h>

#define NUMBERS 29 /* of promotion, before its texts */

/* The columns in the order of the schema, and where each lives. */
#define COLUMNS "id, merchant_id, state, kind, stack, priority, group_no, off_bp, off_cents, price_cents, sets_max, " \
	"cap_cents, starts_ms, ends_ms, weekdays, from_minute, to_minute, levels, first_purchase, birthday, birthday_days, " \
	"min_cents, min_pieces, by_code, uses_max, day_max, person_max, budget_cents, created_ms"

static void numbers_of(struct promotion *p, int64_t *into[NUMBERS])
{
	struct promo *r = &p->rule;
	int64_t *const members[NUMBERS] = { &r->id, &p->merchant_id, &r->state, &r->kind, &r->stack, &r->priority, &r->group,
		&r->off_bp, &r->off_cents, &r->price_cents, &r->sets_max, &r->cap_cents, &r->starts_ms, &r->ends_ms,
		&r->weekdays, &r->from_minute, &r->to_minute, &r->levels, &r->first_purchase, &r->birthday, &r->birthday_days,
		&r->min_cents, &r->min_pieces, &r->by_code, &r->uses_max, &r->day_max, &r->person_max, &r->budget_cents,
		&p->created_ms };
	memcpy(into, members, sizeof members);
}

static void take_text(char *out, size_t size, const char *text, const char *otherwise)
{
	const char *from = text ? text : otherwise;
	size_t len = strlen(from);

	if (len >= size)
		len = size - 1;
	memcpy(out, from, len);
	out[len] = '\0';
}

static void read_row(struct stmt *s, struct promotion *p)
{
	int64_t *numbers[NUMBERS];

	memset(p, 0, sizeof *p);
	numbers_of(p, numbers);
	for (int i = 0; i < NUMBERS; i++)
		*numbers[i] = stmt_col_int(s, i);
	take_text(p->name, sizeof p->name, stmt_col_text(s, NUMBERS), "");
	take_text(p->name_zh, sizeof p->name_zh, stmt_col_text(s, NUMBERS + 1), p->name);
	take_text(p->code, sizeof p->code, stmt_col_text(s, NUMBERS + 2), "");
}

static enum qt_err read_parts(struct db *db, struct promotion *p)
{
	SQL(parts, "SELECT id, pieces FROM promotion_part WHERE id >= $1 AND id < $2 ORDER BY id");
	SQL(refs, "SELECT part_no, section, ref_id FROM promotion_ref WHERE id >= $1 AND id < $2 ORDER BY id");
	struct promo *r = &p->rule;
	struct stmt *s = db_stmt(db, &parts);

	stmt_int(s, 1, r->id * PROMOTION_PART_ROOM);
	stmt_int(s, 2, (r->id + 1) * PROMOTION_PART_ROOM);
	while (stmt_step(s) && r->part_count < PROMO_PARTS_MOST)
		r->parts[r->part_count++].pieces = stmt_col_int(s, 1);
	enum qt_err err = stmt_end(s);
	if (err != QT_OK)
		return err;
	s = db_stmt(db, &refs);
	stmt_int(s, 1, r->id * PROMOTION_REF_ROOM);
	stmt_int(s, 2, (r->id + 1) * PROMOTION_REF_ROOM);
	while (stmt_step(s)) {
		int64_t part_no = stmt_col_int(s, 0), id = stmt_col_int(s, 2);
		struct promo_part *part = part_no >= 0 && part_no < r->part_count ? &r->parts[part_no] : NULL;
		if (part_no < 0 && r->store_count < PROMO_REFS_MOST)
			r->stores[r->store_count++] = id;
		else if (part && part->ref_count < PROMO_REFS_MOST)
			part->refs[part->ref_count++] = (struct promo_ref){ stmt_col_int(s, 1) != 0, id };
	}
	return stmt_end(s);
}

enum qt_err promotion_get(struct db *db, int64_t merchant_id, int64_t promotion_id, struct promotion *p)
{
	SQL(by_id, "SELECT " COLUMNS ", name, name_zh, code FROM promotion WHERE id = $1 AND (merchant_id = $2 OR $2 = 0)");
	struct stmt *s = db_stmt(db, &by_id);

	stmt_int(s, 1, promotion_id);
	stmt_int(s, 2, merchant_id);
	bool found = stmt_step(s);
	if (found)
		read_row(s, p);
	enum qt_err err = stmt_end(s);
	if (err == QT_OK && !found)
		return QT_NOT_FOUND;
	return err == QT_OK ? read_parts(db, p) : err;
}

bool promotion_code_fold(const char *text, char out[PROMOTION_CODE_MAX + 1])
{
	size_t len = strlen(text);

	if (len < 3 || len > PROMOTION_CODE_MAX)
		return false;
	for (size_t i = 0; i <= len; i++) {
		char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
		if (c != '\0' && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
		out[i] = c;
	}
	return true;
}

/* ---- all of a merchant ---- */

static enum qt_err read_all(struct db *db, int64_t merchant_id, struct promotion **list, int *count, bool *sections)
{
	SQL(running, "SELECT " COLUMNS ", name, name_zh, code FROM promotion WHERE merchant_id = $1 AND state <> 3 "
	             "ORDER BY id LIMIT $2");
	struct stmt *s = db_stmt(db, &running);
	int room = 0;

	*list = NULL;
	*count = 0;
	*sections = false;
	stmt_int(s, 1, merchant_id);
	stmt_int(s, 2, PROMOTIONS_RUNNING_MAX);
	while (stmt_step(s)) {
		if (*count == room)
			*list = xrealloc(*list, (size_t)(room = room ? 2 * room : 4) * sizeof **list);
		read_row(s, &(*list)[(*count)++]);
	}
	enum qt_err err = stmt_end(s);
	for (int i = 0; i < *count && err == QT_OK; i++) {
		const struct promo *r = &(*list)[i].rule;
		err = read_parts(db, &(*list)[i]);
		for (int k = 0; k < r->part_count; k++)
			for (int n = 0; n < r->parts[k].ref_count; n++)
				*sections |= r->parts[k].refs[n].section;
	}
	return err;
}

enum qt_err promotion_set_read(struct db *db, int64_t merchant_id, struct arena *arena, struct promotion_set *set)
{
	struct promotion *list = NULL;

	enum qt_err err = read_all(db, merchant_id, &list, &set->count, &set->sections);
	struct promotion *copy = arena_alloc(arena, (size_t)set->count * sizeof *copy + 1);
	if (set->count)
		memcpy(copy, list, (size_t)set->count * sizeof *copy);
	free(list);
	set->list = copy;
	return err;
}

/* What the writer keeps: few merchants sell at once, and most have none. */
static struct kept {
	int64_t merchant_id; /* 0: empty */
	struct promotion *list;
	int count;
	bool sections;
} kept[64];
static struct db *kept_of; /* whose rows these are */

static void forget(struct kept *k)
{
	free(k->list);
	*k = (struct kept){ 0 };
}

static void forget_all(void)
{
	for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
		forget(&kept[i]);
}

static void transaction_ended(void *ctx, bool committed)
{
	(void)ctx;
	if (!committed)
		forget_all();
}

static struct kept *slot_of(int64_t merchant_id)
{
	return &kept[(uint64_t)merchant_id % (sizeof kept / sizeof *kept)];
}

enum qt_err promotion_set_of_writer(struct db *db, int64_t merchant_id, struct promotion_set *set)
{
	struct kept *k = slot_of(merchant_id);
	enum qt_err err = QT_OK;

	if (kept_of != db) {
		forget_all();
		kept_of = db;
		db_watch(db, transaction_ended, NULL);
	}
	if (k->merchant_id != merchant_id) {
		forget(k);
		err = read_all(db, merchant_id, &k->list, &k->count, &k->sections);
		k->merchant_id = merchant_id;
	}
	if (err != QT_OK)
		forget(k);
	*set = (struct promotion_set){ k->list, k->count, k->sections };
	return err;
}

/* ---- changing ---- */

static enum qt_err check_refs(struct db *db, const struct promotion *p, struct problem *problem)
{
	SQL(item, "SELECT id FROM item WHERE id = $1 AND merchant_id = $2");
	SQL(section, "SELECT id FROM section WHERE id = $1 AND merchant_id = $2");
	SQL(store, "SELECT id FROM store WHERE id = $1 AND merchant_id = $2");
	const struct promo *r = &p->rule;
	enum qt_err err = QT_OK;
	int64_t id;

	for (int k = 0; k < r->part_count; k++)
		for (int n = 0; n < r->parts[k].ref_count && err == QT_OK; n++) {
			const struct promo_ref *ref = &r->parts[k].refs[n];
			err = db_one(db, ref->section ? &section : &item, "ii", ref->id, p->merchant_id, "i", &id);
			if (err == QT_NOT_FOUND)
				return problem_set(problem, err, "parts", "part %d: there is no %s %lld", k + 1,
				                   ref->section ? "section" : "item", (long long)ref->id);
		}
	for (int n = 0; n < r->store_count && err == QT_OK; n++) {
		err = db_one(db, &store, "ii", r->stores[n], p->merchant_id, "i", &id);
		if (err == QT_NOT_FOUND)
			return problem_set(problem, err, "stores", "there is no store %lld", (long long)r->stores[n]);
	}
	return err;
}

static enum qt_err check_room(struct db *db, const struct promotion *p, struct problem *problem)
{
	SQL(count, "SELECT COUNT(*) FROM promotion WHERE merchant_id = $1 AND state <> 3");
	SQL(same_code, "SELECT id FROM promotion WHERE merchant_id = $1 AND code = $2");
	int64_t n;

	enum qt_err err = db_one(db, &count, "i", p->merchant_id, "i", &n);
	if (err == QT_OK && n >= PROMOTIONS_RUNNING_MAX)
		return problem_set(problem, QT_CONFLICT, "", "stop one first: at most %d run", PROMOTIONS_RUNNING_MAX);
	if (err != QT_OK || p->code[0] == '\0')
		return err;
	err = db_one(db, &same_code, "it", p->merchant_id, p->code, "i", &n);
	if (err == QT_OK)
		return problem_set(problem, QT_EXISTS, "code", "promotion %lld has this code", (long long)n);
	return err == QT_NOT_FOUND ? QT_OK : err;
}

static enum qt_err insert_refs(struct db *db, const struct promo *r)
{
	SQL(part, "INSERT INTO promotion_part (id, pieces) VALUES ($1, $2)");
	SQL(ref, "INSERT INTO promotion_ref (id, part_no, section, ref_id) VALUES ($1, $2, $3, $4)");
	int64_t ref_id = r->id * PROMOTION_REF_ROOM;
	enum qt_err err = QT_OK;

	for (int k = 0; k < r->part_count && err == QT_OK; k++) {
		err = db_run(db, &part, "ii", r->id * PROMOTION_PART_ROOM + k, r->parts[k].pieces);
		for (int n = 0; n < r->parts[k].ref_count && err == QT_OK; n++)
			err = db_run(db, &ref, "iiii", ref_id++, (int64_t)k, (int64_t)r->parts[k].refs[n].section,
			             r->parts[k].refs[n].id);
	}
	for (int n = 0; n < r->store_count && err == QT_OK; n++)
		err = db_run(db, &ref, "iiii", ref_id++, INT64_C(-1), INT64_C(0), r->stores[n]);
	return err;
}

enum qt_err promotion_add(struct db *db, struct promotion *p, struct problem *problem)
{
	SQL(insert, "INSERT INTO promotion (" COLUMNS ", name, name_zh, code) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
	            "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, "
	            "$30, $31, $32)");
	const char *field, *reason;
	int64_t *numbers[NUMBERS];

	if (promo_check(&p->rule, &field, &reason) != QT_OK)
		return problem_set(problem, QT_BAD_FIELD, field, "%s", reason);
	enum qt_err err = check_refs(db, p, problem);
	if (err == QT_OK)
		err = check_room(db, p, problem);
	if (err != QT_OK)
		return err;
	p->rule.id = db_new_id(db, "promotion");
	numbers_of(p, numbers);
	struct stmt *s = db_stmt(db, &insert);
	for (int i = 0; i < NUMBERS; i++)
		stmt_int(s, i + 1, *numbers[i]);
	stmt_text(s, NUMBERS + 1, p->name);
	stmt_text(s, NUMBERS + 2, p->name_zh[0] ? p->name_zh : NULL);
	stmt_text(s, NUMBERS + 3, p->code[0] ? p->code : NULL);
	stmt_step(s);
	err = stmt_end(s);
	forget(slot_of(p->merchant_id));
	return err == QT_OK ? insert_refs(db, &p->rule) : err;
}

enum qt_err promotion_set_state(struct db *db, struct promotion *p, int state, struct problem *problem)
{
	SQL(update, "UPDATE promotion SET state = $2 WHERE id = $1");

	if (p->rule.state == state)
		return QT_OK;
	if (p->rule.state == PROMO_STOPPED)
		return problem_set(problem, QT_CONFLICT, "state", "the promotion was stopped");
	forget(slot_of(p->merchant_id));
	p->rule.state = state;
	return db_run(db, &update, "ii", p->rule.id, (int64_t)state);
}
