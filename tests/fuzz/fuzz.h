/* fuzz: what the fuzz targets share. A target is fuzz_NAME.c with LLVMFuzzerTestOneInput; it feeds one parser that meets
 * bytes from outside and, where there is one, asserts an invariant. "make fuzz" runs them with libFuzzer under ASan and
 * UBSan; the corpus of each (corpus/NAME) is run whole by "make check" (replay.c). */
#ifndef QT_FUZZ_H
#define QT_FUZZ_H

#include "shared/err.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as a string of its own, so that ASan sees a read past its end. The caller frees. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = xmalloc(size + 1);
	memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* A refusal that a person can use: it is no bug of ours, and it says something. */
static inline void fuzz_refusal(enum qt_err err, const struct problem *p)
{
	if (err == QT_OK)
		return;
	assert(err != QT_INTERNAL && err != QT_STORE);
	assert(p->field[0] != '\0' || p->detail[0] != '\0' || err_info(err)->en[0] != '\0');
}

#endif
