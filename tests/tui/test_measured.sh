#!/bin/bash
# Measured goods at the till: typed and asked weights, labels with a weight or price inside, receipt and refund; it survives
# the till.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

start_shop || exit 1
"$q" item new Cheese --sku=CH --name-zh=奶酪 --price=12.90 --unit=kg --tax=1 --plu=905 --barcode=210000100000 >"$work/out" || exit 1
"$q" item new Meat --sku=MT --price=0 --tax=1 --barcode=202345600000 >"$work/out" || exit 1
start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
type_slowly '0.752*905' && press Enter
ok "a typed weight" wait_for '0.752 kg'
ok "at the price of a kilogram" shows '12.90/kg'
type_slowly 905 && press Enter
ok "without one it is asked" wait_for 'Cheese: how many kg'
type_slowly 0,5 && press Enter
ok "and taken" wait_for '0.500 kg'
press +
ok "no more of what was weighed" wait_for 'it was weighed'
scan 2100001027506
ok "a label with a weight" wait_for '2.750 kg'
scan 2023456004567
ok "a label with a price" wait_for ' 4  Meat'
kill_till && start_till till --enrol="$enrolment_code" --lang=en
ok "all of it survives the till" wait_for '2.750 kg'
press '='
ok "one key says how it came about" wait_for '0.752 kg x 12.90/kg'
ok "the label too" shows 'price on the label'
press Escape && wait_for 'TOTAL'
type_slowly '1.5*' && scan 2900010010373
ok "half a piece is refused" wait_for 'sold by the piece'
press F9 && wait_for DUE && press '='
ok "the server comes to the same" wait_for PAID
ok "the receipt has the weight" shows '2.750 kg x 12.90/kg'
press Enter && wait_for 'Scan an item'
press F7 && wait_for 'Scan the receipt' && press Enter
ok "a refund counts the weight" wait_for '0.752'
press -
ok "and takes all of a line or nothing" wait_for '0.000'
done_testing
