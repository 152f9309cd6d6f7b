/* qrtill-decode: reads a picture from standard input and writes the symbols found in it to standard output, as records of
 * shared/picture_scan.h, for shared/picture.c. Its exit status is how the jail ended (enum jail_end). */
#include "shared/picture.h"
#include "shared/picture_scan.h"

#include <errno.h>
#include <unistd.h>

static bool read_all(struct buf *in)
{
	char chunk[65536];

	for (;;) {
		ssize_t n = read(0, chunk, sizeof chunk);
		if (n == 0)
			return true;
		if (n > 0)
			buf_add(in, chunk, (size_t)n);
		else if (errno != EINTR)
			return false;
		if (in->len > PICTURE_BYTES_MAX)
			return false;
	}
}

static bool write_all(const struct buf *out)
{
	for (size_t done = 0; done < out->len;) {
		ssize_t n = write(1, out->data + done, out->len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return false;
	}
	return true;
}

int main(void)
{
	struct buf picture = { 0 }, out = { 0 };
	enum jail_end end = JAIL_KILLED;

	if (read_all(&picture))
		end = picture_scan(picture.data, picture.len, &out);
	if (!write_all(&out))
		end = JAIL_KILLED;
	buf_free(&picture);
	buf_free(&out);
	return (int)end;
}
