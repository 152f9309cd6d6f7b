-- Which request a payment was begun by that a provider is asked for. The same request again means the same payment, also when
-- the server ended between asking and answering: then it is not yet in table idempotency, but money may be under way.
ALTER TABLE provider_ask ADD COLUMN actor_id BIGINT NOT NULL DEFAULT 0;     -- whose key, as in idempotency; 0: not known
ALTER TABLE provider_ask ADD COLUMN key_high BIGINT NOT NULL DEFAULT 0;     -- as in idempotency
ALTER TABLE provider_ask ADD COLUMN key_low BIGINT NOT NULL DEFAULT 0;      -- as in idempotency
ALTER TABLE provider_ask ADD COLUMN request_hash BIGINT NOT NULL DEFAULT 0; -- as in idempotency
CREATE INDEX provider_ask_key ON provider_ask (key_high, key_low, actor_id);
