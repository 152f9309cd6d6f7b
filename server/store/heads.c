/* heads: see heads.h. Owns the heads file. */
#include "server/store/heads.h"

#include "shared/buf.h"
#include "shared/crypto.h"

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

/* Keep the younger half: written beside, synced, renamed. */
static void shorten(const char *path)
{
	struct buf temporary = { 0 };
	char line[LINE_MAX_BYTES];
	int lines = 0;
	FILE *in = fopen(path, "r"), *out = NULL;

	buf_addf(&temporary, "%s.new", path);
	while (in != NULL && fgets(line, sizeof line, in) != NULL)
		lines++;
	if (lines <= HEADS_MAX)
		goto out;
	int fd = open(temporary.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	if (out == NULL)
		goto out;
	rewind(in);
	for (int i = 0; fgets(line, sizeof line, in) != NULL; i++)
		if (i >= lines - HEADS_MAX / 2)
			fputs(line, out);
	if (fflush(out) == 0 && fsync(fd) == 0 && rename(temporary.data, path) != 0)
		log_line('W', "%s: %s", path, strerror(errno));
out:
	if (in != NULL)
		fclose(in);
	if (out != NULL)
		fclose(out);
	buf_free(&temporary);
}

enum qt_err heads_append(const char *path, const uint8_t seed[32], const struct head *head)
{
	enum qt_err err = QT_STORE;
	struct buf line = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		goto out;
	line_make(seed, head, &line);
	/* Without the signed prefix: it only keeps the signature from being taken for another kind of text's. */
	size_t skip = sizeof signed_prefix - 1;
	if (write(fd, line.data + skip, line.len - skip) != (ssize_t)(line.len - skip))
		goto out;
	if (lseek(fd, 0, SEEK_END) > (off_t)HEADS_MAX * (off_t)line.len)
		shorten(path);
	err = QT_OK;
out:
	if (err != QT_OK)
		log_line('E', "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	buf_free(&line);
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
