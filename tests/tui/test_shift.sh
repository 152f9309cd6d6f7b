#!/bin/bash
# The shift at the till: float at sign-in, cash in and out, drop, X with a manager, blind count and Z; the drawer without a
# sale; all of it with the server away, and through the death of the till. The books say what the reports say.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373
sql() { sqlite3 -readonly "$work/data/qrtill.db" "$1"; }
says() { [ "$(sql "$1")" = "$2" ]; }
till_sql() { sqlite3 -readonly "$work/till/till.db" "$1"; }
# amount_and_reason KEY AMOUNT REASON: one of cash in, cash out, safe drop.
amount_and_reason() {
	press "$1" && wait_for 'How much?' && type_slowly "$2" && press Enter && wait_for ' USD ' && type_slowly "$3" &&
		press Enter
}
mine='FROM shift WHERE terminal_id <> 1'
same_bytes_twice() {
	rm -f "$work/paper"
	press F8 && until_true grep -qa REPORT "$work/paper" && sleep 0.2 && cp "$work/paper" "$work/first" &&
		rm "$work/paper" && press F8 && until_true cmp -s "$work/paper" "$work/first"
}
pin_is_hidden() { ! till_sql "SELECT body FROM outbox" | grep -q 246810; }

start_shop || exit 1
export ask_float=true
start_till till --enrol="$enrolment_code" --lang=en --printer="$work/paper"
wait_for PIN && type_slowly 7 && press Enter && type_slowly 1357 && press Enter
ok "signing in asks for the float" wait_for "Count the drawer's float"
scan $espresso
ok "a scan is no count" wait_for 'nothing is sold on this screen'
press F5 && wait_for 'How much is in the drawer' && type_slowly 20000 && press Enter
ok "by amount" wait_for 'shift opened with 200.00: done'
ok "it is in the books" until_true says "SELECT state, number, automatic $mine" '1|1|0'
kill_till && start_till till --printer="$work/paper"
ok "with a shift open nothing is asked" wait_for 'Scan an item'
press C-s
ok "the shift has a key" wait_for 'Shift 1 is open since'
amount_and_reason F3 2000 1
ok "cash in" wait_for 'cash in 20.00: done'
amount_and_reason F4 1500 'window cleaner'
ok "cash out with a reason" wait_for 'cash out 15.00: done'
ok "as typed" says "SELECT reason FROM shift_cash WHERE amount_cents = -1500" 'window cleaner'
amount_and_reason F4 99900 everything
ok "no more than there is" wait_for '(amount_cents)'
ok "the answer was seen: it does not stay on a list" hides REFUSED
amount_and_reason F4 100 ''
ok "never without a reason" wait_for 'it needs a reason'
amount_and_reason F5 5000 1
ok "safe drop" wait_for 'safe drop 50.00: done'
rm -f "$work/paper"
press F9 && wait_for 'without a sale: why' && type_slowly 1 && press Enter
ok "no sale" wait_for 'drawer opened without a sale: done'
ok "opens the drawer" until_true grep -qa "$(printf '\033p')" "$work/paper"
ok "and is in the audit log" says "SELECT detail FROM audit_log WHERE action = 'no-sale'" 'change a note'

# --- X
press F6 && wait_for 'manager who approves the X' && type_slowly 7 && press Enter && wait_for 'approves this X' && type_slowly 1357 && press Enter
ok "a cashier approves no X" wait_for 'a cashier may not approve'
press F6 && wait_for 'manager who approves the X' && type_slowly 9 && press Enter && wait_for 'approves this X' && type_slowly 246810 && press Enter
ok "a manager does" wait_for 'X REPORT'
ok "the PIN is nowhere in the till's file" pin_is_hidden
press NPage
ok "it says what the books expect" wait_for 'EXPECTED                                155.00'
ok "printed again it has the same bytes" same_bytes_twice
press Escape && wait_for 'X report   shift 1'
press F7 && wait_for 'Count what is in the drawer'
ok "the count is blind" hides 155
press Escape && wait_for 'Shift 1 is open' && press Escape && wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.70' && press C-s && wait_for 'Shift 1' && press F7
ok "a sale under way is finished first" wait_for 'a sale is under way'

# --- the server is away: drop, sale, close, the next float, more out than there is
press Escape && wait_for 'USD 2.70'
stop_server
press F9 && wait_for DUE && press '=' && wait_for 'CASH, OFF LINE' && press Enter && wait_for 'Scan an item'
press C-s && wait_for 'OFF LINE'
amount_and_reason F5 3000 noon
ok "a drop waits" wait_for 'safe drop 30.00: waits for the server'
press F6
ok "an X needs the server" wait_for 'the X report needs the server'
press F7 && wait_for 'Off line: the close waits' && type_slowly 1 && press Down && press Enter && type_slowly 1 && press F7
ok "the count is asked about" wait_for 'USD 120.00 counted?'
press y
ok "the close waits, too" wait_for 'close of the shift: waits'
ok "and here the shift is over" wait_for 'No shift is open'
press F2 && wait_for 'Off line: this waits' && press F5 && wait_for 'How much is' && type_slowly 10000 && press Enter && wait_for 'A shift is open since'
amount_and_reason F4 20000 'too much'
wait_for 'cash out 200.00: waits'
kill_till && start_till till --printer="$work/paper"
ok "killed: all of it still waits" wait_for '5 waiting'
rm -f "$work/paper"
start_server
ok "it is sent when the server is back" until_true hides waiting
ok "in its order: the Z counts the sale and the drop" until_true says "SELECT state, number, expected_cents, counted_cents $mine AND number = 1" '2|1|12770|12000'
ok "the next shift follows" says "SELECT state, number, automatic $mine AND number = 2" '1|2|0'
ok "what the server refused stays in view" wait_for '1 REFUSED'
ok "the Z is printed when it comes" until_true grep -qa 'Z REPORT' "$work/paper"
ok "with the difference" grep -qa -- '-7.70' "$work/paper"
sleep 0.2
cp "$work/paper" "$work/z"
rm -f "$work/paper"
kill_till && start_till till --printer="$work/paper" && wait_for 'Scan an item'
press C-s && wait_for 'Z report   shift 1' && press Enter && wait_for 'Z REPORT' && press F8
ok "the Z again, after a restart: the same bytes" until_true cmp -s "$work/paper" "$work/z"
server_figures() { "$q" shift z "$(sql "SELECT id $mine AND number = 1")" --json | sed 's/.*"report"://; s/}$//'; }
ok "the server has the same figures" test "$(server_figures)" = "$(till_sql "SELECT figures FROM report WHERE kind = 'z'")"
press Escape && wait_for 'Shift 2 is open'
press F2
ok "open is open" wait_for 'more cash is cash in'
ok "the books are in order" audit_clean
done_testing
