-- Goods that are measured. store_rule.kind has a second value: 2 layouts of barcodes with a weight or price inside. Owned by server/order*.c.

-- The unit of a sold item that is measured: kg, g, l or m. order_line.quantity and refund_line.quantity of such an item
-- count thousandths of it, and order_line.amount_cents is never NULL. Without a row: pieces. Immutable. Sealed.
CREATE TABLE sold_unit (
	id   INTEGER PRIMARY KEY, -- sold_item
	unit TEXT NOT NULL
);
