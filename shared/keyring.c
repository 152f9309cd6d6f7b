/* keyring: the key file (declared in crypto.h, described in qrtill-keys(5)). Owns its syntax and its safety on disk:
 * mode 0600, written beside, fsynced and renamed; and that no core dump holds what was read. Nothing else in the tree reads
 * or writes it. */
#include "shared/clock.h"
#include "shared/crypto.h"
#include "shared/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libconfig.h>

#define FILE_VERSION 1
#define EPOCH_LAST 255 /* one byte in a code */

/* The roots besides the epochs: every one is 32 bytes, written as 64 hexadecimal digits. */
static const struct root {
	const char *name;
	size_t offset;
} roots[] = {
	{ "pepper", offsetof(struct keyring, pepper) },
	{ "lookup_key", offsetof(struct keyring, lookup_key) },
	{ "seal_seed", offsetof(struct keyring, seal_seed) },
	{ "row_key", offsetof(struct keyring, row_key) },
	{ "peer_key", offsetof(struct keyring, peer_key) },
};
#define ROOT_COUNT (sizeof roots / sizeof *roots)

static uint8_t *root_of(struct keyring *ring, const struct root *root)
{
	return (uint8_t *)ring + root->offset;
}

static enum qt_err read_key(const config_setting_t *parent, const char *name, uint8_t out[32], struct problem *p)
{
	const char *hex = NULL;

	if (!config_setting_lookup_string(parent, name, &hex))
		return problem_set(p, QT_BAD_CONFIG, name, "missing in the key file");
	if (strlen(hex) != 64 || hex_decode(hex, 64, out, 32) != 32)
		return problem_set(p, QT_BAD_CONFIG, name, "must be 64 hexadecimal digits");
	return QT_OK;
}

static enum qt_err read_epochs(const config_t *file, struct keyring *ring, struct problem *p)
{
	config_setting_t *list = config_lookup(file, "epochs");
	int count = list && config_setting_is_list(list) ? config_setting_length(list) : 0;

	if (count < 1 || count > KEY_EPOCHS_MAX)
		return problem_set(p, QT_BAD_CONFIG, "epochs", "must be a list of 1 to %d epochs", KEY_EPOCHS_MAX);
	for (int i = 0; i < count; i++) {
		config_setting_t *one = config_setting_get_elem(list, (unsigned)i);
		long long from = 0, until = 0;
		int number = 0;
		if (!config_setting_is_group(one) || !config_setting_lookup_int(one, "epoch", &number) || number < 1 ||
		    number > EPOCH_LAST || (i > 0 && number <= ring->epochs[i - 1].epoch))
			return problem_set(p, QT_BAD_CONFIG, "epochs", "epoch %d: numbers must rise, from 1 to %d", i + 1,
			                   EPOCH_LAST);
		config_setting_lookup_int64(one, "from_ms", &from);
		config_setting_lookup_int64(one, "until_ms", &until);
		if (from < 0 || until < 0 || (until != 0 && until <= from))
			return problem_set(p, QT_BAD_CONFIG, "epochs", "epoch %d: until_ms must be later than from_ms", number);
		ring->epochs[i].epoch = number;
		ring->epochs[i].from_ms = from;
		ring->epochs[i].until_ms = until;
		enum qt_err err = read_key(one, "code_key", ring->epochs[i].code_key, p);
		if (err != QT_OK)
			return err;
	}
	ring->epoch_count = count;
	return QT_OK;
}

/* The file must be a plain one that nobody else may read: a key that leaked is no key. */
static enum qt_err open_private(const char *path, FILE **file, struct problem *p)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return problem_set(p, QT_NOT_FOUND, "keys", "%s does not exist", path);
	if (fd < 0)
		return problem_set(p, QT_BAD_CONFIG, "keys", "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0) {
		close(fd);
		return problem_set(p, QT_BAD_CONFIG, "keys", "%s must be a plain file of mode 0600", path);
	}
	*file = fdopen(fd, "r");
	if (*file == NULL)
		fatal("out of memory");
	return QT_OK;
}

enum qt_err keyring_load(const char *path, struct keyring *ring, struct problem *p)
{
	struct keyring r = { 0 };
	config_t config;
	FILE *file = NULL;
	int version = 0;

	enum qt_err err = open_private(path, &file, p);
	if (err != QT_OK)
		return err;
	config_init(&config);
	if (!config_read(&config, file)) {
		err = problem_set(p, QT_BAD_CONFIG, "keys", "%s line %d: %s", path, config_error_line(&config),
		                  config_error_text(&config));
		goto out;
	}
	if (!config_lookup_int(&config, "version", &version) || version != FILE_VERSION) {
		err = problem_set(p, QT_BAD_CONFIG, "version", "%s: version must be %d", path, FILE_VERSION);
		goto out;
	}
	if ((err = read_epochs(&config, &r, p)) != QT_OK)
		goto out;
	for (size_t i = 0; i < ROOT_COUNT; i++)
		if ((err = read_key(config_root_setting(&config), roots[i].name, root_of(&r, &roots[i]), p)) != QT_OK)
			goto out;
	*ring = r;
out:
	config_destroy(&config);
	fclose(file);
	crypto_wipe(&r, sizeof r);
	return err;
}

static void print_ring(FILE *file, struct keyring *ring)
{
	char hex[65];

	fprintf(file, "# Keys of qrtilld; see qrtill-keys(5). Keep a copy apart from the database, and let nobody read "
	        "it.\nversion = %d;\nepochs = (", FILE_VERSION);
	for (int i = 0; i < ring->epoch_count; i++) {
		hex_encode(ring->epochs[i].code_key, 32, hex);
		fprintf(file, "%s\n  { epoch = %d; code_key = \"%s\"; from_ms = %lldL; until_ms = %lldL; }", i ? "," : "",
		        ring->epochs[i].epoch, hex, (long long)ring->epochs[i].from_ms, (long long)ring->epochs[i].until_ms);
	}
	fputs("\n);\n", file);
	for (size_t i = 0; i < ROOT_COUNT; i++) {
		hex_encode(root_of(ring, &roots[i]), 32, hex);
		fprintf(file, "%s = \"%s\";\n", roots[i].name, hex);
	}
	crypto_wipe(hex, sizeof hex);
}

/* `replace`: an existing file is replaced; otherwise it is kept and the answer is QT_EXISTS. */
static enum qt_err write_ring(const char *path, struct keyring *ring, bool replace, struct problem *p)
{
	char temporary[4096];

	if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int)sizeof temporary)
		return problem_set(p, QT_BAD_CONFIG, "keys", "the path is too long");
	int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 by POSIX */
	if (fd < 0)
		return problem_set(p, QT_BAD_CONFIG, "keys", "cannot write beside %s: %s", path, strerror(errno));
	FILE *file = fdopen(fd, "w");
	if (file == NULL)
		fatal("out of memory");
	print_ring(file, ring);
	bool good = fflush(file) == 0 && fsync(fd) == 0;
	good = fclose(file) == 0 && good;
	/* link() refuses to overwrite, rename() does not. */
	if (good && (replace ? rename(temporary, path) : link(temporary, path)) != 0)
		good = false;
	int why = errno;
	if (!good || !replace)
		unlink(temporary);
	if (!good && !replace && why == EEXIST)
		return problem_set(p, QT_EXISTS, "keys", "%s exists already", path);
	if (!good || !folder_sync(path))
		return problem_set(p, QT_BAD_CONFIG, "keys", "cannot write %s: %s", path, strerror(why));
	return QT_OK;
}

enum qt_err keyring_create(const char *path, struct keyring *ring, struct problem *p)
{
	struct keyring r = { .epoch_count = 1 };

	r.epochs[0].epoch = 1; /* from_ms 0: the first epoch has always begun */
	random_bytes(r.epochs[0].code_key, 32);
	for (size_t i = 0; i < ROOT_COUNT; i++)
		random_bytes(root_of(&r, &roots[i]), 32);
	enum qt_err err = write_ring(path, &r, false, p);
	if (err == QT_OK)
		*ring = r;
	crypto_wipe(&r, sizeof r);
	return err;
}

enum qt_err keyring_rotate(const char *path, struct keyring *ring, int64_t now_ms, struct problem *p)
{
	struct keyring r = *ring;
	int kept = 0, newest = r.epochs[r.epoch_count - 1].epoch;

	for (int i = 0; i < r.epoch_count; i++)
		if (r.epochs[i].until_ms == 0 || r.epochs[i].until_ms > now_ms)
			r.epochs[kept++] = r.epochs[i];
	if (kept == KEY_EPOCHS_MAX || newest == EPOCH_LAST)
		return problem_set(p, QT_CONFLICT, "epochs", kept == KEY_EPOCHS_MAX ?
		                   "%d epochs are still valid; end one first (until_ms)" : "epoch %d was the last number",
		                   kept == KEY_EPOCHS_MAX ? kept : newest);
	r.epochs[kept].epoch = newest + 1;
	r.epochs[kept].from_ms = now_ms;
	r.epochs[kept].until_ms = 0;
	random_bytes(r.epochs[kept].code_key, 32);
	r.epoch_count = kept + 1;
	enum qt_err err = write_ring(path, &r, true, p);
	if (err == QT_OK)
		*ring = r;
	crypto_wipe(&r, sizeof r);
	return err;
}

void keyring_leave_no_core(void)
{
	static const char path[] = "/proc/self/coredump_filter";
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		log_line('W', "core files cannot be switched off");
	/* A collector gets a dump whatever the limit says. Without /proc the limit has to do. */
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "0", 1) != 1)
		log_line('W', "%s cannot be written", path);
	if (fd >= 0)
		close(fd);
}
