#!/bin/bash
# run.sh FOLDER: each fuzz target there for FUZZ_SECONDS (60), starting from its corpus; new inputs go to build/fuzz/NAME.
# Prints runs a target; findings stay in build/fuzz.
set -u
seconds=${FUZZ_SECONDS:-60}
failed=0
printf '%-12s %14s  %s\n' parser runs found
for program in "$1"/fuzz_*; do
	[ -x "$program" ] && [ ! -d "$program" ] || continue
	case $program in *.o | *.d) continue ;; esac
	name=${program##*/fuzz_}
	mkdir -p "build/fuzz/$name"
	"$program" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/$name-" "build/fuzz/$name" "tests/fuzz/corpus/$name" >"build/fuzz/$name.log" 2>&1
	status=$?
	runs=$(awk -F'[: ]+' '/number_of_executed_units/ { print $3 }' "build/fuzz/$name.log")
	found=none
	[ $status -eq 0 ] || { found="see build/fuzz/$name.log"; failed=1; }
	printf '%-12s %14s  %s\n' "$name" "${runs:-?}" "$found"
done
exit $failed
