/* audit_ledger: accounts, journals, entries, the seal chain over them, and holds. Part of the auditor: computes
 * everything itself and only reads. */
#include "server/audit_parts.h"

#include "server/ledger.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STRIDE 64 /* an entry's id is its journal's id times this plus its place */

/* Which kinds of accounts may be negative, by the ledger's definition. */
static const bool may_be_negative[] = {
#define X(name, wire, negative, help) [ACCOUNT_##name] = negative,
	ACCOUNT_KINDS(X)
#undef X
};

enum qt_err audit_accounts_read(struct audit *a)
{
	SQL(ends, "SELECT coalesce((SELECT max(id) FROM account), 0), "
	          "coalesce((SELECT value FROM meta WHERE name = 'mark'), 0)");
	SQL(all, "SELECT id, kind, owner_id, unit, overdraft, balance, last_entry FROM account ORDER BY id");
	enum qt_err err = db_one(a->db, &ends, "", "ii", &a->account_count, &a->mark);
	if (err != QT_OK)
		return err;
	a->report->mark = a->mark;
	if (a->account_count > INT64_C(1) << 32) { /* an id nobody could have given: do not allocate for it */
		audit_say(a, "dense", "account", a->account_count, "an id far beyond the others");
		a->account_count = 0;
		return QT_OK;
	}
	a->accounts = xcalloc((size_t)a->account_count + 1, sizeof *a->accounts);
	struct stmt *s = db_stmt(a->db, &all);
	for (int64_t expected = 1; stmt_step(s); expected++) {
		int64_t id = stmt_col_int(s, 0);
		for (; expected < id; expected++)
			audit_say(a, "dense", "account", expected, "the row is missing");
		if (id < 1)
			continue;
		struct audit_account *acc = &a->accounts[id];
		*acc = (struct audit_account){ .kind = stmt_col_int(s, 1), .owner_id = stmt_col_int(s, 2),
			.unit = stmt_col_int(s, 3), .overdraft = stmt_col_int(s, 4), .row_balance = stmt_col_int(s, 5),
			.row_last_entry = stmt_col_int(s, 6), .exists = true };
		a->report->accounts++;
		if (acc->kind < 0 || acc->kind >= ACCOUNT_KIND_COUNT || acc->overdraft != may_be_negative[acc->kind])
			audit_say(a, "kind", "account", id, "its kind does not allow what the row allows");
	}
	return stmt_end(s);
}

/* The pass over journals, entries and seals, side by side. */
struct pass {
	struct audit *a;
	struct stmt *entries, *seals;
	bool entry_there;      /* the entry statement stands on a row that was not used yet */
	bool seal_there;
	struct buf hashed;     /* what the present seal should have hashed */
	uint8_t hash[32];      /* of the seal before */
	int64_t sealed_to;     /* last journal of the seal before */
	int64_t seal_id, seal_first, seal_last; /* of the present seal */
	uint8_t chain_key[32];
};

static void put_int(struct buf *b, int64_t v)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)v >> (8 * i));
	buf_add(b, bytes, sizeof bytes);
}

/* Start what the seal on which the statement stands should have hashed. */
static void seal_begin(struct pass *p)
{
	size_t len;

	p->seal_id = stmt_col_int(p->seals, 0);
	p->seal_first = stmt_col_int(p->seals, 1);
	p->seal_last = stmt_col_int(p->seals, 2);
	if (p->seal_id != p->a->report->seals + 1)
		audit_say(p->a, "dense", "seal", p->a->report->seals + 1, "the row is missing");
	p->a->report->seals = p->seal_id;
	if (p->seal_first != p->sealed_to + 1 || p->seal_last < p->sealed_to)
		audit_say(p->a, "chain", "seal", p->seal_id, "covers journals %" PRId64 " to %" PRId64 ", but the one before "
		          "ended at %" PRId64, p->seal_first, p->seal_last, p->sealed_to);
	buf_reset(&p->hashed);
	buf_add(&p->hashed, p->hash, 32);
	put_int(&p->hashed, p->seal_id);
	put_int(&p->hashed, p->seal_first);
	put_int(&p->hashed, p->seal_last);
	const void *hidden = stmt_col_blob(p->seals, 3, &len);
	buf_add(&p->hashed, hidden, len);
}

/* All journals of the present seal were seen: compare, and step to the next. */
static void seal_finish(struct pass *p)
{
	uint8_t hash[32], mac[32];
	size_t hash_len, mac_len;
	const void *row_hash = stmt_col_blob(p->seals, 4, &hash_len), *row_mac = stmt_col_blob(p->seals, 5, &mac_len);

	crypto_sha256(p->hashed.data, p->hashed.len, hash);
	if (hash_len != 32 || memcmp(hash, row_hash, 32) != 0) {
		if (p->seal_last == p->seal_first)
			audit_say(p->a, "chain", "journal", p->seal_first, "it, its entries, what it settles, or seal %" PRId64
			          " was changed", p->seal_id);
		audit_say(p->a, "chain", "seal", p->seal_id, "does not fit journals %" PRId64 " to %" PRId64
		          ", what they settle, or the seal before", p->seal_first, p->seal_last);
	}
	if (p->a->options->keys != NULL && hash_len == 32) {
		crypto_hmac(p->chain_key, row_hash, 32, mac);
		if (mac_len != 16 || !crypto_equal(mac, row_mac, 16))
			audit_say(p->a, "countersign", "seal", p->seal_id, "was not made with the server's key");
	}
	/* The next one is held against what is stored, so that one change is not told of every seal after it. */
	memcpy(p->hash, hash_len == 32 ? row_hash : hash, 32);
	hex_encode(p->hash, 32, p->a->report->head);
	p->a->report->head_seal = p->seal_id;
	p->sealed_to = p->seal_last;
	p->seal_there = stmt_step(p->seals);
	if (p->seal_there)
		seal_begin(p);
}

/* Sum per unit within a journal. */
struct unit_sum {
	int64_t unit, sum;
};

/* One entry against its account. `last`: of the journal, so that bounds are judged after all of them. */
static void check_entry(struct audit *a, int64_t id, int64_t account_id, int64_t amount, int64_t back,
                        struct unit_sum *sums, int *units)
{
	struct audit_account *acc = audit_account(a, account_id);
	int i = 0;

	if (acc == NULL) {
		audit_say(a, "account", "entry", id, "there is no account %" PRId64, account_id);
		return;
	}
	if (amount == 0)
		audit_say(a, "amount", "entry", id, "moves nothing");
	int64_t expected = acc->last_entry ? id - acc->last_entry : 0;
	if (back != expected)
		audit_say(a, "history", "entry", id, "does not follow entry %" PRId64 " of account %" PRId64,
		          acc->last_entry, account_id);
	if (__builtin_add_overflow(acc->balance, amount, &acc->balance))
		audit_say(a, "amount", "entry", id, "overflows account %" PRId64, account_id);
	acc->last_entry = id;
	if (id <= acc->row_last_entry || id <= a->mark) {
		acc->row_due = acc->balance;
		acc->row_due_last = id;
	}
	while (i < *units && sums[i].unit != acc->unit)
		i++;
	if (i == STRIDE)
		return;
	if (i == *units)
		sums[(*units)++] = (struct unit_sum){ acc->unit, 0 };
	if (__builtin_add_overflow(sums[i].sum, amount, &sums[i].sum))
		audit_say(a, "amount", "entry", id, "overflows its journal");
}

static void step_entry(struct pass *p)
{
	p->entry_there = stmt_step(p->entries);
}

/* Entries before `journal_id` belong to no journal. */
static void stray_entries(struct pass *p, int64_t journal_id)
{
	struct unit_sum sums[STRIDE];
	int units = 0;

	for (; p->entry_there && stmt_col_int(p->entries, 0) / STRIDE < journal_id; step_entry(p)) {
		int64_t id = stmt_col_int(p->entries, 0);
		audit_say(p->a, "journal", "entry", id, "there is no journal %" PRId64, id / STRIDE);
		check_entry(p->a, id, stmt_col_int(p->entries, 1), stmt_col_int(p->entries, 2), stmt_col_int(p->entries, 3),
		            sums, &units);
		units = 0;
		p->a->report->entries++;
	}
}

/* All entries of one journal; their columns go to `bytes` as well. Returns how many. */
static int journal_entries(struct pass *p, int64_t journal_id, bool may_be_empty, struct buf *bytes)
{
	struct unit_sum sums[STRIDE];
	int64_t accounts[STRIDE];
	int units = 0, count = 0;

	for (; p->entry_there && stmt_col_int(p->entries, 0) / STRIDE == journal_id; step_entry(p)) {
		int64_t id = stmt_col_int(p->entries, 0), account_id = stmt_col_int(p->entries, 1);
		int64_t amount = stmt_col_int(p->entries, 2), back = stmt_col_int(p->entries, 3);
		if (id % STRIDE != count)
			audit_say(p->a, "dense", "entry", journal_id * STRIDE + count, "the row is missing");
		check_entry(p->a, id, account_id, amount, back, sums, &units);
		put_int(bytes, account_id);
		put_int(bytes, amount);
		put_int(bytes, back);
		accounts[count++] = account_id;
		p->a->last_entry = id;
		p->a->report->entries++;
	}
	if (count < 2 && !(may_be_empty && count == 0))
		audit_say(p->a, "entries", "journal", journal_id, "has %d entries", count);
	for (int i = 0; i < units; i++)
		if (sums[i].sum != 0)
			audit_say(p->a, "sum", "journal", journal_id, "entries in unit %" PRId64 " sum to %" PRId64, sums[i].unit,
			          sums[i].sum);
	for (int i = 0; i < count; i++) {
		struct audit_account *acc = audit_account(p->a, accounts[i]);
		if (acc != NULL && acc->balance < 0 && !acc->overdraft)
			audit_say(p->a, "bound", "account", accounts[i], "falls to %" PRId64 " in journal %" PRId64, acc->balance,
			          journal_id);
	}
	return count;
}

static enum qt_err check_journal(struct pass *p, struct stmt *s)
{
	struct audit_journal j = { stmt_col_int(s, 0), stmt_col_int(s, 1), stmt_col_int(s, 2), stmt_col_int(s, 3),
	                           stmt_col_int(s, 4), stmt_col_int(s, 5), stmt_col_int(s, 6) };
	struct buf entries = { 0 }, document = { 0 };

	for (int64_t expected = p->a->last_journal + 1; expected < j.id; expected++)
		audit_say(p->a, "dense", "journal", expected, "the row is missing");
	p->a->last_journal = j.id;
	p->a->report->journals++;
	stray_entries(p, j.id);
	int count = journal_entries(p, j.id, j.kind == JOURNAL_SALE || j.kind == JOURNAL_REFUND, &entries);
	while (p->seal_there && p->seal_last < j.id) /* seals without journals, or of removed ones */
		seal_finish(p);
	put_int(&p->hashed, j.id);
	put_int(&p->hashed, j.kind);
	put_int(&p->hashed, j.merchant_id);
	put_int(&p->hashed, j.order_id);
	put_int(&p->hashed, j.ref_id);
	put_int(&p->hashed, j.actor_id);
	put_int(&p->hashed, j.at_ms);
	put_int(&p->hashed, count);
	buf_add(&p->hashed, entries.data, entries.len);
	enum qt_err err = audit_document(p->a, &j, &document);
	put_int(&p->hashed, (int64_t)document.len);
	buf_add(&p->hashed, document.data, document.len);
	if (!p->seal_there)
		audit_say(p->a, "chain", "journal", j.id, "is not sealed");
	buf_free(&entries);
	buf_free(&document);
	return err;
}

enum qt_err audit_journals(struct audit *a)
{
	SQL(all_journals, "SELECT id, kind, merchant_id, order_id, ref_id, actor_id, at_ms FROM journal ORDER BY id");
	SQL(all_entries, "SELECT id, account_id, amount, back FROM entry ORDER BY id");
	SQL(all_seals, "SELECT id, first_journal, last_journal, rows_hidden, hash, mac FROM seal ORDER BY id");
	struct pass p = { .a = a };
	enum qt_err err = QT_OK;

	if (a->options->keys != NULL)
		crypto_derive(a->options->keys->seal_seed, "qrtill seal chain", p.chain_key, 32);
	struct stmt *s = db_stmt(a->db, &all_journals);
	p.entries = db_stmt(a->db, &all_entries);
	p.seals = db_stmt(a->db, &all_seals);
	step_entry(&p);
	p.seal_there = stmt_step(p.seals);
	if (p.seal_there)
		seal_begin(&p);
	while (err == QT_OK && stmt_step(s))
		err = check_journal(&p, s);
	stray_entries(&p, INT64_MAX / STRIDE);
	while (p.seal_there)
		seal_finish(&p);
	if (p.sealed_to > a->last_journal)
		audit_say(a, "dense", "journal", a->last_journal + 1, "journals up to %" PRId64 " were sealed but are missing",
		          p.sealed_to);
	enum qt_err ends[] = { stmt_end(s), stmt_end(p.entries), stmt_end(p.seals) };
	for (int i = 0; i < 3; i++)
		err = err == QT_OK ? ends[i] : err;
	buf_free(&p.hashed);
	crypto_wipe(p.chain_key, sizeof p.chain_key);
	return err;
}

enum qt_err audit_balances(struct audit *a)
{
	if (a->mark > a->last_entry)
		audit_say(a, "mark", "meta", 0, "says entry %" PRId64 ", but the newest is %" PRId64, a->mark, a->last_entry);
	for (int64_t id = 1; id <= a->account_count; id++) {
		const struct audit_account *acc = &a->accounts[id];
		if (!acc->exists)
			continue;
		if (acc->row_balance != acc->row_due)
			audit_say(a, "balance", "account", id, "says %" PRId64 ", its entries sum to %" PRId64, acc->row_balance,
			          acc->row_due);
		if (acc->row_last_entry != acc->row_due_last)
			audit_say(a, "history", "account", id, "ends at entry %" PRId64 " instead of %" PRId64, acc->row_last_entry,
			          acc->row_due_last);
	}
	return QT_OK;
}

/* Holds against the journals that made and ended them. */
static enum qt_err check_hold_rows(struct audit *a)
{
	/* For each hold: what its two journals moved on the HELD account and gave back to the owner. */
	SQL(all, "SELECT h.id, h.account_id, h.held_id, h.amount, h.state, h.posted, "
	         "coalesce((SELECT j.kind FROM journal j WHERE j.id = h.journal_id AND j.ref_id = h.id), -1), "
	         "coalesce((SELECT j.kind FROM journal j WHERE j.id = h.end_journal_id AND j.ref_id = h.id), -1), "
	         "coalesce((SELECT sum(e.amount) FROM entry e WHERE e.id >= h.journal_id * 64 AND "
	         " e.id < h.journal_id * 64 + 64 AND e.account_id = h.held_id), 0), "
	         "coalesce((SELECT sum(e.amount) FROM entry e WHERE e.id >= h.end_journal_id * 64 AND "
	         " e.id < h.end_journal_id * 64 + 64 AND e.account_id = h.held_id), 0) "
	         "FROM hold h ORDER BY h.id");
	struct stmt *s = db_stmt(a->db, &all);

	for (int64_t expected = 1; stmt_step(s); expected++) {
		int64_t id = stmt_col_int(s, 0), amount = stmt_col_int(s, 3), state = stmt_col_int(s, 4);
		struct audit_account *held = audit_account(a, stmt_col_int(s, 2));
		for (; expected < id; expected++)
			audit_say(a, "dense", "hold", expected, "the row is missing");
		if (held == NULL || held->kind != ACCOUNT_HELD || held->owner_id != stmt_col_int(s, 1)) {
			audit_say(a, "account", "hold", id, "its account is not the HELD account of %" PRId64, stmt_col_int(s, 1));
			continue;
		}
		if (stmt_col_int(s, 6) != JOURNAL_HOLD || stmt_col_int(s, 8) != amount)
			audit_say(a, "journal", "hold", id, "its journal does not hold %" PRId64, amount);
		if (state == 0)
			held->held += amount;
		else if (stmt_col_int(s, 9) != -amount ||
		         stmt_col_int(s, 7) != (state == 1 ? JOURNAL_HOLD_POST : JOURNAL_HOLD_VOID))
			audit_say(a, "journal", "hold", id, "its last journal does not release %" PRId64, amount);
		if (stmt_col_int(s, 5) < 0 || stmt_col_int(s, 5) > amount || (state != 1 && stmt_col_int(s, 5) != 0))
			audit_say(a, "amount", "hold", id, "posted %" PRId64 " of %" PRId64, stmt_col_int(s, 5), amount);
	}
	return stmt_end(s);
}

enum qt_err audit_holds(struct audit *a)
{
	SQL(orphans, "SELECT j.id, j.ref_id FROM journal j WHERE j.kind = $1 AND NOT EXISTS "
	             "(SELECT 1 FROM hold h WHERE h.id = j.ref_id AND h.journal_id = j.id)");
	enum qt_err err = check_hold_rows(a);
	if (err != QT_OK)
		return err;
	for (int64_t id = 1; id <= a->account_count; id++) {
		const struct audit_account *acc = &a->accounts[id];
		if (acc->exists && acc->kind == ACCOUNT_HELD && acc->balance != acc->held)
			audit_say(a, "holds", "account", id, "holds %" PRId64 ", its open holds sum to %" PRId64, acc->balance,
			          acc->held);
	}
	struct stmt *s = db_stmt(a->db, &orphans);
	stmt_int(s, 1, JOURNAL_HOLD);
	while (stmt_step(s))
		audit_say(a, "journal", "hold", stmt_col_int(s, 1), "journal %" PRId64 " made it, but the row is missing",
		          stmt_col_int(s, 0));
	return stmt_end(s);
}
