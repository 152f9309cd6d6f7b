/* term: see term.h. */
#include "shared/tui/term.h"

#include "shared/buf.h"
#include "shared/clock.h"
#include "shared/tui/tui.h"

#include <ncurses.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

static SCREEN *terminal;
static struct termios before; /* what the terminal was like */
static bool have_before, is_headless;
static volatile sig_atomic_t ending;

/* Async-signal-safe: leave the alternate screen, show the cursor, default colours, old line discipline. */
static void restore_now(void)
{
	static const char leave[] = "\033[0m\033[?1l\033>\033[?25h\033[?1049l\r\n";

	if (!have_before || is_headless)
		return;
	if (write(STDOUT_FILENO, leave, sizeof leave - 1) < 0)
		return;
	tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

static void on_crash(int number)
{
	restore_now();
	signal(number, SIG_DFL);
	raise(number);
}

static void on_end(int number)
{
	ending = number;
}

static void on_fatal(void)
{
	restore_now();
}

bool term_ending(void)
{
	return ending != 0;
}

static void catch_signals(void)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	struct sigaction sa = { 0 };

	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_crash;
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		sigaction(crashes[i], &sa, NULL);
	sa.sa_handler = on_end; /* no SA_RESTART: the wait must return */
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		sigaction(ends[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	fatal_set_hook(on_fatal);
}

enum qt_err term_start(bool headless, int rows, int cols, struct problem *p)
{
	is_headless = headless;
	if (headless) {
		char text[16];
		FILE *out = fopen("/dev/null", "w"), *in = fopen("/dev/null", "r");
		snprintf(text, sizeof text, "%d", rows);
		setenv("LINES", text, 1);
		snprintf(text, sizeof text, "%d", cols);
		setenv("COLUMNS", text, 1);
		terminal = out && in ? newterm("xterm-256color", out, in) : NULL;
	} else {
		if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
			return problem_set(p, QT_BAD_CONFIG, "terminal", "standard input and output must be a terminal");
		have_before = tcgetattr(STDIN_FILENO, &before) == 0;
		terminal = newterm(NULL, stdout, stdin);
	}
	if (terminal == NULL)
		return problem_set(p, QT_BAD_CONFIG, "TERM", "the terminal type %s is not known here",
		                   getenv("TERM") ? getenv("TERM") : "");
	set_escdelay(25);
	raw();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	if (has_colors()) {
		start_color();
		use_default_colors();
	}
	catch_signals();
	return QT_OK;
}

void term_stop(void)
{
	if (terminal == NULL)
		return;
	endwin();
	delscreen(terminal);
	terminal = NULL;
	have_before = false;
	fatal_set_hook(NULL);
}

static const struct { int curses, key; } special[] = {
	{ KEY_UP, TUI_UP }, { KEY_DOWN, TUI_DOWN }, { KEY_LEFT, TUI_LEFT }, { KEY_RIGHT, TUI_RIGHT },
	{ KEY_HOME, TUI_HOME }, { KEY_END, TUI_END }, { KEY_PPAGE, TUI_PAGE_UP }, { KEY_NPAGE, TUI_PAGE_DOWN },
	{ KEY_DC, TUI_DELETE }, { KEY_IC, TUI_INSERT }, { KEY_BTAB, TUI_BACKTAB }, { KEY_RESIZE, TUI_RESIZE },
	{ KEY_BACKSPACE, TUI_BACKSPACE }, { KEY_ENTER, TUI_ENTER }, { KEY_A1, TUI_HOME }, { KEY_C1, TUI_END },
};

int term_read_key(void)
{
	wint_t c;
	int what = get_wch(&c);

	if (what == ERR) {
		struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
		/* Readable without anything to read: the other side hung up. */
		return poll(&fd, 1, 0) == 1 && (fd.revents & (POLLHUP | POLLERR | POLLNVAL)) ? -1 : 0;
	}
	if (what == KEY_CODE_YES) {
		if (c > KEY_F(0) && c <= KEY_F(24))
			return TUI_F((int)c - KEY_F(0));
		for (size_t i = 0; i < sizeof special / sizeof *special; i++)
			if (special[i].curses == (int)c) {
				if (c == KEY_RESIZE)
					clearok(stdscr, TRUE); /* what the terminal made of the old cells is its own affair */
				return special[i].key;
			}
		return term_read_key(); /* a key nobody here knows */
	}
	if (c == '\n')
		return TUI_ENTER;
	if (c == '\b')
		return TUI_BACKSPACE;
	return c == 0 ? term_read_key() : (int)c;
}

void term_clear(int *rows, int *cols)
{
	erase();
	*rows = LINES;
	*cols = COLS;
}

void term_show(void)
{
	refresh();
}

char *term_text(void)
{
	struct buf out = { 0 };
	cchar_t *line = xcalloc((size_t)COLS + 1, sizeof *line);

	for (int y = 0; y < LINES; y++) {
		size_t end = out.len;
		memset(line, 0, (size_t)(COLS + 1) * sizeof *line);
		mvin_wchnstr(y, 0, line, COLS); /* a wide character is one element */
		for (int x = 0; x < COLS; x++) {
			wchar_t text[CCHARW_MAX + 1] = { 0 };
			char utf8[MB_LEN_MAX * (CCHARW_MAX + 1)];
			attr_t attributes;
			short pair;
			getcchar(&line[x], text, &attributes, &pair, NULL);
			if (text[0] == 0)
				break;
			size_t len = wcstombs(utf8, text, sizeof utf8);
			if (len != (size_t)-1)
				buf_add(&out, utf8, len);
			if (text[0] != L' ')
				end = out.len;
		}
		out.len = end;
		buf_addc(&out, '\n');
	}
	free(line);
	return buf_take(&out);
}

int term_ask_ambiguous_width(void)
{
	static const char ask[] = "\r\xe2\x96\x80\033[6n"; /* upper half block, then: where is the cursor? */
	struct termios old, raw_mode;
	char answer[32];
	size_t len = 0;
	int column = 2, row;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &old) != 0)
		return 1;
	raw_mode = old;
	raw_mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw_mode);
	if (write(STDOUT_FILENO, ask, sizeof ask - 1) == (ssize_t)sizeof ask - 1) {
		struct pollfd fd = { .fd = STDIN_FILENO, .events = POLLIN };
		while (len < sizeof answer - 1 && poll(&fd, 1, 200) == 1 && read(STDIN_FILENO, answer + len, 1) == 1)
			if (answer[len++] == 'R')
				break;
		answer[len] = '\0';
		char *at = strchr(answer, '\033');
		if (at == NULL || sscanf(at, "\033[%d;%dR", &row, &column) != 2)
			column = 2;
	}
	if (write(STDOUT_FILENO, "\r\033[K", 4) < 0)
		column = 2;
	tcsetattr(STDIN_FILENO, TCSANOW, &old);
	return column >= 3 ? 2 : 1;
}
