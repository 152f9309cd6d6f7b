#!/bin/bash
# run.sh TEST...: runs each test with a bound of time, JOBS at once (as many as there are cores), shows what failed,
# counts TAP lines. Appends "PASSED FAILED" to $TALLY when that is set; the last line printed is "N passed, N failed".
set -u
export QRTILL_BIN=${QRTILL_BIN:-build/bin} CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8 TZ=UTC
QRTILL_BIN=$(realpath -m "$QRTILL_BIN")
RUN_COUNTS=$(mktemp)
export RUN_COUNTS
trap 'rm -f "$RUN_COUNTS"' EXIT

run_one() { # run_one TEST: its line, and what it said when it failed, in one piece
	local test=$1 log start status ok bad
	log=$(mktemp)
	start=$(date +%s%N)
	case $test in
	*.mjs) timeout -k 5 "${TEST_SECONDS:-600}" node "$test" >"$log" 2>&1 </dev/null ;;
	*) timeout -k 5 "${TEST_SECONDS:-600}" "$test" >"$log" 2>&1 </dev/null ;;
	esac
	status=$?
	ok=$(grep -cE '^[[:space:]]*ok [0-9]+' "$log")
	bad=$(grep -cE '^[[:space:]]*not ok [0-9]+' "$log")
	# A test that died, or that tested nothing, has failed.
	if { [ $status -ne 0 ] && [ "$bad" -eq 0 ]; } || [ $((ok + bad)) -eq 0 ]; then bad=$((bad + 1)); fi
	{
		flock 9
		echo "$ok $bad" >&9
		printf '%-44s %4d ok %3d failed  %6d ms\n' "${test#*/}" "$ok" "$bad" $((($(date +%s%N) - start) / 1000000))
		if [ "$bad" -gt 0 ]; then
			echo "--- $test (exit $status)"
			grep -vE '^[[:space:]]*ok ' "$log" | tail -n 60
			echo "---"
		fi
	} 9>>"$RUN_COUNTS"
	rm -f "$log"
}
export -f run_one

# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "$@" | xargs -0 -r -n 1 -P "${JOBS:-$(nproc)}" bash -c 'run_one "$0"'
read -r passed failed < <(awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }' "$RUN_COUNTS")
[ -z "${TALLY:-}" ] || echo "$passed $failed" >>"$TALLY"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
