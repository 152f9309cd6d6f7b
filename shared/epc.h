/* epc: EPC069-12 "SEPA credit transfer" codes, read and made. Euro only, by the standard. */
#ifndef QT_EPC_H
#define QT_EPC_H

#include "shared/err.h"

#include <stdint.h>

#define EPC_BYTES_MAX 331 /* of the whole text; QR version 13 at error correction M */
#define EPC_CURRENCY 978  /* EUR */

struct epc {
	char version[4];      /* "001" or "002"; made codes are 002 */
	char bic[12];         /* 8 or 11 characters; empty: none (version 002 only) */
	char name[70 * 4 + 1];/* of the one who is paid; at most 70 characters */
	char iban[35];        /* without spaces */
	int64_t amount_cents; /* 1 to 99999999999; 0: the payer types it */
	char purpose[5];      /* up to 4 letters; may be empty */
	char reference[36];   /* structured reference, ISO 11649 "RF.."; empty when text is used */
	char text[140 * 4 + 1];
	char info[70 * 4 + 1];/* to the payer */
};

/* The first line is BCD. */
bool epc_looks_like(const char *text);
/* QT_BAD_CODE with the field ("iban") and the reason. */
enum qt_err epc_read(const char *text, struct epc *, struct problem *) QT_USE_RESULT;
/* Check all members and write the text, without trailing empty lines. */
enum qt_err epc_make(const struct epc *, char out[EPC_BYTES_MAX + 1], struct problem *) QT_USE_RESULT;
/* ISO 13616 and ISO 7064 mod 97-10. */
bool iban_is_valid(const char *iban);

#endif
