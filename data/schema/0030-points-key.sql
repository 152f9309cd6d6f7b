-- Keys that phones hold for merchants' points schemes. Owned by server/points_key.c. Sealed with row MACs, but for the end
-- and the newest code.

CREATE TABLE points_key (
	id          INTEGER PRIMARY KEY,    -- dense
	customer_id BIGINT NOT NULL,
	merchant_id BIGINT NOT NULL,
	number      BIGINT NOT NULL,        -- in the code, random, below 2^32
	sealed_key  BYTEA  NOT NULL,        -- 60 bytes: the key, AES-256-GCM by a key of the key file
	created_ms  BIGINT NOT NULL,
	ended_ms    BIGINT NOT NULL,        -- 0: in force
	last_step   BIGINT NOT NULL,        -- floor(unix seconds / 30) of the newest code that was used; 0: none
	UNIQUE (number)
);
CREATE INDEX points_key_by_customer ON points_key (customer_id, merchant_id) WHERE ended_ms = 0;
