/* cli_screen: captured terminal screens: `qrtill screen picture|read`. What a till shows, seen as a phone's camera
 * does. */
#include "console/cli.h"

#include "shared/picture.h"
#include "shared/text.h"
#include "shared/screen_picture.h"

#include <stdlib.h>
#include <string.h>

#define CAPTURE_MAX (4u << 20)

static enum qt_err draw_capture(const struct cli *cli, struct buf *png, struct problem *p)
{
	char *text = NULL;
	size_t len = 0;

	enum qt_err err = cli_read_file(cli->arg[0], CAPTURE_MAX, &text, &len, p);
	if (err == QT_OK)
		err = screen_picture(text, len, png, p);
	free(text);
	return err;
}

static enum qt_err screen_to_picture(struct cli *cli, struct problem *p)
{
	struct buf png = { 0 };

	enum qt_err err = draw_capture(cli, &png, p);
	if (err == QT_OK)
		err = cli_write_file(cli->arg[1], png.data, png.len, p);
	buf_free(&png);
	return err;
}

static enum qt_err screen_read(struct cli *cli, struct problem *p)
{
	struct picture_codes codes = { 0 };
	struct buf png = { 0 }, out = { 0 };
	struct json j;

	enum qt_err err = draw_capture(cli, &png, p);
	if (err == QT_OK)
		err = picture_read(png.data, png.len, &codes, p);
	if (err == QT_OK && cli->json) {
		json_start(&j, &out);
		json_object(&j, NULL);
		json_array(&j, "codes");
		for (int i = 0; i < codes.count; i++) {
			json_object(&j, NULL);
			json_text(&j, "symbology", codes.codes[i].symbology);
			json_textn(&j, "text", codes.codes[i].text, codes.codes[i].len);
			json_end(&j);
		}
		json_end(&j);
		json_end(&j);
		cli_print_json(&out);
	}
	for (int i = 0; err == QT_OK && !cli->json && i < codes.count; i++) {
		buf_reset(&out);
		text_clean(&out, codes.codes[i].text, strlen(codes.codes[i].text), TEXT_TERMINAL);
		printf("%s\n", out.data ? out.data : "");
	}
	picture_free(&codes);
	buf_free(&png);
	buf_free(&out);
	return err;
}

const struct command cli_screen_commands[] = {
	{ "screen", "read", "CAPTURE", "the codes on a captured screen (tmux capture-pane -e -p); - reads standard input",
	  NULL, 1, 1,
	  screen_read },
	{ "screen", "picture", "CAPTURE FILE.png", "a captured screen as a picture", NULL, 2, 2, screen_to_picture },
	{ 0 },
};
