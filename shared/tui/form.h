/* form: labelled entries below each other; Tab and arrows move, Enter goes on and sends at the last. */
#ifndef QT_TUI_FORM_H
#define QT_TUI_FORM_H

#include "shared/tui/entry.h"

#define FORM_MOST 6
struct form {
	int count, now;
	struct {
		const char *label; /* N_() */
		struct entry entry;
	} fields[FORM_MOST];
	char error[256];       /* shown below; empty: none */
};
void form_add(struct form *, const char *label, enum entry_kind, int most, const char *text);
const char *form_text(const struct form *, int field);
enum form_result { FORM_PASS, FORM_CHANGED, FORM_SEND };
enum form_result form_key(struct form *, int key);
/* Returns the rows used. */
int form_draw(const struct form *, int y, int x, int width, int label_width);
void form_wipe(struct form *);

#endif
