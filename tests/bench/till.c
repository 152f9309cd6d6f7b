/* till: see till.h. Works on a till's file with 100,000 items; no server is needed: a cash sale does without one. */
#include "tests/bench/till.h"

#include "pos/till_items.h"
#include "shared/buf.h"
#include "shared/clock.h"
#include "shared/jread.h"
#include "shared/tui/qr_view.h"
#include "shared/tui/term.h"
#include "tests/bench/figures.h"
#include "tests/bench/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ITEMS 100000
#define PAGE 1000
#define NOWHERE "http://127.0.0.1:1" /* nothing listens there: refused at once */

static int64_t barcode_of(int item)
{
	return INT64_C(2900000000000) + (int64_t)item * 7919 % 100000000;
}

static void must(enum qt_err err, const char *what)
{
	if (err != QT_OK)
		fatal("bench: %s: %s", what, err_info(err)->en);
}

/* A page as GET /v1/catalogue gives it, applied as the till does. */
static void add_page(struct tdb *s, int first)
{
	struct buf b = { 0 };
	struct json j;
	bool more;

	json_start(&j, &b);
	json_object(&j, NULL);
	json_array(&j, "taxes");
	json_object(&j, NULL);
	json_int(&j, "tax_id", 1);
	json_text(&j, "name", "general");
	json_int(&j, "rate_bp", 825);
	json_end(&j);
	json_end(&j);
	json_array(&j, "items");
	for (int i = first; i < first + PAGE; i++) {
		char text[48];
		json_object(&j, NULL);
		json_int(&j, "item_id", i + 1);
		json_int(&j, "version", i + 1);
		snprintf(text, sizeof text, "SKU%d", i);
		json_text(&j, "sku", text);
		snprintf(text, sizeof text, "Item number %d", i);
		json_text(&j, "name", text);
		json_int(&j, "price_cents", 100 + i % 900);
		json_int(&j, "tax_id", 1);
		json_array(&j, "barcodes");
		snprintf(text, sizeof text, "%" PRId64, barcode_of(i));
		json_text(&j, NULL, text);
		json_end(&j);
		json_end(&j);
	}
	json_end(&j);
	json_int(&j, "version", first + PAGE);
	json_end(&j);
	struct json_t *page = jparse(b.data, b.len);
	must(till_items_apply(s, page, &more), "a page of the catalogue");
	jfree(page);
	buf_free(&b);
}

/* A till that is enrolled and where somebody is signed in. */
static void make_till(const char *folder)
{
	struct problem p = { 0 };
	struct tdb *s;
	char path[512];

	must(tdb_open(folder, &s, &p), p.detail);
	must(setting_put(s, "shop_json", "{\"terminal_id\":1,\"name\":\"Till 1\","
	                 "\"merchant\":{\"name\":\"Bench\",\"currency\":\"USD\"},"
	                 "\"store\":{\"name\":\"Bench\"}}"), "settings");
	must(setting_put(s, "server", NOWHERE), "settings");
	must(setting_put(s, "session", "S-1-bench"), "settings");
	for (int i = 0; i < ITEMS; i += PAGE)
		add_page(s, i);
	tdb_close(s);
	snprintf(path, sizeof path, "%s/terminal.key", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, "T-1-bench\n", 10) != 10 || close(fd) != 0)
		fatal("bench: %s: %s", path, strerror(errno));
}

static void measure_lookup(const char *folder)
{
	struct problem p = { 0 };
	struct tdb *s;
	struct till_item it;
	char code[24];

	must(tdb_open(folder, &s, &p), p.detail);
	for (int round = 0; round < 5; round++) {
		int64_t us = clock_mono_us();
		for (int i = 0; i < 2000; i++) {
			snprintf(code, sizeof code, "%" PRId64, barcode_of((i * 49999 + round * 17) % ITEMS));
			must(till_item_find(s, code, &it), "an item that is there");
		}
		figure_add("lookup_us_100k", (double)(clock_mono_us() - us) / 2000);
	}
	tdb_close(s);
}

/* From the text of a code to the terminal's cells, as the pay screen does it. */
static void measure_qr(void)
{
	static const char code[] = "HTTPS://PAY.EXAMPLE.COM/Q/440G7WG40D402TR121ZTSN2W4VYB4QQ4";
	int rows, cols;
	struct qr q;

	setlocale(LC_ALL, "C.UTF-8");
	must(term_start(true, 24, 80, NULL), "a screen");
	must(draw_set_theme("dark"), "a theme");
	draw_canvas((struct canvas){ 1, 0, 22, 80 });
	for (int i = 0; i < 50; i++) {
		int64_t us = clock_mono_us();
		term_clear(&rows, &cols);
		must(qr_view_make(code, 22, 44, &q), "a code");
		qr_view_draw(&q, 0, 36, 22, 44);
		qr_free(&q);
		term_show();
		figure_add("qr_draw_ms", (double)(clock_mono_us() - us) / 1000);
	}
	term_stop();
}

/* A till in a pseudo-terminal, and what it wrote since the last wait. */
struct pty {
	pid_t pid;
	int fd;
	char seen[1 << 16];
	size_t len;
};

static void pty_start(struct pty *t, const char *bin, const char *folder)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 };

	t->len = 0;
	t->pid = forkpty(&t->fd, NULL, NULL, &size);
	if (t->pid < 0)
		fatal("bench: no pseudo-terminal: %s", strerror(errno));
	if (t->pid == 0) {
		char program[512];
		snprintf(program, sizeof program, "%s/qrtill-pos", bin);
		setenv("TERM", "xterm-256color", 1);
		setenv("LC_ALL", "C.UTF-8", 1);
		execl(program, "qrtill-pos", "--data-dir", folder, "--lang", "en", "--ask-float=false", (char *)NULL);
		_exit(127);
	}
}

/* Until it wrote this. */
static void pty_wait(struct pty *t, const char *text)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };

	while (memmem(t->seen, t->len, text, strlen(text)) == NULL) {
		ssize_t n = t->len < sizeof t->seen && poll(&p, 1, 5000) == 1 ?
		            read(t->fd, t->seen + t->len, sizeof t->seen - t->len) : 0;
		if (n <= 0)
			fatal("bench: the till did not show \"%s\"", text);
		t->len += (size_t)n;
	}
	t->len = 0;
}

static void pty_type(struct pty *t, const char *keys)
{
	if (write(t->fd, keys, strlen(keys)) != (ssize_t)strlen(keys))
		fatal("bench: the till takes no keys");
}

static void pty_end(struct pty *t)
{
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	close(t->fd);
}

/* Milliseconds until its sale screen is there. */
static double start_once(const char *bin, const char *folder)
{
	static struct pty t;
	int64_t us = clock_mono_us();

	pty_start(&t, bin, folder);
	pty_wait(&t, "TOTAL");
	double ms = (double)(clock_mono_us() - us) / 1000;
	pty_end(&t);
	return ms;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

#define SALES 25
#define SCANS 8 /* of a sale: they fit the screen, so that each draws its name whole */

/* From the scanner's end key to the drawn line, at the 99th percentile; and the memory of the till then. */
static void measure_scans(const char *bin, const char *folder)
{
	static struct pty t;
	static double ms[SALES * SCANS];
	char text[32];

	pty_start(&t, bin, folder);
	pty_wait(&t, "TOTAL");
	for (int i = 0; i < SALES * SCANS; i++) {
		int item = 10000 + i * 433;
		snprintf(text, sizeof text, "%" PRId64 "\r", barcode_of(item));
		int64_t us = clock_mono_us();
		pty_type(&t, text);
		snprintf(text, sizeof text, "%d", item);
		pty_wait(&t, text);
		ms[i] = (double)(clock_mono_us() - us) / 1000;
		if (i % SCANS == SCANS - 1) { /* Ctrl-X takes all lines out */
			pty_type(&t, "\x18");
			pty_wait(&t, "Take all");
			pty_type(&t, "y");
			pty_wait(&t, "Scan an");
		}
	}
	figure_add("till_rss_mb", (double)process_rss_bytes(t.pid) / (1024.0 * 1024.0));
	pty_end(&t);
	qsort(ms, SALES * SCANS, sizeof *ms, by_size);
	figure_add("sale_ms_100k", ms[SALES * SCANS * 99 / 100]);
}

/* The list that follows what is typed, letter by letter: the slowest letter; and the first look after the catalogue
 * changed, with nothing typed yet. */
static void measure_search(const char *folder)
{
	static const char *const typed[] = { "number 99998", "sku4711", "item 123", "zebra" };
	static struct till_item found[100];
	struct problem p = { 0 };
	double most = 0;
	struct tdb *s;

	must(tdb_open(folder, &s, &p), p.detail);
	int64_t opened_us = clock_mono_us();
	till_item_search(s, "", found, 100);
	figure_add("search_open_ms_100k", (double)(clock_mono_us() - opened_us) / 1000);
	for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
		for (size_t len = 1; len <= strlen(typed[i]); len++) {
			char text[32];
			snprintf(text, sizeof text, "%.*s", (int)len, typed[i]);
			int64_t us = clock_mono_us();
			till_item_search(s, text, found, 100);
			double ms = (double)(clock_mono_us() - us) / 1000;
			most = ms > most ? ms : most;
		}
	figure_add("search_ms_100k", most);
	tdb_close(s);
}

/* Follow a script, in which a line "key NAME" is a key a person presses; how many. `training`: the code that is shown pays
 * itself there. */
static int count_keys(const char *bin, const char *folder, bool training, const char *text)
{
	char script[512], program[512];
	int status = -1, keys = 0;

	snprintf(script, sizeof script, "%s/script", folder);
	FILE *f = fopen(script, "w");
	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		fatal("bench: %s: %s", script, strerror(errno));
	for (const char *at = text; (at = strstr(at, "key ")) != NULL; at++)
		keys++;
	snprintf(program, sizeof program, "%s/qrtill-pos", bin);
	pid_t pid = fork();
	if (pid == 0) {
		execl(program, "qrtill-pos", "--data-dir", folder, "--lang", "en", "--ask-float=false", "--script", script,
		      training ? "--training" : (char *)NULL, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		fatal("bench: the till did not follow the script");
	return keys;
}

/* Each from the last scan to the empty sale after it. */
static void measure_keys(const char *bin, const char *folder)
{
	char text[1024], scans[128];

	snprintf(scans, sizeof scans, "scan %" PRId64 "\nscan %" PRId64 "\nscan %" PRId64 "\nwait Item number 3\n",
	         barcode_of(1), barcode_of(2), barcode_of(3));
	snprintf(text, sizeof text, "%skey F9\nwait DUE\nkey =\nwait CASH, OFF LINE\nkey Enter\nwait Scan an item\n", scans);
	figure_add("sale_keys", count_keys(bin, folder, false, text));
	snprintf(text, sizeof text, "wait Scan an item\n%skey F9\nwait DUE\nkey 1\nkey 0\nkey 0\nkey Enter\nwait STILL DUE\n"
	         "key F12\nwait Scan to pay\nwait PAID\nkey Enter\nwait Scan an item\n", scans);
	figure_add("split_keys", count_keys(bin, folder, true, text));
	/* The sale is rung up first: its keys are not those of its refund. */
	snprintf(text, sizeof text, "wait Scan an item\n%stype \x02\nwait DUE\ntype =\nwait PAID\nscan %" PRId64
	         "\nwait Item number 1\ntype -\nwait Scan an item\nkey F7\nwait choose one\nkey Enter\nwait GIVE BACK\nkey F7\n"
	         "wait goods returned\nkey 1\nkey Enter\nwait goods returned)\nkey y\nwait REFUNDED\n", scans, barcode_of(1));
	figure_add("refund_repeat_keys", count_keys(bin, folder, true, text));
}

void bench_till(const char *bin, const char *folder, int rounds)
{
	char data[400];

	snprintf(data, sizeof data, "%s/till", folder);
	make_till(data);
	measure_lookup(data);
	measure_qr();
	for (int i = 0; i < rounds; i++)
		figure_add("till_start_ms", start_once(bin, data));
	for (int i = 0; i < rounds; i++)
		measure_scans(bin, data);
	for (int i = 0; i < rounds; i++)
		measure_search(data);
	measure_keys(bin, data);
}
