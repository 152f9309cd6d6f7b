#!/bin/bash
# Sold out: switched at one till or in the office, known at once at the other, refused to a cashier, sold on by a manager.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

start_shop || exit 1
"$q" item new Cake --sku=CA --name-zh=蛋糕 --price=4.00 --tax=1 --plu=901 >"$work/out" || exit 1
item=$("$q" item look CA --plain | member item_id)
start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
type_slowly 901 && press Enter
ok "there is some" wait_for ' 1  Cake'
press '!' && wait_for 'scan or type the item' && type_slowly 901 && press Enter
ok "! says that it is gone" wait_for 'marked as sold out'
on_list() { "$q" stock sold-out --plain | grep -q "$1"; }
ok "the office sees it" on_list CA
known() { [ "$(sqlite3 "$work/till/till.db" 'SELECT COUNT(*) FROM sold_out')" = "$1" ]; }
ok "the till keeps it" until_true known 1
known_by_second() { [ "$(sqlite3 "$work/second/till.db" 'SELECT COUNT(*) FROM sold_out')" = 1 ]; }
type_slowly 901 && press Enter
ok "a cashier does not sell it" wait_for 'Cake is sold out: a manager can sell it'
back() { "$q" item sold-out "$item" --store=1 --back >"$work/out"; }
ok "the office has it again" back
ok "the till hears of it" until_true known 0
type_slowly 901 && press Enter
ok "and sells it" wait_for '8.44'
"$q" item sold-out "$item" --store=1 >"$work/out"
until_true known 1
stop_server
kill_till && start_till till --enrol="$enrolment_code" --lang=en && wait_for ' 1  Cake'
type_slowly 901 && press Enter
ok "off line it is still known" wait_for 'Cake is sold out'
start_server
until_true shows 'on line'
kill_till && start_till second --enrol="$(new_enrolment)" --lang=en && sign_in 9 246810 && wait_for 'Scan an item'
until_true known_by_second
type_slowly 901 && press Enter
ok "a manager is asked" wait_for 'Sell it all the same?'
press y
ok "and sells on" wait_for ' 1  Cake'
press F12
ok "the server takes it" wait_for 'Scan to pay'
done_testing
