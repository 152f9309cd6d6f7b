#!/bin/bash
# Refunds at the till, against a real server: by the receipt's code and from the list, whole and by piece, to every tender,
# with and without a manager, and through the death of the till or the server. The money is checked in the books.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
order_state() { "$q" order show "$1" --plain | member state; }
state_is() { [ "$(order_state "$1")" = "$2" ]; }
# What journal entries of refunds took out of drawers, in cents.
drawer_is() { [ "$(drawer)" -eq "$1" ]; }
drawer() { sqlite3 -readonly "$work/data/qrtill.db" "$drawer_sql"; }
drawer_sql="SELECT COALESCE(SUM(t.amount_cents), 0) FROM refund_tender t JOIN payment p ON p.id = t.payment_id WHERE p.source = 1"
refunds() { sqlite3 -readonly "$work/data/qrtill.db" "SELECT COUNT(*) FROM refund"; }
refunds_are() { [ "$(refunds)" -eq "$1" ]; }
last_receipt() { sqlite3 -readonly "$work/till/till.db" "SELECT json_extract(order_json, '\$.receipt.code') FROM receipt ORDER BY id DESC LIMIT 1"; }
last_order() { sqlite3 -readonly "$work/till/till.db" "SELECT order_id FROM receipt ORDER BY id DESC LIMIT 1"; }
waiting_pin_is_hidden() { ! sqlite3 -readonly "$work/till/till.db" "SELECT body FROM outbox" | grep -q -e 246810 -e approval_staff; }
sealed_is_waiting() { sqlite3 -readonly "$work/till/till.db" "SELECT body FROM outbox" | grep -q '^sealed:'; }
# sell_cash CODE...: a cash sale of exactly that.
sell_cash() {
	local code
	wait_for 'Scan an item' || return 1
	for code in "$@"; do scan "$code"; sleep 0.1; done
	press F9 && wait_for DUE && press '=' && wait_for PAID && press Enter && wait_for 'Scan an item'
}
# give_back REASON: from the chosen lines to the last question.
give_back() { press F7 && wait_for 'goods returned' && type_slowly "$1" && press Enter; }

start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en --printer="$work/paper"
ok "signs in" sign_in 7 1357

sell_cash $espresso '2*103'
first=$(last_order)
scan "$(last_receipt)"
ok "scanning a receipt opens its refund" wait_for 'of receipt'
ok "everything that is left is chosen" wait_for 'GIVE BACK  USD 9.83'
ok "and where it goes is shown before anything happens" shows 'cash'
press n
ok "nothing chosen has no effect to show" until_true hides 'GIVE BACK'
press F7
ok "and cannot be given back" wait_for 'nothing is chosen'
press Down +
ok "one piece of a line" wait_for 'GIVE BACK  USD 3.57'
press + +
ok "no more than was sold" wait_for 'GIVE BACK  USD 7.13'
press -
ok "and one less" wait_for 'GIVE BACK  USD 3.57'
press F7 && wait_for 'goods returned' && press Enter
ok "no reason, no refund" wait_for 'a refund needs a reason'
give_back 'too cold'
ok "the reason and the sum are asked about once more" wait_for 'Give back?  USD 3.57 (too cold)'
press Enter
ok "Enter alone gives nothing" refunds_are 0
scan $espresso
ok "nor does a scan" refunds_are 0
press y
ok "y does" wait_for 'REFUNDED  USD 3.57'
ok "the cash is said large" wait_for 'CASH TO THE CUSTOMER  USD 3.57'
ok "the receipt says the line" shows '1 x Americano'
ok "and the reason" shows 'too cold'
ok "the order is part-refunded" state_is "$first" part-refunded
ok "the drawer is short of exactly that" drawer_is 357
rm -f "$work/paper"
press F8
ok "prints the refund" until_true grep -qa 'GIVEN BACK' "$work/paper"
press Enter
ok "Enter goes back to selling" wait_for 'Scan an item'

press F7 && wait_for 'choose one of this till' && press Enter
ok "from the list: what is left of it" wait_for 'GIVE BACK  USD 6.26'
press F7 && wait_for 'goods returned' && press 1 && press Enter && wait_for 'goods returned)' && press y
ok "the rest in six keys" wait_for 'REFUNDED  USD 6.26'
ok "the order is refunded" state_is "$first" refunded
ok "to the cent" drawer_is 983
press Enter && wait_for 'Scan an item'
press F8 && wait_for 'F7 Refund' && press F7
ok "nothing is left of it, and the server says so" wait_for 'the order is refunded'
press Escape && wait_for 'Scan an item'
scan HTTP://NOWHERE.EXAMPLE/Q/ABC
ok "what is no receipt opens no refund" wait_for 'no item has the code'

# --- cash and card
scan $espresso && scan $americano && wait_for 'USD 6.26'
press F12 && wait_for 'Scan to pay' && press F9 && wait_for DUE && type_slowly 300 && press Enter && wait_for 'STILL DUE'
scan "$card_code" && wait_for 'PAID' && press Enter && wait_for 'Scan an item'
press F7 && wait_for 'choose one' && press Enter && wait_for 'GIVE BACK  USD 6.26'
ok "both tenders are shown" shows 'prepaid card'
give_back 2 && wait_for 'damaged' && press y
ok "cash of it is what was cash" wait_for 'CASH TO THE CUSTOMER  USD 3.00'
press Enter && wait_for 'Scan an item'
press F3 && scan "$card_code"
ok "the card has its money back" wait_for 'USD 50.00'
press Escape && wait_for 'Scan an item'

# --- points and rebates follow
identity=$("$q" wallet show --wallet dora --plain 2>/dev/null | member identity_code)
scan "$identity" && scan "$last_share" && wait_for 'a shared code is credited'
sell_cash '9*103' && press F7 && wait_for 'choose one' && press Enter
ok "points earned by it go" wait_for 'points taken back               32'
ok "and the rebates promised for it" wait_for 'rebates taken back'
press Escape && wait_for 'Scan an item'

# --- a manager
sell_cash '9*103'
big=$(last_order)
press F7 && wait_for 'choose one' && press Enter
ok "above the limit a manager is announced" wait_for 'a manager has to approve it'
give_back 3 && wait_for 'number of the manager'
type_slowly 7 && press Enter && wait_for 'approves this refund' && type_slowly 1357 && press Enter
ok "a cashier may not approve" wait_for 'a cashier may not approve'
ok "what was chosen stays" wait_for 'GIVE BACK  USD 32.08'
give_back 3 && wait_for 'number of the manager'
type_slowly 9 && press Enter && wait_for 'approves this refund' && type_slowly 111111 && press Enter
ok "nor a wrong PIN" wait_for 'the PIN is wrong'
ok "nothing happened" state_is "$big" paid
wait_for 'GIVE BACK  USD 32.08'
stop_server
give_back 3 && wait_for 'number of the manager'
type_slowly 9 && press Enter && wait_for 'approves this refund' && type_slowly 246810 && press Enter
ok "without the server it waits" wait_for 'not known yet'
ok "the PIN is not readable in the till's file" waiting_pin_is_hidden
ok "because it is sealed" sealed_is_waiting
kill_till
start_server
start_till till
ok "killed with an unsent refund: it is done and shown" wait_for 'REFUNDED  USD 32.08'
ok "once" state_is "$big" refunded
kill_till && start_till till
ok "killed on the result: it is still there" wait_for 'CASH TO THE CUSTOMER  USD 32.08'
press Enter && wait_for 'Scan an item'
kill_till && start_till till && wait_for 'Scan an item'
ok "seen, it does not come back" hides REFUNDED

# --- between request and answer
sell_cash $espresso
count=$(refunds)
press F7 && wait_for 'choose one' && press Enter && wait_for 'GIVE BACK  USD 2.70'
kill -STOP "$server_pid"
give_back 1 && wait_for 'Give back?' && press y && wait_for 'asking the server'
kill_till
kill -CONT "$server_pid"
start_till till
ok "killed between request and answer: asks again" wait_for 'REFUNDED  USD 2.70'
ok "and it was given back once" refunds_are $((count + 1))
press Enter && wait_for 'Scan an item'
press F11
press F7
ok "speaks Chinese" wait_for '退货'
press Escape F11
ok "the books agree" audit_clean
done_testing
