-- Customers who pay no tax at a merchant. Owned by server/exemption.c.

-- A certificate that a merchant was shown. Never changed but by its end; of several that are good the newest counts.
-- Sealed.
CREATE TABLE tax_exemption (
	id          INTEGER PRIMARY KEY, -- dense
	merchant_id BIGINT NOT NULL,
	customer_id BIGINT NOT NULL,
	certificate TEXT   NOT NULL,     -- its number, as it is written there
	from_ms     BIGINT NOT NULL,     -- good from then on
	until_ms    BIGINT NOT NULL,     -- good before; 0: it has no end
	created_ms  BIGINT NOT NULL,
	actor_id    BIGINT NOT NULL,     -- who wrote it down, actor_packed
	ended_ms    BIGINT NOT NULL      -- taken back then; 0: it was not
);
CREATE INDEX tax_exemption_by_customer ON tax_exemption (merchant_id, customer_id, id);
CREATE INDEX tax_exemption_by_merchant ON tax_exemption (merchant_id);

-- An order with lines that were sold without tax by an exemption. Few orders have a row. Sealed.
CREATE TABLE order_exemption (
	id           INTEGER PRIMARY KEY, -- order
	exemption_id BIGINT NOT NULL
);
