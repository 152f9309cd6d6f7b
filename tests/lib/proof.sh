#!/bin/bash
# proof.sh: "make proof": runs the table of proofs (tests/proof/table), each with its long parameters, prints one table and writes
# build/proof.json. ONLY="race flood" runs these alone. The whole output of each goes to build/proof/NAME.log.
set -u
cd "$(dirname "$0")/../.." || exit 1
export BIN=${QRTILL_BIN:?} TESTS=${QRTILL_TESTS:?} QRTILL_BIN QRTILL_TESTS LC_ALL=C.UTF-8 TZ=UTC CMOCKA_MESSAGE_OUTPUT=TAP
out=build/proof
rows=() bad=0
mkdir -p "$out"

trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }

# there COMMAND: is what the command runs there at all?
# shellcheck disable=SC2016 # the pattern looks for the variable's name
there() {
	case $1 in
	make*) make -n "$(awk '{ print $3 }' <<<"$1")" >/dev/null 2>&1 ;;
	*) eval "set -- $(grep -oE '("\$TESTS/[^"]*"|tests/[^ ]*)' <<<"$1" | head -n 1)" && [ -x "$1" ] ;;
	esac
}

# Sums of count and found over the proof lines of a log, and what they say besides; TAP lines where there are none.
sums() {
	awk '
	/^[[:space:]]*ok [0-9]/ { ok++ }
	/^[[:space:]]*not ok [0-9]/ { bad++ }
	/^# proof: / {
		lines++
		for (i = 4; i <= NF; i++) {
			split($i, pair, "=")
			if (pair[1] == "count") count += pair[2]
			else if (pair[1] == "found") found += pair[2]
			else if (pair[1] != "seconds" && pair[1] != "") more = more " " $i
		}
	}
	END {
		if (lines == 0) { count = ok + bad; found = bad }
		if (found < bad) found = bad
		printf "%d %d%s\n", count, found, more
	}' "$1"
}

# members NAME=VALUE...: as members of a JSON object; what is no number is a text.
members() {
	local pair
	for pair in "$@"; do
		[[ ${pair#*=} =~ ^-?[0-9]+(\.[0-9]+)?$ ]] && printf ',"%s":%s' "${pair%%=*}" "${pair#*=}" ||
			printf ',"%s":"%s"' "${pair%%=*}" "${pair#*=}"
	done
}

run_row() {
	local name=$1 what=$2 command=$3 started count found more status
	started=$(date +%s%N)
	bash -c "$command" >"$out/$name.log" 2>&1
	status=$?
	read -r count found more <<<"$(sums "$out/$name.log")"
	local ms=$((($(date +%s%N) - started) / 1000000)) passed=true
	if [ $status -ne 0 ] || [ "$found" -ne 0 ] || [ "$count" -eq 0 ]; then passed=false bad=1; fi
	printf '%-11s %11d %7d %8d s  %s%s\n' "$name" "$count" "$found" $((ms / 1000)) "$what" "${more:+ ($more)}"
	[ $passed = true ] || printf '            FAILED (exit %d), see %s\n' $status "$out/$name.log"
	# shellcheck disable=SC2086 # a list of pairs
	rows+=("$(printf '{"name":"%s","what":"%s","command":%s,"count":%d,"found":%d,"seconds":%d.%03d,"passed":%s%s}' "$name" "${what//\"/\\\"}" \
		"$(sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/"/' <<<"$command")" "$count" "$found" $((ms / 1000)) $((ms % 1000)) $passed "$(members $more)")")
}

printf '%-11s %11s %7s %10s  %s\n' proof tried found time what
while IFS='|' read -r name what command; do
	name=$(trim "$name") what=$(trim "$what") command=$(trim "$command")
	case $name in '' | '#'*) continue ;; esac
	[ -z "${ONLY:-}" ] || [[ " $ONLY " == *" $name "* ]] || continue
	if there "$command"; then run_row "$name" "$what" "$command"; else echo "$name: not there"; fi
done < <(grep -v '^#' tests/proof/table)
{
	printf '{"at":"%s","commit":"%s","cores":%d,"kernel":"%s","proofs":[\n' "$(date -u +%FT%TZ)" \
		"$(git rev-parse --short HEAD 2>/dev/null)" "$(nproc)" "$(uname -r)"
	for ((i = 0; i < ${#rows[@]}; i++)); do printf '%s%s\n' "${rows[i]}" "$([ $((i + 1)) -lt ${#rows[@]} ] && echo ,)"; done
	echo ']}'
} >build/proof.json
exit $bad
