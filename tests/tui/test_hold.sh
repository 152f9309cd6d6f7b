#!/bin/bash
# Sales put aside at the till and gone on with, across the death of the till.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
version_is() { [ "$(sqlite3 -readonly "$work/till/till.db" 'PRAGMA user_version')" -eq "$1" ]; }
hold() { press F5 && wait_for 'A name for it' && { [ -z "$1" ] || type_slowly "$1"; } && press Enter; }

start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
press F5
ok "an empty sale is not put aside" wait_for 'nothing to put aside'
scan $espresso && scan $americano && wait_for 'USD 6.26'
hold 'red hat'
ok "F5 puts it aside by a name" wait_for 'put aside as 1 red hat'
ok "and the next sale is empty" wait_for 'Scan an item'
ok "how many are aside is in view" shows '1 aside'
scan '3*103' && wait_for 'USD 10.69'
hold ''
ok "or by a number alone" wait_for 'put aside as 2'
kill_till && start_till till && wait_for 'Scan an item'
ok "they survive the till" shows '2 aside'
press F6
ok "F6 lists them" wait_for 'red hat'
ok "with the lines of the chosen one" shows 'Espresso'
press Down
ok "each has its own" until_true hides 'Espresso'
press Enter
ok "Enter goes on with it" wait_for 'TOTAL  USD 10.69'
ok "and it is no longer aside" wait_for '1 aside'
kill_till && start_till till
ok "killed then: it is the sale under way" wait_for 'TOTAL  USD 10.69'
press F6 && wait_for 'red hat' && press Enter
ok "never mixed with a sale that has lines" wait_for 'put it aside first'
press Escape && wait_for 'TOTAL  USD 10.69'
press F9 && wait_for DUE && press '=' && wait_for PAID
ok "it is paid as any other" shows 'PAID  USD 10.69'
press Enter && wait_for 'Scan an item'
press F6 F6
ok "F6 twice goes on with the oldest" wait_for 'TOTAL  USD 6.26'
ok "none is aside" hides ' aside'
hold 'again' && wait_for 'put aside as 1 again'
press F6 && wait_for again && press DC && wait_for 'Forget this sale' && press n
ok "n keeps it" wait_for again
press DC && wait_for 'Forget this sale' && press y
ok "y drops it" wait_for 'no sale was put aside'
press Escape F11 && wait_for '合计' && press F6
ok "speaks Chinese" wait_for '没有挂起的销售'
press Escape F11 && wait_for 'Scan an item'
tm kill-server
until_true no_tmux

# A till of the version before: its file gets the new tables and loses nothing.
until_true flock -n "$work/till/till.lock" true
newest=$(sqlite3 -readonly "$work/till/till.db" 'PRAGMA user_version')
sqlite3 "$work/till/till.db" 'DROP TABLE held; DROP TABLE held_line; DROP TABLE report; DROP TABLE cart_price; DROP TABLE event; DROP TABLE event_head; DROP TABLE item_sold; DROP TABLE sold_out; ALTER TABLE item DROP COLUMN options; ALTER TABLE item DROP COLUMN unit; ALTER TABLE item DROP COLUMN min_price_cents; ALTER TABLE item DROP COLUMN max_price_cents; ALTER TABLE item DROP COLUMN min_age; PRAGMA user_version = 1'
start_till till
ok "an older file is taken on" wait_for 'Scan an item'
press F8
ok "with its receipts" wait_for '10.69'
ok "and is of this version then" version_is "$newest"
press Escape && wait_for 'Scan an item' && scan $espresso && wait_for 'USD 2.70' && hold ''
ok "and can put aside" wait_for 'put aside as 1'
tm kill-server
until_true no_tmux && until_true flock -n "$work/till/till.lock" true
sqlite3 "$work/till/till.db" 'PRAGMA user_version = 99'
refuses_newer() {
	! "$QRTILL_BIN/qrtill-pos" --data-dir="$work/till" --script=/dev/null </dev/null >"$work/out" 2>&1 &&
		grep -q 'newer version' "$work/out"
}
ok "a file of a newer version is left alone" refuses_newer
ok "the books agree" audit_clean
done_testing
