/* server: the parts of one running process, made by main and handed to every call. */
#ifndef QT_SERVER_H
#define QT_SERVER_H

#include "server/store/writer.h"
#include "shared/code.h"

/* Settings of qrtilld; the table is in server/settings.c, the list with defaults in qrtill.conf(5). */
struct settings {
	char *data_dir;      /* database, keys, heads: /var/lib/qrtill */
	char *web_dir;       /* phone pages */
	char *schema_dir;    /* migrations */
	char *public_url;    /* what codes carry: "https://pay.example.com" */
	char *listen_till;   /* "127.0.0.1:8443" */
	char *listen_phone;  /* "127.0.0.1:8080" */
	char *socket;        /* operator's Unix socket */
	char *tls_cert, *tls_key; /* PEM files; empty: plain HTTP (loopback or behind a proxy) */
	char *roles;         /* "codes,service" */
	char *peer_url;      /* the other process when only one role runs here */
	char *sms_spool;     /* smstools outgoing folder; empty: no SMS */
	char *providers;     /* "sandbox=http://127.0.0.1:9090" list, comma between */
	int64_t payment_ttl_s;      /* how long a till payment's code lives: 300 */
	int64_t refund_window_s;    /* rebates are held this long: 14 days */
	int64_t rebate_levels_max;  /* 3 */
	int64_t pin_above_cents;    /* a customer's PIN is asked above this amount */
	int64_t queue_max;          /* writer's queue */
	int64_t connections_max;         /* of one listener */
	int64_t connections_per_address; /* on the phone listener */
	int64_t request_timeout_s;  /* a head, and a body besides what its size takes, must come within this time */
	int64_t rate_limit;         /* factor of ratelimit.h; 0: no limits */
	int64_t provider_query_ms;  /* a provider whose answer is awaited is asked this often: 3000 */
	int64_t provider_give_up_ms; /* an outcome unknown for so long is ended by a cancel: 60000 */
	bool access_log;            /* a line per request on standard error */
	bool trust_proxy;           /* take the client's address from X-Forwarded-For */
};

struct server {
	struct settings settings;
	struct keyring keys;
	struct writer *writer;
	struct pool *pool;   /* threads for what may block, pool.h */
	struct http *http;
	struct jobs *jobs;   /* what runs by the clock, jobs.h */
	struct peer *peer;   /* the other process of a split server; NULL: both roles run here */
	bool role_codes, role_service;
	int64_t started_ms;
	char db_path[512];   /* data_dir/qrtill.db */
	char tls_pin[64];    /* "sha256/BASE64" of the TLS key, for enrolment texts; empty: no TLS */
};

#endif
