-- What tills and phone pages wait for. Rows are written in the transaction they tell of and swept after a day.
-- Not sealed: an event only says where to look.
CREATE TABLE event (
	id       INTEGER PRIMARY KEY, -- grows; listeners resume after the last one they saw
	topic    INTEGER NOT NULL,    -- enum event_topic: 1 terminal, 2 customer, 3 payment, 4 merchant
	topic_id BIGINT  NOT NULL,    -- id of that terminal, customer, payment or merchant
	kind     TEXT    NOT NULL,    -- short word: payment-settled, notice, card-bound, order-paid ...
	ref_id   BIGINT  NOT NULL,    -- row it is about, by kind; 0: none
	extra    TEXT,                -- JSON object with what the listener needs at once; NULL: nothing more
	at_ms    BIGINT  NOT NULL
);
CREATE INDEX event_by_topic ON event (topic, topic_id, id);
