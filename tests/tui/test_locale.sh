#!/bin/bash
# Every text a person sees on the till or the console is in the Chinese catalogue, with the same placeholders, and the
# catalogue holds nothing else.
# shellcheck disable=SC2317 # called by name
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tests=0 failures=0
ok() {
	local name=$1
	shift
	tests=$((tests + 1))
	if "$@" >"$work/out" 2>&1; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		sed 's/^/# /' "$work/out"
		failures=$((failures + 1))
	fi
}
# Bytes above 7f inside tr("...") would be keys that are no English.
keys_are_ascii() { ! grep -nP 'tr\("[^"]*[^\x00-\x7f]' pos/*.c shared/tui/*.c console/*.c; }
same_keys() {
	diff <(msgattrib --no-wrap --no-location "$1" | grep '^msgid' | sort) \
		<(msgattrib --no-wrap --no-location "$2" | grep '^msgid' | sort)
}

xgettext --from-code=UTF-8 -k -ktr -kN_ -o "$work/qrtill.pot" pos/*.c shared/tui/*.c console/*.c
ok "texts are collected" grep -q 'msgid "TOTAL"' "$work/qrtill.pot"
ok "every text is translated" msgcmp data/locale/zh.po "$work/qrtill.pot"
ok "none is empty" test -z "$(msgattrib --untranslated data/locale/zh.po)"
ok "none is left over" same_keys "$work/qrtill.pot" data/locale/zh.po
ok "placeholders agree" msgfmt --check-format -o /dev/null data/locale/zh.po
ok "keys are plain English" keys_are_ascii
echo "1..$tests"
exit $((failures > 0))
