#!/bin/bash
# test_demo.sh: the whole demo as it drives itself, in one process and in three, checked by what it prints.
# shellcheck disable=SC2317 # functions are called through ok
set -u
cd "$(dirname "$0")/../.." || exit 1
out=$(mktemp) number=0 failed=0
trap 'rm -f "$out"' EXIT

ok() { # ok NAME COMMAND...
	local name=$1
	shift
	number=$((number + 1))
	if "$@"; then echo "ok $number - $name"; else
		failed=1
		echo "not ok $number - $name"
	fi
}
says() { grep -qE -- "$1" "$out"; }

AUTO=1 ROLES='' LISTEN='' QRTILL_BIN=${QRTILL_BIN:-build/bin} timeout 120 data/demo/demo.sh >"$out" 2>&1
ok "ends with 0" test $? -eq 0
ok "the catalogue has at least 200 items" awk '/^[0-9]+ items:/ { n = $1 } END { exit !(n >= 200) }' "$out"
ok "the screen shows the code" says '█▀▀▀▀▀█'
ok "the code is read back from the screen" says 'read back from that screen: HTTP'
ok "and is ours, with its amount" says 'amount +19\.92 USD'
ok "its MAC is valid" says 'MAC +valid'
ok "the wallet's payment is settled" says $'^state\tsettled$'
ok "the till says paid" says '^ +PAID'
ok "the receipt is verified by the server" says 'verified by the server'
ok "the card paid in full" says 'card +1 +840 +-19\.92 USD'
ok "the nearest promoter earns 5 %" says 'rebate-held +3 +840 +0\.99 USD'
ok "the second earns 2 %" says 'rebate-held +2 +840 +0\.39 USD'
ok "the third earns 1 %" says 'rebate-held +1 +840 +0\.19 USD'
ok "the channel, the agent and the platform earn" says 'platform +0 +840 +0\.09 USD'
ok "rebates come out of the prefund" says 'prefund +Maple Corner +500\.00 +498\.06'
ok "the entries of the sale sum to zero" awk '/^entries:/ { on = 1 } on && $4 == 840 { cents += int($5 * 100 + ($5 < 0 ? -0.5 : 0.5)) }
	/^==/ { on = 0 } END { exit cents != 0 }' "$out"
ok "the audit is clean" says '^clean +yes'
folder=$(sed -n 's/^demo: a shop in //p' "$out")
ok "nothing of it is left running" test -z "$(pgrep -f "${folder:-none}")"
ok "its folder is gone" test ! -e "${folder:-/}"

# The same sale with codes and service as two processes, and one through the payment platform as the third.
AUTO=1 ROLES=split LISTEN='' DEMO_LANG=zh timeout 120 data/demo/demo.sh >"$out" 2>&1
ok "split, in Chinese: ends with 0" test $? -eq 0
ok "three processes" says '^demo: three processes'
ok "the till says paid" says '^ +已付款'
ok "the nearest promoter earns the same" says 'rebate-held +3 +840 +0\.99 USD'
ok "a payment waits for the platform" says $'^state\tpending$'
ok "and is booked when its callback comes" says 'provider +[0-9]+ +840 +-4\.86 USD'
ok "the audit is clean" says '^clean +yes'
folder=$(sed -n 's/^demo: a shop in //p' "$out")
ok "nothing of it is left running" test -z "$(pgrep -f "${folder:-none}")"

# Interrupted while the till is open.
AUTO=1 ROLES='' DEMO_LANG=en data/demo/demo.sh >"$out" 2>&1 &
demo=$!
tries=0
until says '^== The till' || [ $((tries += 1)) -gt 600 ]; do sleep 0.05; done
kill -TERM $demo
wait $demo
ok "interrupted: it says so" test $? -eq 143
folder=$(sed -n 's/^demo: a shop in //p' "$out")
ok "and leaves no process" test -z "$(pgrep -f "${folder:-none}")"
ok "and no folder" test ! -e "${folder:-/}"
[ $failed -eq 0 ] || sed 's/^/# /' "$out"
echo "1..$number"
exit $failed
