#!/bin/bash
# What a till did, as its hash chain: written with the thing itself, countersigned by the server, and every way of changing
# it afterwards found and named by `qrtill journal verify`.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
till_sql() { sqlite3 -readonly "$work/till/till.db" "$1"; }
server_sql() { sqlite3 -readonly "$work/data/qrtill.db" "$1"; }
# Everything is handed in.
all_sent() { [ "$(till_sql 'SELECT MAX(sequence) FROM event')" = "$(till_sql 'SELECT MAX(sequence) FROM event_head')" ]; }
has() { [ "$(till_sql "SELECT COUNT(*) > 0 FROM event WHERE kind = '$1'")" = 1 ]; }
whole() { "$q" journal verify "$@" >"$work/verdict" 2>&1 && grep -q '^whole' "$work/verdict"; }
# broken WHAT ARGUMENT...: exit 1, and the verdict says WHAT.
broken() {
	local what=$1
	shift
	"$q" journal verify "$@" >"$work/verdict" 2>&1
	[ $? -eq 1 ] && grep -q -e "$what" "$work/verdict" || { cat "$work/verdict"; return 1; }
}
# tampered SQL WHAT: a copy of the file, changed so.
tampered() {
	cp "$work/kept.db" "$work/copy.db"
	sqlite3 "$work/copy.db" "$1" && broken "$2" "$work/copy.db"
}
# Every column of one event of every kind, each changed alone.
every_column() {
	local sequence kind change expected
	while IFS='|' read -r sequence kind; do
		for change in "sequence = 100000 + sequence" "at_ms = at_ms + 1" "kind = kind || 'x'" \
			"content = replace(content, '}', ',\"x\":1}')" "previous = hash" "hash = replace(hash, substr(hash, 1, 1), 'g')"; do
			expected=$sequence # a number that was moved leaves a gap there, or at the end when the first was let go
			[ "${change%% *}" != sequence ] || expected='gap'
			tampered "UPDATE event SET $change WHERE sequence = $sequence" "$expected" ||
				{ echo "# $sequence $kind: $change is not found"; return 1; }
		done
	done < <(sqlite3 "$work/kept.db" 'SELECT MIN(sequence), kind FROM event GROUP BY kind')
}
# Compute every hash anew, as somebody would who knows how it is done.
rechain() {
	local sequence at_ms kind content hash previous sql=''
	previous=$(printf '%064d' 0)
	while IFS=$'\x1f' read -r sequence at_ms kind content; do
		hash=$(printf 'qrtill till event 1\n%s\n%s\n%s\n%s\n%s\n' "$sequence" "$at_ms" "$kind" "$content" "$previous" |
			sha256sum | cut -d' ' -f1)
		sql+="UPDATE event SET previous = '$previous', hash = '$hash' WHERE sequence = $sequence;"
		previous=$hash
	done < <(sqlite3 -separator $'\x1f' "$1" 'SELECT sequence, at_ms, kind, content FROM event ORDER BY sequence')
	sqlite3 "$1" "$sql"
}
rechained_is_found() {
	cp "$work/kept.db" "$work/copy.db"
	sqlite3 "$work/copy.db" "UPDATE event SET content = replace(content, '}', ',\"x\":1}') WHERE kind = 'total'"
	rechain "$work/copy.db"
	broken countersigned "$work/copy.db" || return 1
	sqlite3 "$work/copy.db" "UPDATE event_head SET hash = (SELECT hash FROM event e WHERE e.sequence = event_head.sequence)"
	broken signature "$work/copy.db"
}
quit_till() { press C-q && wait_for 'End the program' && press y && until_true no_tmux && until_true flock -n "$work/till/till.lock" true; }

start_shop || exit 1
export ask_float=true
start_till till --enrol="$enrolment_code" --lang=en --printer="$work/paper" --open-drawer=true
wait_for PIN && type_slowly 7 && press Enter && type_slowly 1357 && press Enter && wait_for "drawer's float"
press F7 && wait_for 'Scan an item'
scan $espresso && wait_for 'USD 2.70' && scan $americano && wait_for 'USD 6.26' && press + && wait_for 'USD 9.83' && press DC && wait_for 'USD 2.70'
press F5 && wait_for 'A name for it' && type_slowly red && press Enter && wait_for 'put aside as 1'
press F6 && wait_for red && press Enter && wait_for 'USD 2.70'
press F9 && wait_for DUE && press '=' && wait_for 'PAID'
press F8 && press Enter && wait_for 'Scan an item'
scan $americano && wait_for 'USD 3.56' && press C-x && wait_for 'Take all lines' && press y && wait_for 'Scan an item'
press C-s && wait_for 'Shift 1' && press F9 && wait_for 'without a sale: why' && type_slowly 1 && press Enter && wait_for ': done'
press F7 && wait_for 'Count what' && press F7 && wait_for 'counted?' && press y && wait_for 'Z REPORT' && press Escape && wait_for 'No shift' && press Escape
press F11 && wait_for 合计 && press F11 && wait_for TOTAL
press C-g && wait_for PIN
sign_in 9 246810
kill_till && start_till till --printer="$work/paper" --lang=en && wait_for 'Scan an item'
for kind in enrol start crash sign-in sign-out sale-begin line-add line-change line-void sale-void hold recall total tender \
	receipt print reprint drawer-open no-sale shift-open shift-close z-report setting; do
	ok "the journal has $kind" has "$kind"
done
ok "all of it is handed in while the till stands" until_true all_sent
ok "the till's file is whole, also while it runs" whole "$work/till/till.db"
quit_till
ok "the last event is the stop" test "$(till_sql 'SELECT kind FROM event ORDER BY sequence DESC LIMIT 1')" = stop
cp "$work/till/till.db" "$work/kept.db"
ok "whole after the end" whole "$work/kept.db"
ok "whole at the server" whole --till 2
"$q" journal export "$work/kept.db" >"$work/export.json"
ok "whole as an export" whole "$work/export.json"
ok "whole as the server's export" eval '"$q" journal export --till 2 >"$work/server.json" && whole "$work/server.json"'
ok "events are small" test "$(till_sql 'SELECT AVG(LENGTH(content)) < 120 FROM event')" = 1

# --- tampering
ok "each column of each kind" every_column
ok "a row is gone" tampered 'DELETE FROM event WHERE sequence = 7' '7: gap'
ok "two rows are swapped" tampered "UPDATE event SET sequence = -1 WHERE sequence = 5; UPDATE event SET sequence = 5 WHERE sequence = 6; UPDATE event SET sequence = 6 WHERE sequence = -1" '5 .*: hash'
ok "the end is cut off" tampered 'DELETE FROM event WHERE sequence > 9' '10: truncated'
ok "all of it is gone" tampered 'DELETE FROM event' ': truncated\|: gap'
ok "the beginning is gone, and nobody vouches" tampered "DELETE FROM event WHERE sequence < 6; DELETE FROM event_head WHERE sequence <= 5" 'gap'
ok "everything is computed anew: the server's word tells" rechained_is_found
ok "a signature is another's" tampered "UPDATE event_head SET at_ms = at_ms + 1" signature
ok "a key is another's" broken signature --key="$(printf '%064d' 0)" "$work/kept.db"
sed 's/line-void/line-voxd/' "$work/export.json" >"$work/bad.json"
ok "in an export" broken 'line-voxd: hash' "$work/bad.json"
ok "as JSON it says where" eval '"$q" journal verify "$work/bad.json" --json 2>/dev/null | grep -q "\"whole\":false.*\"what\":\"hash\""'
sqlite3 "$work/data/qrtill.db" "UPDATE till_event SET at_ms = at_ms + 1 WHERE sequence = 8"
ok "at the server" broken '8 .*: hash' --till 2
sqlite3 "$work/data/qrtill.db" "UPDATE till_event SET at_ms = at_ms - 1 WHERE sequence = 8"
ok "and put back it is whole" whole --till 2
ok "what is no journal is told apart" eval '! "$q" journal verify "$work/data/qrtill.db" >"$work/verdict" 2>&1 && grep -q "no till" "$work/verdict"'

# --- a file that was put back to an old state, another machine, and letting go
start_till till --lang=en && wait_for 'Scan an item' && scan $espresso && wait_for 'USD 2.70'
until_true all_sent
press C-x && wait_for 'Take all lines' && press y && wait_for 'Scan an item' && until_true all_sent
quit_till
rm -f "$work"/till/till.db-*
cp "$work/kept.db" "$work/till/till.db"
start_till till --lang=en
ok "an old copy of the file cannot go on as if nothing were" wait_for 'JOURNAL REFUSED'
kill_till
before=$(server_sql 'SELECT MAX(sequence) FROM till_event WHERE terminal_id = 2')
code=$("$q" terminal renew 2 --plain | member enrolment_code)
start_till fresh --enrol="$code" --lang=en
wait_for PIN
goes_on() { [ "$(server_sql "SELECT kind FROM till_event WHERE terminal_id = 2 AND sequence = $((before + 1))")" = enrol ]; }
ok "another machine goes on with the chain" until_true goes_on
ok "whole at the server" whole --till 2
ok "whole there" whole "$work/fresh/till.db"
kill_till
start_till fresh --lang=en --journal-days=0 && wait_for PIN
kept() { [ "$(sqlite3 -readonly "$work/fresh/till.db" 'SELECT COUNT(*) FROM event')" -eq "$1" ]; }
ok "what the server has is let go after its days" until_true kept 0
kill_till && start_till fresh --lang=en && wait_for PIN
ok "the rest is whole on its anchor" until_true eval 'kept 2 && whole "$work/fresh/till.db"'
ok "the books are in order" audit_clean
done_testing
