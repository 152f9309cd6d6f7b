/* paper: where the model writes down what it saw: who was granted what, and what every account must be. */
#ifndef QT_SIM_PAPER_H
#define QT_SIM_PAPER_H

#include "shared/jread.h"

#include <stdbool.h>
#include <stdint.h>

/* A request that was granted, with its first answer. */
struct fact {
	char *who, *key, *path;
	struct json_t *request, *answer;
	int status;
	int copies;      /* answers of the same request that were given */
	bool fresh;      /* an answer was given that was not a repetition */
};
struct fact *paper_fact(const char *who, const char *key); /* NULL: none */
struct fact *paper_note(const char *who, const char *key, const char *path, struct json_t *request, struct json_t *answer);
/* One after the other, oldest first; NULL: no more. */
struct fact *paper_at(int index);

/* Kinds of accounts, as qrtill-ledger(7) lists them. */
enum paper_kind { PAPER_WORLD, PAPER_CASH, PAPER_MERCHANT, PAPER_CARD, PAPER_HELD, PAPER_FEE, PAPER_PREFUND,
                  PAPER_REBATE_HELD, PAPER_REBATE, PAPER_CHANNEL, PAPER_AGENT, PAPER_PLATFORM, PAPER_POINTS,
                  PAPER_POINTS_ISSUED, PAPER_PROVIDER, PAPER_SUSPENSE, PAPER_BREAKAGE, PAPER_ROUNDING, PAPER_KINDS };
/* The account must be so much more. */
void paper_add(enum paper_kind, int64_t owner_id, int64_t amount);
/* As of now every account is right: what the shop had before the story. */
void paper_begin(void);
/* Two cards are one purse from now on: a balance went from one to the other. */
void paper_join_cards(int64_t card_id, int64_t other_id);
/* Every account of the server is what it must be. */
void paper_compare(void);

#endif
