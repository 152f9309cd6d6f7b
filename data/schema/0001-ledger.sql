-- The ledger and what guards it. Owned by server/ledger*.c, server/store/ and server/audit*.c; qrtill-ledger(7)
-- describes it for people. Amounts are minor units of the account's unit, times are unix milliseconds, 0 in a
-- reference means none. Columns are small integers on purpose: these tables grow with every sale.

-- What the server must remember about itself. Names: "mark" (see account), "sealed" (see row_seal).
CREATE TABLE meta (
	name  TEXT PRIMARY KEY,     -- what is remembered
	value BIGINT NOT NULL       -- its number
);

-- Where value is. The row is right as of its last_entry; meta "mark" is an entry id up to which all rows are right.
-- Younger entries are added by whoever reads (the server keeps the sums in memory).
CREATE TABLE account (
	id         INTEGER PRIMARY KEY,        -- dense
	kind       INTEGER NOT NULL,           -- enum account_kind
	owner_id   BIGINT NOT NULL,            -- row the kind says: card, customer, merchant, terminal, account...
	unit       BIGINT NOT NULL,            -- ISO 4217 numeric, or 1000000 + merchant for points
	overdraft  INTEGER NOT NULL,           -- 1: the balance may be negative
	balance    BIGINT NOT NULL DEFAULT 0,  -- minor units as of last_entry; positive is owed to the holder
	last_entry BIGINT NOT NULL DEFAULT 0,  -- newest entry counted in balance; 0: none
	CHECK (overdraft = 1 OR balance >= 0)
);
CREATE UNIQUE INDEX account_by_owner ON account(kind, owner_id, unit);

-- Why money moved. Never changed, never deleted.
CREATE TABLE journal (
	id          INTEGER PRIMARY KEY,       -- dense
	kind        INTEGER NOT NULL,          -- enum journal_kind
	merchant_id BIGINT NOT NULL,           -- whose books; 0: the platform's
	order_id    BIGINT NOT NULL,           -- 0: none
	ref_id      BIGINT NOT NULL,           -- card, payment, refund, hold... by kind; 0: none
	actor_id    BIGINT NOT NULL,           -- who asked, actor_packed; 0: the server itself
	at_ms       BIGINT NOT NULL
);
CREATE INDEX journal_by_order ON journal(order_id) WHERE order_id > 0;

-- What moved. The entries of a journal sum to zero per unit. Never changed, never deleted.
CREATE TABLE entry (
	id         INTEGER PRIMARY KEY,        -- journal id * 64 + place in the journal (0-63), without gaps
	account_id BIGINT NOT NULL,
	amount     BIGINT NOT NULL,            -- minor units; positive credits, negative debits; never 0
	back       BIGINT NOT NULL             -- id - back is the account's entry before this one; 0: the first
);

-- Value set aside out of one account until it is posted, voided or expires.
CREATE TABLE hold (
	id             INTEGER PRIMARY KEY,    -- dense
	account_id     BIGINT NOT NULL,        -- whose value
	held_id        BIGINT NOT NULL,        -- the HELD account it waits in
	amount         BIGINT NOT NULL CHECK (amount > 0), -- minor units
	expires_ms     BIGINT NOT NULL,
	state          INTEGER NOT NULL,       -- enum hold_state: 0 open, 1 posted, 2 voided, 3 expired
	posted         BIGINT NOT NULL DEFAULT 0, -- minor units paid out; the rest went back
	journal_id     BIGINT NOT NULL,        -- that made it
	end_journal_id BIGINT NOT NULL DEFAULT 0  -- that ended it; 0 while open
);
CREATE INDEX hold_open ON hold(expires_ms) WHERE state = 0;

-- One row per group of journals committed together: a hash chain, countersigned with a key outside the database.
-- Never changed, never deleted.
CREATE TABLE seal (
	id            INTEGER PRIMARY KEY,     -- dense
	first_journal BIGINT NOT NULL,         -- journals first..last are new in this group; last < first: none
	last_journal  BIGINT NOT NULL,
	rows_hidden   BYTEA NOT NULL,          -- 32 bytes: sum over all row seals, masked with a key of its own
	hash          BYTEA NOT NULL,          -- SHA-256 over the hash before, the columns above and the group's canonical bytes
	mac           BYTEA NOT NULL           -- 16 bytes: HMAC-SHA-256 over hash, cut
);

-- A MAC per row of the tables in server/store/sealed.h, whose rows may change.
CREATE TABLE row_seal (
	id  INTEGER PRIMARY KEY,               -- row id * 64 + number of the table in sealed.h
	mac BYTEA NOT NULL                     -- 16 bytes: HMAC-SHA-256 over table, row id and columns, cut
);

-- First answers to requests, so that a repeated request gets the same one.
CREATE TABLE idempotency (
	actor_id     BIGINT NOT NULL,          -- whose key: idempotency_actor
	key_high     BIGINT NOT NULL,          -- the key's upper 64 bits; 0 for sequence numbers
	key_low      BIGINT NOT NULL,          -- the key's lower 64 bits
	request_hash BIGINT NOT NULL,          -- 48 bits of SHA-256 over method, path and body
	status       INTEGER NOT NULL,         -- HTTP status of the answer, less 200
	day          INTEGER NOT NULL,         -- at_ms / 86400000: old rows are swept
	ref0         BIGINT NOT NULL,          -- ids the answer is rebuilt from (ROUTE_COMPACT); 0: none
	ref1         BIGINT NOT NULL,
	reply        TEXT,                     -- the answer itself; NULL when it is rebuilt
	PRIMARY KEY (key_high, key_low, actor_id) -- keys grow with time: new rows share few pages
) WITHOUT ROWID;

-- Who did what to settings, staff, cards and campaigns. Sealed; never changed, never deleted.
CREATE TABLE audit_log (
	id          INTEGER PRIMARY KEY,       -- dense
	at_ms       BIGINT NOT NULL,
	actor_id    BIGINT NOT NULL,           -- actor_packed; 0: the server itself
	merchant_id BIGINT NOT NULL,           -- whose matter; 0: the platform's
	action      TEXT NOT NULL,             -- "card-freeze", "staff-role", ...
	ref_id      BIGINT NOT NULL,           -- row it was done to; 0: none
	detail      TEXT                       -- what changed, for people; NULL: the action says it all
);

CREATE TRIGGER journal_kept BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journals are never changed'); END;
CREATE TRIGGER journal_stays BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journals are never deleted'); END;
CREATE TRIGGER entry_kept BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
CREATE TRIGGER seal_kept BEFORE UPDATE ON seal BEGIN SELECT RAISE(ABORT, 'seals are never changed'); END;
CREATE TRIGGER seal_stays BEFORE DELETE ON seal BEGIN SELECT RAISE(ABORT, 'seals are never deleted'); END;
CREATE TRIGGER audit_log_kept BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_log_stays BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, 'the audit log is never deleted'); END;
