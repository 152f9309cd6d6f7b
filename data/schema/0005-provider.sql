-- Payment providers: whose account at which provider is bound, and what a pending payment waits for.
-- Belongs to the `service` role. Sealed with row MACs: binding. Not sealed: provider_ask.

-- A customer's account at a payment provider that pays without asking again.
CREATE TABLE binding (
	id          INTEGER PRIMARY KEY,    -- dense
	customer_id BIGINT  NOT NULL,
	provider    TEXT    NOT NULL,       -- provider's name
	reference   TEXT,                   -- the provider's id for it; NULL: the provider has not answered yet
	state       INTEGER NOT NULL,       -- enum binding_state
	created_ms  BIGINT  NOT NULL,
	ended_ms    BIGINT  NOT NULL        -- 0: not ended
);
CREATE INDEX binding_by_customer ON binding (customer_id, provider);
CREATE INDEX binding_pending ON binding (id) WHERE state = 1;

-- What was asked of a provider about a payment and what came of it: when to ask again, where the customer may be sent.
-- The payment's own row says what it is worth; this one only steers the job.
CREATE TABLE provider_ask (
	payment_id   INTEGER PRIMARY KEY,
	first_ms     BIGINT NOT NULL,       -- when it was first asked
	next_ms      BIGINT NOT NULL,       -- not before this time again
	unknown_ms   BIGINT NOT NULL,       -- since when the outcome is unknown; 0: it is not
	redirect_url TEXT                   -- the provider's page for the customer; NULL: none
);
