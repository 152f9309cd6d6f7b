-- Sales that tills put aside for any till of their store to go on with. Owned by server/held.c. No money depends on them:
-- what comes of one is an order like any other.

CREATE TABLE held_sale (
	id          INTEGER PRIMARY KEY, -- dense
	merchant_id BIGINT NOT NULL,
	store_id    BIGINT NOT NULL,   -- store whose tills may go on with it
	terminal_id BIGINT NOT NULL,   -- till that put it aside
	staff_id    BIGINT NOT NULL,   -- who did
	held_key    TEXT NOT NULL,     -- UUID that the till gave it, so that it can be named before the answer came
	name        TEXT NOT NULL,     -- a name or a table, as typed; empty: none
	content     TEXT NOT NULL,     -- the till's own document of the lines; empty once taken
	total_cents BIGINT NOT NULL,   -- as the till saw it, minor units
	pieces      BIGINT NOT NULL,
	held_ms     BIGINT NOT NULL,   -- when, by the till's clock, unix milliseconds
	taken_ms    BIGINT NOT NULL,   -- when somebody went on with it or dropped it; 0: it waits
	taken_by    BIGINT NOT NULL,   -- till that did; 0: it waits
	UNIQUE (store_id, held_key)
);
CREATE INDEX held_sale_by_store ON held_sale (store_id, taken_ms, id);
