#!/bin/bash
# The tutorial's day at the till names keys as "F9 (Cash)": each must be a binding of the till with that key and that label.
cd "$(dirname "$0")/../.." || exit 1
number=0 failed=0
# "F9 (Cash)", maybe broken over two lines.
named() {
	sed -n "/^\.Ss A day at the till/,/^\.Ss The evening/p" man/qrtill-tutorial.7 | tr '\n' ' ' |
		grep -oE '(F[0-9]+|Ctrl-[A-Z]) \([A-Z][a-z ]+\)' | sort -u
}
# binding KEY LABEL: a row of some screen's table has both.
binding() {
	local key=$1 code
	case $key in
	F*) code="TUI_F(${key#F})" ;;
	*) code="TUI_CTRL('$(tr '[:upper:]' '[:lower:]' <<<"${key#Ctrl-}")')" ;;
	esac
	grep -hF "$code" pos/screen_*.c | grep -qF "N_(\"$2\")"
}
while IFS= read -r row; do
	number=$((number + 1))
	label=${row#*(}
	if binding "${row%% *}" "${label%)}"; then
		echo "ok $number - $row"
	else
		echo "not ok $number - $row is no key of the till"
		failed=1
	fi
done < <(named)
if [ $number -lt 15 ]; then
	echo "not ok $((number + 1)) - the page names hardly any key"
	exit 1
fi
echo "1..$number"
exit $failed
