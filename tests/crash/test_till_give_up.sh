#!/bin/bash
# The answer to a tender is lost, before or after the server's commit, and the server stays away: the cashier gives the sale
# up, the customer pays in cash instead, and when the network is back what was charged has gone back, for each tender. The
# customer has paid once, with what was left on card, wallet, points and coupon as it was.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373
proxy=$(echo "$QRTILL_BIN"/../*/tests/crash/fault_proxy | awk '{ print $1 }')
proxy_pid=''
network() { echo "$1" >"$work/network.new" && mv "$work/network.new" "$work/network"; }
proxy_port() { sed -n 's/^port //p' "$work/proxy.log" | grep .; }
end_all() {
	[ -z "$proxy_pid" ] || kill "$proxy_pid" 2>/dev/null
	finish
}
trap end_all EXIT

m() { "$q" "$@" --merchant 1; }
met() { grep -cx "$1" "$work/proxy.log"; }
fault_met() { [ "$(met "$fault")" -gt "$before" ]; }
orders_in() { "$q" order list --limit 500 --plain | awk -F'\t' -v state="$1" '$3 == state' | wc -l; }
orders_are() { [ "$(orders_in "$1")" -eq "$2" ]; }
card_balance() { "$q" card look "$card_number" --plain 2>/dev/null | member balance_cents; }
dora_has() { "$q" wallet cards --wallet dora --plain; }
points_now() { "$q" wallet balance --wallet dora --json | tr ',' '\n' | grep '"balance"'; }
queue_is_empty() { [ "$(sqlite3 -readonly "$work/till/till.db" 'SELECT COUNT(*) FROM outbox')" -eq 0 ]; }
is_same() { [ "$($1)" = "$2" ]; }
# The promotion is there: nothing else is asked when the tender is sent.
scan_one() { scan $espresso && wait_for 'USD 2.43'; }
# A code on the pay screen.
to_pay() { scan_one && press F12 && wait_for 'Scan to pay' && until_true has_code; }

# lose FAULT COMMAND...: what the command sends meets the fault, then the network is away.
lose() {
	fault=$1
	before=$(met "$fault")
	network "$fault"
	"${@:2}"
	until_true fault_met
	network refuse
}
# give_up NAME STATE: give up, take cash, and STATE is what becomes of the order that was given up (nothing: there is none).
give_up() {
	ok "$1: after a while the till lets the cashier give up" until_true shows_no_seconds
	[ $failures -eq 0 ] || done_testing # the rest would wait in vain
	press Escape
	ok "$1: it says where the money goes" wait_for 'by itself'
	press y
	ok "$1: the lines are there for another tender" wait_for 'another tender can follow'
	press F9 && wait_for DUE && press '='
	ok "$1: which is taken" wait_for 'OFF LINE  USD 2.43'
	press Enter && wait_for 'Scan an item'
	network pass
	ok "$1: the server hears of both" until_true queue_is_empty
	paid=$((paid + 1))
	[ "$2" = nothing ] || ended[$2]=$((${ended[$2]:-0} + 1))
	ok "$1: one sale is paid" until_true orders_are paid $paid
	[ "$2" = nothing ] || ok "$1: the other is $2" orders_are "$2" "${ended[$2]}"
	wait_for 'on line'
}
shows_no_seconds() { shows 'Esc gives it up' && hides 'Esc gives it up in'; }

ok "the proxy is built" test -x "$proxy"
start_shop || exit 1
m promotion new 'Espresso week' item --off 10 --part "$(m item look $espresso --plain | member item_id)" >/dev/null || exit 1
m promotion new 'One off' order --off-amount 0.50 --by-code >/dev/null || exit 1
m coupon batch 2 2 >/dev/null && m coupon export 1 --out "$work/coupons.csv" --yes || exit 1
coupon=$(sed -n '2s/.*,//p' "$work/coupons.csv" | tr -d '\r')
identity=$("$q" wallet show --wallet dora --plain | member identity_code)
"$q" points earn "$identity" 500 --reason gift --terminal office >/dev/null || exit 1
network pass
"$proxy" 0 "$till_port" "$work/network" >"$work/proxy.log" 2>&1 &
proxy_pid=$!
until_true proxy_port >/dev/null
TILL_URL=http://127.0.0.1:$(proxy_port)
start_till till --enrol="$enrolment_code" --lang=en --give-up-s=1
sign_in 7 1357
wait_for 'Scan an item'
declare -A ended=()
paid=$(orders_in paid) before=0

balance=$(card_balance) wallet=$(dora_has) points=$(points_now)
to_pay && lose reset scan "$card_code"
give_up card refunded
ok "card: it has its money" is_same card_balance "$balance"

scan_one && lose during press F12
give_up "code that did not arrive" nothing

scan_one && lose reset press F12
give_up "code" cancelled

to_pay && code=$(read_screen_code) && network refuse
"$q" wallet pay "$code" --wallet dora --yes >/dev/null
ok "paid by phone: the till says that it does not know" wait_for 'not known if it was paid'
press Escape
give_up "paid by phone" refunded
ok "paid by phone: the card has its money" is_same dora_has "$wallet"

scan_one && lose reset scan "$("$q" wallet code --wallet dora)"
give_up "code on the phone" refunded
ok "code on the phone: the card has its money" is_same dora_has "$wallet"

points=$(points_now)
to_pay && press F4 && wait_for 'identity code' && lose reset scan "$identity"
give_up points refunded
ok "points: they are back" is_same points_now "$points"

fixed=$(sqlite3 -readonly "$work/till/till.db" "SELECT json_extract(value, '\$.fixed_code') FROM setting WHERE name = 'shop_json'")
"$q" wallet pay "$fixed" --amount 2.43 --wallet dora --yes >/dev/null
to_pay && lose reset press F6
give_up "code on the counter" refunded
ok "code on the counter: the card has its money" until_true is_same dora_has "$wallet"

scan_one && scan "$coupon" && wait_for 'USD 1.89' && lose reset scan "$("$q" wallet code --wallet dora)"
ok "coupon: it can be given up" until_true shows_no_seconds
press Escape && wait_for 'by itself' && press y && wait_for 'another tender'
network pass
ok "coupon: the server hears of it" until_true queue_is_empty
ok "coupon: the card has its money" is_same dora_has "$wallet"
wait_for 'on line' && wait_for 'USD 1.89' && press F9 && wait_for DUE && press '='
ok "coupon: it is good for the sale that is paid" wait_for 'PAID  USD 1.89'
ok "the books agree" audit_clean
done_testing
