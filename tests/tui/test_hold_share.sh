#!/bin/bash
# Sales put aside go on at any till of the store, once: between two tills, without the network, and when both want it.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
hold() { press F5 && wait_for 'A name for it' && { [ -z "$1" ] || type_slowly "$1"; } && press Enter && wait_for 'put aside as'; }
shared() { [ "$("$q" held list --store 1 --plain | grep -c "$1")" -eq "${2:-1}" ]; }
# take NAME: another till, by hand: goes on with what is called so.
take_key() { sqlite3 -readonly "$work/data/qrtill.db" "SELECT held_key FROM held_sale WHERE name = '$1'"; }
taken_ms() { sqlite3 -readonly "$work/data/qrtill.db" "SELECT taken_ms FROM held_sale WHERE name = '$1'"; }
taken() { [ "$(taken_ms "$1")" -gt 0 ]; }
other_till() { start_till "$@" && wait_for 'Scan an item'; }

start_shop || exit 1
second=$(new_enrolment 'Till B')
start_till a --enrol="$enrolment_code" --lang=en
ok "till A signs in" sign_in 7 1357
wait_for 'Scan an item'
scan $espresso && scan $americano && wait_for 'USD 6.26'
press '\;' && wait_for 'A note for the receipt' && type_slowly 'extra hot' && press Enter && wait_for 'noted on'
hold 'table 4'
ok "what it puts aside is with the server" until_true shared 'table 4'
scan '3*103' && wait_for 'USD 10.69' && hold 'red hat' && until_true shared 'red hat'

start_till b --enrol="$second" --lang=en
ok "till B signs in" sign_in 7 1357
ok "and has in view how many are aside" wait_for '2 aside'
press F6
ok "it lists them by name" wait_for 'table 4'
ok "with the till, marked" shows '@  table 4'
ok "and the age" shows '0 min'
press Enter
ok "goes on with one, note and all" wait_for 'TOTAL  USD 6.26'
ok "one is left" wait_for '1 aside'
press F9 && wait_for DUE && press '=' && wait_for PAID
ok "it is sold there" shows 'PAID  USD 6.26'
ok "with its note" shows 'extra hot'
press Enter && wait_for 'Scan an item'

other_till a
ok "till A has what is left" wait_for '1 aside'
press F6 && wait_for 'red hat'
ok "and no longer what B sold" hides 'table 4'
# B goes on with it behind A's back, while A has its list open.
sqlite3 "$work/data/qrtill.db" "UPDATE held_sale SET taken_ms = 1, taken_by = (SELECT id FROM terminal WHERE name = 'Till B') WHERE name = 'red hat'"
press Enter
ok "too late: the other till has it" wait_for 'gone on with at Till B'
ok "it is off the list" wait_for 'no sale was put aside'
press Escape && wait_for 'Scan an item'

stop_server
wait_for 'OFF LINE'
scan $espresso && wait_for 'USD 2.70' && hold 'no net'
ok "without the network: put aside as before" shows '1 aside'
press F6 && wait_for 'no net' && press Enter
ok "and gone on with at once: the server never saw it" wait_for 'TOTAL  USD 2.70'
hold 'later'
start_server
ok "when the network is back it is shared" until_true shared 'later'
ok "and the one taken back is not" shared 'no net' 0
wait_for 'on line'
stop_server
wait_for 'OFF LINE'
press F6 && wait_for 'later' && press Enter
ok "what the server knows is not taken without a question" wait_for 'another till may go on'
press y
ok "y goes on with it" wait_for 'TOTAL  USD 2.70'
start_server
ok "the server is told" until_true taken 'later'
press F9 && wait_for DUE && press '=' && wait_for PAID && press Enter && wait_for 'Scan an item'
ok "nothing was refused" hides 'REFUSED'

# The same, but another till went on with it meanwhile: people see it.
scan $espresso && wait_for 'USD 2.70' && hold 'both' && until_true shared 'both'
wait_for 'on line' && until_true hides 'waiting'
stop_server
wait_for 'OFF LINE'
sqlite3 "$work/data/qrtill.db" "UPDATE held_sale SET taken_ms = 1, taken_by = (SELECT id FROM terminal WHERE name = 'Till B') WHERE name = 'both'"
press F6 && wait_for 'both' && press Enter && wait_for 'another till may' && press y && wait_for 'TOTAL  USD 2.70'
start_server
ok "that both went on with it is in view" wait_for '1 REFUSED'
press F10
ok "and where" wait_for 'at Till B'
ok "the books agree" audit_clean
done_testing
