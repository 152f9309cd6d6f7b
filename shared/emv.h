/* emv: EMVCo merchant-presented payment codes (EMV QRCPS Merchant-Presented Mode 1.1), read and made.
 * Owns the field table, the nesting, the checksum and the rules between fields; knows nothing of QR drawing.
 * An object is a 2-digit id, a 2-digit length in characters, and a value; some values are objects again. */
#ifndef QT_EMV_H
#define QT_EMV_H

#include "shared/err.h"

#include <stdint.h>

#define EMV_TEXT_MAX 512   /* the standard's limit, in characters */
#define EMV_FIELDS_MAX 128
#define EMV_VALUE_MAX 400  /* bytes of one value, with NUL: 99 characters of UTF-8 */

struct emv_field {
	char path[12];      /* "54", "62.07", "62.50.00" */
	const char *en, *zh;/* what it is; static */
	const char *value;  /* NUL-terminated, in emv.text_store; "" for a template (its parts follow) */
	bool is_template;
};

struct emv {
	struct emv_field fields[EMV_FIELDS_MAX]; /* in the order of the text, templates before their parts */
	int field_count;
	bool crc_ok;
	bool dynamic;          /* 01 is 12: made for one payment */
	int64_t amount_minor;  /* 54 in minor units of 53; 0: the payer types the amount */
	int currency;          /* 53, ISO 4217 numeric; 0: missing or not a number */
	char text_store[EMV_TEXT_MAX * 5]; /* the values */
	size_t store_used;
};

/* The text begins like one ("000201"): whether it is right, emv_read says. */
bool emv_looks_like(const char *text);
/* Read all fields and check them. Fields up to the first error are kept in *out even when it fails, so that a
 * person can be shown how far the text made sense. QT_BAD_CODE with the field's path ("62.07") and the reason. */
enum qt_err emv_read(const char *text, struct emv *out, struct problem *) QT_USE_RESULT;
/* Value of a field by path; NULL when it is not there. */
const char *emv_value(const struct emv *, const char *path);

/* One value to be written. Paths as above; "00" and "63" are written by emv_make itself. */
struct emv_part {
	const char *path;
	const char *value; /* UTF-8 */
};
/* Write a payload: objects in the order of their ids, checksum last; the result is read back and checked by
 * emv_read, so that nothing is made that would be refused. Errors name the path. */
enum qt_err emv_make(const struct emv_part *, int count, char out[EMV_TEXT_MAX * 4], struct problem *) QT_USE_RESULT;

/* CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, not reflected, no final XOR. */
uint16_t emv_crc(const void *data, size_t len);

#endif
