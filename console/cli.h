/* cli: the frame of the qrtill command line: `qrtill NOUN VERB [options] [arguments]`.
 * Owns parsing, help, suggestions, how results and errors are shown, and exit codes. A noun is a file
 * cli_<noun>.c that ends in a table of struct command; add its name to CLI_NOUNS below.
 *
 * Data goes to standard output, messages to standard error. Secrets are never arguments: they come from files,
 * standard input or a prompt. The exit code is err_info(err)->exit_code of what exec returns. */
#ifndef QT_CLI_H
#define QT_CLI_H

#include "shared/buf.h"
#include "shared/tr.h"

#include <stdio.h>

/* How the value of an option or argument is checked and put into a request (cli_client.c). */
enum cli_kind {
	CLI_OWN,    /* not sent: the verb reads it itself */
	CLI_TEXT,   /* as it is */
	CLI_INT,    /* whole number */
	CLI_MONEY,  /* "23.75" -> minor units of the merchant's currency */
	CLI_RATE,   /* per cent, "5.5" -> basis points */
	CLI_TIME,   /* "2026-12-31" or "2026-12-31 18:00", local time -> unix ms */
	CLI_FLAG,   /* true */
	CLI_CHOICE, /* "yes" or "no" -> true or false */
	CLI_CARD,   /* a card: 16 digits go into FIELDnumber, a code into FIELDcode; FIELD is a prefix, often "" */
	CLI_TEXTS,  /* may be repeated: field "barcodes.code" -> "barcodes":[{"code":...},...] */
	CLI_RATES,  /* the same with per cent */
	CLI_INTS    /* may be repeated: field "group_ids" -> "group_ids":[1,2] */
};

/* One option of a verb, or one of its arguments. Every verb also takes --json --plain --no-input --dry-run --yes
 * --server URL --help; those that talk to the server the options in client_options (cli_client.h) besides. */
struct cli_option {
	const char *name;   /* "png"; written --png FILE or --png=FILE; of an argument: as shown in help, "ID" */
	const char *value;  /* what it takes, as shown in help ("FILE"); NULL: a flag without a value */
	const char *help;   /* one line */
	enum cli_kind kind;
	const char *field;  /* JSON or query name; ":id" fills that part of the path; NULL for CLI_OWN */
};

/* What a verb that is one request asks of the server. */
struct client;
struct json;
struct cli_route {
	const char *method, *path;          /* "POST", "/v1/cards/:id/freeze" */
	const struct cli_option *arguments; /* positional, in order; ends with a NULL name; NULL: none */
	const char *list;                   /* member of the answer that is shown as a table; NULL: the whole answer */
	const char *columns;                /* of the table, "item_id sku name"; NULL: those of the first row */
	const char *confirm;                /* question asked before; NULL: none */
	/* Adds members to the request's object that no table can say; NULL: none. */
	enum qt_err (*body)(struct client *, struct json *, struct problem *);
};

struct cli;
struct command {
	const char *noun, *verb;          /* verb "": the noun stands alone, "qrtill backup FILE" */
	const char *usage;                /* arguments as shown in help: "[options] TEXT" */
	const char *help;                 /* one line */
	const struct cli_option *options; /* ends with a NULL name; NULL: none */
	int args_min, args_max;           /* positional arguments; args_max -1: any number */
	/* Does the work. Prints its result to standard output; returns an error with *p filled and prints nothing. */
	enum qt_err (*exec)(struct cli *, struct problem *p);
	const struct cli_route *route;    /* for exec = client_run; NULL: none */
	bool server;                      /* talks to the server: takes client_options besides */
};

#define CLI_GIVEN_MAX 64
struct cli {
	const struct command *command;
	bool json;      /* --json: one JSON value on standard output, errors as JSON on standard error */
	bool plain;     /* --plain: lines for scripts, no boxes, no colour, no pictures of blocks */
	bool no_input;  /* --no-input: never ask; what would be asked is an error */
	bool dry_run;   /* --dry-run: say what would be done, change nothing */
	bool yes;       /* --yes: confirm questions */
	bool chinese;   /* messages in Chinese (LC_ALL, LC_MESSAGES or LANG begins with zh) */
	const char *pin; /* a PIN or passphrase somebody typed already: it is not asked for; NULL: none */
	int args;       /* positional arguments */
	char **arg;     /* borrowed from argv */
	struct { const char *name, *value; } given[CLI_GIVEN_MAX]; /* options in the order written */
	int given_count;
};

/* Value of an option ("" for a flag that was given), NULL when it was not. The last one counts. */
const char *cli_option(const struct cli *, const char *name);
bool cli_has(const struct cli *, const char *name);
/* Whole number in min..max into *out, left alone when the option was not given. */
enum qt_err cli_option_int(const struct cli *, const char *name, int64_t min, int64_t max, int64_t *out,
                           struct problem *) QT_USE_RESULT;
/* The whole of a file ("-": standard input), at most `max` bytes, NUL-terminated; caller frees. */
enum qt_err cli_read_file(const char *path, size_t max, char **data, size_t *len, struct problem *) QT_USE_RESULT;
/* Write a file whole: beside, fsynced, renamed. "-": standard output. */
enum qt_err cli_write_file(const char *path, const void *data, size_t len, struct problem *) QT_USE_RESULT;
/* Print one JSON value and a newline; what a terminal would obey in it is escaped. */
void cli_print_json(const struct buf *);

/* The verb of a noun; NULL when there is none. */
const struct command *cli_command(const char *noun, const char *verb);
/* Run a whole command line; returns the exit code. */
int cli_run(int argc, char **argv);
/* The word among `words` (count) nearest to `wrong` by edits, NULL when none is near. */
const char *cli_nearest(const char *wrong, const char *const *words, int count);

/* Every noun: a table `cli_<noun>_commands` that ends with a NULL noun, in cli_<noun>.c. */
#define CLI_NOUNS(X) \
	X(code, "make, explain, read and print codes") \
	X(label, "sheets of labels to print") \
	X(wallet, "a customer's wallet, to try payments without a phone") \
	X(order, "sell, look up, cancel, refund") \
	X(payment, "payments of an order") \
	X(approval, "a manager's leave for what a cashier may not do alone") \
	X(limit, "what cashiers may do alone") \
	X(rule, "what a store has settled for its tills") \
	X(held, "sales put aside") \
	X(receipt, "receipts by their code") \
	X(shift, "a till's shift and its cash") \
	X(card, "prepaid cards") \
	X(points, "customers' points") \
	X(item, "the catalogue") \
	X(tax, "taxes of the catalogue") \
	X(stock, "what stores have of items") \
	X(option, "sizes, extras: what is asked when an item is sold") \
	X(merchant, "merchants") \
	X(store, "a merchant's shops") \
	X(terminal, "tills") \
	X(camera, "be a camera that is paired with a till") \
	X(staff, "people who sell") \
	X(login, "signing in away from a till") \
	X(agent, "agents who sign merchants up") \
	X(channel, "channels that show codes") \
	X(campaign, "campaigns with rebates") \
	X(promotion, "promotions and what they take off") \
	X(coupon, "single codes of promotions") \
	X(section, "sections of the catalogue") \
	X(member, "what a merchant knows of a customer") \
	X(share, "shared links") \
	X(chain, "who shared with whom") \
	X(rebate, "what was earned by sharing") \
	X(prefund, "what a merchant paid in for rebates") \
	X(provider, "payment institutions") \
	X(journal, "the ledger's journals, and what a till did") \
	X(account, "the ledger's accounts") \
	X(log, "the audit log") \
	X(screen, "captured terminal screens") \
	X(audit, "recompute the ledger and name what disagrees") \
	X(backup, "copy the running server's database") \
	X(restore, "put a backup into a new folder") \
	X(keys, "the server's code keys") \
	X(dashboard, "a merchant's day at a glance") \
	X(report, "reports of sales, tax, tenders and what is owed") \
	X(notice, "what a merchant was told") \
	X(server, "the running server")
#define X(noun, help) extern const struct command cli_##noun##_commands[];
CLI_NOUNS(X)
#undef X

#endif
