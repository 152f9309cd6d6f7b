-- Orders, payments, refunds, campaigns, share chains and what rebates need.
--
-- The hot tables (orders, order_line, payment, refund and its parts) are covered by the seal chain through the
-- document of the journal that settled them (server/order.h); the cold ones (sold_item, campaign,
-- campaign_level, share) are to be sealed row by row.
-- Ids of the hot tables' parts are made of the parent's id, so that no second index is needed:
--   order_line.id = order * 256 + line number, refund_line.id = refund * 256 + line number,
--   refund_tender.id = refund * 16 + number. Payments and refunds of an order form a chain of ids.
-- Hot tables carry no REFERENCES: the writer checks before it writes, the auditor proves it afterwards.
-- A rebate has no row of its own: it is an entry of its order's journal. Times are unix milliseconds.

-- An item as it was sold: names and tax are kept as they were, however the catalogue changes. Immutable. Sealed.
CREATE TABLE sold_item (
	id            INTEGER PRIMARY KEY,
	item_id       INTEGER NOT NULL,   -- item of the catalogue
	version       INTEGER NOT NULL,   -- of the item when it was first sold like this
	inclusive     INTEGER NOT NULL,   -- 1: prices contained the tax; 0: tax was added
	rate_bp       INTEGER NOT NULL,   -- tax rate in basis points
	tax_id        INTEGER NOT NULL,   -- tax the rate came from; 0: none
	name          TEXT NOT NULL,
	name_zh       TEXT,               -- NULL: none
	UNIQUE (item_id, version, inclusive)
);

-- Last numbers given to a till. One row per terminal, made at its first order.
CREATE TABLE till_sequence (
	terminal_id   INTEGER PRIMARY KEY,
	last_number   INTEGER NOT NULL,   -- highest order number seen from or given to this till
	last_receipt  INTEGER NOT NULL    -- last receipt number; numbers have no gaps
);

-- An order. Columns down to rebate_outcome are fixed once it is paid and are part of the sale's document.
CREATE TABLE orders (
	id              INTEGER PRIMARY KEY,
	merchant_id     INTEGER NOT NULL,
	terminal_id     INTEGER NOT NULL,
	number          INTEGER NOT NULL,  -- the till's own sequence
	staff_id        INTEGER NOT NULL,  -- who sold; 0: nobody signed in
	created_ms      INTEGER NOT NULL,
	currency        INTEGER NOT NULL,  -- ISO 4217 numeric
	tax_cents       INTEGER NOT NULL,  -- contained in total_cents
	total_cents     INTEGER NOT NULL,  -- what the customer pays, tax included
	customer_id     INTEGER,           -- who bought; NULL: not known
	campaign_id     INTEGER,           -- campaign the sale is credited to; NULL: none
	share_id        INTEGER,           -- share the customer came by; NULL: none, or the campaign's own code
	receipt_number  INTEGER,           -- of the terminal; NULL until paid
	points_earned   INTEGER NOT NULL,  -- points given for it when paid
	rebate_cents    INTEGER NOT NULL,  -- taken from the merchant's prefund when paid, all shares together
	rebate_outcome  INTEGER NOT NULL,  -- enum rebate_outcome: why rebates were paid, cut or not paid
	state           INTEGER NOT NULL,  -- enum order_state
	expires_ms      INTEGER,           -- when it expires unless paid; NULL: paid at once
	paid_after_ms   INTEGER,           -- milliseconds from created_ms to payment; NULL: not paid
	journal_id      INTEGER,           -- its sale journal; NULL: not paid
	last_payment_id INTEGER,           -- newest payment; the others follow by payment.previous_id; NULL: none
	last_refund_id  INTEGER            -- newest refund; the others follow by refund.previous_id; NULL: none
);
CREATE UNIQUE INDEX orders_number ON orders (terminal_id, number);
CREATE INDEX orders_open ON orders (terminal_id, total_cents) WHERE state = 1;
CREATE INDEX orders_expiry ON orders (expires_ms) WHERE state = 1;

-- A line of an order; id = order * 256 + line number (from 1). Immutable.
-- Its total is quantity * price_cents, plus tax_cents when the sold item's prices exclude tax.
CREATE TABLE order_line (
	id            INTEGER PRIMARY KEY,
	sold_item_id  INTEGER NOT NULL,
	quantity      INTEGER NOT NULL,   -- pieces, 1 or more
	price_cents   INTEGER NOT NULL,   -- of one piece, as the catalogue said (or the till, for open prices)
	tax_cents     INTEGER NOT NULL,   -- of the whole line, rounded once
	note          TEXT                -- NULL: none; not part of the document
);

-- A payment: one tender of an order, or money by a fixed code that no order claims yet.
-- Columns down to received_cents are fixed once it is settled and are part of the sale's document.
CREATE TABLE payment (
	id             INTEGER PRIMARY KEY,
	order_id       INTEGER,           -- NULL: by fixed code, not matched yet
	method         INTEGER NOT NULL,  -- enum payment_method: how it was asked for
	source         INTEGER NOT NULL,  -- enum payment_source: where the money came from; 0: not known yet
	account_id     INTEGER,           -- account that paid (card, points, rebate, provider); NULL: cash, bank terminal, unpaid
	amount_cents   INTEGER NOT NULL,
	points         INTEGER,           -- points spent; NULL: source is not points
	received_cents INTEGER,           -- cash given by the customer; NULL: not cash or exact
	state          INTEGER NOT NULL,  -- enum payment_state
	created_ms     INTEGER,           -- NULL: together with its order
	expires_ms     INTEGER,           -- of its code; NULL: none
	customer_id    INTEGER,           -- who paid by phone; NULL: at the till
	terminal_id    INTEGER,           -- fixed code's till; NULL: the order's
	hold_id        INTEGER,           -- ledger hold of a part whose order is not covered yet; NULL: none
	refunded_cents INTEGER NOT NULL DEFAULT 0, -- given back so far
	previous_id    INTEGER,           -- payment of the same order made before; NULL: first
	provider       TEXT,              -- provider's name; NULL: source is not provider
	reference      TEXT               -- provider's reference, or the bank terminal's approval; NULL: none
);
CREATE INDEX payment_expiry ON payment (expires_ms) WHERE state IN (1, 2, 3);
CREATE INDEX payment_loose ON payment (terminal_id) WHERE order_id IS NULL;

-- Goods taken back. Immutable.
CREATE TABLE refund (
	id            INTEGER PRIMARY KEY,
	order_id      INTEGER NOT NULL,
	terminal_id   INTEGER NOT NULL,   -- till that did it; 0: none
	staff_id      INTEGER NOT NULL,   -- who did it; 0: the operator
	approved_by   INTEGER NOT NULL,   -- manager who approved; 0: was not needed
	created_ms    INTEGER NOT NULL,
	amount_cents  INTEGER NOT NULL,   -- given back, tax included
	tax_cents     INTEGER NOT NULL,   -- contained in amount_cents
	points        INTEGER NOT NULL,   -- earned points taken back
	rebate_cents  INTEGER NOT NULL,   -- rebates returned to the prefund
	previous_id   INTEGER,            -- refund of the same order made before; NULL: first
	journal_id    INTEGER NOT NULL,
	reason        TEXT NOT NULL       -- not part of the document
);
-- A line of a refund; id = refund * 256 + number of the order's line. Immutable.
CREATE TABLE refund_line (
	id            INTEGER PRIMARY KEY,
	quantity      INTEGER NOT NULL,   -- pieces taken back
	amount_cents  INTEGER NOT NULL,   -- given back for them, tax included
	tax_cents     INTEGER NOT NULL    -- contained in amount_cents
);
-- Where the money went; id = refund * 16 + n (from 1).
CREATE TABLE refund_tender (
	id            INTEGER PRIMARY KEY,
	payment_id    INTEGER NOT NULL,   -- the payment it goes back to
	amount_cents  INTEGER NOT NULL,
	points        INTEGER NOT NULL,   -- points given back; 0: the payment was not by points
	state         INTEGER NOT NULL    -- enum refund_state: done, or still to be asked of the provider. Not part of the document
);

-- A rebate campaign. Everything but state is immutable. Sealed.
CREATE TABLE campaign (
	id                    INTEGER PRIMARY KEY,
	merchant_id           INTEGER NOT NULL,
	name                  TEXT NOT NULL,
	name_zh               TEXT,             -- NULL: none
	intro                 TEXT,             -- NULL: none
	intro_zh              TEXT,             -- NULL: none
	starts_ms             INTEGER NOT NULL,
	ends_ms               INTEGER,          -- NULL: no end
	channel_bp            INTEGER NOT NULL, -- share of the channel the customer came by
	agent_bp              INTEGER NOT NULL, -- share of the merchant's agent
	platform_bp           INTEGER NOT NULL, -- share of the platform
	cap_order_cents       INTEGER,          -- most that one order pays out; NULL: no cap
	cap_person_day_cents  INTEGER,          -- most that one person earns on one day (UTC); NULL: no cap
	budget_cents          INTEGER,          -- most that the campaign pays out; NULL: as long as the prefund lasts
	item_id               INTEGER,          -- only this item counts; NULL: all
	hold_s                INTEGER NOT NULL, -- seconds a rebate is held before it can be spent
	created_ms            INTEGER NOT NULL,
	state                 INTEGER NOT NULL  -- enum campaign_state
);
CREATE INDEX campaign_merchant ON campaign (merchant_id);
-- Rates per level; id = campaign * 16 + level (0: the nearest promoter). Immutable. Sealed.
CREATE TABLE campaign_level (
	id       INTEGER PRIMARY KEY,
	rate_bp  INTEGER NOT NULL
);
-- What a campaign has paid out; changes with every sale, hence apart from the sealed row. campaign_id as in campaign.
CREATE TABLE campaign_use (
	campaign_id     INTEGER PRIMARY KEY,
	orders          INTEGER NOT NULL,  -- sales that paid rebates
	spent_cents     INTEGER NOT NULL,  -- taken from the prefund, less what refunds brought back
	held_cents      INTEGER NOT NULL,  -- of it, people's rebates that are still held
	warned          INTEGER NOT NULL   -- 1: the merchant was told that the prefund runs low
);
-- What a person earned on one day, only for campaigns with cap_person_day_cents.
CREATE TABLE rebate_day (
	campaign_id   INTEGER NOT NULL,
	customer_id   INTEGER NOT NULL,
	day           INTEGER NOT NULL,    -- days since 1970 UTC
	earned_cents  INTEGER NOT NULL,
	PRIMARY KEY (campaign_id, customer_id, day)
);
-- Up to which sale journal rebates with this hold time were released. Journals are in the order of time.
CREATE TABLE rebate_release (
	hold_s      INTEGER PRIMARY KEY,
	journal_id  INTEGER NOT NULL
);

-- A share: one person's own code in a chain, or a channel's root. Immutable. Sealed.
CREATE TABLE share (
	id           INTEGER PRIMARY KEY,
	campaign_id  INTEGER NOT NULL,
	parent_id    INTEGER NOT NULL,  -- 0: made from the campaign's own code
	customer_id  INTEGER NOT NULL,  -- promoter; 0: a channel's root
	channel_id   INTEGER NOT NULL,  -- channel that sales by this share are credited to; 0: none. Handed down the chain
	generation   INTEGER NOT NULL,  -- 1 for the first, parent's + 1 for others; a channel's root is 0
	created_ms   INTEGER NOT NULL,
	UNIQUE (campaign_id, customer_id, parent_id, channel_id)
);
CREATE INDEX share_customer ON share (customer_id);
