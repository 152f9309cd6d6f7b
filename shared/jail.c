/* jail: see jail.h. */
#include "shared/jail.h"

#include "shared/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <seccomp.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER 0
#endif

static const int allowed_calls[] = {
	SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(brk), SCMP_SYS(mmap),
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise), SCMP_SYS(futex),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(sigaltstack),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(tgkill),
	SCMP_SYS(sched_yield), SCMP_SYS(getrandom), SCMP_SYS(restart_syscall), SCMP_SYS(sysinfo), SCMP_SYS(getrusage),
};
/* Libraries try to open tables and go on without them: refused, not fatal. */
static const int refused_calls[] = {
	SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(newfstatat), SCMP_SYS(access), SCMP_SYS(readlink),
	SCMP_SYS(ioctl), SCMP_SYS(fstat), SCMP_SYS(lseek), SCMP_SYS(read),
};

static void close_door(const struct jail_limits *limits)
{
	const struct rlimit none = { 0, 0 };
	/* The hard limit lies above: at the hard one the kernel sends SIGKILL, which looks like a crash, not like time. */
	const struct rlimit cpu = { (rlim_t)limits->seconds, (rlim_t)limits->seconds + 1 };
	const struct rlimit memory = { (rlim_t)limits->memory_mb << 20, (rlim_t)limits->memory_mb << 20 };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int bad = filter == NULL;

	bad |= setrlimit(RLIMIT_CORE, &none) | setrlimit(RLIMIT_FSIZE, &none) | setrlimit(RLIMIT_CPU, &cpu);
	if (!UNDER_SANITIZER)
		bad |= setrlimit(RLIMIT_AS, &memory);
	for (size_t i = 0; i < sizeof allowed_calls / sizeof *allowed_calls; i++)
		bad |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0);
	for (size_t i = 0; i < sizeof refused_calls / sizeof *refused_calls; i++)
		bad |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused_calls[i], 0);
	bad |= seccomp_load(filter);
	seccomp_release(filter);
	if (bad)
		_exit(3); /* without a lock on the door nothing is computed */
}

/* Everything the parent has open is closed: the child owns its pipe (as 3) and the void. */
static void drop_files(int pipe_fd)
{
	int null_fd = open("/dev/null", O_RDWR);

	if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0 || dup2(null_fd, 2) < 0 ||
	    (pipe_fd != 3 && dup2(pipe_fd, 3) < 0) || close_range(4, ~0u, 0) != 0)
		_exit(3);
}

static void child(int pipe_fd, void (*prepare)(void), bool (*work)(void *, struct buf *), void *ctx,
                  const struct jail_limits *limits)
{
	struct buf out = { 0 };
	sigset_t none;

	for (int signal_number = 1; signal_number < 32; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	fatal_set_hook(NULL);
	drop_files(pipe_fd);
	if (prepare)
		prepare();
	close_door(limits);
	bool good = work(ctx, &out);
	for (size_t done = 0; done < out.len;) {
		ssize_t n = write(3, out.data + done, out.len - done);
		if (n <= 0)
			_exit(3);
		done += (size_t)n;
	}
	_exit(good ? 0 : 2);
}

/* Read until the child closes its end. false: time is up, or it writes too much. */
static bool collect(int fd, const struct jail_limits *limits, struct buf *out)
{
	int64_t end_ms = clock_mono_ms() + limits->seconds * 1000;
	char chunk[8192];

	for (;;) {
		struct pollfd waiting = { .fd = fd, .events = POLLIN };
		int64_t left = end_ms - clock_mono_ms();
		int ready = left > 0 ? poll(&waiting, 1, (int)left) : 0;
		if (ready == 0)
			return false;
		if (ready < 0)
			continue; /* a signal */
		ssize_t n = read(fd, chunk, sizeof chunk);
		if (n == 0)
			return true;
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
		if ((int)out->len > limits->output_max)
			return false;
	}
}

enum jail_end jail_run(void (*prepare)(void), bool (*work)(void *ctx, struct buf *out), void *ctx,
                       const struct jail_limits *limits, struct buf *out)
{
	int ends[2], status = 0;

	if (pipe2(ends, O_CLOEXEC) != 0)
		fatal("cannot make a pipe");
	pid_t pid = fork();
	if (pid < 0)
		fatal("cannot fork");
	if (pid == 0)
		child(ends[1], prepare, work, ctx, limits);
	close(ends[1]);
	bool in_time = collect(ends[0], limits, out);
	close(ends[0]);
	if (!in_time)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && in_time)
		return JAIL_DONE;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2 && in_time)
		return JAIL_FAILED;
	buf_reset(out);
	return !in_time || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) ? JAIL_TIME : JAIL_KILLED;
}
