/* ean: numbers on goods (EAN-13, EAN-8, UPC-A, UPC-E, GTIN-14), numbers a store gives itself with a weight or price
 * inside, the AIM prefix a scanner may send, and GS1 element strings. Pure text: no pictures, no catalogue. */
#ifndef QT_EAN_H
#define QT_EAN_H

#include "shared/err.h"

#include <stdint.h>

/* Layouts of in-store EAN-13 numbers, comma between, 13 characters each: a digit stands for itself, I is a digit of the
 * item, W of the weight in grams, P of the price in minor units, V a price check digit (not judged), C the check digit.
 * The layout differs by country and store, so it is a setting; this is the default. */
#define EAN_PATTERNS_DEFAULT "21IIIIIWWWWWC,02IIIIIPPPPPC,20IIIIIPPPPPC,22IIIIIPPPPPC"

enum ean_kind { EAN_13, EAN_8, EAN_UPC_A, EAN_UPC_E, EAN_GTIN_14 };
struct ean {
	enum ean_kind kind;
	char digits[15];      /* as it was given */
	char number[15];      /* one form for the catalogue: EAN-13 for 13, UPC-A and UPC-E; else the digits */
	char item[15];        /* what to look up: `number`; with a weight or price inside the first 12 digits, those of the
	                         weight or price zero: 2100001027506 -> 210000100000 */
	bool in_store;        /* given by a store, not by GS1 (02, 04, 20-29; EAN-8 beginning with 0 or 2) */
	bool has_weight, has_price;
	int64_t weight_g;     /* grams */
	int64_t price_minor;  /* minor units of the store's currency */
};

/* Modulo-10 check digit of GS1 over `n` digits: weights 3, 1, 3... from the right. */
int ean_check_digit(const char *digits, int n);
/* A text of 8, 12, 13 or 14 digits. QT_BAD_CODE: not such a number, or its check digit is wrong. `patterns` as
 * above; NULL: the default. Eight digits are an EAN-8 when its check digit fits, else a UPC-E. */
enum qt_err ean_read(const char *text, const char *patterns, struct ean *, struct problem *) QT_USE_RESULT;
/* Make an in-store number: value goes into the W or P digits of the pattern, item into the I digits. */
enum qt_err ean_make_in_store(const char *pattern, int64_t item, int64_t value, char out[14], struct problem *)
	QT_USE_RESULT;
/* Are these patterns of the form above? For checking a setting. */
enum qt_err ean_check_patterns(const char *patterns, struct problem *) QT_USE_RESULT;
const char *ean_kind_name(enum ean_kind); /* "EAN-13" */

/* What a scanner's AIM prefix ("]E0") says; NULL when the text has none or it is not known. *rest gets the text
 * after it, or the whole text. */
const char *aim_symbology(const char *text, const char **rest);
/* Does this text begin with the prefix of a GS1 element string (]C1 ]e0 ]d2 ]Q3)? */
bool aim_is_gs1(const char *text);

#define GS1_ELEMENTS_MAX 32
#define GS1_VALUE_MAX 91
struct gs1 {
	struct { char ai[5]; const char *en, *zh; char value[GS1_VALUE_MAX]; } elements[GS1_ELEMENTS_MAX];
	int count;
	char gtin[15];        /* AI 01 or 02; empty: none */
	int64_t weight_g;     /* AI 310n; -1: none */
	int64_t price_minor;  /* AI 392n in hundredths; -1: none */
};
/* Element string after the AIM prefix: AI and value, FNC1 (0x1D) after values of variable length. Also the printed
 * form with brackets, "(01)04006381333931(10)A1". QT_BAD_CODE names the AI. */
enum qt_err gs1_read(const char *text, struct gs1 *, struct problem *) QT_USE_RESULT;

#endif
