#!/bin/bash
# Training: sales, refunds, a shift and reports for practice, begun by flag and by key, beside a real server and a real till
# whose file, chain and books do not change by a row.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110 latte=2900010012223
sql() { sqlite3 -readonly "$work/data/qrtill.db" "$1"; }
till_sql() { sqlite3 -readonly "$work/till/till.db" "$1"; }
books() {
	sql "SELECT COUNT(*), MAX(id) FROM entry; SELECT COUNT(*) FROM orders; SELECT COUNT(*) FROM payment;
	     SELECT COUNT(*) FROM shift; SELECT COUNT(*), MAX(id) FROM audit_log;
	     SELECT terminal_id, sequence, hash FROM till_event ORDER BY terminal_id, sequence"
}
# What came by the network; a question for events that was asked before may end late.
requests() { grep ' A ' "$work/server.log" | grep -v -e ' A local ' -e ' /v1/events' | wc -l; }
chain() { till_sql "SELECT sequence, hash FROM event ORDER BY sequence"; }
file() { till_sql "SELECT * FROM setting; SELECT * FROM outbox; SELECT * FROM receipt; SELECT * FROM cart_line; SELECT * FROM held"; }
same() { [ "$(cat "$work/$1.txt")" = "$("$1")" ]; }
note() { local what; for what; do "$what" >"$work/$what.txt"; done; }
# The only sockets of a till are those to its server.
sockets() { find "/proc/$(till_pid)/fd" -lname 'socket:*' | wc -l; }
sockets_are() { [ "$(sockets)" -eq "$1" ]; }
some_socket() { [ "$(sockets)" -gt 0 ]; }
no_key_here() { ! grep -qaF "$(cat "$work/till/terminal.key")" -r "$work/till/training"; }
on_paper() { [ "$(grep -aoF -- "$1" "$work/paper" | wc -l)" -eq "$2" ]; }
no_drawer() { ! grep -qa "$(printf '\033p')" "$work/paper"; }
has_no_code() { ! has_code; }
end_till() { press C-q && wait_for 'End the program' && press y; }

start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en
sign_in 7 1357 && wait_for 'Scan an item'
scan $americano
ok "a real sale is under way" wait_for Americano
ok "by the network" some_socket
end_till && until_true no_tmux
note books chain file requests

# --- by flag
start_till till --training --lang=en --printer="$work/paper" --open-drawer --print-always
ok "a training begins" wait_for 'Scan an item'
ok "marked in the title" shows ' TRAINING '
ok "which says that nothing is sent" shows 'nothing is sent'
ok "the sale under way is not in it" hides Americano
scan $espresso && wait_for Espresso && press F9 && wait_for DUE && press '='
ok "a cash sale is paid" wait_for PAID
ok "its receipt has a number of its own" shows 'receipt T-1'
ok "marked on this screen too" shows ' TRAINING '
ok "it is printed" until_true on_paper 'T-1' 1
ok "marked above and below" on_paper '*** TRAINING ***' 2
ok "the drawer stays shut" no_drawer
press Enter && wait_for 'Scan an item' && scan $latte && wait_for latte && press F12
ok "a code is shown" wait_for 'Scan to pay'
ok "which no phone pays" until_true has_no_code
ok "and is paid after a while" wait_for 'receipt T-2'
press Enter && wait_for 'Scan an item' && scan $latte && wait_for latte && press F9 && wait_for DUE && type_slowly 100 &&
	press Enter && wait_for 'STILL DUE' && press F12
ok "part in cash, the rest by code" wait_for 'receipt T-3'
press Enter && wait_for 'Scan an item' && press F7 && wait_for 'choose one of this till' && press Enter
ok "a refund of the newest" wait_for 'of receipt T-3'
press F7 && wait_for 'goods returned' && press 1 && press Enter && wait_for 'goods returned)' && press y
ok "goes back to both tenders" wait_for REFUNDED
press Enter && wait_for 'Scan an item' && scan '9999 0000 1111 2222'
ok "cards are said to be missing" wait_for 'not available in a training'
press Escape && wait_for 'Scan an item' && press C-s && wait_for 'Shift 1 is open' && press F6
ok "an X asks for a manager" wait_for 'manager who approves'
press 9 Enter && wait_for PIN && press 1 Enter
ok "and shows what was sold for practice" wait_for 'T-1 - T-3'
screen >"$work/x.txt"
ok "nothing of it needs a socket" sockets_are 0
ok "the till's key is in no file of the training" no_key_here
ok "the server heard nothing" same requests
ok "the books are as they were" same books
kill_till
start_till till --training --lang=en --printer="$work/paper"
wait_for 'Scan an item'
scan $espresso && wait_for Espresso && press F9 && wait_for DUE && press '='
ok "each training begins anew" wait_for 'receipt T-1'
end_till
ok "and ends when it is left" until_true no_tmux
ok "the real till's file is as it was" same file
ok "its chain too" same chain

# --- by key, and back
start_till till --lang=en
ok "the real till has its sale" wait_for Americano
press C-g && wait_for PIN && until_true hides waiting
press F8 && wait_for 'Sell for practice?' && press y
ok "a key at sign-in begins a training" wait_for 'nothing is sent'
ok "in a process without network" until_true sockets_are 0
note books file
scan $espresso && wait_for Espresso && press F9 && wait_for DUE && press '='
ok "which sells" wait_for 'receipt T-1'
press C-l
ok "marked in Chinese" wait_for ' 练习 '
press C-l && wait_for TRAINING
ok "and leaves the real file alone" same file
press Enter && wait_for 'Scan an item' && press C-g && wait_for 'any number and PIN' && press F8 &&
	wait_for 'End the training?' && press y
ok "its end brings the real till back" until_true hides TRAINING
ok "to its sign-in" wait_for PIN
sign_in 7 1357
ok "with the sale that was under way" wait_for Americano
ok "on line" wait_for 'on line'
ok "the books know of nothing" [ "$(sql 'SELECT COUNT(*) FROM orders')" = 0 ]
ok "and are clean" audit_clean
ok "the journal has no gap" "$q" journal verify "$work/till/till.db"
done_testing
