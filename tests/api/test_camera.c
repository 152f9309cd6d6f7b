/* Cameras paired with tills: a code is good for one camera; what it sends is its till's alone, in order, for half a minute;
 * text and pictures; it ends from either side, with a new pairing, and with the till. */
#include "tests/lib/sale.h"

#include "shared/crypto.h"
#include "shared/qr.h"

#include <stdlib.h>
#include <string.h>

#define SEND(text) "{\"camera_token\":\"${camera}\",\"text\":\"" text "\"}"

static const struct step pairing[] = {
	{ "nobody shows a code", "", POST, "/v1/cameras", "{}", .status = 401, .error = "not-signed-in" },
	{ "nor a till without a person", "till1", POST, "/v1/cameras", "{}", .status = 403, .error = "forbidden" },
	{ "nor a phone", "c1", POST, "/v1/cameras", "{}", .status = 403, .error = "forbidden" },
	{ "a till that has none", "cashier1", GET, "/v1/cameras/mine",
	  .check = { { "state", "ended" }, { "code", "<none>" }, { "scans", "<0 items>" } } },
	{ "events so far", "cashier1", GET, "/v1/events?after=-1&wait=0", .save = { { "last", "before" } } },
	{ "a cashier's till shows one", "cashier1", POST, "/v1/cameras", "{}", .status = 201,
	  .save = { { "code", "code" }, { "camera_id", "camera_id" } }, .check = { { "state", "waiting" } } },
	{ "sent again: the same", "cashier1", POST, "/v1/cameras", "{}", .key = "=a cashier's till shows one" },
	{ "it is a code of ours", "", POST, "/v1/codes/check", "{\"text\":\"${code}\"}",
	  .check = { { "kind", "camera" }, { "valid", "true" }, { "merchant_name", "Corner Shop" } } },
	{ "not what was scanned", "", POST, "/v1/cameras/pair", "{\"code\":\"2900010010373\"}", .status = 422, .error = "bad-code" },
	{ "not another kind", "", POST, "/v1/cameras/pair", "{\"code\":\"${card1}\"}", .status = 422, .error = "wrong-kind" },
	{ "whoever scans it first", "", POST, "/v1/cameras/pair", "{\"code\":\"${code}\"}", .status = 201,
	  .save = { { "camera_token", "camera" } },
	  .check = { { "state", "paired" }, { "merchant_name", "Corner Shop" }, { "terminal_name", "<any>" } } },
	{ "its answer was lost: asked again", "", POST, "/v1/cameras/pair", "{\"code\":\"${code}\"}",
	  .key = "=whoever scans it first", .status = 201, .check = { { "camera_token", "${camera}" } } },
	{ "nobody else", "", POST, "/v1/cameras/pair", "{\"code\":\"${code}\"}", .status = 409, .error = "code-used" },
	{ "the till hears it", "cashier1", GET, "/v1/events?after=${before}&wait=0",
	  .check = { { "events[0].kind", "camera" }, { "events[0].ref_id", "${camera_id}" } } },
	{ "and shows no code any more", "cashier1", GET, "/v1/cameras/mine",
	  .check = { { "state", "paired" }, { "code", "<none>" } } },
	{ "the credential is good for nothing else", "camera", GET, "/v1/me", .status = 401, .error = "not-signed-in" },
};

static const struct step sends[] = {
	{ "neither text nor picture", "", POST, "/v1/cameras/send", "{\"camera_token\":\"${camera}\"}", .status = 422,
	  .error = "missing-field" },
	{ "both", "", POST, "/v1/cameras/send", "{\"camera_token\":\"${camera}\",\"text\":\"1\",\"picture\":\"${png}\"}", .status = 422,
	  .error = "bad-field" },
	{ "control characters", "", POST, "/v1/cameras/send", SEND("a\\u001b[2J"), .status = 422, .error = "control-character" },
	{ "no picture", "", POST, "/v1/cameras/send", "{\"camera_token\":\"${camera}\",\"picture\":\"AAAAAAAA\"}", .status = 422,
	  .error = "bad-picture" },
	{ "a stranger", "", POST, "/v1/cameras/send", "{\"camera_token\":\"${camera}A\",\"text\":\"1\"}", .status = 401,
	  .error = "not-signed-in" },
	{ "a stranger's picture", "", POST, "/v1/cameras/send", "{\"camera_token\":\"1-x\",\"picture\":\"${png}\"}", .status = 401,
	  .error = "not-signed-in" },
	{ "a text", "", POST, "/v1/cameras/send", SEND("2900010010373"), .check = { { "sent", "1" }, { "texts[0]", "2900010010373" } } },
	{ "sent again", "", POST, "/v1/cameras/send", SEND("2900010010373"), .key = "=a text" },
	{ "a picture", "", POST, "/v1/cameras/send", "{\"camera_token\":\"${camera}\",\"picture\":\"${png}\"}",
	  .check = { { "sent", "1" }, { "texts[0]", "hello from a picture" } } },
	{ "the till fetches both, in order, once", "cashier1", GET, "/v1/cameras/mine",
	  .save = { { "scans[0].scan_id", "first" }, { "scans[1].scan_id", "second" } },
	  .check = { { "scans", "<2 items>" }, { "scans[0].text", "2900010010373" }, { "scans[1].text", "hello from a picture" } } },
	{ "the second alone", "cashier1", GET, "/v1/cameras/mine?after=${first}",
	  .check = { { "scans", "<1 items>" }, { "scans[0].scan_id", "${second}" } } },
	{ "none", "cashier1", GET, "/v1/cameras/mine?after=${second}", .check = { { "scans", "<0 items>" } } },
	{ "the till beside gets nothing", "cashier2", GET, "/v1/cameras/mine", .check = { { "scans", "<0 items>" } } },
};

static const struct step ends[] = {
	{ "another till ends its own", "cashier2", POST, "/v1/cameras/mine/end", "{}" },
	{ "not this one", "", POST, "/v1/cameras/send", SEND("2") },
	{ "a new code ends the pairing", "cashier1", POST, "/v1/cameras", "{}", .status = 201, .save = { { "code", "code2" } } },
	{ "the camera is nobody's", "", POST, "/v1/cameras/send", SEND("3"), .status = 401, .error = "not-signed-in" },
	{ "the till ends the code", "cashier1", POST, "/v1/cameras/mine/end", "{}" },
	{ "so it pairs nobody", "", POST, "/v1/cameras/pair", "{\"code\":\"${code2}\"}", .status = 410, .error = "code-expired" },
	{ "a third", "cashier1", POST, "/v1/cameras", "{}", .status = 201, .save = { { "code", "code3" } } },
	{ "paired", "", POST, "/v1/cameras/pair", "{\"code\":\"${code3}\"}", .status = 201, .save = { { "camera_token", "camera" } } },
	{ "what it sees", "", POST, "/v1/cameras/send", SEND("4") },
	{ "the camera ends it", "", POST, "/v1/cameras/end", "{\"camera_token\":\"${camera}\"}" },
	{ "what it saw is gone with it", "cashier1", GET, "/v1/cameras/mine", .check = { { "state", "ended" }, { "scans", "<0 items>" } } },
	{ "ended is ended", "", POST, "/v1/cameras/end", "{\"camera_token\":\"${camera}\"}", .status = 401, .error = "not-signed-in" },
};

/* More than any till wants, quickly. */
static const struct step again[] = {
	{ "a fourth", "cashier1", POST, "/v1/cameras", "{}", .status = 201, .save = { { "code", "code4" } } },
	{ "paired", "", POST, "/v1/cameras/pair", "{\"code\":\"${code4}\"}", .status = 201, .save = { { "camera_token", "camera" } } },
};
static const struct step flood = { "one of many", "", POST, "/v1/cameras/send", SEND("5") };

static void keep_picture(void)
{
	static const char text[] = "hello from a picture";
	struct qr qr = { 0 };
	struct buf png = { 0 };
	struct problem p = { 0 };

	enum qt_err err = qr_make(text, strlen(text), QR_EC_M, &qr, &p);
	if (!api_ok(err == QT_OK, "a picture is drawn"))
		return;
	qr_png(&qr, QR_MARGIN, 6, &png);
	char *encoded = malloc(png.len * 4 / 3 + 4);
	base64url_encode((const uint8_t *)png.data, png.len, encoded);
	api_set("png", "%s", encoded);
	free(encoded);
	buf_free(&png);
	qr_free(&qr);
}

int main(void)
{
	struct test_server server;
	int taken = 0, refused = 0;

	server_start(&server, "camera", NULL);
	api_begin(&server);
	sale_shop();
	keep_picture();
	API_RUN(pairing);
	API_RUN(sends);
	API_RUN(ends);
	API_RUN(again);
	for (int i = 0; i < 62; i++) {
		int status = api_send(&flood)->status;
		taken += status == 200;
		refused += status == 429;
	}
	api_ok(taken <= 60 && taken > 0 && refused > 0 && taken + refused == 62, "a flood is refused: %d taken, %d refused", taken, refused);
	sale_audit();
	api_ok(server_stop(&server), "the server stops cleanly");
	return api_end();
}
