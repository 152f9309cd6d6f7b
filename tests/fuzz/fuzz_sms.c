/* Short messages: a number that is accepted and any text give a spool file whose head is ours alone. The number ends with
 * the first line end of the input, the text is the rest. */
#include "tests/fuzz/fuzz.h"

#include "server/customer.h"
#include "server/notice.h"
#include "shared/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char second[] = "\nAlphabet: UTF-8\n\n";
	char *phone = fuzz_text(data, size), *end = strchr(phone, '\n');
	const char *text = end ? end + 1 : "";
	struct problem p = { 0 };
	struct buf spool = { 0 };

	if (end != NULL)
		*end = '\0';
	enum qt_err err = phone_check(phone, &p);
	fuzz_refusal(err, &p);
	if (err == QT_OK) {
		sms_spool_text(&spool, phone, text);
		size_t digits = strspn(spool.data + 4, "0123456789");
		assert(strncmp(spool.data, "To: ", 4) == 0 && digits >= 8 && digits <= 15);
		assert(strncmp(spool.data + 4 + digits, second, sizeof second - 1) == 0);
		assert(strcmp(spool.data + 4 + digits + sizeof second - 1, text) == 0);
	}
	buf_free(&spool);
	free(phone);
	return 0;
}
