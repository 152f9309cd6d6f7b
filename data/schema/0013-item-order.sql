-- A catalogue in the order of its ids, names or prices, page by page. Not sealed: indexes only.
CREATE INDEX item_by_merchant ON item (merchant_id, id);
CREATE INDEX item_by_name ON item (merchant_id, name, id);
CREATE INDEX item_by_price ON item (merchant_id, price_cents, id);
