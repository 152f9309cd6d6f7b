#!/bin/bash
# Giving an order up above the cashier's limit: the till asks for a manager, the server checks the PIN, and the leave is good
# for exactly this order.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373
approvals() { "$q" approval list --json | tr ',{' '\n\n'; }
used() { [ "$(approvals | grep -c '"action":"cancel"')" = 1 ] && ! approvals | grep -q '"used_ms":0$'; }

start_shop || exit 1
"$q" limit set --cancel 1.00 >/dev/null || exit 1
start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.70'
press F12 && wait_for 'Scan to pay'
press Escape
ok "above the limit a manager is asked for" wait_for 'Above your limit'
type_slowly 9 && press Enter
ok "and the PIN" wait_for 'approves this and nothing else'
type_slowly 111111 && press Enter
ok "a wrong PIN approves nothing" wait_for 'the PIN is wrong'
ok "the order stands" wait_for 'Scan to pay'
press Escape && wait_for 'Above your limit' && type_slowly 9 && press Enter
wait_for 'nothing else' && type_slowly 246810 && press Enter
ok "approved, the sale is a cart again" wait_for "tax included"
ok "by one approval, which is used" until_true used
ok "the auditor agrees" audit_clean
done_testing
