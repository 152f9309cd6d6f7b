/* page_files: see page_files.h. */
#include "server/page_files.h"

#include "server/template.h"
#include "shared/crypto.h"
#include "shared/jread.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1024 * 1024) /* bytes; pages are small, more is a mistake */

struct page_file {
	char *name;               /* relative to the folder: "js/pay.mjs"; owned */
	char *data;               /* NUL-terminated; owned */
	size_t len;
	char etag[PAGE_ETAG_SIZE];
	const char *content_type; /* NULL: a template, not served as it is */
};
struct web {
	struct page_file *files;
	int count;
	struct json_t *en, *zh;   /* dictionaries */
};

/* Replaced as a whole, under the lock. */
static struct web current;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static const struct {
	const char *ending;
	const char *content_type; /* NULL: not served as it is */
} endings[] = {
	{ ".css",  "text/css; charset=utf-8" },         { ".mjs", "text/javascript; charset=utf-8" },
	{ ".js",   "text/javascript; charset=utf-8" },  { ".svg", "image/svg+xml" },
	{ ".json", "application/json" },                { ".png", "image/png" },
	{ ".html", NULL },                              { ".webmanifest", NULL },
};

/* Index into endings[], -1 for files that are none of ours (editors' leavings). */
static int ending_of(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		size_t n = strlen(endings[i].ending);
		if (len > n && name[0] != '.' && strcmp(name + len - n, endings[i].ending) == 0)
			return (int)i;
	}
	return -1;
}

static enum qt_err read_file(struct web *web, const char *path, const char *name, int ending, struct problem *problem)
{
	enum qt_err err = QT_BAD_CONFIG;
	struct buf data = { 0 };
	uint8_t hash[32];
	char part[4096];
	size_t n;
	FILE *f = fopen(path, "rbe");

	if (f == NULL)
		return problem_set(problem, err, "web_dir", "%s: %s", path, strerror(errno));
	buf_adds(&data, "");
	while ((n = fread(part, 1, sizeof part, f)) > 0 && data.len <= FILE_MAX)
		buf_add(&data, part, n);
	if (ferror(f) || data.len > FILE_MAX) {
		problem_set(problem, err, "web_dir", "%s: cannot be read, or is larger than 1 MB", path);
		goto out;
	}
	web->files = xrealloc(web->files, (size_t)(web->count + 1) * sizeof *web->files);
	struct page_file *file = &web->files[web->count++];
	*file = (struct page_file){ .name = xstrdup(name), .len = data.len, .content_type = endings[ending].content_type };
	crypto_sha256(data.data, data.len, hash);
	file->etag[0] = '"';
	hex_encode(hash, 8, file->etag + 1);
	strcat(file->etag, "\"");
	file->data = buf_take(&data);
	err = QT_OK;
out:
	fclose(f);
	buf_free(&data);
	return err;
}

static enum qt_err read_folder(struct web *web, const char *web_dir, const char *sub, struct problem *problem)
{
	char path[1024], name[512];
	enum qt_err err = QT_OK;
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof path, "%s/%s", web_dir, sub);
	dir = opendir(path);
	if (dir == NULL)
		return problem_set(problem, QT_BAD_CONFIG, "web_dir", "%s: %s", path, strerror(errno));
	while (err == QT_OK && (entry = readdir(dir)) != NULL) {
		int ending = ending_of(entry->d_name);
		if (ending < 0)
			continue;
		snprintf(name, sizeof name, "%s%s%s", sub, *sub ? "/" : "", entry->d_name);
		if (snprintf(path, sizeof path, "%s/%s", web_dir, name) >= (int)sizeof path)
			err = problem_set(problem, QT_BAD_CONFIG, "web_dir", "the path of %.80s is too long", name);
		else
			err = read_file(web, path, name, ending, problem);
	}
	closedir(dir);
	return err;
}

static void forget(struct web *web)
{
	for (int i = 0; i < web->count; i++) {
		free(web->files[i].name);
		free(web->files[i].data);
	}
	free(web->files);
	jfree(web->en);
	jfree(web->zh);
}

static const struct page_file *find(const struct web *web, const char *name)
{
	for (int i = 0; i < web->count; i++) {
		if (strcmp(web->files[i].name, name) == 0)
			return &web->files[i];
	}
	return NULL;
}

static enum qt_err read_dictionary(const struct web *web, const char *name, struct json_t **dictionary,
                                   struct problem *problem)
{
	const struct page_file *file = find(web, name);

	*dictionary = file ? jparse(file->data, file->len) : NULL;
	if (jkind_of(*dictionary) != JKIND_OBJECT)
		return problem_set(problem, QT_BAD_CONFIG, "web_dir", "%s is missing or is no JSON object", name);
	return QT_OK;
}

enum qt_err page_files_open(const char *web_dir, struct problem *problem)
{
	static const char *const folders[] = { "", "js", "text", "icons" };
	struct web web = { 0 };
	enum qt_err err = QT_OK;

	for (size_t i = 0; err == QT_OK && i < sizeof folders / sizeof *folders; i++)
		err = read_folder(&web, web_dir, folders[i], problem);
	if (err == QT_OK)
		err = read_dictionary(&web, "text/en.json", &web.en, problem);
	if (err == QT_OK)
		err = read_dictionary(&web, "text/zh.json", &web.zh, problem);
	if (err == QT_OK) {
		pthread_rwlock_wrlock(&lock);
		struct web before = current;
		current = web;
		web = before;
		pthread_rwlock_unlock(&lock);
	}
	forget(&web);
	return err;
}

enum qt_err page_files_add(const char *name, struct buf *out, const char **content_type, char etag[PAGE_ETAG_SIZE])
{
	enum qt_err err = QT_NO_ROUTE;

	pthread_rwlock_rdlock(&lock);
	const struct page_file *file = find(&current, name);
	if (file && file->content_type) {
		buf_add(out, file->data, file->len);
		*content_type = file->content_type;
		memcpy(etag, file->etag, PAGE_ETAG_SIZE);
		err = QT_OK;
	}
	pthread_rwlock_unlock(&lock);
	return err;
}

static const char *find_source(void *context, const char *name)
{
	const struct page_file *file = find(context, name);

	return file ? file->data : NULL;
}

enum qt_err page_files_render(const char *name, bool chinese, const struct json_t *values, struct buf *out,
                              struct problem *problem)
{
	pthread_rwlock_rdlock(&lock);
	const struct template_env env = {
		.text = chinese ? current.zh : current.en, .chinese = chinese, .find = find_source, .context = &current,
	};
	const struct page_file *file = find(&current, name);
	enum qt_err err = file ? template_render(&env, file->data, values, out, problem)
	                       : problem_set(problem, QT_BAD_CONFIG, "web_dir", "%s is missing", name);
	pthread_rwlock_unlock(&lock);
	return err;
}
