/* wifi: see wifi.h. */
#include "shared/wifi.h"

#include "shared/buf.h"
#include "shared/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const security_names[] = { [WIFI_OPEN] = "nopass", [WIFI_WEP] = "WEP", [WIFI_WPA] = "WPA" };

const char *wifi_security_name(enum wifi_security security)
{
	return security_names[security];
}

bool wifi_looks_like(const char *text)
{
	return strncasecmp(text, "WIFI:", 5) == 0;
}

/* One value up to an unescaped ';', unescaped, without surrounding quotes. Returns where the ';' is; NULL on error. */
static const char *read_value(const char *at, char *out, size_t room)
{
	size_t n = 0;
	bool quoted = *at == '"';

	for (at += quoted; *at && *at != ';' && !(quoted && at[0] == '"' && at[1] == ';'); at++) {
		if (*at == '\\') {
			at++;
			if (*at == '\0')
				return NULL;
		}
		if (n + 1 == room)
			return NULL;
		out[n++] = *at;
	}
	if (quoted && *at++ != '"')
		return NULL;
	out[n] = '\0';
	return *at == ';' ? at : NULL;
}

static enum qt_err read_security(const char *value, enum wifi_security *out, struct problem *p)
{
	/* Names that appliances print besides the three of the convention. */
	static const struct { const char *name; enum wifi_security security; } names[] = {
		{ "nopass", WIFI_OPEN }, { "", WIFI_OPEN }, { "WEP", WIFI_WEP }, { "WPA", WIFI_WPA },
		{ "WPA2", WIFI_WPA }, { "WPA3", WIFI_WPA }, { "SAE", WIFI_WPA },
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(value, names[i].name) == 0) {
			*out = names[i].security;
			return QT_OK;
		}
	return problem_set(p, QT_BAD_CODE, "security", "\"%s\" is not WPA, WEP or nopass", value);
}

static enum qt_err check(const struct wifi *w, enum qt_err err, struct problem *p)
{
	size_t ssid = strlen(w->ssid), password = strlen(w->password);

	if (ssid < 1)
		return problem_set(p, err, "ssid", "is missing");
	if (!text_is_utf8(w->ssid, ssid) || text_has_controls(w->ssid, ssid))
		return problem_set(p, err, "ssid", "must be UTF-8 without control characters");
	if (!text_is_utf8(w->password, password) || text_has_controls(w->password, password))
		return problem_set(p, err, "password", "must be UTF-8 without control characters");
	if (w->security == WIFI_OPEN && password > 0)
		return problem_set(p, err, "password", "an open network has none");
	if (w->security != WIFI_OPEN && password == 0)
		return problem_set(p, err, "password", "is missing");
	bool hex = strspn(w->password, "0123456789abcdefABCDEF") == password;
	if (w->security == WIFI_WPA && (password < 8 || (password == 64 && !hex)))
		return problem_set(p, err, "password", "WPA takes 8 to 63 characters or 64 hexadecimal digits");
	return QT_OK;
}

enum qt_err wifi_read(const char *text, struct wifi *w, struct problem *p)
{
	char value[256];
	bool seen[128] = { false }, has_security = false;
	const char *at = text + 5;

	memset(w, 0, sizeof *w);
	if (!wifi_looks_like(text))
		return problem_set(p, QT_BAD_CODE, "wifi", "must begin with WIFI:");
	while (*at && *at != ';') {
		unsigned char key = (unsigned char)toupper((unsigned char)*at);
		size_t name = strcspn(at, ":;");
		if (at[name] != ':' || name == 0)
			return problem_set(p, QT_BAD_CODE, "wifi", "no field at byte %d", (int)(at - text));
		const char *end = read_value(at + name + 1, value, sizeof value);
		if (end == NULL)
			return problem_set(p, QT_BAD_CODE, "wifi", "the value at byte %d does not end", (int)(at - text));
		if (name == 1 && key < 128) {
			if (seen[key])
				return problem_set(p, QT_BAD_CODE, "wifi", "%c is given twice", key);
			seen[key] = true;
		}
		if (name == 1 && key == 'T') {
			enum qt_err err = read_security(value, &w->security, p);
			if (err != QT_OK)
				return err;
			has_security = true;
		} else if (name == 1 && (key == 'S' || key == 'P')) {
			char *out = key == 'S' ? w->ssid : w->password;
			size_t room = key == 'S' ? sizeof w->ssid : sizeof w->password;
			if (strlen(value) >= room)
				return problem_set(p, QT_BAD_CODE, key == 'S' ? "ssid" : "password", "at most %zu bytes", room - 1);
			memcpy(out, value, strlen(value) + 1);
		} else if (name == 1 && key == 'H') {
			if (strcasecmp(value, "true") != 0 && strcasecmp(value, "false") != 0 && value[0] != '\0')
				return problem_set(p, QT_BAD_CODE, "hidden", "must be true or false");
			w->hidden = strcasecmp(value, "true") == 0;
		}
		at = end + 1;
	}
	if (strcmp(at, ";") != 0)
		return problem_set(p, QT_BAD_CODE, "wifi", "must end with ;;");
	if (!has_security && w->password[0])
		w->security = WIFI_WPA; /* many printers leave T out */
	return check(w, QT_BAD_CODE, p);
}

static void put_value(struct buf *b, const char *value)
{
	size_t len = strlen(value);
	bool quote = len > 0 && len % 2 == 0 && strspn(value, "0123456789abcdefABCDEF") == len;

	if (quote)
		buf_addc(b, '"');
	for (; *value; value++) {
		if (strchr("\\;,\":", *value))
			buf_addc(b, '\\');
		buf_addc(b, *value);
	}
	if (quote)
		buf_addc(b, '"');
}

enum qt_err wifi_make(const struct wifi *w, char out[WIFI_TEXT_MAX], struct problem *p)
{
	struct buf b = { 0 };

	enum qt_err err = check(w, QT_BAD_FIELD, p);
	if (err != QT_OK)
		return err;
	buf_addf(&b, "WIFI:T:%s;S:", wifi_security_name(w->security));
	put_value(&b, w->ssid);
	if (w->password[0]) {
		buf_adds(&b, ";P:");
		put_value(&b, w->password);
	}
	buf_adds(&b, w->hidden ? ";H:true;;" : ";;");
	snprintf(out, WIFI_TEXT_MAX, "%s", b.data);
	buf_free(&b);
	return QT_OK;
}
