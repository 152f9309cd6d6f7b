/* wifi: codes that join a wireless network, "WIFI:T:WPA;S:ssid;P:pass;H:true;;", read and made.
 * A backslash stands before \ ; , " and : in values; a value that looks like hexadecimal digits is quoted. */
#ifndef QT_WIFI_H
#define QT_WIFI_H

#include "shared/err.h"

#define WIFI_TEXT_MAX 320

enum wifi_security { WIFI_OPEN, WIFI_WEP, WIFI_WPA };
struct wifi {
	enum wifi_security security;
	char ssid[33];     /* 1 to 32 bytes */
	char password[65]; /* WPA: 8 to 63 bytes, or 64 hexadecimal digits; empty when open */
	bool hidden;       /* the network does not announce itself */
};

/* Begins with WIFI: in any case. */
bool wifi_looks_like(const char *text);
/* QT_BAD_CODE with the field ("ssid", "password", "security", "hidden") and the reason. */
enum qt_err wifi_read(const char *text, struct wifi *, struct problem *) QT_USE_RESULT;
enum qt_err wifi_make(const struct wifi *, char out[WIFI_TEXT_MAX], struct problem *) QT_USE_RESULT;
const char *wifi_security_name(enum wifi_security); /* "nopass", "WEP", "WPA" */

#endif
