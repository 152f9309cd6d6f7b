#!/bin/bash
# Promotions and coupons at the till: they show while goods are scanned, the order agrees to the cent, a coupon works once,
# and without the server the price stands without them.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373
m() { "$q" "$@" --merchant 1; }
uses() { m promotion show 1 --plain | member uses; }

sold_for() { m order list --limit 500 --plain | tail -n 1 | grep -q "paid.*$1"; }
is_logged() { [ "$(sqlite3 -readonly "$work/data/qrtill.db" "SELECT COUNT(*) FROM audit_log WHERE action = 'promotion-told'")" -eq 1 ]; }

start_shop || exit 1
item=$(m item look "$espresso" --plain | member item_id)
m promotion new 'Espresso week' item --name-zh '浓缩周' --off 10 --part "$item" >/dev/null || exit 1
m promotion new 'One off' order --name-zh '立减一元' --off-amount 1.00 --min 5.00 --by-code >/dev/null || exit 1
m coupon batch 2 2 >/dev/null && m coupon export 1 --out "$work/coupons.csv" --yes || exit 1
coupon=$(sed -n '2s/.*,//p' "$work/coupons.csv" | tr -d '\r')

start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
scan $espresso
ok "a promotion shows by its name" wait_for 'Espresso week'
ok "and what it takes off" shows '-0.25'
ok "the total is less" wait_for 'USD 2.43'
press '='
ok "the way of the price names it" wait_for 'promotions'
press Escape && wait_for 'TOTAL'
scan "$coupon"
ok "a coupon below its minimum is refused, with what is missing" wait_for '2.50 missing'
scan $espresso && wait_for 'USD 4.86'
scan "$coupon"
ok "with enough it applies" wait_for '2 promotions'
ok "to the cent" wait_for 'USD 3.78'
screen >"$work/with-coupon.txt"
press C-z
ok "it can be taken out again" wait_for 'USD 4.86'
scan "$coupon" && wait_for 'USD 3.78'
press F11
ok "in Chinese" wait_for '2 项优惠'
press F11 && wait_for '2 promotions'
kill_till && start_till till
ok "killed, it comes back with its coupon" wait_for 'USD 3.78'
press F9 && wait_for DUE && press '='
ok "paid at the price that was shown" wait_for 'PAID  USD 3.78'
ok "used once" test "$(uses)" = 1
press Enter && wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.43' && scan $espresso && wait_for 'USD 4.86' && scan "$coupon"
ok "the coupon works once" wait_for 'the code was used already'
ok "without it the price stands" shows 'USD 4.86'
press C-x && wait_for '?' && press y
stop_server
scan $espresso
ok "without the server the till judges alone what needs no code" wait_for 'USD 2.43'
ok "by its name" shows 'Espresso week'
scan $espresso && wait_for 'USD 4.86'
kill_till && start_till till
ok "also when it was killed" wait_for 'USD 4.86'
wait_for 'OFF LINE' && press F9 && wait_for DUE && press '='
ok "it sells at that price" wait_for 'OFF LINE  USD 4.86'
kill_till
start_server
m promotion state 1 paused >/dev/null
start_till till
ok "which stands, though the promotion was paused meanwhile" until_true sold_for 4.86
ok "and the difference is in the audit log" until_true is_logged
press Enter && wait_for 'Scan an item' && wait_for 'on line' && scan $espresso
ok "with the server it is not there any more" wait_for 'USD 2.70'
ok "the auditor agrees" audit_clean
done_testing
