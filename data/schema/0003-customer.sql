-- People with phones: signed up from the device alone, phone number confirmed later.
-- Belongs to the `codes` role of a split server; other tables hold customer ids without a reference.
-- Sealed with row MACs: customer, device. Not sealed: phone_confirmation.

CREATE TABLE customer (
	id          INTEGER PRIMARY KEY,    -- dense; the id in the IDENTITY code
	locale      TEXT    NOT NULL CHECK (locale IN ('en', 'zh')), -- language of notices
	phone       TEXT,                   -- E.164, confirmed; NULL: none
	phone_ms    BIGINT  NOT NULL,       -- when it was confirmed; 0: not
	pin_hash    TEXT,                   -- Argon2id, encoded; NULL: no PIN
	created_ms  BIGINT  NOT NULL,
	UNIQUE (phone)
);

-- A customer's devices. Credential D-<id>-<secret>.
CREATE TABLE device (
	id          INTEGER PRIMARY KEY,    -- dense
	customer_id INTEGER NOT NULL REFERENCES customer(id),
	name        TEXT,                   -- as the device calls itself; NULL: none
	secret_hash BYTEA   NOT NULL,       -- 32 bytes, keyed hash of the secret
	created_ms  BIGINT  NOT NULL,
	revoked_ms  BIGINT  NOT NULL        -- 0: in force
);
CREATE INDEX device_by_customer ON device (customer_id);

-- A phone number that waits for its 6-digit code; the newest row of a customer counts.
CREATE TABLE phone_confirmation (
	id          INTEGER PRIMARY KEY,    -- dense
	customer_id INTEGER NOT NULL REFERENCES customer(id),
	phone       TEXT    NOT NULL,       -- E.164
	code_hash   BYTEA   NOT NULL,       -- 32 bytes, keyed hash of id and code
	tries       INTEGER NOT NULL,       -- wrong codes so far; at most 5
	created_ms  BIGINT  NOT NULL,
	expires_ms  BIGINT  NOT NULL,
	used_ms     BIGINT  NOT NULL        -- 0: not used
);
CREATE INDEX phone_confirmation_by_customer ON phone_confirmation (customer_id, id);
