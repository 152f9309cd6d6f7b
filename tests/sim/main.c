/* main: runs seeds, each in a process of its own that begins where the shop of its variant was made, on several cores.
 *
 *     sim [--seeds N] [--first N] [--jobs N] [--hashes] [--seconds N]    N seeds, or as many as the time allows; stops after
 *                                                           the first that breaks a promise
 *     sim --seed N                                          one, with its trace
 */
#include "shared/err.h"
#include "tests/sim/shop.h"
#include "tests/sim/story.h"
#include "tests/sim/trace.h"

#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct options {
	int64_t first, seeds, seconds; /* seconds 0: however long it takes */
	int jobs;
	bool one, hashes;
} options = { .first = 1, .seeds = 100, .jobs = 1 };

/* What the processes share. */
static struct {
	atomic_llong told, broken_seed;
} *shared;

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

static void silence(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0 || dup2(null, STDERR_FILENO) < 0)
		fatal("no /dev/null");
}

static struct timespec begin;

static double seconds_since_begin(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin.tv_sec) + (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
}

/* true: no promise was broken. */
static bool tell_one(int64_t seed)
{
	int status;

	fflush(stdout);
	pid_t child = fork();
	if (child < 0)
		fatal("no process");
	if (child == 0) {
		story_tell(seed, options.one || options.hashes);
		fflush(stdout);
		_exit(0);
	}
	while (waitpid(child, &status, 0) < 0)
		;
	if (WIFSIGNALED(status))
		printf("seed %lld died of signal %d\n", (long long)seed, WTERMSIG(status));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The seeds of this job and variant, one after the other. */
static void tell_variant(int job, int variant)
{
	char folder[] = "/tmp/qrtill-sim-XXXXXX", server[64];

	if (mkdtemp(folder) == NULL)
		fatal("no folder");
	snprintf(server, sizeof server, "%s/server", folder);
	mkdir(server, 0700);
	if (!options.one)
		silence();
	story_prepare(folder, variant);
	trace_shown = options.one;
	for (int64_t seed = options.first; seed < options.first + options.seeds && atomic_load(&shared->broken_seed) < 0; seed++) {
		if (seed % SHOP_VARIANTS != variant || seed / SHOP_VARIANTS % options.jobs != job)
			continue;
		if (options.seconds > 0 && seconds_since_begin() > (double)options.seconds * (variant + 1) / SHOP_VARIANTS)
			break;
		if (!tell_one(seed)) {
			long long none = -1;
			if (atomic_compare_exchange_strong(&shared->broken_seed, &none, seed))
				printf("seed %lld breaks a promise; again with its trace: make sim SEED=%lld\n", (long long)seed,
				       (long long)seed);
		}
		atomic_fetch_add(&shared->told, 1);
	}
	fflush(stdout);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "seeds", required_argument, NULL, 'n' }, { "first", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },  { "seed", required_argument, NULL, 's' },
		{ "hashes", no_argument, NULL, 'h' },      { "seconds", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;)
		switch (c) {
		case 'n': options.seeds = atoll(optarg); break;
		case 'f': options.first = atoll(optarg); break;
		case 'j': options.jobs = atoi(optarg); break;
		case 'h': options.hashes = true; break;
		case 't': options.seconds = atoll(optarg); break;
		case 's':
			options.one = true;
			options.first = atoll(optarg);
			options.seeds = options.jobs = 1;
			break;
		default: exit(2);
		}
	if (options.jobs < 1 || options.seeds < 1 || options.first < 0)
		fatal("sim: a number is missing");
}

int main(int argc, char **argv)
{
	read_options(argc, argv);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		fatal("no shared memory");
	atomic_store(&shared->broken_seed, -1);
	for (int job = 0; job < options.jobs; job++) {
		if (fork() != 0)
			continue;
		for (int variant = 0; variant < SHOP_VARIANTS; variant++) {
			pid_t child = fork();
			int status;
			if (child == 0) {
				tell_variant(job, variant);
				_exit(0);
			}
			if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
				printf("the shop of variant %d cannot be made\n", variant);
				long long none = -1;
				atomic_compare_exchange_strong(&shared->broken_seed, &none, 0);
			}
		}
		fflush(stdout);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	double seconds = seconds_since_begin();
	printf("%lld seeds in %.1f s: %s\n", (long long)atomic_load(&shared->told), seconds,
	       atomic_load(&shared->broken_seed) < 0 ? "no promise is broken" : "BROKEN");
	printf("# proof: simulation count=%lld found=%d seconds=%.0f\n", (long long)atomic_load(&shared->told),
	       atomic_load(&shared->broken_seed) >= 0, seconds);
	return atomic_load(&shared->broken_seed) < 0 ? 0 : 1;
}
