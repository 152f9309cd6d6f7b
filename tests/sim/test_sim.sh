#!/bin/bash
# test_sim.sh: SEEDS stories of the simulated shop (2,000), each with its own weather, crashes and
# disk errors: no promise of tests/sim/checks.c and no sum of tests/sim/model.c is broken; and a seed told twice is the
# same, byte for byte. On a machine that is busy with other things it ends after SIM_SECONDS and says how many were told.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${QRTILL_TESTS:=build/gcc/tests}" "${SEEDS:=2000}"
sim=$QRTILL_TESTS/sim/sim
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
number=0 failed=0

result() { # result STATUS NAME
	number=$((number + 1))
	if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2" && failed=1; fi
}

"$sim" --seeds "$SEEDS" --seconds "${SIM_SECONDS:-450}" --jobs "$(nproc)" >"$folder/all" 2>&1
status=$?
sed 's|^# ||; s|^|# |' "$folder/all"
result $status "$(sed -n 's/ seeds in .*//p' "$folder/all") of $SEEDS seeds told, and no promise is broken"

for run in 1 2; do
	"$sim" --first 7000 --seeds 20 --hashes --jobs "$run" 2>&1 | grep '^seed ' | sort >"$folder/$run"
done
[ "$(wc -l <"$folder/1")" -eq 20 ] && cmp -s "$folder/1" "$folder/2"
result $? "20 seeds told again are the same: every step and every byte on the disks"
echo "1..$number"
exit $failed
