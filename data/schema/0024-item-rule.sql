-- What a till asks before it sells an item. Owned by server/catalogue*.c.

-- Few items have a row. Written with its item. Sealed.
CREATE TABLE item_rule (
	id              INTEGER PRIMARY KEY, -- item
	min_price_cents BIGINT NOT NULL,     -- of an open price, of one; 0: none
	max_price_cents BIGINT NOT NULL,     -- of an open price, of one; 0: none
	min_age         BIGINT NOT NULL      -- years of who buys it; 0: any
);
