/* tui: see tui.h. */
#include "shared/tui/tui.h"

#include "shared/clock.h"
#include "shared/text.h"
#include "shared/tr.h"
#include "shared/tui/help.h"
#include "shared/tui/remap.h"
#include "shared/tui/scan.h"
#include "shared/tui/script.h"
#include "shared/tui/term.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWS_MS 25       /* news of the program alone are drawn at most so often; keys at once */
#define SAY_MS 8000      /* a message stays so long, or until the next key; scans leave it */

struct tui {
	struct tui_options options;
	struct screen *top;
	struct screen *closed;    /* out of the stack, freed at the end of the turn: their code may still be running */
	struct scan scan;
	struct script *script;    /* NULL: a person */
	char say[256];            /* message line; empty: none */
	enum style say_style;
	int64_t say_until_ms;     /* monotonic */
	bool dirty, quit;
	bool stale;               /* the program has news: drawn soon, many at a time */
	int64_t drawn_ms;         /* monotonic */
	int exit_status;
	struct remap remap;
};

/* Keys that hold whatever the screen; Esc, too, but no screen gives it up to the configuration. */
static const struct binding always[] = {
	{ "help", 1, TUI_F(1), '?', N_("Help"), N_("this page"), false },
	{ NULL }
};

enum qt_err tui_start(const struct tui_options *o, struct tui **out, struct problem *p)
{
	struct tui *t = xcalloc(1, sizeof *t);
	enum qt_err err;

	*out = NULL;
	t->options = *o;
	t->dirty = true;
	if ((err = remap_parse(&t->remap, o->remap, p)) != QT_OK)
		goto out;
	if (o->screens && o->remap && (err = remap_check(&t->remap, o->screens, o->keys, always, p)) != QT_OK)
		goto out;
	if (o->script && (err = script_open(o->script, &t->script, p)) != QT_OK)
		goto out;
	if ((err = term_start(o->script != NULL, o->script_rows, o->script_cols, p)) != QT_OK)
		goto out;
	if (draw_set_theme(o->theme) != QT_OK) {
		term_stop();
		err = problem_set(p, QT_BAD_CONFIG, "theme", "%s is not dark, light, contrast or mono", o->theme);
		goto out;
	}
	*out = t;
	t = NULL;
out:
	if (t != NULL) {
		remap_free(&t->remap);
		free(t);
	}
	return err;
}

/* Take a screen out of the stack, wherever it is. */
static void take_out(struct tui *t, struct screen *s)
{
	struct screen **at = &t->top;

	while (*at && *at != s)
		at = &(*at)->below;
	if (*at == NULL)
		return;
	*at = s->below;
	if (s->ops->close)
		s->ops->close(s);
	s->closed = true;
	s->next_closed = t->closed;
	t->closed = s;
	t->dirty = true;
}

static void free_closed(struct tui *t)
{
	while (t->closed) {
		struct screen *s = t->closed;
		t->closed = s->next_closed;
		free(s->state);
		free(s);
	}
}

void tui_stop(struct tui *t)
{
	if (t == NULL)
		return;
	while (t->top)
		take_out(t, t->top);
	free_closed(t);
	term_stop();
	script_close(t->script);
	remap_free(&t->remap);
	free(t);
}

void screen_push(struct tui *t, const struct screen_ops *ops, const void *argument)
{
	struct screen *s = xcalloc(1, sizeof *s);

	s->ops = ops;
	s->state = xcalloc(1, ops->state_size);
	s->app = t->options.app;
	s->tui = t;
	s->below = t->top;
	t->top = s;
	t->dirty = true;
	enum qt_err err = ops->open ? ops->open(s, argument) : QT_OK;
	if (err != QT_OK) {
		take_out(t, s);
		tui_say(t, STYLE_BAD, "%s", tr_err(err));
	}
}

void screen_pop_all(struct tui *t)
{
	while (t->top && t->top->below)
		take_out(t, t->top);
}

void screen_close(struct tui *t, const struct screen_ops *ops)
{
	if (!screen_is_open(t, ops))
		return;
	while (t->top->ops != ops)
		take_out(t, t->top);
	take_out(t, t->top);
}

void tui_drop(struct screen *s)
{
	take_out(s->tui, s);
}

struct screen *screen_top(struct tui *t)
{
	return t->top;
}

bool screen_is_open(struct tui *t, const struct screen_ops *ops)
{
	for (const struct screen *s = t->top; s; s = s->below)
		if (s->ops == ops)
			return true;
	return false;
}

void tui_say(struct tui *t, enum style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->say, sizeof t->say, fmt, ap);
	va_end(ap);
	t->say_style = style;
	t->say_until_ms = clock_mono_ms() + SAY_MS;
	t->dirty = true;
}

void tui_dirty(struct tui *t)
{
	t->stale = true;
}

bool tui_is_busy(const struct tui *t)
{
	return t->options.busy && t->options.busy(t->options.app);
}

bool tui_is_script(const struct tui *t)
{
	return t->script != NULL;
}

const struct binding *tui_binding(struct screen *s, int key)
{
	const struct binding *b = remap_find(&s->tui->remap, s->ops->keys, key);
	return b ? b : remap_find(&s->tui->remap, s->tui->options.keys, key);
}

void tui_binding_keys(const struct tui *t, const struct binding *b, int *key, int *key2)
{
	*key = remap_first(&t->remap, b);
	*key2 = remap_second(&t->remap, b);
}

const char *tui_key_of(const struct tui *t, const struct screen_ops *ops, const char *name)
{
	static char names[4][8]; /* a text may name several */
	static int next;

	for (const struct binding *b = ops ? ops->keys : t->options.keys; b && b->name; b++)
		if (strcmp(b->name, name) == 0) {
			next = (next + 1) % 4;
			snprintf(names[next], sizeof names[next], "%s", tui_key_name(remap_first(&t->remap, b)));
			return names[next];
		}
	return "";
}

const struct binding *tui_always(void)
{
	return always;
}

static void act(struct tui *t, struct screen *s, enum action a)
{
	switch (a) {
	case ACTION_NONE:
	case ACTION_PASS:
		break;
	case ACTION_DRAW:
		t->dirty = true;
		break;
	case ACTION_POP:
		take_out(t, s); /* it may have opened another above itself, or be gone already */
		t->dirty = true;
		break;
	case ACTION_QUIT:
		t->quit = true;
		break;
	}
	if (t->top == NULL)
		t->quit = true;
}

void tui_feed_key(struct tui *t, int key)
{
	struct screen *s = t->top;
	const struct binding *b;

	if (s == NULL)
		return;
	t->dirty = true;
	if (key == TUI_RESIZE)
		return;
	t->say[0] = '\0';
	bool typed = key >= ' ' && key <= 0x10ffff && s->ops->typing && s->ops->typing(s);
	if (!typed && (b = remap_find(&t->remap, s->ops->keys, key)) != NULL && s->ops->command) {
		act(t, s, s->ops->command(s, b->command));
		return;
	}
	enum action a = s->ops->key ? s->ops->key(s, key) : ACTION_PASS;
	if (a != ACTION_PASS) {
		act(t, s, a);
		return;
	}
	if (typed)
		return;
	if (remap_find(&t->remap, always, key)) {
		help_push(t, s->ops, t->options.keys);
		return;
	}
	if ((b = remap_find(&t->remap, t->options.keys, key)) != NULL && t->options.command)
		act(t, s, t->options.command(s, b->command));
	else if (key == TUI_ESC && s->below != NULL)
		act(t, s, ACTION_POP);
}

void tui_feed_scan(struct tui *t, const char *text)
{
	struct screen *s = t->top;

	if (s == NULL)
		return;
	t->dirty = true;
	if (s->ops->scan) {
		act(t, s, s->ops->scan(s, text));
		return;
	}
	for (size_t i = 0, n; text[i]; i += n) {
		n = text_utf8_length(text + i, strlen(text + i));
		int c = (unsigned char)text[i];
		if (n > 1) {
			c &= 0xff >> (n + 1);
			for (size_t k = 1; k < n; k++)
				c = c << 6 | (text[i + k] & 0x3f);
		}
		n = n ? n : 1;
		tui_feed_key(t, c);
	}
	tui_feed_key(t, TUI_ENTER);
}

static void on_key(void *ctx, int key)
{
	tui_feed_key(ctx, key);
}

static void on_scan(void *ctx, const char *text)
{
	tui_feed_scan(ctx, text);
}

/* The soft keys: as many as fit, the screen's first. */
static int draw_keys(struct tui *t, const struct binding *b, int y, int x, int cols)
{
	for (; b && b->name; b++) {
		const char *key = tui_key_name(remap_first(&t->remap, b));
		int width = text_columns(key) + 1 + text_columns(tr(b->label));
		if (b->quiet || x + width > cols)
			continue;
		x += draw_text(y, x, -1, STYLE_KEY, key);
		x += draw_text(y, x, -1, STYLE_BAR, " ");
		x += draw_text(y, x, -1, STYLE_BAR, tr(b->label));
		x += 2;
	}
	return x;
}

static bool is_overlay(const struct screen *s, int cols)
{
	return s->ops->overlay && s->below && cols >= s->ops->overlay_from;
}

static void draw_title(struct tui *t, const struct screen *s, int cols)
{
	enum style style = STYLE_BAR;
	const char *status = t->options.status ? t->options.status(t->options.app, &style) : "";

	draw_fill(0, 0, 1, cols, STYLE_BAR);
	while (is_overlay(s, cols))
		s = s->below;
	int used = 0;
	if (t->options.mark) {
		used = draw_textf(0, 0, -1, STYLE_BAD, " %s ", tr(t->options.mark));
		used += draw_text(0, used, -1, STYLE_BAR, " ") - 1;
	}
	used += draw_text(0, used + 1, -1, STYLE_BAR, s->ops->name ? s->ops->name(s) : tr(s->ops->title));
	int room = cols - used - 4;
	int width = text_columns(status);
	if (room > 0)
		draw_right(0, cols - (width < room ? width : room) - 1, width < room ? width : room, style, status);
}

static void draw_screen(struct screen *s, int rows, int cols)
{
	if (is_overlay(s, cols))
		draw_screen(s->below, rows, cols);
	draw_canvas((struct canvas){ 1, 0, rows - 2, cols });
	if (s->ops->draw)
		s->ops->draw(s, rows - 2, cols);
}

static void draw(struct tui *t)
{
	int rows, cols;

	t->dirty = t->stale = false;
	t->drawn_ms = clock_mono_ms();
	if (t->top == NULL)
		return;
	term_clear(&rows, &cols);
	draw_screen(t->top, rows, cols);
	draw_canvas((struct canvas){ 0, 0, rows, cols });
	draw_title(t, t->top, cols);
	draw_fill(rows - 1, 0, 1, cols, STYLE_BAR);
	int x = draw_keys(t, t->top->ops->keys, rows - 1, 1, cols);
	x = draw_keys(t, always, rows - 1, x, cols);
	draw_keys(t, t->options.keys, rows - 1, x, cols);
	if (t->say[0])
		draw_text(rows - 2, 0, cols, t->say_style, t->say);
	term_show();
}

static void tick(struct tui *t)
{
	int64_t now_ms = clock_mono_ms();
	const struct scan_sink sink = { on_key, on_scan, t };

	scan_tick(&t->scan, clock_mono_us(), &sink);
	if (t->options.tick)
		t->options.tick(t->options.app, now_ms);
	if (t->say[0] && now_ms > t->say_until_ms) {
		t->say[0] = '\0';
		t->dirty = true;
	}
	for (struct screen *s = t->top, *below; s; s = below) {
		below = s->below;
		if (s->ops->tick && !s->closed)
			act(t, s, s->ops->tick(s, now_ms));
	}
}

static void read_keys(struct tui *t)
{
	const struct scan_sink sink = { on_key, on_scan, t };
	int key;

	while (!t->quit && (key = term_read_key()) != 0) {
		if (key < 0) { /* the terminal is gone */
			t->quit = true;
			return;
		}
		scan_key(&t->scan, key, clock_mono_us(), &sink);
	}
}

int tui_run(struct tui *t)
{
	int64_t drawn_s = 0;

	while (!t->quit && t->top && !term_ending()) {
		int64_t now_s = clock_now_ms() / 1000;
		if (now_s != drawn_s) { /* the clock in the title */
			t->dirty = true;
			drawn_s = now_s;
		}
		int64_t news_ms = t->drawn_ms + NEWS_MS - clock_mono_ms();
		if (t->dirty || (t->stale && news_ms <= 0))
			draw(t);
		int64_t due_us = scan_due_us(&t->scan, clock_mono_us());
		int wait_ms = due_us >= 0 ? (int)(due_us / 1000 + 1) : 1000;
		if (t->stale && news_ms < wait_ms)
			wait_ms = (int)news_ms;
		if (t->script) {
			if (script_step(t->script, t, &t->exit_status))
				break;
			wait_ms = script_wait_ms(t->script);
		}
		if (t->options.wait)
			t->options.wait(t->options.app, t->script ? -1 : 0, wait_ms);
		if (!t->script)
			read_keys(t);
		tick(t);
		free_closed(t);
	}
	return t->exit_status;
}

char *tui_screen_text(struct tui *t)
{
	draw(t);
	return term_text();
}
