/* cli_card: prepaid cards: `qrtill card ...`. */
#include "console/cli_client.h"

#include <string.h>

#define ID(help) (const struct cli_option[]){ { "ID", NULL, help, CLI_INT, ":id" }, { 0 } }
#define CARD_COLUMNS "card_id number_masked state balance_cents bound expires_ms"

static const struct cli_option card_argument[] = {
	{ "CARD", NULL, "its number (16 digits) or its code", CLI_CARD, "" }, { 0 },
};
static const struct cli_option top_up_arguments[] = {
	{ "CARD", NULL, "its number (16 digits) or its code", CLI_CARD, "" },
	{ "AMOUNT", NULL, "how much", CLI_MONEY, "amount_cents" },
	{ 0 },
};
static const struct cli_option transfer_arguments[] = {
	{ "FROM", NULL, "card that is closed", CLI_CARD, "from_" },
	{ "TO", NULL, "card that gets its balance", CLI_CARD, "to_" },
	{ 0 },
};
static const struct cli_option count_argument[] = { { "COUNT", NULL, "how many cards", CLI_INT, "count" }, { 0 } };
static const struct cli_option batch_options[] = {
	{ "face", "AMOUNT", "value of each card when it is activated", CLI_MONEY, "face_cents" },
	{ "expires", "DATE", "last moment of the cards", CLI_TIME, "expires_ms" },
	{ "name", "TEXT", "what the batch is for", CLI_TEXT, "name" },
	{ 0 },
};
static const struct cli_option new_options[] = {
	{ "amount", "AMOUNT", "first value", CLI_MONEY, "amount_cents" },
	{ "tender", "HOW", "what it was paid with: cash, terminal or none", CLI_TEXT, "tender" },
	{ 0 },
};
static const struct cli_option tender_options[] = {
	{ "amount", "AMOUNT", "value, when the batch has no face value", CLI_MONEY, "amount_cents" },
	{ "tender", "HOW", "what was paid with: cash, terminal or none", CLI_TEXT, "tender" },
	{ 0 },
};
static const struct cli_option top_up_options[] = {
	{ "tender", "HOW", "what was paid with: cash or terminal", CLI_TEXT, "tender" }, { 0 },
};
static const struct cli_option reason_options[] = {
	{ "reason", "TEXT", "why", CLI_TEXT, "reason" }, { 0 },
};
static const struct cli_option list_options[] = {
	{ "desc", NULL, "newest first", CLI_FLAG, "desc" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};
static const struct cli_option statement_options[] = {
	{ "before", "ID", "older than this entry", CLI_INT, "before" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};

static const struct cli_route batch = { "POST", "/v1/card-batches", count_argument };
static const struct cli_route batches = { "GET", "/v1/card-batches", .list = "batches" };
static const struct cli_route export = { "POST", "/v1/card-batches/:id/export", ID("the batch"), .list = "cards",
	.columns = "card_id number code", .confirm = N_("The codes of a batch are shown only once. Show them now?") };
static const struct cli_route new_card = { "POST", "/v1/cards" };
static const struct cli_route activate = { "POST", "/v1/cards/activate", card_argument };
static const struct cli_route top_up = { "POST", "/v1/cards/top-up", top_up_arguments };
static const struct cli_route look = { "POST", "/v1/cards/look", card_argument };
static const struct cli_route list = { "GET", "/v1/cards", .list = "cards", .columns = CARD_COLUMNS };
static const struct cli_route statement = { "GET", "/v1/cards/:id/statement", ID("the card"), .list = "rows" };
static const struct cli_route freeze = { "POST", "/v1/cards/:id/freeze", ID("the card"),
	.confirm = N_("Freeze this card?") };
static const struct cli_route unfreeze = { "POST", "/v1/cards/:id/unfreeze", ID("the card") };
static const struct cli_route transfer = { "POST", "/v1/cards/transfer", transfer_arguments,
	.confirm = N_("Move the whole balance and close the first card?") };
const struct command cli_card_commands[] = {
	{ "card", "batch", "COUNT --face AMOUNT", "make a batch of cards to print", batch_options, 1, 1, client_run,
	  &batch, true },
	{ "card", "batches", "", "list the batches", list_options, 0, 0, client_run, &batches, true },
	{ "card", "export", "BATCH", "numbers and codes for the printer, once", NULL, 1, 1, client_run, &export, true },
	{ "card", "new", "[options]", "issue one card at the till", new_options, 0, 0, client_run, &new_card, true },
	{ "card", "activate", "CARD [options]", "activate a card that was sold", tender_options, 1, 1, client_run,
	  &activate, true },
	{ "card", "top-up", "CARD AMOUNT [options]", "put money on a card", top_up_options, 2, 2, client_run, &top_up,
	  true },
	{ "card", "look", "CARD", "state and balance of a card", NULL, 1, 1, client_run, &look, true },
	{ "card", "list", "", "list the cards", list_options, 0, 0, client_run, &list, true },
	{ "card", "statement", "ID", "movements of a card, newest first", statement_options, 1, 1, client_run, &statement,
	  true },
	{ "card", "freeze", "ID", "let a card pay no more", NULL, 1, 1, client_run, &freeze, true },
	{ "card", "unfreeze", "ID", "let a frozen card pay again", NULL, 1, 1, client_run, &unfreeze, true },
	{ "card", "transfer", "FROM TO", "move a lost card's balance to another", reason_options, 2, 2, client_run,
	  &transfer, true },
	{ 0 },
};
