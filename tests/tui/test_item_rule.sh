#!/bin/bash
# What items ask at the till: an open price within its bounds, and the customer's age, once per sale; both answers are in the
# journal.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

start_shop || exit 1
"$q" item new Wine --sku=WI --name-zh=葡萄酒 --price=9.00 --tax=1 --plu=901 --min-age=18 >"$work/out" || exit 1
"$q" item new Beer --sku=BE --price=2.00 --tax=1 --plu=902 --min-age=16 >"$work/out" || exit 1
"$q" item new Rum --sku=RU --price=20.00 --tax=1 --plu=903 --min-age=21 >"$work/out" || exit 1
"$q" item new Flowers --sku=FL --price=0 --tax=1 --plu=904 --open-price --min-price=5 --max-price=20 >"$work/out" || exit 1
start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
limit=$(date -d '18 years ago' +%Y-%m-%d)
type_slowly 901 && press Enter
ok "wine asks for the age" wait_for 'sold from 18 years on'
ok "with the last birth date" shows "$limit"
press n
ok "no: it is not sold" wait_for 'not sold to this customer'
ok "and not in the sale" hides ' 1  Wine'
type_slowly 901 && press Enter && wait_for 'sold from 18' && press y
ok "yes: it is" wait_for ' 1  Wine'
type_slowly 902 && press Enter
ok "asked once per sale" wait_for ' 2  Beer'
type_slowly 903 && press Enter
ok "but again for more years" wait_for 'sold from 21'
press n && wait_for 'not sold to this'
kill_till && start_till till --enrol="$enrolment_code" --lang=en && wait_for ' 2  Beer'
type_slowly 902 && press Enter
ok "the answer survives the till" wait_for 'USD 13.72'
type_slowly 904 && press Enter && wait_for 'Flowers' && type_slowly 4.99 && press Enter
ok "an open price below its bounds" wait_for 'the price is from 5.00 to 20.00'
type_slowly 904 && press Enter && wait_for 'Esc: back' && type_slowly 7.50 && press Enter
ok "within them" wait_for ' 3  Flowers'
press F9 && wait_for DUE && press '=' && wait_for PAID && press Enter && wait_for 'Scan an item'
type_slowly 902 && press Enter
ok "the next sale asks again" wait_for 'sold from 16'
kill_till
ok "seen is in the journal" grep -q . <(sqlite3 "$work/till/till.db" "SELECT content FROM event WHERE kind = 'age-seen'" | grep "\"born_by\":\"$limit\"")
ok "refused too, twice" test "$(sqlite3 "$work/till/till.db" "SELECT COUNT(*) FROM event WHERE kind = 'age-refused'")" = 2
done_testing
