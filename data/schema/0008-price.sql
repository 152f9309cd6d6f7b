-- How prices come about: what was taken off lines and orders, why, and who allowed it. Owned by server/order*.c,
-- approval.c and sale_rule.c. Amounts are minor units of the merchant's currency, times unix milliseconds.

-- What a line costs after all its steps, before tax is added to it; it contains the tax when the sold item's prices do.
-- NULL: quantity * price_cents, as for every line without steps. Part of the sale's document when there is one.
ALTER TABLE order_line ADD COLUMN amount_cents BIGINT;

-- A step of a price. id = order * 4096 + number (from 1). Few orders have any. Immutable; part of the document.
CREATE TABLE order_step (
	id           INTEGER PRIMARY KEY,
	line_no      BIGINT NOT NULL,   -- line of the order; 0: the order itself
	kind         BIGINT NOT NULL,   -- enum price_step_kind
	amount_cents BIGINT NOT NULL,   -- what it adds to the line; negative: taken off
	rate_bp      BIGINT NOT NULL,   -- the rate that was given; 0: an amount was
	approval_id  BIGINT NOT NULL,   -- approval that covers it; 0: was not needed
	reason       TEXT               -- why, as typed; NULL: none
);

-- A manager's leave for one thing: this person, this action, up to this amount, once. Sealed.
CREATE TABLE approval (
	id           INTEGER PRIMARY KEY, -- dense
	merchant_id  BIGINT NOT NULL,
	terminal_id  BIGINT NOT NULL,   -- till it was given at, and is good at
	asked_by     BIGINT NOT NULL,   -- staff who may act
	approved_by  BIGINT NOT NULL,   -- staff whose PIN allowed it
	action       BIGINT NOT NULL,   -- enum approval_action
	amount_cents BIGINT NOT NULL,   -- at most so much
	created_ms   BIGINT NOT NULL,
	expires_ms   BIGINT NOT NULL,
	used_ms      BIGINT NOT NULL,   -- 0: not used
	ref_id       BIGINT NOT NULL    -- order or refund it was used for; 0: not used, or another matter
);
CREATE INDEX approval_by_merchant ON approval (merchant_id);

-- What a cashier may do without approval. Without a row: the defaults of server/approval.h. Sealed.
CREATE TABLE staff_limit (
	id             INTEGER PRIMARY KEY, -- dense
	merchant_id    BIGINT NOT NULL,
	staff_id       BIGINT NOT NULL, -- 0: every cashier who has no row
	discount_bp    BIGINT NOT NULL, -- of an order, all discounts together, basis points
	discount_cents BIGINT NOT NULL, -- the same in money
	price_cents    BIGINT NOT NULL, -- how far below the catalogue an order's prices may be set
	refund_cents   BIGINT NOT NULL, -- of an order, all refunds together; -1: the merchant's limit
	cancel_cents   BIGINT NOT NULL, -- total of an order that may be cancelled after it was sent
	drawer_opens   BIGINT NOT NULL, -- 1: may open the drawer without a sale
	cash_out_cents BIGINT NOT NULL, -- one movement of cash out of the drawer
	UNIQUE (merchant_id, staff_id)
);

-- What a store has settled for its tills; each rule is a row of its own. Sealed.
CREATE TABLE store_rule (
	id       INTEGER PRIMARY KEY,   -- dense
	store_id BIGINT NOT NULL,
	kind     BIGINT NOT NULL,       -- enum store_rule_kind: 1 reasons of discounts, a line each
	value    TEXT NOT NULL,
	UNIQUE (store_id, kind)
);
