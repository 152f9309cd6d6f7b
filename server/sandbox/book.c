/* book: see book.h. */
#include "server/sandbox/book.h"

#include "shared/clock.h"
#include "shared/crypto.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct book {
	sqlite3 *db;
	pthread_mutex_t lock;
};

static const char schema[] =
	"CREATE TABLE IF NOT EXISTS account (name TEXT PRIMARY KEY, pin TEXT NOT NULL,"
	" balance_cents INTEGER NOT NULL CHECK (balance_cents >= 0));"
	"CREATE TABLE IF NOT EXISTS payment (id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, account TEXT NOT NULL,"
	" description TEXT NOT NULL, callback_url TEXT NOT NULL, amount_cents INTEGER NOT NULL CHECK (amount_cents > 0),"
	" refunded_cents INTEGER NOT NULL CHECK (refunded_cents BETWEEN 0 AND amount_cents), currency TEXT NOT NULL,"
	" state INTEGER NOT NULL, made_ms INTEGER NOT NULL, done_ms INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS refund (reference TEXT PRIMARY KEY, payment TEXT NOT NULL, amount_cents INTEGER NOT NULL);"
	"CREATE TABLE IF NOT EXISTS binding (id TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE, account TEXT NOT NULL,"
	" callback_url TEXT NOT NULL, state INTEGER NOT NULL);"
	"INSERT INTO account VALUES ('alice', '1111', 100000), ('bob', '2222', 500), ('carol', '3333', 0), ('merchant', '', 0)"
	" ON CONFLICT DO NOTHING;";

#define PAYMENT_COLUMNS \
	"id, reference, account, description, callback_url, amount_cents, refunded_cents, currency, state, made_ms, done_ms"

const char *book_state_name(enum book_state state)
{
	static const char *const names[] = { "pending", "paid", "refused", "cancelled", "active", "revoked" };
	return names[state];
}

/* Prepare and bind: s text, i int64_t. "$2" is a name to SQLite, numbered by where it first appears; here it means the
 * second of the arguments. */
static sqlite3_stmt *prepare(struct book *b, const char *sql, const char *in, va_list ap)
{
	sqlite3_stmt *s;

	if (sqlite3_prepare_v2(b->db, sql, -1, &s, NULL) != SQLITE_OK)
		fatal("sandbox: %s", sqlite3_errmsg(b->db));
	for (int i = 0; in[i] != '\0'; i++) {
		char name[16];
		snprintf(name, sizeof name, "$%d", i + 1);
		int at = sqlite3_bind_parameter_index(s, name);
		if (in[i] == 's')
			sqlite3_bind_text(s, at, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		else
			sqlite3_bind_int64(s, at, va_arg(ap, int64_t));
	}
	return s;
}

/* Run to the end; QT_CONFLICT when a CHECK or UNIQUE says no. */
static enum qt_err run(struct book *b, const char *sql, const char *in, ...)
{
	va_list ap;

	va_start(ap, in);
	sqlite3_stmt *s = prepare(b, sql, in, ap);
	va_end(ap);
	int rc = sqlite3_step(s);
	sqlite3_finalize(s);
	return rc == SQLITE_DONE ? QT_OK : rc == SQLITE_CONSTRAINT ? QT_CONFLICT : QT_STORE;
}

/* The first row, or NULL; the caller finalizes. */
static sqlite3_stmt *first(struct book *b, const char *sql, const char *in, ...)
{
	va_list ap;

	va_start(ap, in);
	sqlite3_stmt *s = prepare(b, sql, in, ap);
	va_end(ap);
	if (sqlite3_step(s) == SQLITE_ROW)
		return s;
	sqlite3_finalize(s);
	return NULL;
}

static void copy(char *out, size_t size, sqlite3_stmt *s, int column)
{
	const unsigned char *text = sqlite3_column_text(s, column);
	snprintf(out, size, "%s", text ? (const char *)text : "");
}

static enum qt_err take_payment(sqlite3_stmt *s, struct book_payment *p)
{
	if (s == NULL)
		return QT_NOT_FOUND;
	copy(p->id, sizeof p->id, s, 0);
	copy(p->reference, sizeof p->reference, s, 1);
	copy(p->account, sizeof p->account, s, 2);
	copy(p->description, sizeof p->description, s, 3);
	copy(p->callback_url, sizeof p->callback_url, s, 4);
	p->amount_cents = sqlite3_column_int64(s, 5);
	p->refunded_cents = sqlite3_column_int64(s, 6);
	copy(p->currency, sizeof p->currency, s, 7);
	p->state = (enum book_state)sqlite3_column_int(s, 8);
	p->made_ms = sqlite3_column_int64(s, 9);
	p->done_ms = sqlite3_column_int64(s, 10);
	sqlite3_finalize(s);
	return QT_OK;
}

static enum qt_err find_payment(struct book *b, const char *id, struct book_payment *p)
{
	return take_payment(first(b, "SELECT " PAYMENT_COLUMNS " FROM payment WHERE id = $1", "s", id), p);
}

static enum qt_err find_reference(struct book *b, const char *reference, struct book_payment *p)
{
	return take_payment(first(b, "SELECT " PAYMENT_COLUMNS " FROM payment WHERE reference = $1", "s", reference), p);
}

static enum qt_err find_binding(struct book *b, const char *column_query, const char *value, struct book_binding *g)
{
	sqlite3_stmt *s = first(b, column_query, "s", value);

	if (s == NULL)
		return QT_NOT_FOUND;
	copy(g->id, sizeof g->id, s, 0);
	copy(g->reference, sizeof g->reference, s, 1);
	copy(g->account, sizeof g->account, s, 2);
	copy(g->callback_url, sizeof g->callback_url, s, 3);
	g->state = (enum book_state)sqlite3_column_int(s, 4);
	sqlite3_finalize(s);
	return QT_OK;
}
static const char binding_by_id[] = "SELECT id, reference, account, callback_url, state FROM binding WHERE id = $1";
static const char binding_by_reference[] =
	"SELECT id, reference, account, callback_url, state FROM binding WHERE reference = $1";

static void new_id(char out[BOOK_ID_SIZE])
{
	uint8_t bytes[15];
	random_bytes(bytes, sizeof bytes);
	base32_encode(bytes, sizeof bytes, out);
}

static void begin(struct book *b)
{
	pthread_mutex_lock(&b->lock);
	if (sqlite3_exec(b->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		fatal("sandbox: %s", sqlite3_errmsg(b->db));
}

/* Ends a transaction: only success, and a payment that became refused for want of money, keep what was written. */
static enum qt_err end(struct book *b, enum qt_err err)
{
	bool keep = err == QT_OK || err == QT_INSUFFICIENT;

	if (!keep || sqlite3_exec(b->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
		sqlite3_exec(b->db, "ROLLBACK", NULL, NULL, NULL);
		err = keep ? QT_STORE : err;
	}
	pthread_mutex_unlock(&b->lock);
	return err;
}

enum qt_err book_open(const char *path, struct book **out, struct problem *why)
{
	struct book *b = xcalloc(1, sizeof *b);
	char *message = NULL;

	pthread_mutex_init(&b->lock, NULL);
	if (sqlite3_open(path, &b->db) != SQLITE_OK || sqlite3_exec(b->db, schema, NULL, NULL, &message) != SQLITE_OK) {
		problem_set(why, QT_STORE, "book", "%s: %s", path, message ? message : sqlite3_errmsg(b->db));
		sqlite3_free(message);
		book_close(b);
		return QT_STORE;
	}
	*out = b;
	return QT_OK;
}

void book_close(struct book *b)
{
	if (b == NULL)
		return;
	sqlite3_close(b->db);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static enum qt_err check_pin(struct book *b, const char *account, const char *pin)
{
	sqlite3_stmt *s = first(b, "SELECT 1 FROM account WHERE name = $1 AND pin = $2 AND pin <> ''", "ss", account, pin);
	sqlite3_finalize(s);
	return s ? QT_OK : QT_BAD_PIN;
}

static enum qt_err set_done(struct book *b, struct book_payment *p, enum book_state state, const char *account)
{
	p->state = state;
	p->done_ms = clock_now_ms();
	snprintf(p->account, sizeof p->account, "%s", account);
	return run(b, "UPDATE payment SET state = $2, done_ms = $3, account = $4 WHERE id = $1", "siis", p->id, (int64_t)state,
	           p->done_ms, account);
}

/* Move the money, or refuse for want of it. */
static enum qt_err pay_from(struct book *b, struct book_payment *p, const char *account)
{
	enum qt_err err = run(b, "UPDATE account SET balance_cents = balance_cents - $2 WHERE name = $1", "si", account,
	                      p->amount_cents);
	if (err == QT_CONFLICT) {
		err = set_done(b, p, BOOK_REFUSED, account);
		return err == QT_OK ? QT_INSUFFICIENT : err;
	}
	if (err == QT_OK)
		err = run(b, "UPDATE account SET balance_cents = balance_cents + $1 WHERE name = 'merchant'", "i", p->amount_cents);
	return err == QT_OK ? set_done(b, p, BOOK_PAID, account) : err;
}

static enum qt_err payment_insert(struct book *b, struct book_payment *p)
{
	new_id(p->id);
	p->state = BOOK_PENDING;
	p->made_ms = clock_now_ms();
	p->account[0] = '\0';
	p->refunded_cents = p->done_ms = 0;
	return run(b, "INSERT INTO payment (" PAYMENT_COLUMNS ") VALUES ($1, $2, '', $3, $4, $5, 0, $6, $7, $8, 0)", "ssssisii",
	           p->id, p->reference, p->description, p->callback_url, p->amount_cents, p->currency, (int64_t)p->state,
	           p->made_ms);
}

enum qt_err book_payment_make(struct book *b, struct book_payment *p, const char *binding, bool refuse)
{
	struct book_payment old;
	struct book_binding g;

	begin(b);
	if (find_reference(b, p->reference, &old) == QT_OK) {
		bool same = old.amount_cents == p->amount_cents && strcmp(old.currency, p->currency) == 0;
		*p = old;
		return end(b, same ? QT_OK : QT_CONFLICT);
	}
	if (binding && (find_binding(b, binding_by_id, binding, &g) != QT_OK || g.state != BOOK_ACTIVE))
		return end(b, QT_NOT_BOUND);
	enum qt_err err = payment_insert(b, p);
	if (err == QT_OK && refuse)
		err = set_done(b, p, BOOK_REFUSED, "");
	else if (err == QT_OK && binding)
		err = pay_from(b, p, g.account);
	/* A refusal is an outcome of the payment, told by its state, not a failure of the call. */
	return end(b, err == QT_INSUFFICIENT ? QT_OK : err);
}

enum qt_err book_payment_by_id(struct book *b, const char *id, struct book_payment *p)
{
	begin(b);
	return end(b, find_payment(b, id, p));
}

enum qt_err book_payment_by_reference(struct book *b, const char *reference, struct book_payment *p)
{
	begin(b);
	return end(b, find_reference(b, reference, p));
}

enum qt_err book_payment_answer(struct book *b, const char *id, const char *account, const char *pin, bool agree,
                                struct book_payment *p)
{
	begin(b);
	enum qt_err err = find_payment(b, id, p);
	if (err == QT_OK && p->state != BOOK_PENDING)
		err = QT_CONFLICT;
	if (err == QT_OK && agree)
		err = check_pin(b, account, pin);
	if (err == QT_OK)
		err = agree ? pay_from(b, p, account) : set_done(b, p, BOOK_REFUSED, "");
	return end(b, err);
}

enum qt_err book_payment_force(struct book *b, const char *id, const char *account, struct book_payment *p)
{
	begin(b);
	enum qt_err err = find_payment(b, id, p);
	sqlite3_stmt *known = first(b, "SELECT 1 FROM account WHERE name = $1 AND pin <> ''", "s", account);
	sqlite3_finalize(known);
	if (err == QT_OK && known == NULL)
		err = QT_NOT_FOUND;
	if (err == QT_OK && p->state != BOOK_REFUSED && p->state != BOOK_CANCELLED)
		err = QT_CONFLICT;
	if (err == QT_OK)
		err = pay_from(b, p, account);
	return end(b, err);
}

enum qt_err book_payment_cancel(struct book *b, const char *reference, struct book_payment *p)
{
	begin(b);
	enum qt_err err = find_reference(b, reference, p);
	if (err == QT_OK && p->state == BOOK_PENDING)
		err = set_done(b, p, BOOK_CANCELLED, "");
	return end(b, err);
}

enum qt_err book_payment_refund(struct book *b, const char *reference, const char *refund_reference, int64_t amount_cents,
                                struct book_payment *p)
{
	begin(b);
	enum qt_err err = find_reference(b, reference, p);
	if (err != QT_OK)
		return end(b, err);
	sqlite3_stmt *s = first(b, "SELECT payment, amount_cents FROM refund WHERE reference = $1", "s", refund_reference);
	if (s != NULL) {
		bool same = strcmp((const char *)sqlite3_column_text(s, 0), p->id) == 0 &&
		            sqlite3_column_int64(s, 1) == amount_cents;
		sqlite3_finalize(s);
		return end(b, same ? QT_OK : QT_CONFLICT);
	}
	if (p->state != BOOK_PAID)
		return end(b, QT_CONFLICT);
	if (amount_cents > p->amount_cents - p->refunded_cents)
		return end(b, QT_REFUND_TOO_LARGE);
	err = run(b, "INSERT INTO refund VALUES ($1, $2, $3)", "ssi", refund_reference, p->id, amount_cents);
	if (err == QT_OK)
		err = run(b, "UPDATE payment SET refunded_cents = refunded_cents + $2 WHERE id = $1", "si", p->id, amount_cents);
	if (err == QT_OK)
		err = run(b, "UPDATE account SET balance_cents = balance_cents + $2 WHERE name = $1", "si", p->account, amount_cents);
	if (err == QT_OK)
		err = run(b, "UPDATE account SET balance_cents = balance_cents - $1 WHERE name = 'merchant'", "i", amount_cents);
	p->refunded_cents += amount_cents;
	return end(b, err);
}

enum qt_err book_binding_make(struct book *b, struct book_binding *g)
{
	struct book_binding old;

	begin(b);
	if (find_binding(b, binding_by_reference, g->reference, &old) == QT_OK) {
		*g = old;
		return end(b, QT_OK);
	}
	new_id(g->id);
	g->state = BOOK_PENDING;
	g->account[0] = '\0';
	return end(b, run(b, "INSERT INTO binding VALUES ($1, $2, '', $3, $4)", "sssi", g->id, g->reference, g->callback_url,
	                  (int64_t)g->state));
}

enum qt_err book_binding_by_id(struct book *b, const char *id, struct book_binding *g)
{
	begin(b);
	return end(b, find_binding(b, binding_by_id, id, g));
}

static enum qt_err binding_set(struct book *b, struct book_binding *g, enum book_state state)
{
	g->state = state;
	return run(b, "UPDATE binding SET state = $2, account = $3 WHERE id = $1", "sis", g->id, (int64_t)state, g->account);
}

enum qt_err book_binding_answer(struct book *b, const char *id, const char *account, const char *pin, bool agree,
                                struct book_binding *g)
{
	begin(b);
	enum qt_err err = find_binding(b, binding_by_id, id, g);
	if (err == QT_OK && g->state != BOOK_PENDING)
		err = QT_CONFLICT;
	if (err == QT_OK && agree)
		err = check_pin(b, account, pin);
	if (err == QT_OK) {
		snprintf(g->account, sizeof g->account, "%s", agree ? account : "");
		err = binding_set(b, g, agree ? BOOK_ACTIVE : BOOK_REVOKED);
	}
	return end(b, err);
}

enum qt_err book_binding_revoke(struct book *b, const char *id, struct book_binding *g)
{
	begin(b);
	enum qt_err err = find_binding(b, binding_by_id, id, g);
	if (err == QT_OK && g->state != BOOK_REVOKED)
		err = binding_set(b, g, BOOK_REVOKED);
	return end(b, err);
}

int book_accounts(struct book *b, struct book_account *accounts, int max)
{
	int n = 0;

	begin(b);
	sqlite3_stmt *s = first(b, "SELECT name, pin, balance_cents FROM account ORDER BY name", "");
	bool row = s != NULL;
	for (; row && n < max; n++) {
		copy(accounts[n].name, sizeof accounts[n].name, s, 0);
		copy(accounts[n].pin, sizeof accounts[n].pin, s, 1);
		accounts[n].balance_cents = sqlite3_column_int64(s, 2);
		row = sqlite3_step(s) == SQLITE_ROW;
	}
	sqlite3_finalize(s);
	return end(b, QT_OK) == QT_OK ? n : 0;
}

int64_t book_payments(struct book *b)
{
	int64_t count = 0;

	begin(b);
	sqlite3_stmt *s = first(b, "SELECT COUNT(*) FROM payment", "");
	if (s != NULL)
		count = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return end(b, QT_OK) == QT_OK ? count : 0;
}
