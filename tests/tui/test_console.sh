#!/bin/bash
# The merchant console in a terminal, with a real server: today, lists, forms, undo, the palette, codes, roles; every
# action has its twin on the command line. Dumps of its screens are compared with tests/tui/expect/console-*.txt.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"
here=$(cd "$(dirname "$0")" && pwd)

start_console() {
	tm kill-server 2>/dev/null
	until_true no_tmux
	tm -f /dev/null new-session -d -s till -x "${COLS:-80}" -y "${ROWS:-24}" \
		"exec env TERM=tmux-256color $(printf '%q ' "$QRTILL_BIN/qrtill-console" "$@") 2>$work/till.err"
	tm set-option -g status off
}
price_is() { [ "$("$q" item show 6 --plain | member price_cents)" = "$1" ]; }
palette() { press : && type_slowly "$1"; }

# ---- the table of actions ----
"$QRTILL_BIN/qrtill-console" --actions >"$work/actions"
"$q" help --all | awk '{ print $1, $2 }' >"$work/verbs"
all_have_twins() {
	! awk '{ print $3, $4 }' "$work/actions" | sort -u | grep -vxF -f "$work/verbs"
}
keys_differ() { [ -z "$(awk '$2 != "-" { print $1, $2, $4 }' "$work/actions" | sort | uniq -d)" ]; }
ok "the table of actions is there" test "$(wc -l <"$work/actions")" -gt 50
ok "every action is a verb of the command line" all_have_twins
ok "no key means two things" keys_differ

start_shop || exit 1
"$q" order new '103*2' 104 --pay cash --terminal office >/dev/null
"$q" order new 110 --pay terminal --terminal office >/dev/null

# ---- today ----
start_console
ok "today's sales are shown" wait_for '2 orders'
ok "with their tenders" shows 'Bank card'
ok "and what is kept for others" shows '500.00 USD'
"$q" order new 105 --pay cash --terminal office >/dev/null
ok "a sale appears by itself" wait_for '3 orders'

# ---- palette, list, form, undo ----
palette espr
ok "the palette finds records" wait_for 'Double espresso'
press Escape
palette 'items' && wait_for 'Catalogue' && press Enter
ok "and screens" wait_for 'Flat white'
press / && type_slowly lat
ok "a list is narrowed while one types" until_true hides 'Flat white'
ok "by the server" shows 'Oat milk latte'
press Enter e
ok "e opens the form with what is there" wait_for '4.50'
press Down Down Down && type_slowly abc && press Down
ok "a field is checked when it is left" shows '!'
press Up
ok "and says why" wait_for 'must be an amount'
press C-u && type_slowly 9.99 && press F2
ok "it is saved" wait_for 'u takes it back'
ok "on the server" until_true price_is 9.99
press u
ok "u takes it back" wait_for 'taken back'
ok "on the server too" until_true price_is 4.50
press n && wait_for 'Items: New' && type_slowly 'Cortado' && press F2
ok "what is missing is named by its field" wait_for 'a field is missing'
press Escape && wait_for 'Leave without' && press n
ok "what was typed is not lost by Esc" shows 'Cortado'
press Escape && wait_for 'Leave without' && press y && wait_for 'Oat milk'

# ---- a till's code ----
press F9 && wait_for 'orders' && palette 'tills' && wait_for 'People' && press Enter && wait_for 'Counter'
press Down && press w && wait_for 'Enrolment code' && press q
ok "an enrolment code is shown for a camera" until_true has_code

# ---- what cannot be taken back asks ----
press Escape Escape && wait_for 'Counter' && press x && wait_for 'Revoke it?' && press n
ok "revoking asks" hides 'revoked'

# ---- by role: a cashier's till sees no books ----
start_console --terminal=office
ok "a manager at a till sees the day" wait_for '3 orders'

# ---- every screen, as it looks ----
mask() {
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}/YYYY-MM-DD hh:mm/g' -e 's/  [0-9]{2}:[0-9]{2}$/  hh:mm/' \
		-e 's/[▁▂▃▄▅▆▇█]/#/g' -e 's/•+ ?[0-9]{4}/NNNN/g' -e 's/[*]{4,} ?[0-9]{4}/NNNN/g' -e 's,HTTP://127[^ ]*,CODE,'
}
dump_all() {
	local size=$1 lang=$2 folder=$work/$1-$2
	mkdir -p "$folder"
	sed -e "s,FOLDER,$folder," "$here/console.script" >"$work/script"
	"$QRTILL_BIN/qrtill-console" --lang="$lang" --script="$work/script" --script-cols="${size%x*}" \
		--script-rows="${size#*x}" </dev/null 2>"$work/till.err" || { cat "$work/till.err"; return 1; }
	for file in "$folder"/*; do
		printf '=== %s\n' "${file##*/}"
		mask <"$file"
	done >"$work/$size-$lang.txt"
}
same_as_expected() {
	[ -z "${QRTILL_ACCEPT:-}" ] || cp "$work/$1.txt" "$here/expect/console-$1.txt"
	diff -u "$here/expect/console-$1.txt" "$work/$1.txt"
}
for size in 80x24 120x40; do
	for lang in en zh; do
		ok "screens of $size $lang are drawn" dump_all $size $lang
		ok "as expected" same_as_expected $size-$lang
	done
done
ok "the books agree" audit_clean
done_testing
