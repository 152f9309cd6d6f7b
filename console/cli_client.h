/* cli_client: the command line as a client of the server: whose credential is used, how options become a request, how
 * the answer is shown, what happens when the outcome is unknown. Verbs that are one request are rows of a table
 * (struct cli_route) run by client_run; the others call client_open and client_call themselves.
 *
 * Who one is: `--terminal NAME` a till enrolled with `qrtill terminal enrol`, with its signed-in person if there is
 * one; `--token-file FILE` any credential from a file; neither: the operator, over the server's Unix socket. */
#ifndef QT_CLI_CLIENT_H
#define QT_CLI_CLIENT_H

#include "console/cli.h"
#include "console/cli_state.h"
#include "console/cli_view.h"
#include "shared/api_client.h"

/* Options every verb that talks to the server takes besides. */
extern const struct cli_option client_options[];

struct client {
	const struct cli *cli;  /* borrowed */
	struct api *api;
	char currency[4];       /* ISO alpha of the merchant; "": not asked yet or none (client_currency) */
	int64_t merchant_id;    /* whom the operator acts for; 0: none */
	bool operator_socket;   /* over the Unix socket */
};

/* Connect as the options say. On error nothing is left open. */
enum qt_err client_open(struct client *, const struct cli *, struct problem *) QT_USE_RESULT;
void client_close(struct client *);
/* For commands that do without a server, but know more with one: an option, the environment or the settings name one,
 * or the operator's socket is there and ours to use. */
bool client_has_server(const struct cli *);

/* The currency amounts on this command line are in: --currency, or the merchant's, asked once. */
enum qt_err client_currency(struct client *, struct problem *) QT_USE_RESULT;
/* "23.75" in that currency. `name`: the option, for the error. */
enum qt_err client_money(struct client *, const char *name, const char *text, int64_t *cents, struct problem *)
	QT_USE_RESULT;

/* One request with a fresh key (or --key), sent again with the same key while the outcome is unknown, at most for --wait seconds (20).
 * With --dry-run it prints what would be sent and returns QT_OK with an empty reply. */
enum qt_err client_call(struct client *, const char *method, const char *path, const char *body,
                        struct api_reply *, struct problem *) QT_USE_RESULT;
/* The same with the caller's own key. */
enum qt_err client_call_key(struct client *, const char *method, const char *path, const char *body, const char *key,
                            struct api_reply *, struct problem *) QT_USE_RESULT;
/* Show an answer as --json, --plain and the locale want it. `list`, `columns`: as in struct cli_route. */
void client_show(const struct client *, const struct json_t *body, const char *list, const char *columns);

/* exec of a verb with a route: open, ask, call, show, close. */
enum qt_err client_run(struct cli *, struct problem *);
/* The same on an open client; the answer is handed to the caller, who frees it with jfree, instead of being shown. */
enum qt_err client_request(struct client *, const struct cli_route *, struct json_t **answer, struct problem *)
	QT_USE_RESULT;

/* Ask before something that cannot be undone: --yes answers, a terminal is asked, else QT_BAD_REQUEST. */
enum qt_err client_confirm(const struct cli *, const char *question, struct problem *) QT_USE_RESULT;
/* A PIN: --pin-file FILE ("-": standard input), $QRTILL_PIN, or asked on the terminal without echo (not with
 * --no-input). Digits only; never an argument. */
enum qt_err client_pin(const struct cli *, const char *question, char pin[16], struct problem *) QT_USE_RESULT;
/* Any other secret: somebody typed it already (cli->pin), a file, the environment, or asked without echo; one line. */
struct client_secret {
	const char *field;       /* for errors */
	const char *file_option; /* NULL: none */
	const char *environment;
	const char *question;
};
enum qt_err client_secret(const struct cli *, const struct client_secret *, char *out, size_t size, struct problem *)
	QT_USE_RESULT;
/* The same from a file only. */
enum qt_err client_pin_from(const char *file, char pin[16], struct problem *) QT_USE_RESULT;
/* A UUID of version 7 (RFC 9562): time-ordered, so that the server's index of keys stays flat. */
void client_new_key(char key[37]);

#endif
