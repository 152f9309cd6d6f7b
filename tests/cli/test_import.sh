#!/bin/bash
# test_import.sh: a catalogue as CSV: broken files are refused with line, column and reason and nothing of them is there;
# what is written out comes in again just so, formulas too; a dry run changes nothing.
# shellcheck disable=SC2317 # functions are called through ok
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/lib/shell.sh
. tests/lib/shell.sh
start_server
export QRTILL_MERCHANT=1
ok "a merchant" run 0 merchant new Shop --currency USD --country US --city P --mcc 5812 --fee 0.6 --tax-inclusive no \
	--points-per-100 1 --point-value 0.01 --cashier-refund-limit 5
ok "a tax" run 0 tax new general --rate 5.5
printf 'sku,name,price,tax,barcode,plu\nHAVE,Have,1.00,general,111111,11\n' >"$folder/have.csv"
ok "an item" run 0 item import "$folder/have.csv"

head='sku,name,price,tax,barcode,plu'
good='A1,Tea,1.00,general,,'
# broken NAME CONTENT EXIT ERROR: the import is refused, says so, and leaves nothing behind.
broken() {
	printf '%b' "$2" >"$folder/broken.csv"
	ok "$1" run "$3" item import "$folder/broken.csv"
	ok "$1: it says where and why" complains "$4"
}
long=$(printf '%0300d' 0)
broken "an empty file" '' 2 'line 1: .*empty'
broken "only a byte order mark" '\xef\xbb\xbf' 2 'empty'
broken "only a head line" "$head\n" 2 'no row below'
broken "no head line" "$good\n$good\n" 2 'line 1: sku'
broken "no SKU column" 'name,price,tax\nTea,1.00,general\n' 2 'line 1: sku'
broken "a column twice" "sku,name,sku\nA,B,C\n" 2 'line 1: sku: .*twice'
broken "a column twice, in capitals" "sku,name,NAME\nA,B,C\n" 2 'twice'
broken "two columns of prices" "sku,price,price_cents\nA,1,1\n" 2 'line 1: price'
broken "a cell too few" "$head\nA1,Tea,1.00,general,\n" 2 'line 2: .*5 cells, the head line 6'
broken "a cell too many" "$head\n$good,\n" 2 'line 2: .*7 cells'
broken "the last line cut off" "$head\n$good\nA2,Te" 2 'line 3: .*2 cells'
broken "a quote that is not closed" "$head\n$good\nA2,\"Tea,1.00,general,,\nA3,Tea,1.00,general,,\n" 2 'line 3: .*CSV'
broken "a quote inside a cell" "$head\nA1,Te\"a,1.00,general,,\n" 2 'line 2: .*CSV'
broken "text behind a quoted cell" "$head\nA1,\"Tea\" x,1.00,general,,\n" 2 'line 2: .*CSV'
broken "a NUL byte" "$head\nA1,T\\0000ea,1.00,general,,\n" 2 'line 2: name: .*NUL'
broken "Latin-1" "$head\nA1,Caf\xe9,1.00,general,,\n" 2 'line 2: name: .*UTF-8'
broken "UTF-16" '\xff\xfes\00000k\00000u\00000' 2 'line 1'
broken "an escape character" "$head\nA1,T\x1b[31mea,1.00,general,,\n" 2 'line 2: name'
broken "a change of direction" "$head\nA1,T\xe2\x80\xaeea,1.00,general,,\n" 2 'line 2: name'
broken "a line break in a name" "$head\nA1,\"Tea\nfoo\",1.00,general,,\n" 2 'line 2: name'
broken "a line after a cell of two lines" "sku,name,price,tax,note\nA1,Tea,1.00,general,\"a\nb\"\nA2,Tea,x,general,\n" 2 'line 4: price'
broken "no SKU" "$head\n,Tea,1.00,general,,\n" 2 'line 2: sku'
broken "a SKU too long" "$head\n$long,Tea,1.00,general,,\n" 2 'line 2: sku'
broken "no name" "$head\nA1,,1.00,general,,\n" 2 'line 2: name'
broken "a name too long" "$head\nA1,$long$long,1.00,general,,\n" 2 'line 2: name'
broken "no price" "$head\nA1,Tea,,general,,\n" 2 'line 2: price'
broken "a price that is none" "$head\nA1,Tea,cheap,general,,\n" 2 'line 2: price'
broken "a price below nothing" "$head\nA1,Tea,-1.00,general,,\n" 2 'line 2: price'
broken "a price with three places" "$head\nA1,Tea,1.005,general,,\n" 2 'line 2: price'
broken "a price with a thousands sign" "$head\nA1,Tea,\"1,000.00\",general,,\n" 2 'line 2: price'
broken "a price with an exponent" "$head\nA1,Tea,1e3,general,,\n" 2 'line 2: price'
broken "a price beyond counting" "$head\nA1,Tea,99999999999999.00,general,,\n" 2 'line 2: price'
broken "a price in cents with a point" "sku,name,price_cents,tax\nA1,Tea,1.5,general\n" 2 'line 2: price_cents'
broken "a price in cents out of range" "sku,name,price_cents,tax\nA1,Tea,9999999999999999,general\n" 2 'line 2: price_cents'
broken "no tax" "$head\nA1,Tea,1.00,,,\n" 2 'line 2: tax'
broken "a tax that is not there" "$head\nA1,Tea,1.00,special,,\n" 2 'line 2: tax: .*"special"'
broken "no column for the tax of a new item" "sku,name,price\nA1,Tea,1.00\n" 2 'line 2: tax: .*new item'
broken "no column for the name of a new item" "sku,tax,price\nA1,general,1.00\n" 2 'line 2: name: .*new item'
broken "a barcode too long" "$head\nA1,Tea,1.00,general,$long,\n" 2 'line 2: barcode'
broken "seventeen barcodes" "$head\nA1,Tea,1.00,general,1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17,\n" 2 'line 2: barcode'
broken "a barcode twice in a row" "$head\nA1,Tea,1.00,general,22 22,\n" 4 'line 2: barcode: line 2 has'
broken "a barcode of an earlier line" "$head\nA1,Tea,1.00,general,22,\nA2,Tea,1.00,general,22,\n" 4 'line 3: barcode: line 2 has'
broken "a barcode of another item" "$head\nA1,Tea,1.00,general,111111,\n" 4 'line 2: barcode: another item'
broken "a SKU of an earlier line" "$head\n$good\nA2,Tea,1.00,general,,\n$good\n" 4 'line 4: sku: line 2 has'
broken "a PLU of an earlier line" "$head\nA1,Tea,1.00,general,,7\nA2,Tea,1.00,general,,7\n" 4 'line 3: plu: line 2 has'
broken "a PLU of another item" "$head\nA1,Tea,1.00,general,,11\n" 4 'line 2: plu: another item'
broken "a PLU that is no number" "$head\nA1,Tea,1.00,general,,seven\n" 2 'line 2: plu'
broken "a PLU out of range" "$head\nA1,Tea,1.00,general,,1000000000\n" 2 'line 2: plu'
broken "neither yes nor no" "sku,name,price,tax,active\nA1,Tea,1.00,general,maybe\n" 2 'line 2: active'
broken "more than 40 columns" "$(printf 'c%d,' {1..45})\n" 2 'line 1: .*40 cells'

{ echo "$head"; seq 1 600 | sed 's/.*/B&,Tea,1.00,general,,/'; echo 'B700,Tea,x,general,,'; echo 'B701,Tea,1,none,,'
  echo 'B5,Tea,1.00,general,,'; } >"$folder/many.csv"
ok "several broken rows" run 2 item import "$folder/many.csv"
ok "a price" complains 'line 602: price'
ok "a tax" complains 'line 603: tax'
ok "a SKU, found by the server" complains 'line 604: sku: line 6 has it already'
ok "are counted" complains 'broken rows: 3; nothing was imported'
ok "for scripts" run 2 item import "$folder/many.csv" --json
ok "as JSON" shows '"errors":\[\{"line":602,"column":"price","code":"bad-field",.*"line":604,"column":"sku","code":"exists"'
ok "there is still one item" run 0 item list --plain
ok "the first" is "$(wc -l <"$folder/out")" 1

# What is written comes in again.
cat >"$folder/odd.csv" <<'CSV'
sku;name;name_zh;barcode;plu;unit;price;tax;open_price;active;colour
F1;'=1+1;;12\ 3 45\\6;5;kg;0,50;GENERAL;no;yes;red
F2;''=2;中文;;;;1200.00;1;yes;no;
"F3";"a, ""b""; c";-;77;;;3;general;;;

+F4;'tis;;;;;4.10;general;no;yes;
CSV
ok "a dry run" run 0 item import "$folder/odd.csv" --dry-run
ok "says what it would do" shows '^would import 4 items: 4 new, 0 changed'
ok "names what it passed over" complains 'passed over: colour'
ok "and does nothing" run 3 item look F1
ok "the odd ones" run 0 item import "$folder/odd.csv"
ok "a guarded formula is what it was" run 0 item look F1 --plain
ok "its name" is "$(get name)" "=1+1"
ok "its price with a comma" is "$(get price_cents)" 0.50
ok "a barcode with a blank in it" run 0 item look '12 3'
ok "and with a backslash" run 0 item look '45\6'
ok "only one quote goes" run 0 item look F2 --plain
ok "of two" is "$(get name)" "'=2"
ok "written" run 0 item export "$folder/one.csv"
ok "no cell begins a formula" sh -c "! grep -qE '(^|,)\"?[=+@-]' '$folder/one.csv'"
ok "in again" run 0 item import "$folder/one.csv" --json
ok "just so" shows '"count":5,"new_count":0,"change_count":0,"same_count":5'
sed 's/0.50/0.60/' "$folder/one.csv" >"$folder/two.csv"
ok "with another price" run 0 item import "$folder/two.csv" --json
ok "one changes" shows '"change_count":1,"same_count":4'
ok "written again" run 0 item export "$folder/three.csv"
ok "is what came in" cmp "$folder/two.csv" "$folder/three.csv"
printf 'sku,price\r\nF1,0.70\r\n' >"$folder/part.csv"
ok "prices alone" run 0 item import "$folder/part.csv"
ok "leave the rest" run 0 item look F1 --plain
ok "as it was" is "$(get name) $(get price_cents) $(get plu)" "=1+1 0.70 5"
ok "to standard output" run 0 item export -
ok "with a head line" shows '^sku,name,name_zh,barcode,plu,unit,price,tax,open_price,active'
ok "an audit finds nothing" run 0 audit --plain
finish
