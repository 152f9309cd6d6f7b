-- Promotions, their coupons, and what was used of them; sections of the catalogue and what a merchant knows of members,
-- which promotions ask for. Owned by server/promotion*.c, coupon.c and member.c. Amounts are minor units of the
-- merchant's currency, times unix milliseconds, 0 means none. qrtill-promotion(7) tells it for people.

-- A promotion; columns as struct promo (shared/promo.h). Only its state changes. Sealed.
CREATE TABLE promotion (
	id             INTEGER PRIMARY KEY, -- dense
	merchant_id    BIGINT NOT NULL,
	state          BIGINT NOT NULL,     -- enum promo_state: 1 running, 2 paused, 3 stopped
	kind           BIGINT NOT NULL,     -- enum promo_kind
	stack          BIGINT NOT NULL,     -- enum promo_stack
	priority       BIGINT NOT NULL,     -- larger goes first
	group_no       BIGINT NOT NULL,     -- of those of which one applies; 0: none
	off_bp         BIGINT NOT NULL,     -- basis points taken off; 0: an amount is
	off_cents      BIGINT NOT NULL,     -- taken off each piece, or the order
	price_cents    BIGINT NOT NULL,     -- of a bundle
	sets_max       BIGINT NOT NULL,     -- most sets in one order
	cap_cents      BIGINT NOT NULL,     -- most it takes off one order
	starts_ms      BIGINT NOT NULL,
	ends_ms        BIGINT NOT NULL,     -- over from then on
	weekdays       BIGINT NOT NULL,     -- bit 0 Monday .. bit 6 Sunday
	from_minute    BIGINT NOT NULL,     -- of the day
	to_minute      BIGINT NOT NULL,     -- excluded
	levels         BIGINT NOT NULL,     -- bit n: level n
	first_purchase BIGINT NOT NULL,     -- 1: only a customer's first
	birthday       BIGINT NOT NULL,     -- 1: only about a birthday
	birthday_days  BIGINT NOT NULL,     -- days before and after
	min_cents      BIGINT NOT NULL,     -- of the basket
	min_pieces     BIGINT NOT NULL,
	by_code        BIGINT NOT NULL,     -- 1: only with a code
	uses_max       BIGINT NOT NULL,
	day_max        BIGINT NOT NULL,     -- uses a day
	person_max     BIGINT NOT NULL,     -- uses a customer
	budget_cents   BIGINT NOT NULL,
	created_ms     BIGINT NOT NULL,
	name           TEXT NOT NULL,
	name_zh        TEXT,                -- NULL: as name
	code           TEXT,                -- the code all share, in capitals; NULL: none, or single ones
	UNIQUE (merchant_id, code)
);
-- A part of a promotion; id = promotion * 16 + number (from 0). Immutable. Sealed.
CREATE TABLE promotion_part (
	id     INTEGER PRIMARY KEY,
	pieces BIGINT NOT NULL             -- of one set
);
-- What a part is about, or where a promotion holds; id = promotion * 1024 + number. Immutable. Sealed.
CREATE TABLE promotion_ref (
	id      INTEGER PRIMARY KEY,
	part_no BIGINT NOT NULL,           -- part; -1: ref_id is a store
	section BIGINT NOT NULL,           -- 1: ref_id is a section's; 0: an item's (or a store's)
	ref_id  BIGINT NOT NULL
);

-- What was used of a promotion, held uses counted; the auditor counts it again from promotion_use.
CREATE TABLE promotion_sum (
	promotion_id INTEGER PRIMARY KEY,
	uses         BIGINT NOT NULL,
	spent_cents  BIGINT NOT NULL
);
CREATE TABLE promotion_day (
	promotion_id BIGINT NOT NULL,
	day          BIGINT NOT NULL,      -- of the store's calendar, days since 1970
	uses         BIGINT NOT NULL,
	PRIMARY KEY (promotion_id, day)
);
CREATE TABLE promotion_person (
	promotion_id BIGINT NOT NULL,
	customer_id  BIGINT NOT NULL,
	uses         BIGINT NOT NULL,
	PRIMARY KEY (promotion_id, customer_id)
);
-- A promotion in an order; id = order * 16 + number (from 0). Sealed.
CREATE TABLE promotion_use (
	id           INTEGER PRIMARY KEY,
	promotion_id BIGINT NOT NULL,
	coupon_id    BIGINT NOT NULL,      -- single code that let it in; 0: none
	customer_id  BIGINT NOT NULL,
	day          BIGINT NOT NULL,
	saved_cents  BIGINT NOT NULL,
	state        BIGINT NOT NULL       -- enum promotion_use_state: 1 held, 2 used, 3 released, 4 given back
);
CREATE INDEX promotion_use_by_promotion ON promotion_use (promotion_id, id);

-- Single codes, made together and given out once. Sealed.
CREATE TABLE coupon_batch (
	id              INTEGER PRIMARY KEY, -- dense
	merchant_id     BIGINT NOT NULL,
	promotion_id    BIGINT NOT NULL,
	name            TEXT,              -- NULL: none
	count           BIGINT NOT NULL,
	expires_ms      BIGINT NOT NULL,   -- of its coupons; 0: with the promotion
	first_coupon_id BIGINT NOT NULL,   -- its coupons follow one another
	created_ms      BIGINT NOT NULL,
	exported_ms     BIGINT NOT NULL    -- when the codes were given out; 0: not yet
);
CREATE INDEX coupon_batch_by_merchant ON coupon_batch (merchant_id);
-- A single code, good for one order. Sealed.
CREATE TABLE coupon (
	id           INTEGER PRIMARY KEY,  -- dense; the id in the COUPON code
	merchant_id  BIGINT NOT NULL,
	promotion_id BIGINT NOT NULL,
	batch_id     BIGINT NOT NULL,
	secret_hash  BYTEA,                -- 32 bytes, keyed hash of the code's secret; NULL: no code was given out
	customer_id  BIGINT NOT NULL,      -- whose wallet keeps it; 0: nobody's
	state        BIGINT NOT NULL,      -- enum coupon_state: 1 fresh, 2 held, 3 used
	order_id     BIGINT NOT NULL,      -- that holds or used it; 0: none
	expires_ms   BIGINT NOT NULL
);
CREATE INDEX coupon_by_customer ON coupon (customer_id) WHERE customer_id > 0;

-- Parts of a merchant's catalogue. Sealed.
CREATE TABLE section (
	id          INTEGER PRIMARY KEY,   -- dense
	merchant_id BIGINT NOT NULL,
	name        TEXT NOT NULL,
	name_zh     TEXT                   -- NULL: as name
);
CREATE INDEX section_by_merchant ON section (merchant_id);
CREATE TABLE section_item (
	item_id    BIGINT NOT NULL,
	section_id BIGINT NOT NULL,
	PRIMARY KEY (item_id, section_id)
);
CREATE INDEX section_item_by_section ON section_item (section_id);

-- What a merchant knows of a customer. Sealed.
CREATE TABLE member (
	id          INTEGER PRIMARY KEY,   -- dense
	merchant_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	level       BIGINT NOT NULL,       -- 0: none; at most 15
	birthday    BIGINT NOT NULL,       -- month * 100 + day; 0: not told
	UNIQUE (merchant_id, customer_id)
);
-- Who has bought at a merchant before.
CREATE TABLE buyer (
	merchant_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	PRIMARY KEY (merchant_id, customer_id)
);
INSERT INTO buyer (merchant_id, customer_id)
	SELECT DISTINCT merchant_id, customer_id FROM orders WHERE customer_id > 0 AND state IN (2, 5, 6);
