#!/bin/bash
# Who buys, at the till: a customer with a certificate pays no tax, on the screen, by the key that explains the price, on the
# order and on the receipt; without the server the price is with tax, and the server takes it so.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373
identity_of() { "$q" wallet show --wallet "$1" --plain 2>/dev/null | member identity_code; }
last_order() { "$q" order list --desc --limit 1 --json | tr ',{' '\n\n' | sed -n 's/^"order_id"://p'; }
order_says() { "$q" order show "$(last_order)" --json | grep -qF -- "$1"; }

start_shop || exit 1
dora=$(identity_of dora)
"$q" member exempt "$dora" 'EX 2207' --until 2099-12-31 >/dev/null || exit 1

start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
scan $espresso
ok "with tax" wait_for 'USD 2.70'
scan "$dora"
ok "a customer with a certificate pays none" wait_for 'USD 2.50'
ok "and the screen says so" shows 'tax exempt'
screen >"$work/exempt.txt"
press '='
ok "the way of the price names the certificate" wait_for 'certificate EX 2207'
press Escape && wait_for 'TOTAL'
kill_till && start_till till
ok "killed, it comes back without tax" wait_for 'USD 2.50'
press F9 && wait_for DUE && press '='
ok "paid as shown" wait_for 'PAID  USD 2.50'
ok "the receipt says why" shows 'tax exempt: EX 2207'
ok "and the order" order_says '"tax_certificate":"EX 2207"'
press Enter && wait_for 'Scan an item'
scan $espresso
ok "the next customer pays tax" wait_for 'USD 2.70'
press C-x && wait_for '?' && press y && wait_for 'Scan an item'
stop_server
scan $espresso && wait_for 'USD 2.70' && wait_for 'OFF LINE'
scan "$dora" && wait_for 'a customer is named'
press F9 && wait_for DUE && press '='
ok "without the server it is with tax" wait_for 'USD 2.70'
start_server
wait_for 'on line' && until_true hides 'waiting'
ok "and the server takes it so" until_true order_says '"total_cents":270'
ok "nothing was refused" hides REFUSED
ok "the auditor agrees" audit_clean
done_testing
