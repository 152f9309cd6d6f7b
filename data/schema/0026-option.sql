-- What is asked when an item is sold: sizes, extras, spice. Owned by server/option.c; order_option by order_option.c.
-- Amounts are minor units of the merchant's currency.

-- A question with its choices; several items may ask it. Sealed.
CREATE TABLE option_group (
	id          INTEGER PRIMARY KEY, -- dense
	merchant_id BIGINT NOT NULL,
	min_choices BIGINT NOT NULL,     -- of one piece; 0: none need be chosen
	max_choices BIGINT NOT NULL,     -- 1 or more
	name        TEXT NOT NULL,
	name_zh     TEXT                 -- NULL: as name
);
CREATE INDEX option_group_by_merchant ON option_group (merchant_id, id);

-- Shown in the order of their ids. Sealed.
CREATE TABLE option_choice (
	id          INTEGER PRIMARY KEY, -- dense
	group_id    BIGINT NOT NULL,
	price_cents BIGINT NOT NULL,     -- what it adds to the price of one; negative: takes off
	preset      BIGINT NOT NULL,     -- 1: chosen unless it is taken away
	active      BIGINT NOT NULL,     -- 0: not sold any more
	name        TEXT NOT NULL,
	name_zh     TEXT                 -- NULL: as name
);
CREATE INDEX option_choice_by_group ON option_choice (group_id, id);

-- Which groups an item asks. A change gives the item a new version.
CREATE TABLE item_option (
	item_id  BIGINT NOT NULL,
	place    BIGINT NOT NULL,        -- order of asking, from 0
	group_id BIGINT NOT NULL,
	PRIMARY KEY (item_id, place)
);
CREATE INDEX item_option_by_group ON item_option (group_id, item_id);

-- What was chosen of a sold line, as it was then. id = order * 4096 + number (from 1). Immutable; sealed. Prices other
-- than 0 are steps of the order besides.
CREATE TABLE order_option (
	id          INTEGER PRIMARY KEY,
	line_no     BIGINT NOT NULL,     -- line of the order
	choice_id   BIGINT NOT NULL,
	price_cents BIGINT NOT NULL,     -- of one piece
	name        TEXT NOT NULL,
	name_zh     TEXT                 -- NULL: as name
);
