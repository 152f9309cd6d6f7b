/* cli_audit: looking after the books: `qrtill audit`, `qrtill backup`, `qrtill restore`, `qrtill keys ...`. Reads
 * files only when the server is not asked; writes none of the server's but a restored database and the key file. */
#include "console/cli_client.h"

#include "server/audit.h"
#include "shared/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKUP_PREFIX "qrtill-"
#define BACKUP_NAME_MAX 64
#define BACKUPS_MAX 4096

static enum qt_err path_in(const char *dir, const char *name, char out[PATH_MAX], struct problem *p)
{
	if (snprintf(out, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		return problem_set(p, QT_TOO_LONG, "data-dir", "the path is too long");
	return QT_OK;
}

/* The verdict as --json or for people; QT_AUDIT_FAILED when something was found. */
static enum qt_err tell_report(const struct cli *cli, const struct audit_report *r, struct problem *p)
{
	struct buf b = { 0 };
	struct json j;

	if (cli->json) {
		json_start(&j, &b);
		json_object(&j, NULL);
		audit_json(r, &j);
		json_end(&j);
		cli_print_json(&b);
		buf_free(&b);
	} else {
		audit_print(r, stdout);
	}
	return r->problem_count == 0 ? QT_OK : problem_set(p, QT_AUDIT_FAILED, "", "%lld rows",
		(long long)r->problem_count);
}

/* Audit a database file with the keys beside it (or those given). */
static enum qt_err audit_path(const struct cli *cli, const char *database, const char *keys_path, const char *heads,
                              struct problem *p)
{
	struct audit_options o = { .heads_path = heads };
	struct audit_report report = { 0 };
	struct keyring keys;

	enum qt_err err = keyring_load(keys_path, &keys, p);
	if (err == QT_NOT_FOUND)
		fprintf(stderr, "qrtill: %s is missing: signatures are not checked\n", keys_path);
	else if (err != QT_OK)
		return err;
	else
		o.keys = &keys;
	err = audit_file(database, &o, &report, p);
	if (err == QT_OK)
		err = tell_report(cli, &report, p);
	audit_free(&report);
	crypto_wipe(&keys, sizeof keys);
	return err;
}

static enum qt_err audit_folder(const struct cli *cli, const char *dir, struct problem *p)
{
	char database[PATH_MAX], keys[PATH_MAX], heads[PATH_MAX];
	enum qt_err err;

	if ((err = path_in(dir, "qrtill.db", database, p)) || (err = path_in(dir, "keys.conf", keys, p)) ||
	    (err = path_in(dir, "heads", heads, p)))
		return err;
	if (access(database, R_OK) != 0)
		return problem_set(p, QT_NOT_FOUND, "data-dir", "%s: %s", database, strerror(errno));
	const char *keys_path = cli_option(cli, "keys") ? cli_option(cli, "keys") : keys;
	return audit_path(cli, database, keys_path, access(heads, R_OK) == 0 ? heads : NULL, p);
}

static enum qt_err audit(struct cli *cli, struct problem *p)
{
	static const struct cli_route route = { "POST", "/v1/audit" };
	struct json_t *answer = NULL;
	struct client c;

	if (cli_option(cli, "data-dir"))
		return audit_folder(cli, cli_option(cli, "data-dir"), p);
	enum qt_err err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	err = client_request(&c, &route, &answer, p);
	if (err == QT_OK)
		client_show(&c, answer, NULL, NULL);
	if (answer && !jbool(answer, "clean", false))
		err = problem_set(p, QT_AUDIT_FAILED, "", "%zu rows", jcount(jget(answer, "problems")));
	jfree(answer);
	client_close(&c);
	return err;
}

/* "." and ".." too are taken by the server from its own folder: make the path absolute here. */
static enum qt_err absolute(const char *path, char out[PATH_MAX], struct problem *p)
{
	char here[PATH_MAX];

	if (path[0] == '/')
		return snprintf(out, PATH_MAX, "%s", path) < PATH_MAX ? QT_OK : problem_set(p, QT_TOO_LONG, "file", "too long");
	if (getcwd(here, sizeof here) == NULL)
		return problem_set(p, QT_BAD_FIELD, "file", "%s", strerror(errno));
	return path_in(here, path, out, p);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Remove the oldest copies made by --dir, so that `keep` are left. Their names sort by time. */
static enum qt_err sweep(const char *dir, int64_t keep, struct problem *p)
{
	char (*names)[BACKUP_NAME_MAX] = xcalloc(BACKUPS_MAX, BACKUP_NAME_MAX), path[PATH_MAX];
	struct dirent *e;
	size_t count = 0;
	enum qt_err err = QT_OK;

	DIR *d = opendir(dir);
	while (d && count < BACKUPS_MAX && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);
		if (n < BACKUP_NAME_MAX && n > 10 && strncmp(e->d_name, BACKUP_PREFIX, strlen(BACKUP_PREFIX)) == 0 &&
		    strcmp(e->d_name + n - 3, ".db") == 0)
			memcpy(names[count++], e->d_name, n + 1);
	}
	if (d)
		closedir(d);
	qsort(names, count, BACKUP_NAME_MAX, compare_names);
	for (size_t i = 0; err == QT_OK && i + (size_t)keep < count; i++) {
		err = path_in(dir, names[i], path, p);
		if (err == QT_OK && unlink(path) != 0)
			err = problem_set(p, QT_BAD_FIELD, "dir", "%s: %s", path, strerror(errno));
	}
	free(names);
	return err;
}

/* Where the copy goes: the argument, or a new name by the time in --dir. */
static enum qt_err backup_target(const struct cli *cli, char path[PATH_MAX], struct problem *p)
{
	const char *dir = cli_option(cli, "dir");
	char name[BACKUP_NAME_MAX], utc[21], full[PATH_MAX];

	if ((dir != NULL) == (cli->args == 1))
		return problem_set(p, QT_BAD_REQUEST, "file", "give FILE or --dir DIR");
	if (dir == NULL) {
		enum qt_err err = absolute(cli->arg[0], path, p);
		if (err == QT_OK && access(path, F_OK) == 0 && !cli_has(cli, "replace"))
			err = problem_set(p, QT_EXISTS, "file", "%s is there: --replace overwrites it", path);
		return err;
	}
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return problem_set(p, QT_BAD_FIELD, "dir", "%s: %s", dir, strerror(errno));
	clock_format_utc(clock_now_ms(), utc);
	for (char *c = utc; *c; c++)
		if (*c == ':')
			*c = '-';
	snprintf(name, sizeof name, BACKUP_PREFIX "%s.db", utc);
	enum qt_err err = path_in(dir, name, full, p);
	return err == QT_OK ? absolute(full, path, p) : err;
}

static enum qt_err backup(struct cli *cli, struct problem *p)
{
	struct buf body = { 0 };
	struct api_reply r = { 0 };
	struct json j;
	struct client c;
	char path[PATH_MAX];
	int64_t keep = 0;

	enum qt_err err = cli_option_int(cli, "keep", 1, BACKUPS_MAX - 1, &keep, p);
	if (err == QT_OK)
		err = backup_target(cli, path, p);
	if (err == QT_OK)
		err = client_open(&c, cli, p);
	if (err != QT_OK)
		return err;
	json_start(&j, &body);
	json_object(&j, NULL);
	json_text(&j, "path", path);
	json_end(&j);
	err = client_call(&c, "POST", "/v1/backup", body.data, &r, p);
	if (err == QT_OK)
		client_show(&c, r.body, NULL, NULL);
	if (err == QT_OK && keep > 0 && cli_option(cli, "dir") && !cli->dry_run)
		err = sweep(cli_option(cli, "dir"), keep, p);
	api_reply_free(&r);
	buf_free(&body);
	client_close(&c);
	return err;
}

/* Copy a file to a new one, synced. */
static enum qt_err copy_file(const char *from, const char *to, struct problem *p)
{
	char chunk[65536];
	ssize_t n = 0;

	int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return problem_set(p, errno == ENOENT ? QT_NOT_FOUND : QT_BAD_FIELD, "file", "%s: %s", from, strerror(errno));
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good = out >= 0;
	while (good && (n = read(in, chunk, sizeof chunk)) > 0)
		good = write(out, chunk, (size_t)n) == n;
	good = good && n == 0 && fsync(out) == 0;
	int why = errno;
	if (out >= 0)
		close(out);
	close(in);
	return good ? QT_OK : problem_set(p, why == ENOSPC ? QT_DISK_FULL : QT_BAD_FIELD, "data-dir", "%s: %s", to,
		strerror(why));
}

/* The folder must be empty of a shop: nothing is ever overwritten. */
static enum qt_err check_empty(const char *dir, struct problem *p)
{
	static const char *const names[] = { "qrtill.db", "qrtill.db-wal", "heads" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		enum qt_err err = path_in(dir, names[i], path, p);
		if (err != QT_OK)
			return err;
		if (access(path, F_OK) == 0)
			return problem_set(p, QT_EXISTS, "data-dir", "%s is there already", path);
	}
	return QT_OK;
}

/* The keys the restored shop will run with: those in the folder, or a copy of --keys. */
static enum qt_err restore_keys(const struct cli *cli, const char *keys, struct problem *p)
{
	const char *given = cli_option(cli, "keys");
	struct keyring ring;

	if (access(keys, F_OK) == 0)
		return given ? problem_set(p, QT_EXISTS, "keys", "%s is there already", keys) : QT_OK;
	if (given == NULL)
		return problem_set(p, QT_MISSING_FIELD, "keys", "%s is missing and a backup holds no keys: --keys FILE", keys);
	enum qt_err err = keyring_load(given, &ring, p); /* a wrong file is found before it is copied */
	crypto_wipe(&ring, sizeof ring);
	return err == QT_OK ? copy_file(given, keys, p) : err;
}

static enum qt_err restore(struct cli *cli, struct problem *p)
{
	const char *dir = cli_option(cli, "data-dir");
	char database[PATH_MAX], fresh[PATH_MAX], keys[PATH_MAX];
	enum qt_err err;

	if (dir == NULL)
		return problem_set(p, QT_MISSING_FIELD, "data-dir", "--data-dir DIR says where to");
	if ((err = path_in(dir, "qrtill.db", database, p)) || (err = path_in(dir, "restoring.db", fresh, p)) ||
	    (err = path_in(dir, "keys.conf", keys, p)) || (err = check_empty(dir, p)))
		return err;
	if (access(cli->arg[0], R_OK) != 0)
		return problem_set(p, QT_NOT_FOUND, "file", "%s: %s", cli->arg[0], strerror(errno));
	if (cli->dry_run)
		return audit_path(cli, cli->arg[0], cli_option(cli, "keys") ? cli_option(cli, "keys") : keys, NULL, p);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return problem_set(p, QT_BAD_FIELD, "data-dir", "%s: %s", dir, strerror(errno));
	if ((err = restore_keys(cli, keys, p)) || (err = copy_file(cli->arg[0], fresh, p)))
		return err;
	err = audit_path(cli, fresh, keys, NULL, p);
	if (err == QT_OK && rename(fresh, database) != 0)
		err = problem_set(p, QT_BAD_FIELD, "data-dir", "%s: %s", database, strerror(errno));
	if (err != QT_OK)
		unlink(fresh);
	return err;
}

static const struct cli_option audit_options[] = {
	{ "data-dir", "DIR", "audit the files there, without a server", CLI_OWN, NULL },
	{ "keys", "FILE", "with --data-dir: the key file, when it is elsewhere", CLI_OWN, NULL },
	{ 0 },
};
const struct command cli_audit_commands[] = {
	{ "audit", "", "[--data-dir DIR]", "recompute the whole ledger and name every row that disagrees", audit_options,
	  0, 0, audit,
	  NULL, true },
	{ 0 },
};

static const struct cli_option backup_options[] = {
	{ "replace", NULL, "overwrite FILE", CLI_OWN, NULL },
	{ "dir", "DIR", "a new file named by the time in this folder, instead of FILE", CLI_OWN, NULL },
	{ "keep", "N", "with --dir: remove all but the newest N", CLI_OWN, NULL },
	{ 0 },
};
const struct command cli_backup_commands[] = {
	{ "backup", "", "FILE | --dir DIR", "copy the running server's database", backup_options, 0, 1, backup, NULL,
	  true },
	{ 0 },
};

static const struct cli_option restore_options[] = {
	{ "data-dir", "DIR", "the folder of the new server; holds no database yet", CLI_OWN, NULL },
	{ "keys", "FILE", "the key file to put there", CLI_OWN, NULL },
	{ 0 },
};
const struct command cli_restore_commands[] = {
	{ "restore", "", "FILE --data-dir DIR", "audit a backup and put it into a new folder", restore_options, 1, 1,
	  restore },
	{ 0 },
};

/* Epochs of the code keys, without the keys. */
static void show_epochs(const struct cli *cli, const struct keyring *ring)
{
	struct view v = { .currency = "", .plain = cli->plain, .chinese = cli->chinese };
	struct buf b = { 0 }, out = { 0 };
	struct json j;

	json_start(&j, &b);
	json_object(&j, NULL);
	json_array(&j, "epochs");
	for (int i = 0; i < ring->epoch_count; i++) {
		json_object(&j, NULL);
		json_int(&j, "epoch", ring->epochs[i].epoch);
		json_int(&j, "from_ms", ring->epochs[i].from_ms);
		json_int(&j, "until_ms", ring->epochs[i].until_ms);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	if (cli->json) {
		cli_print_json(&b);
	} else {
		struct json_t *tree = jparse(b.data, b.len);
		view_table(&out, &v, jget(tree, "epochs"), NULL);
		fwrite(out.data, 1, out.len, stdout);
		jfree(tree);
	}
	buf_free(&b);
	buf_free(&out);
}

static enum qt_err keys_path(const struct cli *cli, char path[PATH_MAX], struct problem *p)
{
	const char *dir = cli_option(cli, "data-dir") ? cli_option(cli, "data-dir") : "/var/lib/qrtill";
	return path_in(dir, "keys.conf", path, p);
}

static enum qt_err keys_show(struct cli *cli, struct problem *p)
{
	struct keyring ring;
	char path[PATH_MAX];

	enum qt_err err = keys_path(cli, path, p);
	if (err == QT_OK)
		err = keyring_load(path, &ring, p);
	if (err == QT_OK)
		show_epochs(cli, &ring);
	crypto_wipe(&ring, sizeof ring);
	return err;
}

static enum qt_err keys_rotate(struct cli *cli, struct problem *p)
{
	struct keyring ring;
	char path[PATH_MAX];

	enum qt_err err = keys_path(cli, path, p);
	if (err == QT_OK)
		err = keyring_load(path, &ring, p);
	if (err == QT_OK && !cli->dry_run)
		err = client_confirm(cli, "Codes made from now on will carry a new key. Add it?", p);
	if (err == QT_OK && !cli->dry_run)
		err = keyring_rotate(path, &ring, clock_now_ms(), p);
	if (err == QT_OK) {
		show_epochs(cli, &ring);
		fprintf(stderr, "qrtill: restart qrtilld, so that it makes codes with the newest key\n");
	}
	crypto_wipe(&ring, sizeof ring);
	return err;
}

static const struct cli_option keys_options[] = {
	{ "data-dir", "DIR", "the server's folder; default: /var/lib/qrtill", CLI_OWN, NULL }, { 0 },
};
const struct command cli_keys_commands[] = {
	{ "keys", "show", "", "the code keys' epochs, without the keys", keys_options, 0, 0, keys_show },
	{ "keys", "rotate", "", "add a code key; codes made before stay valid", keys_options, 0, 0, keys_rotate },
	{ 0 },
};
