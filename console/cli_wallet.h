/* cli_wallet: one customer's wallet on this machine, shared by the files of `qrtill wallet`. */
#ifndef QT_CLI_WALLET_H
#define QT_CLI_WALLET_H

#include "console/cli_client.h"
#include "shared/code.h"

struct wallet {
	struct client client;
	struct state state;
};

#define WALLET_OPTION { "wallet", "NAME", "which wallet; default: default", CLI_OWN, NULL }

/* The wallet --wallet names, connected. QT_NOT_FOUND when there is none. On error nothing is left open. */
enum qt_err wallet_open(struct wallet *, const struct cli *, struct problem *) QT_USE_RESULT;
void wallet_close(struct wallet *);

/* The token of a code, whatever form it was given in; QT_BAD_CODE. */
enum qt_err wallet_token(const char *text, char token[CODE_TOKEN_MAX], struct problem *) QT_USE_RESULT;
/* The answer belongs to the caller (jfree). */
enum qt_err wallet_get(struct wallet *, const char *path, struct json_t **answer, struct problem *) QT_USE_RESULT;
/* A change, kept in the wallet's file until its outcome is known. One that was left under way is settled first; if it
 * is this very one, that was all. `pin` (digits, or NULL) becomes a member of the body but is never kept.
 * QT_UNKNOWN_OUTCOME, QT_OFFLINE: it is still kept. */
enum qt_err wallet_post(struct wallet *, const char *path, const char *body, const char *pin, struct json_t **answer,
                        struct problem *) QT_USE_RESULT;

/* Open the wallet, ask or change one thing, show the answer (`list`: its member that is shown as a table). A change has
 * one text member, or none when `name` is NULL. */
enum qt_err wallet_show_path(struct cli *, const char *path, const char *list, struct problem *) QT_USE_RESULT;
enum qt_err wallet_send(struct cli *, const char *path, const char *name, const char *text, struct problem *)
	QT_USE_RESULT;

/* `qrtill wallet pin` and the like, in cli_wallet_me.c. */
extern const struct cli_option wallet_pin_options[];
enum qt_err wallet_pin(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_phone(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_confirm(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_devices(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_drop(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_links(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_link(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_unlink(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_read(struct cli *, struct problem *) QT_USE_RESULT;

/* `qrtill wallet pay`, in cli_wallet_pay.c. */
extern const struct cli_option wallet_pay_options[];
enum qt_err wallet_pay(struct cli *, struct problem *) QT_USE_RESULT;

/* `qrtill wallet code`, in cli_wallet_code.c. */
extern const struct cli_option wallet_code_options[];
enum qt_err wallet_code(struct cli *, struct problem *) QT_USE_RESULT;

/* `qrtill wallet join` and `wallet points`, in cli_wallet_points.c. */
extern const struct cli_option wallet_points_options[];
enum qt_err wallet_join(struct cli *, struct problem *) QT_USE_RESULT;
enum qt_err wallet_points(struct cli *, struct problem *) QT_USE_RESULT;

#endif
