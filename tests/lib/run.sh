#!/bin/bash
# run.sh TEST...: runs each test with a bound of time, shows what failed, counts TAP lines.
# Appends "PASSED FAILED" to $TALLY when that is set; the last line printed is "N passed, N failed".
set -u
passed=0 failed=0
export QRTILL_BIN=${QRTILL_BIN:-build/bin} CMOCKA_MESSAGE_OUTPUT=TAP LC_ALL=C.UTF-8 TZ=UTC
QRTILL_BIN=$(realpath -m "$QRTILL_BIN")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for test in "$@"; do
	start=$(date +%s%N)
	case $test in
	*.mjs) timeout -k 5 "${TEST_SECONDS:-600}" node "$test" >"$log" 2>&1 ;;
	*) timeout -k 5 "${TEST_SECONDS:-600}" "$test" >"$log" 2>&1 ;;
	esac
	status=$?
	ok=$(grep -cE '^[[:space:]]*ok [0-9]+' "$log")
	bad=$(grep -cE '^[[:space:]]*not ok [0-9]+' "$log")
	# A test that died, or that tested nothing, has failed.
	if { [ $status -ne 0 ] && [ "$bad" -eq 0 ]; } || [ $((ok + bad)) -eq 0 ]; then bad=$((bad + 1)); fi
	passed=$((passed + ok)) failed=$((failed + bad))
	printf '%-44s %4d ok %3d failed  %6d ms\n' "${test#*/}" "$ok" "$bad" $((($(date +%s%N) - start) / 1000000))
	if [ "$bad" -gt 0 ]; then
		echo "--- $test (exit $status)"
		grep -vE '^[[:space:]]*ok ' "$log" | tail -n 60
		echo "---"
	fi
done
[ -z "${TALLY:-}" ] || echo "$passed $failed" >>"$TALLY"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
