/* picture: see picture.h. */
#include "shared/picture.h"

#include "shared/clock.h"
#include "shared/picture_scan.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define DECODER "qrtill-decode"

/* Records from the child, which is not trusted either. */
static bool take_records(const struct buf *in, struct picture_codes *out)
{
	if (in->len == 0)
		return true; /* no symbol; there is no memory either */
	const uint8_t *at = (const uint8_t *)in->data, *end = at + in->len;

	while (at < end) {
		if (end - at < PICTURE_RECORD_HEAD)
			return false;
		size_t len = at[26] | (size_t)at[27] << 8 | (size_t)at[28] << 16 | (size_t)at[29] << 24;
		if ((size_t)(end - at) - PICTURE_RECORD_HEAD < len || at[23] != 0 || at[24] > 3 || at[25] > 1)
			return false;
		struct picture_code code = { .channel = at[24], .inverted = at[25] == 1, .len = len };
		memcpy(code.symbology, at, sizeof code.symbology);
		const char *text = (const char *)at + PICTURE_RECORD_HEAD;
		bool known = out->count == PICTURE_CODES_MAX;
		for (int i = 0; i < out->count; i++)
			known |= out->codes[i].len == len && memcmp(out->codes[i].text, text, len) == 0 &&
			         out->codes[i].channel == code.channel && strcmp(out->codes[i].symbology, code.symbology) == 0;
		if (!known) {
			code.text = xmalloc(len + 1);
			memcpy(code.text, text, len);
			code.text[len] = '\0';
			out->codes[out->count++] = code;
		}
		at += PICTURE_RECORD_HEAD + len;
	}
	return true;
}

/* ---- the program that decodes ---- */

/* Beside this program, as in a build tree, or where it is installed. */
static bool find_decoder(char out[PATH_MAX])
{
	static const char *const places[] = { "", "../libexec/qrtill/" };
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	char *slash = n > 0 ? (exe[n] = '\0', strrchr(exe, '/')) : NULL;

	if (slash != NULL)
		for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
			slash[1] = '\0';
			if (snprintf(out, PATH_MAX, "%s%s" DECODER, exe, places[i]) < PATH_MAX && access(out, X_OK) == 0)
				return true;
		}
	snprintf(out, PATH_MAX, QRTILL_PREFIX "/libexec/qrtill/" DECODER);
	return access(out, X_OK) == 0;
}

/* The picture as a file in memory, at its beginning; -1: there is no room for it. */
static int picture_file(const void *data, size_t len)
{
	int fd = memfd_create("picture", MFD_CLOEXEC);

	for (size_t done = 0; fd >= 0 && done < len;) {
		ssize_t n = pwrite(fd, (const char *)data + done, len - done, (off_t)done);
		if (n <= 0) {
			close(fd);
			return -1;
		}
		done += (size_t)n;
	}
	return fd;
}

/* Start it with the picture as standard input and nothing else of ours; -1: it cannot be started. */
static pid_t start_decoder(int picture_fd, int output_fd)
{
	char program[PATH_MAX];
	char *const arguments[] = { (char[]){ DECODER }, NULL }, *const environment[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t all, none;
	pid_t pid = -1;

	if (!find_decoder(program))
		return -1;
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&how);
	sigfillset(&all);
	sigemptyset(&none);
	int bad = posix_spawn_file_actions_adddup2(&files, picture_fd, 0) | posix_spawn_file_actions_adddup2(&files, output_fd, 1) |
	          posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0) |
	          posix_spawn_file_actions_addclosefrom_np(&files, 3) | posix_spawnattr_setsigdefault(&how, &all) |
	          posix_spawnattr_setsigmask(&how, &none) |
	          posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	if (bad != 0 || posix_spawn(&pid, program, &files, &how, arguments, environment) != 0)
		pid = -1;
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	return pid;
}

/* Read until it closes its end. false: it took longer than it may, or wrote too much. */
static bool collect(int fd, struct buf *out)
{
	int64_t end_ms = clock_mono_ms() + (PICTURE_SECONDS + 5) * 1000;
	char chunk[8192];

	for (;;) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		int64_t left_ms = end_ms - clock_mono_ms();
		int ready = left_ms > 0 ? poll(&waiting, 1, (int)left_ms) : 0;
		if (ready == 0)
			return false;
		ssize_t n = ready < 0 ? -1 : read(fd, chunk, sizeof chunk);
		if (n == 0)
			return true;
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
		if (out->len > PICTURE_OUTPUT_MAX)
			return false;
	}
}

/* Its exit status is how the jail ended. */
static enum jail_end run_decoder(const void *data, size_t len, struct buf *out)
{
	int picture_fd = picture_file(data, len), ends[2], status = 0;
	enum jail_end end = JAIL_KILLED;

	if (picture_fd < 0 || pipe2(ends, O_CLOEXEC) != 0) {
		if (picture_fd >= 0)
			close(picture_fd);
		return end;
	}
	pid_t pid = start_decoder(picture_fd, ends[1]);
	close(picture_fd);
	close(ends[1]);
	if (pid < 0) {
		buf_adds(out, DECODER " cannot be started");
		end = JAIL_FAILED;
	} else {
		bool in_time = collect(ends[0], out);
		if (!in_time)
			kill(pid, SIGKILL);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (!in_time)
			end = JAIL_TIME;
		else if (WIFEXITED(status) && WEXITSTATUS(status) <= JAIL_KILLED)
			end = (enum jail_end)WEXITSTATUS(status);
	}
	close(ends[0]);
	return end;
}

enum qt_err picture_read(const void *data, size_t len, struct picture_codes *out, struct problem *p)
{
	struct buf found = { 0 };
	enum qt_err err = QT_OK;

	out->count = 0;
	if (len == 0)
		return problem_set(p, QT_BAD_PICTURE, "picture", "it is empty");
	if (len > PICTURE_BYTES_MAX)
		return problem_set(p, QT_BAD_PICTURE, "picture", "the file is larger than %u MB", PICTURE_BYTES_MAX >> 20);
	switch (run_decoder(data, len, &found)) {
	case JAIL_DONE:
		if (!take_records(&found, out))
			err = problem_set(p, QT_BAD_PICTURE, "picture", "it cannot be decoded");
		else if (out->count == 0)
			err = problem_set(p, QT_NO_CODE_IN_PICTURE, "picture", NULL);
		break;
	case JAIL_FAILED:
		err = problem_set(p, QT_BAD_PICTURE, "picture", "%.80s", found.data ? found.data : "it cannot be decoded");
		break;
	case JAIL_TIME:
		err = problem_set(p, QT_BAD_PICTURE, "picture", "decoding it takes longer than %d seconds or yields too much",
		                  PICTURE_SECONDS);
		break;
	case JAIL_KILLED:
		err = problem_set(p, QT_BAD_PICTURE, "picture", "decoding was stopped: it needs what is not allowed");
		break;
	}
	buf_free(&found);
	if (err != QT_OK)
		picture_free(out);
	return err;
}

void picture_free(struct picture_codes *codes)
{
	for (int i = 0; i < codes->count; i++)
		free(codes->codes[i].text);
	codes->count = 0;
}
