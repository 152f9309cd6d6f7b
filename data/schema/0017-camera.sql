-- Cameras paired with a till, and what they saw. Belongs to the `service` role of a split server. Not sealed: no money
-- depends on it, a till takes what comes for typed.

-- Only the newest of a till is in force.
CREATE TABLE camera (
	id          INTEGER PRIMARY KEY,    -- dense; in the pairing code
	terminal_id INTEGER NOT NULL REFERENCES terminal(id),
	secret_hash BYTEA   NOT NULL,       -- 32 bytes, keyed hash of the camera's secret; before it is paired all zero
	created_ms  BIGINT  NOT NULL,
	paired_ms   BIGINT  NOT NULL,       -- 0: the code waits
	expires_ms  BIGINT  NOT NULL,       -- five minutes after created_ms; once paired twelve hours after that
	ended_ms    BIGINT  NOT NULL        -- 0: in force
);
CREATE INDEX camera_by_terminal ON camera (terminal_id, id);

-- What a camera saw lately. A till that does not take it within half a minute never does.
CREATE TABLE camera_scan (
	id          INTEGER PRIMARY KEY,    -- dense, rising
	camera_id   INTEGER NOT NULL REFERENCES camera(id),
	at_ms       BIGINT  NOT NULL,
	text        BYTEA   NOT NULL        -- sealed (AES-256-GCM): it may be the code of a card
);
CREATE INDEX camera_scan_by_camera ON camera_scan (camera_id, id);
