/* qrtill-sandbox: a complete payment platform for trying qrtill's provider interface: accounts, pay page, bindings,
 * signed calls and callbacks, and switches for everything that goes wrong with them. See qrtill-sandbox(8). */
#include "server/sandbox/web.h"

#include "shared/conf.h"
#include "shared/sandbox_sign.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct sandbox_settings {
	char *listen;      /* IPv4 address */
	int64_t port;
	char *public_url;
	char *key_file;
	char *book;
	char *ready_file;
};

static const struct conf_option options[] = {
	{ "listen", CONF_TEXT, "127.0.0.1", 0, 0, offsetof(struct sandbox_settings, listen), "address to listen on" },
	{ "port", CONF_INT, "9090", 0, 65535, offsetof(struct sandbox_settings, port), "port; 0 takes a free one" },
	{ "public_url", CONF_TEXT, NULL, 0, 0, offsetof(struct sandbox_settings, public_url),
	  "address of the pages as people reach them" },
	{ "key_file", CONF_PATH, "provider-sandbox.key", 0, 0, offsetof(struct sandbox_settings, key_file),
	  "key shared with the merchant's server; made when missing" },
	{ "book", CONF_TEXT, ":memory:", 0, 0, offsetof(struct sandbox_settings, book), "file of accounts and payments" },
	{ "ready_file", CONF_PATH, NULL, 0, 0, offsetof(struct sandbox_settings, ready_file),
	  "file that gets the port once it listens" },
	{ NULL, CONF_TEXT, NULL, 0, 0, 0, NULL },
};

/* Written beside and renamed, so that a reader never sees half of it. */
static void tell_ready(const char *path, int port)
{
	char temporary[512];
	FILE *f;

	snprintf(temporary, sizeof temporary, "%s.new", path);
	f = fopen(temporary, "w");
	if (f == NULL || fprintf(f, "%d\n", port) < 0 || fclose(f) != 0 || rename(temporary, path) != 0)
		fatal("cannot write %s", path);
}

int main(int argc, char **argv)
{
	struct sandbox_settings s = { 0 };
	struct problem why = { 0 };
	struct book *book = NULL;
	struct web *web = NULL;
	uint8_t key[32];
	sigset_t stop;
	int first, received;

	if (conf_load("qrtill-sandbox", options, &s, argc, argv, &first, &why) != QT_OK)
		fatal("%s: %s", why.field, why.detail);
	if (first < argc)
		fatal("unexpected argument: %s", argv[first]);
	if (sandbox_key_load(s.key_file, key, &why) != QT_OK || book_open(s.book, &book, &why) != QT_OK)
		fatal("%s: %s", why.field, why.detail);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);

	struct callbacks *callbacks = callbacks_start(key);
	struct web_options web_options = { .address = s.listen, .port = (int)s.port, .key = key, .book = book,
		                           .public_url = s.public_url && *s.public_url ? s.public_url : NULL,
		                           .callbacks = callbacks };
	if (web_start(&web_options, &web, &why) != QT_OK)
		fatal("%s: %s", why.field, why.detail);
	log_line('I', "sandbox payment platform on %s:%d", s.listen, web_port(web));
	if (s.ready_file && *s.ready_file)
		tell_ready(s.ready_file, web_port(web));
	sigwait(&stop, &received);
	web_stop(web);
	callbacks_stop(callbacks);
	book_close(book);
	conf_free(options, &s);
	curl_global_cleanup();
	return 0;
}
