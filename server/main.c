/* qrtilld: the central server. Starts the parts in order, waits for a signal, stops them in reverse. Knows no rule. */
#include "server/auth.h"
#include "server/events.h"
#include "server/http.h"
#include "server/jobs.h"
#include "server/openapi.h"
#include "server/page.h"
#include "server/peer.h"
#include "server/pool.h"
#include "server/provider_job.h"
#include "server/ratelimit.h"
#include "server/routes.h"
#include "server/settings.h"
#include "shared/clock.h"

#include <curl/curl.h>
#include <errno.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STOP_WAIT_MS 5000
#define POOL_THREADS 2
#define POOL_QUEUE 256

static void group_done(void *ctx)
{
	struct server *s = ctx;

	auth_commit();
	events_commit(s);
	http_wake(s);
}

/* The folder and, at the first start, the key file. */
static enum qt_err open_data(struct server *s, struct problem *p)
{
	char path[600];
	const char *dir = s->settings.data_dir;

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "data_dir: %s: %s", dir, strerror(errno));
	if (access(dir, R_OK | W_OK | X_OK) != 0)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "data_dir: %s: %s", dir, strerror(errno));
	snprintf(path, sizeof path, "%s/keys.conf", dir);
	enum qt_err err = keyring_load(path, &s->keys, p);
	if (err != QT_NOT_FOUND)
		return err;
	/* Without the keys an existing database would be useless, and new ones would hide that they are lost. */
	if (access(s->db_path, F_OK) == 0)
		return problem_set(p, QT_BAD_CONFIG, "data_dir", "data_dir: the database is there but %s is missing", path);
	log_line('I', "first start: making %s", path);
	return keyring_create(path, &s->keys, p);
}

static enum qt_err start_writer(struct server *s, struct problem *p)
{
	static char heads[600];
	snprintf(heads, sizeof heads, "%s/heads", s->settings.data_dir);
	struct writer_options options = {
		.path = s->db_path, .queue_max = (int)s->settings.queue_max, .schema_dir = s->settings.schema_dir,
		.keys = &s->keys, .heads_path = heads, .group_done = group_done, .group_ctx = s,
	};
	return writer_start(&options, &s->writer, p);
}

/* Without a public address codes point at the phone listener itself. */
static void set_public_url(struct server *s)
{
	char url[128];

	if (s->settings.public_url[0] != '\0')
		return;
	snprintf(url, sizeof url, "%s://%s", s->tls_pin[0] ? "https" : "http", http_phone_address(s));
	free(s->settings.public_url);
	s->settings.public_url = xstrdup(url);
}

static enum qt_err start(struct server *s, struct problem *p)
{
	enum qt_err err;

	if ((err = settings_check(s, p)) || (err = pages_open(s->settings.web_dir, p)) || (err = open_data(s, p)) ||
	    (err = http_open(s, p)))
		return err;
	set_public_url(s);
	ratelimit_scale((int)s->settings.rate_limit);
	s->started_ms = clock_now_ms();
	if ((err = providers_open(s, p)) || (err = start_writer(s, p)) ||
	    (err = pool_start(s->db_path, POOL_THREADS, POOL_QUEUE, &s->pool, p)) || (err = peer_start(s, p)))
		return err;
	jobs_open(s);
	jobs_start(s);
	return http_start(s, p);
}

static void stop(struct server *s)
{
	if (s->http != NULL)
		http_stop(s, STOP_WAIT_MS);
	jobs_stop(s);
	pool_stop(s->pool);
	peer_stop(s);
	if (s->writer != NULL)
		writer_stop(s->writer);
	http_close(s);
}

/* Take what "qrtill keys rotate" has added. Other secrets of the file hold for the whole run. */
static enum qt_err read_keys_again(struct server *s, struct problem *p)
{
	static struct keyring fresh;
	char path[600];

	snprintf(path, sizeof path, "%s/keys.conf", s->settings.data_dir);
	enum qt_err err = keyring_load(path, &fresh, p);
	if (err == QT_OK && s->role_codes && fresh.epoch_count >= s->keys.epoch_count) {
		/* Readers look at entries below the count only: first the entry, then the count. */
		memcpy(s->keys.epochs, fresh.epochs, sizeof s->keys.epochs);
		__atomic_store_n(&s->keys.epoch_count, fresh.epoch_count, __ATOMIC_RELEASE);
	}
	crypto_wipe(&fresh, sizeof fresh);
	return err;
}

/* SIGTERM and SIGINT end the server; SIGHUP reads phone pages and code keys anew. */
static void wait_for_signals(struct server *s, const sigset_t *set)
{
	struct problem p = { 0 };
	int sig;

	while (sigwait(set, &sig) == 0 && sig == SIGHUP) {
		enum qt_err err = pages_open(s->settings.web_dir, &p);
		log_line(err ? 'E' : 'I', "pages read again: %s", err ? p.detail : "done");
		err = read_keys_again(s, &p);
		log_line(err ? 'E' : 'I', "keys read again: %s", err ? p.detail : "done");
	}
	log_line('I', "stopping");
}

/* "qrtilld --openapi": describe the API and end, without a server. false: no such word. */
static bool describe(const char *word)
{
	static const struct { const char *word; void (*write)(struct buf *); } kinds[] = {
		{ "--openapi", openapi_json }, { "--routes", openapi_list }, { "--api-manual", openapi_manual },
	};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(word, kinds[i].word) == 0) {
			struct buf out = { 0 };
			kinds[i].write(&out);
			fwrite(out.data, 1, out.len, stdout);
			buf_free(&out);
			return true;
		}
	return false;
}

int main(int argc, char **argv)
{
	static struct server server;
	struct problem p = { 0 };
	sigset_t set;
	int first_arg;

	fatal_with_threads();
	keyring_leave_no_core();
	setlocale(LC_CTYPE, "C.UTF-8");
	signal(SIGPIPE, SIG_IGN);
	mallopt(M_ARENA_MAX, 2); /* few threads; more arenas only cost memory */
	mallopt(M_MMAP_THRESHOLD, 131072); /* large replies go back to the system when they are sent */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* all threads inherit it; only sigwait takes them */
	routes_open();
	if (argc == 2 && describe(argv[1]))
		return fflush(stdout) == 0 ? 0 : 1;
	enum qt_err err = conf_load("qrtilld", settings_options, &server.settings, argc, argv, &first_arg, &p);
	if (err == QT_OK && first_arg < argc)
		err = problem_set(&p, QT_BAD_CONFIG, "", "%s: takes no arguments besides options", argv[first_arg]);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (err == QT_OK)
		err = start(&server, &p);
	if (err == QT_OK) {
		malloc_trim(0); /* what the schema and the keys took to load */
		log_line('I', "ready: till %s phone %s", http_till_address(&server), http_phone_address(&server));
		wait_for_signals(&server, &set);
	} else {
		fprintf(stderr, "qrtilld: %s\n", p.detail[0] ? p.detail : err_info(err)->en);
	}
	stop(&server);
	crypto_wipe(&server.keys, sizeof server.keys);
	conf_free(settings_options, &server.settings);
	curl_global_cleanup();
	return err == QT_OK ? 0 : err_info(err)->exit_code;
}
