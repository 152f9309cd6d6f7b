-- A catalogue is imported as a whole: rows are staged, then applied in groups. Owned by server/item_import.c. Not sealed:
-- staged rows are short-lived, and what they become (item) is.

-- The words of items without a second index: the search looks at the item's names themselves.
CREATE TABLE item_word_new (
	merchant_id INTEGER NOT NULL,
	word        TEXT    NOT NULL,       -- lower case, at most 24 bytes
	item_id     INTEGER NOT NULL,
	PRIMARY KEY (merchant_id, word, item_id)
) WITHOUT ROWID;
INSERT INTO item_word_new SELECT merchant_id, word, item_id FROM item_word ORDER BY merchant_id, word, item_id;
DROP TABLE item_word;
ALTER TABLE item_word_new RENAME TO item_word;

CREATE TABLE item_import (
	id            INTEGER PRIMARY KEY,  -- dense
	merchant_id   INTEGER NOT NULL REFERENCES merchant(id),
	state         INTEGER NOT NULL,     -- enum item_import_state
	row_count     INTEGER NOT NULL,     -- staged
	new_count     INTEGER NOT NULL,     -- of them items that are new
	same_count    INTEGER NOT NULL,     -- that are in the catalogue just so
	done_count    INTEGER NOT NULL,     -- rows looked at in the present state
	base_version  BIGINT  NOT NULL,     -- of the catalogue the rows were checked against
	actor_id      BIGINT  NOT NULL,     -- who began it, actor_packed
	created_ms    BIGINT  NOT NULL,
	step_ms       BIGINT  NOT NULL      -- when something was last done to it
);
-- At most one of a merchant is being applied; its new items are not seen before it is through with them.
CREATE UNIQUE INDEX item_import_applying ON item_import (merchant_id) WHERE state IN (2, 3);
CREATE INDEX item_import_live ON item_import (step_ms) WHERE state < 6;

-- A staged row; NULL: the column is not in the file, and an item that is there keeps what it has.
CREATE TABLE item_import_row (
	id          INTEGER PRIMARY KEY,    -- import * 1048576 + row number (from 1)
	sku         TEXT    NOT NULL,
	name        TEXT,
	name_zh     TEXT,
	unit        TEXT,
	price_cents BIGINT,
	tax_id      INTEGER,
	plu         INTEGER,                -- 0: none
	open_price  INTEGER,
	active      INTEGER,
	barcodes    TEXT                    -- a line each; empty: none
);

-- What only one row of an import may have.
CREATE TABLE item_import_key (
	import_id INTEGER NOT NULL,
	kind      INTEGER NOT NULL,         -- 1 SKU, 2 PLU, 3 barcode
	value     TEXT    NOT NULL,
	row_no    INTEGER NOT NULL,         -- the row that has it
	PRIMARY KEY (import_id, kind, value)
) WITHOUT ROWID;
