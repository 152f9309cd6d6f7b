/* Promotions: the worked cases of tests/vectors/promo.txt, and that no order of rules changes what is taken off. */
#include "shared/promo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NAMES_MOST 64
#define RULES_MOST 16

/* One case of the file. Names of items, sections and rules become numbers from 1. */
struct worked {
	char title[512];
	int at_line;
	char items[NAMES_MOST][32], sections[NAMES_MOST][32], rules[RULES_MOST][8];
	int item_count, section_count, rule_count, line_count;
	struct promo_line lines[32];
	int64_t line_sections[32][4];
	struct promo promos[RULES_MOST];
	struct promo_code codes[PROMO_CODES_MOST];
	char code_names[PROMO_CODES_MOST][8];
	struct promo_basket basket;
};

static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

static int64_t name_id(char (*names)[32], int *count, const char *name, size_t len)
{
	for (int i = 0; i < *count; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return i + 1;
	assert_true(*count < NAMES_MOST);
	snprintf(names[*count], sizeof names[0], "%.*s", (int)len, name);
	return ++*count;
}

static int day_of(const char *word)
{
	for (int i = 0; i < 7; i++)
		if (strncmp(word, days[i], 3) == 0)
			return i;
	fail_msg("no such day: %s", word);
	return 0;
}

static int minute_of(const char *word)
{
	int h = 0, m = 0;
	assert_int_equal(sscanf(word, "%d:%d", &h, &m), 2);
	return h * 60 + m;
}

/* "10%" or "33.33%" -> basis points. */
static int64_t percent_of(const char *word)
{
	return (int64_t)(strtod(word, NULL) * 100 + 0.5);
}

/* "coffee,@drinks" */
static void read_refs(struct worked *c, const char *word, struct promo_part *part)
{
	while (*word) {
		size_t len = strcspn(word, ",");
		bool section = *word == '@';
		struct promo_ref *ref = &part->refs[part->ref_count++];
		ref->section = section;
		ref->id = section ? name_id(c->sections, &c->section_count, word + 1, len - 1)
		                  : name_id(c->items, &c->item_count, word, len);
		word += len + (word[len] == ',');
	}
}

static void read_line(struct worked *c, char *text)
{
	char *word = strtok(text, " ");
	struct promo_line *l = &c->lines[c->line_count];
	int64_t *sections = c->line_sections[c->line_count++];

	l->item_id = name_id(c->items, &c->item_count, word, strcspn(word, "#"));
	word = strtok(NULL, " ");
	l->weighed = strstr(word, "kg") != NULL;
	l->quantity_milli = (int64_t)(strtod(word, NULL) * 1000 + 0.5);
	l->total_cents = strtoll(strtok(NULL, " "), NULL, 10);
	l->sections = sections;
	while ((word = strtok(NULL, " ")) != NULL)
		sections[l->section_count++] = name_id(c->sections, &c->section_count, word + 1, strlen(word + 1));
}

static enum promo_why why_of(const char *code)
{
	for (int i = 0; i < PROMO_WHY_COUNT; i++)
		if (strcmp(promo_why_info((enum promo_why)i)->code, code) == 0)
			return (enum promo_why)i;
	fail_msg("no such reason: %s", code);
	return PROMO_WHY_COUNT;
}

static void read_at(struct worked *c, char *text)
{
	struct promo_basket *b = &c->basket;

	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		char *value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		if (strcmp(word, "store") == 0)
			b->store_id = strtoll(value, NULL, 10);
		else if (strcmp(word, "day") == 0)
			b->weekday = day_of(value);
		else if (strcmp(word, "time") == 0)
			b->minute = minute_of(value);
		else if (strcmp(word, "now") == 0)
			b->now_ms = strtoll(value, NULL, 10);
		else if (strcmp(word, "customer") == 0)
			b->customer_id = strtoll(value, NULL, 10);
		else if (strcmp(word, "level") == 0)
			b->level = strtoll(value, NULL, 10);
		else if (strcmp(word, "birthday") == 0)
			b->birthday_days = (int)strtol(value, NULL, 10);
		else if (strcmp(word, "first") == 0)
			b->first_purchase = true;
		else if (strcmp(word, "offline") == 0)
			b->offline = true;
		else if (strcmp(word, "code") == 0) {
			char *why = strchr(value, ':');
			if (why)
				*why++ = '\0';
			snprintf(c->code_names[b->code_count], sizeof c->code_names[0], "%s", value);
			c->codes[b->code_count++].refused = why ? why_of(why) : PROMO_WHY_APPLIED;
		} else
			fail_msg("case at line %d: what is %s?", c->at_line, word);
	}
}

static struct promo_part *add_part(struct promo *p, int64_t pieces)
{
	struct promo_part *part = &p->parts[p->part_count++];
	part->pieces = pieces;
	return part;
}

static void read_limit(char *value, int64_t *used, int64_t *most)
{
	char *slash = strchr(value, '/');
	assert_non_null(slash);
	*used = strtoll(value, NULL, 10);
	*most = strtoll(slash + 1, NULL, 10);
}

static int64_t bits_of(char *list, bool of_days)
{
	char *rest = NULL;
	int64_t bits = 0;
	for (char *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		bits |= INT64_C(1) << (of_days ? day_of(word) : strtol(word, NULL, 10));
	return bits;
}

static void read_option(struct worked *c, struct promo *p, char *word)
{
	char *value = strchr(word, '=');
	const struct { const char *name; int64_t *into; } numbers[] = {
		{ "prio", &p->priority }, { "group", &p->group }, { "cap", &p->cap_cents }, { "sets", &p->sets_max },
		{ "min", &p->min_cents }, { "pieces", &p->min_pieces }, { "starts", &p->starts_ms }, { "ends", &p->ends_ms },
		{ "birthday", &p->birthday_days },
	};
	const struct { const char *name; int64_t *used, *most; } limits[] = {
		{ "uses", &p->uses, &p->uses_max }, { "day", &p->day_uses, &p->day_max },
		{ "person", &p->person_uses, &p->person_max }, { "budget", &p->spent_cents, &p->budget_cents },
	};

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (value && strcmp(word, numbers[i].name) == 0)
			*numbers[i].into = strtoll(value, NULL, 10);
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		if (strcmp(word, limits[i].name) == 0)
			read_limit(value, limits[i].used, limits[i].most);
	if (strcmp(word, "group") == 0)
		p->stack = PROMO_GROUP;
	if (strcmp(word, "birthday") == 0)
		p->birthday = 1;
	if (strcmp(word, "exclusive") == 0)
		p->stack = PROMO_EXCLUSIVE;
	if (strcmp(word, "first") == 0)
		p->first_purchase = 1;
	if (strcmp(word, "code") == 0)
		p->by_code = 1;
	if (strcmp(word, "paused") == 0)
		p->state = PROMO_PAUSED;
	if (strcmp(word, "stopped") == 0)
		p->state = PROMO_STOPPED;
	if (strcmp(word, "days") == 0)
		p->weekdays = bits_of(value, true);
	if (strcmp(word, "levels") == 0)
		p->levels = bits_of(value, false);
	if (strcmp(word, "hours") == 0) {
		p->from_minute = minute_of(value);
		p->to_minute = minute_of(strchr(value, '-') + 1);
	}
	if (strcmp(word, "stores") == 0) {
		int64_t stores = bits_of(value, false);
		for (int i = 0; i < 32; i++)
			if (stores & (INT64_C(1) << i))
				p->stores[p->store_count++] = i;
	}
	(void)c;
}

static void read_off(struct promo *p, const char *word)
{
	if (strchr(word, '%'))
		p->off_bp = percent_of(word);
	else
		p->off_cents = strtoll(word, NULL, 10);
}

/* "2 coffee", "1 coffee + 1 cake": pairs of pieces and what, up to a word that is neither. Returns that word. */
static char *read_parts(struct worked *c, struct promo *p, char *word)
{
	while (word && *word >= '0' && *word <= '9') {
		struct promo_part *part = add_part(p, strtoll(word, NULL, 10));
		read_refs(c, strtok(NULL, " "), part);
		word = strtok(NULL, " ");
		if (word && strcmp(word, "+") == 0)
			word = strtok(NULL, " ");
	}
	return word;
}

static void read_rule(struct worked *c, char *text)
{
	char *word = strtok(text, " ");
	struct promo *p = &c->promos[c->rule_count];

	snprintf(c->rules[c->rule_count++], sizeof c->rules[0], "%s", word);
	*p = (struct promo){ .id = c->rule_count, .state = PROMO_RUNNING, .stack = PROMO_STACKABLE };
	word = strtok(NULL, " ");
#define X(name, number, wire, least, most) if (strcmp(word, wire) == 0) p->kind = number;
	PROMO_KINDS(X)
#undef X
	word = strtok(NULL, " ");
	switch (p->kind) {
	case PROMO_ITEM: case PROMO_ORDER:
		read_off(p, word);
		word = strtok(NULL, " ");
		struct promo_part *part = add_part(p, 1);
		if (word && strcmp(word, "on") == 0) {
			read_refs(c, strtok(NULL, " "), part);
			word = strtok(NULL, " ");
		}
		break;
	case PROMO_GET:
		read_off(p, word);
		assert_string_equal(strtok(NULL, " "), "buy");
		word = read_parts(c, p, strtok(NULL, " "));
		assert_string_equal(word, "get");
		word = read_parts(c, p, strtok(NULL, " "));
		break;
	case PROMO_BUNDLE:
		p->price_cents = strtoll(word, NULL, 10);
		assert_string_equal(strtok(NULL, " "), "of");
		word = read_parts(c, p, strtok(NULL, " "));
		break;
	case PROMO_FREE:
		p->sets_max = 1;
		word = read_parts(c, p, word);
		break;
	default:
		fail_msg("line %d: no such kind", c->at_line);
	}
	for (; word; word = strtok(NULL, " "))
		read_option(c, p, word);
	const char *field, *reason;
	if (promo_check(p, &field, &reason) != QT_OK)
		fail_msg("%s: rule %s: %s: %s", c->title, c->rules[c->rule_count - 1], field, reason);
}

static int64_t rule_id(const struct worked *c, const char *name)
{
	for (int i = 0; i < c->rule_count; i++)
		if (strcmp(c->rules[i], name) == 0)
			return i + 1;
	fail_msg("%s: no rule %s", c->title, name);
	return 0;
}

/* What the engine says, as the file writes it. */
static void say_result(const struct worked *c, const struct promo_verdict *verdicts, const struct promo_result *r,
                       char *out, size_t size)
{
	size_t n = 0;

	for (int i = 0; i < c->rule_count; i++) {
		const struct promo_verdict *v = NULL;
		for (int k = 0; k < c->rule_count; k++)
			if (verdicts[k].promo == &c->promos[i])
				v = &verdicts[k];
		n += (size_t)snprintf(out + n, size - n, "%s%s ", i ? ", " : "", c->rules[i]);
		if (v->why == PROMO_WHY_APPLIED)
			n += (size_t)snprintf(out + n, size - n, "%lld", (long long)v->saved_cents);
		else
			n += (size_t)snprintf(out + n, size - n, "%s", promo_why_info(v->why)->code);
		if (v->missing)
			n += (size_t)snprintf(out + n, size - n, " %lld", (long long)v->missing);
		if (v->by_id)
			n += (size_t)snprintf(out + n, size - n, " %s", c->rules[v->by_id - 1]);
	}
	n += (size_t)snprintf(out + n, size - n, "%s|", c->rule_count ? " " : "");
	for (int i = 0; i < c->line_count; i++)
		n += (size_t)snprintf(out + n, size - n, " %lld", (long long)(c->lines[i].total_cents - r->line_saved[i]));
}

/* The expected result with the rules in the order of their definition, since the file may name them in any. */
static void say_wanted(const struct worked *c, const char *text, char *out, size_t size)
{
	char copy[512], *parts[RULES_MOST] = { 0 }, *bar, *rest = NULL;
	size_t n = 0;

	snprintf(copy, sizeof copy, "%s", text);
	bar = strchr(copy, '|');
	assert_non_null(bar);
	*bar++ = '\0';
	for (char *one = strtok_r(copy, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
		char name[8] = "";
		one += strspn(one, " ");
		for (size_t len = strlen(one); len > 0 && one[len - 1] == ' '; len--)
			one[len - 1] = '\0';
		if (*one == '\0')
			continue;
		assert_int_equal(sscanf(one, "%7s", name), 1);
		parts[rule_id(c, name) - 1] = one;
	}
	for (int i = 0; i < c->rule_count; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", i ? ", " : "", parts[i] ? parts[i] : "?");
	snprintf(out + n, size - n, "%s|%s", c->rule_count ? " " : "", bar);
}

static bool run_worked(struct worked *c, const char *wanted_text)
{
	static struct promo_result r;
	struct promo_verdict verdicts[RULES_MOST];
	char said[1024], wanted[1024];

	c->basket.lines = c->lines;
	c->basket.line_count = c->line_count;
	c->basket.codes = c->codes;
	for (int i = 0; i < c->basket.code_count; i++)
		c->codes[i].promo_id = strcmp(c->code_names[i], "B") == 0 && c->rule_count < 2
			? 99 : rule_id(c, c->code_names[i]);
	for (int i = 0; i < c->rule_count; i++)
		verdicts[i].promo = &c->promos[i];
	assert_int_equal(promo_eval(&c->basket, verdicts, c->rule_count, &r), QT_OK);
	say_result(c, verdicts, &r, said, sizeof said);
	say_wanted(c, wanted_text, wanted, sizeof wanted);
	for (size_t len = strlen(wanted); len > 0 && wanted[len - 1] == ' '; len--)
		wanted[len - 1] = '\0';
	if (strcmp(said, wanted) == 0)
		return true;
	print_error("promo.txt:%d: %s\n  worked out: %s\n  engine:     %s\n", c->at_line, c->title, wanted, said);
	return false;
}

static void test_worked_cases(void **state)
{
	static struct worked c;
	FILE *f = fopen("tests/vectors/promo.txt", "r");
	char text[512];
	int line = 0, cases = 0, wrong = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(text, sizeof text, f)) {
		line++;
		text[strcspn(text, "\n")] = '\0';
		if (strncmp(text, "== ", 3) == 0) {
			memset(&c, 0, sizeof c);
			snprintf(c.title, sizeof c.title, "%s", text + 3);
			c.at_line = line;
			c.basket = (struct promo_basket){ .now_ms = 1000, .store_id = 1, .minute = 720, .birthday_days = -1 };
		} else if (strncmp(text, "line ", 5) == 0)
			read_line(&c, text + 5);
		else if (strncmp(text, "at ", 3) == 0)
			read_at(&c, text + 3);
		else if (strncmp(text, "rule ", 5) == 0)
			read_rule(&c, text + 5);
		else if (strncmp(text, "=>", 2) == 0) {
			cases++;
			wrong += !run_worked(&c, text + 2 + strspn(text + 2, " "));
		} else if (text[0] != '\0' && text[0] != '#')
			fail_msg("promo.txt:%d: what is this? %s", line, text);
	}
	fclose(f);
	print_message("%d worked cases\n", cases);
	assert_true(cases >= 150);
	assert_int_equal(wrong, 0);
}

/* ---- any basket, any rules, any order ---- */

static uint64_t seed;

static int64_t draw(int64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int64_t)((seed >> 33) % (uint64_t)below);
}

#define PROPERTY_RULES 12

static void draw_basket(struct worked *c)
{
	memset(c, 0, sizeof *c);
	c->basket = (struct promo_basket){ .now_ms = 1000, .store_id = 1, .minute = 720, .birthday_days = 0,
		.customer_id = draw(2), .level = 1 + draw(3), .first_purchase = draw(2) != 0 };
	c->line_count = (int)draw(9);
	for (int i = 0; i < c->line_count; i++) {
		struct promo_line *l = &c->lines[i];
		c->line_sections[i][0] = 1 + draw(3);
		l->item_id = 1 + draw(6);
		l->sections = c->line_sections[i];
		l->section_count = 1;
		l->weighed = draw(6) == 0;
		l->quantity_milli = l->weighed ? 1 + draw(3000) : 1000 * (1 + draw(5));
		l->total_cents = draw(4) == 0 ? draw(10) : draw(3000);
	}
	c->basket.lines = c->lines;
	c->basket.line_count = c->line_count;
}

static void draw_rule(struct promo *p)
{
	static const int parts[] = { [PROMO_ITEM] = 1, [PROMO_GET] = 2, [PROMO_BUNDLE] = 3, [PROMO_FREE] = 1,
		[PROMO_ORDER] = 1 };

	*p = (struct promo){ .state = PROMO_RUNNING, .kind = 1 + draw(5), .stack = draw(5) ? PROMO_STACKABLE
		: draw(2) ? PROMO_GROUP : PROMO_EXCLUSIVE, .priority = draw(3), .min_cents = draw(3) ? 0 : draw(2000),
		.cap_cents = draw(4) ? 0 : 1 + draw(500), .levels = draw(6) ? 0 : 6, .first_purchase = draw(8) == 0 };
	if (p->stack == PROMO_GROUP)
		p->group = 1 + draw(2);
	if (p->kind == PROMO_BUNDLE)
		p->price_cents = draw(2000);
	else if (p->kind != PROMO_FREE && draw(2))
		p->off_bp = 1 + draw(10000);
	else if (p->kind != PROMO_FREE)
		p->off_cents = 1 + draw(800);
	if (p->kind == PROMO_FREE)
		p->sets_max = 1 + draw(2);
	if (draw(5) == 0) {
		p->budget_cents = 1 + draw(2000);
		p->spent_cents = draw(p->budget_cents);
	}
	p->part_count = parts[p->kind];
	for (int k = 0; k < p->part_count; k++) {
		p->parts[k].pieces = 1 + draw(2);
		p->parts[k].ref_count = 1 + (int)draw(3);
		for (int i = 0; i < p->parts[k].ref_count; i++)
			p->parts[k].refs[i] = (struct promo_ref){ draw(2) != 0, 1 + draw(3) };
	}
}

static void shuffle(struct promo_verdict *verdicts, int count)
{
	for (int i = count - 1; i > 0; i--) {
		int k = (int)draw(i + 1);
		struct promo_verdict kept = verdicts[i];
		verdicts[i] = verdicts[k];
		verdicts[k] = kept;
	}
}

static void check_sums(const struct worked *c, const struct promo_verdict *verdicts, const struct promo_result *r)
{
	int64_t sum = 0, saved = 0;

	for (int i = 0; i < c->line_count; i++) {
		int64_t cut = 0;
		for (int k = 0; k < r->applied; k++) {
			assert_true(r->cuts[k][i] >= 0);
			cut += r->cuts[k][i];
		}
		assert_int_equal(cut, r->line_saved[i]);
		assert_true(cut <= c->lines[i].total_cents);
		sum += cut;
	}
	assert_int_equal(sum, r->saved_cents);
	for (int k = 0; k < PROPERTY_RULES; k++) {
		const struct promo *p = verdicts[k].promo;
		saved += verdicts[k].saved_cents;
		assert_true((verdicts[k].saved_cents > 0) == (verdicts[k].why == PROMO_WHY_APPLIED));
		assert_true(p->cap_cents == 0 || verdicts[k].saved_cents <= p->cap_cents);
		assert_true(p->budget_cents == 0 || verdicts[k].saved_cents == 0 ||
			verdicts[k].saved_cents <= p->budget_cents - p->spent_cents);
	}
	assert_int_equal(saved, r->saved_cents);
}

/* Neither the order in which rules are given nor the numbers they happen to have change a cent of any line. */
static void test_order_of_rules_does_not_matter(void **state)
{
	static struct worked c;
	static struct promo promos[PROPERTY_RULES];
	static struct promo_result first, again;
	struct promo_verdict verdicts[PROPERTY_RULES];
	const char *wanted = getenv("SEED");
	int applied = 0;

	(void)state;
	seed = wanted ? strtoull(wanted, NULL, 10) : (uint64_t)time(NULL);
	print_message("SEED=%llu\n", (unsigned long long)seed);
	for (int round = 0; round < 4000; round++) {
		draw_basket(&c);
		for (int i = 0; i < PROPERTY_RULES; i++) {
			draw_rule(&promos[i]);
			if (i > 0 && draw(4) == 0) /* rules of equal effect */
				promos[i] = promos[draw(i)];
			promos[i].id = i + 1;
			verdicts[i].promo = &promos[i];
		}
		assert_int_equal(promo_eval(&c.basket, verdicts, PROPERTY_RULES, &first), QT_OK);
		check_sums(&c, verdicts, &first);
		applied += first.applied;
		for (int times = 0; times < 3; times++) {
			shuffle(verdicts, PROPERTY_RULES);
			for (int i = 0; i < PROPERTY_RULES; i++) /* new numbers, too */
				promos[verdicts[i].promo - promos].id = 100 + i;
			shuffle(verdicts, PROPERTY_RULES);
			assert_int_equal(promo_eval(&c.basket, verdicts, PROPERTY_RULES, &again), QT_OK);
			assert_int_equal(again.saved_cents, first.saved_cents);
			assert_memory_equal(again.line_saved, first.line_saved, sizeof first.line_saved);
		}
	}
	assert_true(applied > 4000); /* the rules drawn do apply */
}

/* ---- bundles against every choice there is ---- */

/* The best saving of a bundle of single pieces: try all ways to give each part a piece, set after set. */
static int64_t best_bundle(const struct promo *p, const int64_t *price, const int64_t (*belongs)[4], int pieces,
                           unsigned taken, int part, int64_t worth)
{
	int64_t best = 0;

	if (part == p->part_count) {
		int64_t rest = best_bundle(p, price, belongs, pieces, taken, 0, 0);
		return worth - p->price_cents + rest;
	}
	bool found = false;
	for (int i = 0; i < pieces; i++) {
		if ((taken & (1u << i)) || !belongs[i][part])
			continue;
		int64_t got = best_bundle(p, price, belongs, pieces, taken | 1u << i, part + 1, worth + price[i]);
		if (!found || got > best)
			best = got;
		found = true;
	}
	if (part == 0)
		return best > 0 ? best : 0;
	return found ? best : INT64_MIN / 4;
}

static void test_bundles_are_the_best_there_are(void **state)
{
	static struct promo_result r;
	struct promo_line lines[6];
	int64_t price[6], belongs[6][4];

	(void)state;
	for (int round = 0; round < 1500; round++) {
		int count = 1 + (int)draw(6);
		struct promo p = { .id = 1, .state = PROMO_RUNNING, .kind = PROMO_BUNDLE, .stack = PROMO_STACKABLE,
			.price_cents = draw(900), .part_count = 2 + (int)draw(2) };
		for (int k = 0; k < p.part_count; k++) {
			p.parts[k].pieces = 1;
			p.parts[k].ref_count = 1 + (int)draw(2);
			for (int i = 0; i < p.parts[k].ref_count; i++)
				p.parts[k].refs[i] = (struct promo_ref){ false, 1 + draw(3) };
		}
		for (int i = 0; i < count; i++) {
			price[i] = draw(800);
			lines[i] = (struct promo_line){ .item_id = 1 + draw(3), .quantity_milli = 1000, .total_cents = price[i] };
			for (int k = 0; k < p.part_count; k++) {
				belongs[i][k] = 0;
				for (int n = 0; n < p.parts[k].ref_count; n++)
					belongs[i][k] |= p.parts[k].refs[n].id == lines[i].item_id;
			}
		}
		struct promo_basket b = { .lines = lines, .line_count = count };
		struct promo_verdict v = { .promo = &p };
		assert_int_equal(promo_eval(&b, &v, 1, &r), QT_OK);
		assert_int_equal(r.saved_cents, best_bundle(&p, price, belongs, count, 0, 0, 0));
	}
}

static void test_too_large_baskets_are_refused(void **state)
{
	static struct promo_result r;
	const struct promo_line lines[] = {
		{ .item_id = 1, .quantity_milli = 1000, .total_cents = MONEY_MAX },
		{ .item_id = 1, .quantity_milli = 1000, .total_cents = 1 },
		{ .item_id = 1, .quantity_milli = 1000, .total_cents = -1 },
	};
	struct promo_basket b = { .lines = lines, .line_count = 2 };

	(void)state;
	assert_int_equal(promo_eval(&b, NULL, 0, &r), QT_OVERFLOW);
	b.line_count = PROMO_LINES_MOST + 1;
	assert_int_equal(promo_eval(&b, NULL, 0, &r), QT_TOO_LONG);
	b.lines = &lines[2];
	b.line_count = 1;
	assert_int_equal(promo_eval(&b, NULL, 0, &r), QT_OVERFLOW);
}

/* Each rule of promo_check bites. */
static void test_senseless_promotions_are_named(void **state)
{
	static const struct { struct promo p; const char *field; } bad[] = {
		{ { .kind = 0 }, "kind" },
		{ { .kind = PROMO_ORDER, .stack = 4 }, "stack" },
		{ { .kind = PROMO_ORDER, .stack = 1, .part_count = 1 }, "off_bp" },
		{ { .kind = PROMO_ORDER, .stack = 1, .part_count = 1, .off_bp = 1, .off_cents = 1 }, "off_bp" },
		{ { .kind = PROMO_ORDER, .stack = 1, .part_count = 1, .off_bp = 10001 }, "off_bp" },
		{ { .kind = PROMO_ORDER, .stack = 1, .part_count = 1, .off_cents = -1 }, "off_cents" },
		{ { .kind = PROMO_FREE, .stack = 1, .part_count = 1, .off_cents = 1, .sets_max = 1 }, "off_bp" },
		{ { .kind = PROMO_ORDER, .stack = 1, .off_bp = 1, .price_cents = 1 }, "price_cents" },
		{ { .kind = PROMO_ORDER, .stack = 1, .off_bp = 1, .sets_max = 1 }, "sets_max" },
		{ { .kind = PROMO_FREE, .stack = 1 }, "sets_max" },
		{ { .kind = PROMO_ORDER, .stack = 1, .off_bp = 1 }, "parts" },
		{ { .kind = PROMO_GET, .stack = 1, .off_bp = 1, .part_count = 1 }, "parts" },
		{ { .kind = PROMO_BUNDLE, .stack = 1, .part_count = 1, .parts = { { .pieces = 1 } } }, "parts" },
		{ { .kind = PROMO_FREE, .stack = 1, .sets_max = 1, .part_count = 1, .parts = { { .pieces = 1 } } }, "parts" },
#define FINE .kind = PROMO_ORDER, .off_bp = 1, .part_count = 1, .parts = { { .pieces = 1 } }
		{ { FINE, .stack = 1, .starts_ms = 5, .ends_ms = 5 }, "ends_ms" },
		{ { FINE, .stack = 1, .from_minute = 60, .to_minute = 60 }, "from_minute" },
		{ { FINE, .stack = 1, .weekdays = 128 }, "weekdays" },
		{ { FINE, .stack = PROMO_GROUP }, "group" },
		{ { FINE, .stack = 1, .group = 1 }, "group" },
		{ { FINE, .stack = 1, .birthday_days = 3 }, "birthday_days" },
	};
	const struct promo fine = { FINE, .stack = PROMO_EXCLUSIVE };
	const char *field = "", *reason = "";

	(void)state;
	assert_int_equal(promo_check(&fine, &field, &reason), QT_OK);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(promo_check(&bad[i].p, &field, &reason), QT_BAD_FIELD);
		assert_string_equal(field, bad[i].field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worked_cases),
		cmocka_unit_test(test_order_of_rules_does_not_matter),
		cmocka_unit_test(test_bundles_are_the_best_there_are),
		cmocka_unit_test(test_too_large_baskets_are_refused),
		cmocka_unit_test(test_senseless_promotions_are_named),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
