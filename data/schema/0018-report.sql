-- Sums that reports are made of, and the calendar they count by. Owned by server/report_*.c. The journals are the truth:
-- sums are right for the journals up to report_mark, younger ones are added by whoever reads. qrtill-report(7).

-- What a store's sales of one day come to, by one thing. Amounts are minor units of the merchant's currency.
CREATE TABLE report_sum (
	merchant_id   BIGINT NOT NULL,
	kind          BIGINT NOT NULL,  -- enum sum_kind: what ref_id is
	day           BIGINT NOT NULL,  -- of the store's calendar, days since 1970
	store_id      BIGINT NOT NULL,  -- 0: no store's
	ref_id        BIGINT NOT NULL,  -- hour of the day, item, person, till, tender, tax, step of a price
	count         BIGINT NOT NULL,  -- sales, lines or payments
	quantity      BIGINT NOT NULL,  -- pieces sold; of tenders: points spent
	base_cents    BIGINT NOT NULL,  -- at list prices
	amount_cents  BIGINT NOT NULL,  -- what was paid, tax included
	tax_cents     BIGINT NOT NULL,  -- contained in amount_cents
	back_count    BIGINT NOT NULL,  -- refunds
	back_quantity BIGINT NOT NULL,  -- pieces taken back; of tenders: points given back
	back_cents    BIGINT NOT NULL,  -- given back, tax included
	back_tax_cents BIGINT NOT NULL, -- contained in back_cents
	late_count    BIGINT NOT NULL,  -- of count and back_count: those that belong to a day that was closed before
	late_cents    BIGINT NOT NULL,  -- of amount_cents less back_cents, the same
	PRIMARY KEY (merchant_id, kind, day, store_id, ref_id)
) WITHOUT ROWID;

-- Up to which journal the sums are right; one row.
CREATE TABLE report_mark (
	id         INTEGER PRIMARY KEY, -- 1
	journal_id BIGINT NOT NULL      -- 0: none is counted yet
);
INSERT INTO report_mark (id, journal_id) VALUES (1, 0);

-- Whose clock a store's days go by. Never changed: another zone is a new row, and earlier days stay what they were.
CREATE TABLE store_zone (
	id            INTEGER PRIMARY KEY, -- dense
	store_id      BIGINT NOT NULL,  -- 0: every store that has no row
	first_journal BIGINT NOT NULL,  -- in force for journals behind this one
	zone          TEXT NOT NULL     -- IANA name: "Asia/Shanghai"
);
CREATE INDEX store_zone_by_store ON store_zone (store_id, first_journal);
