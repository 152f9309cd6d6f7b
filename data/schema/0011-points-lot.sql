-- Points in lots, and what a merchant's scheme is besides the rates of its row: how long points live, and levels.
-- Owned by server/points_lot.c and server/points_scheme.c. Sealed with row MACs: points_lot (what never changes of it),
-- points_move, points_scheme, points_level.

-- Points that came together and lapse together. left_points is points and all moves of the lot.
CREATE TABLE points_lot (
	id          INTEGER PRIMARY KEY,    -- dense
	account_id  BIGINT  NOT NULL,       -- the customer's account of these points
	journal_id  BIGINT  NOT NULL,       -- that brought them; 0: they were there before lots were kept
	points      BIGINT  NOT NULL CHECK (points > 0), -- as they came
	expires_ms  BIGINT  NOT NULL,       -- 0: never
	left_points BIGINT  NOT NULL CHECK (left_points >= 0)
);
-- Lots that can be spent, in the order they are: what lapses first goes first, what never lapses last.
CREATE INDEX points_lot_order ON points_lot (account_id, expires_ms, id) WHERE left_points > 0;
CREATE INDEX points_lot_expiry ON points_lot (expires_ms) WHERE left_points > 0 AND expires_ms > 0;
CREATE INDEX points_lot_by_journal ON points_lot (journal_id, account_id);
CREATE INDEX points_lot_by_account ON points_lot (account_id, id);

-- Points out of a lot, or back into it. Never changed.
CREATE TABLE points_move (
	id         INTEGER PRIMARY KEY,     -- dense
	lot_id     BIGINT NOT NULL,
	journal_id BIGINT NOT NULL,         -- that spent them, took them back, gave them back, or in which they lapsed
	payment_id BIGINT NOT NULL,         -- the payment they paid; 0: none
	points     BIGINT NOT NULL CHECK (points <> 0) -- negative: out of the lot
);
CREATE INDEX points_move_by_payment ON points_move (payment_id) WHERE payment_id > 0;
CREATE INDEX points_move_by_lot ON points_move (lot_id);

-- A merchant's scheme; a merchant without a row has points that never lapse and no levels.
CREATE TABLE points_scheme (
	id            INTEGER PRIMARY KEY,  -- id of the merchant
	lifetime_days INTEGER NOT NULL CHECK (lifetime_days BETWEEN 0 AND 3650), -- 0: points never lapse
	level_days    INTEGER NOT NULL CHECK (level_days BETWEEN 1 AND 3650), -- points of so many days back make the level
	cash_value_cents INTEGER NOT NULL CHECK (cash_value_cents >= 0) -- of a point paid out in cash; 0: not paid out
);

-- A level; id = merchant * 16 + n (0: the lowest, from nothing).
CREATE TABLE points_level (
	id          INTEGER PRIMARY KEY,
	from_points BIGINT  NOT NULL,       -- earned within level_days
	name        TEXT    NOT NULL,
	name_zh     TEXT                    -- NULL: as name
);
