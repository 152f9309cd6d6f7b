-- What is paid in cash is rounded to the smallest coin in use: qrtill-price(7). Owned by server/payment*.c and refund.c.
-- Amounts are minor units of the merchant's currency.

-- What cash was rounded to, and by how much: the drawer got amount_cents + rounding_cents. Fixed once it is settled; part
-- of the sale's document when any payment of the sale was rounded.
ALTER TABLE payment ADD COLUMN cash_rounding_cents BIGINT NOT NULL DEFAULT 0; -- 5, 10, 50 or 100; 0: not rounded
ALTER TABLE payment ADD COLUMN rounding_cents BIGINT NOT NULL DEFAULT 0;      -- added to amount_cents; negative: taken off

-- The same of cash given back: the drawer gave amount_cents + rounding_cents. Part of the refund's document when any of its
-- tenders was rounded.
ALTER TABLE refund_tender ADD COLUMN rounding_cents BIGINT NOT NULL DEFAULT 0;
