/* api: API tests as labelled lists of commands against a real server. Each step is one request and what must come
 * back; later steps name values that earlier ones saved. Prints a TAP line per step.
 *
 *	static const struct step steps[] = {
 *		{ "a merchant", "operator", POST, "/v1/merchants", "{\"name\":\"Demo\",...}", .status = 200,
 *		  .save = { { "merchant_id", "merchant" } } },
 *		{ "the same again", "operator", POST, "/v1/merchants", "{...}", .key = "=a merchant", .status = 200 },
 *		{ "bad name", "operator", POST, "/v1/merchants", "{}", .status = 422, .error = "missing-field",
 *		  .check = { { "field", "name" } } },
 *	};
 *	int main(void)
 *	{
 *		struct test_server server;
 *		server_start(&server, "server", NULL);
 *		api_begin(&server);
 *		API_RUN(steps);
 *		return api_end();
 *	}
 */
#ifndef QT_TEST_API_H
#define QT_TEST_API_H

#include "tests/lib/server.h"

#include <stdint.h>

struct json_t; /* jansson's; its header and shared/buf.h do not go together */

#define GET "GET"
#define POST "POST"

struct step {
	const char *label;
	/* Who asks: "" nobody; "operator" (the socket); "operator:VAR" acting for merchant ${VAR}; "VAR" bearer credential
	 * ${VAR}; "cookie:VAR" the same as cookie. */
	const char *as;
	const char *method;
	const char *path;   /* ${var} is replaced, here and in body, header, key and expected values */
	const char *body;   /* JSON; NULL: none */
	const char *key;    /* Idempotency-Key. NULL: a fresh UUID for POST; "none": not sent; "=LABEL": that of an earlier
	                       step, whose status and body must come again, marked as replayed; else the text itself */
	const char *header; /* one more header line; NULL: none */
	int status;         /* HTTP; 0: 200 or 201 */
	const char *error;  /* "code" of the problem; NULL: no error is expected */
	/* Fields of the answer by path ("lines[0].total_cents") and their expected text: the value itself, "<any>" (there,
	 * not null), "<none>" (absent or null), or "<N items>" for a list's length. */
	struct { const char *path, *is; } check[12];
	struct { const char *path, *as; } save[6]; /* keep a field as a variable */
	int within_ms;      /* ask again until all is as expected, at most this long; 0: once */
	bool fresh;         /* with key "=LABEL": same key, but this must NOT be a replay */
};

/* The server the next steps talk to. Variables stay. */
void api_begin(const struct test_server *);
#define API_RUN(steps) api_run(steps, (int)(sizeof(steps) / sizeof *(steps)))
void api_run(const struct step *, int count);
/* The same without TAP lines, for steps that are run very often: false, and a comment, when one is not as it should be;
 * the rest is left out. */
bool api_holds(const struct step *, int count);
/* Print the plan; 0 when all was well. */
int api_end(void);

/* One TAP line of the test's own. Returns ok. */
bool api_ok(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Variables. api_var ends the test when it was never set. */
const char *api_var(const char *name);
void api_set(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int64_t api_int(const char *name);

/* What the last step of api_run (or api_send) brought; owned by the library until the next one. */
struct answer {
	int status;         /* 0: no answer */
	bool replayed;
	char *text;         /* body */
	struct json_t *body;       /* NULL: no JSON */
	char *headers;
};
const struct answer *api_last(void);
/* Send one step without judging it. (shared/api_client.h has an api_send of its own; tests may link both.) */
const struct answer *api_step_send(const struct step *);
#define api_send api_step_send
/* A field of the last answer by path; NULL when it is not there. */
struct json_t *api_field(const char *path);
/* A new UUID of version 7. */
char *api_uuid(char out[37]);


#endif
