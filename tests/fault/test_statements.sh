#!/bin/bash
# test_statements.sh: the API tests of the money paths once more, with every single statement of every request failing
# once. A request whose statement fails must say so and change nothing; sent again with the same key it does its work
# exactly once. What the lists expect of balances, states and replays holds unchanged, and the audit is clean.
# ALL=1 takes more lists, as "make proof" and "make coverage" do; TESTS names them.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${QRTILL_BIN:=build/bin}" "${QRTILL_TESTS:=build/gcc/tests}"
export QRTILL_BIN
QRTILL_STEP_SHIM=$(realpath "$QRTILL_TESTS/fault/step_shim.so")
QRTILL_STEP_FILE=$(mktemp)
export QRTILL_STEP_SHIM QRTILL_STEP_FILE
trap 'rm -f "$QRTILL_STEP_FILE"' EXIT

lists="card order payment refund prefund points share campaign fixed_code receipt merchant"
[ -z "${ALL:-}" ] || lists="$lists provider card_sale points_lot promotion"
number=0 failed=0
for name in ${TESTS:-$lists}; do
	: >"$QRTILL_STEP_FILE" # counts from none
	output=$("$QRTILL_TESTS/api/test_$name" 2>&1)
	status=$?
	passed=$(grep -c '^ok ' <<<"$output")
	tried=$(sed -n 's/^# statements that failed: //p' <<<"$output" | tail -n 1)
	number=$((number + 1))
	if [ "$status" -eq 0 ] && [ "$passed" -gt 0 ] && [ "${tried:-0}" -gt 100 ]; then
		echo "ok $number - $name: $passed checks hold while ${tried} statements fail"
	else
		echo "not ok $number - $name: status $status, $passed checks, ${tried:-0} statements failed"
		grep -v '^ok ' <<<"$output" | head -n "${LINES_MAX:-40}"
		failed=1
	fi
done
echo "1..$number"
exit $failed
