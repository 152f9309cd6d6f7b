/* API client: what each kind of answer, and each kind of none, means for the caller. Against a server of a few lines that
 * answers as told. */
#include "shared/api_client.h"
#include "shared/buf.h"
#include "shared/clock.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A listener that gives each connection the next answer; an empty answer closes without one. */
struct fake {
	int listener, port, answer_count;
	const char *const *answers;
	char requests[8][4096]; /* what came, in order */
	int request_count;
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct fake *f = arg;

	for (int i = 0; i < f->answer_count; i++) {
		int fd = accept(f->listener, NULL, NULL);
		char *in = f->requests[i];
		size_t len = 0;
		ssize_t n;
		/* Bodies here end with the brace that ends the text. */
		while (len < 4000 && (n = read(fd, in + len, 4000 - len)) > 0) {
			len += (size_t)n;
			in[len] = '\0';
			const char *end = strstr(in, "\r\n\r\n");
			if (end && (strncmp(in, "GET", 3) == 0 || in[len - 1] == '}'))
				break;
		}
		f->request_count = i + 1;
		const char *out = f->answers[i];
		if (out[0] != '\0' && write(fd, out, strlen(out)) < 0)
			perror("write");
		shutdown(fd, SHUT_WR);
		close(fd);
	}
	return NULL;
}

static void fake_start(struct fake *f, const char *const *answers, int count)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;

	memset(f, 0, sizeof *f);
	f->answers = answers;
	f->answer_count = count;
	f->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(f->listener, 8), 0);
	assert_int_equal(getsockname(f->listener, (struct sockaddr *)&at, &size), 0);
	f->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
}

static void fake_stop(struct fake *f)
{
	pthread_join(f->thread, NULL);
	close(f->listener);
}

static struct api *client(int port)
{
	char url[64];
	struct api *api;
	struct problem p = { 0 };

	snprintf(url, sizeof url, "http://127.0.0.1:%d/", port);
	const struct api_options o = { .url = url, .token = "T-1-secret", .locale = "zh", .timeout_ms = 5000 };
	assert_int_equal(api_open(&o, &api, &p), QT_OK);
	return api;
}

static void test_answers(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nConnection: close\r\nIdempotency-Replayed: true\r\nContent-Length: 12\r\n\r\n{\"card_id\":7}"
			"" /* one byte more than announced: cut */,
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\n{\"card_id\":7}",
		"HTTP/1.1 409 Conflict\r\nConnection: close\r\nContent-Type: application/problem+json\r\n\r\n"
			"{\"code\":\"card-frozen\",\"status\":409,\"title\":\"此卡已冻结\",\"field\":\"payments[0].code\",\"detail\":\"why\"}",
		"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n<html>proxy</html>",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nnot",
		"",
	};
	struct fake f;
	struct api_reply r;
	(void)state;
	fake_start(&f, answers, 6);
	struct api *api = client(f.port);

	/* Broken JSON after a POST: it may have been carried out. */
	assert_int_equal(api_call(api, "POST", "/v1/cards", "{\"a\":1}", "17", &r), QT_UNKNOWN_OUTCOME);
	assert_true(r.replayed);
	api_reply_free(&r);
	assert_non_null(strstr(f.requests[0], "POST /v1/cards HTTP/1.1\r\n"));
	assert_non_null(strstr(f.requests[0], "Authorization: Bearer T-1-secret\r\n"));
	assert_non_null(strstr(f.requests[0], "Idempotency-Key: 17\r\n"));
	assert_non_null(strstr(f.requests[0], "Accept-Language: zh\r\n"));

	assert_int_equal(api_call(api, "GET", "/v1/cards", NULL, NULL, &r), QT_OK);
	assert_int_equal(r.status, 200);
	assert_int_equal(jint(r.body, "card_id", 0), 7);
	assert_false(r.replayed);
	api_reply_free(&r);
	assert_null(strstr(f.requests[1], "Idempotency-Key"));

	assert_int_equal(api_call(api, "POST", "/v1/orders", "{}", "18", &r), QT_CARD_FROZEN);
	assert_string_equal(r.problem.field, "payments[0].code");
	assert_string_equal(r.problem.detail, "why");
	assert_string_equal(r.title, "此卡已冻结");
	api_reply_free(&r);

	assert_int_equal(api_call(api, "POST", "/v1/orders", "{}", "19", &r), QT_UNKNOWN_OUTCOME);
	api_reply_free(&r);
	assert_int_equal(api_call(api, "GET", "/v1/orders", NULL, NULL, &r), QT_INTERNAL);
	api_reply_free(&r);
	/* Closed without an answer after the request went out. */
	assert_int_equal(api_call(api, "POST", "/v1/orders", "{}", "20", &r), QT_UNKNOWN_OUTCOME);
	api_reply_free(&r);
	api_close(api);
	fake_stop(&f);
}

static void count_answer(void *ctx, const struct api_reply *r)
{
	assert_int_equal(r->err, QT_OK);
	++*(int *)ctx;
}

/* An answer that is there before the wait begins ends the wait: nothing else would. */
static void test_an_answer_in_the_meantime(void **state)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	char in[4096];
	int answered = 0, fd = -1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	(void)state;

	assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &size), 0);
	struct api *api = client(ntohs(at.sin_port));
	api_send(api, &(struct api_request){ .method = "GET", .path = "/", .done = count_answer, .ctx = &answered });
	ssize_t n = -1;
	for (int i = 0; i < 1000 && n <= 0; i++) {
		api_wait(api, -1, 10);
		if (fd < 0)
			fd = accept(listener, NULL, NULL);
		n = fd < 0 ? -1 : recv(fd, in, sizeof in, MSG_DONTWAIT);
	}
	assert_true(n > 0);
	assert_int_equal(write(fd, answer, sizeof answer - 1), sizeof answer - 1);
	close(fd);
	int64_t start_ms = clock_mono_ms();
	api_wait(api, -1, 20000);
	assert_int_equal(answered, 1);
	assert_true(clock_mono_ms() - start_ms < 15000); /* did not wait to the end */
	api_close(api);
	close(listener);
}

static void test_nobody_there_is_off_line(void **state)
{
	struct api_reply r;
	struct api *api = client(1);
	(void)state;
	assert_int_equal(api_call(api, "POST", "/v1/orders", "{}", "1", &r), QT_OFFLINE);
	assert_int_equal(r.status, 0);
	api_reply_free(&r);
	api_close(api);
}

static void test_options_are_checked(void **state)
{
	struct problem p = { 0 };
	struct api *api;
	(void)state;
	assert_int_equal(api_open(&(struct api_options){ .url = "ftp://x" }, &api, &p), QT_BAD_CONFIG);
	assert_string_equal(p.field, "server");
	assert_int_equal(api_open(&(struct api_options){ .url = "https://x", .pin = "md5/x" }, &api, &p), QT_BAD_CONFIG);
	assert_string_equal(p.field, "pin");
	char *text = api_escape("a b/ü&=?");
	assert_string_equal(text, "a%20b%2F%C3%BC%26%3D%3F");
	free(text);
}

static char seen[256];
static int states[4], state_count;

static void on_event(void *ctx, const char *kind, int64_t ref_id, const struct json_t *extra)
{
	size_t n = strlen(seen);
	(void)ctx;
	snprintf(seen + n, sizeof seen - n, "%s:%lld:%lld ", kind, (long long)ref_id, (long long)jint(extra, "order_id", 0));
}

static void on_state(void *ctx, enum qt_err err)
{
	(void)ctx;
	if (state_count < 4)
		states[state_count++] = (int)err;
}

static void test_events_resume_after_the_last_one(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"events\":[],\"last\":40}",
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"events\":[{\"event_id\":41,\"kind\":\"payment-settled\",\"ref_id\":5,"
			"\"extra\":{\"order_id\":9}},{\"event_id\":43,\"kind\":\"notice\",\"ref_id\":6}],\"last\":43}",
		"", /* lost: it asks again after the same event */
		"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"events\":[{\"event_id\":43,\"kind\":\"notice\",\"ref_id\":6},"
			"{\"event_id\":44,\"kind\":\"order-paid\",\"ref_id\":9}],\"last\":44}",
	};
	struct fake f;
	struct api_events e = { .after = -1, .event = on_event, .state = on_state };
	(void)state;
	seen[0] = '\0';
	fake_start(&f, answers, 4);
	struct api *api = client(f.port);
	api_events_start(api, &e);
	for (int i = 0; i < 400 && e.after < 44; i++)
		api_wait(api, -1, 50);
	assert_int_equal(e.after, 44);
	assert_string_equal(seen, "payment-settled:5:9 notice:6:0 order-paid:9:0 ");
	assert_non_null(strstr(f.requests[0], "after=-1&wait=0"));
	assert_non_null(strstr(f.requests[1], "after=40&wait=25"));
	assert_non_null(strstr(f.requests[2], "after=43&"));
	assert_non_null(strstr(f.requests[3], "after=43&"));
	assert_int_equal(states[2], QT_OFFLINE);
	assert_int_equal(states[3], QT_OK);
	api_events_stop(&e);
	api_close(api);
	fake_stop(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_an_answer_in_the_meantime),
		cmocka_unit_test(test_nobody_there_is_off_line),
		cmocka_unit_test(test_options_are_checked),
		cmocka_unit_test(test_events_resume_after_the_last_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
