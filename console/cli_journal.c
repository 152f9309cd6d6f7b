/* cli_journal: the journal: the ledger's, which the server keeps (`qrtill journal list`), and a till's own of everything it
 * did, which is a hash chain (`journal verify`, `journal export`): read from the till's file, from an export, or from the
 * server. */
#include "console/cli_client.h"

#include "server/store/db.h"
#include "shared/chain.h"

#include <stdlib.h>
#include <string.h>

static const struct cli_option page_options[] = {
	{ "order", "ID", "those of one order", CLI_INT, "order_id" },
	{ "after", "ID", "continue after this one", CLI_INT, "after" },
	{ "limit", "N", "at most this many", CLI_INT, "limit" },
	{ 0 },
};

static const struct cli_route journal_route = { "GET", "/v1/journal", .list = "journals" };

/* Journals with their entries under each. */
static enum qt_err show_journals(struct cli *cli, struct problem *p)
{
	struct json_t *answer = NULL, *row;
	struct client c;

	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = client_request(&c, &journal_route, &answer, p);
	if (err == QT_OK && cli->json)
		client_show(&c, answer, NULL, NULL);
	for (size_t i = 0; !cli->json && (row = jat(jget(answer, "journals"), i)) != NULL; i++) {
		if (i)
			putchar('\n');
		client_show(&c, row, NULL, NULL);
	}
	jfree(answer);
	client_close(&c);
	return err;
}

/* ---- a till's chain as JSON, chain.h, from wherever it is ---- */

/* Columns as members; names end with NULL, a name that begins with # is a number. */
static enum qt_err write_rows(struct db *db, struct sql *query, const char *array, const char *const *names,
                              struct json *j)
{
	struct stmt *s = db_stmt(db, query);

	json_array(j, array);
	while (stmt_step(s)) {
		json_object(j, NULL);
		for (int i = 0; names[i] != NULL; i++)
			if (names[i][0] == '#')
				json_int(j, names[i] + 1, stmt_col_int(s, i));
			else
				json_text(j, names[i], stmt_col_text(s, i));
		json_end(j);
	}
	json_end(j);
	return stmt_end(s);
}

static enum qt_err chain_of_till_file(const char *path, struct buf *out, struct problem *p)
{
	SQL(about, "SELECT COALESCE((SELECT value FROM setting WHERE name = 'event_terminal'), '0'), "
	           "COALESCE((SELECT value FROM setting WHERE name = 'event_key'), '')");
	SQL(tables, "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('event', 'event_head', 'setting')");
	SQL(events, "SELECT sequence, at_ms, kind, content, previous, hash FROM event ORDER BY sequence");
	SQL(heads, "SELECT sequence, at_ms, hash, signature FROM event_head ORDER BY sequence");
	static const char *const event_names[] = { "#sequence", "#at_ms", "kind", "content", "previous", "hash", NULL };
	static const char *const head_names[] = { "#sequence", "#at_ms", "hash", "signature", NULL };
	char terminal[24], key[65];
	int64_t count = 0;
	struct json j;
	struct db *db;

	enum qt_err err = db_open(path, DB_READ, &db, p);
	if (err != QT_OK)
		return err;
	err = db_one(db, &tables, "", "i", &count);
	if (err == QT_OK && count != 3)
		err = problem_set(p, QT_NOT_FOUND, "FILE", "%s: no till's file with a journal", path);
	if (err == QT_OK)
		err = db_one(db, &about, "", "tt", terminal, sizeof terminal, key, sizeof key);
	if (err == QT_OK) {
		json_start(&j, out);
		json_object(&j, NULL);
		json_int(&j, "terminal_id", strtoll(terminal, NULL, 10));
		json_text(&j, "public_key", key);
		err = write_rows(db, &events, "events", event_names, &j);
		if (err == QT_OK)
			err = write_rows(db, &heads, "heads", head_names, &j);
		json_end(&j);
	}
	db_close(db);
	return err;
}

/* Elements of an array of one page into the open array. */
static void add_all(struct json *j, const struct json_t *array)
{
	const struct json_t *row;

	for (size_t i = 0; (row = jat(array, i)) != NULL; i++) {
		char *text = jdump(row);
		json_raw(j, NULL, text, strlen(text));
		free(text);
	}
}

#define JOURNAL_MAX (256 << 20)
static enum qt_err chain_of_server(struct cli *cli, int64_t till, struct buf *out, struct problem *p)
{
	struct buf heads = { 0 }, path = { 0 };
	struct json j, h;
	struct client c;
	int64_t after = 0;
	enum qt_err err = client_open(&c, cli, p);

	if (err != QT_OK)
		return err;
	json_start(&j, out);
	json_start(&h, &heads);
	json_object(&j, NULL);
	json_array(&h, NULL);
	for (bool first = true; err == QT_OK && (first || after > 0); first = false) {
		struct api_reply r = { 0 };
		buf_reset(&path);
		buf_addf(&path, "/v1/terminals/%lld/events?after=%lld", (long long)till, (long long)after);
		err = client_call(&c, "GET", path.data, NULL, &r, p);
		if (err == QT_OK && first) {
			json_int(&j, "terminal_id", till);
			json_text(&j, "public_key", jtext(r.body, "public_key", ""));
			json_array(&j, "events");
		}
		add_all(&j, jget(r.body, "events"));
		add_all(&h, jget(r.body, "heads"));
		after = err == QT_OK ? jint(r.body, "next_after", 0) : 0;
		api_reply_free(&r);
	}
	json_end(&h);
	if (err == QT_OK) {
		json_end(&j);
		json_raw(&j, "heads", heads.data, heads.len);
		json_end(&j);
	}
	buf_free(&path);
	buf_free(&heads);
	client_close(&c);
	return err;
}

/* The chain the command line names; the caller frees the text. */
static enum qt_err chain_text(struct cli *cli, struct buf *out, struct problem *p)
{
	char head[16] = "";
	int64_t till = 0;
	enum qt_err err = cli_option_int(cli, "till", 1, INT64_MAX, &till, p);

	if (err != QT_OK)
		return err;
	if ((cli->args == 1) == (till != 0))
		return problem_set(p, QT_BAD_REQUEST, "FILE", "name a till's file, an export, or --till");
	if (till != 0)
		return chain_of_server(cli, till, out, p);
	FILE *f = fopen(cli->arg[0], "rbe");
	bool database = f && fread(head, 1, 15, f) == 15 && strcmp(head, "SQLite format 3") == 0;
	if (f)
		fclose(f);
	if (database)
		return chain_of_till_file(cli->arg[0], out, p);
	err = cli_read_file(cli->arg[0], JOURNAL_MAX, &out->data, &out->len, p);
	out->room = err == QT_OK ? out->len + 1 : 0;
	return err;
}

static enum qt_err read_chain(struct cli *cli, struct json_t **chain, struct problem *p)
{
	struct buf text = { 0 };
	enum qt_err err = chain_text(cli, &text, p);

	if (err == QT_OK) {
		*chain = jparse(text.data, text.len);
		if (jkind_of(jget(*chain, "events")) != JKIND_ARRAY)
			err = problem_set(p, QT_BAD_FIELD, "FILE", "this is no till's journal");
	}
	buf_free(&text);
	return err;
}

static void print_verdict(const struct cli *cli, const struct json_t *chain, const struct chain_fault *f)
{
	const struct json_t *events = jget(chain, "events"), *heads = jget(chain, "heads");
	size_t count = jcount(events), head_count = jcount(heads);
	int64_t first = jint(jat(events, 0), "sequence", 0);
	int64_t last = count ? jint(jat(events, count - 1), "sequence", 0) : 0;
	int64_t signed_to = head_count ? jint(jat(heads, head_count - 1), "sequence", 0) : 0;
	struct buf b = { 0 };
	struct json j;

	if (!cli->json) {
		if (f->sequence == 0)
			printf("whole: events %lld to %lld, countersigned up to %lld\n", (long long)first, (long long)last,
			       (long long)signed_to);
		return;
	}
	json_start(&j, &b);
	json_object(&j, NULL);
	json_bool(&j, "whole", f->sequence == 0);
	json_int(&j, "first", first);
	json_int(&j, "last", last);
	json_int(&j, "countersigned", signed_to);
	if (f->sequence != 0) {
		json_int(&j, "sequence", f->sequence);
		json_text(&j, "kind", f->kind);
		json_text(&j, "what", f->what);
		json_text(&j, "detail", f->detail);
	}
	json_end(&j);
	cli_print_json(&b);
	buf_free(&b);
}

static enum qt_err verify(struct cli *cli, struct problem *p)
{
	struct json_t *chain = NULL;
	struct chain_fault fault;
	enum qt_err err = read_chain(cli, &chain, p);

	if (err == QT_OK) {
		chain_check(chain, cli_option(cli, "key"), &fault);
		print_verdict(cli, chain, &fault);
		if (fault.sequence != 0)
			err = problem_set(p, QT_AUDIT_FAILED, "event", "%lld%s%s: %s: %s", (long long)fault.sequence,
			                  fault.kind[0] ? " " : "", fault.kind, fault.what, fault.detail);
	}
	jfree(chain);
	return err;
}

static enum qt_err export_chain(struct cli *cli, struct problem *p)
{
	struct json_t *chain = NULL;
	enum qt_err err = read_chain(cli, &chain, p);

	if (err == QT_OK) {
		char *text = jdump(chain);
		puts(text);
		free(text);
	}
	jfree(chain);
	return err;
}

static const struct cli_option verify_options[] = {
	{ "till", "ID", "the till, as the server has it", CLI_OWN, NULL },
	{ "key", "HEX", "the server's public key; default: the one with the journal", CLI_OWN, NULL },
	{ 0 },
};
static const struct cli_option export_options[] = {
	{ "till", "ID", "the till, as the server has it", CLI_OWN, NULL },
	{ 0 },
};
const struct command cli_journal_commands[] = {
	{ "journal", "list", "[--order ID]", "the ledger's journals with every entry", page_options, 0, 0, show_journals,
	  &journal_route, true },
	{ "journal", "verify", "FILE | --till ID", "check a till's journal and name its first broken link", verify_options,
	  0, 1, verify, NULL, true },
	{ "journal", "export", "FILE | --till ID", "a till's journal as JSON", export_options, 0, 1, export_chain, NULL,
	  true },
	{ 0 },
};
