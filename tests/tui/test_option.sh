#!/bin/bash
# Options at the till: asked when the item is sold, defaults with one Enter, under the line, on the receipt, kept through a crash,
# and off line too.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

item_options() { "$q" item options "$item" --group="$size" --group="$extra" >"$work/out"; }

start_shop || exit 1
"$q" item new Latte --sku=LA --name-zh=拿铁 --price=4.00 --tax=1 --plu=901 >"$work/out" || exit 1
item=$("$q" item look LA --plain | member item_id)
size=$("$q" option new Size --name-zh=杯型 --min=1 --plain | member group_id)
extra=$("$q" option new Extras --name-zh=加料 --max=2 --plain | member group_id)
{
	"$q" option choice "$size" Small --price=-0.50
	"$q" option choice "$size" Medium --name-zh=中杯 --preset=yes
	"$q" option choice "$size" Large --name-zh=大杯 --price=0.60
	"$q" option choice "$extra" 'Oat milk' --name-zh=燕麦奶 --price=0.40
	"$q" option choice "$extra" Decaf --name-zh=低因
	"$q" option choice "$extra" Shot --price=0.80
} >"$work/out" || exit 1
ok "the command line gives an item its options" item_options
start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
type_slowly 901 && press Enter
ok "the size is asked" wait_for 'Size: choose 1'
ok "the default is taken" shows '(*) Medium'
ok "extras may be" shows 'Extras: up to 2'
press Enter
ok "one Enter sells with the default" wait_for ' 1  Latte'
ok "it stands under the line" shows '+ Medium'
type_slowly 901 && press Enter && wait_for 'Size: choose 1'
press 3 && wait_for '(*) Large' && press 4 && wait_for '[x] Oat milk' && press 5 && wait_for '[x] Decaf'
ok "the price is followed" shows 'USD 5.00'
press 6
ok "no third extra" wait_for 'Extras: up to 2'
ok "Shot is not taken" shows '[ ] Shot'
press Enter
ok "with its prices under the line" wait_for '+ Large 0.60, Oat milk 0.40, Decaf'
ok "the line has them in its price" shows 'USD 9.50'
type_slowly 901 && press Enter && wait_for 'Size: choose 1' && press Escape && wait_for 'TOTAL'
ok "Esc sells nothing" hides ' 3  Latte'
press '='
ok "why: each option" wait_for '+ Oat milk'
press Escape && wait_for 'TOTAL'
kill_till && start_till till --enrol="$enrolment_code" --lang=en
ok "the options survive the till" wait_for '+ Large 0.60, Oat milk 0.40, Decaf'
stop_server
type_slowly 901 && press Enter
ok "asked without the server too" wait_for 'Size: choose 1'
press 1 && wait_for '(*) Small' && press Enter
ok "a smaller one costs less" wait_for '+ Small -0.50'
press F9 && wait_for DUE && press '=' && wait_for 'kept here'
ok "sold off line" shows '+ Oat milk'
start_server
queued() { [ "$(sqlite3 "$work/till/till.db" 'SELECT COUNT(*) FROM outbox')" = 0 ]; }
ok "the sale is sent" until_true queued
ok "with its options" grep -q 'Oat milk' <("$q" order show 1 --json)
ok "the books agree" audit_clean
done_testing
