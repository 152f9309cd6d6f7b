/* import: see import.h. */
#include "tests/bench/import.h"

#include "shared/clock.h"
#include "shared/err.h"
#include "tests/bench/figures.h"
#include "tests/lib/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROWS 100000
#define ARGS_MAX 24

static void write_rows(const char *path)
{
	static const char *const words[] = { "green", "red", "large", "small", "fresh", "roast", "milk", "tea", "bread", "soap" };
	static const char *const zh[] = { "绿茶", "红茶", "咖啡", "面包", "牛奶", "肥皂", "面条", "大米" };
	FILE *f = fopen(path, "w");

	if (f == NULL)
		fatal("bench: %s: %s", path, strerror(errno));
	fprintf(f, "sku,barcode,name,name_zh,price,tax\n");
	for (int i = 0; i < ROWS; i++)
		fprintf(f, "SKU-%06d,2%011d0,%s %s %d g,%s%s,%d.%02d,general\n", i, i, words[i % 10], words[i / 10 % 10], i % 97,
		        zh[i % 8], zh[i / 8 % 8], i % 99 + 1, i % 100);
	if (fclose(f) != 0)
		fatal("bench: %s: %s", path, strerror(errno));
}

/* qrtill with these words, against the operator's socket; must succeed. */
static void run(const char *bin, const struct test_server *server, const char *const *words)
{
	char program[512];
	char *argv[ARGS_MAX] = { program };
	int n = 1, status;

	snprintf(program, sizeof program, "%s/qrtill", bin);
	for (; *words && n < ARGS_MAX - 1; words++)
		argv[n++] = (char *)(uintptr_t)*words;
	pid_t pid = fork();
	if (pid == 0) {
		setenv("QRTILL_SOCKET", server->socket, 1);
		setenv("QRTILL_MERCHANT", "1", 1);
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(126);
		execv(program, argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		fatal("bench: qrtill %s %s did not succeed", argv[1], argv[2]);
}

void bench_import(const char *bin, const char *folder, int rounds)
{
	static const char *const merchant[] = { "merchant", "new", "Shop", "--currency", "USD", "--country", "US", "--city", "P",
		"--mcc", "5411", "--fee", "1", "--tax-inclusive", "no", NULL };
	static const char *const tax[] = { "tax", "new", "general", "--rate", "5.5", NULL };
	char path[512], name[32];

	snprintf(path, sizeof path, "%s/items.csv", folder);
	write_rows(path);
	const char *const import[] = { "item", "import", path, NULL };
	for (int i = 0; i < rounds; i++) {
		struct test_server server;
		snprintf(name, sizeof name, "import-%d", i);
		server_start(&server, name, NULL);
		run(bin, &server, merchant);
		run(bin, &server, tax);
		int64_t start = clock_mono_us();
		run(bin, &server, import);
		figure_add("import_rows_per_s", ROWS * 1e6 / (double)(clock_mono_us() - start));
		server_stop(&server);
	}
}
