/* sandbox: see sandbox.h. */
#include "tests/lib/sandbox.h"

#include "shared/buf.h"
#include "shared/clock.h"
#include "shared/sandbox_sign.h"
#include "tests/lib/server.h"
#include "tests/lib/tmp.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS 20000

static size_t take(char *data, size_t size, size_t count, void *out)
{
	buf_add(out, data, size * count);
	return size * count;
}

/* One request; 0: no answer. */
static int request(const char *method, const char *url, const char *body, struct curl_slist *headers, struct buf *out)
{
	CURL *curl = curl_easy_init();
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (strcmp(method, "POST") == 0)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 10000L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return (int)status;
}

void sandbox_again(struct test_sandbox *s)
{
	const char *bin = getenv("QRTILL_BIN");
	char program[300], port[32], key[200], book[200], url[96];
	int64_t until_ms = clock_mono_ms() + START_MS;

	snprintf(program, sizeof program, "%s/qrtill-sandbox", bin ? bin : "build/bin");
	snprintf(port, sizeof port, "--port=%d", s->port);
	snprintf(key, sizeof key, "--key-file=%s", s->key_file);
	snprintf(book, sizeof book, "--book=%s", s->book);
	snprintf(url, sizeof url, "%s/control", s->url);
	s->pid = fork();
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(127);
		execl(program, program, "--config=/dev/null", port, key, book, (char *)NULL);
		_exit(127);
	}
	while (clock_mono_ms() < until_ms) {
		struct buf out = { 0 };
		int status = request("GET", url, NULL, NULL, &out);
		buf_free(&out);
		if (status == 200)
			return;
		usleep(5000);
	}
	fatal("qrtill-sandbox does not start");
}

void sandbox_start(struct test_sandbox *s, const char *name)
{
	char dir[100];

	*s = (struct test_sandbox){ .port = free_port() };
	snprintf(dir, sizeof dir, "%s/%s", test_folder(), name);
	if (mkdir(dir, 0700) != 0)
		fatal("cannot make %s", dir);
	snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d", s->port);
	snprintf(s->flag, sizeof s->flag, "--providers=sandbox=%s", s->url);
	snprintf(s->key_file, sizeof s->key_file, "%s/provider-sandbox.key", dir);
	snprintf(s->book, sizeof s->book, "%s.book", dir);
	sandbox_again(s);
}

void sandbox_stop(struct test_sandbox *s)
{
	kill(s->pid, SIGTERM);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
}

void sandbox_control(const struct test_sandbox *s, const char *path, const char *json)
{
	struct buf out = { 0 };
	char url[128];

	snprintf(url, sizeof url, "%s%s", s->url, path);
	int status = request("POST", url, json, curl_slist_append(NULL, "Content-Type: application/json"), &out);
	if (status != 200)
		fatal("sandbox refused %s %s: %d %s", path, json, status, out.data ? out.data : "");
	buf_free(&out);
}

int64_t sandbox_number(const struct test_sandbox *s, const char *name)
{
	struct buf out = { 0 };
	char url[96], quoted[64];

	snprintf(url, sizeof url, "%s/control", s->url);
	snprintf(quoted, sizeof quoted, "\"%s\":", name);
	request("GET", url, NULL, NULL, &out);
	const char *at = out.data ? strstr(out.data, quoted) : NULL;
	if (at == NULL)
		fatal("the sandbox has no number %s", name);
	int64_t value = strtoll(at + strlen(quoted), NULL, 10);
	buf_free(&out);
	return value;
}

int sandbox_page(const char *page_url, const char *account, const char *pin, bool agree)
{
	struct buf out = { 0 };
	char form[128];

	snprintf(form, sizeof form, "account=%s&pin=%s&answer=%s", account, pin, agree ? "yes" : "no");
	int status = request("POST", page_url, form, NULL, &out);
	buf_free(&out);
	return status;
}

static struct curl_slist *signed_headers(const uint8_t key[32], const char *method, const char *path, const char *body)
{
	char signature[SANDBOX_SIGNATURE_SIZE], line[160];
	int64_t now_ms = clock_now_ms();
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");

	sandbox_sign(key, method, path, now_ms, body, strlen(body), signature);
	snprintf(line, sizeof line, "X-Sandbox-Time: %" PRId64, now_ms);
	headers = curl_slist_append(headers, line);
	snprintf(line, sizeof line, "X-Sandbox-Signature: %s", signature);
	return curl_slist_append(headers, line);
}

static void load_key(const struct test_sandbox *s, uint8_t key[32])
{
	struct problem why;
	if (sandbox_key_load(s->key_file, key, &why) != QT_OK)
		fatal("no key: %s", why.detail);
}

int sandbox_call(const struct test_sandbox *s, const char *method, const char *path, const char *body)
{
	struct buf out = { 0 };
	uint8_t key[32];
	char url[200];

	load_key(s, key);
	snprintf(url, sizeof url, "%s%s", s->url, path);
	int status = request(method, url, body, signed_headers(key, method, path, body), &out);
	buf_free(&out);
	return status;
}

int sandbox_callback(const struct test_sandbox *s, const char *server_url, const char *body, bool rightly_signed)
{
	static const char path[] = "/v1/providers/sandbox/callback";
	struct buf out = { 0 };
	uint8_t key[32] = { 0 };
	char url[200];

	if (rightly_signed)
		load_key(s, key);
	snprintf(url, sizeof url, "%s%s", server_url, path);
	int status = request("POST", url, body, signed_headers(key, "POST", path, body), &out);
	buf_free(&out);
	return status;
}
