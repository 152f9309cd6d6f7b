#!/bin/bash
# One sale paid by many tenders at the real till, and the way back from each of them: what was secured is seen, taken back,
# and nothing of it is lost or kept.
# shellcheck disable=SC2034,SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
next_sale() { press Enter && wait_for 'Scan an item'; }
sell_two() { wait_for 'Scan an item' && scan $espresso && wait_for 'Espresso' && scan $americano && wait_for 'Americano'; }
part_of() { press F5 && wait_for 'How much of it' && type_slowly "$1" && press Enter && wait_for "next part: $2"; }
card_balance() { "$q" card look "$card_number" --plain 2>/dev/null | member balance_cents; }
card_has() { [ "$(card_balance)" = "$1" ]; }
dora_has() { [ "$("$q" wallet cards --wallet dora --plain | awk -F'\t' 'NR == 1 { print $0 }' | grep -c -- "$1")" -gt 0 ]; }
payments_of_last() { "$q" order show "$("$q" order list --limit 500 --plain | tail -n 1 | cut -f1)" --json; }
last_has() { payments_of_last | grep -q -- "$1"; }
wallet_code() { "$q" wallet code --wallet dora; }
hides_pin() { ! LC_ALL=C grep -qa 83920174 "$work/till/till.db" "$work/till/till.db-wal"; }
heard() { "$q" wallet notices --wallet dora --plain | grep -q -- "$1"; }

start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en
sign_in 7 1357

sell_two
scan "$(wallet_code)"
ok "a code on the phone pays at once from the sale screen" wait_for 'PAID  USD 6.26'
ok "the receipt says so" shows 'code on the phone'
ok "the phone hears it" until_true heard '6.26'
next_sale

scan "$(wallet_code)"
ok "without lines there is nothing to pay" wait_for 'scan the items first'

sell_two
code=$(wallet_code)
scan "$code"
ok "the same code again, or an older one, is refused" wait_for 'the code was used already'
ok "the lines are still there" shows 'TOTAL  USD 6.26'

# --- five tenders for one sale
press F12 && wait_for 'Scan to pay'
press F9 && wait_for DUE && type_slowly 100 && press Enter
ok "a part in cash" wait_for 'STILL DUE  USD 5.26'
part_of 100 1.00 && press F7 && wait_for 'approval code' && type_slowly A1B2C3 && press Enter
ok "a part by the bank's terminal" wait_for 'STILL DUE  USD 4.26'
part_of 100 1.00 && scan "$card_code"
ok "a part by a card" wait_for 'STILL DUE  USD 3.26'
fixed=$(sqlite3 -readonly "$work/till/till.db" "SELECT json_extract(value, '\$.fixed_code') FROM setting WHERE name = 'shop_json'")
"$q" wallet pay "$fixed" --amount 1.00 --wallet dora --yes >/dev/null
press F6
ok "a part by the code on the counter" wait_for 'STILL DUE  USD 2.26'
ok "each is in view" shows 'code on the counter'
part_of 100 1.00 && press F12
ok "a code for a part" until_true has_code
"$q" wallet pay "$(read_screen_code)" --wallet dora --yes >/dev/null
ok "paid by the phone" wait_for 'STILL DUE  USD 1.26'
press F12 && until_true has_code
"$q" wallet pay "$(read_screen_code)" --wallet dora --yes >/dev/null
ok "and the last of it: six tenders" wait_for 'PAID  USD 6.26'
ok "the receipt names the bank's terminal" shows 'bank card'
next_sale

# --- the way back, part by part
before=$(card_balance)
sell_two
press F12 && wait_for 'Scan to pay'
press F9 && wait_for DUE && type_slowly 100 && press Enter && wait_for 'STILL DUE  USD 5.26'
part_of 100 1.00 && scan "$card_code" && wait_for 'STILL DUE  USD 4.26'
part_of 100 1.00 && press F7 && wait_for 'approval code' && type_slowly Z9 && press Enter && wait_for 'STILL DUE  USD 3.26'
ok "a part of the card is held" card_has "$(awk -v b="$before" 'BEGIN { printf "%.2f", b - 1 }')"
press Down Down DC
ok "taking the bank's part back says to void it there" wait_for 'void it there'
press y
ok "and it is due again" wait_for 'STILL DUE  USD 4.26'
press Down DC && wait_for 'goes back by itself' && press y
ok "the card's part" wait_for 'STILL DUE  USD 5.26'
ok "is on the card again" until_true card_has "$before"
press DC
ok "cash is to be handed back" wait_for 'hand it back'
press n
ok "no keeps it" wait_for 'STILL DUE  USD 5.26'
press DC && wait_for 'hand it back' && press y
ok "yes lets it go" wait_for 'TOTAL  USD 6.26'
press DC
ok "then there is none" wait_for 'no part is secured'
part_of 200 2.00 && scan "$card_code" && wait_for 'STILL DUE  USD 4.26'
press F9 && wait_for DUE && type_slowly 100 && press Enter && wait_for 'STILL DUE  USD 3.26'
press Escape
ok "giving all up says where each part goes" wait_for '1.00 in cash:'
press y
ok "and keeps the lines" wait_for 'TOTAL  USD 6.26'
ok "nothing is gone from the card" until_true card_has "$before"
press F9 && wait_for DUE && press '=' && wait_for 'PAID  USD 6.26'
next_sale

# --- a PIN above the limit
printf '83920174\n' >"$work/pin" && chmod 600 "$work/pin"
"$q" wallet pin --wallet dora --pin-file "$work/pin" >/dev/null
stop_server
server_options=(--pin-above-cents=500)
start_server
sell_two
bound=$(sed -n 1p "$work/cards.txt" | cut -f3)
# The till may not have heard yet that the server is back, and offers the bank's terminal then.
code_or_bank() { shows 'Scan to pay' || shows 'Enter: done'; }
shows_code() {
	press F12 && until_true code_or_bank
	shows 'Scan to pay' || { press Escape && until_true hides 'Enter: done' && false; }
}
until_true shows_code && scan "$bound"
ok "above the limit the customer's PIN is asked for" wait_for 'types the PIN'
type_slowly 1111 && press Enter
ok "a wrong one pays nothing" wait_for 'the PIN is wrong'
scan "$bound" && wait_for 'types the PIN' && type_slowly 83920174 && press Enter
ok "the right one does, with the same card" wait_for 'PAID  USD 6.26'
ok "the PIN is not in the till's file" hides_pin
next_sale
# --- points that lapse
curl -s --unix-socket "$QRTILL_SOCKET" -H 'X-Merchant: 1' -H 'Idempotency-Key: 1' -H 'Content-Type: application/json' \
	-d '{"lifetime_days":10,"levels":[{"from_points":0,"name":"Guest"}]}' http://localhost/v1/points/scheme >"$work/scheme"
identity=$("$q" wallet show --wallet dora --plain 2>/dev/null | member identity_code)
"$q" points earn "$identity" 40 --reason gift >/dev/null
press C-o && wait_for 'Scan or code' && scan "$identity"
ok "the till shows which points lapse next" wait_for 'next to lapse     40'
ok "and the level" shows 'Guest'
ok "the books are right" audit_clean
done_testing
