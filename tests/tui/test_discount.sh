#!/bin/bash
# Discounts and other prices at the till: with reasons, up to the cashier's limit, with a manager's PIN above it; the
# screen says how the price came about; it survives the till; without the server nothing is approved; free sales.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
manager_pin=864209
# discount KEY TEXT REASON: the first two dialogs.
discount() { press "$1" && wait_for 'nothing takes' && type_slowly "$2" && press Enter && wait_for 'or type it' && type_slowly "$3" && press Enter; }

# given WHAT: the till's journal has a discount or price with this in it.
given() { sqlite3 -readonly "$work/till/till.db" "SELECT kind, content FROM event WHERE kind IN ('discount', 'price')" | grep -q -e "$1"; }

start_shop || exit 1
QRTILL_PIN=$manager_pin "$q" staff new Mei --number 77 --role manager >"$work/out" || exit 1
start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
scan $americano && scan $espresso && wait_for 'USD 6.26'
press C-u && wait_for 'price check: scan' && scan 2900010010748
ok "a price check tells the price" wait_for 'Double espresso  USD 3.20'
ok "and sells nothing" shows 'USD 6.26'
discount F4 '10%' 2
ok "a rate off the chosen line, the reason by its digit" wait_for 'USD 5.99'
ok "is in view" shows 'discount                 -0.25'
ok "the journal has it, why, and that nobody was asked" given 'discount.*"line":2.*"rate_bp":1000.*"reason":"Short date","approval":0'
kill_till && start_till till
ok "survives the till" wait_for 'USD 5.99'
press '='
ok "one key says how the price came about" wait_for 'How the price came about'
ok "the discount and why" shows 'discount 10.00 %: Short date'
ok "the tax" shows 'tax 8.00 %'
ok "the total" shows 'tax, rounded once per line'
press Escape && wait_for 'TOTAL'
discount C-a 1.00 'loyal friend'
ok "above the limit a manager is asked for" wait_for 'Above your limit: USD 1.25'
type_slowly 77 && press Enter && wait_for 'approves this and nothing else' && type_slowly 000000 && press Enter
ok "a wrong PIN approves nothing" wait_for 'the PIN is wrong'
ok "and changes nothing" shows 'USD 5.99'
discount C-a 1.00 'loyal friend' && wait_for 'Above your limit'
type_slowly 77 && press Enter && wait_for 'approves this and nothing else' && type_slowly $manager_pin && press Enter
ok "the right one does" wait_for 'approved by Mei'
ok "the price is as approved" wait_for 'USD 4.92'
ok "the journal has the reason and who approved" given '"line":0.*"amount_cents":100.*"reason":"loyal friend","approval":[1-9].*"approved_by":"Mei"'
press '\;' && wait_for 'A note for the receipt' && type_slowly 'extra hot' && press Enter
ok "a line has a note" wait_for 'noted on the receipt'
press F9 && wait_for DUE && press '='
ok "the server comes to the same" wait_for 'PAID  USD 4.92'
ok "the note is on it" shows 'extra hot'
ok "the receipt says why" shows 'Short date 10.00 %'
ok "and what came off the whole" shows 'discount: loyal friend'
press Enter && wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.70'
press C-v && wait_for 'Another price' && type_slowly 2.00 && press Enter && wait_for 'or type it' && type_slowly 5 && press Enter
ok "another price is above a cashier's limit" wait_for 'Above your limit: USD 0.50'
type_slowly 77 && press Enter && wait_for 'approves this' && type_slowly $manager_pin && press Enter
ok "with a manager it stands" wait_for 'USD 2.16'
scan $espresso && wait_for 'USD 4.86'
ok "and the next of it is a line of its own" shows '  2  Espresso'
press C-x && wait_for 'Take all lines' && press y && wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.70'
discount F4 '100%' 3 && wait_for 'Above your limit'
type_slowly 77 && press Enter && wait_for 'approves this' && type_slowly $manager_pin && press Enter && wait_for 'USD 0.00'
press F9
ok "a free sale is paid by nothing" wait_for 'PAID  USD 0.00'
press Enter && wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.70'
stop_server
discount F4 '50%' 3
ok "without the server nothing is approved" wait_for 'only while the server is there'
discount F4 '5%' 3
ok "but what is within the limit goes on" wait_for 'USD 2.56'
press F9 && wait_for DUE && press '='
ok "and is sold" wait_for 'OFF LINE  USD 2.56'
start_server
ok "the server takes it as it was" until_true hides 'waiting'
audit_is_clean() { "$q" audit --data-dir "$work/data" >"$work/audit" || { cat "$work/audit"; return 1; }; }
ok "the books are right" audit_is_clean
done_testing
