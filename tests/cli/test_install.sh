#!/bin/bash
# test_install.sh: `make install` into an empty prefix, and that what is there runs without the source tree.
# shellcheck disable=SC2317 # functions are called through ok
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/lib/shell.sh
. tests/lib/shell.sh
prefix=$folder/usr
built=$(dirname "$QRTILL_BIN")

# Objects as they are; only what holds the prefix is compiled again.
mkdir "$folder/build"
cp -a "$built/gcc" "$folder/build/gcc"
[ ! -d "$built/locale" ] || cp -a "$built/locale" "$folder/build/locale"
ok "make install" env -u MAKEFLAGS -u MAKELEVEL make -s BUILD="$folder/build" PREFIX="$prefix" DESTDIR= install
for program in qrtilld qrtill-pos qrtill qrtill-console qrtill-sandbox; do
	ok "$program is there" test -x "$prefix/bin/$program"
	ok "$program knows its version" sh -c "cd / && '$prefix/bin/$program' --version"
done
ok "every man page is there" is "$(find "$prefix/share/man" -type f | wc -l)" "$(find man -name '*.[1-8]' | wc -l)"
ok "man finds them" man -M "$prefix/share/man" -w qrtill qrtilld qrtill-code
ok "the unit names the program installed" grep -q "^ExecStart=$prefix/bin/qrtilld" "$prefix/lib/systemd/system/qrtilld.service"
ok "nothing is left to fill in" sh -c "! grep -rl '@[A-Z]*@' '$prefix/lib'"
ok "the example of the settings is there" test -s "$prefix/share/doc/qrtill/qrtill.conf.example"
ok "the account of the server" grep -q '^u qrtill' "$prefix/lib/sysusers.d/qrtill.conf"
ok "translations" test -s "$prefix/share/locale/zh/LC_MESSAGES/qrtill.mo"
ok "no file of another's may be written by all" is "$(find "$prefix" -type f -perm /022 | wc -l)" 0

"$prefix/bin/qrtill" code make hello --png "$folder/hello.png" >/dev/null
ok "a picture is read" is "$("$prefix/bin/qrtill" code read --plain "$folder/hello.png" | cut -f2)" hello
mv "$prefix/libexec/qrtill/qrtill-decode" "$folder/away"
ok "without its decoder it is said" eval '"$prefix/bin/qrtill" code read "$folder/hello.png" 2>&1 | grep -q "qrtill-decode cannot be started"'
mv "$folder/away" "$prefix/libexec/qrtill/qrtill-decode"

complete_words() {
	PATH=$prefix/bin:$PATH bash -c '. "$1"; COMP_WORDS=(qrtill $2 ""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _qrtill
		printf "%s\n" "${COMPREPLY[@]}"' - "$prefix/share/bash-completion/completions/qrtill" "$1" | grep -qx -- "$2"
}
ok "completion knows nouns" complete_words '' wallet
ok "and verbs" complete_words card top-up
ok "and options" complete_words 'card new' --amount

# The installed server finds its pages and tables by itself.
cd / || exit 1
QRTILL_BIN=$prefix/bin
mkdir -m 700 "$folder/data"
export QRTILL_SOCKET=$folder/data/operator.sock
"$QRTILL_BIN/qrtilld" --data-dir="$folder/data" --socket="$QRTILL_SOCKET" --listen-till=127.0.0.1:0 --listen-phone=127.0.0.1:0 \
	>"$folder/server.log" 2>&1 &
processes+=($!)
ok "the installed server starts" until_true run 0 server status --plain
run 0 server status --plain
ok "and serves the phone pages" curl -fsS -o "$folder/page.html" "http://$(get phone_address)/"
ok "which are HTML" grep -qi '<html' "$folder/page.html"
ok "the installed demo's catalogue" test "$(wc -l <"$prefix/share/qrtill/demo/items.csv")" -gt 200
finish
