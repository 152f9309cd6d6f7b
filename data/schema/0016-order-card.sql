-- Prepaid cards sold and topped up as lines of a sale. Owned by server/order_card.c. Sealed with row MACs. Amounts are
-- minor units of the merchant's currency.

-- A card on a line of an order. A line of several cards (one after the other of a batch) has a row for each. What is put
-- on the card moves from the merchant to the card, by a journal of its own, when the order is paid.
CREATE TABLE order_card (
	id              INTEGER PRIMARY KEY, -- dense
	order_id        BIGINT NOT NULL,
	line_no         BIGINT NOT NULL,     -- of the order
	card_id         BIGINT NOT NULL,
	card_use        INTEGER NOT NULL CHECK (card_use IN (1, 2)), -- enum order_card_use: 1 sold, 2 topped up
	amount_cents    BIGINT NOT NULL CHECK (amount_cents > 0),    -- put on it
	journal_id      BIGINT NOT NULL,     -- that put it on the card; 0: the order is not paid
	back_journal_id BIGINT NOT NULL,     -- that took it back by a refund; 0: none did
	UNIQUE (order_id, card_id)
);
CREATE INDEX order_card_by_card ON order_card (card_id);
CREATE INDEX order_card_by_journal ON order_card (journal_id) WHERE journal_id > 0;
CREATE INDEX order_card_by_back ON order_card (back_journal_id) WHERE back_journal_id > 0;
