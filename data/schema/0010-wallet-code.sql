-- Codes that customers show at the till: the keys they are made with, and which code was taken last. Belongs to the
-- `service` role of a split server, but for wallet_end, which both keep. Sealed with row MACs: wallet_key.

-- A key for one way of paying of one wallet. The key itself is derived from the key file and this row.
CREATE TABLE wallet_key (
	id          INTEGER PRIMARY KEY,    -- dense
	customer_id BIGINT  NOT NULL,
	number      BIGINT  NOT NULL,       -- in the code, random, below 10^8
	source      INTEGER NOT NULL,       -- enum payment_source: what pays
	card_id     BIGINT  NOT NULL,       -- the card that pays; 0: source is not a card
	created_ms  BIGINT  NOT NULL,
	ended_ms    BIGINT  NOT NULL,       -- 0: in force
	UNIQUE (number)
);
CREATE INDEX wallet_key_by_customer ON wallet_key (customer_id, id);

-- The newest code of a key that a till has shown to the server. Older ones, and this one once spent, pay nothing.
CREATE TABLE wallet_code (
	key_id      INTEGER PRIMARY KEY,    -- id of wallet_key
	step        BIGINT  NOT NULL,       -- floor(unix seconds / 30) the code was made for
	terminal_id BIGINT  NOT NULL,       -- the till that scanned it; no other may use it
	bound_ms    BIGINT  NOT NULL,       -- when that was
	spent       INTEGER NOT NULL        -- 1: it has paid
);

-- Keys of a customer that were made up to this time are no longer good: a device was taken away. The devices that remain
-- make new ones.
CREATE TABLE wallet_end (
	customer_id INTEGER PRIMARY KEY,
	ended_ms    BIGINT  NOT NULL
);
