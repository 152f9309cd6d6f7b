/* api_status: how the server is, and running its jobs by hand. */
#include "server/call.h"
#include "server/http.h"
#include "server/jobs.h"
#include "shared/clock.h"

struct jobs_run_args {
	const char *job;
	int64_t as_of_ms;
};
static const struct field jobs_run_fields[] = {
	{ "job", FIELD_TEXT, FIELD_REQUIRED, offsetof(struct jobs_run_args, job), .min = 1, .max = 40,
	  .help = "name of the job: rebate-release, expire, notices, providers, reports, events" },
	{ "as_of_ms", FIELD_INT, 0, offsetof(struct jobs_run_args, as_of_ms), 0, INT64_MAX / 2,
	  .help = "run it as if it were this time (unix ms); 0: now" },
	{ 0 },
};

static enum qt_err status_get(struct call *call)
{
	const struct server *s = call->server;
	struct json *j = call->reply;
	struct writer_stats w;
	struct http_stats h;

	json_bool(j, "ok", true);
	json_int(j, "time_ms", call->now_ms);
	if (call->actor.role != ROLE_OPERATOR)
		return QT_OK;
	writer_stats(s->writer, &w);
	http_stats(s, &h);
	json_text(j, "version", QRTILL_VERSION);
	json_text(j, "roles", s->settings.roles);
	json_text(j, "public_url", s->settings.public_url);
	json_text(j, "till_address", http_till_address(s));
	json_text(j, "phone_address", http_phone_address(s));
	json_text(j, "tls_pin", s->tls_pin);
	json_int(j, "uptime_s", (call->now_ms - s->started_ms) / 1000);
	json_int(j, "commits", w.commits);
	json_int(j, "jobs", w.jobs);
	json_int(j, "replays", w.replays);
	json_int(j, "queue", w.queued);
	json_int(j, "requests", h.requests);
	json_int(j, "refused", h.refused);
	json_int(j, "connections", h.connections);
	json_int(j, "waiting", h.waiting);
	return QT_OK;
}

static enum qt_err jobs_run_post(struct call *call)
{
	const struct jobs_run_args *args = call->args;
	int ran;
	enum qt_err err = jobs_run(call->server, args->job, args->as_of_ms ? args->as_of_ms : call->now_ms, &ran);

	if (err == QT_NOT_FOUND)
		return problem_set(&call->problem, err, "job", "there is no job of this name here");
	json_int(call->reply, "ran", ran);
	return err;
}

const struct route status_routes[] = {
	{ .method = "GET", .path = "/v1/status", .roles = ROLE_ANYONE, .flags = ROUTE_BOTH, .handle = status_get,
	  .help = "Whether the server is up; the operator sees its figures too." },
	{ .method = "POST", .path = "/v1/jobs/run", .roles = ROLE_OPERATOR, .flags = ROUTE_SLOW | ROUTE_BOTH,
	  .fields = jobs_run_fields, .args_size = sizeof(struct jobs_run_args), .handle = jobs_run_post,
	  .help = "Run the jobs of a name now, also as of another time." },
};
const int status_route_count = sizeof status_routes / sizeof *status_routes;
