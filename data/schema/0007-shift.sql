-- Shifts of tills: from the float to the count of the drawer, with their reports. Owned by server/shift.c.
-- Amounts are minor units of the merchant's currency, times unix milliseconds. All tables are sealed row by row.

-- A till's shift. It counts the journals first_journal < id <= last_journal. The till's next shift goes on behind
-- end_journal, so that no sale is between two shifts.
CREATE TABLE shift (
	id             INTEGER PRIMARY KEY, -- dense
	merchant_id    BIGINT NOT NULL,
	terminal_id    BIGINT NOT NULL,
	number         BIGINT NOT NULL,     -- of the till, from 1 without gaps; also the number of its Z report
	state          INTEGER NOT NULL CHECK (state IN (1, 2)), -- enum shift_state: 1 open, 2 closed
	automatic      INTEGER NOT NULL CHECK (automatic IN (0, 1)), -- 1: opened by itself, without a float
	opened_by      BIGINT NOT NULL,     -- actor_packed; 0: by itself
	opened_ms      BIGINT NOT NULL,
	first_journal  BIGINT NOT NULL,     -- last journal before the shift; 0: none
	closed_by      BIGINT NOT NULL,     -- actor_packed; 0 while open
	closed_ms      BIGINT NOT NULL,     -- 0 while open
	last_journal   BIGINT NOT NULL,     -- last journal the Z report counts; 0 while open
	end_journal    BIGINT NOT NULL,     -- last_journal and those of the close itself; 0 while open
	expected_cents BIGINT NOT NULL,     -- what the ledger says was in the drawer at the close; 0 while open
	counted_cents  BIGINT NOT NULL,     -- what was counted; the difference is counted - expected; 0 while open
	UNIQUE (terminal_id, number)
);
CREATE INDEX shift_by_merchant ON shift (merchant_id);

-- Cash that went into or out of a drawer without a sale. Never changed.
CREATE TABLE shift_cash (
	id           INTEGER PRIMARY KEY,   -- dense
	shift_id     BIGINT NOT NULL,
	kind         INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 5), -- enum shift_cash_kind
	amount_cents BIGINT NOT NULL,       -- into the drawer; negative: out of it
	journal_id   BIGINT NOT NULL,       -- that moved it
	actor_id     BIGINT NOT NULL,       -- actor_packed
	at_ms        BIGINT NOT NULL,
	reason       TEXT                   -- as typed; NULL: the kind says it
);
CREATE INDEX shift_cash_by_shift ON shift_cash (shift_id);

-- Value put on a card at a till: what journals of cards do not say. Never changed.
CREATE TABLE shift_card (
	id           INTEGER PRIMARY KEY,   -- dense
	terminal_id  BIGINT NOT NULL,
	journal_id   BIGINT NOT NULL,       -- that put it on the card
	tender       INTEGER NOT NULL CHECK (tender BETWEEN 0 AND 2), -- enum card_tender: 0 none, 1 cash, 2 bank terminal
	sold         INTEGER NOT NULL CHECK (sold IN (0, 1)), -- 1: the card's first value; 0: topped up
	amount_cents BIGINT NOT NULL
);
CREATE INDEX shift_card_by_till ON shift_card (terminal_id, journal_id);

-- A report as it was made; reading it again gives the same bytes. Never changed.
CREATE TABLE shift_report (
	id       INTEGER PRIMARY KEY,       -- dense
	shift_id BIGINT NOT NULL,
	kind     INTEGER NOT NULL CHECK (kind IN (0, 1)), -- enum shift_report_kind: 0 X, 1 Z
	actor_id BIGINT NOT NULL,           -- who asked, actor_packed
	at_ms    BIGINT NOT NULL,
	figures  TEXT NOT NULL              -- JSON object, as in the answer
);
CREATE INDEX shift_report_by_shift ON shift_report (shift_id);
