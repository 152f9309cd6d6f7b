#!/bin/bash
# The answer to a tender is lost after the server's commit, and then the network is away: the till says that the outcome is not
# known, takes nothing back and no second tender, asks until it knows, and the money moved once. For each tender, and once
# with the till killed meanwhile.
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

resets() { grep -cx reset "$work/proxy.log"; }
reset_met() { [ "$(resets)" -gt "$before" ]; }
paid_orders() { "$q" order list --limit 500 --plain | awk -F'\t' '$3 == "paid"' | wc -l; }
paid_is() { [ "$(paid_orders)" -eq "$1" ]; }
card_balance() { "$q" card look "$card_number" --plain 2>/dev/null | member balance_cents | tr -d .; }
has_code_now() { wait_for 'Scan to pay' && until_true has_code; }

# lose NAME COMMAND...: the tender's answer is lost, then the network is away.
lose() {
	before=$(resets)
	network reset
	"${@:2}"
	until_true reset_met
	network refuse
	ok "$1: the till says that nobody knows" wait_for 'outcome not known'
	press F9
	ok "$1: and takes no second tender" wait_for 'the outcome is not known yet'
}
found() {
	network pass
	ok "$1: then it knows" wait_for 'PAID  USD 2.70'
	paid=$((paid + 1))
	ok "$1: sold once" until_true paid_is $paid
	press Enter && wait_for 'Scan an item'
}
by_bank() { press F7 && wait_for 'approval code' && type_slowly B4NK && press Enter; }
by_cash() { press F9 && wait_for DUE && press '='; }

ok "the proxy is built" test -x "$proxy"
start_shop || exit 1
network pass
"$proxy" 0 "$till_port" "$work/network" >"$work/proxy.log" 2>&1 &
proxy_pid=$!
until_true proxy_port >/dev/null
TILL_URL=http://127.0.0.1:$(proxy_port)
start_till till --enrol="$enrolment_code" --lang=en
sign_in 7 1357
wait_for 'Scan an item'
paid=$(paid_orders) balance=$(card_balance)

scan $espresso && wait_for 'USD 2.70' && press F12 && has_code_now
lose card scan "$card_code"
found card
ok "card: charged once" test "$(card_balance)" -eq $((balance - 270))

scan $espresso && wait_for 'USD 2.70'
lose "code on the phone" scan "$("$q" wallet code --wallet dora)"
found "code on the phone"

scan $espresso && wait_for 'USD 2.70' && press F12 && has_code_now
lose "bank's terminal" by_bank
found "bank's terminal"

scan $espresso && wait_for 'USD 2.70' && press F12 && has_code_now
lose cash by_cash
found cash

scan $espresso && wait_for 'USD 2.70' && press F12 && has_code_now
balance=$(card_balance)
lose "card, till killed" scan "$card_code"
kill_till && start_till till
ok "card, till killed: it still says so" wait_for 'outcome not known'
found "card, till killed"
ok "card, till killed: charged once" test "$(card_balance)" -eq $((balance - 270))
ok "the books agree" audit_clean
done_testing
