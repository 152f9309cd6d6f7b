#!/bin/bash
# check.sh: the whole suite, as "make check" runs it. The last line is "N passed, N failed".
set -u
TALLY=$(mktemp)
export TALLY
trap 'rm -f "$TALLY"' EXIT
jobs=$(nproc)
broken=0

# Everything with gcc, then the unit and API tests again under the sanitizers with clang.
make -s -j"$jobs" tests-built && make -s run-all || broken=1
make -s -j"$jobs" CC=clang SAN=1 tests-built &&
	make -s CC=clang SAN=1 run-sanitized || broken=1

read -r passed failed < <(awk '{p += $1; f += $2} END {print p + 0, f + 0}' "$TALLY")
[ "$broken" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1 # a build that broke counts as a failure
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
