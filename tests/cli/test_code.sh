#!/bin/bash
# qrtill code make|explain|read|label as people and scripts use it.
set -u
Q=${QRTILL_BIN:-build/bin}/qrtill
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
unset QRTILL_SERVER
export TERM=xterm-256color LC_ALL=C.UTF-8
n=0 failed=0

# check NAME WANT GOT
check() {
	n=$((n + 1))
	if [ "$2" = "$3" ]; then echo "ok $n - $1"; else
		echo "not ok $n - $1"
		printf '# want: %s\n# got:  %s\n' "$2" "$3"
		failed=$((failed + 1))
	fi
}
# refused NAME EXIT FIELD COMMAND...: the exit code, the field in the JSON problem, nothing on standard output
refused() {
	local name=$1 exit=$2 field=$3
	shift 3
	"$@" --json >"$dir/out" 2>"$dir/err"
	check "$name: exit code" "$exit" "$?"
	check "$name: field" "$field" "$(jqr field <"$dir/err")"
	check "$name: nothing printed" "" "$(cat "$dir/out")"
}
# jqr PATH: a member of the JSON object on standard input, as text
jqr() {
	node -e 'let v = JSON.parse(require("fs").readFileSync(0));
		for (const k of process.argv[1].split(".")) v = v[k];
		console.log(typeof v === "string" ? v : JSON.stringify(v) ?? "null")' "$1"
}

emv=00020101021226370010COM.QRTILL0107M00012302087F3K9Q2X520458125303840540523.755802US5909DEMO\ CAFE
emv=${emv}6008PORTLAND62170106B000420703T016304FD90
emv_options=(--emv --guid COM.QRTILL --merchant-account M000123 --merchant-reference 7F3K9Q2X --amount 23.75
	--currency USD --country US --name "DEMO CAFE" --city PORTLAND --mcc 5812 --bill B00042 --terminal T01)
own=HTTPS://PAY.EXAMPLE.COM/Q/4419B6QF7B3H40T859NMKMSCAGDCECQM3WZ2E

# Key file of the published vectors: the code key of epoch n is 32 bytes of value n.
{
	echo 'version = 1;'
	echo "epochs = ( { epoch = 1; code_key = \"$(printf '01%.0s' {1..32})\"; },"
	echo " { epoch = 2; code_key = \"$(printf '02%.0s' {1..32})\"; } );"
	for root in pepper lookup_key seal_seed row_key peer_key; do echo "$root = \"$(printf 'aa%.0s' {1..32})\";"; done
} >"$dir/keys"
chmod 600 "$dir/keys"

# make
check "EMVCo payload as published" "$emv" "$("$Q" code make "${emv_options[@]}" --plain)"
check "EMVCo in the terminal: last line is the payload" "$emv" "$("$Q" code make "${emv_options[@]}" | tail -n 1)"
check "EMVCo fits 24 lines" 23 "$("$Q" code make "${emv_options[@]}" | head -n -1 | wc -l)"
check "no escape sequences on a dumb terminal" 0 "$(TERM=dumb "$Q" code make HELLO | grep -c $'\033')"
check "EPC" $'BCD\n002\n1\nSCT\n\nQRTILL\nDE89370400440532013000\nEUR12.34\n\n\nInvoice 7' \
	"$("$Q" code make --epc --name QRTILL --iban "DE89 3704 0044 0532 0130 00" --amount 12.34 --text "Invoice 7" --plain)"
check "Wi-Fi, password from standard input" 'WIFI:T:WPA;S:Shop\;1;P:pass\:word;;' \
	"$(echo 'pass:word' | "$Q" code make --wifi --ssid 'Shop;1' --password-file - --plain)"
check "EAN-13 gets its check digit" 4006381333931 "$("$Q" code make --ean 400638133393 --plain)"
check "in-store EAN-13 with weight" 2100001027506 "$("$Q" code make --ean --item 1 --value 2750 --plain)"
refused "amount zero" 2 amount "$Q" code make "${emv_options[@]}" --amount 0
refused "amount with three places" 2 amount "$Q" code make "${emv_options[@]}" --amount 1.234
refused "unknown currency" 2 currency "$Q" code make "${emv_options[@]}" --currency XXX
refused "name too long" 2 59 "$Q" code make "${emv_options[@]}" --name "A NAME OF MORE THAN TWENTY-FIVE"
refused "no IBAN" 2 iban "$Q" code make --epc --name X --amount 1
# shellcheck disable=SC2016
refused "WPA password too short" 2 password bash -c 'echo short | "$0" "$@"' "$Q" code make --wifi --ssid X --password-file -
refused "wrong EAN check digit" 2 check-digit "$Q" code make --ean 4006381333930
refused "two kinds at once" 2 null "$Q" code make --emv --epc
refused "text that is not UTF-8" 2 text "$Q" code make $'\xff'
refused "error correction" 2 ec "$Q" code make HELLO --ec X
refused "a folder that is not there" 2 file "$Q" code make HELLO --png "$dir/none/x.png"

# explain
for pair in "emv=$emv" "epc=$("$Q" code make --epc --name Q --iban DE89370400440532013000 --plain)" \
	"wifi=WIFI:T:nopass;S:Shop;;" "ean=2100001027506" "url=https://example.org/a" "text=hello" "qrtill=$own"; do
	check "kind ${pair%%=*}" "${pair%%=*}" "$("$Q" code explain --json "${pair#*=}" | jqr kind)"
done
check "EMVCo amount" 2375 "$("$Q" code explain --json "$emv" | jqr amount_minor)"
check "EMVCo currency" USD "$("$Q" code explain --json "$emv" | jqr currency)"
check "EMVCo name" "DEMO CAFE" "$(printf '%s\n' "$emv" | "$Q" code explain --json - | jqr name)"
check "EMVCo with a wrong checksum" false "$("$Q" code explain --json "${emv%0}1" | jqr valid)"
check "and why" 63 "$("$Q" code explain --json "${emv%0}1" | jqr problem.field)"
check "our code, keys at hand" true "$("$Q" code explain --keys "$dir/keys" --json $own | jqr valid)"
check "its MAC" valid "$("$Q" code explain --keys "$dir/keys" --json $own | jqr mac)"
check "its kind" payment "$("$Q" code explain --keys "$dir/keys" --json $own | jqr code_kind)"
check "its amount" 2375 "$("$Q" code explain --keys "$dir/keys" --json $own | jqr amount_minor)"
check "case folds" true "$("$Q" code explain --keys "$dir/keys" --json "${own,,}" | jqr valid)"
check "altered" false "$("$Q" code explain --keys "$dir/keys" --json "${own%2E}3E" | jqr valid)"
check "altered: the MAC says so" invalid "$("$Q" code explain --keys "$dir/keys" --json "${own%2E}3E" | jqr mac)"
check "no code under the rule is not ours" "url false" \
	"$("$Q" code explain --json "${own%E}F" | jqr kind) $("$Q" code explain --json "${own%E}F" | jqr valid)"
check "no keys: not called valid" "false unchecked" \
	"$("$Q" code explain --json $own | jqr valid) $("$Q" code explain --json $own | jqr mac)"
check "another host's code is a web address" url \
	"$("$Q" code explain --public-url https://shop.example --json $own | jqr kind)"
check "in Chinese" "qrtill 码：收款码" "$(LC_ALL=zh_CN.UTF-8 "$Q" code explain $own | head -n 1)"
check "escape sequences do not reach the terminal" 0 "$("$Q" code explain $'hi\033[31mred' | grep -c $'\033')"
# shellcheck disable=SC2016
refused "a key file others may read" 2 keys bash -c 'chmod 644 "$1"; shift; "$@"; e=$?; chmod 600 "$0"; exit $e' \
	"$dir/keys" "$dir/keys" "$Q" code explain "$own" --keys "$dir/keys"
refused "a server that is not there" 6 null "$Q" code explain "$own" --server http://127.0.0.1:1

# pictures
"$Q" code make "$own" --png "$dir/own.png" >/dev/null
"$Q" code make "小店 hello" --png "$dir/zh.png" --ec H >/dev/null
"$Q" code make --ean 4006381333931 --png "$dir/ean.png" >/dev/null
"$Q" code make --colour --png "$dir/three.png" ONE TWO THREE >/dev/null
check "reads our own PNG" "$own" "$("$Q" code read --json "$dir/own.png" | jqr 0.codes.0.text)"
check "and checks it" true "$("$Q" code read --keys "$dir/keys" --json "$dir/own.png" | jqr 0.codes.0.valid)"
check "Chinese text" "小店 hello" "$("$Q" code read --json "$dir/zh.png" | jqr 0.codes.0.text)"
check "an EAN drawn as bars" $'EAN-13\t4006381333931' "$("$Q" code read --plain "$dir/ean.png")"
check "three colours" $'QR-red\tONE\nQR-green\tTWO\nQR-blue\tTHREE' "$("$Q" code read --plain "$dir/three.png")"
check "from standard input" $'QR\t'"$own" "$("$Q" code read --plain - <"$dir/own.png")"
check "PNG to standard output" $'QR\tHELLO' "$("$Q" code make HELLO --png - | "$Q" code read --plain -)"
check "a DataBar is GS1 data" gs1 "$("$Q" code read --json tests/vectors/pictures/databar.png | jqr 0.codes.0.kind)"
check "several pictures" 2 "$("$Q" code read --plain "$dir/own.png" "$dir/ean.png" | wc -l)"
check "one bad picture does not hide the other" "$own" \
	"$("$Q" code read --json "$dir/keys" "$dir/own.png" 2>/dev/null | jqr 0.codes.0.text)"
head -c 200 "$dir/own.png" >"$dir/cut.png"
: >"$dir/empty.png"
printf 'P6 1 1 255 xxx' >"$dir/ppm.png"
for bad in cut empty ppm; do refused "$bad picture" 2 picture "$Q" code read "$dir/$bad.png"; done
refused "no such picture" 3 file "$Q" code read "$dir/none.png"
refused "colour code with two texts" 2 text "$Q" code make --colour --png "$dir/x.png" A B

# labels, read back from the printed page
for size in sticker poster card shelf business; do
	"$Q" code label "$own" --name "Harbour Coffee" --name-zh 海港咖啡 --intro "Scan to pay." --size $size \
		--out "$dir/$size.pdf" >/dev/null
	pdftoppm -r 150 -png -singlefile "$dir/$size.pdf" "$dir/$size"
	check "label $size, printed at 150 dpi" $'QR\t'"$own" "$("$Q" code read --plain "$dir/$size.png")"
done
check "the label's text is text" "海港咖啡" "$(pdftotext "$dir/sticker.pdf" - | grep -o 海港咖啡)"
check "a secret comes from standard input" $'QR\tWIFI:T:WPA;S:Shop;P:espresso1;;' "$(
	echo espresso1 | "$Q" code make --wifi --ssid Shop --password-file - --plain |
		"$Q" code label --name Wi-Fi --out "$dir/wifi.png" - >/dev/null && "$Q" code read --plain "$dir/wifi.png")"

# sheets of labels
{ echo code,name,name_zh,price,unit; for i in {1..17}; do echo "$own$i,Tea $i,茶,\$$i.50,kg"; done; } >"$dir/list.csv"
"$Q" label sheet --from "$dir/list.csv" --size shelf --out "$dir/shelves.png" --json >"$dir/out"
check "a list on sheets" "17 2 2 7" "$(for m in labels pages columns rows; do jqr $m <"$dir/out"; done | xargs)"
check "every label of the list is on a page" 17 \
	"$("$Q" code read --plain "$dir/shelves-1.png" "$dir/shelves-2.png" | sort -u | wc -l)"
echo "{\"cards\":[{\"code\":\"$own\",\"number\":\"9206213318347350\"},{\"code\":\"${own}2\",\"number\":\"9206213318347368\"}]}" \
	>"$dir/cards.json"
"$Q" label sheet --from - --size card --paper label --name "Maple Corner" --out "$dir/cards.pdf" <"$dir/cards.json" >/dev/null
check "a page for each card" 2 "$(pdfinfo "$dir/cards.pdf" | awk '/^Pages/ {print $2}')"
check "with its number and the common name" "2 1" \
	"$(pdftotext "$dir/cards.pdf" - | awk '/Maple/ {m++} /9206 2133 1834 7368/ {n++} END {print m, n}')"
"$Q" label sheet "$own" --size business --name Ann --line "12 Main Street" --out "$dir/ann.pdf" >/dev/null
check "a sheet is full of one label" 10 "$(pdftotext "$dir/ann.pdf" - | grep -c 'Main Street')"
refused "text and list" 2 text "$Q" label sheet "$own" --from "$dir/list.csv" --out "$dir/none.pdf"
refused "paper smaller than the label" 2 paper "$Q" label sheet "$own" --size poster --paper a5 --out "$dir/none.pdf"
refused "unknown paper" 2 paper "$Q" label sheet "$own" --paper a3 --out "$dir/none.pdf"
refused "gap out of range" 2 gap "$Q" label sheet "$own" --gap -1 --out "$dir/none.pdf"
refused "a list that is not there" 3 file "$Q" label sheet --from "$dir/nothing.csv" --out "$dir/none.pdf"
refused "a row without a code" 2 code "$Q" label sheet --from - --out "$dir/none.pdf" <<<$'code,name\n"",x'
printf 'code,number\nA,%0200d\n' 0 >"$dir/long.csv"
refused "a text that does not fit" 2 'labels[0].number' "$Q" label sheet --from "$dir/long.csv" --out "$dir/none.pdf"
check "refused sheets leave no file" no "$([ -e "$dir/none.pdf" ] && echo yes || echo no)"
refused "label without a form" 2 out "$Q" code label "$own" --out "$dir/label.txt"
refused "label of an unknown size" 2 size "$Q" code label "$own" --size huge --out "$dir/label.pdf"
check "a refused label leaves no file" no "$([ -e "$dir/label.pdf" ] && echo yes || echo no)"

# the manual
missing=$(grep -v '^#' tests/vectors/code.txt | while read -r line; do
	grep -q "${line##* }" man/qrtill-code.5 || echo "${line##* }"
done)
check "qrtill-code(5) has every test vector" "" "$missing"

# the frame
check "unknown verb is corrected" 'qrtill: there is no verb "explian"; did you mean "explain"?' \
	"$("$Q" code explian x 2>&1)"
"$Q" code explain >/dev/null 2>&1
check "missing argument is a usage error" 2 $?
"$Q" help code >/dev/null
check "help" 0 $?

echo "1..$n"
[ $failed -eq 0 ]
