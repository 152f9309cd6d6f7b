#!/bin/bash
# Names of foreign origin with everything a terminal or a printer would obey, past the server's own refusal, straight in the
# database: what till and command line write to their terminal and what goes to the printer holds none of it, byte by byte.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

# Each sequence is followed by PWNED in a name; seen in a stream, together, it came through.
sequences=(
	$'\e]0;'           # OSC: the window's title
	$'\e]52;c;'        # OSC 52: the clipboard
	$'\e[2J'           # CSI: clear
	$'\e[31m'          # CSI: colour
	$'\eP$q'           # DCS
	$'\e_'             # APC
	$'\ec'             # reset
	$'\x07'            # bell
	$'\x08\x08\x08'    # backspace
	$'\r'              # over the line
	$'\n'              # a line of one's own
	$'\x0e'            # shift out
	$'\x7f'            # DEL
	$'\xc2\x9b31m'     # C1 CSI as UTF-8
	$'\xc2\x9d0;'      # C1 OSC as UTF-8
	$'\xc2\x85'        # NEL
	$'\x9b31m'         # C1 CSI as a byte
	$'\xe2\x80\xae'    # U+202E: right to left
	$'\xe2\x81\xa6'    # U+2066: isolate
	$'\xe2\x80\x8b'    # U+200B: nothing
	$'\xef\xbb\xbf'    # U+FEFF
	$'\xe2\x80\xa8'    # U+2028: line separator
	$'\xf3\xa0\x81\x81' # U+E0041: a tag
	$'\xff\xfe'        # no UTF-8
	$'\x1bp0'          # ESC p: the cash drawer
	$'\x1b@'           # ESC @: the printer anew
	$'\x1dV0'          # GS V: cut
	$'\x1d(k'          # GS ( k: a code
	$'\x10\x14\x01'    # DLE DC4: the drawer at once
	$'\x1c.'           # FS .: other characters
	$'\x1bt2'          # ESC t: code page
)
sql() { sqlite3 "$work/data/qrtill.db" "$1"; }
hex() { printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }
# In lines: as many hexadecimal digits as there are; no match can begin in the middle of a byte.
stream() { od -An -v -tx1 "$1" | tr -d '\n'; }
spaced() { printf '%s' "$1" | od -An -v -tx1 | tr -d '\n'; }
# clean FILE: the names are there, and none of the sequences in front of them.
clean() {
	local one bad=0 bytes
	grep -qa PWNED "$1" || { echo "# $1 does not show the names"; return 1; }
	bytes=$(stream "$1")
	for one in "${sequences[@]}"; do
		case $bytes in
		*"$(spaced "${one}PWNED")"*)
			echo "# $(printf '%q' "$one") in $1"
			bad=1
			;;
		esac
	done
	[ "$bad" -eq 0 ]
}
name_of() { echo "CAST(X'$(hex "${1}PWNED$2")' AS TEXT)"; }

start_shop || exit 1
stop_server
mapfile -t ids < <(sql "SELECT id FROM item ORDER BY id LIMIT ${#sequences[@]}")
for i in "${!ids[@]}"; do
	sql "UPDATE item SET name = $(name_of "${sequences[i]}" "$i"), name_zh = $(name_of "${sequences[i]}" "$i") WHERE id = ${ids[i]}"
done
sql "UPDATE merchant SET name = $(name_of $'\e]0;' m); UPDATE store SET name = $(name_of $'\xc2\x9b31m' s)"
in_place() { [ "$(sql "SELECT COUNT(*) FROM item WHERE hex(name) LIKE '%50574E4544%'")" -eq ${#sequences[@]} ]; }
ok "${#sequences[@]} hostile names are in the database" in_place
mapfile -t codes < <(sql "SELECT (SELECT code FROM barcode WHERE item_id = item.id LIMIT 1) FROM item ORDER BY id LIMIT ${#sequences[@]}")
start_server

start_till till --enrol="$enrolment_code" --lang=en --printer="$work/paper"
tm pipe-pane -t till "cat >>'$work/stream'"
ok "a till signs in" sign_in 7 1357
wait_for 'Scan an item'
for code in "${codes[@]}"; do
	scan "$code"
	until_true shows PWNED
done
type_slowly 'pwned'
until_true shows PWNED
press Escape
press F9 && wait_for DUE && press '='
ok "sells them all" wait_for PAID
press F8
ok "prints the receipt" until_true grep -qa PWNED "$work/paper"
press Enter && wait_for 'Scan an item' && press F8 && wait_for receipt && press F11 && wait_for 'F11 English'
tm pipe-pane -t till
ok "the till's terminal got none of it" clean "$work/stream"
ok "the printer got none of it" clean "$work/paper"

order=$("$q" order list --limit 500 --plain | awk -F'\t' 'END { print $1 }')
for form in '' --plain --json; do
	# shellcheck disable=SC2086 # none or one
	"$q" item list --limit 100 $form >"$work/items$form" 2>&1
	# shellcheck disable=SC2086
	"$q" order show "$order" $form >"$work/order$form" 2>&1
	ok "nor the command line's item list ${form:-for people}" clean "$work/items$form"
	ok "nor its order ${form:-for people}" clean "$work/order$form"
done
printf '\e]0;PWNED' >"$work/trap"
is_caught() { ! clean "$work/trap" >/dev/null; }
ok "what comes through would be seen" is_caught
done_testing
