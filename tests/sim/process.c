/* process: see process.h. */
#include "tests/sim/process.h"

#include "shared/err.h"
#include "tests/sim/marks.h"
#include "tests/sim/trace.h"

#include <assert.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum process process_now;
int process_life[PROCESS_COUNT];
const char *const process_names[PROCESS_COUNT] = { "-", "server", "till 0", "till 1" };

/* Static variables of a program: where they are, and how they are at its start. */
static struct image {
	char *data, *bss;
	size_t data_size, bss_size;
	char *pages;       /* the whole pages within bss */
	size_t pages_size;
	char *fresh;       /* data, then bss */
	enum process in;   /* whose they are now */
} server_image, till_image;

/* Those of the tills that do not run. */
static struct parked {
	char *rest;        /* data, then what of bss is no whole page: copied */
	char *pages;       /* moved, which takes no longer for many than for few */
} parked[PROCESS_COUNT];
static sigjmp_buf death;

static void image_open(struct image *i, char *data, const char *data_end, char *bss, const char *bss_end)
{
	assert(data < data_end && bss < bss_end); /* else the linker does not keep the order of its arguments */
	i->data = data;
	i->data_size = (size_t)(data_end - data);
	i->bss = bss;
	i->bss_size = (size_t)(bss_end - bss);
	i->fresh = xmalloc(i->data_size + i->bss_size);
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (page - (uintptr_t)bss % page) % page;
	i->pages = bss + before;
	i->pages_size = i->bss_size > before ? (i->bss_size - before) / page * page : 0;
}

static void image_save(const struct image *i, char *to)
{
	memcpy(to, i->data, i->data_size);
	memcpy(to + i->data_size, i->bss, i->bss_size);
}

static void image_load(const struct image *i, const char *from)
{
	memcpy(i->data, from, i->data_size);
	memcpy(i->bss, from + i->data_size, i->bss_size);
}

/* Copy what lies around the whole pages: to `rest`, or back from it. */
static void copy_rest(const struct image *i, char *rest, bool back)
{
	const struct { char *at; size_t size; } parts[] = {
		{ i->data, i->data_size },
		{ i->bss, (size_t)(i->pages - i->bss) },
		{ i->pages + i->pages_size, (size_t)(i->bss + i->bss_size - i->pages - i->pages_size) },
	};
	for (int k = 0; k < 3; rest += parts[k++].size)
		memcpy(back ? parts[k].at : rest, back ? rest : parts[k].at, parts[k].size);
}

static void move_pages(const struct image *i, char *from, char *to)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	/* The place that is left stays taken: it is needed again. */
	if (mremap(from, i->pages_size, i->pages_size, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED ||
	    mmap(from, i->pages_size, PROT_NONE, flags, -1, 0) == MAP_FAILED)
		abort();
}

static void died_by_itself(void)
{
	if (process_now != PROCESS_NONE)
		process_die("fatal");
}

void process_open(void)
{
	image_open(&server_image, server_data_begin, server_data_end, server_bss_begin, server_bss_end);
	image_open(&till_image, till_data_begin, till_data_end, till_bss_begin, till_bss_end);
	image_save(&server_image, server_image.fresh);
	image_save(&till_image, till_image.fresh);
	for (int p = PROCESS_TILL; p < PROCESS_COUNT; p++) {
		parked[p].rest = xmalloc(till_image.data_size + till_image.bss_size - till_image.pages_size);
		copy_rest(&till_image, parked[p].rest, false);
		parked[p].pages = mmap(NULL, till_image.pages_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (parked[p].pages == MAP_FAILED)
			fatal("no memory");
		memcpy(parked[p].pages, till_image.pages, till_image.pages_size);
	}
	till_image.in = PROCESS_TILL;
	server_image.in = PROCESS_SERVER;
	fatal_set_hook(died_by_itself);
}

static void bring_in(enum process p)
{
	if (p < PROCESS_TILL || till_image.in == p)
		return;
	copy_rest(&till_image, parked[till_image.in].rest, false);
	move_pages(&till_image, till_image.pages, parked[till_image.in].pages);
	move_pages(&till_image, parked[p].pages, till_image.pages);
	copy_rest(&till_image, parked[p].rest, true);
	till_image.in = p;
}

bool process_run(enum process p, void (*work)(void *), void *arg)
{
	assert(process_now == PROCESS_NONE && p != PROCESS_NONE);
	bring_in(p);
	process_now = p;
	bool alive = sigsetjmp(death, 0) == 0;
	if (alive)
		work(arg);
	process_now = PROCESS_NONE;
	return alive;
}

void process_die(const char *why)
{
	trace("%s dies: %s", process_names[process_now], why);
	process_life[process_now]++;
	siglongjmp(death, 1);
}

void process_reborn(enum process p)
{
	assert(process_now == PROCESS_NONE);
	bring_in(p);
	image_load(p == PROCESS_SERVER ? &server_image : &till_image, p == PROCESS_SERVER ? server_image.fresh : till_image.fresh);
}
