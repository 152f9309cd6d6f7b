/* web: see web.h. The only file of the sandbox that knows the HTTP library. */
#include "server/sandbox/web_internal.h"

#include "shared/clock.h"
#include "shared/sandbox_sign.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX 16384

const char *path_word(const char *path, const char *prefix, char *out, size_t size, const char **rest)
{
	size_t skip = strlen(prefix), len;

	if (strncmp(path, prefix, skip) != 0)
		return NULL;
	len = strcspn(path + skip, "/?");
	if (len == 0 || len >= size)
		return NULL;
	memcpy(out, path + skip, len);
	out[len] = '\0';
	*rest = path + skip + len;
	return out;
}

void exchange_problem(struct exchange *x, enum qt_err err)
{
	const struct err_info *info = err_info(err);
	struct json j;

	x->status = info->http_status;
	buf_reset(&x->out);
	json_start(&j, &x->out);
	json_object(&j, NULL);
	json_text(&j, "error", info->code);
	json_text(&j, "text", info->en);
	json_end(&j);
}

static void answer(struct exchange *x)
{
	x->content_type = "application/json";
	x->status = 404;
	if (strncmp(x->path, "/payments", 9) == 0 || strncmp(x->path, "/bindings", 9) == 0)
		web_api(x);
	else if (strncmp(x->path, "/pay/", 5) == 0 || strncmp(x->path, "/bind/", 6) == 0)
		web_page(x);
	else if (strncmp(x->path, "/control", 8) == 0)
		web_control(x);
	else
		exchange_problem(x, QT_NO_ROUTE);
}

static enum MHD_Result send_answer(struct exchange *x, struct MHD_Connection *connection)
{
	char signature[SANDBOX_SIGNATURE_SIZE], status[8], now_text[24];
	uint8_t wrong[32] = { 0 };
	int64_t now = clock_now_ms();
	struct MHD_Response *r = MHD_create_response_from_buffer(x->out.len, x->out.len ? x->out.data : (void *)"",
	                                                         MHD_RESPMEM_MUST_COPY);
	if (r == NULL)
		return MHD_NO;
	if (x->signed_call) {
		snprintf(status, sizeof status, "%d", x->status);
		snprintf(now_text, sizeof now_text, "%" PRId64, now);
		sandbox_sign(x->forged ? wrong : x->web->options.key, status, x->signature, now, x->out.data, x->out.len,
		             signature);
		MHD_add_response_header(r, "X-Sandbox-Time", now_text);
		MHD_add_response_header(r, "X-Sandbox-Signature", signature);
	}
	MHD_add_response_header(r, "Content-Type", x->content_type);
	MHD_add_response_header(r, "Cache-Control", "no-store");
	MHD_add_response_header(r, "Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'");
	enum MHD_Result result = MHD_queue_response(connection, (unsigned)x->status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result handle(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **state)
{
	struct exchange *x = *state;

	(void)version;
	if (x == NULL) {
		x = *state = xcalloc(1, sizeof *x);
		x->web = ctx;
		return MHD_YES;
	}
	if (*size > 0) {
		if (x->in.len + *size > BODY_MAX)
			return MHD_NO;
		buf_add(&x->in, data, *size);
		*size = 0;
		return MHD_YES;
	}
	x->method = method;
	x->path = url;
	x->time_text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Sandbox-Time");
	x->signature = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "X-Sandbox-Signature");
	answer(x);
	return x->lost ? MHD_NO : send_answer(x, connection);
}

static void finished(void *ctx, struct MHD_Connection *connection, void **state, enum MHD_RequestTerminationCode why)
{
	struct exchange *x = *state;

	(void)ctx, (void)connection, (void)why;
	if (x == NULL)
		return;
	buf_free(&x->in);
	buf_free(&x->out);
	free(x);
	*state = NULL;
}

enum qt_err web_start(const struct web_options *options, struct web **out, struct problem *why)
{
	struct web *w = xcalloc(1, sizeof *w);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)options->port) };
	const union MHD_DaemonInfo *info;

	w->options = *options;
	pthread_mutex_init(&w->lock, NULL);
	if (inet_pton(AF_INET, options->address, &address.sin_addr) != 1) {
		free(w);
		return problem_set(why, QT_BAD_CONFIG, "listen", "%s is not an IPv4 address", options->address);
	}
	w->daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL, 0, NULL,
	                             NULL, handle, w, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, finished,
	                             NULL, MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_CONNECTION_LIMIT, 256u,
	                             MHD_OPTION_END);
	if (w->daemon == NULL) {
		free(w);
		return problem_set(why, QT_BAD_CONFIG, "listen", "cannot listen on %s:%d", options->address, options->port);
	}
	info = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_BIND_PORT);
	w->port = info ? info->port : options->port;
	if (options->public_url)
		snprintf(w->public_url, sizeof w->public_url, "%s", options->public_url);
	else
		snprintf(w->public_url, sizeof w->public_url, "http://%s:%d", options->address, w->port);
	*out = w;
	return QT_OK;
}

int web_port(const struct web *w)
{
	return w->port;
}

void web_stop(struct web *w)
{
	MHD_stop_daemon(w->daemon);
	pthread_mutex_destroy(&w->lock);
	free(w);
}
