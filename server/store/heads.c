/* heads: see heads.h. Owns the heads file. */
#include "server/store/heads.h"

#include "shared/buf.h"
#include "shared/crypto.h"
#include "shared/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 400

static const char signed_prefix[] = "qrtill head ";

static void line_make(const uint8_t seed[32], const struct head *head, struct buf *line)
{
	uint8_t signature[64];
	char hex[65], base64[90];

	hex_encode(head->hash, 32, hex);
	buf_adds(line, signed_prefix);
	buf_addf(line, "1 %" PRId64 " %" PRId64 " %s", head->seal_id, head->at_ms, hex);
	crypto_sign(seed, line->data, line->len, signature);
	base64url_encode(signature, sizeof signature, base64);
	buf_addf(line, " %s\n", base64);
}

static bool line_read(const uint8_t public_key[32], char *line, struct head *head)
{
	char hex[65], signature_text[90], *space = strrchr(line, ' ');
	uint8_t signature[64];
	struct buf text = { 0 };

	if (sscanf(line, "1 %" SCNd64 " %" SCNd64 " %64s %89s", &head->seal_id, &head->at_ms, hex, signature_text) != 4 ||
	    space == NULL || hex_decode(hex, strlen(hex), head->hash, 32) != 32 ||
	    base64url_decode(signature_text, strlen(signature_text), signature, 64) != 64)
		return false;
	buf_adds(&text, signed_prefix);
	buf_add(&text, line, (size_t)(space - line));
	bool good = crypto_verify(public_key, text.data, text.len, signature);
	buf_free(&text);
	return good;
}

/* The file's lines; the younger half when they are many. False: it is there, but cannot be read. */
static bool lines_read(const char *path, struct buf *text)
{
	char part[4096];
	size_t n, lines = 0, from = 0;
	FILE *f = fopen(path, "r");

	if (f == NULL)
		return errno == ENOENT;
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(text, part, n);
	bool good = ferror(f) == 0;
	fclose(f);
	for (size_t i = 0; i < text->len; i++)
		lines += text->data[i] == '\n';
	for (size_t drop = lines < HEADS_MAX ? 0 : lines - HEADS_MAX / 2; drop > 0; from++)
		drop -= text->data[from] == '\n';
	if (from > 0) {
		struct buf younger = { 0 };
		buf_add(&younger, text->data + from, text->len - from);
		buf_free(text);
		*text = younger;
	}
	return good;
}

/* Written beside, synced, renamed: a line that a power cut had torn would look as if somebody else had written it. */
enum qt_err heads_append(const char *path, const uint8_t seed[32], const struct head *head)
{
	enum qt_err err = QT_STORE;
	struct buf text = { 0 }, line = { 0 }, temporary = { 0 };
	int fd = -1;

	buf_addf(&temporary, "%s.new", path);
	if (!lines_read(path, &text))
		goto out;
	line_make(seed, head, &line);
	/* Without the signed prefix: it only keeps the signature from being taken for another kind of text's. */
	size_t skip = sizeof signed_prefix - 1;
	buf_add(&text, line.data + skip, line.len - skip);
	fd = open(temporary.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len || fsync(fd) != 0 ||
	    rename(temporary.data, path) != 0 || !folder_sync(path))
		goto out;
	err = QT_OK;
out:
	if (err != QT_OK)
		log_line('E', "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	buf_free(&text);
	buf_free(&line);
	buf_free(&temporary);
	return err;
}

enum qt_err heads_read(const char *path, const uint8_t public_key[32], struct head **heads, int *count, int *bad)
{
	char line[LINE_MAX_BYTES];
	int room = 0;
	FILE *f = fopen(path, "r");

	*heads = NULL;
	*count = *bad = 0;
	if (f == NULL)
		return errno == ENOENT ? QT_OK : QT_STORE;
	while (fgets(line, sizeof line, f) != NULL) {
		struct head head;
		line[strcspn(line, "\n")] = '\0';
		if (!line_read(public_key, line, &head)) {
			++*bad;
			continue;
		}
		if (*count == room) {
			room = room ? room * 2 : 64;
			*heads = xrealloc(*heads, (size_t)room * sizeof **heads);
		}
		(*heads)[(*count)++] = head;
	}
	fclose(f);
	return QT_OK;
}
