#!/bin/bash
# Cash rounded to 0.05 at the till: what is to be paid, change, receipt, split, refund, off line, report.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
sell_two() { wait_for 'Scan an item' && scan $espresso && wait_for 'Espresso' && scan $americano && wait_for 'USD 6.26'; }
next_sale() { press Enter && wait_for 'Scan an item'; }
last_receipt() { sqlite3 -readonly "$work/till/till.db" "SELECT json_extract(order_json, '\$.receipt.code') FROM receipt ORDER BY id DESC LIMIT 1"; }
rounded() { [ "$(sqlite3 -readonly "$work/data/qrtill.db" "SELECT coalesce(sum(e.amount), 0) FROM entry e JOIN account a ON a.id = e.account_id WHERE a.kind = 17")" -eq "$1" ]; }
rounds_to() { [ "$("$q" rule show --store "$store" --plain | member cash_rounding_cents)" = "$1" ]; }

start_shop || exit 1
"$q" rule set "$store" --cash-rounding 0.05 >/dev/null
ok "a store rounds cash" rounds_to 0.05
start_till till --enrol="$enrolment_code" --lang=en
sign_in 7 1357
sell_two
press '='
ok "the way of the price ends with it" wait_for 'in cash, rounded to 0.05, half up                                    6.25'
press Escape && wait_for 'TOTAL'
press F12
ok "paying by code is not rounded, cash would be" wait_for 'in cash: 6.25'
ok "the total is as it was" shows 'TOTAL  USD 6.26'
press F9
ok "the cash screen asks the rounded sum" wait_for 'TO PAY IN CASH  USD 6.25'
ok "and says of what" shows 'rounded from 6.26'
type_slowly 1000
ok "change is of the rounded sum" wait_for '3.75'
press Enter
ok "so it is paid" wait_for 'CHANGE  USD 3.75'
ok "the receipt has the rounding" shows 'rounding of cash                     -0.01'
ok "and what changed hands" shows 'cash                                  6.25'
next_sale
scan "$(last_receipt)"
ok "a refund in cash rounds" wait_for 'cash                          6.25'
press F7 && wait_for 'goods returned' && type_slowly 'cold' && press Enter && wait_for 'Give back?' && press y
ok "and says so on its receipt" wait_for 'rounding of cash'
ok "and what the drawer gave" shows 'cash                                6.25'
press Enter && wait_for 'Scan an item'
ok "the account is even" until_true rounded 0

sell_two
press F12 && wait_for 'Scan to pay' && press F5 && wait_for 'How much of it' && type_slowly 103 && press Enter
wait_for 'next part: 1.03' && press F7 && wait_for 'approval code' && type_slowly A1 && press Enter
ok "of a split sale the rest in cash" wait_for 'in cash: 5.25'
press F9 && wait_for 'TO PAY IN CASH  USD 5.25' && press '='
ok "is rounded" wait_for 'PAID  USD 6.26'
ok "up this time" shows 'rounding of cash                      0.02'
next_sale
ok "the account has it" until_true rounded 2

sell_two
press F9 && wait_for 'TO PAY IN CASH' && type_slowly 503 && press Enter
ok "a part in coins there are none of is refused" wait_for 'cash comes in steps of 0.05'
press Escape && wait_for 'TOTAL'
press F9 && wait_for 'TO PAY IN CASH' && type_slowly 500 && press Enter && wait_for 'STILL DUE  USD 1.26'
ok "another is a part" wait_for 'in cash: 1.25'
press F9 && wait_for 'TO PAY IN CASH  USD 1.25' && press '=' && wait_for 'PAID  USD 6.26'
next_sale

stop_server
sell_two && press F9
ok "off line the till knows the rule" wait_for 'TO PAY IN CASH  USD 6.25'
press '='
ok "and sells by it" wait_for 'CASH, OFF LINE'
ok "on the receipt too" shows 'rounding of cash                     -0.01'
next_sale
kill_till
start_server
"$q" rule set "$store" --cash-rounding 1.00 >/dev/null
start_till till
ok "what was sold is sent" until_true rounded 0
ok "and taken as it was sold, whatever the store says now" until_true hides waiting
wait_for 'Scan an item'
ok "then the till hears of the change" eval 'sell_two && press F9 && wait_for "TO PAY IN CASH  USD 6.00"'
press '=' && wait_for 'PAID' && next_sale
press C-s && wait_for 'X report' && press F6 && wait_for 'manager who approves the X' && type_slowly 9 && press Enter
wait_for 'approves this X' && type_slowly 246810 && press Enter
ok "the X report has it" wait_for 'rounding of cash                         -0.27'
ok "the books are right" audit_clean

press Escape Escape && press C-q && wait_for 'End the program' && press y && until_true no_tmux
start_till till --training --lang=en
wait_for 'Scan an item' && scan $espresso && wait_for 'USD 2.70' && press F9
ok "a training rounds too" wait_for 'TO PAY IN CASH  USD 3.00'
type_slowly 500 && press Enter
ok "with the right change" wait_for 'CHANGE  USD 2.00'
done_testing
