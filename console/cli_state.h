/* cli_state: what the command line keeps between runs: credentials of wallets and tills, and a request whose answer
 * did not come. One JSON file each in $XDG_STATE_HOME/qrtill (default ~/.local/state/qrtill), mode 0600, folder 0700,
 * replaced whole and synced. */
#ifndef QT_CLI_STATE_H
#define QT_CLI_STATE_H

#include "shared/buf.h"
#include "shared/jread.h"

/* Members of one file; text only. Zero-initialise. */
#define STATE_MEMBERS_MAX 40
struct state {
	char kind[16];   /* "wallet", "terminal", "camera": first part of the file's name */
	char name[48];   /* second part */
	struct { char name[24]; char *text; /* owned */ } members[STATE_MEMBERS_MAX];
	int count;
};

/* A name a person chose: letters, digits, - and _, at most 40. */
bool state_name_is_good(const char *name);
/* QT_NOT_FOUND when there is no such file; QT_BAD_CONFIG when it cannot be used or others may read it. */
enum qt_err state_load(struct state *, const char *kind, const char *name, struct problem *) QT_USE_RESULT;
/* Written and synced when it returns QT_OK. */
enum qt_err state_save(const struct state *, struct problem *) QT_USE_RESULT;
const char *state_get(const struct state *, const char *member); /* "" when absent */
void state_set(struct state *, const char *member, const char *text); /* NULL or "": removed */
void state_free(struct state *);

#endif
