/* server: see server.h. */
#include "tests/lib/server.h"

#include "shared/clock.h"
#include "shared/err.h"
#include "tests/lib/fault_step.h"
#include "tests/lib/tmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS 20000 /* sanitized builds are slow to start */
#define STOP_MS 10000

static pid_t running[16];

/* At the end of the test. Asked first: only a server that ends by itself tells a coverage build what it ran. */
static void end_all(void)
{
	int64_t until_ms = clock_mono_ms() + STOP_MS;
	const size_t count = sizeof running / sizeof *running;

	for (size_t i = 0; i < count; i++)
		if (running[i] > 0)
			kill(running[i], SIGTERM);
	for (size_t i = 0; i < count; i++) {
		if (running[i] <= 0)
			continue;
		while (waitpid(running[i], NULL, WNOHANG) == 0) {
			if (clock_mono_ms() > until_ms)
				kill(running[i], SIGKILL);
			usleep(2000);
		}
	}
}

static void note(pid_t old, pid_t now)
{
	static bool registered;
	if (!registered)
		atexit(end_all);
	registered = true;
	for (size_t i = 0; i < sizeof running / sizeof *running; i++)
		if (running[i] == old) {
			running[i] = now;
			return;
		}
	fatal("too many servers in one test");
}

int free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		fatal("no free port");
	close(fd);
	return ntohs(a.sin_port);
}

static void add_flag(struct test_server *s, const char *flag)
{
	if (s->flag_count == (int)(sizeof s->flags / sizeof *s->flags))
		fatal("too many flags");
	snprintf(s->flags[s->flag_count++], sizeof *s->flags, "%s", flag);
}

static void prepare(struct test_server *s, const char *name, const char *const *flags)
{
	*s = (struct test_server){ .till_port = free_port(), .phone_port = free_port() };
	snprintf(s->dir, sizeof s->dir, "%s/%s", test_folder(), name);
	snprintf(s->socket, sizeof s->socket, "%s.sock", s->dir);
	snprintf(s->log, sizeof s->log, "%s.log", s->dir);
	add_flag(s, "--rate-limit=0");
	add_flag(s, "--access-log=false");
	bool tls = false;
	for (; flags != NULL && *flags != NULL; flags++) {
		add_flag(s, *flags);
		tls = tls || strncmp(*flags, "--tls-cert=", 11) == 0;
	}
	snprintf(s->till_url, sizeof s->till_url, "http%s://127.0.0.1:%d", tls ? "s" : "", s->till_port);
	snprintf(s->phone_url, sizeof s->phone_url, "http%s://127.0.0.1:%d", tls ? "s" : "", s->phone_port);
}

static void start_process(struct test_server *s)
{
	static char program[300], args[8][320];
	char *argv[32];
	int n = 0, argc = 0;
	const char *bin = getenv("QRTILL_BIN");

	snprintf(program, sizeof program, "%s/qrtilld", bin ? bin : "build/bin");
	argv[argc++] = program;
	snprintf(args[n++], sizeof *args, "--config=/dev/null");
	snprintf(args[n++], sizeof *args, "--data-dir=%s", s->dir);
	snprintf(args[n++], sizeof *args, "--schema-dir=data/schema");
	snprintf(args[n++], sizeof *args, "--web-dir=data/web");
	snprintf(args[n++], sizeof *args, "--socket=%s", s->socket);
	snprintf(args[n++], sizeof *args, "--listen-till=127.0.0.1:%d", s->till_port);
	snprintf(args[n++], sizeof *args, "--listen-phone=127.0.0.1:%d", s->phone_port);
	for (int i = 0; i < n; i++)
		argv[argc++] = args[i];
	for (int i = 0; i < s->flag_count; i++)
		argv[argc++] = s->flags[i];
	argv[argc] = NULL;
	s->pid = fork();
	if (s->pid < 0)
		fatal("fork: %s", strerror(errno));
	if (s->pid == 0) {
		int log = open(s->log, O_WRONLY | O_CREAT | O_APPEND, 0600), null = open("/dev/null", O_RDONLY);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 0);
		dup2(log, 2);
		dup2(log, 1);
		if (fault_step_on())
			setenv("LD_PRELOAD", getenv("QRTILL_STEP_SHIM"), 1);
		execv(program, argv);
		_exit(127);
	}
	note(0, s->pid);
}

static void show_log(const struct test_server *s)
{
	char line[1024];
	FILE *f = fopen(s->log, "r");

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		printf("# %s", line);
	if (f != NULL)
		fclose(f);
	fflush(stdout);
}

/* The socket takes connections once all parts run. */
static bool answers(const struct test_server *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char reply[64] = "";
	static const char request[] = "GET /v1/status HTTP/1.1\r\nHost: qrtilld\r\nConnection: close\r\n\r\n";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", s->socket);
	bool ok = connect(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
	          write(fd, request, sizeof request - 1) == (ssize_t)sizeof request - 1 &&
	          read(fd, reply, sizeof reply - 1) > 12 && strncmp(reply, "HTTP/1.1 200", 12) == 0;
	close(fd);
	return ok;
}

static bool ended(struct test_server *s, int *status)
{
	if (s->pid == 0 || waitpid(s->pid, status, WNOHANG) != s->pid)
		return false;
	note(s->pid, 0);
	s->pid = 0;
	return true;
}

static bool wait_until_ready(struct test_server *s)
{
	int64_t until_ms = clock_mono_ms() + START_MS;
	int status;

	while (clock_mono_ms() < until_ms) {
		if (answers(s))
			return true;
		if (ended(s, &status))
			return false;
		usleep(5000);
	}
	return false;
}

void server_again(struct test_server *s)
{
	start_process(s);
	if (wait_until_ready(s))
		return;
	printf("not ok 1 - the server starts\n");
	show_log(s);
	exit(1);
}

void server_start(struct test_server *s, const char *name, const char *const *flags)
{
	prepare(s, name, flags);
	server_again(s);
}

bool server_stop(struct test_server *s)
{
	int64_t until_ms = clock_mono_ms() + STOP_MS;
	int status = -1;

	if (s->pid == 0)
		return false;
	kill(s->pid, SIGTERM);
	while (!ended(s, &status)) {
		if (clock_mono_ms() > until_ms) {
			show_log(s);
			server_kill(s);
			return false;
		}
		usleep(5000);
	}
	if (status != 0)
		show_log(s);
	return status == 0;
}

void server_kill(struct test_server *s)
{
	if (s->pid == 0)
		return;
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	note(s->pid, 0);
	s->pid = 0;
}

bool server_refuses(struct test_server *s, const char *name, const char *const *flags, char *message, int size)
{
	int64_t until_ms = clock_mono_ms() + START_MS;
	int status = 0;

	prepare(s, name, flags);
	start_process(s);
	while (!ended(s, &status) && clock_mono_ms() < until_ms)
		usleep(5000);
	message[0] = '\0';
	FILE *f = fopen(s->log, "r");
	if (f != NULL) {
		size_t n = fread(message, 1, (size_t)size - 1, f);
		message[n] = '\0';
		fclose(f);
	}
	if (s->pid != 0) {
		server_kill(s);
		return false;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 127;
}
