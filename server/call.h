/* call: what a route's handler gets and what it may do. Handlers live in api_<noun>.c: they take decoded
 * arguments, call the rules in <noun>.c, and write the reply. They never see HTTP.
 *
 * A handler of a ROUTE_WRITE route runs in the writer's thread inside the transaction; it must not block, call
 * out, or take long. Its reply is sent after the commit. Any other handler runs with a read connection. */
#ifndef QT_CALL_H
#define QT_CALL_H

#include "server/store/db.h"
#include "shared/buf.h"
#include "shared/fields.h"

enum role {
	ROLE_ANYONE   = 1 << 0, /* no credential: landing, sign-up, enrolment */
	ROLE_CUSTOMER = 1 << 1, /* a device session (cookie or bearer) */
	ROLE_TERMINAL = 1 << 2, /* an enrolled till without a person */
	ROLE_CASHIER  = 1 << 3, /* a till with a signed-in cashier */
	ROLE_MANAGER  = 1 << 4, /* a till or console with a manager */
	ROLE_OWNER    = 1 << 5, /* the merchant's owner */
	ROLE_AGENT    = 1 << 6,
	ROLE_CHANNEL  = 1 << 7,
	ROLE_OPERATOR = 1 << 8, /* the local socket */
	ROLE_PEER     = 1 << 9, /* the other process of a split server */
	ROLE_PROVIDER = 1 << 10 /* a payment provider's signed callback */
};
#define ROLES_TILL  (ROLE_CASHIER | ROLE_MANAGER)
#define ROLES_STAFF (ROLE_CASHIER | ROLE_MANAGER | ROLE_OWNER | ROLE_OPERATOR)
#define ROLES_BOSS  (ROLE_MANAGER | ROLE_OWNER | ROLE_OPERATOR)

/* Who asks. Ids are 0 where they do not apply. Everything a merchant owns is reached through merchant_id,
 * which comes from the credential (for the operator: from the X-Merchant header). */
struct actor {
	enum role role;
	int64_t merchant_id, store_id, terminal_id, staff_id, customer_id, agent_id, channel_id;
	char locale[3]; /* "en" or "zh", from the credential or Accept-Language */
};
/* Role and id in one integer, for journals and the audit log: id * 16 + the role's bit number (small, since
 * it is stored with every sale). The id is the customer, terminal, staff, agent or channel; 0 for the others. */
int64_t actor_packed(const struct actor *);

enum route_flags {
	ROUTE_WRITE   = 1 << 0, /* runs in the transaction; needs an Idempotency-Key */
	ROUTE_SLOW    = 1 << 1, /* a read that takes long (Argon2, reports): runs in the worker pool */
	ROUTE_CODES   = 1 << 2, /* belongs to the `codes` role of a split server; others to `service` */
	ROUTE_BOTH    = 1 << 3, /* answered by whichever process is asked */
	ROUTE_WAIT    = 1 << 4, /* long poll: see events.h */
	ROUTE_PAGE    = 1 << 5, /* GET outside /v1: answers HTML or a file */
	ROUTE_NO_KEY  = 1 << 6, /* a write that is naturally idempotent (callbacks, sign-in): no key needed */
	ROUTE_COMPACT = 1 << 7, /* the idempotency row keeps call->ref instead of the reply; `rebuild` writes it */
	ROUTE_SECRET  = 1 << 8  /* the reply holds a credential: it is kept sealed */
};

struct call;
struct idempotency;
struct route {
	const char *method; /* "GET", "POST", "DELETE" */
	const char *path;   /* "/v1/cards/:id/statement"; :id is a positive integer, :token a code token, :name a word */
	unsigned roles;     /* who may; others get 403 (401 without a credential) */
	unsigned flags;
	int body_max;       /* bytes; 0: no body is taken */
	const struct field *fields; /* body (POST) or query (GET); NULL: none */
	size_t args_size;   /* of the struct the fields fill */
	enum qt_err (*handle)(struct call *);
	/* Runs before handle, outside the transaction, in the worker pool: for PINs (Argon2), provider calls and
	 * whatever else may block. NULL: nothing to prepare. Its result goes into call->prepared. */
	enum qt_err (*prepare)(struct call *);
	/* Is there something to prepare for these arguments? NULL: always. Runs in the HTTP loop: a look at call->args. */
	bool (*needs_prepare)(const struct call *);
	/* ROUTE_COMPACT: write the reply from call->ref alone. Runs for every replay, and the first time too when handle
	 * has set ref[0] and written nothing itself. */
	enum qt_err (*rebuild)(struct call *);
	const char *help;   /* one sentence for qrtill-api(7) */
	int limit;          /* enum limit_purpose (ratelimit.h): each call takes one try of its address; 0: none */
};

struct call {
	const struct route *route;
	struct server *server;      /* the process's parts, server.h */
	struct actor actor;
	struct db *db;              /* reader, or the writer's transaction */
	const void *args;           /* decoded struct; NULL when the route has no fields */
	int64_t id;                 /* :id of the path; 0 when there is none */
	char token[128];            /* :token or :name of the path, case folded to upper for :token; empty otherwise */
	int64_t now_ms;             /* one clock reading for the whole call */
	struct arena *arena;        /* memory until the reply is sent */
	void *prepared;             /* what prepare left, in the arena */
	const struct idempotency *key; /* the request's key, whose it is, and the request's hash; NULL: the route takes none */
	/* the answer */
	struct json *reply;         /* an object is open; the dispatcher closes it */
	int status;                 /* 200 by default; handlers set 201 where something was made */
	struct problem problem;     /* set by problem_set(&call->problem, ...) on error */
	int64_t ref[4];             /* ROUTE_COMPACT */
	/* ROUTE_COMPACT, with ref[0] set: writes the reply in handle's place once all is on disk, in the thread that sends
	 * it, so that the writer need not. Looks at server and at what handle left in the arena, not at db. NULL: none. */
	void (*tell)(struct call *);
	const void *told;           /* for tell, in the arena */
	/* ROUTE_PAGE: */
	const char *content_type;   /* static string */
	struct buf page;            /* the body; owned by the call */
	const char *location;       /* redirect target (303), in the arena */
	char cookie[256];           /* Set-Cookie value; empty: none */
	/* the request as it came, for signed callbacks: */
	const char *body;           /* raw bytes; NULL: none */
	size_t body_len;
	uint8_t address[16];        /* IPv6 address of the client (IPv4 mapped); all zero: the local socket */
	/* ROUTE_WAIT: the handler wrote no answer and asks to be called again when one of these topics has an event, at
	 * the latest at wait_until_ms (monotonic). 0: do not wait. */
	int64_t wait_until_ms;
	struct wait_topic { int topic; int64_t id; } wait_topics[4]; /* enum event_topic; 0: unused */
	const char *etag;           /* ROUTE_PAGE: quoted entity tag, in the arena; NULL: none */
};

/* A request header by name in any case; NULL when it was not sent. Only while the call runs. */
const char *call_header(const struct call *, const char *name);

/* Routes of all modules, one table per api_<noun>.c, gathered in routes.c. */
struct route_table {
	const struct route *routes;
	int count;
};
#define ROUTE_TABLE(list) { list, (int)(sizeof (list) / sizeof *(list)) }

#endif
