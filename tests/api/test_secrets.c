/* What is secret stays out of what is kept: PINs, credentials, card and enrolment codes and the server's keys are planted and
 * used, in the right places and in wrong ones; then the log, the database, its side files and a backup are searched for
 * them, as text, as bytes and as hex. A core dump would hold them all: there must be none. */
#include "shared/code.h"
#include "tests/lib/sale.h"
#include "tests/lib/tmp.h"
#include "tests/lib/victim.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A secret in one of its forms. */
static struct needle {
	char name[40];
	unsigned char bytes[128];
	size_t len;
} needles[128];
static int needle_count;

static void add_needle(const char *name, const void *bytes, size_t len)
{
	struct needle *n = &needles[needle_count++];

	if (needle_count == (int)(sizeof needles / sizeof *needles) || len < 8 || len > sizeof n->bytes)
		abort();
	snprintf(n->name, sizeof n->name, "%s", name);
	memcpy(n->bytes, bytes, len);
	n->len = len;
}

static void add_bytes(const char *name, const uint8_t *bytes, size_t len)
{
	char hex[129];

	add_needle(name, bytes, len);
	hex_encode(bytes, len, hex);
	add_needle(name, hex, 2 * len);
	for (char *c = hex; *c != '\0'; c++)
		if (*c >= 'a')
			*c = (char)(*c - 32);
	add_needle(name, hex, 2 * len);
}

/* "T-12-SECRET" in a variable. */
static void add_credential(const char *variable)
{
	const char *secret = strchr(api_var(variable) + 2, '-') + 1;
	uint8_t bytes[32];

	add_needle(variable, secret, strlen(secret));
	if (base64url_decode(secret, strlen(secret), bytes, sizeof bytes) == sizeof bytes)
		add_bytes(variable, bytes, sizeof bytes);
}

/* A code's URL in a variable: its token, and the ten secret bytes in it. */
static void add_code(const char *variable)
{
	char token[CODE_TOKEN_MAX], lower[CODE_TOKEN_MAX];
	struct code code;

	if (!api_ok(code_token_of(api_var(variable), NULL, token) != NULL && code_read(NULL, token, 0, &code) == QT_OK,
	            "%s is a code", variable))
		return;
	api_set(variable, "%s", token);
	for (int i = 0; (lower[i] = token[i] >= 'A' && token[i] <= 'Z' ? (char)(token[i] + 32) : token[i]) != '\0';)
		i++;
	add_needle(variable, token, strlen(token));
	add_needle(variable, lower, strlen(lower));
	add_bytes(variable, code.secret, sizeof code.secret);
}

static bool holds(const unsigned char *text, size_t len, const struct needle *n)
{
	return memmem(text, len, n->bytes, n->len) != NULL;
}

static int files, found;

static int search_file(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)ftw;
	if (flag != FTW_F || !S_ISREG(st->st_mode) || strstr(path, "/keys.conf") != NULL)
		return 0;
	FILE *f = fopen(path, "rb");
	unsigned char *text = malloc((size_t)st->st_size + 1);
	if (f == NULL || text == NULL)
		abort();
	size_t len = fread(text, 1, (size_t)st->st_size, f);
	fclose(f);
	files++;
	for (int i = 0; i < needle_count; i++)
		if (holds(text, len, &needles[i])) {
			printf("# %s holds %s\n", path, needles[i].name);
			found++;
		}
	free(text);
	return 0;
}

static void add_keys(const struct test_server *server)
{
	char path[128];
	struct keyring keys;
	struct problem p = { 0 };

	snprintf(path, sizeof path, "%s/keys.conf", server->dir);
	if (!api_ok(keyring_load(path, &keys, &p) == QT_OK, "the server's keys are read"))
		return;
	add_bytes("code key", keys.epochs[0].code_key, 32);
	add_bytes("pepper", keys.pepper, 32);
	add_bytes("lookup key", keys.lookup_key, 32);
	add_bytes("seal seed", keys.seal_seed, 32);
	add_bytes("row key", keys.row_key, 32);
	add_bytes("peer key", keys.peer_key, 32);
	crypto_wipe(&keys, sizeof keys);
}

/* Secrets where they do not belong: each is refused, and may not be repeated anywhere. Shown as "label", then sent. */
static const struct step misplaced[] = {
	{ "a card's page", "", GET, "/Q/${v_bearer}" },
	{ "a card's page typed", "", GET, "/q/${v_bearer}" },
	{ "a card's picture", "", GET, "/Q/${v_bearer}/qr.svg" },
	{ "what follows it", "", GET, "/Q/${v_bearer}/more" },
	{ "a dot behind it", "", GET, "/Q/${v_bearer}." },
	{ "a slash behind it", "", GET, "/Q/${v_bearer}/" },
	{ "by another method", "", POST, "/Q/${v_bearer}", "{}" },
	{ "as a route", "", GET, "/v1/cards/${v_bearer}" },
	{ "as a landing", "", GET, "/v1/landing/${v_bearer}" },
	{ "as a payment", "", GET, "/v1/pay/${v_bearer}" },
	{ "as a file", "", GET, "/js/${v_bearer}" },
	{ "as a provider", "", POST, "/v1/providers/${v_bearer}/callback", "{}" },
	{ "an enrolment's page", "", GET, "/Q/${v_enrol}" },
	{ "a credential in a path", "", GET, "/v1/me/${v_customer}" },
	{ "a credential in a query", "", GET, "/v1/me?token=${v_customer}" },
	{ "a PIN as a field's name", "v_till", POST, "/v1/sign-in", "{\"" VICTIM_STAFF_PIN "\":1}" },
	{ "a PIN that approves", "v_cashier", POST, "/v1/approvals",
	  "{\"action\":\"price\",\"amount_cents\":1,\"approval_staff\":{\"number\":\"71\",\"pin\":\"" VICTIM_STAFF_PIN "\"}}" },
	{ "a PIN in broken JSON", "v_till", POST, "/v1/sign-in", "{\"number\":\"71\",\"pin\":\"" VICTIM_STAFF_PIN "\"" },
	{ "a PIN as a number", "v_customer", POST, "/v1/me", "{\"pin\":" VICTIM_PIN "}" },
	{ "a PIN that is wrong", "v_customer", POST, "/v1/me",
	  "{\"pin\":\"" VICTIM_PIN "\",\"old_pin\":\"" VICTIM_STAFF_PIN "\"}" },
	{ "a credential as a code", "v_customer", POST, "/v1/cards/bind", "{\"code\":\"${v_customer}\"}" },
	{ "a card's code as a share", "v_customer", POST, "/v1/shares", "{\"code\":\"${v_bearer}\"}" },
	{ "a code to be checked", "", POST, "/v1/codes/check", "{\"text\":\"${v_bearer}\"}" },
	{ "a credential as a key", "v_customer", POST, "/v1/me", "{}", .key = "${v_customer}" },
};

static const struct step last[] = {
	{ "an agent's key", "operator", POST, "/v1/agents/${agent}/renew", .save = { { "key", "agent_key" } } },
	{ "again, from what was kept sealed", "operator", POST, "/v1/agents/${agent}/renew", .key = "=an agent's key" },
	{ "a batch for the printer", "operator:v_merchant", POST, "/v1/card-batches/${v_batch}/export", .key = "none",
	  .save = { { "cards[0].code", "printed" } } },
	{ "a backup", "operator", POST, "/v1/backup", "{\"path\":\"${folder}/copy.db\"}", .key = "none" },
};

/* The soft and hard limits of the process's core files are 0, and a collector of dumps gets no memory (core(5)). */
static bool no_core(pid_t pid)
{
	char path[64], line[256];
	unsigned long long soft = 1, hard = 1;
	unsigned filter = 1;

	snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
	FILE *f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "Max core file size %llu %llu", &soft, &hard) == 2)
			break;
	if (f != NULL)
		fclose(f);
	snprintf(path, sizeof path, "/proc/%d/coredump_filter", (int)pid);
	f = fopen(path, "r");
	if (f == NULL || fscanf(f, "%x", &filter) != 1)
		filter = 1;
	if (f != NULL)
		fclose(f);
	return soft == 0 && hard == 0 && filter == 0;
}

int main(void)
{
	static const char *const credentials[] = { "till1", "cashier1", "c1", "v_till", "v_cashier", "v_customer", "agent_key" };
	static const char *const codes[] = { "v_card", "v_bearer", "v_enrol", "v_enrol2", "printed" };
	struct test_server server;
	char spool[96];

	snprintf(spool, sizeof spool, "--sms-spool=%s", test_folder());
	server_start(&server, "server", (const char *const[]){ spool, "--access-log=true", NULL });
	api_begin(&server);
	api_set("folder", "%s", test_folder());
	sale_shop();
	sale_campaign();
	victim_shop();
	API_RUN(last);
	add_keys(&server);
	uint8_t wallet_key[32];
	const char *wallet = api_var("v_wallet_secret");
	add_needle("a wallet's key", wallet, strlen(wallet));
	if (api_ok(base64url_decode(wallet, strlen(wallet), wallet_key, sizeof wallet_key) == 32, "a wallet's key is 32 bytes"))
		add_bytes("a wallet's key", wallet_key, sizeof wallet_key);
	add_needle("a camera's credential", strchr(api_var("v_camera_token"), '-') + 1, 43);
	add_needle("a PIN of staff", VICTIM_STAFF_PIN, strlen(VICTIM_STAFF_PIN));
	add_needle("a customer's PIN", VICTIM_PIN, strlen(VICTIM_PIN));
	for (size_t i = 0; i < sizeof credentials / sizeof *credentials; i++)
		add_credential(credentials[i]);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		add_code(codes[i]);
	for (size_t i = 0; i < sizeof misplaced / sizeof *misplaced; i++)
		api_ok(api_send(&misplaced[i])->status != 0, "%s", misplaced[i].label);
	api_ok(no_core(server.pid), "the server leaves no core file");
	/* While it runs (the write-ahead log is there), and when all is written back. */
	nftw(test_folder(), search_file, 16, FTW_PHYS);
	api_ok(server_stop(&server), "the server ends cleanly");
	nftw(test_folder(), search_file, 16, FTW_PHYS);
	api_ok(files >= 6, "log, database and backup were searched");
	api_ok(found == 0, "no file holds a secret");
	struct needle seen = { .name = "a name that is kept", .bytes = VICTIM_MARK, .len = strlen(VICTIM_MARK) };
	needles[0] = seen;
	needle_count = 1;
	printf("# the next finds are wanted\n");
	nftw(test_folder(), search_file, 16, FTW_PHYS);
	api_ok(found >= 2, "the search finds what is there, in database and backup");
	return api_end();
}
