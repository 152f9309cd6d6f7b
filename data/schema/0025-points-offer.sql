-- What a merchant's points can be used for besides paying, and what each level earns. Owned by server/points_offer.c.
-- Sealed with row MACs.

-- An offer of the scheme; id = merchant * 64 + n, in the order they were given.
CREATE TABLE points_offer (
	id           INTEGER PRIMARY KEY,
	kind         INTEGER NOT NULL CHECK (kind IN (1, 2, 3)), -- enum points_offer_kind: 1 discount, 2 earn, 3 voucher
	level        INTEGER NOT NULL CHECK (level BETWEEN 0 AND 7), -- from this level on (points_level); 0: everybody
	value        BIGINT  NOT NULL CHECK (value > 0), -- discount: minor units a point takes off; earn: basis points of
	                                                 -- what everybody earns; voucher: points it costs
	promotion_id BIGINT  NOT NULL               -- voucher: whose coupon it is; 0: another kind
);

-- A coupon that was got for points. Immutable.
CREATE TABLE points_voucher (
	id         INTEGER PRIMARY KEY,     -- id of the coupon
	account_id BIGINT NOT NULL,         -- the customer's account of these points
	journal_id BIGINT NOT NULL,         -- that spent them
	points     BIGINT NOT NULL CHECK (points > 0)
);
CREATE INDEX points_voucher_by_journal ON points_voucher (journal_id);
