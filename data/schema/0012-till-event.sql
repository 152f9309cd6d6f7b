-- Events of tills, each tied to the one before by its hash, and the server's word on how far it has them. Owned by
-- server/till_event.c. Rows are never changed; the chain and the signatures make a change evident.

-- What a till did, as the till wrote it: qrtill-pos(1).
CREATE TABLE till_event (
	terminal_id BIGINT NOT NULL,
	sequence    BIGINT NOT NULL, -- of the till, from 1 without gaps
	at_ms       BIGINT NOT NULL, -- by the till's clock, unix milliseconds
	kind        TEXT NOT NULL,   -- "line-add"
	content     TEXT NOT NULL,   -- JSON object, as it was hashed
	previous    TEXT NOT NULL,   -- hash of the event before, hex; zeros for the first
	hash        TEXT NOT NULL,   -- SHA-256, hex; shared/chain.h says of what
	PRIMARY KEY (terminal_id, sequence)
);

-- A till's chain as it was taken in up to an event, countersigned.
CREATE TABLE till_event_head (
	terminal_id BIGINT NOT NULL,
	sequence    BIGINT NOT NULL, -- of the newest event then
	hash        TEXT NOT NULL,   -- of that event
	at_ms       BIGINT NOT NULL, -- unix milliseconds
	signature   TEXT NOT NULL,   -- Ed25519 over terminal, sequence, hash and time, hex
	PRIMARY KEY (terminal_id, sequence)
);
