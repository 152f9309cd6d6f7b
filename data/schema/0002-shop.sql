-- Merchants and what they own: stores, terminals, staff, catalogue, prepaid cards, notices.
-- Ids are dense (db_new_id). Money is minor units of the merchant's currency. Times are unix milliseconds.
-- Sealed with row MACs: merchant, store, terminal, enrolment, staff, session, agent, channel, access_key, tax, item,
-- card_batch, card. Not sealed (short-lived or rebuilt from others): pin_guard, barcode, item_word, notice, sms.

CREATE TABLE agent (
	id            INTEGER PRIMARY KEY,  -- dense
	name          TEXT    NOT NULL,     -- of the person or company that signs up merchants
	commission_bp INTEGER NOT NULL CHECK (commission_bp BETWEEN 0 AND 10000), -- of the platform's fee, basis points
	created_ms    BIGINT  NOT NULL
);

CREATE TABLE channel (
	id         INTEGER PRIMARY KEY,     -- dense
	name       TEXT    NOT NULL,        -- poster, programme or site that shows codes
	created_ms BIGINT  NOT NULL
);

-- Credentials K-<id>-<secret> of agents and channels; exactly one of the two ids is set.
CREATE TABLE access_key (
	id          INTEGER PRIMARY KEY,    -- dense
	agent_id    INTEGER REFERENCES agent(id),   -- NULL: the key is a channel's
	channel_id  INTEGER REFERENCES channel(id), -- NULL: the key is an agent's
	secret_hash BYTEA   NOT NULL,       -- 32 bytes, keyed hash of the secret
	created_ms  BIGINT  NOT NULL,
	expires_ms  BIGINT  NOT NULL,       -- 0: no end
	revoked_ms  BIGINT  NOT NULL,       -- 0: in force
	CHECK ((agent_id IS NULL) <> (channel_id IS NULL))
);

CREATE TABLE merchant (
	id            INTEGER PRIMARY KEY,  -- dense
	name          TEXT    NOT NULL,     -- as printed on receipts and in codes
	name_zh       TEXT,                 -- NULL: the same as name
	currency      INTEGER NOT NULL,     -- ISO 4217 numeric; never changed after the first sale
	country       TEXT    NOT NULL,     -- ISO 3166 alpha-2
	city          TEXT    NOT NULL,
	city_zh       TEXT,                 -- NULL: the same as city
	mcc           INTEGER NOT NULL CHECK (mcc BETWEEN 0 AND 9999), -- ISO 18245 category
	phone         TEXT,                 -- E.164, for notices by SMS; NULL: none
	agent_id      INTEGER REFERENCES agent(id), -- who signed the merchant up; NULL: nobody
	fee_bp        INTEGER NOT NULL CHECK (fee_bp BETWEEN 0 AND 10000), -- the platform's fee on each sale, basis points
	tax_inclusive INTEGER NOT NULL CHECK (tax_inclusive IN (0, 1)), -- 1: shelf prices contain the tax
	-- points earned per 100 minor units paid; 0: no scheme
	points_per_100 INTEGER NOT NULL CHECK (points_per_100 >= 0),
	-- worth of one point when spent; 0: not spendable as money
	point_value_cents INTEGER NOT NULL CHECK (point_value_cents >= 0),
	cashier_refund_limit_cents BIGINT NOT NULL CHECK (cashier_refund_limit_cents >= 0), -- above it a manager approves
	closed_parts  INTEGER NOT NULL,     -- bits of enum merchant_part that are closed for this merchant; 0: all open
	state         INTEGER NOT NULL CHECK (state IN (1, 2)), -- 1 open, 2 closed: nothing is sold
	created_ms    BIGINT  NOT NULL
);

CREATE TABLE store (
	id             INTEGER PRIMARY KEY, -- dense
	merchant_id    INTEGER NOT NULL REFERENCES merchant(id),
	name           TEXT    NOT NULL,
	name_zh        TEXT,                -- NULL: the same as name
	address        TEXT,                -- lines, for receipts; NULL: none
	city           TEXT,                -- NULL: the merchant's
	receipt_footer TEXT,                -- lines under each receipt; NULL: none
	ssid           TEXT,                -- the guests' Wi-Fi; NULL: none
	created_ms     BIGINT  NOT NULL
);
CREATE INDEX store_by_merchant ON store (merchant_id);

-- Tills. Credential T-<id>-<secret>, given once at enrolment.
CREATE TABLE terminal (
	id          INTEGER PRIMARY KEY,    -- dense
	merchant_id INTEGER NOT NULL REFERENCES merchant(id), -- the store's
	store_id    INTEGER NOT NULL REFERENCES store(id),
	name        TEXT    NOT NULL,
	secret_hash BYTEA,                  -- 32 bytes, keyed hash of the secret; NULL: not enrolled yet
	created_ms  BIGINT  NOT NULL,
	enrolled_ms BIGINT  NOT NULL,       -- 0: not yet
	revoked_ms  BIGINT  NOT NULL        -- 0: in force
);
CREATE INDEX terminal_by_merchant ON terminal (merchant_id);

-- One-time codes that make a machine a terminal.
CREATE TABLE enrolment (
	id          INTEGER PRIMARY KEY,    -- dense; the id in the ENROLMENT code
	terminal_id INTEGER NOT NULL REFERENCES terminal(id),
	secret_hash BYTEA   NOT NULL,       -- 32 bytes, keyed hash of the code's secret
	created_ms  BIGINT  NOT NULL,
	expires_ms  BIGINT  NOT NULL,
	used_ms     BIGINT  NOT NULL        -- 0: not used
);

CREATE TABLE staff (
	id          INTEGER PRIMARY KEY,    -- dense
	merchant_id INTEGER NOT NULL REFERENCES merchant(id),
	number      TEXT    NOT NULL,       -- 1 to 6 digits, what the person signs in with
	name        TEXT    NOT NULL,
	role        INTEGER NOT NULL CHECK (role IN (8, 16, 32)), -- enum role: cashier, manager, owner
	pin_hash    TEXT    NOT NULL,       -- Argon2id, encoded
	state       INTEGER NOT NULL CHECK (state IN (1, 2)), -- 1 works here, 2 left
	created_ms  BIGINT  NOT NULL,
	UNIQUE (merchant_id, number)
);

-- A person signed in at a terminal. Credential S-<id>-<secret>; good at that terminal only.
CREATE TABLE session (
	id          INTEGER PRIMARY KEY,    -- dense
	staff_id    INTEGER NOT NULL REFERENCES staff(id),
	terminal_id INTEGER NOT NULL REFERENCES terminal(id),
	secret_hash BYTEA   NOT NULL,       -- 32 bytes, keyed hash of the secret
	created_ms  BIGINT  NOT NULL,
	expires_ms  BIGINT  NOT NULL,       -- a working day after created_ms
	revoked_ms  BIGINT  NOT NULL        -- 0: in force; set by sign-out and by the next sign-in at the terminal
);
CREATE INDEX session_by_terminal ON session (terminal_id);

-- Wrong PINs of a person at a place. A row exists only while there are wrong tries; not dense.
CREATE TABLE pin_guard (
	person_kind INTEGER NOT NULL,       -- enum pin_person: 1 staff, 2 customer
	person      BIGINT  NOT NULL,       -- staff: pin_person_of_number; customer: id
	terminal_id INTEGER NOT NULL,       -- 0: not at a till
	tries       INTEGER NOT NULL,       -- wrong since the last right one
	tried_ms    BIGINT  NOT NULL,       -- the last of them
	locked_ms   BIGINT  NOT NULL,       -- nothing is tried before this time; 0: not locked
	PRIMARY KEY (person_kind, person, terminal_id)
);

CREATE TABLE tax (
	id          INTEGER PRIMARY KEY,    -- dense; rates never change: a new rate is a new row
	merchant_id INTEGER NOT NULL REFERENCES merchant(id),
	name        TEXT    NOT NULL,
	name_zh     TEXT,                   -- NULL: the same as name
	rate_bp     INTEGER NOT NULL CHECK (rate_bp BETWEEN 0 AND 10000), -- basis points
	created_ms  BIGINT  NOT NULL
);
CREATE INDEX tax_by_merchant ON tax (merchant_id);

CREATE TABLE item (
	id          INTEGER PRIMARY KEY,    -- dense
	merchant_id INTEGER NOT NULL REFERENCES merchant(id),
	-- of the merchant's catalogue when the row was last written; each write takes the next
	version     BIGINT  NOT NULL,
	sku         TEXT    NOT NULL,       -- the merchant's own key
	plu         INTEGER,                -- short number typed at the till; NULL: none
	name        TEXT    NOT NULL,
	name_zh     TEXT,                   -- NULL: the same as name
	unit        TEXT,                   -- what one of it is ("kg", "pc"); NULL: a piece
	price_cents BIGINT  NOT NULL CHECK (price_cents >= 0), -- with tax when the merchant's prices are inclusive
	tax_id      INTEGER NOT NULL REFERENCES tax(id),
	open_price  INTEGER NOT NULL CHECK (open_price IN (0, 1)), -- 1: the cashier types the price
	active      INTEGER NOT NULL CHECK (active IN (0, 1)),     -- 0: not sold any more
	UNIQUE (merchant_id, sku),
	UNIQUE (merchant_id, plu),
	UNIQUE (merchant_id, version)       -- a till fetches what is newer than its copy
);

-- Barcodes of items; rewritten with their item, so not dense.
CREATE TABLE barcode (
	merchant_id INTEGER NOT NULL,
	code        TEXT    NOT NULL,       -- as the scanner gives it, without AIM prefix
	item_id     INTEGER NOT NULL REFERENCES item(id),
	PRIMARY KEY (merchant_id, code)
);
CREATE INDEX barcode_by_item ON barcode (item_id);

-- What the search looks in: folded words of the names, and of Chinese names each rest from a character on.
-- Rewritten with their item, so not dense.
CREATE TABLE item_word (
	merchant_id INTEGER NOT NULL,
	word        TEXT    NOT NULL,       -- lower case, at most 24 bytes
	item_id     INTEGER NOT NULL REFERENCES item(id),
	PRIMARY KEY (merchant_id, word, item_id)
);
CREATE INDEX item_word_by_item ON item_word (item_id);

CREATE TABLE card_batch (
	id          INTEGER PRIMARY KEY,    -- dense
	merchant_id INTEGER NOT NULL REFERENCES merchant(id), -- the issuer
	name        TEXT,                   -- NULL: none
	count       INTEGER NOT NULL CHECK (count BETWEEN 1 AND 10000),
	face_cents  BIGINT  NOT NULL CHECK (face_cents >= 0), -- put on a card when it is activated without an amount
	expires_ms  BIGINT  NOT NULL,       -- of its cards; 0: never
	first_card_id INTEGER NOT NULL,     -- its cards are first_card_id .. first_card_id + count - 1
	created_ms  BIGINT  NOT NULL,
	exported_ms BIGINT  NOT NULL        -- when the codes were made and given out; 0: not yet
);
CREATE INDEX card_batch_by_merchant ON card_batch (merchant_id);

-- Prepaid cards. The value is on the ledger account; the row changes only when the card's state does.
CREATE TABLE card (
	id          INTEGER PRIMARY KEY,    -- dense; the id in the CARD code
	merchant_id INTEGER NOT NULL REFERENCES merchant(id), -- the issuer, who owes the balance
	batch_id    INTEGER REFERENCES card_batch(id), -- NULL: issued singly at a till
	number      BIGINT  NOT NULL UNIQUE, -- 16 digits, the last by Luhn; drawn at random
	secret_hash BYTEA,                  -- 32 bytes, keyed hash of the code's secret; NULL: no code was made
	account_id  INTEGER NOT NULL,       -- ledger account CARD; 0: none before activation
	customer_id INTEGER NOT NULL,       -- whom it is bound to; 0: bearer
	state       INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5), -- enum card_state: new, active, frozen, closed, expired
	expires_ms  BIGINT  NOT NULL,       -- not accepted from then on; 0: never
	frozen_by   INTEGER NOT NULL CHECK (frozen_by IN (0, 1, 2)), -- 0 not frozen, 1 by its holder, 2 by the merchant
	replaced_by INTEGER NOT NULL,       -- card that took the balance of this closed one; 0: none
	created_ms  BIGINT  NOT NULL,
	changed_ms  BIGINT  NOT NULL        -- of state, holder or code
);
CREATE INDEX card_by_customer ON card (customer_id) WHERE customer_id > 0;
CREATE INDEX card_by_merchant ON card (merchant_id);
CREATE INDEX card_by_expiry ON card (expires_ms) WHERE expires_ms > 0 AND state IN (1, 2, 3);

-- What people are told, in the page; each row in both languages, shown in the reader's.
CREATE TABLE notice (
	id          INTEGER PRIMARY KEY,    -- dense
	customer_id INTEGER NOT NULL,       -- to whom; 0: to the merchant
	merchant_id INTEGER NOT NULL,       -- to whom, or (with a customer) from whom; 0: from the platform
	kind        TEXT    NOT NULL,       -- short word: "paid", "refunded", "card-top-up" ...
	ref_id      BIGINT  NOT NULL,       -- row it is about, by kind; 0: none
	text_en     TEXT    NOT NULL,
	text_zh     TEXT    NOT NULL,
	at_ms       BIGINT  NOT NULL,
	read_ms     BIGINT  NOT NULL        -- 0: not read
);
CREATE INDEX notice_by_customer ON notice (customer_id, id) WHERE customer_id > 0;
CREATE INDEX notice_by_merchant ON notice (merchant_id, id) WHERE customer_id = 0;

-- The outbox of short messages. A row's text is emptied once it was handed to the provider.
CREATE TABLE sms (
	id          INTEGER PRIMARY KEY,    -- dense
	notice_id   INTEGER NOT NULL,       -- 0: a confirmation code
	phone       TEXT    NOT NULL,       -- E.164
	text        TEXT    NOT NULL,       -- in the receiver's language; empty once sent or given up
	created_ms  BIGINT  NOT NULL,
	give_up_ms  BIGINT  NOT NULL,       -- not worth sending any more from then on
	next_ms     BIGINT  NOT NULL,       -- when to try (again); 0: done
	tries       INTEGER NOT NULL,
	sent_ms     BIGINT  NOT NULL        -- handed to the provider; 0: not (yet)
);
CREATE INDEX sms_due ON sms (next_ms) WHERE next_ms > 0;
