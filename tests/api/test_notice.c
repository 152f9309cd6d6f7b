/* Notices: in the page at once and as an event, by short message in the receiver's language; the outbox goes through the real
 * smsd(8), survives a missing spool folder, and gives up in time. */
#include "tests/lib/shop.h"
#include "tests/lib/tmp.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[200]; /* the test's folder */

/* The whole of a file, empty when it is not there. */
static const char *read_file(const char *name)
{
	static char text[16384];
	char path[300];

	snprintf(path, sizeof path, "%s/%s", base, name);
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	return text;
}

/* Poll until the file holds the text, ten seconds at most. */
static bool comes(const char *name, const char *text)
{
	for (int i = 0; i < 100; i++, usleep(100 * 1000))
		if (strstr(read_file(name), text) != NULL)
			return true;
	return false;
}

/* A number of the database, by SQL; -1 when it cannot be read. */
static long long number_of(const struct test_server *server, const char *sql)
{
	char command[500], out[64] = "-1";

	snprintf(command, sizeof command, "sqlite3 -readonly %s/*.db \"%s\"", server->dir, sql);
	FILE *f = popen(command, "r");
	if (f == NULL || fgets(out, sizeof out, f) == NULL)
		snprintf(out, sizeof out, "-1");
	if (f)
		pclose(f);
	return atoll(out);
}

/* The SQL gives this number within ten seconds. */
static bool becomes(const struct test_server *server, const char *sql, long long value)
{
	for (int i = 0; i < 100; i++, usleep(100 * 1000))
		if (number_of(server, sql) == value)
			return true;
	return false;
}

#define NOTICES_NOW "operator", POST, "/v1/jobs/run", "{\"job\":\"notices\"}", .status = 200

static const struct step setting_up[] = {
	{ "speak Chinese", "ann", POST, "/v1/me", "{\"locale\":\"zh\"}", .status = 200 },
	{ "ask for a code", "ann", POST, "/v1/me/phone", "{\"phone\":\"+4917012345678\"}", .status = 200 },
	{ "send", NOTICES_NOW },
};
static const struct step top_up[] = {
	{ "confirm", "ann", POST, "/v1/me/phone/confirm", "{\"code\":\"${code}\"}", .status = 200 },
	{ "a card", "cashier", POST, "/v1/cards", "{\"amount_cents\":100,\"tender\":\"cash\"}", .status = 201,
	  .save = { { "code", "card" } } },
	{ "bind it", "ann", POST, "/v1/cards/bind", "{\"code\":\"${card}\"}", .status = 200 },
	{ "where events are", "ann", GET, "/v1/events?after=-1", .status = 200, .save = { { "last", "last" } } },
	{ "top up", "cashier", POST, "/v1/cards/top-up", "{\"code\":\"${card}\",\"amount_cents\":2500,\"tender\":\"cash\"}",
	  .status = 200 },
	{ "the same again tells nothing twice", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card}\",\"amount_cents\":2500,\"tender\":\"cash\"}", .key = "=top up" },
	{ "told as an event", "ann", GET, "/v1/events?after=${last}&wait=5", .status = 200,
	  .check = { { "events", "<1 items>" }, { "events[0].kind", "notice" },
	             { "events[0].extra.text_zh", "您的示例咖啡卡已充值 USD 25.00。" } } },
	{ "told in the page, in Chinese", "ann", GET, "/v1/notices", .status = 200,
	  .check = { { "notices", "<1 items>" }, { "notices[0].text", "您的示例咖啡卡已充值 USD 25.00。" },
	             { "notices[0].kind", "card-top-up" }, { "notices[0].read", "false" } },
	  .save = { { "notices[0].notice_id", "notice" } } },
	{ "nobody else was told", "bob", GET, "/v1/notices", .status = 200, .check = { { "notices", "<0 items>" } } },
	{ "nor can read it off", "bob", POST, "/v1/notices/${notice}/read", "{}", .key = "none", .status = 404,
	  .error = "not-found" },
	{ "read", "ann", POST, "/v1/notices/${notice}/read", "{}", .key = "none", .status = 200 },
	{ "read once more", "ann", POST, "/v1/notices/${notice}/read", "{}", .key = "none", .status = 200 },
	{ "it is read", "ann", GET, "/v1/notices", .status = 200, .check = { { "notices[0].read", "true" } } },
	{ "in English when English is spoken", "ann", POST, "/v1/me", "{\"locale\":\"en\"}", .status = 200 },
	{ "the same notice", "ann", GET, "/v1/notices", .status = 200,
	  .check = { { "notices[0].text", "USD 25.00 was put on your Demo Cafe card." } } },
	{ "a merchant's own notices", "manager", GET, "/v1/notices", .status = 200,
	  .check = { { "notices", "<0 items>" } } },
	{ "an operator says whose", "operator", GET, "/v1/notices", .status = 422, .error = "missing-field" },
	{ "a cashier has none", "cashier", GET, "/v1/notices", .status = 403, .error = "forbidden" },
	{ "send it", NOTICES_NOW },
};
static const struct step no_folder[] = {
	{ "another top-up", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card}\",\"amount_cents\":100,\"tender\":\"cash\"}",
	  .status = 200 },
	{ "try to send it", NOTICES_NOW },
};
static const struct step folder_again[] = {
	{ "a minute later", "operator", POST, "/v1/jobs/run", "{\"job\":\"notices\",\"as_of_ms\":${minute}}",
	  .status = 200 },
};
static const struct step too_late[] = {
	{ "one more", "cashier", POST, "/v1/cards/top-up",
	  "{\"code\":\"${card}\",\"amount_cents\":100,\"tender\":\"cash\"}",
	  .status = 200 },
	{ "two days later", "operator", POST, "/v1/jobs/run", "{\"job\":\"notices\",\"as_of_ms\":${days}}", .status = 200 },
	{ "the audit is clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

/* smsd with a modem that never answers: it checks and takes what lies in the outgoing folder. */
static pid_t start_smsd(void)
{
	char path[300], option[310];

	snprintf(path, sizeof path, "%s/smsd.conf", base);
	FILE *f = fopen(path, "w");
	if (f == NULL)
		return -1;
	fprintf(f, "devices = GSM1\noutgoing = %s/outgoing\nchecked = %s/checked\nfailed = %s/failed\nsent = %s/sent\n"
	        "incoming = %s/incoming\nlogfile = %s/smsd.log\ninfofile = %s/smsd.working\npidfile = %s/smsd.pid\n"
	        "loglevel = 7\ndelaytime = 1\n[GSM1]\ndevice = @127.0.0.1:1\nincoming = no\n",
	        base, base, base, base, base, base, base, base);
	fclose(f);
	snprintf(option, sizeof option, "-c%s", path);
	pid_t pid = fork();
	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout) == NULL)
			_exit(126);
		execlp("smsd", "smsd", option, "-t", (char *)NULL);
		execl("/usr/sbin/smsd", "smsd", option, "-t", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void make_folder(const char *name)
{
	char path[300];
	snprintf(path, sizeof path, "%s/%s", base, name);
	mkdir(path, 0700);
}

static void by_smsd(void)
{
	static const char *const folders[] = { "checked", "failed", "sent", "incoming" };
	int status;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		make_folder(folders[i]);
	pid_t pid = start_smsd();
	api_ok(comes("smsd.log", "SMS To: 4917012345678. Moved file"), "the real smsd takes the message");
	api_ok(comes("checked/qrtill-2", "您的示例咖啡卡已充值 USD 25.00。"), "with its text, in Chinese, in UTF-8");
	if (pid > 0) {
		kill(pid, SIGTERM);
		waitpid(pid, &status, 0);
	}
}

static void without_folder(const struct test_server *server)
{
	char from[300], to[300];

	snprintf(from, sizeof from, "%s/outgoing", base);
	snprintf(to, sizeof to, "%s/elsewhere", base);
	rename(from, to);
	API_RUN(no_folder);
	api_ok(becomes(server,
	               "SELECT COUNT(*) FROM sms WHERE id = 3 AND tries > 0 AND sent_ms = 0 AND next_ms > 0 AND text <> ''", 1),
	       "a message that cannot be handed over waits");
	rename(to, from);
	api_run(&(struct step){ "the time", "operator", GET, "/v1/status", .save = { { "time_ms", "now" } } }, 1);
	api_set("minute", "%lld", (long long)api_int("now") + 60000);
	api_set("days", "%lld", (long long)api_int("now") + 2 * 86400000LL);
	API_RUN(folder_again);
	api_ok(comes("outgoing/qrtill-3", "USD 1.00 was put on your Demo Cafe card."),
	       "and goes when the folder is there again");
}

int main(void)
{
	struct test_server server;
	char flag[320];
	const char *digits;

	snprintf(base, sizeof base, "%s", test_folder());
	make_folder("outgoing");
	snprintf(flag, sizeof flag, "--sms-spool=%s/outgoing", base);
	server_start(&server, "server", (const char *const[]){ flag, NULL });
	api_begin(&server);
	shop_make("");
	shop_customer("ann");
	shop_customer("bob");
	API_RUN(setting_up);
	api_ok(comes("outgoing/qrtill-1", "您的 qrtill 验证码是 "), "the code comes in Chinese");
	digits = strstr(read_file("outgoing/qrtill-1"), "\n\n");
	api_set("code", "%.6s", digits ? digits + strcspn(digits, "0123456789") : "");
	API_RUN(top_up);
	by_smsd();
	without_folder(&server);
	char path[300], away[300];
	snprintf(path, sizeof path, "%s/outgoing", base);
	snprintf(away, sizeof away, "%s/gone", base);
	rename(path, away);
	API_RUN(too_late);
	api_ok(becomes(&server, "SELECT COUNT(*) FROM sms WHERE id = 4 AND sent_ms = 0 AND next_ms = 0 AND text = ''", 1),
	       "what comes too late is given up and emptied");
	return api_end();
}
