#!/bin/bash
# test_lint.sh: the house rules that a program can check, as TAP. `make lint` runs it too.
set -u
cd "$(dirname "$0")/../.." || exit 1
number=0 failed=0
found=$(mktemp)
trap 'rm -f "$found"' EXIT

# check NAME: passes when $found is empty; else its lines are shown.
check() {
	number=$((number + 1))
	if [ -s "$found" ]; then
		failed=1
		echo "not ok $number - $1"
		sed 's/^/# /' "$found" | head -n 40
	else
		echo "ok $number - $1"
	fi
}

sources() { git ls-files -- "$@" 2>/dev/null || find . -name "${1##*/}"; }
c_files=$(sources '*.c' '*.h')
scripts=$(sources '*.sh' '.ci/run')
pages=$(sources 'man/*.[1-8]')
all_text=$(sources | grep -vE '\.(png|jpg|jpeg|pdf|gz|woff2|ico)$')

# Pages of ours name each other; mandoc only knows installed ones.
for page in $pages; do
	mandoc -T lint -W style "$page" 2>&1 | while IFS= read -r line; do
		if [[ $line =~ referenced\ manual\ not\ found:\ Xr\ ([^ ]+)\ ([0-9]) ]]; then
			[ -e "man/${BASH_REMATCH[1]}.${BASH_REMATCH[2]}" ] && continue
			man -w "${BASH_REMATCH[2]}" "${BASH_REMATCH[1]}" >/dev/null 2>&1 && continue
			# Pages of Debian packages that may not be installed here.
			[[ ${BASH_REMATCH[1]} =~ ^(tmux|systemctl|sqlite3|smsd|qrencode)$ ]] && continue
		fi
		[[ $line == *"outdated mandoc.db"* ]] || echo "$line"
	done
done >"$found"
check "man pages pass mandoc -T lint"

for page in $pages; do
	grep -q '^\.Sh EXAMPLES' "$page" || echo "$page has no EXAMPLES"
	case $page in
	*.1 | *.8) grep -q '^\.Sh EXIT STATUS' "$page" || echo "$page has no EXIT STATUS" ;;
	esac
done >"$found"
check "every page has EXAMPLES, pages of programs EXIT STATUS"

for program in qrtill qrtill-pos qrtill-console qrtilld qrtill-sandbox; do
	ls "man/$program".[18] >/dev/null 2>&1 || echo "there is no page for $program"
done >"$found"
check "every program has a page"

for page in $pages; do
	name=${page##*/}
	grep -qF "\`${name%.*}(${name##*.})\`" README.md || echo "README.md does not name $page"
done >"$found"
check "README names every page"

# shellcheck disable=SC2086 # names without spaces
shellcheck -x -S warning $scripts >"$found" 2>&1
check "shellcheck finds nothing in the scripts"

# shellcheck disable=SC2086
grep -nE '\b(printf|buf_addf|snprintf|sprintf|strcat)\b.*"[^"]*\b(SELECT|INSERT INTO|UPDATE [a-z_]+ SET|DELETE FROM)\b' $c_files | grep -v '^tests/' >"$found"
check "no SQL is built with printf"

ls data/schema | cut -c1-4 | sort | uniq -d >"$found"
check "each schema file has a number of its own"

# shellcheck disable=SC2086
grep -nE "/(work|root|home)/[a-z]|/tmp/(land|cli)" $all_text | grep -vE '^tests/lint/test_lint.sh:|/home/somebody' >"$found"
check "no path of a machine"

for file in $c_files; do
	IFS= read -r first <"$file"
	[[ $first == "/* "* ]] || echo "$file:1: the file does not begin with what it owns"
done >"$found"
check "every C file begins by saying what it owns"

for file in $(printf '%s\n' $c_files | grep '\.h$'); do
	grep -qE '^#ifndef QT_[A-Z0-9_]+_H$' "$file" || echo "$file: no include guard QT_..._H"
done >"$found"
check "headers have their guard"

# A tab counts one; requests in command lists of tests may be long.
# shellcheck disable=SC2086
LC_ALL=C.UTF-8 grep -nE '^.{137,}' $c_files | grep -vE '^tests/[^:]*:[0-9]+:.{0,170}$' | cut -c1-100 >"$found"
check "no line of C is far wider than 120 columns"

# shellcheck disable=SC2086
grep -nE '\b(time|clock_gettime|gettimeofday|getrandom|rand|srand|random)\(' $c_files |
	grep -vE '^(shared/clock\.c|shared/err\.c|tests/)|^[^:]*:[0-9]+:[[:space:]]*(/?\*)|_(time|random|rand)\(|CLOCK_MONOTONIC|CLOCK_THREAD|CLOCK_PROCESS' >"$found"
check "time and randomness come from shared/clock.c alone (err.c stamps its last words)"

# shellcheck disable=SC2086
grep -nE '\b(TODO|FIXME|HACK)\b' $all_text | grep -vE '^tests/lint/test_lint.sh:|/home/somebody' >"$found"
check "nothing is left for later"

# shellcheck disable=SC2086
grep -nE '[[:space:]]+$' $c_files $scripts >"$found"
check "no blanks at line ends"

# shellcheck disable=SC2086
grep -nE '\b(gets|system|popen|strtok|tmpnam|mktemp)\(' $c_files | grep -v '^tests/' >"$found"
check "none of the calls that cannot be used safely"

# The page of the command line against what the program says of itself.
program=${QRTILL_BIN:-build/bin}/qrtill
if [ -x "$program" ]; then
	"$program" help --all | while read -r noun verb options; do
		[ "$verb" = - ] && verb=
		grep -qE "^\.It Cm $noun${verb:+ $verb}( |$)" man/qrtill.1 || echo "man/qrtill.1: no item for \"$noun $verb\""
		for option in $options; do
			option=${option#--}
			grep -qE "Fl -${option%=}( |$)" man/qrtill.1 || echo "man/qrtill.1: nothing about --${option%=} of $noun $verb"
		done
	done >"$found"
	check "qrtill(1) describes every verb and option"
else
	number=$((number + 1))
	echo "ok $number - qrtill(1) against the program # SKIP not built"
fi

# Units: what they expose, judged by systemd.
: >"$found"
if command -v systemd-analyze >/dev/null; then
	unit=$(mktemp -d)
	for service in data/systemd/*.service; do
		sed 's,@BINDIR@,/bin,' "$service" >"$unit/${service##*/}"
		exposure=$(systemd-analyze security --offline=true --no-pager "$unit/${service##*/}" 2>/dev/null |
			sed -n 's/.*Overall exposure level[^:]*: \([0-9.]*\).*/\1/p')
		awk -v e="${exposure:-10}" 'BEGIN { exit !(e >= 1.5) }' && echo "${service##*/}: exposure $exposure" >>"$found"
	done
	rm -rf "$unit"
	check "the units expose less than 1.5"
fi

# Demo data.
awk -F, 'NR > 1 { code = $2; sum = 0
	for (i = 1; i <= 12; i++) sum += substr(code, i, 1) * (i % 2 ? 1 : 3)
	if (code !~ /^[0-9]+$/ || length(code) != 13 || (10 - sum % 10) % 10 != substr(code, 13, 1)) print FILENAME ":" FNR ": " code " is no EAN-13"
	if (seen[code]++) print FILENAME ":" FNR ": " code " is there twice" }
	END { if (NR < 201) print "less than 200 items" }' data/demo/items.csv >"$found"
check "the demo has at least 200 items with valid EAN-13"

echo "1..$number"
exit $failed
