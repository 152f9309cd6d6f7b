/* promo: what a merchant's promotions take off a basket, and for every one of them why it applies or not. Pure: no
 * file, no network, no clock, no memory of its own; what was used before is told by the caller. Orders and
 * the question what promotions take off a basket, which tills and people ask, both call promo_eval. The rules are
 * written down in qrtill-promotion(7), and tests/vectors/promo.txt holds worked cases.
 *
 * Amounts are minor units of the prices as they stand in the catalogue (with tax where those contain it). */
#ifndef QT_PROMO_H
#define QT_PROMO_H

#include "shared/money.h"

#define PROMO_LINES_MOST 250
#define PROMO_PARTS_MOST 8    /* of a bundle */
#define PROMO_REFS_MOST 32    /* items and sections of one part */
#define PROMO_SETS_MOST 1000000
#define PROMO_APPLIED_MOST 12 /* promotions that take part in one order; their steps must fit an order's */
#define PROMO_CODES_MOST 8    /* codes presented with one order */
#define PROMO_LEVEL_MOST 15   /* of customers; 0 is nobody's */

/* What a promotion does. X(KIND, number, "wire name", parts it has at least, parts it has at most) */
#define PROMO_KINDS(X) \
	X(ITEM,   1, "item",   1, 1) /* off each piece of its part */ \
	X(GET,    2, "get",    2, 2) /* who buys a set of the first part gets the second for less: the cheapest pieces */ \
	X(BUNDLE, 3, "bundle", 1, PROMO_PARTS_MOST) /* one of each part together for a price */ \
	X(FREE,   4, "free",   1, 1) /* pieces of its part for nothing */ \
	X(ORDER,  5, "order",  1, 1) /* off the sum of its part, once; without items and sections the whole order */
enum promo_kind {
#define X(name, number, wire, least, most) PROMO_##name = number,
	PROMO_KINDS(X)
#undef X
};

/* How it lives with others. */
#define PROMO_STACKS(X) \
	X(STACKABLE, 1, "stackable") /* with any other, on what those before it left */ \
	X(GROUP,     2, "group")     /* with any outside its group */ \
	X(EXCLUSIVE, 3, "exclusive") /* alone */
enum promo_stack {
#define X(name, number, wire) PROMO_##name = number,
	PROMO_STACKS(X)
#undef X
};

#define PROMO_STATES(X) X(RUNNING, 1, "running") X(PAUSED, 2, "paused") X(STOPPED, 3, "stopped")
enum promo_state {
#define X(name, number, wire) PROMO_##name = number,
	PROMO_STATES(X)
#undef X
};

/* Why a promotion applied or did not. X(WHY, "wire name", "English", "Chinese") */
#define PROMO_WHYS(X) \
	X(APPLIED,       "applied",        "applied", "已享受") \
	X(NOT_RUNNING,   "not-running",    "it is paused or stopped", "活动已暂停或停止") \
	X(NOT_STARTED,   "not-started",    "it has not begun yet", "活动尚未开始") \
	X(ENDED,         "ended",          "it is over", "活动已结束") \
	X(STORE,         "store",          "not in this store", "本门店不适用") \
	X(WEEKDAY,       "weekday",        "not on this day of the week", "今天不适用") \
	X(HOUR,          "hour",           "not at this hour", "当前时段不适用") \
	X(NO_CODE,       "no-code",        "its code was not given", "未出示优惠码") \
	X(CODE_USED,     "code-used",      "the code was used already", "优惠码已被使用") \
	X(CODE_HELD,     "code-held",      "another sale that is not paid yet holds the code", "优惠码正被另一笔未付订单占用") \
	X(CODE_EXPIRED,  "code-expired",   "the code has expired", "优惠码已过期") \
	X(CODE_REFUSED,  "code-refused",   "the code is not accepted", "优惠码无效") \
	X(NO_CUSTOMER,   "no-customer",    "the customer is not known", "未识别顾客") \
	X(LEVEL,         "level",          "not for this customer's level", "会员等级不符") \
	X(NOT_FIRST,     "not-first",      "only for a first purchase", "仅限首次消费") \
	X(NOT_BIRTHDAY,  "not-birthday",   "only about the customer's birthday", "仅限生日期间") \
	X(USES_UP,       "uses-up",        "it was used as often as it may be", "活动次数已用完") \
	X(DAY_UP,        "day-up",         "it was used today as often as it may be", "今日次数已用完") \
	X(PERSON_UP,     "person-up",      "this customer has used it as often as allowed", "该顾客次数已用完") \
	X(BUDGET_UP,     "budget-up",      "its budget does not suffice", "活动预算不足") \
	X(ONLINE,        "online",         "it needs the server, which cannot be reached", "需要连接服务器") \
	X(NO_ITEM,       "no-item",        "nothing in the basket belongs to it", "没有适用的商品") \
	X(MIN_SPEND,     "min-spend",      "the basket is too small", "未达到最低消费") \
	X(MIN_PIECES,    "min-pieces",     "too few pieces", "未达到最低件数") \
	X(SET,           "set",            "the set is not complete", "组合未凑齐") \
	X(NO_GAIN,       "no-gain",        "nothing is left to take off", "没有可优惠的金额") \
	X(GROUP_TAKEN,   "group-taken",    "another of its group is better", "同组已有更优的活动") \
	X(EXCLUDED,      "excluded",       "another one does not go with it", "不可与其他活动同享") \
	X(TOO_MANY,      "too-many",       "too many in one order", "单笔订单活动过多")
enum promo_why {
#define X(name, wire, en, zh) PROMO_WHY_##name,
	PROMO_WHYS(X)
#undef X
	PROMO_WHY_COUNT
};
struct promo_why_info {
	const char *code, *en, *zh; /* never NULL */
};
const struct promo_why_info *promo_why_info(enum promo_why);

/* Names on the wire; "?" and 0 for what there is not. */
const char *promo_kind_name(int64_t kind);
const char *promo_stack_name(int64_t stack);
const char *promo_state_name(int64_t state);

/* One thing a promotion is about. */
struct promo_ref {
	bool section; /* id is a section's, else an item's */
	int64_t id;
};
/* So many pieces of any of these. */
struct promo_part {
	int64_t pieces;                   /* of one set; 1 or more. ITEM, ORDER: not used */
	int ref_count;                    /* 0: everything */
	struct promo_ref refs[PROMO_REFS_MOST];
};

/* A promotion. Everything that is 0 is no condition and no limit. */
struct promo {
	int64_t id;
	int64_t state;                    /* enum promo_state */
	int64_t kind, stack;              /* enum promo_kind, promo_stack */
	int64_t priority;                 /* larger goes first */
	int64_t group;                    /* GROUP: which, 1 or more */
	int64_t off_bp, off_cents;        /* ITEM, GET, ORDER: one of the two; basis points, or minor units: of each piece
	                                     (ITEM, GET), of the sum (ORDER) */
	int64_t price_cents;              /* BUNDLE: of one set */
	int64_t sets_max;                 /* GET, BUNDLE, FREE: most sets in one order; FREE: 1 or more */
	int64_t cap_cents;                /* most that it takes off one order */
	/* when, where, for whom */
	int64_t starts_ms, ends_ms;       /* unix; ends_ms is the first moment it is over */
	int64_t weekdays;                 /* bit 0 Monday .. bit 6 Sunday, of the day the hours began */
	int64_t from_minute, to_minute;   /* of the day in the store's zone, to excluded; to <= from: over midnight.
	                                     Both 0: all day */
	int store_count;                  /* 0: all */
	int64_t stores[PROMO_REFS_MOST];
	int64_t levels;                   /* bit n: level n, 1..PROMO_LEVEL_MOST */
	int64_t first_purchase;           /* 1: only a customer's first purchase at the merchant */
	int64_t birthday;                 /* 1: only about a birthday */
	int64_t birthday_days;            /* so many days before and after count, too */
	int64_t min_cents;                /* of the whole basket before promotions */
	int64_t min_pieces;               /* of its parts */
	int64_t by_code;                  /* 1: only with its code */
	/* limits, and what was used of them */
	int64_t uses_max, day_max, person_max; /* orders in all, a day, a customer */
	int64_t budget_cents;             /* all it may take off together */
	int64_t uses, day_uses, person_uses, spent_cents;
	int part_count;
	struct promo_part parts[PROMO_PARTS_MOST];
};

struct promo_line {
	int64_t item_id;
	const int64_t *sections;          /* the item's; borrowed */
	int section_count;
	int64_t quantity_milli;           /* thousandths */
	bool weighed;                     /* not pieces: takes no part in sets, counts as one piece */
	int64_t total_cents;              /* after discounts of the line, before promotions; 0 or more */
};
/* A code that was presented. */
struct promo_code {
	int64_t promo_id;                 /* 0: of none */
	enum promo_why refused;           /* PROMO_WHY_APPLIED: it is good */
};
struct promo_basket {
	const struct promo_line *lines;
	int line_count;                   /* at most PROMO_LINES_MOST */
	const struct promo_code *codes;
	int code_count;
	int64_t now_ms;                   /* unix */
	int64_t store_id;
	int weekday;                      /* 0 Monday .. 6 Sunday, in the store's zone */
	int minute;                       /* of the day, in the store's zone */
	int64_t customer_id;              /* 0: not known */
	int64_t level;                    /* of the customer; 0: none */
	bool first_purchase;              /* the customer never bought here before */
	int birthday_days;                /* from today to the nearest birthday; -1: not known */
	bool offline;                     /* nobody can say what was used: codes and limits are out */
};

/* What became of one promotion. */
struct promo_verdict {
	const struct promo *promo;
	enum promo_why why;
	int64_t missing;                  /* MIN_SPEND, BUDGET_UP: minor units; MIN_PIECES, SET: pieces; else 0 */
	int64_t by_id;                    /* GROUP_TAKEN, EXCLUDED: the promotion that stands in the way; else 0 */
	int64_t alone_cents;              /* what it would take off alone */
	int64_t saved_cents;              /* what it takes off; 0 unless applied */
	int code;                         /* index of the code that let it in; -1: none */
	int row;                          /* of result.cuts; -1 unless applied */
};
struct promo_result {
	int64_t saved_cents;
	int64_t line_saved[PROMO_LINES_MOST];
	int applied;                      /* rows in use, in the order in which they were applied */
	int64_t cuts[PROMO_APPLIED_MOST][PROMO_LINES_MOST]; /* what each took off each line */
};

/* Judge `count` promotions; verdicts[i].promo is set by the caller. Those that fit the basket come back first, in the
 * order in which they are applied, which depends on the promotions alone and not on their places in the array.
 * QT_OVERFLOW when the basket's sum cannot be counted, QT_TOO_LONG. */
enum qt_err promo_eval(const struct promo_basket *, struct promo_verdict *verdicts, int count, struct promo_result *)
	QT_USE_RESULT;

/* Does the promotion make sense? *field names what does not, *reason says why (static texts). */
enum qt_err promo_check(const struct promo *, const char **field, const char **reason) QT_USE_RESULT;

#endif
