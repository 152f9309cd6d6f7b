/* settings: see settings.h. */
#include "server/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTION(name_, type_, fallback_, min_, max_, help_) \
	{ .name = #name_, .type = type_, .fallback = fallback_, .min = min_, .max = max_, \
	  .offset = offsetof(struct settings, name_), .help = help_ }
#define TEXT(name, fallback, help) OPTION(name, CONF_TEXT, fallback, 0, 0, help)
#define FOLDER(name, fallback, help) OPTION(name, CONF_PATH, fallback, 0, 0, help)
#define COUNT(name, fallback, min, max, help) OPTION(name, CONF_INT, fallback, min, max, help)
#define SWITCH(name, fallback, help) OPTION(name, CONF_BOOL, fallback, 0, 0, help)

const struct conf_option settings_options[] = {
	FOLDER(data_dir, "/var/lib/qrtill", "folder of the database, the keys and the signed heads"),
	FOLDER(web_dir, QRTILL_PREFIX "/share/qrtill/web", "folder of the phone pages"),
	FOLDER(schema_dir, QRTILL_PREFIX "/share/qrtill/schema", "folder of the schema files"),
	TEXT(public_url, "", "what codes carry, https://pay.example.com; empty: the phone listener"),
	TEXT(listen_till, "127.0.0.1:8443", "address and port for tills; empty: none"),
	TEXT(listen_phone, "127.0.0.1:8080", "address and port for phones; empty: none"),
	FOLDER(socket, "/run/qrtill/operator.sock", "the operator's Unix socket; empty: none"),
	FOLDER(tls_cert, "", "certificate chain, PEM; empty: plain HTTP, for loopback or behind a proxy"),
	FOLDER(tls_key, "", "private key of the certificate, PEM, not readable by others"),
	TEXT(roles, "codes,service", "what this process does: codes, service or both"),
	TEXT(peer_url, "", "the other process when only one role runs here, http://127.0.0.1:9443"),
	FOLDER(sms_spool, "", "smstools' outgoing folder; empty: no short messages"),
	TEXT(providers, "", "payment providers, sandbox=http://127.0.0.1:9090, comma between"),
	COUNT(payment_ttl_s, "300", 10, 86400, "seconds a till payment's code lives"),
	COUNT(refund_window_s, "1209600", 0, 31536000, "seconds a rebate is held before it may be spent"),
	COUNT(rebate_levels_max, "3", 1, 16, "levels of rebates a campaign may have"),
	COUNT(pin_above_cents, "5000", 0, 1000000000, "amount above which a customer's PIN is asked, minor units"),
	COUNT(queue_max, "4096", 16, 65536, "writes waiting at most; more are told to come back"),
	COUNT(connections_max, "4096", 8, 65536, "connections of each listener at most"),
	COUNT(connections_per_address, "64", 0, 65536, "connections of one address to the phone listener; 0: no limit"),
	COUNT(request_timeout_s, "10", 1, 600, "seconds a client has to send a request's head, and again its body"),
	COUNT(rate_limit, "1", 0, 1000, "multiplies the tries an address has (sign-up, codes, PINs); 0: no limit"),
	COUNT(provider_query_ms, "3000", 50, 60000, "a provider whose answer is awaited is asked this often, milliseconds"),
	COUNT(provider_give_up_ms, "60000", 200, 3600000, "an outcome unknown for so long is ended by a cancel, milliseconds"),
	SWITCH(access_log, "true", "a line on standard error for every request, without secrets"),
	SWITCH(trust_proxy, "false", "take the client's address from X-Forwarded-For"),
	{ .name = NULL },
};

/* "codes,service" into flags. */
static bool read_roles(const char *text, bool *codes, bool *service)
{
	char copy[64], *save = NULL;

	*codes = *service = false;
	if (strlen(text) >= sizeof copy)
		return false;
	strcpy(copy, text);
	for (char *word = strtok_r(copy, ", ", &save); word != NULL; word = strtok_r(NULL, ", ", &save)) {
		bool *flag = strcmp(word, "codes") == 0 ? codes : strcmp(word, "service") == 0 ? service : NULL;
		if (flag == NULL || *flag)
			return false;
		*flag = true;
	}
	return *codes || *service;
}

enum qt_err settings_check(struct server *s, struct problem *p)
{
	const struct settings *c = &s->settings;

	if (!read_roles(c->roles, &s->role_codes, &s->role_service))
		return problem_set(p, QT_BAD_CONFIG, "roles", "roles: must be codes, service or both, comma between");
	if (s->role_codes != s->role_service && strncmp(c->peer_url, "http", 4) != 0)
		return problem_set(p, QT_BAD_CONFIG, "peer_url", "peer_url: where the other role runs is missing");
	if (c->public_url[0] != '\0' && strncmp(c->public_url, "http://", 7) != 0 &&
	    strncmp(c->public_url, "https://", 8) != 0)
		return problem_set(p, QT_BAD_CONFIG, "public_url", "public_url: must begin with https:// or http://");
	if (c->data_dir[0] == '\0')
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "data_dir: must be a folder");
	int n = snprintf(s->db_path, sizeof s->db_path, "%s/qrtill.db", c->data_dir);
	if ((size_t)n >= sizeof s->db_path)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "data_dir: the path is too long");
	return QT_OK;
}
