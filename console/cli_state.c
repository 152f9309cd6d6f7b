/* cli_state: see cli_state.h. */
#include "console/cli_state.h"

#include "console/cli.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STATE_FILE_MAX 65536

bool state_name_is_good(const char *name)
{
	size_t n = strlen(name);
	return n > 0 && n <= 40 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == n;
}

static enum qt_err state_path(const struct state *s, char path[PATH_MAX], struct problem *p)
{
	const char *base = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (!state_name_is_good(s->name))
		return problem_set(p, QT_BAD_FIELD, "name", "letters, digits, - and _ only, at most 40");
	if (base != NULL && base[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/qrtill/%s-%s.json", base, s->kind, s->name);
	else if (home != NULL && home[0] == '/')
		n = snprintf(path, PATH_MAX, "%s/.local/state/qrtill/%s-%s.json", home, s->kind, s->name);
	else
		return problem_set(p, QT_BAD_CONFIG, "HOME", "is not set; neither is XDG_STATE_HOME");
	return n < PATH_MAX ? QT_OK : problem_set(p, QT_BAD_CONFIG, "XDG_STATE_HOME", "is too long");
}

static void take_member(void *ctx, const char *name, struct json_t *value)
{
	if (jkind_of(value) == JKIND_TEXT)
		state_set(ctx, name, jvalue_text(value, ""));
}

enum qt_err state_load(struct state *s, const char *kind, const char *name, struct problem *p)
{
	char path[PATH_MAX], *text = NULL;
	struct json_t *tree = NULL;
	struct stat st;
	size_t len = 0;
	enum qt_err err;

	*s = (struct state){ 0 };
	snprintf(s->kind, sizeof s->kind, "%s", kind);
	snprintf(s->name, sizeof s->name, "%s", name);
	err = state_path(s, path, p);
	if (err != QT_OK)
		return err;
	if (stat(path, &st) != 0)
		return problem_set(p, QT_NOT_FOUND, kind, "there is no %s \"%s\" here (%s)", kind, name, path);
	if ((st.st_mode & 077) != 0)
		return problem_set(p, QT_BAD_CONFIG, kind, "%s can be read by others: chmod 600", path);
	err = cli_read_file(path, STATE_FILE_MAX, &text, &len, p);
	if (err != QT_OK)
		return err;
	tree = jparse(text, len);
	if (jkind_of(tree) == JKIND_OBJECT)
		jeach(tree, take_member, s);
	else
		err = problem_set(p, QT_BAD_CONFIG, kind, "%s is not a JSON object", path);
	jfree(tree);
	free(text);
	return err;
}

/* Every missing folder of the path, for this user alone. */
static bool make_folders(const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		memcpy(part, path, (size_t)(slash - path));
		part[slash - path] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return false;
	}
	return true;
}

enum qt_err state_save(const struct state *s, struct problem *p)
{
	char path[PATH_MAX];
	struct buf b = { 0 };
	struct json j;

	enum qt_err err = state_path(s, path, p);
	if (err != QT_OK)
		return err;
	if (!make_folders(path))
		return problem_set(p, QT_BAD_CONFIG, s->kind, "%s: %s", path, strerror(errno));
	json_start(&j, &b);
	json_object(&j, NULL);
	for (int i = 0; i < s->count; i++)
		json_text(&j, s->members[i].name, s->members[i].text);
	json_end(&j);
	buf_addc(&b, '\n');
	mode_t old = umask(077);
	err = cli_write_file(path, b.data, b.len, p);
	umask(old);
	buf_free(&b);
	return err;
}

const char *state_get(const struct state *s, const char *member)
{
	for (int i = 0; i < s->count; i++)
		if (strcmp(s->members[i].name, member) == 0)
			return s->members[i].text;
	return "";
}

void state_set(struct state *s, const char *member, const char *text)
{
	int i = 0;

	assert(strlen(member) < sizeof s->members[0].name);
	while (i < s->count && strcmp(s->members[i].name, member) != 0)
		i++;
	if (i < s->count)
		free(s->members[i].text);
	if (text == NULL || text[0] == '\0') {
		if (i < s->count)
			s->members[i] = s->members[--s->count];
		return;
	}
	assert(i < STATE_MEMBERS_MAX);
	if (i == s->count)
		s->count++;
	snprintf(s->members[i].name, sizeof s->members[i].name, "%s", member);
	s->members[i].text = xstrdup(text);
}

void state_free(struct state *s)
{
	for (int i = 0; i < s->count; i++)
		free(s->members[i].text);
	*s = (struct state){ 0 };
}
