/* sandbox_sign: see sandbox_sign.h. */
#include "shared/sandbox_sign.h"

#include "shared/buf.h"
#include "shared/clock.h"
#include "shared/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void sandbox_sign(const uint8_t key[32], const char *first, const char *second, int64_t time_ms, const void *body,
                  size_t body_len, char signature[SANDBOX_SIGNATURE_SIZE])
{
	struct buf text = { 0 };
	uint8_t digest[32];
	char hex[65];

	crypto_sha256(body, body_len, digest);
	hex_encode(digest, sizeof digest, hex);
	buf_addf(&text, "%s\n%s\n%" PRId64 "\n%s", first, second, time_ms, hex);
	crypto_hmac(key, text.data, text.len, digest);
	hex_encode(digest, sizeof digest, signature);
	buf_free(&text);
}

bool sandbox_signed(const uint8_t key[32], const char *first, const char *second, const char *time_text, const void *body,
                    size_t body_len, const char *signature, int64_t now_ms)
{
	char expected[SANDBOX_SIGNATURE_SIZE];
	char *end;

	if (time_text == NULL || signature == NULL || strlen(signature) != SANDBOX_SIGNATURE_SIZE - 1)
		return false;
	errno = 0;
	int64_t time_ms = strtoll(time_text, &end, 10);
	if (errno != 0 || end == time_text || *end != '\0' || time_ms < 0)
		return false;
	if (now_ms != 0 && (time_ms < now_ms - SANDBOX_CLOCK_SLACK_MS || time_ms > now_ms + SANDBOX_CLOCK_SLACK_MS))
		return false;
	sandbox_sign(key, first, second, time_ms, body, body_len, expected);
	return crypto_equal(expected, signature, sizeof expected - 1);
}

static enum qt_err key_create(const char *path, uint8_t key[32], struct problem *p)
{
	enum qt_err err = QT_BAD_CONFIG;
	char hex[66];
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return problem_set(p, QT_BAD_CONFIG, "key_file", "cannot make %s: %s", path, strerror(errno));
	random_bytes(key, 32);
	size_t len = hex_encode(key, 32, hex);
	hex[len++] = '\n';
	if (write(fd, hex, len) == (ssize_t)len && fsync(fd) == 0)
		err = QT_OK;
	else
		problem_set(p, err, "key_file", "cannot write %s: %s", path, strerror(errno));
	crypto_wipe(hex, sizeof hex);
	close(fd);
	return err;
}

enum qt_err sandbox_key_load(const char *path, uint8_t key[32], struct problem *p)
{
	enum qt_err err = QT_BAD_CONFIG;
	struct stat st;
	char hex[66];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return key_create(path, key, p);
	if (fd < 0)
		return problem_set(p, err, "key_file", "cannot open %s: %s", path, strerror(errno));
	ssize_t n = read(fd, hex, sizeof hex);
	while (n > 0 && (hex[n - 1] == '\n' || hex[n - 1] == '\r'))
		n--;
	if (fstat(fd, &st) != 0 || (st.st_mode & 077) != 0)
		problem_set(p, err, "key_file", "%s may be read by others; its mode must be 0600", path);
	else if (n != 64 || hex_decode(hex, 64, key, 32) != 32)
		problem_set(p, err, "key_file", "%s does not hold 64 hex digits", path);
	else
		err = QT_OK;
	crypto_wipe(hex, sizeof hex);
	close(fd);
	return err;
}
