/* Printer: bytes reach a file and a TCP port whole and in order; a printer that is not there is told, not waited for. */
#include "pos/printer.h"
#include "shared/clock.h"
#include "tests/lib/tmp.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static atomic_int woken;

static void wake(void *ctx)
{
	(void)ctx;
	atomic_fetch_add(&woken, 1);
}

/* The next result; fails when none comes within 10 s. */
static enum qt_err result_of(struct printer *pr)
{
	struct problem p;
	for (int i = 0; i < 1000; i++) {
		if (printer_result(pr, &p))
			return p.err;
		poll(NULL, 0, 10);
	}
	fail_msg("no result");
	return QT_INTERNAL;
}

static void send_text(struct printer *pr, const char *text)
{
	assert_int_equal(printer_send(pr, xstrdup(text), strlen(text)), QT_OK);
}

static void test_file(void **state)
{
	char path[256], got[64] = "";
	(void)state;
	snprintf(path, sizeof path, "%s/paper", test_folder());
	struct printer *pr = printer_start(path, wake, NULL);
	atomic_store(&woken, 0);
	send_text(pr, "one\n");
	send_text(pr, "two\n");
	assert_int_equal(result_of(pr), QT_OK);
	assert_int_equal(result_of(pr), QT_OK);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(got, 1, sizeof got - 1, f), 8);
	fclose(f);
	assert_string_equal(got, "one\ntwo\n");
	assert_int_equal(atomic_load(&woken), 2);
	printer_stop(pr);
}

static int listen_here(int *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void test_tcp(void **state)
{
	char where[64], *big = xmalloc(300001), *got = xmalloc(300001);
	size_t len = 0;
	ssize_t n;
	int port, listener = listen_here(&port);
	(void)state;
	assert_int_equal(listen(listener, 4), 0);
	snprintf(where, sizeof where, "tcp:127.0.0.1:%d", port);
	struct printer *pr = printer_start(where, wake, NULL);
	for (int i = 0; i < 300000; i++)
		big[i] = (char)('A' + i % 23);
	big[300000] = '\0';
	send_text(pr, big); /* more than a socket takes at once */
	int fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	while (len < 300000 && (n = read(fd, got + len, 300000 - len)) > 0)
		len += (size_t)n;
	assert_int_equal(len, 300000);
	assert_memory_equal(got, big, len);
	assert_int_equal(result_of(pr), QT_OK);
	close(fd);
	close(listener);
	send_text(pr, "nobody");
	assert_int_equal(result_of(pr), QT_OFFLINE);
	printer_stop(pr);
	free(big);
	free(got);
}

static void test_where_it_cannot_be(void **state)
{
	static const char *const wrong[] = { "tcp:", "tcp:127.0.0.1", "tcp:127.0.0.1:", "/nowhere/at/all" };
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct printer *pr = printer_start(wrong[i], wake, NULL);
		send_text(pr, "x");
		assert_int_equal(result_of(pr), QT_OFFLINE);
		printer_stop(pr);
	}
	printer_stop(NULL);
}

/* A printer that takes the connection and no bytes: the caller is never held up, and too many jobs are refused. */
static void test_a_stuck_printer_holds_nobody_up(void **state)
{
	char where[64];
	int port, listener = listen_here(&port), refused = 0;
	const size_t size = 8 << 20;
	(void)state;
	assert_int_equal(listen(listener, 4), 0);
	snprintf(where, sizeof where, "tcp:127.0.0.1:%d", port);
	struct printer *pr = printer_start(where, wake, NULL);
	for (int i = 0; i < 40; i++) {
		char *bytes = xcalloc(1, i == 0 ? size : 10);
		refused += printer_send(pr, bytes, i == 0 ? size : 10) == QT_BUSY;
	}
	assert_true(refused > 0 && refused < 30);
	int fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	close(fd); /* the printer is switched off: the job fails */
	close(listener);
	assert_int_equal(result_of(pr), QT_OFFLINE);
	printer_stop(pr);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_where_it_cannot_be),
		cmocka_unit_test(test_a_stuck_printer_holds_nobody_up),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
