/* process: see process.h. */
#include "tests/sim/process.h"

#include "shared/err.h"
#include "tests/sim/marks.h"
#include "tests/sim/trace.h"

#include <assert.h>
#include <setjmp.h>
#include <string.h>

enum process process_now;
int process_life[PROCESS_COUNT];
const char *const process_names[PROCESS_COUNT] = { "-", "server", "till 0", "till 1" };

/* Static variables of a program: where they are, and how they are at its start. */
static struct image {
	char *data, *bss;
	size_t data_size, bss_size;
	char *fresh;       /* data, then bss */
	enum process in;   /* whose they are now */
} server_image, till_image;

/* Those of the tills that do not run. */
static char *parked[PROCESS_COUNT];
static sigjmp_buf death;

static void image_open(struct image *i, char *data, const char *data_end, char *bss, const char *bss_end)
{
	assert(data < data_end && bss < bss_end); /* else the linker does not keep the order of its arguments */
	i->data = data;
	i->data_size = (size_t)(data_end - data);
	i->bss = bss;
	i->bss_size = (size_t)(bss_end - bss);
	i->fresh = xmalloc(i->data_size + i->bss_size);
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
		parked[p] = xmalloc(till_image.data_size + till_image.bss_size);
		image_save(&till_image, parked[p]);
	}
	till_image.in = PROCESS_TILL;
	server_image.in = PROCESS_SERVER;
	fatal_set_hook(died_by_itself);
}

static void bring_in(enum process p)
{
	if (p < PROCESS_TILL || till_image.in == p)
		return;
	image_save(&till_image, parked[till_image.in]);
	image_load(&till_image, parked[p]);
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
