#!/bin/bash
# run.sh FOLDER: each fuzz target there for FUZZ_SECONDS (60), or for RUNS inputs, starting from its corpus; new inputs go to
# build/fuzz/NAME. With RUNS the time is bounded only when FUZZ_SECONDS is set. ONLY names one target. Prints runs a target;
# findings stay in build/fuzz.
set -u
limits=(-max_total_time="${FUZZ_SECONDS:-60}")
[ -z "${RUNS:-}" ] || limits=(-runs="$RUNS" -max_total_time="${FUZZ_SECONDS:-0}")
failed=0 total=0 found_count=0
started=$(date +%s)
printf '%-12s %14s  %s\n' parser runs found
for program in "$1"/fuzz_*; do
	[ -x "$program" ] && [ ! -d "$program" ] || continue
	case $program in *.o | *.d) continue ;; esac
	name=${program##*/fuzz_}
	[ -z "${ONLY:-}" ] || [ "$ONLY" = "$name" ] || continue
	mkdir -p "build/fuzz/$name"
	"$program" "${limits[@]}" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/$name-" "build/fuzz/$name" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1
	status=$?
	runs=$(awk -F'[: ]+' '/number_of_executed_units/ { print $3 }' "build/fuzz/$name.log")
	found=none
	[ $status -eq 0 ] || { found="see build/fuzz/$name.log"; failed=1 found_count=$((found_count + 1)); }
	total=$((total + ${runs:-0}))
	printf '%-12s %14s  %s\n' "$name" "${runs:-?}" "$found"
done
echo "# proof: fuzz count=$total found=$found_count seconds=$(($(date +%s) - started))"
exit $failed
