-- What a store has none of just now. Owned by server/sold_out.c.
CREATE TABLE sold_out (
	store_id BIGINT NOT NULL,
	item_id  BIGINT NOT NULL,
	since_ms BIGINT NOT NULL,
	PRIMARY KEY (store_id, item_id)
);
CREATE INDEX sold_out_by_item ON sold_out (item_id);
