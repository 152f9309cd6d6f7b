-- What stores have of an item. Owned by server/stock.c. Both sealed.

-- An item that is counted in a store; there is a row from its first movement on.
CREATE TABLE stock (
	id       INTEGER PRIMARY KEY,   -- dense
	store_id INTEGER NOT NULL REFERENCES store(id),
	item_id  INTEGER NOT NULL REFERENCES item(id),
	quantity BIGINT  NOT NULL,      -- pieces, or thousandths of the item's unit; below 0: more was sold than was counted
	low      BIGINT  NOT NULL,      -- at this and below it is on the list of what is low; -1: it never is
	UNIQUE (store_id, item_id)
);

-- Why it changed. Never changed.
CREATE TABLE stock_move (
	id       INTEGER PRIMARY KEY,   -- dense
	stock_id INTEGER NOT NULL REFERENCES stock(id),
	kind     INTEGER NOT NULL,      -- enum stock_kind
	quantity BIGINT  NOT NULL,      -- that came (positive) or went; of a count: the difference it found, may be 0
	left_quantity BIGINT NOT NULL,  -- after it
	order_id BIGINT  NOT NULL,      -- that sold it; 0: none
	actor_id BIGINT  NOT NULL,      -- actor_packed
	at_ms    BIGINT  NOT NULL,
	reason   TEXT                   -- NULL: none
);
CREATE INDEX stock_move_by_stock ON stock_move (stock_id, id);
