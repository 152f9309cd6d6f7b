#!/bin/bash
# A till in use all day: SALES sales by replay (200), every fifth part in cash and part by the bank's terminal, against a real
# server. Each is in the books once and in the till's journal, nothing waits, and the memory of the till is the same after a
# tenth of them and at the end. Speed is not judged.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

sales=${SALES:-200}
espresso=2900010010373
sql() { sqlite3 -readonly "$work/data/qrtill.db" "$1"; }
till_sql() { sqlite3 -readonly "$work/till/till.db" "$1"; }
orders() { sql 'SELECT COUNT(*) FROM orders'; }
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status" 2>/dev/null; }

# The keys of one sale: the number of cups changes from one to the next.
one_sale() {
	printf 'wait Scan an item\ntype %d*\nscan %s\nwait Espresso\nkey F9\nwait DUE\n' $(($1 % 7 + 1)) "$espresso"
	if [ $(($1 % 5)) = 0 ]; then
		printf 'type 100\nkey Enter\nwait STILL DUE\nkey F9\nwait DUE\n'
	fi
	printf 'type =\nwait PAID\nkey Enter\n'
}
replay() {
	local i
	for ((i = 1; i <= sales; i++)); do one_sale "$i"; done >"$work/script"
	printf 'wait Scan an item\nidle\n' >>"$work/script"
	"$QRTILL_BIN/qrtill-pos" --data-dir="$work/till" --server="$TILL_URL" --ask-float=false --lang=en \
		--script="$work/script" </dev/null 2>"$work/till.err" &
	local pid=$! kb
	early_kb='' late_kb=0
	while kb=$(rss_kb "$pid") && [ -n "$kb" ]; do
		late_kb=$kb
		[ -n "$early_kb" ] || [ "$(orders)" -lt $((sales / 10)) ] || early_kb=$kb
		sleep 0.2
	done
	wait "$pid"
}
# The cache of the till's file fills up to its 4 MB (tdb.c) as the file grows, which is no leak; so 5 % and those.
memory_is_flat() {
	echo "# the till's memory: $early_kb kB after $((sales / 10)) sales, $late_kb kB after $sales"
	[ "$late_kb" -le $((early_kb + early_kb / 20 + 4096)) ]
}
is() { [ "$1" = "$2" ] || { echo "# $1, not $2"; return 1; }; }

start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en
sign_in 7 1357 && wait_for 'Scan an item' && until_true hides waiting
press C-q && wait_for 'End the program' && press y && until_true no_tmux
begin=$SECONDS
ok "$sales sales are replayed" replay
ok "each is in the books, once" is "$(sql "SELECT COUNT(*), COUNT(DISTINCT receipt_number) FROM orders WHERE receipt_number > 0")" "$sales|$sales"
ok "nothing waits at the till" is "$(till_sql 'SELECT COUNT(*) FROM outbox')" 0
ok "its journal has every receipt" is "$(till_sql "SELECT COUNT(*) FROM event WHERE kind = 'receipt'")" "$sales"
ok "the till's memory does not grow" memory_is_flat
ok "the journal has no gap" "$q" journal verify "$work/till/till.db"
ok "the books are clean" until_true audit_clean # many sales are more than one answer waits for on a busy machine
echo "# proof: day count=$sales found=$failures seconds=$((SECONDS - begin)) early_kb=$early_kb late_kb=$late_kb"
done_testing
