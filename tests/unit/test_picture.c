/* Pictures: every symbology, photos, hostile files, and the locked child they are decoded in. */
#include "shared/jail.h"
#include "shared/picture.h"
#include "tests/lib/draw.h"
#include "tests/lib/tmp.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

static struct buf load(const char *path)
{
	struct buf b = { 0 };
	char chunk[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("%s", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	return b;
}

static void test_symbologies(void **state)
{
	static const struct { const char *file, *symbology, *text; } cases[] = {
		{ "ean13", "EAN-13", "4006381333931" },       { "ean8", "EAN-8", "96385074" },
		{ "upca", "UPC-A", "036000291452" },          { "upce", "UPC-E", "01234565" },
		{ "code128", "Code 128", "Qrtill-128" },      { "code39", "Code 39", "QRTILL39" },
		{ "code93", "Code 93", "QRTILL93" },          { "codabar", "Codabar", "A123456B" },
		{ "itf", "ITF", "12345678" },                 { "databar", "DataBar", "0104006381333931" },
		{ "databarexp", "DataBar Expanded", "01900123456789083103001750" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char path[128];
		struct picture_codes codes;
		struct problem p = { 0 };
		snprintf(path, sizeof path, "tests/vectors/pictures/%s.png", cases[i].file);
		struct buf b = load(path);
		if (picture_read(b.data, b.len, &codes, &p) != QT_OK)
			fail_msg("%s: %s", path, p.detail);
		assert_int_equal(codes.count, 1);
		assert_string_equal(codes.codes[0].symbology, cases[i].symbology);
		assert_string_equal(codes.codes[0].text, cases[i].text);
		picture_free(&codes);
		buf_free(&b);
	}
}

static bool reads(const struct pixels *picture, int quality, const char *want, bool inverted)
{
	struct buf jpeg = { 0 };
	struct picture_codes codes;
	draw_jpeg(picture, quality, &jpeg);
	bool good = picture_read(jpeg.data, jpeg.len, &codes, NULL) == QT_OK && codes.count == 1 &&
	            strcmp(codes.codes[0].text, want) == 0 && codes.codes[0].inverted == inverted;
	picture_free(&codes);
	buf_free(&jpeg);
	return good;
}

static void test_photos(void **state)
{
	static const char text[] = "HTTPS://PAY.EXAMPLE.COM/Q/4419B6QF7B3H40T859NMKMSCAGDCECQM3WZ2E";
	struct qr qr;
	unsigned seed = 20261121;
	(void)state;
	print_message("# seed %u\n", seed);
	assert_int_equal(qr_make(text, strlen(text), QR_EC_M, &qr, NULL), QT_OK);
	for (int degrees = -30; degrees <= 200; degrees += 23) {
		struct pixels flat = draw_qr(&qr, 4, 6), turned = pixels_turn(&flat, degrees), soft = pixels_blur(&turned);
		draw_photo_noise(&soft, &seed);
		if (!reads(&soft, 60, text, false))
			fail_msg("turned by %d degrees, blurred, uneven light", degrees);
		pixels_free(&soft);
		pixels_free(&turned);
		pixels_free(&flat);
	}
	struct pixels light = draw_qr(&qr, 4, 6);
	pixels_invert(&light);
	assert_true(reads(&light, 90, text, true));
	pixels_free(&light);
	qr_free(&qr);
}

static void assert_refused(const void *data, size_t len, enum qt_err want, const char *what)
{
	struct picture_codes codes;
	struct problem p = { 0 };
	enum qt_err err = picture_read(data, len, &codes, &p);
	if (err != want || codes.count != 0)
		fail_msg("%s: %s %s", what, err_info(err)->code, p.detail);
}

static uint32_t crc32_of(const uint8_t *data, size_t len)
{
	uint32_t crc = ~0u;
	for (size_t i = 0; i < len; i++) {
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	}
	return ~crc;
}

static void put32(uint8_t *at, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void test_hostile_pictures(void **state)
{
	struct qr qr;
	struct buf png = { 0 }, jpeg = { 0 };
	(void)state;
	assert_int_equal(qr_make("HELLO", 5, QR_EC_M, &qr, NULL), QT_OK);
	qr_png(&qr, 4, 8, &png);
	struct pixels drawn = draw_qr(&qr, 4, 8);
	draw_jpeg(&drawn, 90, &jpeg);

	assert_refused("", 0, QT_BAD_PICTURE, "empty");
	assert_refused("GIF89a.........", 15, QT_BAD_PICTURE, "a GIF");
	assert_refused("<svg xmlns='http://www.w3.org/2000/svg'/>", 41, QT_BAD_PICTURE, "an SVG");
	for (size_t len = 1; len < png.len - 12; len += 7)
		assert_refused(png.data, len, QT_BAD_PICTURE, "a cut PNG");
	for (size_t len = 1; len < jpeg.len / 3; len += 97)
		assert_refused(jpeg.data, len, QT_BAD_PICTURE, "a cut JPEG");
	/* Sizes a header may claim. */
	static const uint32_t sides[][2] = { { 65535, 65535 }, { 0, 10 }, { 0x7fffffff, 1 }, { 20001, 1 }, { 19999, 19999 },
		{ 0xffffffff, 0xffffffff } };
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		struct buf bomb = { 0 };
		buf_add(&bomb, png.data, png.len);
		put32((uint8_t *)bomb.data + 16, sides[i][0]);
		put32((uint8_t *)bomb.data + 20, sides[i][1]);
		put32((uint8_t *)bomb.data + 29, crc32_of((uint8_t *)bomb.data + 12, 17));
		assert_refused(bomb.data, bomb.len, QT_BAD_PICTURE, "a PNG that claims a huge size");
		buf_free(&bomb);
	}
	for (size_t i = 2; i + 8 < jpeg.len; i++)
		if ((uint8_t)jpeg.data[i] == 0xff && (uint8_t)jpeg.data[i + 1] == 0xc0) {
			memset(jpeg.data + i + 5, 0xff, 4); /* 65535 x 65535 */
			break;
		}
	assert_refused(jpeg.data, jpeg.len, QT_BAD_PICTURE, "a JPEG that claims a huge size");
	/* No symbol at all. */
	memset(drawn.data, 200, (size_t)(drawn.width * drawn.height));
	buf_reset(&jpeg);
	draw_jpeg(&drawn, 90, &jpeg);
	assert_refused(jpeg.data, jpeg.len, QT_NO_CODE_IN_PICTURE, "a grey wall");
	pixels_free(&drawn);
	buf_free(&png);
	buf_free(&jpeg);
	qr_free(&qr);
}

/* Bytes changed at random: any answer but a crash of ours or a code that is not there. */
static void test_damaged_pictures(void **state)
{
	struct buf b = load("tests/vectors/pictures/ean13.png");
	unsigned seed = (unsigned)getpid();
	(void)state;
	print_message("# seed %u\n", seed);
	for (int round = 0; round < 200; round++) {
		struct buf copy = { 0 };
		struct picture_codes codes;
		buf_add(&copy, b.data, b.len);
		for (int i = 0; i < 3; i++)
			copy.data[8 + (size_t)rand_r(&seed) % (copy.len - 8)] = (char)rand_r(&seed);
		enum qt_err err = picture_read(copy.data, copy.len, &codes, NULL);
		assert_true(err == QT_OK || err == QT_BAD_PICTURE || err == QT_NO_CODE_IN_PICTURE);
		picture_free(&codes);
		buf_free(&copy);
	}
	buf_free(&b);
}

static const char *forbidden_path;

static bool try_open(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_addf(out, "%d", open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0);
	return true;
}

static bool try_create(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_addf(out, "%d", open(forbidden_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 ? errno : 0);
	return true;
}

static bool try_unlink(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_addf(out, "%d", unlink(forbidden_path));
	return true;
}

static bool try_socket(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_addf(out, "%d", socket(AF_INET, SOCK_STREAM, 0));
	return true;
}

static bool try_exec(void *ctx, struct buf *out)
{
	(void)ctx;
	char *const argv[] = { NULL };
	buf_addf(out, "%d", execv("/bin/true", argv));
	return true;
}

static bool try_fork(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_addf(out, "%d", fork());
	return true;
}

static bool try_kill_parent(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_addf(out, "%d", kill(getppid(), 0));
	return true;
}

static bool try_inherited_file(void *ctx, struct buf *out)
{
	buf_addf(out, "%d", write(*(int *)ctx, "x", 1) < 0 ? errno : 0);
	return true;
}

static bool try_abort(void *ctx, struct buf *out)
{
	(void)ctx, (void)out;
	abort();
}

static bool try_for_ever(void *ctx, struct buf *out)
{
	(void)ctx, (void)out;
	for (volatile int i = 0;; i++)
		;
	return true;
}

static bool try_much_output(void *ctx, struct buf *out)
{
	(void)ctx;
	for (int i = 0; i < 100000; i++)
		buf_addc(out, 'x');
	return true;
}

static bool say_no(void *ctx, struct buf *out)
{
	(void)ctx;
	buf_adds(out, "no");
	return false;
}

static void test_the_jail_holds(void **state)
{
	char path[128];
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int high = fcntl(fd, F_DUPFD, 50);
	const struct jail_limits limits = { .seconds = 1, .memory_mb = 256, .output_max = 1000 };
	const struct { const char *what; bool (*work)(void *, struct buf *); void *ctx; enum jail_end want; int number; } cases[] = {
		{ "opening a file", try_open, NULL, JAIL_DONE, EPERM },
		{ "making a file", try_create, NULL, JAIL_DONE, EPERM },
		{ "removing a file", try_unlink, NULL, JAIL_KILLED, 0 },
		{ "a socket", try_socket, NULL, JAIL_KILLED, 0 },
		{ "another program", try_exec, NULL, JAIL_KILLED, 0 },
		{ "a child of its own", try_fork, NULL, JAIL_KILLED, 0 },
		{ "a signal to us", try_kill_parent, NULL, JAIL_KILLED, 0 },
		{ "a file of ours", try_inherited_file, &high, JAIL_DONE, EBADF },
		{ "an abort", try_abort, NULL, JAIL_KILLED, 0 },
		{ "no end", try_for_ever, NULL, JAIL_TIME, 0 },
		{ "too much output", try_much_output, NULL, JAIL_TIME, 0 },
		{ "a refusal", say_no, NULL, JAIL_FAILED, 0 },
	};
	(void)state;
	snprintf(path, sizeof path, "%s/made", test_folder());
	forbidden_path = path;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };
		enum jail_end end = jail_run(NULL, cases[i].work, cases[i].ctx, &limits, &out);
		if (end != cases[i].want || (end == JAIL_DONE && atoi(out.data) != cases[i].number))
			fail_msg("%s: end %d, said %s", cases[i].what, end, out.data ? out.data : "nothing");
		buf_free(&out);
	}
	assert_int_equal(access(path, F_OK), -1);
	close(high);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbologies),
		cmocka_unit_test(test_photos),
		cmocka_unit_test(test_hostile_pictures),
		cmocka_unit_test(test_damaged_pictures),
		cmocka_unit_test(test_the_jail_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
