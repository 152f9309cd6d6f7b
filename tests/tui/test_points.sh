#!/bin/bash
# Points at the till for more than paying: they lower the price of the sale before it is paid, and buy a coupon that is in
# the sale at once; what is asked for is there after a kill, on the receipt, and right in the books.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373
m() { "$q" "$@" --merchant 1; }
points() { "$q" wallet balance --wallet dora --json | grep -o '"balance":[0-9]*' | head -n 1 | cut -d: -f2; }

start_shop || exit 1
m promotion new 'Free mug' order --name-zh '马克杯' --off-amount 1.00 --by-code >/dev/null || exit 1
identity=$("$q" wallet show --wallet dora --plain 2>/dev/null | member identity_code)
m points earn "$identity" 300 --reason gift >/dev/null || exit 1
m points set --level 0:Guest --level 5000:Gold:金卡 --discount 0.01 --voucher 1:120 --earn 200@1 >"$work/set" 2>&1
ok "the scheme is set" grep -q voucher "$work/set"
m points set --discount 0.02@1 --discount 0.01 >/dev/null
ok "what no option names stays" test "$(m points scheme --json | grep -o '"kind"' | wc -l)" = 4

start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
press C-o && wait_for 'Scan or code' && scan "$identity"
ok "what the points are as a discount" wait_for 'as a discount     3.00'
ok "and which vouchers they buy" shows 'Free mug'
screen >"$work/points.txt"
press F11 && wait_for '积分'
ok "in Chinese" shows '可抵扣'
screen >>"$work/points.txt"
[ -z "${SHOW:-}" ] || cat "$work/points.txt"
press F11 && wait_for 'as a discount'
press F7
ok "without goods they lower nothing" wait_for 'scan the goods first'
press Escape && wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.70'
press C-o && wait_for 'Scan or code' && scan "$identity" && wait_for 'as a discount' && press F7
ok "asked how much, it offers all that is possible" wait_for 'Nothing typed: 2.50'
type_slowly 1.00 && press Enter
ok "the sale is that much less, and its tax" wait_for 'USD 1.62'
ok "it says why" shows '-1.00'
press '='
ok "the way of the price names it" wait_for 'what points take off'
press Escape && wait_for 'TOTAL'
kill_till && start_till till
ok "killed, it comes back with them" wait_for 'USD 1.62'
press F9 && wait_for DUE && press '='
ok "paid" wait_for 'PAID  USD 1.62'
ok "a hundred of them are spent, one is earned" test "$(points)" = 201
press Enter && wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.70'
press C-o && wait_for 'Scan or code' && scan "$identity" && wait_for 'as a voucher' && press F8 && wait_for 'Which voucher'
type_slowly 1 && press Enter
ok "a voucher is bought" wait_for 'coupon scanned'
press Escape
ok "and in the sale at once" wait_for 'USD 1.62'
press F9 && wait_for DUE && press '='
ok "paid with it" wait_for 'PAID  USD 1.62'
press Enter && wait_for 'Scan an item'
# --- what the phone shows
"$q" wallet join 1 --wallet dora --json >"$work/join" 2>&1
ok "a wallet joins the scheme" grep -q '"qrtill-points-1"' "$work/join"
code=$("$q" wallet points 1 --wallet dora)
had=$(points)
scan "$code"
ok "its code opens the customer's points" wait_for 'as a discount'
press F6 && wait_for 'How many points' && type_slowly 5 && press Enter
ok "and spends some" wait_for 'points spent 5: done'
ok "of that customer" test "$(points)" = $((had - 5))
press F6 && wait_for 'How many points' && type_slowly 6 && press Enter
ok "once" wait_for 'used already'
ok "no more are gone" test "$(points)" = $((had - 5))
ok "the auditor agrees" audit_clean
done_testing
