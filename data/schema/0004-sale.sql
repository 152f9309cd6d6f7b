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
-- Numbers are never NULL: 0 in a reference, a time or a limit means none.

-- An item as it was sold: names and tax are kept as they were, however the catalogue changes. Immutable. Sealed.
CREATE TABLE sold_item (
	id            INTEGER PRIMARY KEY,
	item_id       BIGINT NOT NULL, -- item of the catalogue
	version       BIGINT NOT NULL, -- of the item when it was first sold like this
	inclusive     BIGINT NOT NULL, -- 1: prices contained the tax; 0: tax was added
	rate_bp       BIGINT NOT NULL, -- tax rate in basis points
	tax_id        BIGINT NOT NULL, -- tax the rate came from; 0: none
	name          TEXT NOT NULL,
	name_zh       TEXT,               -- NULL: none
	UNIQUE (item_id, version, inclusive)
);

-- Last numbers given to a till. One row per terminal, made at its first order.
CREATE TABLE till_sequence (
	terminal_id   INTEGER PRIMARY KEY,
	last_number   BIGINT NOT NULL, -- highest order number seen from or given to this till
	last_receipt  BIGINT NOT NULL -- last receipt number; numbers have no gaps
);

-- An order, in its merchant's currency (which never changes). Columns down to rebate_outcome are fixed once it is paid and are part of the sale's document,
-- with the currency after created_ms.
CREATE TABLE orders (
	id              INTEGER PRIMARY KEY,
	merchant_id     BIGINT NOT NULL,
	terminal_id     BIGINT NOT NULL,
	number          BIGINT NOT NULL, -- the till's own sequence
	staff_id        BIGINT NOT NULL, -- who sold; 0: nobody signed in
	created_ms      BIGINT NOT NULL,
	tax_cents       BIGINT NOT NULL, -- contained in total_cents
	total_cents     BIGINT NOT NULL, -- what the customer pays, tax included
	customer_id     BIGINT NOT NULL, -- who bought; 0: not known
	campaign_id     BIGINT NOT NULL, -- campaign the sale is credited to; 0: none
	share_id        BIGINT NOT NULL, -- share the customer came by; 0: none, or the campaign's own code
	receipt_number  BIGINT NOT NULL, -- of the terminal; 0 until paid
	points_earned   BIGINT NOT NULL, -- points given for it when paid
	rebate_cents    BIGINT NOT NULL, -- taken from the merchant's prefund when paid, all shares together
	rebate_outcome  BIGINT NOT NULL, -- enum rebate_outcome: why rebates were paid, cut or not paid
	state           BIGINT NOT NULL, -- enum order_state
	expires_ms      BIGINT NOT NULL, -- when it expires unless paid; 0: paid at once
	paid_after_ms   BIGINT NOT NULL, -- milliseconds from created_ms to payment; means nothing before that
	last_payment_id BIGINT NOT NULL, -- newest payment; the others follow by payment.previous_id; 0: none
	last_refund_id  BIGINT            -- newest refund; the others follow by refund.previous_id; 0: none
);
CREATE UNIQUE INDEX orders_number ON orders (number, terminal_id); -- tills count alike: new rows share few pages
CREATE INDEX orders_open ON orders (terminal_id, total_cents) WHERE state = 1;
CREATE INDEX orders_expiry ON orders (expires_ms) WHERE state = 1;

-- A line of an order; id = order * 256 + line number (from 1). Immutable.
-- Its total is quantity * price_cents, plus tax_cents when the sold item's prices exclude tax.
CREATE TABLE order_line (
	id            INTEGER PRIMARY KEY,
	sold_item_id  BIGINT NOT NULL,
	quantity      BIGINT NOT NULL, -- pieces, 1 or more
	price_cents   BIGINT NOT NULL, -- of one piece, as the catalogue said (or the till, for open prices)
	tax_cents     BIGINT NOT NULL -- of the whole line, rounded once
);
-- What the till wrote on a line; few have it. id as in order_line. Not part of the document.
CREATE TABLE order_note (
	id    INTEGER PRIMARY KEY,
	note  TEXT NOT NULL
);

-- A payment: one tender of an order, or money by a fixed code that no order claims yet.
-- Columns down to received_cents are fixed once it is settled and are part of the sale's document.
CREATE TABLE payment (
	id             INTEGER PRIMARY KEY,
	order_id       BIGINT NOT NULL, -- 0: by fixed code, not matched yet
	method         BIGINT NOT NULL, -- enum payment_method: how it was asked for
	source         BIGINT NOT NULL, -- enum payment_source: where the money came from; 0: not known yet
	account_id     BIGINT NOT NULL, -- account that paid (card, points, rebate, provider); 0: cash, bank terminal, unpaid
	amount_cents   BIGINT NOT NULL,
	points         BIGINT NOT NULL, -- points spent; 0: source is not points
	received_cents BIGINT NOT NULL, -- cash given by the customer; 0: not cash or exact
	state          BIGINT NOT NULL, -- enum payment_state
	created_ms     BIGINT NOT NULL, -- 0: together with its order
	expires_ms     BIGINT NOT NULL, -- of its code; 0: none
	customer_id    BIGINT NOT NULL, -- who paid by phone; 0: at the till
	terminal_id    BIGINT NOT NULL, -- fixed code's till; 0: the order's
	hold_id        BIGINT NOT NULL, -- ledger hold of a part whose order is not covered yet; 0: none
	refunded_cents BIGINT NOT NULL, -- given back so far
	previous_id    BIGINT NOT NULL, -- payment of the same order made before; 0: first
	provider       TEXT,              -- provider's name; NULL: source is not provider
	reference      TEXT               -- provider's reference, or the bank terminal's approval; NULL: none
);
CREATE INDEX payment_expiry ON payment (expires_ms) WHERE expires_ms > 0 AND (state = 1 OR state = 5);
CREATE INDEX payment_asked ON payment (id) WHERE provider IS NOT NULL AND (state = 2 OR state = 3 OR state = 9); -- what a provider is still to be asked about
CREATE INDEX payment_loose ON payment (terminal_id) WHERE order_id = 0;

-- Goods taken back. Immutable.
CREATE TABLE refund (
	id            INTEGER PRIMARY KEY,
	order_id      BIGINT NOT NULL,
	terminal_id   BIGINT NOT NULL, -- till that did it; 0: none
	staff_id      BIGINT NOT NULL, -- who did it; 0: the operator
	approved_by   BIGINT NOT NULL, -- manager who approved; 0: was not needed
	created_ms    BIGINT NOT NULL,
	amount_cents  BIGINT NOT NULL, -- given back, tax included
	tax_cents     BIGINT NOT NULL, -- contained in amount_cents
	points        BIGINT NOT NULL, -- earned points taken back
	rebate_cents  BIGINT NOT NULL, -- rebates returned to the prefund
	previous_id   BIGINT NOT NULL, -- refund of the same order made before; 0: first
	reason        TEXT NOT NULL -- not part of the document
);
-- A line of a refund; id = refund * 256 + number of the order's line. Immutable.
CREATE TABLE refund_line (
	id            INTEGER PRIMARY KEY,
	quantity      BIGINT NOT NULL, -- pieces taken back
	amount_cents  BIGINT NOT NULL, -- given back for them, tax included
	tax_cents     BIGINT NOT NULL -- contained in amount_cents
);
-- Where the money went; id = refund * 16 + n (from 1).
CREATE TABLE refund_tender (
	id            INTEGER PRIMARY KEY,
	payment_id    BIGINT NOT NULL, -- the payment it goes back to
	amount_cents  BIGINT NOT NULL,
	points        BIGINT NOT NULL, -- points given back; 0: the payment was not by points
	state         BIGINT NOT NULL -- enum refund_tender_state: 1 done, 2 the provider is still to be asked. Not part of the document
);

CREATE INDEX refund_tender_waiting ON refund_tender (id) WHERE state = 2;

-- A rebate campaign. Everything but state is immutable. Sealed.
CREATE TABLE campaign (
	id                    INTEGER PRIMARY KEY,
	merchant_id           BIGINT NOT NULL,
	name                  TEXT NOT NULL,
	name_zh               TEXT,             -- NULL: none
	intro                 TEXT,             -- NULL: none
	intro_zh              TEXT,             -- NULL: none
	starts_ms             BIGINT NOT NULL,
	ends_ms               BIGINT NOT NULL, -- 0: no end
	channel_bp            BIGINT NOT NULL, -- share of the channel the customer came by
	agent_bp              BIGINT NOT NULL, -- share of the merchant's agent
	platform_bp           BIGINT NOT NULL, -- share of the platform
	cap_order_cents       BIGINT NOT NULL, -- most that one order pays out; 0: no cap
	cap_person_day_cents  BIGINT NOT NULL, -- most that one person earns on one day (UTC); 0: no cap
	budget_cents          BIGINT NOT NULL, -- most that the campaign pays out; 0: as long as the prefund lasts
	item_id               BIGINT NOT NULL, -- only this item counts; 0: all
	hold_s                BIGINT NOT NULL, -- seconds a rebate is held before it can be spent
	created_ms            BIGINT NOT NULL,
	state                 BIGINT NOT NULL -- enum campaign_state
);
CREATE INDEX campaign_merchant ON campaign (merchant_id);
-- Rates per level; id = campaign * 16 + level (0: the nearest promoter). Immutable. Sealed.
CREATE TABLE campaign_level (
	id       INTEGER PRIMARY KEY,
	rate_bp  BIGINT NOT NULL
);
-- What a campaign has paid out; changes with every sale, hence apart from the sealed row. campaign_id as in campaign.
CREATE TABLE campaign_use (
	campaign_id     INTEGER PRIMARY KEY,
	orders          BIGINT NOT NULL, -- sales that paid rebates
	spent_cents     BIGINT NOT NULL, -- taken from the prefund, less what refunds brought back
	held_cents      BIGINT NOT NULL -- of it, people's rebates that are still held
);
-- What a person earned on one day, only for campaigns with cap_person_day_cents.
CREATE TABLE rebate_day (
	campaign_id   BIGINT NOT NULL,
	customer_id   BIGINT NOT NULL,
	day           BIGINT NOT NULL, -- days since 1970 UTC
	earned_cents  BIGINT NOT NULL,
	PRIMARY KEY (campaign_id, customer_id, day)
);
-- When a merchant is warned that the prefund runs low. One row per merchant, made by the first payment in.
CREATE TABLE prefund (
	merchant_id       INTEGER PRIMARY KEY,
	warn_below_cents  BIGINT NOT NULL, -- balance under which the merchant is told
	told              BIGINT NOT NULL  -- 0: not yet; 1: that it runs low; 2: that it is used up. 0 again after a payment in
);
-- Up to which sale journal rebates with this hold time were released. Journals are in the order of time.
CREATE TABLE rebate_release (
	hold_s      INTEGER PRIMARY KEY,
	journal_id  BIGINT NOT NULL
);

-- A share: one person's own code in a chain, or a channel's root. Immutable. Sealed.
CREATE TABLE share (
	id           INTEGER PRIMARY KEY,
	campaign_id  BIGINT NOT NULL,
	parent_id    BIGINT NOT NULL, -- 0: made from the campaign's own code
	customer_id  BIGINT NOT NULL, -- promoter; 0: a channel's root
	channel_id   BIGINT NOT NULL, -- channel that sales by this share are credited to; 0: none. Handed down the chain
	generation   BIGINT NOT NULL, -- 1 for the first, parent's + 1 for others; a channel's root is 0
	created_ms   BIGINT NOT NULL,
	UNIQUE (campaign_id, customer_id, parent_id, channel_id)
);
CREATE INDEX share_customer ON share (customer_id);
