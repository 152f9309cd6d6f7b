#!/bin/bash
# Every fuzz target runs over its whole corpus, under ASan and UBSan. One TAP line a target.
set -u
cd "$(dirname "$(realpath "$0")")/../.." || exit 1
number=0 bad=0
if ! make -s -j"$(nproc)" CC=clang SAN=1 fuzz-replays >/dev/null; then
	echo "not ok 1 - the fuzz targets build"
	exit 1
fi
for corpus in tests/fuzz/corpus/*/; do
	name=$(basename "$corpus")
	number=$((number + 1))
	if said=$(timeout 60 "build/clang-san/tests/fuzz/replay_$name" "$corpus" 2>&1); then
		echo "ok $number - $name: $(tail -n 1 <<<"$said")"
	else
		bad=1
		sed 's/^/# /' <<<"$said" | tail -n 25
		echo "not ok $number - $name"
	fi
done
echo "1..$number"
exit $bad
