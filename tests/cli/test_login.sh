#!/bin/bash
# Signing in away from a till, with a real server: passphrase, codes of an app made here by RFC 6238, recovery codes, locks,
# ends of sessions; then the same on the console's first screen.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"
export QRTILL_PASSPHRASE='correct horse battery'

# The six digits an authenticator app shows at STEPS half minutes from now.
code_of() {
	local step hex mac at
	step=$(printf '%016x' $(($(date +%s) / 30 + ${2:-0})))
	hex=$(printf '%s' "$1" | base32 -d | od -An -tx1 | tr -d ' \n')
	# shellcheck disable=SC2059 # the escapes are meant
	mac=$(printf "$(printf '%s' "$step" | sed 's/../\\x&/g')" | openssl dgst -sha1 -mac HMAC -macopt "hexkey:$hex" -r | cut -d' ' -f1)
	at=$((2 * 16#${mac:39:1}))
	printf '%06d' $(((16#${mac:at:8} & 0x7fffffff) % 1000000))
}
log_in() { QRTILL_CODE=$2 "$q" login in "$1" --server "$TILL_URL" --as "${3:-boss}" >"$work/out" 2>&1; }
refused() { ! log_in "$@" && grep -q "${reason:-bad-pin}" "$work/out"; }
may() { "$q" "$@" --owner "${as:-boss}" >"$work/out" 2>&1; }
may_not() { ! may "$@"; }

start_shop || exit 1
owner=$(QRTILL_PIN=135790 "$q" staff new Olga --number 1 --role owner --plain | member staff_id)
"$q" login new "$owner" Olga@Maple --plain >"$work/login"
secret=$(sed -n 's/.*secret=\([A-Z2-7]*\).*/\1/p' "$work/login")
recovery=$(grep -oE '[0-9A-Z]{4}(-[0-9A-Z]{4}){3}' "$work/login" | head -1)
ok "an owner gets a key for an app" test ${#secret} -eq 32
ok "and recovery codes" test -n "$recovery"
ok "a short passphrase is refused" env QRTILL_PASSPHRASE=short sh -c "! '$q' login new $owner olga 2>/dev/null"
ok "a cashier gets none" sh -c "! '$q' login new 1 ann 2>/dev/null"
ok "no sign-in without a code" refused olga@maple ''
ok "nor with a wrong one" refused olga@maple 000000
now=$(code_of "$secret")
ok "the app's code signs in" log_in OLGA@maple "$now"
ok "with the merchant's power" may item list --limit 1
ok "and sees the day" may dashboard show
ok "but nobody else's" may_not merchant list
ok "a code works once" refused olga@maple "$now"
ok "a recovery code does in its place" log_in olga@maple "$recovery" second
ok "once" refused olga@maple "$recovery" third
ok "logging out ends every session" may login out
as=second
ok "also the other one" may_not item list
as=boss

# A manager has no code; leaving ends the session.
"$q" login new 2 mei >/dev/null
ok "a manager signs in by passphrase" log_in mei '' boss
ok "and may not set logins" may_not login new "$owner" thief
"$q" staff set 2 --state left >/dev/null
ok "who left is signed out" may_not item list
ok "and cannot sign in" refused mei ''
for _ in 1 2 3 4 5; do QRTILL_PASSPHRASE='wrong wrong wrong' log_in nobody ''; done
ok "tries lock a name, also one that is not there" eval 'reason=pin-locked refused nobody ""'

# The console.
tm -f /dev/null new-session -d -s till -x 80 -y 24 \
	"exec env TERM=tmux-256color $(printf '%q ' "$QRTILL_BIN/qrtill-console" --server="$TILL_URL") 2>$work/till.err"
tm set-option -g status off
ok "the console asks who it is" wait_for 'Passphrase'
type_slowly olga@maple && press Enter && type_slowly "$QRTILL_PASSPHRASE" && press Enter && type_slowly 111111 && press Enter
ok "a wrong code is said" wait_for 'is wrong'
type_slowly "$(code_of "$secret" 1)" && press Enter
ok "the right one opens the day" wait_for 'Maple Corner'
ok "without showing the operator's lists" sh -c '! grep -q Merchants' < <(press F3 && wait_for Staff && screen)
ok "no secret is in the log" sh -c "! grep -qE '$secret|$recovery|horse' '$work/server.log'"
ok "the books agree" audit_clean
done_testing
