/* till: one running till: its file, its server, its screens, and what it is doing. Everything that changes a sale, a card
 * or points goes through the operations below: each is on disk before it is sent (outbox.h), and the answer is on disk
 * before a screen shows it. Nothing here blocks. */
#ifndef QT_POS_TILL_H
#define QT_POS_TILL_H

#include "pos/outbox.h"
#include "pos/printer.h"
#include "pos/till_camera.h"
#include "pos/till_event.h"
#include "pos/till_price.h"
#include "pos/till_recall.h"
#include "pos/till_refund.h"
#include "pos/till_sale.h"
#include "pos/till_shift.h"
#include "pos/till_standing.h"
#include "shared/api_client.h"
#include "shared/tui/tui.h"

/* Settings of qrtill-pos; the table is in settings.c, the list in qrtill-pos.conf(5). */
struct pos_settings {
	char *data_dir;
	char *server;         /* "https://pay.example.com:8443" */
	char *enrol;          /* enrolment code to use at once; empty: none */
	char *lang, *theme, *keys;
	char *blocks;         /* "auto", "narrow", "wide": width of block characters */
	char *printer;        /* "tcp:HOST:PORT", a device or a file; empty: none */
	char *printer_text;   /* "gb18030", "raster", "ascii" */
	char *script;         /* replay file */
	char *locale_dir;
	int64_t paper_mm;     /* 58 or 80 */
	int64_t give_up_s;    /* a sale may be given up when its request got no answer for so long */
	int64_t journal_days; /* events are kept so long after the server has them */
	int64_t script_rows, script_cols;
	bool amounts_as_cents; /* 2375 typed means 23.75 */
	bool open_drawer;     /* with every cash sale */
	bool print_always;    /* a receipt for every sale, without a key */
	bool ask_float;       /* at sign-in, while no shift is open */
	bool training;        /* sell for practice: training.h */
};
enum qt_err pos_settings_load(struct pos_settings *, int argc, char **argv, struct problem *) QT_USE_RESULT;
void pos_settings_free(struct pos_settings *);

/* Who this till is, as the server said last; kept in the file. */
struct shop {
	int64_t terminal_id;
	int64_t currency;          /* ISO 4217 numeric */
	int64_t point_value_cents; /* cash value of a point; 0: points do not pay */
	bool inclusive;            /* prices contain the tax */
	char terminal_name[NAME_ROOM];
	char merchant_name[NAME_ROOM], merchant_name_zh[NAME_ROOM];
	char store_name[NAME_ROOM], store_name_zh[NAME_ROOM];
	char address[256], footer[256];
	char fixed_code[256];      /* URL of the code on the counter */
};

enum till_link { LINK_NOT_YET, LINK_ON, LINK_OFF, LINK_NOT_TRUSTED };

struct till {
	struct pos_settings settings;
	struct tdb *store;
	struct api *api;                 /* NULL until the server is known */
	struct tui *tui;
	struct printer *printer;
	char *terminal_token;            /* owned; NULL: not enrolled */
	char *session_token;             /* owned; NULL: nobody signed in */
	char staff_name[NAME_ROOM], staff_role[16];
	struct shop shop;
	struct till_sale sale;
	struct till_refund refund;
	struct till_shift shift;
	struct till_rules rules;
	struct till_wanted wanted;
	struct till_camera camera;
	struct till_standing standing;
	/* The card, points or wallet tender that was sent last, to be sent again with its holder's PIN. */
	struct {
		char method[12], text[256];  /* text: code, number or identity code; empty: none */
		int64_t amount_cents;        /* 0: what is due */
		int64_t received_cents;      /* cash */
	} asked;
	char sale_message[256];          /* what the server said against the last step of the sale; empty: nothing */

	enum till_link link;
	struct api_events events;
	int64_t clock_offset_ms;         /* the server's clock minus ours */

	int64_t sending;                 /* api number of the outbox request under way; 0: none */
	struct outbox_row row;           /* what is being sent */
	int64_t retry_ms;                /* monotonic: not before; 0: at once */
	int retry_count;
	bool unknown;                    /* it may have arrived, and no answer came: nobody knows what came of it */
	int64_t vain_since_ms;           /* monotonic: since when a request gets no answer; 0: the last one got one */
	int64_t vain_sale;               /* the number of the sale that request is of; 0: none */
	int64_t old_sequence;            /* newest request of the program before; 0: none */
	struct outbox_counts counts;     /* as of the last change */
	struct till_held held;           /* sales put aside in this store */
	int64_t item_count;              /* of the catalogue copy, as of the last sync */

	struct till_event_cart event_cart; /* the cart as the events have it */
	int64_t event_sending;           /* api number of a batch of events under way; 0: none */
	int64_t next_event_ms;           /* monotonic */
	bool tui_ran;                    /* the program did start */
	bool train;                      /* a training was asked for, or its end: the program begins again so */
	bool events_refused;             /* the server has another chain of this terminal */

	int64_t syncing;                 /* api number of the catalogue page under way; 0: none */
	int64_t next_sync_ms;            /* monotonic */
	struct till_promos *promos;      /* owned: promotions the till judges while it is alone; NULL: never heard of any */
	int64_t promoting;               /* api number of a question what promotions take off; 0: none */
	uint64_t promo_mark;             /* cart_mark of what is or was asked about last; 0: nothing */
	char promo_customer[256];        /* who buys, as it was asked */
	int64_t next_promo_ms;           /* monotonic: not before, after an error */
	int64_t naming;                  /* api number of a question who the customer is; 0: none */
	char named[256];                 /* whom it is about */
	int64_t next_customer_ms;        /* monotonic: not before, after an error */
	int64_t refreshing;              /* api number of a look at the present order; 0: none */
	int64_t next_refresh_ms;         /* monotonic */
	int64_t asking;                  /* enrolment, sign-in, or a look at a card or points; 0: none */
	char enrol_key[40], enrol_code[512], enrol_server[256], enrol_pin[80]; /* of the enrolment under way */

	/* The last answer about a card or points; what those screens show. */
	struct json_t *answer;           /* owned; NULL: none */
	char answer_code[256];           /* the code or number that was asked about */
	char answer_error[256];          /* why there is none; empty: none */
	int answer_serial;               /* counts up with every answer */
	struct json_t *statement;        /* of the card of the answer; owned; NULL: not asked for */
};

/* till.c: life of the program. */
enum qt_err till_open(struct till *, struct problem *) QT_USE_RESULT; /* settings are loaded */
void till_close(struct till *);
bool till_wait(void *till, int fd, int timeout_ms);
void till_tick(void *till, int64_t now_ms);
const char *till_status(void *till, enum style *);
int64_t till_now_ms(const struct till *);      /* the server's clock */
void till_set_language(struct till *, const char *language);
const char *till_currency(const struct till *); /* "USD" */
char *till_money(const struct till *, int64_t amount_cents, char out[32]); /* without symbol */
char *till_receipt_number(const struct till *, int64_t number, char out[32]); /* "17"; of a training "T-17" */
/* "the card is frozen (field: reason)" in the present language. */
void till_problem_text(const struct api_reply *, char *out, size_t size);

/* till_link.c: enrolment, sign-in, who we are, catalogue, events. */
enum qt_err till_connect(struct till *, const char *server, const char *pin, struct problem *) QT_USE_RESULT;
void till_enrol(struct till *, const char *server, const char *code_and_pin);
void till_sign_in(struct till *, const char *number, const char *pin);
void till_sign_out(struct till *);
void till_session_ended(struct till *);        /* the server no longer knows it */
void till_link_tick(struct till *, int64_t now_ms);
void till_link_said(struct till *, enum qt_err); /* what a request says about the link */
void till_refresh_order(struct till *);
void till_make_uuid(char out[40]);             /* a key for a request that is not in the outbox */
bool till_is_boss(const struct till *);        /* manager or owner */

/* till_promo.c: what promotions take off the cart: the server is asked after every change. */
void till_promo_tick(struct till *, int64_t now_ms);
/* till_promo_local.c: and while it cannot be asked, by the till's copy of those that need no server. */
void till_promos_load(struct till *);
void till_promos_ask(struct till *);
void till_promos_free(struct till *);
void till_promo_alone(struct till *);
void till_coupon(struct till *, const char *code); /* one more code for this sale */
void till_coupon_drop(struct till *);              /* take the last one out again */

/* till_customer.c: who buys, and what the server says of that customer. */
void till_customer_name(struct till *, const char *code); /* by an identity code */
void till_customer_tick(struct till *, int64_t now_ms);

/* till_send.c: the outbox at work. */
void till_send_tick(struct till *, int64_t now_ms);
void till_apply_order(struct till *, struct json_t *order); /* a newer answer about the present order; takes nothing */
/* A sale paid in cash or by the bank's terminal need not wait for the network: the money has changed hands, the request is on
 * disk. */
void till_finish_off_line(struct till *);
bool till_has_money(const char *method); /* by such a tender the money has changed hands before the server hears of it */
void till_say_needs_server(struct till *, const char *method); /* why this tender does not go now */
enum qt_err till_keep_sale(struct till *) QT_USE_RESULT;    /* write the sale as it is; says so when it fails */

/* till_ops.c: what cashiers do. Refusals are said on the message line. */
void till_add(struct till *, const struct till_item *, int64_t quantity, int *line);
/* Years the customer of the sale was found to have; 0: not asked. */
int64_t till_age_known(const struct till *);
/* The last birth date of who is `years` old today: "2008-11-21". */
char *till_age_limit(const struct till *, int64_t years, char out[11]);
/* The cashier has looked: kept with the sale, and in the journal either way. false: that could not be written. */
bool till_age_checked(struct till *, const struct till_item *, bool old_enough);
/* Write a request and, when it is about the sale, the sale as it becomes by it. JSON or sealed text. Says why not. */
enum qt_err till_put(struct till *, enum outbox_kind, const char *path, const char *body, const char *note) QT_USE_RESULT;
bool till_is_number(const char *text);         /* digits and spaces only */
void till_give_up(struct till *);              /* cancel the order; back to the cart */
void till_give_up_with(struct till *, const char *body); /* the same, with an approval in the request */
void till_next_sale(struct till *);
void till_card_look(struct till *, const char *code_or_number);
void till_points_look(struct till *, const char *code);
void till_points_do(struct till *, bool earn, int64_t points, const char *reason);
/* Points of the customer of the last answer take so much off the sale; 0: nothing any more. false: not so much, and that
 * was said. */
bool till_points_off(struct till *, int64_t off_cents);
void till_points_voucher(struct till *, int64_t promotion_id, int64_t points); /* they buy a coupon, at once in the sale */
void till_print(struct till *, int64_t order_id, bool drawer);
void till_print_refund(struct till *, bool drawer); /* the refund that was done last */
void till_print_report(struct till *, int64_t report_row); /* an X or Z, by its row in the till's file */
bool till_awaits(void *till);                  /* any answer is awaited, or a request waits to be sent */
bool till_busy(const struct till *);           /* the present sale waits for an answer */

/* till_card.c: the card of the last answer. It, and with quantity the next ones of its batch, as a line of the sale; false:
 * it is not, and that was said. */
bool till_card_sell(struct till *, bool top_up, int64_t quantity, int64_t amount_cents);
void till_card_issue(struct till *);           /* a new one, with its code */
void till_card_freeze(struct till *, bool release);
void till_card_bind(struct till *, const char *identity_code);
/* The whole balance to the card `to` (code or number); `manager` NULL: nobody approves. */
void till_card_move(struct till *, const char *to, const char *manager, const char *pin);
void till_card_statement(struct till *);       /* into t->statement */

/* till_sold_out.c */
void till_sold_out_ask(struct till *);         /* what the store has none of, into the till's file */
void till_sold_out_turn(struct till *, const struct till_item *); /* it is sold out, or there again: all tills hear of it */

/* till_pay.c: paying the present sale. Amounts: 0 is all that is due. */
void till_pay_code(struct till *, int64_t amount_cents);
void till_pay_cash(struct till *, int64_t received_cents);
/* What is due, when it is paid in cash: rounded as the store wants. */
int64_t till_cash_due_cents(const struct till *);
void till_pay_free(struct till *);             /* a sale that costs nothing */
void till_pay_card(struct till *, const char *code_or_number, int64_t amount_cents);
void till_pay_points(struct till *, const char *identity_code, int64_t amount_cents);
void till_pay_wallet(struct till *, const char *digits, int64_t amount_cents); /* the 18 digits a customer shows */
void till_pay_bank(struct till *, const char *approval, int64_t amount_cents); /* the bank's terminal has charged it */
void till_ask_pin(struct till *);              /* the last of these needs its holder's PIN */
/* The members "lines" and "steps" of an order, from the cart, into an open object. */
void till_lines_json(const struct cart *, struct json *);
/* Secured parts of the present sale: the index-th of them, NULL behind the last. */
const struct json_t *till_part(const struct till *, int index);
void till_part_release(struct till *, int64_t payment_id); /* it goes back to where it came from */
void till_pay_unmatched(struct till *);        /* take money that came by the code on the counter */

/* till_withdraw.c: giving a sale up whose outcome is not known. Seconds until the cashier may; 0: now; -1: nothing of the
 * present sale waits in vain. */
int64_t till_give_up_in_s(const struct till *);
void till_withdraw(struct till *);             /* do so: the lines stay, as a new sale */
enum qt_err till_withdraw_keep_answer(struct till *, const struct json_t *answer) QT_USE_RESULT; /* in a tx */
void till_withdraw_answered(struct till *, const struct json_t *answer, const char *why); /* why NULL: it was done */

/* What a scanned or typed text is. */
enum till_text { TEXT_ITEM, TEXT_CARD, TEXT_WALLET, TEXT_IDENTITY, TEXT_POINTS,
	TEXT_SHARE, TEXT_RECEIPT, TEXT_COUPON, TEXT_OTHER_CODE };
enum till_text till_classify(const char *text);

/* Screens, each in its own file. */
extern const struct screen_ops screen_enrol_ops, screen_sign_in_ops, screen_sale_ops, screen_search_ops,
	screen_pay_ops, screen_cash_ops, screen_receipt_ops, screen_card_ops, screen_points_ops, screen_receipts_ops,
	screen_queue_ops, screen_refund_ops, screen_hold_ops, screen_shift_ops, screen_float_ops, screen_count_ops,
	screen_report_ops, screen_explain_ops, screen_camera_ops, screen_option_ops;
/* screen_sale.c: sell what was found by searching, as many as were typed before ("3*"). */
void sale_take(struct screen *sale, const struct till_item *);
/* screen_panes.c: what stands beside the sale in a wide window. */
#define PANES_FROM_COLS 110 /* narrower: none */
int panes_cols(int all_cols); /* columns they take with the gap before them; 0: none */
void panes_draw(struct till *, int rows, int all_cols);
struct canvas panes_catalogue(int rows, int all_cols); /* where the catalogue's pane has its lines, in the canvas */
/* screen_option.c: an item whose options are to be chosen, and who is told of it with them; the argument of its screen. */
struct option_ask {
	const struct till_item *item; /* read during open */
	int64_t quantity;
	void (*chosen)(void *ctx, const struct till_item *, int64_t quantity);
	void *ctx;
};
/* screen_discount.c: ask for a discount (line -1: of the whole sale) or another price, the reason, and, above the
 * person's limit, for a manager. */
void discount_ask(struct till *, int line);
void cancel_ask(struct till *); /* screen_cancel.c: the order may not be given up without a manager: ask for one */
void price_ask(struct till *, int line);
extern const struct screen_ops *const till_screens[]; /* all of them, then NULL */
extern const struct binding till_keys[]; /* on every screen */
enum action till_command(struct screen *, int command);
/* Close every screen, which ends the program; a training that was begun at the till goes back to it. */
void till_end(struct till *);
/* Show the screen the stage of the sale needs. */
void till_show_stage(struct till *);

#endif
