/* Starting, refusing to start, stopping; TLS and its pin; who may use the operator's socket; limits of connections. */
#include "tests/lib/api.h"
#include "tests/lib/tmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

static bool contains(const char *path, const char *what)
{
	static char text[65536];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	return strstr(text, what) != NULL;
}

static void refused(const char *label, const char *name, const char *flag, const char *says)
{
	struct test_server s;
	char message[2000];
	const char *const flags[] = { flag, NULL };

	if (!api_ok(server_refuses(&s, name, flags, message, sizeof message) && strstr(message, says) != NULL, "%s", label))
		printf("# %s", message);
}

static void test_refusals(const struct test_server *running)
{
	char flag[400], path[300];

	snprintf(flag, sizeof flag, "--listen-till=127.0.0.1:%d", running->till_port);
	refused("a port that is taken", "r1", flag, "Address already in use");
	snprintf(flag, sizeof flag, "--socket=%s", running->socket);
	refused("a socket where a server runs", "r2", flag, "a server is running there");
	refused("an address that is none", "r3", "--listen-phone=nowhere", "must be ADDRESS:PORT");
	refused("pages that are not there", "r4", "--web-dir=/nonexistent", "/nonexistent");
	refused("a schema that is not there", "r5", "--schema-dir=/nonexistent", "/nonexistent");
	refused("an option nobody knows", "r6", "--coffee=black", "--coffee");
	refused("a number that is none", "r7", "--queue-max=many", "queue_max");
	refused("a number out of range", "r8", "--queue-max=1", "from 16 to 65536");
	refused("a switch that is none", "r9", "--trust-proxy=maybe", "true or false");
	refused("a certificate without its key", "r10", "--tls-cert=/etc/hostname", "go together");
	refused("a configuration file that is not there", "r11", "--config=/nonexistent/x.conf", "/nonexistent/x.conf");
	snprintf(path, sizeof path, "%s/bad.conf", test_folder());
	snprintf(flag, sizeof flag, "--config=%s", path);
	FILE *f = fopen(path, "w");
	fputs("# a setting nobody knows\nlisten_tills = \"x\";\n", f);
	fclose(f);
	refused("a setting nobody knows, with its line", "r12", flag, "bad.conf:2: listen_tills is not a setting");
	f = fopen(path, "w");
	fputs("queue_max = \"4096\";\n", f);
	fclose(f);
	refused("a setting of the wrong type", "r13", flag, "must be a whole number");
	f = fopen(path, "w");
	fputs("queue_max = 4096\nx y\n", f);
	fclose(f);
	refused("a file with a mistake, with its line", "r14", flag, "bad.conf:2");
}

static void test_keys(struct test_server *s)
{
	char path[300], away[300], message[2000];
	struct stat st;

	snprintf(path, sizeof path, "%s/keys.conf", s->dir);
	snprintf(away, sizeof away, "%s/away", s->dir);
	api_ok(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "the key file is made for its owner alone");
	api_ok(stat(s->dir, &st) == 0 && (st.st_mode & 0777) == 0700, "so is the data folder");
	api_ok(stat(s->socket, &st) == 0 && (st.st_mode & 0777) == 0600, "so is the socket");
	api_ok(server_stop(s), "SIGTERM ends it cleanly");
	api_ok(stat(s->socket, &st) != 0, "the socket is gone then");
	const char *name = strrchr(s->dir, '/') + 1;
	struct test_server other;
	api_ok(chmod(path, 0644) == 0 && server_refuses(&other, name, NULL, message, sizeof message) &&
	       strstr(message, "keys.conf") != NULL, "keys that others may read are refused");
	api_ok(chmod(path, 0600) == 0 && rename(path, away) == 0 && server_refuses(&other, name, NULL, message, sizeof message) &&
	       strstr(message, "missing") != NULL, "a database without its keys is refused");
	api_ok(rename(away, path) == 0, "with its keys back");
	server_again(s);
	api_ok(true, "it starts again");
}

static void test_hangup(struct test_server *s)
{
	kill(s->pid, SIGHUP);
	for (int i = 0; i < 500 && !contains(s->log, "keys read again: done"); i++)
		usleep(10000);
	api_ok(contains(s->log, "pages read again: done") && contains(s->log, "keys read again: done"), "SIGHUP reads pages and keys");
	static const struct step up[] = { { "and it serves on", "", GET, "/v1/status" } };
	API_RUN(up);
}

/* Another user than root may not act for the operator, even where the file's mode would let it. */
static void test_other_user(const struct test_server *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char text[600] = "";
	int answer[2];

	if (geteuid() != 0 || pipe(answer) != 0) {
		api_ok(true, "another user at the socket # SKIP needs root");
		return;
	}
	chmod(s->socket, 0666);
	chmod(test_folder(), 0755);
	snprintf(a.sun_path, sizeof a.sun_path, "%s", s->socket);
	pid_t child = fork();
	if (child == 0) {
		static const char ask[] = "GET /v1/merchants HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (setgid(65534) != 0 || setuid(65534) != 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
		    write(fd, ask, sizeof ask - 1) < 0)
			_exit(1);
		ssize_t n = read(fd, text, sizeof text - 1);
		_exit(n > 0 && write(answer[1], text, (size_t)n) == n ? 0 : 1);
	}
	close(answer[1]);
	ssize_t n = read(answer[0], text, sizeof text - 1);
	text[n > 0 ? n : 0] = '\0';
	waitpid(child, NULL, 0);
	close(answer[0]);
	if (!api_ok(strstr(text, " 403 ") != NULL, "another user at the socket is refused"))
		printf("# %s\n", text);
}

static long fetch(const char *url, const char *pin, const char *body_has)
{
	static char text[4000];
	long status = 0;
	CURL *c = curl_easy_init();
	FILE *f = fmemopen(text, sizeof text, "w");

	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(c, CURLOPT_PINNEDPUBLICKEY, pin);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, 20L);
	if (curl_easy_perform(c) == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	fclose(f);
	curl_easy_cleanup(c);
	return strstr(text, body_has) ? status : -1;
}

static void test_tls(void)
{
	struct test_server s;
	char cert[120], key[120], command[700], tls_cert[256], tls_key[256], url[100], pin[100];

	snprintf(cert, sizeof cert, "%s/cert.pem", test_folder());
	snprintf(key, sizeof key, "%s/key.pem", test_folder());
	snprintf(command, sizeof command, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
	         "-subj /CN=localhost -keyout %s -out %s 2>/dev/null && chmod 600 %s", key, cert, key);
	if (!api_ok(system(command) == 0, "a certificate for the test"))
		return;
	snprintf(tls_cert, sizeof tls_cert, "--tls-cert=%s", cert);
	snprintf(tls_key, sizeof tls_key, "--tls-key=%s", key);
	const char *const flags[] = { tls_cert, tls_key, "--request-timeout-s=2", NULL };
	server_start(&s, "tls", flags);
	api_begin(&s);
	static const struct step steps[] = {
		{ "over TLS", "", GET, "/v1/status", .check = { { "ok", "true" } } },
		{ "a write over TLS", "", POST, "/v1/customers", "{}", .save = { { "device_token", "device" } } },
		{ "and again", "", POST, "/v1/customers", "{}", .key = "=a write over TLS" },
		{ "a PIN over TLS, through the pool", "device", POST, "/v1/me", "{\"pin\":\"8642\"}", .check = { { "has_pin", "true" } } },
		{ "a wait over TLS", "device", GET, "/v1/events?after=0&wait=1", .check = { { "events", "<0 items>" } } },
		{ "a page over TLS", "", GET, "/", .status = 200 },
		{ "the operator's socket has none", "operator", GET, "/v1/status", .save = { { "tls_pin", "pin" }, { "public_url", "url" } } },
	};
	API_RUN(steps);
	static const struct step secure[] = { { "a cookie over TLS", "", POST, "/v1/customers", "{}" } };
	API_RUN(secure);
	api_ok(strcasestr(api_last()->headers, "; Secure") != NULL, "stays on TLS");
	api_ok(strncmp(api_var("url"), "https://", 8) == 0, "codes carry https");
	/* libcurl writes a pin with two slashes, enrolment texts with one. */
	snprintf(pin, sizeof pin, "sha256//%s", api_var("pin") + strlen("sha256/"));
	snprintf(url, sizeof url, "%s/v1/status", s.till_url);
	api_ok(fetch(url, pin, "\"ok\":true") == 200, "the pin is that of the key");
	api_ok(fetch(url, "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "\"ok\"") != 200, "another pin is not");
	snprintf(url, sizeof url, "http://127.0.0.1:%d/v1/status", s.till_port);
	api_ok(fetch(url, NULL, "\"ok\":true") != 200, "plain HTTP is not answered there");
	api_ok(server_stop(&s), "the server with TLS ends cleanly");
	api_ok(chmod(key, 0644) == 0, "a key others may read");
	struct test_server again;
	char message[2000];
	api_ok(server_refuses(&again, "tls2", flags, message, sizeof message) && strstr(message, "tls_key") != NULL, "is refused");
}

static int connect_phone(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
		perror("connect");
	return fd;
}

/* One address has so many connections to the phone listener; tills are not counted with phones. */
static void test_crowd(void)
{
	struct test_server s;
	static const char *const flags[] = { "--connections-per-address=8", "--connections-max=200", "--rate-limit=1", NULL };
	enum { CROWD = 40 };
	int fds[CROWD], open = 0;

	server_start(&s, "crowd", flags);
	api_begin(&s);
	for (int i = 0; i < CROWD; i++)
		fds[i] = connect_phone(s.phone_port);
	for (int i = 0; i < CROWD; i++) {
		static const char ask[] = "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n";
		char text[200];
		struct pollfd p = { .fd = fds[i], .events = POLLIN };
		send(fds[i], ask, sizeof ask - 1, MSG_NOSIGNAL);
		open += poll(&p, 1, 5000) == 1 && recv(fds[i], text, sizeof text, 0) > 0;
	}
	if (!api_ok(open == 8, "one address has eight connections and no more"))
		printf("# %d\n", open);
	char url[100];
	snprintf(url, sizeof url, "%s/v1/status", s.till_url);
	api_ok(fetch(url, NULL, "\"ok\":true") == 200, "tills are served meanwhile");
	for (int i = 0; i < CROWD; i++)
		close(fds[i]);
	/* Tries: sign-up from one address has an end, told the same way each time, and other work goes on. */
	static const struct step sign_up = { "sign-up", "", POST, "/v1/customers", "{}", .within_ms = 0 };
	int refused_at = 0;
	for (int i = 1; i <= 40 && refused_at == 0; i++)
		if (api_send(&sign_up)->status == 429)
			refused_at = i;
	if (!api_ok(refused_at > 5 && refused_at <= 40 && strstr(api_last()->headers, "Retry-After: ") != NULL,
	            "sign-up from one address has an end"))
		printf("# %d: %s\n", refused_at, api_last()->text);
	static const struct step more[] = { { "looking goes on", "", GET, "/v1/status" } };
	API_RUN(more);
	api_ok(server_stop(&s), "the crowded server ends cleanly");
}

int main(void)
{
	struct test_server server;

	curl_global_init(CURL_GLOBAL_DEFAULT);
	server_start(&server, "server", NULL);
	api_begin(&server);
	test_refusals(&server);
	test_keys(&server);
	test_hangup(&server);
	test_other_user(&server);
	server_kill(&server);
	server_again(&server);
	api_ok(true, "it starts again after a kill, over its old socket");
	api_ok(server_stop(&server), "and ends cleanly");
	test_tls();
	test_crowd();
	return api_end();
}
