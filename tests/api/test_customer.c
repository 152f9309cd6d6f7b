/* Customers: sign-up from the device alone, cookie, language, PIN, phone number with a code by SMS, devices. */
#include "tests/lib/shop.h"
#include "tests/lib/tmp.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct step sign_up[] = {
	{ "sign up", "", POST, "/v1/customers", "{\"locale\":\"zh\",\"device_name\":\"Phone\"}", .status = 201,
	  .check = { { "identity_code", "<any>" } },
	  .save = { { "device_token", "ann" }, { "customer_id", "ann_id" }, { "identity_code", "ann_code" } } },
	{ "the answer was lost: the same credential again", "", POST, "/v1/customers",
	  "{\"locale\":\"zh\",\"device_name\":\"Phone\"}", .key = "=sign up", .check = { { "device_token", "${ann}" } } },
	{ "who am I", "ann", GET, "/v1/me", .status = 200,
	  .check = { { "customer_id", "${ann_id}" }, { "locale", "zh" }, { "has_pin", "false" }, { "phone_confirmed",
	                                                                                           "false" },
	             { "phone", "<none>" }, { "identity_code", "${ann_code}" } } },
	{ "by cookie too", "cookie:ann", GET, "/v1/me", .status = 200, .check = { { "customer_id", "${ann_id}" } } },
	{ "a form of another site cannot write", "cookie:ann", POST, "/v1/me", "{\"locale\":\"en\"}", .status = 403,
	  .error = "forbidden", .check = { { "field", "X-Qrtill" } } },
	{ "our page can", "cookie:ann", POST, "/v1/me", "{\"locale\":\"en\"}", .header = "X-Qrtill: 1", .status = 200,
	  .check = { { "locale", "en" } } },
	{ "nobody is nobody", "", GET, "/v1/me", .status = 401, .error = "not-signed-in" },
	{ "a cashier is no customer", "cashier", GET, "/v1/me", .status = 403, .error = "forbidden" },
	{ "without a word about language: the request's", "", POST, "/v1/customers", "{}",
	  .header = "Accept-Language: zh-CN,en",
	  .status = 201, .save = { { "device_token", "bob" }, { "customer_id", "bob_id" } } },
	{ "so it is", "bob", GET, "/v1/me", .status = 200, .check = { { "locale", "zh" } } },
	{ "a language we do not have", "", POST, "/v1/customers", "{\"locale\":\"fr\"}", .status = 422,
	  .error = "bad-field",
	  .check = { { "field", "locale" } } },
	{ "a device name with an escape", "", POST, "/v1/customers", "{\"device_name\":\"\\u001b\"}", .status = 422,
	  .error = "control-character", .check = { { "field", "device_name" } } },
	{ "the identity code says what it is, and no more", "", POST, "/v1/codes/check", "{\"text\":\"${ann_code}\"}",
	  .key = "none",
	  .status = 200, .check = { { "kind", "identity" }, { "valid", "true" }, { "merchant_name", "<none>" } } },
};

static const struct step pin[] = {
	{ "a PIN of letters", "ann", POST, "/v1/me", "{\"pin\":\"12ab\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "pin" } } },
	{ "a PIN too short", "ann", POST, "/v1/me", "{\"pin\":\"123\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "pin" } } },
	{ "a PIN", "ann", POST, "/v1/me", "{\"pin\":\"2468\"}", .status = 200, .check = { { "has_pin", "true" } } },
	{ "the same again", "ann", POST, "/v1/me", "{\"pin\":\"2468\"}", .key = "=a PIN" },
	{ "changing it needs the old one", "ann", POST, "/v1/me", "{\"pin\":\"1357\"}", .status = 422,
	  .error = "missing-field",
	  .check = { { "field", "old_pin" } } },
	{ "the right old one", "ann", POST, "/v1/me", "{\"pin\":\"1357\",\"old_pin\":\"2468\"}", .status = 200 },
	{ "wrong 1", "ann", POST, "/v1/me", "{\"pin\":\"1111\",\"old_pin\":\"2468\"}", .status = 403, .error = "bad-pin" },
	{ "wrong 2", "ann", POST, "/v1/me", "{\"pin\":\"1111\",\"old_pin\":\"0000\"}", .status = 403, .error = "bad-pin" },
	{ "wrong 3", "ann", POST, "/v1/me", "{\"pin\":\"1111\",\"old_pin\":\"0001\"}", .status = 403, .error = "bad-pin" },
	{ "wrong 4", "ann", POST, "/v1/me", "{\"pin\":\"1111\",\"old_pin\":\"0002\"}", .status = 403, .error = "bad-pin" },
	{ "wrong 5", "ann", POST, "/v1/me", "{\"pin\":\"1111\",\"old_pin\":\"0003\"}", .status = 403, .error = "bad-pin" },
	{ "locked, also for the right one", "ann", POST, "/v1/me", "{\"pin\":\"1111\",\"old_pin\":\"1357\"}", .status = 423,
	  .error = "pin-locked" },
	{ "an answer of before still comes again", "ann", POST, "/v1/me", "{\"pin\":\"2468\"}", .key = "=a PIN" },
};

/* The newest message in the spool for a phone; its 6-digit code into the variable `name`. Polls with a bound. */
static bool read_code(const char *spool, const char *digits, const char *name)
{
	char path[600], text[1024];

	for (int tries = 0; tries < 100; tries++, usleep(100 * 1000)) {
		DIR *dir = opendir(spool);
		for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
			if (e->d_name[0] == '.')
				continue;
			snprintf(path, sizeof path, "%s/%s", spool, e->d_name);
			FILE *f = fopen(path, "r");
			size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
			if (f)
				fclose(f);
			text[n] = '\0';
			char to[40];
			snprintf(to, sizeof to, "To: %s\n", digits);
			if (strncmp(text, to, strlen(to)) != 0)
				continue;
			char *p = strstr(text, "\n\n");
			while (p != NULL && *p != '\0' && strspn(p, "0123456789") != 6)
				p++;
			bool found = p != NULL && *p != '\0';
			if (found)
				api_set(name, "%.6s", p);
			unlink(path);
			closedir(dir);
			return found;
		}
		if (dir)
			closedir(dir);
	}
	return false;
}

static const struct step ask[] = {
	{ "a number without a country", "ann", POST, "/v1/me/phone", "{\"phone\":\"017012345678\"}", .status = 422,
	  .error = "bad-field", .check = { { "field", "phone" } } },
	{ "a number with letters", "ann", POST, "/v1/me/phone", "{\"phone\":\"+49170abc\"}", .status = 422,
	  .error = "bad-field" },
	{ "a code before one was asked for", "ann", POST, "/v1/me/phone/confirm", "{\"code\":\"123456\"}", .status = 422,
	  .error = "bad-field", .check = { { "field", "code" } } },
	{ "ask for a code", "ann", POST, "/v1/me/phone", "{\"phone\":\"+4917012345678\"}", .status = 200,
	  .check = { { "expires_ms", "<any>" }, { "code", "<none>" } } },
	{ "asking again with the same key sends nothing more", "ann", POST, "/v1/me/phone",
	  "{\"phone\":\"+4917012345678\"}",
	  .key = "=ask for a code" },
	{ "send the messages", "operator", POST, "/v1/jobs/run", "{\"job\":\"notices\"}", .status = 200 },
};
static const struct step confirm[] = {
	{ "a wrong code", "ann", POST, "/v1/me/phone/confirm", "{\"code\":\"x23456\"}", .status = 422, .error = "bad-field",
	  .check = { { "field", "code" } } },
	{ "another customer's code", "bob", POST, "/v1/me/phone/confirm", "{\"code\":\"${code}\"}", .status = 422,
	  .error = "bad-field" },
	{ "the right code", "ann", POST, "/v1/me/phone/confirm", "{\"code\":\"${code}\"}", .status = 200,
	  .check = { { "phone", "+4917012345678" }, { "phone_confirmed", "true" } } },
	{ "the same again", "ann", POST, "/v1/me/phone/confirm", "{\"code\":\"${code}\"}", .key = "=the right code" },
	{ "works once", "ann", POST, "/v1/me/phone/confirm", "{\"code\":\"${code}\"}", .status = 422,
	  .error = "bad-field" },
	{ "somebody else asks for the same number", "bob", POST, "/v1/me/phone", "{\"phone\":\"+4917012345678\"}",
	  .status = 200 },
	{ "send it", "operator", POST, "/v1/jobs/run", "{\"job\":\"notices\"}", .status = 200 },
};
static const struct step guess[] = {
	{ "guess 1", "bob", POST, "/v1/me/phone/confirm", "{\"code\":\"a\"}", .status = 422, .error = "bad-field" },
	{ "guess 2", "bob", POST, "/v1/me/phone/confirm", "{\"code\":\"b\"}", .status = 422, .error = "bad-field" },
	{ "guess 3", "bob", POST, "/v1/me/phone/confirm", "{\"code\":\"c\"}", .status = 422, .error = "bad-field" },
	{ "guess 4", "bob", POST, "/v1/me/phone/confirm", "{\"code\":\"d\"}", .status = 422, .error = "bad-field" },
	{ "guess 5", "bob", POST, "/v1/me/phone/confirm", "{\"code\":\"e\"}", .status = 422, .error = "bad-field" },
	{ "after five the right one is too late", "bob", POST, "/v1/me/phone/confirm", "{\"code\":\"${bob_code}\"}",
	  .status = 422,
	  .error = "bad-field", .check = { { "field", "code" } } },
	{ "ask once more", "bob", POST, "/v1/me/phone", "{\"phone\":\"+4917012345678\"}", .status = 200 },
	{ "send it again", "operator", POST, "/v1/jobs/run", "{\"job\":\"notices\"}", .status = 200 },
};
static const struct step move[] = {
	{ "who holds the phone has the number", "bob", POST, "/v1/me/phone/confirm", "{\"code\":\"${bob_code2}\"}",
	  .status = 200,
	  .check = { { "phone", "+4917012345678" } } },
	{ "and the one before has it no more", "ann", GET, "/v1/me", .status = 200,
	  .check = { { "phone_confirmed", "false" } } },
	{ "three", "bob", POST, "/v1/me/phone", "{\"phone\":\"+4917012345670\"}", .status = 200 },
	{ "four", "bob", POST, "/v1/me/phone", "{\"phone\":\"+4917012345671\"}", .status = 200 },
	{ "five", "bob", POST, "/v1/me/phone", "{\"phone\":\"+4917012345672\"}", .status = 200 },
	{ "six is too many", "bob", POST, "/v1/me/phone", "{\"phone\":\"+4917012345673\"}", .status = 429,
	  .error = "too-many-requests", .check = { { "field", "phone" } } },
	{ "my devices", "ann", GET, "/v1/me/devices", .status = 200,
	  .check = { { "devices", "<1 items>" }, { "devices[0].name", "Phone" } }, .save = { { "devices[0].device_id",
	                                                                                       "device" } } },
	{ "another's device is not there", "bob", POST, "/v1/me/devices/${device}/revoke", "{}", .status = 404,
	  .error = "not-found" },
	{ "revoke mine", "ann", POST, "/v1/me/devices/${device}/revoke", "{}", .status = 200 },
	{ "it is out", "ann", GET, "/v1/me", .status = 401, .error = "not-signed-in" },
	{ "the audit is clean", "operator", POST, "/v1/audit", "{}", .key = "none", .status = 200,
	  .check = { { "clean", "true" } } },
};

/* No code lies in the database once its message was sent. */
static void no_code_left(const struct test_server *server)
{
	char command[300], out[64] = "";
	snprintf(command, sizeof command,
	         "sqlite3 %s/*.db \"SELECT COUNT(*) FROM sms WHERE text <> '' AND sent_ms > 0\"", server->dir);
	FILE *f = popen(command, "r");
	bool read = f != NULL && fgets(out, sizeof out, f) != NULL;
	if (f)
		pclose(f);
	api_ok(read && strcmp(out, "0\n") == 0, "sent messages are emptied");
}

int main(void)
{
	struct test_server server;
	char spool[300], flag[320];

	snprintf(spool, sizeof spool, "%s/spool", test_folder());
	mkdir(spool, 0700);
	snprintf(flag, sizeof flag, "--sms-spool=%s", spool);
	server_start(&server, "server", (const char *const[]){ flag, NULL });
	api_begin(&server);
	shop_make("");
	API_RUN(sign_up);
	API_RUN(pin);
	API_RUN(ask);
	api_ok(read_code(spool, "4917012345678", "code"), "the message is in the spool, as smstools reads it");
	API_RUN(confirm);
	api_ok(read_code(spool, "4917012345678", "bob_code"), "and Bob's");
	API_RUN(guess);
	api_ok(read_code(spool, "4917012345678", "bob_code2"), "and Bob's second");
	API_RUN(move);
	no_code_left(&server);
	return api_end();
}
