/* console: qrtill-console, a merchant's screens. What a screen lists, shows, asks and does is a row of a table
 * (console_tables.c); every action is a verb of the command line, whose table (cli.h) says what it takes, and every
 * field is checked by the server's own table of its route, so that the messages are the same everywhere. How to add a
 * noun is in qrtill-architecture(7). */
#ifndef QT_CONSOLE_H
#define QT_CONSOLE_H

#include "console/cli_client.h"
#include "shared/tui/tui.h"

/* ---- tables ---- */

enum console_flags {
	ACTION_ROW = 1 << 0,  /* its first argument is the id of the chosen row; also on the record's screen */
	ACTION_OPEN = 1 << 1, /* opens the list `verb` of `noun`, for the chosen row when ACTION_ROW is there too */
	ACTION_SHOW = 1 << 2, /* its answer is shown as a record, with the code that is in it */
	ACTION_NOW = 1 << 3,  /* nothing to ask: done at once (after the verb's own question, when it has one) */
	ACTION_ENTER = 1 << 4 /* what Enter does on a row, in place of showing it */
};

/* One thing a person can do on a list or a record. */
struct console_action {
	int key;             /* 0: only by Enter or from the palette */
	const char *label;   /* N_(); NULL ends a table */
	const char *noun;    /* NULL: that of the list */
	const char *verb;    /* of the command line: its twin */
	unsigned flags;
	const char *given;   /* options set by the action itself, "state=left active=no"; NULL: none */
	/* What takes it back: another verb with the same arguments; "" the same verb with the values of before; NULL: nothing,
	 * which is why the verb asks first. */
	const char *inverse;
};

/* One list: the verb of the command line that answers with rows. */
struct console_list {
	const char *noun, *verb; /* noun NULL ends the table */
	const char *title;       /* N_() */
	const char *id;          /* member that names a row to its actions; NULL: rows have no actions */
	const char *columns;     /* members, the most important first; NULL: those of the command line */
	const char *show;        /* verb that answers with the whole record; NULL: the row is all there is */
	const struct console_action *actions; /* NULL: none */
	bool hidden;             /* not in the menu: opened from a row of another list */
	int group;               /* enum console_group */
	bool newest;             /* shown from the last row back */
};
enum console_group { GROUP_SELL, GROUP_CATALOGUE, GROUP_CUSTOMERS, GROUP_CAMPAIGNS, GROUP_PEOPLE, GROUP_BOOKS, GROUP_REPORTS,
	GROUP_COUNT };
extern const char *const console_groups[GROUP_COUNT]; /* N_() */
#define CONSOLE_LISTS_MAX 64
extern const struct console_list console_lists[];
const struct console_list *console_list_find(const char *noun, const char *verb); /* NULL: none */
/* The list whose rows a field names ("tax_id": the taxes); NULL: none. */
const struct console_list *console_list_of_field(const char *field);
const struct command *console_action_command(const struct console_list *, const struct console_action *);

/* ---- calls ---- */

/* A verb with its arguments and options, as the command line would have them. */
#define CALL_ARGS_MAX 16
struct console_call {
	struct cli cli;                 /* what the command line's functions read */
	char *args[CALL_ARGS_MAX];      /* owned; cli.arg points here */
	char *values[CLI_GIVEN_MAX];    /* owned; of cli.given */
	char *names[CLI_GIVEN_MAX];     /* owned */
};
struct console;
void call_start(struct console_call *, const struct console *, const struct command *);
void call_arg(struct console_call *, const char *text);
void call_give(struct console_call *, const char *option, const char *text);
/* "state=left active=no" */
void call_give_all(struct console_call *, const char *given);
void call_free(struct console_call *);
/* The request, by request_build, checked by the route's own fields. On error *p names the field. */
enum qt_err call_build(struct console *, struct console_call *, struct buf *path, struct buf *body, struct problem *p)
	QT_USE_RESULT;

/* What the server's table says about a field of a verb; NULL: nothing. */
struct field;
const struct field *call_field(const struct command *, const char *name);
const struct field *call_fields(const struct command *); /* all; NULL: none */
/* Fields of lists that say which page, not which rows. */
bool call_is_paging(const char *field);
/* May somebody of this role do it? */
bool call_allowed(const struct console *, const struct command *);
/* One value alone: QT_OK, or why not. */
enum qt_err call_check(struct console *, const struct command *, const struct cli_option *, const char *text,
                       struct problem *) QT_USE_RESULT;

/* ---- the program ---- */

struct console_settings {
	char *server, *socket, *terminal, *token_file, *owner; /* as in qrtill(1) */
	char *lang, *theme, *keys, *blocks, *script, *locale_dir;
	int64_t merchant, script_rows, script_cols;
};
enum qt_err console_settings_load(struct console_settings *, int argc, char **argv, struct problem *) QT_USE_RESULT;
void console_settings_free(struct console_settings *);

/* What the last change can be taken back by. */
struct console_undo {
	const struct command *command; /* NULL: nothing to take back */
	char *path, *body;             /* owned */
};

struct console {
	struct console_settings settings;
	struct console_call base;   /* options of who we are, for client_open */
	struct client client;
	struct tui *tui;
	unsigned role;              /* enum role of the credential; 0: not known yet */
	char who[128];              /* merchant and person, for the title row */
	bool on_line;
	bool signed_in;             /* by this program's own screen */
	struct console_undo undo;
	int64_t changes;            /* counts up with every change made here: lists load again */
	struct pending *pending;    /* changes under way */
	struct api_events events;
};

struct json_t;
/* Called with the answer, or with why there is none. body is borrowed. */
typedef void (*console_done)(void *ctx, enum qt_err, const struct json_t *body, const struct problem *);
/* Ask for something; the number for console_forget. */
int64_t console_get(struct console *, const char *path, console_done, void *ctx);
void console_forget(struct console *, int64_t number);
/* Make a change: once, with a key of its own, asked again with it while the outcome is unknown. */
void console_post(struct console *, const char *path, const char *body, console_done, void *ctx);
/* Remember how the change is taken back; text is copied. */
void console_undo_set(struct console *, const struct command *, const char *path, const char *body);
void console_undo_run(struct console *);
/* A problem as a line for people. */
void console_problem(const struct console *, enum qt_err, const struct problem *, char *out, size_t size);
struct view console_view(const struct console *, const struct json_t *siblings);
/* Connect (again) with the present options; who we are is asked. */
enum qt_err console_connect(struct console *, struct problem *) QT_USE_RESULT;
/* A person signed in: credential, currency and role of the answer to a login. */
void console_set_session(struct console *, const struct json_t *body);
void console_set_role(struct console *, const char *word); /* "manager" */
/* Does somebody have to sign in first? */
bool console_needs_session(const struct console *);
/* The screen that made a change goes: it is not told. */
void console_untell(struct console *, const void *ctx);
void console_disconnect(struct console *);
/* Of the loop: tui_options. */
bool console_wait(void *app, int fd, int timeout_ms);
bool console_busy(void *app);
void console_tick(void *app, int64_t now_ms);
const char *console_status(void *app, enum style *);
void console_set_language(struct console *, const char *language);

/* Do an action of a list on a row (NULL: none chosen): a form, a question, or at once. */
void console_do(struct console *, const struct console_list *, const struct console_action *, const struct json_t *row);

/* ---- screens ---- */

struct console_list_open {
	const struct console_list *list;
	const char *arg;              /* the row it is opened for; NULL: none */
	const char *arg_field;        /* what that is ("order_id"), for lists that take it as an option */
	/* A row is chosen for somebody else, who gets its id; NULL: no. */
	void (*picked)(void *ctx, const struct json_t *row, const char *id);
	void *ctx;
};
void console_list_push(struct console *, const struct console_list_open *);
struct console_record_open {
	const struct console_list *list;
	const struct json_t *row;     /* what is known; held */
	const char *title;            /* N_() in place of the list's; NULL: the list's */
	bool whole;                   /* the row is all there is */
};
void console_record_push(struct console *, const struct console_record_open *);
struct console_form_open {
	const struct console_list *list;
	const struct console_action *action;
	const struct json_t *row;     /* values of before; NULL: a new one */
	/* In place of an action: the fields a list can be narrowed by, for whoever opened it. */
	void (*filter)(void *ctx, const struct console_call *);
	void *ctx;
	const struct console_call *given; /* present filters */
};
struct console_code_open {
	const char *text, *title;     /* copied */
};
extern const struct screen_ops screen_home_ops, screen_form_ops, screen_palette_ops, screen_code_ops,
	screen_menu_ops, screen_sign_in_ops;
extern const struct binding console_keys[]; /* on every screen */
enum action console_command(struct screen *, int command);

#endif
