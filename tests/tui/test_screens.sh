#!/bin/bash
# Every screen of the till, dumped by a replay script, compared with what it should be: 80x24 and 120x40, English and
# Chinese. QRTILL_ACCEPT=1 writes the expected files anew: look at them before they are kept.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"
here=$(cd "$(dirname "$0")" && pwd)

# What differs from run to run: times, codes, card numbers.
mask() {
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}/YYYY-MM-DD hh:mm/' -e 's/  [0-9]{2}:[0-9]{2}$/  hh:mm/' \
		-e 's/[0-9]:[0-9]{2}( +[▀▄█]|$)/m:ss\1/' -e 's/(table 4 +)[0-9]{2}:[0-9]{2}/\1hh:mm/' \
		-e 's/( {3})[0-9]{2}:[0-9]{2} /\1hh:mm /' \
		-e "s/[▀▄█ ]+$(printf '\302\240')/QR/" -e 's,HTTP://127[^ ]*,CODE,' -e 's/(•+ ?)[0-9]{4}/\1NNNN/'
}

# One size and language: a fresh till, all screens in one file.
dump_all() {
	local size=$1 lang=$2 code
	local folder=$work/$size-$lang
	mkdir -p "$folder"
	code=$(new_enrolment) || return 1
	local scan_to_pay='Scan to pay' give_back='GIVE BACK' cash_back='CASH TO THE CUSTOMER' x_report='X REPORT \*' z_report='Z REPORT \*'
	[ "$lang" = en ] || scan_to_pay=请扫码支付 give_back=应退 cash_back=退还现金 x_report='X 报表 \*' z_report='Z 报表 \*'
	sed -e "s,FOLDER,$folder," -e "s/CARDNUMBER/$card_number/" -e "s/GIVEBACK/$give_back/" \
		-e "s/SCANTOPAY/$scan_to_pay/" -e "s,IDENTITY,$identity," \
		-e "s/CASHBACK/$cash_back/" -e "s/XREPORT/$x_report/" -e "s/ZREPORT/$z_report/" "$here/screens.script" >"$work/script"
	"$QRTILL_BIN/qrtill-pos" --data-dir="$work/till-$size-$lang" --server="$TILL_URL" --enrol="$code" --lang="$lang" \
		--script="$work/script" --script-cols="${size%x*}" --script-rows="${size#*x}" </dev/null 2>"$work/till.err" ||
		{ cat "$work/till.err"; return 1; }
	printf 'dump %s\n' "$folder/00-enrol" >"$work/script"
	"$QRTILL_BIN/qrtill-pos" --data-dir="$work/fresh-$size-$lang" --lang="$lang" --script="$work/script" \
		--script-cols="${size%x*}" --script-rows="${size#*x}" </dev/null 2>"$work/till.err" || return 1
	for file in "$folder"/*; do
		printf '=== %s\n' "${file##*/}"
		mask <"$file"
	done >"$work/$size-$lang.txt"
}
same_as_expected() {
	[ -z "${QRTILL_ACCEPT:-}" ] || cp "$work/$1.txt" "$here/expect/$1.txt"
	diff -u "$here/expect/$1.txt" "$work/$1.txt"
}

start_shop || exit 1
identity=$("$q" wallet show --wallet dora --plain 2>/dev/null | member identity_code)
"$q" points earn "$identity" 40 --reason gift >/dev/null
for size in 80x24 120x40; do
	for lang in en zh; do
		ok "the script runs at $size in $lang" dump_all $size $lang
		ok "the screens are as expected at $size in $lang" same_as_expected $size-$lang
	done
done
printf '# nothing\nkey NoSuchKey\n' >"$work/script"
"$QRTILL_BIN/qrtill-pos" --data-dir="$work/none" --script="$work/script" </dev/null >/dev/null 2>"$work/till.err"
ok "a script that cannot be followed says where" grep -q 'line 2: cannot do' "$work/till.err"

# refused SETTING...: the till does not start, exits 2 and names the setting.
refused() {
	"$QRTILL_BIN/qrtill-pos" --data-dir="$work/none" "$@" </dev/null >"$work/out" 2>&1
	[ $? -eq 2 ] && grep -q "$(sed 's/^--//; s/=.*//; s/-/_/g' <<<"${!#}")" "$work/out"
}
printf 'wait Server\nkey Esc F1\nwait Keys of\n' >"$work/script"
ok "a script drives it without server and terminal" "$QRTILL_BIN/qrtill-pos" --data-dir="$work/none" --script="$work/script"
for setting in --theme=pink --keys=pay=Nothing --keys=pay --keys=pay=F8 --keys=none=F8 --paper-mm=70 --lang=fr --blocks=huge --printer-text=ebcdic \
	--server=ftp://x --script-rows=5; do
	ok "$setting is refused" refused --script="$work/script" $setting
done
both_named() { grep -q 'F8 is both receipts and pay' "$work/out"; }
refused --script="$work/script" --keys=pay=F8
ok "two commands on one key are both named" both_named
printf 'wait PIN\ntype 7\nkey Enter\ntype 1357\nkey Enter\ngone PIN\nidle\nscan 2900010010373\nkey F1\nwait F7  C-p\nkey Esc F7\nwait Scan to pay\n' \
	>"$work/script"
ok "keys can be changed, and the page of keys follows" "$QRTILL_BIN/qrtill-pos" --data-dir="$work/keys" --server="$TILL_URL" --enrol="$(new_enrolment)" \
	--lang=en --ask-float=false --keys="pay=F7 refund=F12" --script="$work/script"
done_testing
