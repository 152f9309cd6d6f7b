-- How owners and managers sign in at the console: a name, a passphrase, and for owners a code by RFC 6238.

-- No secret is in a row: the key of the codes and the recovery codes are derived from the server's keys, the person and the
-- serial.
CREATE TABLE login (
	staff_id        INTEGER PRIMARY KEY REFERENCES staff(id),
	name            TEXT    NOT NULL UNIQUE, -- what is typed, lower case; one for the whole server
	passphrase_hash TEXT    NOT NULL,        -- Argon2id, encoded
	serial          BIGINT  NOT NULL,        -- counts up when it is set anew: older codes end
	totp            INTEGER NOT NULL CHECK (totp IN (0, 1)), -- 1: a code is asked for besides
	last_step       BIGINT  NOT NULL,        -- newest code that was accepted, in steps of 30 s; 0: none
	recovery_used   INTEGER NOT NULL,        -- bit n: recovery code n was used
	changed_ms      BIGINT  NOT NULL
);

-- A person signed in at a console. Credential L-<id>-<secret>.
CREATE TABLE login_session (
	id          INTEGER PRIMARY KEY,    -- dense
	staff_id    INTEGER NOT NULL REFERENCES staff(id),
	secret_hash BYTEA   NOT NULL,       -- 32 bytes, keyed hash of the secret
	created_ms  BIGINT  NOT NULL,
	expires_ms  BIGINT  NOT NULL,       -- twelve hours after created_ms
	revoked_ms  BIGINT  NOT NULL        -- 0: in force
);
CREATE INDEX login_session_by_staff ON login_session (staff_id);
