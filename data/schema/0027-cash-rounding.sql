-- What is paid in cash is rounded to the smallest coin in use: qrtill-price(7). Owned by server/payment*.c and refund.c.
-- Amounts are minor units of the merchant's currency.

-- What cash was rounded to: the drawer got amount_cents rounded half up to a multiple of it. Fixed once it is settled; it and
-- the difference are part of the sale's document when any payment of the sale was rounded.
ALTER TABLE payment ADD COLUMN cash_rounding_cents BIGINT NOT NULL DEFAULT 0; -- 5, 10, 50 or 100; 0: not rounded

-- By how much cash given back is rounded: the drawer gave amount_cents + rounding_cents. Part of the refund's document when any of its
-- tenders was rounded.
ALTER TABLE refund_tender ADD COLUMN rounding_cents BIGINT NOT NULL DEFAULT 0;
