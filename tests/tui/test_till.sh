#!/bin/bash
# The till in a real terminal against a real server: a whole sale by each way of paying, and every bad moment for the
# till or the server to die in.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
orders() { "$q" order list --limit 500 --plain | wc -l; }
paid_orders() { "$q" order list --limit 500 --plain | awk -F'\t' '$3 == "paid"' | wc -l; }
orders_are() { [ "$(orders)" -eq "$1" ]; }
paid_are() { [ "$(paid_orders)" -eq "$1" ]; }
code_is() { [ "$(read_screen_code)" = "$1" ]; }
next_sale() { press Enter && wait_for 'Scan an item'; }
sell_two() { wait_for 'Scan an item' && scan $espresso && wait_for 'Espresso' && scan $americano && wait_for 'Americano'; }
earned() { [ "$("$q" order show "$1" --plain | member rebate_outcome)" = paid ]; }
wallet_pays() { "$q" wallet pay "$1" --wallet dora --yes >/dev/null; }
# The countdown of the code on the screen, in seconds.
life_is_at_most() {
	local left
	left=$(screen | grep -oE 'ends in [0-9]+:[0-9]+' | grep -oE '[0-9]+:[0-9]+') &&
		[ $((60 * ${left%:*} + 10#${left#*:})) -le "$1" ]
}
file_mode_is() { [ "$(stat -c %a "$1")" = "$2" ]; }

sold_cards() { [ "$(for n in 12 13 14; do "$q" card look "$(sed -n ${n}p "$work/cards.txt" | cut -f2)" --plain; done | grep -c 'active')" = "$1" ]; }

start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en --printer="$work/paper"
ok "enrols by the code it was given and asks who is there" wait_for 'PIN'
ok "keeps its key where only its owner reads" file_mode_is "$work/till/terminal.key" 600
type_slowly 7 && press Enter && type_slowly 9999 && press Enter
ok "refuses a wrong PIN and says so" wait_for 'the PIN is wrong'
press BTab
ok "signs in with number and PIN" sign_in '' 1357

sell_two
ok "sells what is scanned" wait_for 'TOTAL  USD 6.26'
press F12
ok "F12 shows the code, read from the captured screen" until_true has_code
ok "with the whole seconds it still lives" life_is_at_most 300
code=$(read_screen_code)
ok "a wallet pays the code" wallet_pays "$code"
ok "the till turns to paid without a key" wait_for 'PAID  USD 6.26'
press F8
ok "prints the receipt as ESC/POS bytes" until_true grep -qa TOTAL "$work/paper"
next_sale

type_slowly '3*' && scan $espresso
ok "3* then a scan sells three" wait_for 'TOTAL  USD 8.10'
press -
ok "- takes one away" wait_for 'TOTAL  USD 5.40'
press + + && wait_for 'USD 10.80'
press DC
ok "Del voids the line" wait_for 'TOTAL  USD 0.00'
scan '3*103'
ok "3*103 pasted at once is three of it" wait_for 'TOTAL  USD 10.69'
press DC && wait_for 'USD 0.00'
scan '0*103'
ok "nought of it is refused" wait_for 'no item has the code'
type_slowly 103 && press Enter
ok "a number and Enter is a PLU" wait_for 'Americano'
scan 1234567890123
ok "an unknown code is named" wait_for 'no item has the code 1234567890123'
type_slowly 'esp' && wait_for 'Double espresso' && type_slowly 'resso' && press Down Enter
ok "typing a name searches" wait_for 'spresso'
press C-x && wait_for 'Take all lines out' && press y && wait_for 'Scan an item'

sell_two
press F9 && wait_for 'DUE  USD 6.26'
scan 2000000000000
ok "a scan is never an amount of cash" wait_for 'a scan is not an amount'
type_slowly 2000 && wait_for '13.74' && press Enter
ok "cash with change" wait_for 'CHANGE  USD 13.74'
next_sale

sell_two
press F12 && wait_for 'Scan to pay'
scan "$card_code"
ok "a scanned card pays at once, whatever was on the screen" wait_for 'prepaid card'
next_sale

sell_two
press F12 && wait_for 'Scan to pay' && press F9 && wait_for 'DUE' && type_slowly 300 && press Enter
ok "a part in cash leaves the rest" wait_for 'STILL DUE  USD 3.26'
press F3 && wait_for '16 digits' && type_slowly "$card_number" && press Enter
ok "a card's number pays the rest" wait_for 'PAID  USD 6.26'
next_sale

sell_two
press F12 && wait_for 'Scan to pay' && press Escape
ok "Esc gives the order up and keeps the lines" wait_for 'TOTAL  USD 6.26'
press F12
ok "and it can be paid again" wait_for 'Scan to pay'
press F9 && wait_for DUE && press '=' && wait_for PAID && next_sale

press F3 && scan "$card_code"
ok "a card's balance" wait_for 'Balance'
ok "is what is left on it" shows 'USD 40.48'
press F7 && wait_for 'How much goes on the card' && type_slowly 1000 && press Enter
ok "topping up is a line of the sale" wait_for 'TOTAL  USD 10.00'
ok "that names the card" shows 'Card top-up'
scan $espresso && wait_for 'Espresso'
press Up && press Down && press C-a && wait_for 'The whole sale' && type_slowly '10%' && press Enter && wait_for 'Reason' &&
	type_slowly 1 && press Enter
ok "a discount leaves the card alone" wait_for 'TOTAL  USD 12.43'
press F9 && wait_for DUE && press '=' && wait_for PAID
ok "paid with the goods, the receipt names it" shows 'Card top-up'
next_sale
press F3 && scan "$card_code"
ok "the money is on the card" wait_for 'USD 50.48'
press F8
ok "its statement says what moved" wait_for 'put on the card'
press F9 && wait_for 'Freeze this card' && press y
ok "freezing it" wait_for 'FROZEN'
press F5
ok "issuing a card shows its code" until_true has_code
ok "it is not active" shows 'new: not activated'
new_card=$(read_screen_code)
press F6 && wait_for 'How much goes on it' && type_slowly 100 && press Enter
ok "selling it is a line of the sale" wait_for 'TOTAL  USD 1.00'
press +
ok "a second of the same there is not" wait_for 'TOTAL  USD 1.00'
press F12 && wait_for 'Scan to pay' && until_true has_code
pay_code=$(read_screen_code)
"$q" wallet pay "$pay_code" --wallet dora --yes >/dev/null
ok "a phone pays for the card" wait_for 'PAID  USD 1.00'
next_sale
scan "$new_card"
ok "it is worth what was paid" wait_for 'USD 1.00'
press b && wait_for "customer's identity code" && scan "$("$q" wallet show --wallet bo --plain 2>/dev/null | member identity_code)"
ok "it is bound at the till" wait_for 'bound to a customer'
pack_card=$(sed -n 10p "$work/cards.txt" | cut -f2)
press m && wait_for 'takes over the balance' && type_slowly "$pack_card" && press Enter
ok "lost: its balance moves to another card" wait_for 'Move 1.00'
press y && wait_for 'manager who approves' && type_slowly 9 && press Enter && wait_for 'moving this balance' && type_slowly 246810 && press Enter
ok "a manager approves it" wait_for 'move the balance: done'
ok "the other card is shown, with the holder" shows 'bound to a customer'
scan "$new_card"
ok "the lost one is closed" wait_for 'closed'
scan "$(sed -n 12p "$work/cards.txt" | cut -f3)"
ok "a card of a pack has a face value" wait_for 'Face value'
press p && wait_for 'How many cards' && type_slowly 3 && press Enter && wait_for 'Nothing typed: 50.00' && press Enter
ok "three of the pack" wait_for 'TOTAL  USD 150.00'
press F9 && wait_for DUE && press '=' && wait_for PAID
ok "are sold" until_true sold_cards 3
next_sale
press F7 && wait_for 'Scan the receipt' && press Enter && wait_for 'GIVE BACK  USD 150.00'
ok "giving them back says which cards lose what" shows 'off card'
ok "and that they are frozen" shows 'frozen'
press Escape
wait_for 'Scan an item' || press Escape
press F3 && wait_for 'Scan or number'
press Escape && wait_for 'Scan an item'

identity=$("$q" wallet show --wallet dora --plain 2>/dev/null | member identity_code)
press C-o && scan "$identity"
ok "points by identity code" wait_for 'Points'
ok "shows the balance" wait_for '6'
press Escape && wait_for 'Scan an item'

sell_two
press F12 && wait_for 'Scan to pay' && scan "$identity"
ok "an identity code alone pays nothing" wait_for 'press F4 first'
press F5 && wait_for 'How much of it' && type_slowly 5 && press Enter && wait_for 'next part: 0.05'
press F4 && wait_for 'scan the customer' && scan "$identity"
ok "points pay a part" wait_for 'STILL DUE  USD 6.21'
press F12
ok "a code for the rest" until_true has_code
tm resize-window -t till -x 120 -y 40
ok "is twice as large in a larger window" until_true has_code
tm resize-window -t till -x 60 -y 15
ok "and given as text in one that is too small" wait_for 'too small'
tm resize-window -t till -x 80 -y 24
ok "and back" until_true has_code
press C-t C-t
ok "readable without colours" until_true has_code
press C-t
wallet_pays "$(read_screen_code)"
ok "paid by points and code" wait_for 'PAID  USD 6.26'
next_sale

fixed=$(sqlite3 -readonly "$work/till/till.db" "SELECT json_extract(value, '\$.fixed_code') FROM setting WHERE name = 'shop_json'")
"$q" wallet pay "$fixed" --amount 6.26 --wallet dora --yes >/dev/null
ok "money by the counter's code is told" wait_for 'F6 on the pay screen'
sell_two
press F12 && wait_for 'Scan to pay' && press F6
ok "and taken for the order" wait_for 'PAID  USD 6.26'
next_sale

scan "$last_share"
ok "a shared code is credited" wait_for 'a shared code is credited'
sell_two && press F9 && wait_for DUE && press '=' && wait_for PAID
ok "and those who shared it earn" earned "$(orders)"
next_sale

press F8
ok "receipts can be seen again" wait_for 'receipt'
press Escape && press F11
ok "speaks Chinese at a key" wait_for '合计'
press F11 && wait_for TOTAL

# --- death of the till
sell_two
before=$(orders)
kill_till && start_till till
ok "killed while selling: the lines are there" wait_for 'TOTAL  USD 6.26'
press F12 && until_true has_code
code=$(read_screen_code)
kill_till && start_till till
ok "killed while the code is shown: the same code comes back" until_true code_is "$code"
kill_till
wallet_pays "$code"
start_till till
ok "paid while it was dead: the receipt is there" wait_for 'PAID  USD 6.26'
kill_till && start_till till
ok "killed on the receipt: the receipt is there" wait_for 'PAID  USD 6.26'
ok "all of it was one order" orders_are $((before + 1))
next_sale

sell_two
before=$(orders)
kill -STOP "$server_pid"
press F9 && wait_for DUE && press '=' && wait_for 'asking the server'
kill_till
kill -CONT "$server_pid"
start_till till
ok "killed between request and answer: asks again and is paid" wait_for 'PAID  USD 6.26'
ok "once" orders_are $((before + 1))
next_sale

# --- death of the server
sell_two
before=$(orders)
kill -STOP "$server_pid"
press F12
ok "while the server does not answer the code waits" wait_for 'asking the server'
kill_till
kill -CONT "$server_pid"
start_till till
ok "killed with an unanswered request: it is sent again" until_true has_code
ok "once" orders_are $((before + 1))
press F9 && wait_for DUE && press '=' && wait_for PAID && next_sale

before=$(paid_orders)
digits=$("$q" wallet code --wallet dora)
stop_server
sell_two && press F9 && wait_for DUE && press '='
ok "cash needs no server" wait_for 'CASH, OFF LINE'
next_sale
sell_two && press F9 && wait_for DUE && type_slowly 1000 && press Enter && wait_for 'CASH, OFF LINE' && next_sale
ok "the queue is in view" wait_for '2 waiting'
wait_for 'OFF LINE' && sell_two && press F12
ok "the bank's terminal needs no server either" wait_for 'The server cannot be reached'
type_slowly 'B4NK' && press Enter
ok "its approval code is typed" wait_for 'BANK, OFF LINE'
ok "it stands on the receipt" shows "bank card"
next_sale
sell_two && press F12 && wait_for 'The server cannot be reached' && press Escape
scan "$digits"
ok "what needs the server is refused, and why" wait_for 'needs the server, which cannot be reached'
ok "the lines stay" shows 'TOTAL  USD'
ok "and nothing of it waits" shows '3 waiting'
press C-x && wait_for 'Take all lines out' && press y && wait_for 'Scan an item'
kill_till && start_till till && wait_for 'Scan an item'
ok "and survives the till" wait_for '3 waiting'
start_server
ok "it is sent when the server is back" until_true hides 'waiting'
ok "each sale once" until_true paid_are $((before + 3))
sell_two && press F12 && until_true has_code
ok "and the till goes on" wallet_pays "$(read_screen_code)"
wait_for PAID && next_sale

press C-g
ok "signing out keeps nobody" wait_for 'PIN'
sign_in 9 246810
ok "another person signs in" wait_for 'Mei'
press C-o && scan "$identity" && wait_for 'worth' && press F5 && wait_for 'How many points' && type_slowly 10 && press Enter
ok "a manager gives points" wait_for 'points earned 10: done'
press Escape && wait_for 'Scan an item'
press C-q && wait_for 'End the program' && press y
ok "quits" until_true no_tmux

# --- a crash leaves a usable terminal
tm -f /dev/null new-session -d -s till -x 80 -y 24 "PS1='ready> ' exec sh"
wait_for 'ready>'
tm send-keys -t till "'$QRTILL_BIN/qrtill-pos' --data-dir='$work/till' --lang=en; echo status=\$?" Enter
wait_for TOTAL
kill -SEGV "$(pgrep -P "$(till_pid)")"
ok "a crash is told by the status" wait_for 'status=139'
ok "and leaves the till's screen" hides TOTAL
tm send-keys -t till "stty -a | tr ' ;' '\n' | grep -x -e icanon -e echo | tr '\n' +" Enter
ok "and the terminal as it was" wait_for 'icanon+echo+'
tm kill-server
ok "the books agree" audit_clean
done_testing
