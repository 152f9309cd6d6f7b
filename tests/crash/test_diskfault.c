/* Disk calls and allocations of a real server fail while it sells: each of the first calls of a sale once, and all of them for good. A sale
 * is refused as a whole or done as a whole; asked again when the disk works, it is there once. With a full disk the
 * server refuses with disk-full, goes on answering reads, and sells again without a restart. */
#include "server/store/db.h"
#include "tests/crash/diskfault.h"
#include "tests/lib/api.h"
#include "tests/lib/sellers.h"
#include "tests/lib/tmp.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS 12 /* of a sale: the first so many fail in turn */
#define PATIENCE_MS 10000
#define ALLOCATIONS 60 /* of a sale: the first so many fail in turn */

static struct test_server server;
static struct bench_shop shop;
static struct diskfault *fault;
static struct client till;
static uint64_t random_state = 88172645463325252u;
static int64_t sold;
static int next_alloc; /* allocation of the next sale that fails; 0: none */
static int deaths, crashes; /* crashes: by another signal than fatal()'s */

static void set_env(char *file, size_t size)
{
	char self[300], shim[400];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	self[n > 0 ? n : 0] = '\0';
	snprintf(shim, sizeof shim, "%s/diskfault_shim.so", dirname(self));
	snprintf(file, size, "%s/fault", test_folder());
	int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (access(shim, R_OK) != 0 || fd < 0 || ftruncate(fd, sizeof *fault) != 0)
		fatal("%s or %s is missing", shim, file);
	fault = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fault == MAP_FAILED)
		fatal("mmap");
	close(fd);
	setenv("QRTILL_FAULT_FILE", file, 1);
	setenv("QRTILL_FAULT_DIR", server.dir, 1);
	setenv("LD_PRELOAD", shim, 1);
}

static void fault_set(int write_errno, int sync_errno, int after, int times)
{
	fault->write_errno = fault->sync_errno = fault->alloc = 0;
	fault->after = after;
	fault->times = times;
	fault->write_errno = write_errno;
	fault->sync_errno = sync_errno;
}

/* One sale while the fault is set, then the same again without it. True: both answers were such as they may be. */
static bool sale_meets(int write_errno, int sync_errno, int after, int times, int *status)
{
	struct buf request = { 0 };
	siginfo_t ended = { 0 };

	bench_shop_sale(&shop, 0, &random_state, &request);
	fault_set(write_errno, sync_errno, after, times);
	fault->alloc = next_alloc;
	bool answered = client_try(&till, &request);
	*status = answered ? till.status : 0;
	fault_set(0, 0, 0, 0);
	/* Without an answer it may be about to end; a clean death is allowed. */
	for (int i = 0; !answered && i < 100; i++, usleep(2000))
		if (waitid(P_PID, (id_t)server.pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == server.pid) {
			deaths++;
			crashes += ended.si_code != CLD_EXITED && ended.si_status != SIGABRT;
			server_kill(&server);
			server_again(&server);
			break;
		}
	bool good = !answered || till.status / 100 == 2 || till.status == 500 || till.status == 503 || till.status == 507;
	good = client_send(&till, &request, PATIENCE_MS) && till.status / 100 == 2 && good;
	sold += good;
	buf_free(&request);
	return good;
}

static void try_each_once(const char *name, int write_errno, int sync_errno)
{
	int hits = fault->hits, status, good = 0;

	for (int i = 0; i < CALLS; i++)
		good += sale_meets(write_errno, sync_errno, i, 1, &status);
	api_ok(good == CALLS && fault->hits > hits, "%s: each of %d calls fails once", name, CALLS);
}

static void try_for_good(const char *name, int write_errno, int sync_errno, int expected)
{
	int status;
	bool good = sale_meets(write_errno, sync_errno, 0, -1, &status);
	api_ok(good && status == expected, "%s for good: refused with %d, and sold when the disk works", name, status);
}

static void try_allocations(void)
{
	int status, good = 0;

	for (int i = 1; i <= ALLOCATIONS; i++) {
		next_alloc = i;
		good += sale_meets(0, 0, 0, 0, &status);
	}
	next_alloc = 0;
	api_ok(good == ALLOCATIONS && fault->alloc_hits > 0 && crashes == 0,
	       "each of %d allocations fails once: %d failed, %d clean deaths, %d crashes", ALLOCATIONS,
	       (int)fault->alloc_hits, deaths, crashes);
}

static void try_reads_while_full(void)
{
	struct buf request = { 0 };

	fault_set(ENOSPC, 0, 0, -1);
	buf_addf(&request, "GET /v1/items?limit=5 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
	         shop.sessions[0]);
	api_ok(client_try(&till, &request) && till.status == 200, "a full disk does not stop reads");
	fault_set(0, 0, 0, 0);
	buf_free(&request);
}

int main(void)
{
	struct bench_shop_size size = { .tills = 1, .items = 50, .cards = 10, .customers = 20, .shares = 4 };
	struct audit_report r = { 0 };
	char file[300];

	snprintf(server.dir, sizeof server.dir, "%s/disk", test_folder());
	char folder[sizeof server.dir];
	memcpy(folder, server.dir, sizeof folder);
	set_env(file, sizeof file);
	setenv("QRTILL_FAULT_DIR", folder, 1);
	server_start(&server, "disk", NULL);
	bench_shop_make(&shop, &size, server.socket, server.till_port, server.phone_port);
	client_open(&till, server.till_port);
	try_each_once("a write, EIO", EIO, 0);
	try_each_once("a write, ENOSPC", ENOSPC, 0);
	try_each_once("a sync, EIO", 0, EIO);
	try_for_good("writes, ENOSPC", ENOSPC, 0, 507);
	try_for_good("writes, EIO", EIO, 0, 500);
	try_for_good("syncs, EIO", 0, EIO, 500);
	try_reads_while_full();
	api_ok(deaths == 0, "without a restart");
	try_allocations();
	api_ok(server_stop(&server), "the server stops cleanly");
	api_ok(audit_problems(&server, &r) == 0, "the books are clean: %d failed calls", (int)fault->hits);
	struct db *db;
	int64_t orders = 0;
	snprintf(file, sizeof file, "%s/qrtill.db", server.dir);
	SQL(count, "SELECT COUNT(*) FROM orders");
	if (db_open(file, DB_READ, &db, NULL) != QT_OK || db_one(db, &count, "", "i", &orders) != QT_OK)
		fatal("the database cannot be read");
	db_close(db);
	api_ok(orders == sold && sold == 3 * CALLS + 3 + ALLOCATIONS, "each sale is there once");
	audit_free(&r);
	client_close(&till);
	bench_shop_free(&shop);
	return api_end();
}
