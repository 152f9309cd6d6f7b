/* durable: see durable.h. */
#include "tests/bench/durable.h"

#include "tests/bench/process.h"
#include "tests/lib/tmp.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t tracer;
static char trace[160];

/* strace says on standard error that it has attached; that is what is waited for. */
static bool attached(int fd)
{
	char text[4096];
	size_t got = 0;
	ssize_t n;

	while (got < sizeof text - 1 && (n = read(fd, text + got, sizeof text - 1 - got)) > 0) {
		got += (size_t)n;
		text[got] = '\0';
		if (strstr(text, "attached") != NULL)
			return true;
	}
	return false;
}

bool durable_begin(pid_t server)
{
	char pid[16];
	int pipe_fds[2];

	snprintf(pid, sizeof pid, "%d", (int)server);
	snprintf(trace, sizeof trace, "%s/trace", test_folder());
	if (pipe(pipe_fds) != 0 || (tracer = fork()) < 0)
		return false;
	if (tracer == 0) {
		dup2(pipe_fds[1], STDERR_FILENO);
		execlp("strace", "strace", "-f", "-y", "-s", "16", "-o", trace, "-e",
		       "trace=fdatasync,fsync,recvfrom,recvmsg,read,sendto,sendmsg,write,writev", "-p", pid, (char *)NULL);
		_exit(127);
	}
	close(pipe_fds[1]);
	bool ready = attached(pipe_fds[0]);
	close(pipe_fds[0]);
	if (!ready)
		waitpid(tracer, NULL, 0);
	return ready;
}

void durable_end(struct durable *d)
{
	char command[256];

	kill(tracer, SIGINT);
	waitpid(tracer, NULL, 0);
	*d = (struct durable){ 0 };
	snprintf(command, sizeof command, "awk -f tests/bench/durable.awk %s", trace);
	FILE *f = popen(command, "r");
	if (f == NULL || fscanf(f, "{\"answers\":%" SCNd64 ",\"early\":%" SCNd64 ",\"fdatasyncs\":%" SCNd64 "}", &d->answers,
	                        &d->early, &d->fdatasyncs) != 3)
		*d = (struct durable){ 0 };
	if (f != NULL)
		pclose(f);
	remove(trace);
}
