#!/bin/bash
# The written descriptions of the API are those of the server that was built; every route, error and setting is in
# its manual page.
set -u
bin=${QRTILL_BIN:-build/bin}
n=0
failed=0

check() { # check LABEL COMMAND...
	n=$((n + 1))
	if "${@:2}"; then echo "ok $n - $1"; else echo "not ok $n - $1"; failed=1; fi
}
same() { "$bin/qrtilld" "$1" | diff -q - "$2" >/dev/null; }
# Blanks folded, as a reader sees the page.
page() { MANWIDTH=400 mandoc -T utf8 "$1" | col -bx | tr -s ' '; }
has_routes() {
	local text missing=0
	text=$(page man/qrtill-api.7)
	while read -r method path _; do
		grep -qF " $method $path" <<<"$text" || { echo "# missing: $method $path"; missing=1; }
	done < <("$bin/qrtilld" --routes)
	return $missing
}
has_errors() {
	local text missing=0 code
	text=$(page man/qrtill-api.7)
	for code in $(sed -n 's/^X([A-Z0-9_]*, *"\([a-z0-9-]*\)".*/\1/p' shared/errors.def | grep -v '^ok$'); do
		grep -qE "^ $code( |$)" <<<"$text" || { echo "# missing: $code"; missing=1; }
	done
	return $missing
}
has_settings() { # has_settings FILE: every option of --help
	local missing=0 name
	for name in $("$bin/qrtilld" --help | sed -n 's/^  --\([a-z-]*\) .*/\1/p' | grep -vE '^(config|help|version)$'); do
		grep -qE "(^|[^a-z_])${name//-/_}([^a-z_]|$)" "$1" || { echo "# missing in $1: ${name//-/_}"; missing=1; }
	done
	return $missing
}
described_all() { [ "$("$bin/qrtilld" --routes | wc -l)" -gt 60 ]; }

check "there are routes to describe" described_all
check "data/openapi.json is this server's (make api-docs)" same --openapi data/openapi.json
check "qrtill-api(7) is this server's (make api-docs)" same --api-manual man/qrtill-api.7
check "every route is in qrtill-api(7)" has_routes
check "every error is in qrtill-api(7)" has_errors
check "every setting is in qrtill.conf(5)" has_settings man/qrtill.conf.5
check "every setting is in qrtill.conf.example" has_settings data/qrtill.conf.example
echo "1..$n"
exit $failed
