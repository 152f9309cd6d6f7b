#!/bin/bash
# test_shop.sh: the command line against a real server: a shop from nothing to a refund, with replay, conflict and refusal,
# exit statuses and the shape of --json and --plain.
# shellcheck disable=SC2317 # functions are called through ok
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/lib/shell.sh
. tests/lib/shell.sh

ok "without a server: offline" run 6 server status --socket "$folder/none.sock"
start_server

# A server that takes the request and never answers: what comes of it is checked at the end, since it is asked again.
node -e 'require("net").createServer(s => { s.on("error", () => {}); s.on("data", () => s.destroy()); })
	.listen(0, "127.0.0.1", function () { console.log(this.address().port); })' >"$folder/mute.port" &
processes+=($!)
until_true test -s "$folder/mute.port"
"$QRTILL_BIN/qrtill" tax new X --rate 1 --wait 2 --server "http://127.0.0.1:$(cat "$folder/mute.port")" >"$folder/mute.out" 2>&1 &
mute=$!

# Merchant
new_merchant=(merchant new "Demo Cafe" --name-zh 示范咖啡 --currency USD --country US --city Portland --mcc 5812 --fee 0.6
	--tax-inclusive no --points-per-100 1 --point-value 0.01 --cashier-refund-limit 5)
ok "a dry run shows the request" run 0 "${new_merchant[@]}" --dry-run
ok "as JSON with rates and money in whole units" shows '"fee_bp":60.*"point_value_cents":1'
ok "and changes nothing" run 0 merchant list --plain
ok "there is no merchant yet" is "$(cat "$folder/out")" ""
ok "a merchant" run 0 "${new_merchant[@]}" --plain --key 0190b2c4-0000-7000-8000-000000000001
ok "has an id" is "$(get merchant_id)" 1
ok "the same key again" run 0 "${new_merchant[@]}" --plain --key 0190b2c4-0000-7000-8000-000000000001
ok "gives the same merchant" is "$(get merchant_id)" 1
ok "the same key for another request is refused" run 2 merchant new Other --currency USD --country US --city P --mcc 1 --fee 0 \
	--tax-inclusive no --key 0190b2c4-0000-7000-8000-000000000001
ok "by its code" complains 'idempotency-key-reused'
ok "a missing field is usage" run 2 merchant new X --currency USD --country US
ok "and named" complains 'missing-field'
ok "an unknown currency" run 2 merchant new X --currency usd --country US --city P --mcc 1 --fee 0 --tax-inclusive no
ok "a rate above 100 per cent" run 2 merchant new X --currency USD --country US --city P --mcc 1 --fee 101 --tax-inclusive no
ok "is caught with its name" complains 'fee'
ok "not found" run 3 merchant show 77
ok "an id that is none" run 2 merchant show seven
ok "errors as JSON" run 3 merchant show 77 --json
ok "on standard error" complains '^\{"code":"not-found","status":404'
export QRTILL_MERCHANT=1

# Catalogue
ok "taxes" run 0 tax new general --rate 5.5
ok "and another" run 0 tax new prepared --rate 8 --name-zh 餐饮
ok "the demo's catalogue" run 0 item import data/demo/items.csv --json
ok "is in" shows '^\{"count":225,"new_count":225,'
ok "twice changes nothing" run 0 item import data/demo/items.csv
ok "and says so" shows '225 items: 0 new, 0 changed, 225 as they were'
printf 'sku,name,price,tax,barcode\nA1,"Tea, green",2.50,general,4006381333931\n' >"$folder/good.csv"
ok "prices with a point, commas in quotes" run 0 item import "$folder/good.csv"
ok "found by its barcode" run 0 item look 4006381333931 --plain
ok "with its price" is "$(get price_cents)" 2.50
printf 'sku,name,price,tax\nB1,One,1.00,general\nB2,Two,1.005,general\n' >"$folder/bad.csv"
ok "a price with three places" run 2 item import "$folder/bad.csv"
ok "names the line" complains 'line 3: price'
ok "and nothing of the file is in" run 3 item look B1
printf 'sku,name,price,tax\nB1,One,1.00,none\n' >"$folder/bad.csv"
ok "a tax that is not there" run 2 item import "$folder/bad.csv"
printf 'sku,name,price,tax\nB1,One\n' >"$folder/bad.csv"
ok "a short line" run 2 item import "$folder/bad.csv"
printf 'sku,name,price,tax\nB1,One\0two,1.00,general\n' >"$folder/bad.csv"
ok "a NUL byte in a cell" run 2 item import "$folder/bad.csv"
ok "names its line and column" complains 'line 2: name.*NUL'
ok "a file that is not there" run 3 item import "$folder/nothing.csv"
ok "search" run 0 item list --find latte --plain
ok "shows lines of cells" shows $'\tCafe latte\t'
ok "in a table with a head line" run 0 item list --find latte
ok "for people" shows '^item id +sku'
ok "shelf labels" run 0 label items --find latte --out "$folder/shelf.png" --json
ok "one for each item found" shows '"labels":[1-9][0-9]*,"pages":1'
ok "are read" run 0 code read "$folder/shelf.png" --plain
ok "as codes of ours" shows 'HTTPS?://.*/Q/[0-9A-Z]+'
ok "by id, three of it" run 0 label items 1 --count 3 --out "$folder/three.pdf" --json
ok "are three" shows '"labels":3'
ok "with names and price" is "$(pdftotext "$folder/three.pdf" - | grep -c '[$][0-9]*[.][0-9][0-9]')" 3
ok "no such item" run 3 label items --find zzzzzz --out "$folder/none.pdf"
ok "no such id" run 3 label items 999999 --out "$folder/none.pdf"
ok "a word for an id" run 2 label items tea --out "$folder/none.pdf"
ok "leaves no file" test ! -e "$folder/none.pdf"

# People and tills
ok "a shop" run 0 store new "Main Street" --name-zh 主街店
QRTILL_PIN=1357 ok "a cashier" run 0 staff new Ann --number 7 --role cashier
QRTILL_PIN=246810 ok "a manager" run 0 staff new Mei --number 9 --role manager
ok "no PIN without a terminal to ask on" run 2 staff new Bo --number 8 --role cashier --no-input
ok "a PIN from a file" run 2 staff new Bo --number 8 --role cashier --pin-file /dev/null
QRTILL_PIN=1357 ok "a dry run keeps the PIN" run 0 staff new Bo --number 8 --role cashier --dry-run
ok "to itself" is "$(grep -c 1357 "$folder/out")" 0
ok "a till" run 0 terminal new 1 Counter --plain
code=$(get enrolment_code)
ok "is enrolled" run 0 terminal enrol "$code" --server "$TILL_URL" --as counter
ok "once" run 4 terminal enrol "$code" --server "$TILL_URL" --as again
ok "its credential is for this user alone" is "$(stat -c %a "$XDG_STATE_HOME/qrtill/terminal-counter.json")" 600
QRTILL_PIN=0000 ok "a wrong PIN" run 4 terminal sign-in 7 --terminal counter
ok "is called so" complains 'bad-pin'
QRTILL_PIN=1357 ok "the right one" run 0 terminal sign-in 7 --terminal counter
ok "a name that would leave the folder" run 2 terminal show --terminal ../x
chmod 644 "$XDG_STATE_HOME/qrtill/terminal-counter.json"
ok "a credential others may read" run 2 terminal show --terminal counter
chmod 600 "$XDG_STATE_HOME/qrtill/terminal-counter.json"
ok "the till knows its shop" run 0 terminal show --terminal counter --plain
ok "by name" is "$(get merchant.name)" "Demo Cafe"

# Sales
ok "two lattes for cash" run 0 order new '106*2' --pay cash:9.72 --received 20 --terminal counter --plain
order=$(get order_id)
ok "are paid" is "$(get state)" paid
ok "with change" is "$(get change_cents)" 10.28
receipt=$(get receipt.code)
ok "the receipt is verified by its code" run 0 receipt show "$receipt" --server "$PHONE_URL" --plain
ok "by the server" is "$(get verified)" yes
forged=${receipt%?}$(printf %s "${receipt: -1}" | tr 0-9A-Z 1-9A-Z0)
ok "a forged one is not" run 2 receipt show "$forged" --server "$PHONE_URL"
ok "the order again" run 0 order show "$order" --terminal counter --json
ok "as the server says it" shows '"total_cents":972'
ok "an item that is not there" run 3 order new 99999999 --pay cash --terminal counter
ok "a quantity that is none" run 2 order new '106*x' --terminal counter
ok "less cash than due" run 4 order new 106 --pay cash --received 1 --terminal counter
ok "the operator cannot sell" run 4 order new 106 --pay cash
ok "a cashier refunds up to a limit only" run 4 order refund "$order" --reason cold --terminal counter --yes
ok "which needs approval" complains 'needs-approval'
ok "no refund without a yes" run 2 order refund "$order" --reason cold --terminal counter
ok "one latte" run 0 order refund "$order" --line '1*1' --reason cold --terminal counter --yes --plain
ok "gives its price back" is "$(get refunded_cents)" 4.86
QRTILL_PIN=246810 ok "the other with the manager's PIN" run 0 order refund "$order" --reason cold --approve 9 --terminal counter \
	--yes
ok "more than was paid" run 4 order refund "$order" --line '1*1' --reason cold --terminal counter --yes

# Cards and a wallet
ok "a wallet" run 0 wallet new --wallet ann --server "$PHONE_URL"
ok "exists once" run 4 wallet new --wallet ann --server "$PHONE_URL"
ok "a card at the till" run 0 card new --amount 30 --tender cash --terminal counter --plain
card=$(get code)
ok "has its value" is "$(get balance_cents)" 30.00
ok "is bound to the wallet" run 0 wallet bind "$card" --wallet ann
ok "a code that is none of ours" run 2 wallet bind HTTPS://EXAMPLE.COM/Q/XYZ --wallet ann
ok "pay by code" run 0 order new 106 --pay code --terminal counter --plain
order=$(get order_id)
ok "makes a code" run 0 order show "$order" --terminal counter --json
pay=$(grep -o '"code":"[^"]*/Q/[^"]*"' "$folder/out" | head -n 1 | cut -d'"' -f4)
ok "explained by the server that is here, though no option names it" run 0 code explain --json "$pay"
ok "is valid" shows '"valid":true.*"mac":"valid"'
ok "altered by one character" run 0 code explain --json "${pay%?}$([ "${pay: -1}" = 0 ] && echo 8 || echo 0)"
ok "is not" shows '"valid":false'
ok "on another host" run 0 code explain --json "HTTPS://OTHER.EXAMPLE/Q/${pay##*/}"
ok "is a web address" shows '"kind":"url"'
ok "the wallet asks before it pays" run 2 wallet pay "$pay" --wallet ann
ok "and pays" run 0 wallet pay "$pay" --wallet ann --yes --plain
ok "at once" is "$(get state)" settled
ok "twice is refused" run 4 wallet pay "$pay" --wallet ann --yes
ok "balance" run 0 wallet balance --wallet ann --json
ok "after it" shows '"balance_cents":2514'
ok "points were earned" shows '"balance":4'
ok "statement" run 0 wallet statement 1 --wallet ann --plain
ok "newest first" is "$(head -n 1 "$folder/out" | grep -c -- -4.86)" 1
ok "notices" run 0 wallet notices --wallet ann
ok "nothing is under way" run 0 wallet resume --wallet ann

# The code that stands on the counter: the customer types the amount, the waiting order is matched.
ok "the fixed code" run 0 terminal show --terminal counter --plain
fixed=$(get fixed_code)
ok "carries no amount" run 2 wallet pay "$fixed" --wallet ann --yes
ok "a sale waits" run 0 order new 101 --terminal counter --plain
waiting=$(get order_id)
ok "the amount is typed on the phone" run 0 wallet pay "$fixed" --amount 2.70 --wallet ann --yes --plain
ok "and paid" is "$(get state)" settled
ok "the till's order" run 0 order show "$waiting" --terminal counter --plain
ok "is the one that is paid" is "$(get state)" paid

# A PIN above a limit; it is never written down.
ok "a larger card" run 0 card new --amount 200 --tender cash --terminal counter --plain
ok "bound too" run 0 wallet bind "$(get code)" --wallet ann
ok "a larger sale" run 0 order new '106*20' --pay code --terminal counter --json
pay=$(grep -o '"code":"[^"]*/Q/[^"]*"' "$folder/out" | head -n 1 | cut -d'"' -f4)
printf '4711\n' >"$folder/pin"
ok "needs a PIN" run 2 wallet pay "$pay" --wallet ann --yes --no-input
ok "set from a file" run 0 wallet pin --wallet ann --pin-file "$folder/pin"
QRTILL_PIN=9999 ok "a wrong one" run 4 wallet pay "$pay" --wallet ann --yes
ok "is called so" complains 'bad-pin'
ok "the right one pays" run 0 wallet pay "$pay" --wallet ann --yes --pin-file "$folder/pin" --plain
ok "at once" is "$(get state)" settled
ok "no PIN lies in a file" is "$(grep -rlE '4711|9999' "$XDG_STATE_HOME" | wc -l)" 0
ok "my devices" run 0 wallet devices --wallet ann --plain
ok "a phone number that is none" run 2 wallet phone 12345 --wallet ann
ok "a code that was not sent" run 2 wallet confirm 123456 --wallet ann
ok "no institution of this name" run 3 wallet link nobody --wallet ann
ok "no bindings" run 0 wallet links --wallet ann
ok "what a refund would give" run 0 order preview "$order" --terminal counter --plain

# A wallet killed between writing a payment down and hearing the answer: asked again, charged once.
ok "another sale" run 0 order new 106 --pay code --terminal counter --json
token=$(grep -o '/Q/[0-9A-Z]*' "$folder/out" | head -n 1 | cut -c4-)
state=$XDG_STATE_HOME/qrtill/wallet-ann.json
sed -i 's#}$#,"pending_key":"0190b2c4-0000-7000-8000-00000000000a","pending_path":"/v1/pay/'"$token"'",'"\\
"'"pending_body":"{\\"source\\":\\"card\\",\\"card_id\\":1}"}#' "$state"
cp -p "$state" "$folder/killed.json"
ok "resume sends what was written down" run 0 wallet resume --wallet ann --plain
ok "and it is paid" is "$(get state)" settled
ok "nothing is under way after it" is "$(grep -c pending "$state")" 0
cp -p "$folder/killed.json" "$state"
ok "killed after it was sent: resume" run 0 wallet resume --wallet ann --plain
ok "hears the first answer" is "$(get state)" settled
ok "it was paid once" run 0 wallet balance --wallet ann --json
ok "from the card" shows '"balance_cents":1758'
kill -STOP "$server_pid"
ok "a server that does not answer is no answer" test "$(timeout 2 "$QRTILL_BIN/qrtill" wallet cards --wallet ann >/dev/null 2>&1; echo $?)" -eq 124
kill -CONT "$server_pid"

# Books
ok "the journal has every entry" run 0 journal list --order "$order" --json
ok "that sum to zero" awk '{ while (match($0, /"unit":840,"amount":-?[0-9]+/)) { s = substr($0, RSTART, RLENGTH); sub(/.*:/, "", s)
	sum += s; n++; $0 = substr($0, RSTART + RLENGTH) } } END { exit !(n >= 3 && sum == 0) }' "$folder/out"
ok "accounts" run 0 account list --plain
# The shift: what was sold before belongs to it, so it opened by itself.
ok "too late for a float" run 4 shift open --float 100 --terminal counter
ok "cash in" run 0 shift cash-in 10 --reason coins --terminal counter --plain
ok "is in the shift that opened by itself" is "$(get kind) $(get shift.automatic)" "cash-in yes"
ok "cash out without a reason" run 2 shift cash-out 5 --terminal counter
ok "cash out" run 0 shift cash-out 5.50 --reason windows --terminal counter --json --key 0190b2c4-0000-7000-8000-00000000005f
ok "the same key again" run 0 shift cash-out 5.50 --reason windows --terminal counter --json \
	--key 0190b2c4-0000-7000-8000-00000000005f
ok "into the safe, too much" run 4 shift safe-drop 99999 --reason noon --terminal counter
ok "into the safe" run 0 shift safe-drop 100 --reason noon --terminal counter
ok "no X for a cashier" run 4 shift x --terminal counter
ok "X for the operator" run 0 shift x --till 1 --json
ok "counts each movement once" shows '"movements":\[{[^]]*"amount_cents":1000,[^]]*"amount_cents":-550,[^]]*"amount_cents":-10000,'
ok "a count that is none" run 2 shift close 20 --terminal counter --yes
ok "no close without a yes" run 2 shift close '20*1' --terminal counter --no-input
ok "close" run 0 shift close '20*6' '0.25*2' --terminal counter --yes --json
ok "is the till's first Z" shows '"kind":"z",.*"number":1,.*"counted_cents":12050,'
z=$(cat "$folder/out")
ok "the Z later" run 0 shift z 1 --json
ok "is the same to the byte" is "$(cat "$folder/out")" "$z"
ok "the shifts" run 0 shift list --plain
ok "are one" is "$(wc -l <"$folder/out")" 1

ok "a report as a table" run 0 report day
ok "with its total" shows '^net +'
ok "as JSON" run 0 report tender --json
ok "has what was paid" shows '"tender":"cash"'
ok "as CSV" run 0 report item --csv -
ok "with a head line" shows '^item_id,sku,name,name_zh,lines,pieces,base_cents,total_cents,refunded_cents,tax_cents,net_cents'
ok "as PDF" run 0 report tender --pdf "$folder/tender.pdf"
pdftotext -layout "$folder/tender.pdf" "$folder/out"
ok "with its title" shows '^Sales by tender'
ok "its rows" shows 'Cash .*[0-9]\.[0-9][0-9]'
ok "its total and page" shows '^Total .*[0-9]'
ok "as PDF in Chinese" env LC_ALL=zh_CN.UTF-8 "$QRTILL_BIN/qrtill" report item --pdf "$folder/item.pdf"
pdftotext -layout "$folder/item.pdf" "$folder/out"
ok "reads so" shows '^商品销售'
ok "the days must be days" run 2 report day --from tomorrow
ok "a time zone" run 0 store zone 1 Asia/Shanghai

ok "the audit log" run 0 log list --limit 500 --plain
ok "the audit is clean" run 0 audit --json
ok "by the server" shows '"clean":true'
ok "backup" run 0 backup "$folder/copy.db"
ok "does not overwrite" run 4 backup "$folder/copy.db"
ok "unless told" run 0 backup "$folder/copy.db" --replace
ok "restore" run 0 restore "$folder/copy.db" --data-dir "$folder/new" --keys "$folder/data/keys.conf"
ok "never overwrites" run 4 restore "$folder/copy.db" --data-dir "$folder/new"
ok "the restored files are clean" run 0 audit --data-dir "$folder/new"
sqlite3 "$folder/new/qrtill.db" 'UPDATE account SET balance = balance + 1 WHERE id = 1'
ok "and a changed row is found" run 1 audit --data-dir "$folder/new"
ok "a damaged backup is not restored" run 1 restore "$folder/new/qrtill.db" --data-dir "$folder/third" --keys "$folder/data/keys.conf"
ok "and leaves no database" test ! -e "$folder/third/qrtill.db"
ok "a job by hand" run 0 server run expire
ok "that there is not" run 3 server run nonsense
ok "keys" run 0 keys rotate --data-dir "$folder/new" --yes --plain
ok "have a new epoch" is "$(wc -l <"$folder/out")" 2
wait "$mute"
ok "no answer at all: the outcome is unknown" is "$?" 5
ok "and the key to ask again with is told" grep -q -- '--key [0-9a-f-]\{36\}' "$folder/mute.out"

# The server dies and leaves its socket behind.
{ kill -KILL "$server_pid" && wait "$server_pid"; } 2>/dev/null
until_true run 6 server status
ok "a code, with nobody to ask" run 0 code explain --json "$pay"
ok "is not called valid" shows '"valid":false.*"mac":"unchecked"'
ok "but the server an option names must answer" run 6 code explain --json --socket "$QRTILL_SOCKET" "$pay"
finish
