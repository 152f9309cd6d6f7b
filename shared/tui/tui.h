/* tui: the terminal, the stack of screens, and the loop. A screen is a struct of operations and a table of key
 * bindings; the table yields dispatch, the soft-key row and the help page. Draw only reads; everything else says what to
 * do by its return value. Knows nothing of tills.
 *
 * The loop never blocks but in one place, the `wait` function of the program, which waits for keys and network
 * together. Scans (scan.h) reach the top screen whatever has the focus. */
#ifndef QT_TUI_H
#define QT_TUI_H

#include "shared/tui/draw.h"

#include <stdbool.h>
#include <stdint.h>

/* Keys: a Unicode character, or one of these. Control characters are their code (Ctrl-P is 0x10). */
#define KEY_CODE(n) (0x200000 + (n))
enum tui_key {
	TUI_ENTER = '\r', TUI_ESC = 0x1b, TUI_TAB = '\t', TUI_BACKSPACE = 0x7f,
	TUI_UP = KEY_CODE(1), TUI_DOWN, TUI_LEFT, TUI_RIGHT, TUI_HOME, TUI_END, TUI_PAGE_UP, TUI_PAGE_DOWN,
	TUI_DELETE, TUI_INSERT, TUI_BACKTAB, TUI_RESIZE,
	TUI_F0 = KEY_CODE(64) /* F1 is TUI_F0 + 1 */
};
#define TUI_F(n) (TUI_F0 + (n))
#define TUI_CTRL(c) ((c) & 0x1f)

struct tui;
struct screen;

enum action {
	ACTION_NONE,  /* nothing changed */
	ACTION_DRAW,  /* draw again */
	ACTION_POP,   /* close this screen; also what was asked for with screen_push, on top of the one below */
	ACTION_PASS,  /* the key is not mine: try the bindings of the program */
	ACTION_QUIT   /* end the program */
};

/* One command of a screen. `command` is the screen's own number (> 0), given to ops->command. */
struct binding {
	const char *name;   /* for remapping: "pay"; NULL ends the table */
	int command;
	int key, key2;      /* key2 0: none */
	const char *label;  /* soft-key row, short, N_() */
	const char *help;   /* help page, one line, N_() */
	bool quiet;         /* not in the soft-key row */
	bool anywhere;      /* of the program: while a question is open, too */
};

/* Keys a screen takes without a binding, for the help page. */
struct key_help {
	const char *keys;   /* "+  -", or N_(): "digits"; NULL ends the table */
	const char *help;   /* N_() */
};

struct screen_ops {
	const char *title;               /* N_() */
	const char *(*name)(const struct screen *); /* in place of the title, translated; NULL: none */
	size_t state_size;               /* of the screen's own struct, zeroed before open */
	const struct binding *keys;      /* NULL: none */
	const struct key_help *more;     /* other keys of it; NULL: none */
	bool overlay;                    /* the screen below shows around it */
	int overlay_from;                /* only in windows of so many columns; 0: in all */
	/* Every operation but draw may be NULL. */
	enum qt_err (*open)(struct screen *, const void *argument); /* an error: the screen is not shown */
	void (*draw)(struct screen *, int rows, int cols); /* into the canvas below the title and above the soft keys */
	enum action (*command)(struct screen *, int command);
	enum action (*key)(struct screen *, int key);      /* keys no binding has */
	enum action (*scan)(struct screen *, const char *text); /* NULL: the text is typed in as keys, then Enter */
	enum action (*tick)(struct screen *, int64_t now_ms); /* monotonic; at least once a second */
	void (*close)(struct screen *);
	/* Is a line being typed just now? Then characters are no commands. NULL: never. */
	bool (*typing)(const struct screen *);
};

struct screen {
	const struct screen_ops *ops;
	void *state;          /* ops->state_size bytes, freed with the screen */
	void *app;            /* the program's own */
	struct tui *tui;
	struct screen *below; /* NULL: the first */
	bool closed;          /* out of the stack; the framework's, as is next_closed */
	struct screen *next_closed;
};

struct tui_options {
	void *app;
	const struct binding *keys;         /* of the program, for all screens; may be NULL */
	enum action (*command)(struct screen *top, int command);
	const char *mark;                   /* before every screen's title, N_(); NULL: none */
	const struct screen_ops *const *screens; /* that remap is checked against, NULL at the end; NULL: not checked */
	/* The title row's right part, "Main St  #3  on line  14:05"; NULL: none. The style of its middle. */
	const char *(*status)(void *app, enum style *);
	/* Wait for `fd` (-1: none) or the network; true when fd can be read. */
	bool (*wait)(void *app, int fd, int timeout_ms);
	bool (*busy)(void *app);            /* is an answer awaited? for scripts; NULL: never */
	/* After every turn of the loop, before the screens' tick. */
	void (*tick)(void *app, int64_t now_ms);
	const char *theme;                  /* draw_set_theme */
	const char *remap;                  /* remap.h: keys in place of the bindings'; NULL: none */
	const char *script;                 /* replay file (script.h); NULL: a person at the terminal */
	int script_rows, script_cols;       /* size of the screen a script sees */
};

/* Start the terminal. QT_BAD_CONFIG: unknown theme, remap or terminal. On success the terminal is restored by
 * tui_stop, by fatal, and by any signal that ends the program. */
enum qt_err tui_start(const struct tui_options *, struct tui **, struct problem *) QT_USE_RESULT;
/* Run until the last screen closes or ACTION_QUIT. Returns the exit status: 0, or 1 when a script's wait failed. */
int tui_run(struct tui *);
void tui_stop(struct tui *);

/* Open a screen above the top one. The argument is only read during open. */
void screen_push(struct tui *, const struct screen_ops *, const void *argument);
/* Close every screen but the first. */
void screen_pop_all(struct tui *);
/* Close the topmost screen of this kind and all above it; nothing when there is none. */
void screen_close(struct tui *, const struct screen_ops *);
/* Close this screen, wherever it is; from a callback of its own. */
void tui_drop(struct screen *);
struct screen *screen_top(struct tui *);
bool screen_is_open(struct tui *, const struct screen_ops *);

/* A line above the soft keys, until the next key or for 8 s; scans leave it, so that a bad one is not missed. */
void tui_say(struct tui *, enum style, const char *fmt, ...) QT_PRINTF(3, 4);
void tui_dirty(struct tui *); /* there are news: draw within a moment; keys draw at once */
bool tui_is_script(const struct tui *);
bool tui_is_busy(const struct tui *);
/* The binding that has this key among the screen's and the program's; NULL: none. */
const struct binding *tui_binding(struct screen *, int key);
/* Its keys as they are configured, 0 where there is none. */
void tui_binding_keys(const struct tui *, const struct binding *, int *key, int *key2);
/* The name of the first key of the command `name` of this kind of screen (NULL: of the program); valid for three further
 * calls. For texts that name a key. */
const char *tui_key_of(const struct tui *, const struct screen_ops *, const char *name);
const struct binding *tui_always(void); /* keys of every screen of every program */
/* "F12", "C-p", "Enter", "a"; result static. And back; 0 when it is no key. */
const char *tui_key_name(int key);
int tui_key_by_name(const char *);

/* What scripts use: give a key or a scan as if it came from the terminal. */
void tui_feed_key(struct tui *, int key);
void tui_feed_scan(struct tui *, const char *text);
/* Text of the screen as it is shown now, rows ended with newlines, trailing spaces cut; caller frees. */
char *tui_screen_text(struct tui *);

#endif
