/* book: the accounts, payments and bindings of the sandbox payment platform, in a SQLite file of its own (or in
 * memory). It knows nothing of HTTP. Amounts are minor units; ids are random words that cannot be guessed. One
 * connection behind one lock: a platform for trying things out need not be fast. */
#ifndef QT_SANDBOX_BOOK_H
#define QT_SANDBOX_BOOK_H

#include "shared/err.h"

#include <stdint.h>

#define BOOK_ID_SIZE 25         /* 24 characters and NUL */
#define BOOK_REFERENCE_SIZE 80

enum book_state {
	BOOK_PENDING,   /* payment: nobody has paid yet; binding: nobody has agreed yet */
	BOOK_PAID,      /* payment: taken from an account */
	BOOK_REFUSED,   /* payment: the person said no, or there was not enough */
	BOOK_CANCELLED, /* payment: by the merchant, before it was paid */
	BOOK_ACTIVE,    /* binding: agreed */
	BOOK_REVOKED    /* binding: ended by either side */
};
const char *book_state_name(enum book_state);

struct book_payment {
	char id[BOOK_ID_SIZE];
	char reference[BOOK_REFERENCE_SIZE]; /* the merchant's own name for it, unique */
	char account[32];                    /* who paid; empty: nobody yet */
	char description[128];
	char callback_url[256];
	int64_t amount_cents, refunded_cents;
	char currency[4];                    /* ISO 4217 */
	enum book_state state;
	int64_t made_ms, done_ms;            /* done_ms 0: still pending */
};

struct book_binding {
	char id[BOOK_ID_SIZE];
	char reference[BOOK_REFERENCE_SIZE];
	char account[32];                    /* empty: nobody has agreed yet */
	char callback_url[256];
	enum book_state state;
};

struct book_account {
	char name[32];
	char pin[8];
	int64_t balance_cents;
};

struct book;

/* Opens or makes the file; ":memory:" keeps nothing. A new book has the accounts alice (1000.00, PIN 1111), bob (5.00,
 * PIN 2222) and carol (0.00, PIN 3333), and the merchant's own account "merchant". */
enum qt_err book_open(const char *path, struct book **, struct problem *) QT_USE_RESULT;
void book_close(struct book *);

/* Make a payment, or find the one with this reference (then QT_OK when amount and currency are the same, else QT_CONFLICT).
 * With a binding's id in `binding` (not NULL) it is paid at once out of the bound account, or refused; QT_NOT_BOUND when the
 * binding is not active. In: reference, amount_cents, currency, description, callback_url. Out: the rest. */
enum qt_err book_payment_make(struct book *, struct book_payment *, const char *binding, bool refuse) QT_USE_RESULT;
enum qt_err book_payment_by_id(struct book *, const char *id, struct book_payment *) QT_USE_RESULT;
enum qt_err book_payment_by_reference(struct book *, const char *reference, struct book_payment *) QT_USE_RESULT;
/* The person pays (agree) or says no. QT_BAD_PIN; QT_INSUFFICIENT (the payment is then refused); QT_CONFLICT when it is no
 * longer pending. The payment is filled in any case where it exists. */
enum qt_err book_payment_answer(struct book *, const char *id, const char *account, const char *pin, bool agree,
                                struct book_payment *) QT_USE_RESULT;
/* Pay one that is refused or cancelled all the same, as a platform does that changes its mind. QT_CONFLICT when it is
 * pending or paid. */
enum qt_err book_payment_force(struct book *, const char *id, const char *account, struct book_payment *) QT_USE_RESULT;
/* Cancel what is still pending; a paid one stays paid. */
enum qt_err book_payment_cancel(struct book *, const char *reference, struct book_payment *) QT_USE_RESULT;
/* Give back; the same refund reference again changes nothing. QT_REFUND_TOO_LARGE, QT_CONFLICT when it was not paid. */
enum qt_err book_payment_refund(struct book *, const char *reference, const char *refund_reference, int64_t amount_cents,
                                struct book_payment *) QT_USE_RESULT;

enum qt_err book_binding_make(struct book *, struct book_binding *) QT_USE_RESULT; /* by reference, as for payments */
enum qt_err book_binding_by_id(struct book *, const char *id, struct book_binding *) QT_USE_RESULT;
enum qt_err book_binding_answer(struct book *, const char *id, const char *account, const char *pin, bool agree,
                                struct book_binding *) QT_USE_RESULT;
enum qt_err book_binding_revoke(struct book *, const char *id, struct book_binding *) QT_USE_RESULT;

/* How many payments were ever made. */
int64_t book_payments(struct book *);
/* The accounts, at most `max`; returns how many. */
int book_accounts(struct book *, struct book_account *, int max);

#endif
