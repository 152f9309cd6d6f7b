#!/bin/bash
# coverage.sh FOLDER OUT: what the runs of the programs built into FOLDER (COV=1) took: lines and branches of each
# module where money, codes and the database are handled, as a table; OUT has the table and every branch not taken.
# A branch inside assert() does not count: it is taken by a defect alone.
set -u
folder=$1 out=$2
GOAL=95 # per cent of branches, of the groups marked *
modules='server/((ledger|rebate|payment|card)[a-z_]*|refund|settle|order[a-z_]*|api_(card|order|payment|rebate))\.c|server/store/.*\.c|shared/code\.c'
csv=$(mktemp) branches=$(mktemp)
trap 'rm -f "$csv" "$branches"' EXIT

gcovr --root . --filter "$modules" --exclude-branches-by-pattern '\s*assert\(.*' \
	--csv "$csv" --txt "$branches" --branches "$folder" >/dev/null || exit 1

awk -F, -v goal="$GOAL" '
function group(file) {
	sub(/.*\//, "", file); sub(/\.c$/, "", file)
	return match(file, /^(ledger|rebate|payment|card|code)/) ? "* " substr(file, 1, RLENGTH) : ""
}
function row(name, lc, lt, bc, bt) {
	printf "%-34s %5d/%-5d %5.1f %%  %5d/%-5d %5.1f %%\n", name, lc, lt, lt ? 100 * lc / lt : 100, bc, bt,
		bt ? 100 * bc / bt : 100
}
NR == 1 { printf "%-34s %20s  %20s\n", "module", "lines", "branches"; next }
{
	row($1, $3, $2, $6, $5)
	lt += $2; lc += $3; bt += $5; bc += $6
	g = group($1)
	if (g != "") { glt[g] += $2; glc[g] += $3; gbt[g] += $5; gbc[g] += $6 }
}
END {
	row("all of them", lc, lt, bc, bt)
	print ""
	n = split("ledger rebate payment card code", names, " ")
	for (i = 1; i <= n; i++) {
		g = "* " names[i]
		if (gbt[g] == 0) { print "nothing of " names[i] " was counted"; exit 1 }
		row(g, glc[g], glt[g], gbc[g], gbt[g])
		bt5 += gbt[g]; bc5 += gbc[g]; lt5 += glt[g]; lc5 += glc[g]
	}
	row("* together (goal " goal " %)", lc5, lt5, bc5, bt5)
}' "$csv" >"$out" || { cat "$out"; exit 1; }
cat "$out"
{ echo; echo "Branches not taken:"; cat "$branches"; } >>"$out"
