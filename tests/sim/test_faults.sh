#!/bin/bash
# test_faults.sh: the simulation can fail. Each patch in tests/sim/faults is a fault put into the server or the till on
# purpose; it is applied to a copy of its file, that file alone is compiled, and the simulation with it must break a promise
# within SEEDS seeds (2,000). FAULTS names some of them, else all are tried; two at a time.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${SEEDS:=2000}" "${FAULTS:=$(ls tests/sim/faults)}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Try one; the verdict goes to FOLDER/NAME.
try() {
	local patch=tests/sim/faults/$1 verdict=$folder/$1 file program=$folder/$1.sim
	file=$(sed -n 's|^+++ b/||p' "$patch")
	mkdir -p "$folder/$1.d/$(dirname "$file")"
	if ! cp "$file" "$folder/$1.d/$file" || ! patch -s -p1 -d "$folder/$1.d" <"$patch" >"$folder/$1.log" 2>&1; then
		echo "not ok - $1: the patch does not apply to $file any more" >"$verdict"
		return
	fi
	if ! make -s sim-with OF="$file" FROM="$folder/$1.d/$file" TO="$program" >"$folder/$1.log" 2>&1; then
		{ echo "not ok - $1: it does not compile" && sed 's/^/# /' "$folder/$1.log"; } >"$verdict"
		return
	fi
	"$program" --seeds "$SEEDS" >"$folder/$1.log" 2>&1
	if grep -q '^broken:\|died of' "$folder/$1.log"; then
		echo "ok - $1: $(grep -h '^broken:\|died of' "$folder/$1.log" | head -n 1), $(grep -h ' seeds in ' "$folder/$1.log")" >"$verdict"
	else
		echo "not ok - $1: not found. $(grep -h ' seeds in ' "$folder/$1.log")" >"$verdict"
	fi
	rm -f "$program" "$program.o"
}

running=0
for name in $FAULTS; do
	try "$name" &
	running=$((running + 1))
	[ "$running" -lt "$(nproc)" ] || { wait -n && running=$((running - 1)); }
done
wait

number=0 failed=0 found=0
for name in $FAULTS; do
	number=$((number + 1))
	sed "s/^ok -/ok $number -/; s/^not ok -/not ok $number -/" "$folder/$name"
	if grep -q '^ok' "$folder/$name"; then found=$((found + 1)); else failed=1; fi
done
echo "# $found of $number faults are found"
echo "1..$number"
exit $failed
