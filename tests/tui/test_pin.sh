#!/bin/bash
# The pinned key: a till enrolled with the hash of the server's key talks to that server alone, whatever certificate
# another one shows.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

make_certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$1" \
		-keyout "$work/$1.key" -out "$work/$1.crt" 2>/dev/null && chmod 600 "$work/$1.key"
}
pin_of() {
	openssl x509 -in "$work/$1.crt" -pubkey -noout | openssl pkey -pubin -outform DER |
		openssl dgst -sha256 -binary | openssl base64
}
serve_with() { server_options=(--tls-cert="$work/$1.crt" --tls-key="$work/$1.key"); start_server; }

make_certificate ours && make_certificate other || exit 1
serve_with ours || exit 1
export TILL_URL=https://127.0.0.1:$till_port
ok "the server says its pin" test "$(status_of tls_pin)" = "sha256/$(pin_of ours)"
"$q" merchant new Shop --fee 0.5 --tax-inclusive no --points-per-100 1 --point-value 0.01 --currency USD --country US --city Portland --mcc 5499 --plain >/dev/null
"$q" store new Here --plain >/dev/null
QRTILL_PIN=1357 "$q" staff new Ann --number 7 --role cashier >/dev/null

code=$(new_enrolment)
ok "an enrolment code carries the key's hash" test "${code#*#}" = "sha256/$(pin_of ours)"
start_till other --enrol="${code%%#*}#sha256/$(pin_of other)" --lang=en
ok "a code with another key's hash enrols nowhere" wait_for 'SERVER KEY IS WRONG'
ok "and leaves no key" test ! -e "$work/other/terminal.key"
start_till till --enrol="$code" --lang=en
ok "the right hash enrols without any authority" wait_for PIN
sign_in 7 1357
ok "signs in over TLS" wait_for 'Ann'
stop_server
serve_with other
ok "a server with another key is not talked to" wait_for 'SERVER KEY IS WRONG'
stop_server
serve_with ours
ok "its own server is known again" wait_for 'on line'
done_testing
