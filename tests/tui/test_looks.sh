#!/bin/bash
# How the till looks and is handled: panes beside the sale in a wide window, both languages, any size, no colours.
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

# --- English and Chinese
type_slowly '3*' && wait_for '> 3*' && press F11
ok "Chinese at once" wait_for '合计'
ok "what was being typed is still there" shows '> 3*'
ok "and so are the lines" shows '2.70'
press C-l && wait_for 'TOTAL'
press Escape && until_true hides '3*'
press C-x && wait_for 'y: yes' && press F11
ok "while a question is open, too" wait_for 'y：是'
press C-l && wait_for 'y: yes' && press n && until_true hides 'y: yes'

# --- any size at any moment
seed=$RANDOM
echo "# seed $seed"
RANDOM=$seed
for ((i = 0; i < 24; i++)); do
	keep_wide $((40 + RANDOM % 130)) $((12 + RANDOM % 40))
	[ $i != 8 ] || scan 2900010011110
	[ $i != 16 ] || scan 2900010010748
done
size=$((80 + RANDOM % 29)) rows=$((24 + RANDOM % 16))
keep_wide $size $rows
settled() { shows 'Double espresso' && hides 'Journal' && [ "$(screen | wc -l)" -eq "$rows" ] && shows 'F12 Pay'; }
body() { screen | sed -e 1d -e '$d'; }
ok "after any sizes the lines are there" until_true settled
as_before() { body >"$work/fresh" && cmp -s "$work/kept" "$work/fresh"; }
still() { cp "$work/kept" "$work/earlier" 2>/dev/null; body >"$work/kept"; cmp -s "$work/kept" "$work/earlier"; }
until_true still
kill_till
COLS=$size ROWS=$rows start_till counter --lang=en
sign_in 7 1357
ok "and the screen is what a fresh one of $size x $rows is" until_true as_before
diff "$work/kept" "$work/fresh" | sed 's/^/# /'
kill_till

# --- without colours
has_colour() { tm capture-pane -e -p -t till | grep -qP '\e\[[0-9;]*\b(3[0-7]|4[0-7]|9[0-7]|[34]8;)'; }
COLS=120 ROWS=40 start_till counter --lang=en
sign_in 7 1357 && wait_for 'Double espresso'
ok "there are colours" has_colour
kill_till
till_env=(NO_COLOR=1)
COLS=120 ROWS=40 start_till counter --lang=en
sign_in 7 1357 && wait_for 'Double espresso'
no_colour() { ! has_colour; }
ok "with NO_COLOR there are none" no_colour
ok "the chosen line has its sign" until_true shows_beside '^>' '3  Double espresso'
ok "the books are right" audit_clean
done_testing
