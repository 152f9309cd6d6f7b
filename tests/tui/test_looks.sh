#!/bin/bash
# How the till looks and is handled: panes beside the sale in a wide window.
# shellcheck disable=SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

scheme() {
	curl -s --unix-socket "$QRTILL_SOCKET" -H 'X-Merchant: 1' -H 'Idempotency-Key: 1' -H 'Content-Type: application/json' \
		-d '{"lifetime_days":10,"levels":[{"from_points":0,"name":"Guest","name_zh":"客人"}]}' \
		http://localhost/v1/points/scheme >"$work/scheme"
}
# shows_beside LEFT RIGHT: a row has both texts, in this order.
shows_beside() { screen | grep -qE -- "$1.*$2"; }
keep_wide() { tm resize-window -t till -x "$1" -y "$2"; }

start_shop || exit 1
scheme
identity=$("$q" wallet show --wallet dora --plain 2>/dev/null | member identity_code)
"$q" points earn "$identity" 40 --reason gift >/dev/null
COLS=120 ROWS=40 start_till counter --enrol="$enrolment_code" --lang=en
sign_in 7 1357 && wait_for 'Scan an item'

# --- panes
ok "a wide window has a catalogue, a customer and a journal" wait_for 'Nobody is named'
ok "with the catalogue's size" until_true shows_beside 'Catalogue' '225 items'
ok "and what this till did" shows 'signed in Ann'
scan 2900010010373 && scan "$identity"
ok "the customer's points are beside the sale" wait_for 'points        40  = 0.40'
ok "with the level" shows 'level         Guest'
ok "and what of the points lapses next" shows 'next to lapse 40  '
ok "a scan is in the journal" wait_for '+ Espresso'
press F2 && wait_for 'Enter sells one' && type_slowly milk
ok "the search is beside the sale" until_true shows_beside 'Espresso' 'Search    milk'
press Enter
ok "and sells" until_true shows_beside '2 +Bottled milk tea 480 ml +1' '2.80'
press F9 && wait_for 'DUE' && press '=' && wait_for 'PAID' && press Enter
ok "what was sold is at hand from now on" wait_for 'Bottled milk tea 480 ml         2.65'
ok "with the next sale nobody is named" wait_for 'Nobody is named'
ok "and the receipt is in the journal" wait_for 'RECEIPT 1'
ok "a paid sale is not void there" hides 'sale dropped'
keep_wide 80 24
ok "a narrow window has the sale alone" until_true hides 'Journal'
scan 2900010010373
ok "and works" wait_for '2.70'
keep_wide 120 40
ok "wide again, the panes are back" wait_for 'RECEIPT 1'
ok "the books are right" audit_clean
done_testing
