/* ledger: see ledger.h. Owns journals and entries: opens accounts, checks and writes journals. Must not know what
 * an order, a card or a rebate is. */
#include "server/ledger.h"

#include "server/ledger_state.h"
#include "server/store/seal.h"

#include <assert.h>
#include <stdio.h>

static const struct {
	const char *name;
	bool overdraft;
} account_kinds[] = {
#define X(name, wire, negative, help) [ACCOUNT_##name] = { wire, negative },
	ACCOUNT_KINDS(X)
#undef X
};

static const char *const journal_kinds[] = {
#define X(name, wire) [JOURNAL_##name] = wire,
	JOURNAL_KINDS(X)
#undef X
};

const char *account_kind_name(enum account_kind kind)
{
	return (unsigned)kind < ACCOUNT_KIND_COUNT ? account_kinds[kind].name : "unknown";
}

const char *journal_kind_name(enum journal_kind kind)
{
	return (unsigned)kind < JOURNAL_KIND_COUNT ? journal_kinds[kind] : "unknown";
}

enum qt_err ledger_account_find(struct db *db, enum account_kind kind, int64_t owner_id, int64_t unit,
                                int64_t *account_id)
{
	SQL(find, "SELECT id FROM account WHERE kind = $1 AND owner_id = $2 AND unit = $3");

	return db_one(db, &find, "iii", (int64_t)kind, owner_id, unit, "i", account_id);
}

enum qt_err ledger_account(struct db *db, enum account_kind kind, int64_t owner_id, int64_t unit,
                           int64_t *account_id)
{
	SQL(open, "INSERT INTO account (id, kind, owner_id, unit, overdraft) VALUES ($1, $2, $3, $4, $5)");
	struct ledger *l = ledger_of(db);

	*account_id = ledger_key_find(l, kind, owner_id, unit);
	if (*account_id != 0)
		return QT_OK;
	enum qt_err err = ledger_account_find(db, kind, owner_id, unit, account_id);
	if (err == QT_NOT_FOUND) {
		bool overdraft = account_kinds[kind].overdraft;
		*account_id = db_new_id(db, "account");
		err = db_run(db, &open, "iiiii", *account_id, (int64_t)kind, owner_id, unit, (int64_t)overdraft);
		if (err == QT_OK)
			ledger_opened(l, *account_id, unit, overdraft);
	}
	if (err == QT_OK)
		ledger_key_put(l, kind, owner_id, unit, *account_id);
	return err;
}

/* Sums per unit; a journal rarely has more than two units. */
struct unit_sum {
	int64_t unit, sum;
};

static enum qt_err add_to_sums(struct unit_sum *sums, int *count, int64_t unit, int64_t amount)
{
	int i = 0;

	while (i < *count && sums[i].unit != unit)
		i++;
	if (i == *count)
		sums[(*count)++] = (struct unit_sum){ unit, 0 };
	return money_add(sums[i].sum, amount, &sums[i].sum);
}

static enum qt_err posting_problem(struct problem *p, enum qt_err err, int i, const char *detail)
{
	char field[32];

	snprintf(field, sizeof field, "postings[%d]", i);
	return problem_set(p, err, field, "%s", detail);
}

/* Everything that can be wrong without looking at balances. Leaves the accounts' states in `states`. */
static enum qt_err check_postings(struct ledger *l, struct db *db, const struct posting *postings, int count,
                                  bool may_be_empty, struct account_state **states, struct problem *p)
{
	struct unit_sum sums[LEDGER_POSTINGS_MAX];
	int units = 0;

	if ((count < 2 && !(may_be_empty && count == 0)) || count > LEDGER_POSTINGS_MAX)
		return problem_set(p, QT_UNBALANCED, "postings", "2 to %d postings are needed", LEDGER_POSTINGS_MAX);
	for (int i = 0; i < count; i++) {
		if (postings[i].amount == 0)
			return posting_problem(p, QT_UNBALANCED, i, "the amount is zero");
		states[i] = ledger_load(l, db, postings[i].account_id);
		if (states[i] == NULL)
			return posting_problem(p, QT_NOT_FOUND, i, "there is no such account");
		if (add_to_sums(sums, &units, states[i]->unit, postings[i].amount) != QT_OK)
			return posting_problem(p, QT_OVERFLOW, i, "the amount is too large");
	}
	for (int i = 0; i < units; i++)
		if (sums[i].sum != 0)
			return problem_set(p, QT_UNBALANCED, "postings", "unit %lld does not sum to zero",
			                   (long long)sums[i].unit);
	return QT_OK;
}

/* Change the balances in memory; all of them or, when one would leave its bounds, none. */
static enum qt_err apply(struct ledger *l, const struct posting *postings, int count, struct account_state **states,
                         struct problem *p)
{
	int applied = 0, bad = -1;
	enum qt_err err = QT_OK;

	for (; applied < count; applied++) {
		ledger_touch(l, postings[applied].account_id, states[applied]);
		if (money_add(states[applied]->balance, postings[applied].amount, &states[applied]->balance) != QT_OK) {
			bad = applied;
			err = QT_OVERFLOW;
			break;
		}
	}
	/* Judged when all are applied, so that the order of postings to one account does not matter. */
	for (int i = 0; err == QT_OK && i < count; i++)
		if (postings[i].amount < 0 && states[i]->balance < 0 && !states[i]->overdraft) {
			bad = i;
			err = QT_INSUFFICIENT;
		}
	if (err == QT_OK)
		return QT_OK;
	while (applied-- > 0)
		states[applied]->balance -= postings[applied].amount;
	return posting_problem(p, err, bad, err == QT_OVERFLOW ? "the balance would be too large"
	                                                      : "there is not enough on the account");
}

#define ROW(a, b, c, d) "($" #a ", $" #b ", $" #c ", $" #d ")"
#define INTO "INSERT INTO entry (id, account_id, amount, back) VALUES "
#define ROWS_1 ROW(1, 2, 3, 4)
#define ROWS_2 ROWS_1 ", " ROW(5, 6, 7, 8)
#define ROWS_3 ROWS_2 ", " ROW(9, 10, 11, 12)
#define ROWS_4 ROWS_3 ", " ROW(13, 14, 15, 16)
#define ROWS_5 ROWS_4 ", " ROW(17, 18, 19, 20)
#define ROWS_6 ROWS_5 ", " ROW(21, 22, 23, 24)
#define ROWS_7 ROWS_6 ", " ROW(25, 26, 27, 28)
#define ROWS_8 ROWS_7 ", " ROW(29, 30, 31, 32)
#define ROWS_9 ROWS_8 ", " ROW(33, 34, 35, 36)
#define ROWS_10 ROWS_9 ", " ROW(37, 38, 39, 40)
#define ROWS_11 ROWS_10 ", " ROW(41, 42, 43, 44)
#define ROWS_12 ROWS_11 ", " ROW(45, 46, 47, 48)
#define ROWS_MAX 12

/* One statement for up to ROWS_MAX entries: one walk down the tree instead of one per entry. */
static enum qt_err insert_entries(struct db *db, int64_t first_id, const struct posting *postings, int count,
                                  struct account_state **states, int64_t *backs)
{
	static struct sql insert[ROWS_MAX + 1] = {
		[1] = { INTO ROWS_1, 0, __FILE__ },   [2] = { INTO ROWS_2, 0, __FILE__ },   [3] = { INTO ROWS_3, 0, __FILE__ },
		[4] = { INTO ROWS_4, 0, __FILE__ },   [5] = { INTO ROWS_5, 0, __FILE__ },   [6] = { INTO ROWS_6, 0, __FILE__ },
		[7] = { INTO ROWS_7, 0, __FILE__ },   [8] = { INTO ROWS_8, 0, __FILE__ },   [9] = { INTO ROWS_9, 0, __FILE__ },
		[10] = { INTO ROWS_10, 0, __FILE__ }, [11] = { INTO ROWS_11, 0, __FILE__ }, [12] = { INTO ROWS_12, 0, __FILE__ },
	};

	for (int done = 0; done < count;) {
		int rows = count - done < ROWS_MAX ? count - done : ROWS_MAX;
		struct stmt *s = db_stmt(db, &insert[rows]);
		for (int i = 0, at = 1; i < rows; i++, done++) {
			int64_t id = first_id + done;
			struct account_state *a = states[done];
			stmt_int(s, at++, id);
			stmt_int(s, at++, postings[done].account_id);
			stmt_int(s, at++, postings[done].amount);
			backs[done] = a->last_entry ? id - a->last_entry : 0;
			stmt_int(s, at++, backs[done]);
			a->last_entry = id;
		}
		stmt_step(s);
		enum qt_err err = stmt_end(s);
		if (err != QT_OK)
			return err;
	}
	return QT_OK;
}

static int64_t *put(int64_t *at, int64_t value)
{
	*at = value;
	return at + 1;
}

/* What the seal chain hashes of a journal: its columns, the number of entries, each entry's account, amount and back,
 * the document's length, all as little-endian int64, then the document. */
static void seal_bytes(struct db *db, const struct journal *j, const struct posting *postings, int count,
                       const int64_t *backs)
{
	struct buf *bytes = seal_journal(db, j->id);
	int64_t words[9 + 3 * LEDGER_POSTINGS_MAX], *at = words;

	if (bytes == NULL)
		return;
	at = put(at, j->id);
	at = put(at, j->kind);
	at = put(at, j->merchant_id);
	at = put(at, j->order_id);
	at = put(at, j->ref_id);
	at = put(at, j->actor_id);
	at = put(at, j->at_ms);
	at = put(at, count);
	for (int i = 0; i < count; i++) {
		at = put(at, postings[i].account_id);
		at = put(at, postings[i].amount);
		at = put(at, backs[i]);
	}
	at = put(at, j->document ? (int64_t)j->document_len : 0);
	buf_add(bytes, words, (size_t)(at - words) * sizeof *words);
	if (j->document != NULL)
		buf_add(bytes, j->document, j->document_len);
}

enum qt_err ledger_post(struct db *db, struct journal *j, const struct posting *postings, int count,
                        struct problem *p)
{
	SQL(insert, "INSERT INTO journal (id, kind, merchant_id, order_id, ref_id, actor_id, at_ms) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $7)");
	struct ledger *l = ledger_of(db);
	struct account_state *states[LEDGER_POSTINGS_MAX];
	int64_t backs[LEDGER_POSTINGS_MAX];

	/* A free sale moves nothing, but it has a receipt and a document; so has what is given back of it. */
	bool may_be_empty = (j->kind == JOURNAL_SALE || j->kind == JOURNAL_REFUND) && j->document != NULL;

	enum qt_err err = check_postings(l, db, postings, count, may_be_empty, states, p);
	if (err == QT_OK)
		err = apply(l, postings, count, states, p);
	if (err != QT_OK)
		return err;
	j->id = db_new_id(db, "journal");
	err = db_run(db, &insert, "iiiiiii", j->id, (int64_t)j->kind, j->merchant_id, j->order_id, j->ref_id, j->actor_id,
	             j->at_ms);
	if (err == QT_OK)
		err = insert_entries(db, j->id * ENTRY_STRIDE, postings, count, states, backs);
	if (err != QT_OK)
		return err;
	if (count > 0)
		ledger_advance(l, j->id * ENTRY_STRIDE + count - 1, count);
	seal_bytes(db, j, postings, count, backs);
	return QT_OK;
}

enum qt_err ledger_check(struct db *db, int64_t account_id, int64_t amount)
{
	struct account_state *a = ledger_load(ledger_of(db), db, account_id);
	int64_t balance;

	if (a == NULL)
		return QT_NOT_FOUND;
	enum qt_err err = money_add(a->balance, amount, &balance);
	if (err == QT_OK && amount < 0 && balance < 0 && !a->overdraft)
		err = QT_INSUFFICIENT;
	return err;
}

enum qt_err ledger_balance(struct db *db, int64_t account_id, int64_t *balance)
{
	int64_t last_entry;

	return ledger_look(db, account_id, balance, &last_entry);
}
