/* migrate: numbered schema files, applied in order, each in one transaction together with the row that records it. */
#include "server/store/migrate.h"

#include "server/store/tx.h"
#include "shared/buf.h"
#include "shared/clock.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "0042-name.sql" -> 42; 0 when it is no migration. */
static int number_of(const char *name)
{
	size_t len = strlen(name);

	if (strspn(name, "0123456789") != 4 || name[4] != '-' || len < 9 || strcmp(name + len - 4, ".sql") != 0)
		return 0;
	return atoi(name);
}

static int is_migration(const struct dirent *e)
{
	return number_of(e->d_name) > 0;
}

static enum qt_err read_file(const char *path, struct buf *out, struct problem *why)
{
	char piece[8192];
	size_t n;
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return problem_set(why, QT_BAD_CONFIG, "schema_dir", "%.150s: %s", path, strerror(errno));
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(out, piece, n);
	bool bad = ferror(f);
	fclose(f);
	return bad ? problem_set(why, QT_BAD_CONFIG, "schema_dir", "%.150s cannot be read", path) : QT_OK;
}

static enum qt_err newest_applied(struct db *db, int64_t *number)
{
	SQL(newest, "SELECT coalesce(max(id), 0) FROM migration");

	*number = 0;
	if (!db_table_exists(db, "migration"))
		return QT_OK;
	return db_one(db, &newest, "", "i", number);
}

static enum qt_err apply(struct db *db, const char *folder, const char *name, struct problem *why)
{
	static const char table[] =
		"CREATE TABLE IF NOT EXISTS migration ("
		" id INTEGER PRIMARY KEY, /* number of the schema file */"
		" name TEXT NOT NULL,     /* its name */"
		" at_ms BIGINT NOT NULL   /* when it was applied */"
		")";
	struct buf path = { 0 }, text = { 0 };

	buf_addf(&path, "%s/%s", folder, name);
	enum qt_err err = read_file(path.data, &text, why);
	if (err != QT_OK)
		goto out;
	db_begin(db);
	err = db_schema_run(db, table, why);
	if (err == QT_OK && text.len > 0)
		err = db_schema_run(db, text.data, why);
	if (err == QT_OK) {
		SQL(record, "INSERT INTO migration (id, name, at_ms) VALUES ($1, $2, $3)");
		err = db_run(db, &record, "iti", (int64_t)number_of(name), name, clock_now_ms());
	}
	if (err == QT_OK)
		err = db_commit(db);
	else
		db_rollback(db);
	if (err != QT_OK && why != NULL && why->detail[0] != '\0')
		log_line('E', "%s: %s", path.data, why->detail);
out:
	buf_free(&path);
	buf_free(&text);
	return err;
}

enum qt_err migrate_run(struct db *db, const char *schema_dir, struct problem *why)
{
	struct dirent **list = NULL;
	int64_t applied;
	enum qt_err err = newest_applied(db, &applied);
	if (err != QT_OK)
		return err;
	int count = scandir(schema_dir, &list, is_migration, alphasort);
	if (count < 0)
		return problem_set(why, QT_BAD_CONFIG, "schema_dir", "%.150s: %s", schema_dir, strerror(errno));
	int newest = count > 0 ? number_of(list[count - 1]->d_name) : 0;
	if (newest == 0)
		err = problem_set(why, QT_BAD_CONFIG, "schema_dir", "%.150s holds no schema files", schema_dir);
	else if (applied > newest)
		err = problem_set(why, QT_BAD_CONFIG, "schema_dir",
		                  "the database is at schema %d, newer than this program's %d", (int)applied, newest);
	for (int i = 0; i < count; i++) {
		if (err == QT_OK && number_of(list[i]->d_name) > applied)
			err = apply(db, schema_dir, list[i]->d_name, why);
		free(list[i]);
	}
	free(list);
	if (applied < newest)
		db_shrink(db);
	return err;
}
