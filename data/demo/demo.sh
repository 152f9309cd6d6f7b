#!/bin/bash
# demo.sh: the main job with a throw-away shop. Starts the server, fills the shop through the command line (shop.sh), and
#   in a terminal: opens the till here; a second terminal or a phone pays what it shows.
#   else, or with AUTO=1: drives the real till in a pseudo-terminal: sells three items, reads the code back from the
#   captured screen, pays it with a wallet, and prints receipt, journal, balances and the auditor's verdict.
# LISTEN=0.0.0.0 opens the phone pages to the network; ROLES=split runs codes and service as two processes that
# cooperate, with the sandbox payment provider as the third; DEMO_LANG=zh is in Chinese.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
export QRTILL_BIN
QRTILL_BIN=$(realpath "${QRTILL_BIN:-$root/build/bin}")
q=$QRTILL_BIN/qrtill
listen=${LISTEN:-127.0.0.1}
lang=${DEMO_LANG:-en}
auto=${AUTO:-}
[ -t 1 ] || auto=1

DEMO_DIR=$(mktemp -d "${TMPDIR:-/tmp}/qrtill-demo-XXXXXX")
export DEMO_DIR XDG_STATE_HOME=$DEMO_DIR/state XDG_CONFIG_HOME=$DEMO_DIR/config
unset QRTILL_SERVER QRTILL_TERMINAL QRTILL_TOKEN_FILE QRTILL_MERCHANT QRTILL_PIN
processes=()
# What shop.sh notes.
enrolment_code='' customer_ann='' customer_bo='' customer_chen='' customer_dora='' last_share='' merchant='' card_number=''
tmux_socket=$DEMO_DIR/tmux

stop_all() {
	local status=$?
	trap - EXIT INT TERM HUP
	if [ $status -ne 0 ] && [ -S "$tmux_socket" ]; then
		echo "demo: failed; the till shows:" >&2
		tmux -S "$tmux_socket" capture-pane -p -t till >&2 || true
	fi
	[ ! -S "$tmux_socket" ] || tmux -S "$tmux_socket" kill-server 2>/dev/null || true
	for pid in "${processes[@]}"; do kill "$pid" 2>/dev/null || true; done
	for pid in "${processes[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	if [ $status -ne 0 ]; then
		echo "demo: failed; the last lines of the logs:" >&2
		for log in "$DEMO_DIR"/*.log; do
			[ ! -s "$log" ] || { echo "-- ${log##*/}" && tail -n 5 "$log"; } >&2
		done
	fi
	[ -n "${QRTILL_KEEP:-}" ] || rm -rf "$DEMO_DIR"
	exit $status
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

member() { awk -F'\t' -v name="$1" '$1 == name { print $2; found = 1; exit } END { exit !found }'; }
say() { printf '\n== %s\n' "$*"; }

# Poll a command until it succeeds, at most 15 s.
until_true() {
	local tries=0
	until "$@"; do
		tries=$((tries + 1))
		for pid in "${processes[@]}"; do
			kill -0 "$pid" 2>/dev/null || { echo "demo: a process has ended" >&2 && return 1; }
		done
		if [ $tries -ge 300 ]; then
			echo "demo: waited too long for: $*" >&2
			return 1
		fi
		sleep 0.05
	done
}

# start NAME PROGRAM ARGUMENT...: in the background, with its log.
start() {
	local name=$1
	shift
	"$@" >"$DEMO_DIR/$name.log" 2>&1 &
	processes+=($!)
}

# The address this machine has on the network, for phones.
lan_address() { hostname -I 2>/dev/null | awk '{ print $1 }'; }

# server_options FOLDER [TILL-PORT]
server_options() {
	printf '%s\n' --data-dir="$1" --web-dir="$root/data/web" --schema-dir="$root/data/schema" --socket="$1/operator.sock" \
		--listen-till="127.0.0.1:${2:-0}"
}

status_of() { "$q" server status --socket "$1" --plain 2>/dev/null | member "$2"; }

start_one_process() {
	local -a options
	mkdir -m 700 "$DEMO_DIR/data"
	mapfile -t options < <(server_options "$DEMO_DIR/data")
	export QRTILL_SOCKET=$DEMO_DIR/data/operator.sock
	if [ "$listen" = 127.0.0.1 ]; then
		options+=(--listen-phone=127.0.0.1:0)
	else
		local port=${PORT:-8080}
		options+=(--listen-phone="$listen:$port" --public-url="http://$(lan_address):$port")
	fi
	start server "$QRTILL_BIN/qrtilld" "${options[@]}"
	until_true status_of "$QRTILL_SOCKET" till_address >/dev/null
	TILL_URL=http://$(status_of "$QRTILL_SOCKET" till_address)
	PHONE_URL=http://127.0.0.1:$(status_of "$QRTILL_SOCKET" phone_address | sed 's/.*://')
	export TILL_URL PHONE_URL
}

# A port nobody listens on, below those the system gives to outgoing connections.
free_port() {
	local port
	while port=$((15000 + RANDOM % 17000)); (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
	echo "$port"
}

# Codes, landing pages and registration in one process; orders, payment and settlement in the other; the payment
# platform is the third. They share the key file, and each knows where the other listens.
start_split() {
	local codes=$DEMO_DIR/codes service=$DEMO_DIR/service codes_port service_port sandbox_port
	local -a options
	codes_port=$(free_port)
	service_port=$(free_port)
	mkdir -m 700 "$codes" "$service"
	start sandbox "$QRTILL_BIN/qrtill-sandbox" --port=0 --key-file="$service/provider-sandbox.key" \
		--ready-file="$DEMO_DIR/sandbox.port"
	mapfile -t options < <(server_options "$codes" "$codes_port")
	start codes "$QRTILL_BIN/qrtilld" "${options[@]}" --roles=codes --listen-phone=127.0.0.1:0 \
		--peer-url="http://127.0.0.1:$service_port"
	until_true test -s "$codes/keys.conf"
	until_true test -s "$DEMO_DIR/sandbox.port"
	sandbox_port=$(cat "$DEMO_DIR/sandbox.port")
	cp -p "$codes/keys.conf" "$service/keys.conf"
	until_true status_of "$codes/operator.sock" phone_address >/dev/null
	PHONE_URL=http://$(status_of "$codes/operator.sock" phone_address)
	mapfile -t options < <(server_options "$service" "$service_port")
	start server "$QRTILL_BIN/qrtilld" "${options[@]}" --roles=service --listen-phone= --public-url="$PHONE_URL" \
		--peer-url="http://127.0.0.1:$codes_port" --providers="sandbox=http://127.0.0.1:$sandbox_port"
	export QRTILL_SOCKET=$service/operator.sock
	until_true status_of "$QRTILL_SOCKET" till_address >/dev/null
	TILL_URL=http://$(status_of "$QRTILL_SOCKET" till_address)
	export TILL_URL PHONE_URL
	echo "demo: three processes: codes at $PHONE_URL, service at $TILL_URL, payment platform at http://127.0.0.1:$sandbox_port"
	"$q" provider list --server "$PHONE_URL"
}

# The till, ready to sell at once: a guest has no drawer to count.
till_command() {
	printf '%q ' "$QRTILL_BIN/qrtill-pos" --data-dir="$DEMO_DIR/till" --server="$TILL_URL" --enrol="$enrolment_code" \
		--lang="$lang" --ask-float=false
}
screen() { tmux -S "$tmux_socket" capture-pane -p -t till; }
screen_shows() { screen | grep -qE -- "$1"; }
press() { tmux -S "$tmux_socket" send-keys -t till "$@"; }
type_line() { tmux -S "$tmux_socket" send-keys -t till -l "$1" && press Enter; }

# Lines "id kind owner unit balance" of every account.
accounts() { "$q" account list --limit 500 --plain; }

# Who an account belongs to, as people call them.
name_accounts() {
	awk -F'\t' -v OFS='\t' -v ann="$customer_ann" -v bo="$customer_bo" -v chen="$customer_chen" -v dora="$customer_dora" '
		BEGIN { person[ann] = "Ann (3rd level)"; person[bo] = "Bo (2nd level)"; person[chen] = "Chen (1st level)"
			person[dora] = "Dora (pays)" }
		{ owner = $3 == 0 ? "the platform" : "no. " $3 }
		$2 ~ /^(rebate|rebate-held|points)$/ && ($3 in person) { owner = person[$3] }
		$2 == "merchant" || $2 == "prefund" || $2 == "points-issued" { owner = "Maple Corner" }
		$2 == "agent" { owner = "Northern Shop Partners" }
		$2 == "channel" { owner = "Harbour Radio" }
		$2 == "card" { owner = "card " $3 }
		{ print $1, $2, owner, $5 }'
}

# Accounts whose balance differs between two listings, before and after.
changed_balances() {
	printf '  %-14s %-24s %14s %14s\n' account owner before after
	join -t $'\t' -a 2 <(name_accounts <"$1" | sort -t $'\t' -k1,1) <(name_accounts <"$2" | sort -t $'\t' -k1,1) |
		awk -F'\t' 'NF == 4 { if ($4 != 0) printf "%s\t%s\t%s\t-\t%s\n", $1, $2, $3, $4; next }
			$4 != $7 { printf "%s\t%s\t%s\t%s\t%s\n", $1, $2, $3, $4, $7 }' | sort -n |
		awk -F'\t' '{ printf "  %-14s %-24s %14s %14s\n", $2, $3, $4, $5 }'
}

read_code_from_screen() {
	tmux -S "$tmux_socket" capture-pane -e -p -N -t till >"$DEMO_DIR/screen.txt"
	pay_code=$("$q" screen read "$DEMO_DIR/screen.txt" 2>/dev/null | grep -m1 '/Q/')
}

# The screen as text. The big digits are painted blanks: they are shown as blocks.
show_screen() {
	tmux -S "$tmux_socket" capture-pane -e -p -t till | awk -v RS='\033' -v ORS='' '
		NR > 1 { m = index($0, "m"); code = substr($0, 2, m - 2); $0 = substr($0, m + 1)
			if (code ~ /^4[1-7]$/) paper = code; else if (code ~ /^(0|49|48;.*)?$/) paper = "" }
		{ if (paper == "42") gsub(/ /, "█"); print }' | sed 's/\xc2\xa0/ /g; s/[[:space:]]*$//; s/^/    /'
}

open_till_by_itself() {
	tmux -S "$tmux_socket" -f /dev/null new-session -d -s till -x 80 -y 24 \
		"env TERM=tmux-256color LC_ALL=C.UTF-8 $(till_command) 2>'$DEMO_DIR/till.log'"
	until_true screen_shows 'PIN'
	type_line 7
	type_line 1357
	until_true screen_shows 'F12'
}

sell_by_itself() {
	say "The till: Ann signs in and sells three items"
	open_till_by_itself
	for barcode in 2900010012223 2900030030375 2900090095925; do type_line "$barcode"; done
	until_true screen_shows '(House blend|本店拼配)'
	press F12
	until_true read_code_from_screen
	show_screen
	say "The code, read back from that screen: $pay_code"
	"$q" code explain "$pay_code" --server "$PHONE_URL"
}

pay_by_itself() {
	accounts >"$DEMO_DIR/before.txt"
	say "Dora pays it with her prepaid card, through Chen's shared code"
	"$q" wallet pay "$pay_code" --wallet dora --share "$last_share" --yes --plain >"$DEMO_DIR/paid.txt"
	order=$(member order_id <"$DEMO_DIR/paid.txt")
	receipt=$(member receipt_code <"$DEMO_DIR/paid.txt")
	cat "$DEMO_DIR/paid.txt"
	until_true screen_shows 'PAID|已付'
	say "The till has turned to paid without a key press"
	show_screen
	accounts >"$DEMO_DIR/after.txt"
}

# The third process: a customer without money on a card pays through the payment platform.
pay_through_platform() {
	local pay_code platform_order
	say "Bo pays another latte through the payment platform: its own page, then its signed callback"
	QRTILL_PIN=246810 "$q" terminal sign-in 9 --terminal office
	"$q" order new 106 --pay code --terminal office --json >"$DEMO_DIR/order.json"
	pay_code=$(grep -o '"code":"[^"]*/Q/[^"]*"' "$DEMO_DIR/order.json" | head -n 1 | cut -d'"' -f4)
	platform_order=$(grep -o '"order_id":[0-9]*' "$DEMO_DIR/order.json" | head -n 1 | cut -d: -f2)
	"$q" wallet pay "$pay_code" --wallet bo --provider sandbox --yes --plain | tee "$DEMO_DIR/paid.txt"
	curl -fsS -o /dev/null -d account=alice -d pin=1111 -d answer=yes "$(member redirect_url <"$DEMO_DIR/paid.txt")"
	until_true order_is_paid "$platform_order"
	"$q" journal list --order "$platform_order"
}
order_is_paid() { [ "$("$q" order show "$1" --terminal office --plain | member state)" = paid ]; }

report() {
	say "The receipt, as the customer's phone gets it"
	"$q" receipt show "$receipt" --server "$PHONE_URL"
	say "The journal of order $order, every entry"
	"$q" journal list --order "$order"
	say "Who earned from it"
	"$q" rebate list --order "$order" --merchant "$merchant"
	say "Every balance that changed"
	changed_balances "$DEMO_DIR/before.txt" "$DEMO_DIR/after.txt"
	say "The auditor"
	"$q" audit
}

# A command for the second terminal: pays what the till shows, as Dora, since a person cannot type what a QR code says.
write_pay_command() {
	cat >"$DEMO_DIR/pay" <<-END
		#!/bin/sh
		# pay [CODE]: Dora pays this code; without one, what the till shows now.
		export XDG_STATE_HOME='$XDG_STATE_HOME' QRTILL_SOCKET='$QRTILL_SOCKET' QRTILL_MERCHANT='$merchant'
		order=\$('$q' order list --state open --plain | tail -n 1 | cut -f 1)
		code=\${1:-\$('$q' order show "\$order" --json | grep -o '"code":"[^"]*/Q/[^"]*"' | tail -n 1 | cut -d'"' -f4)}
		echo "qrtill wallet pay \$code --wallet dora"
		exec '$q' wallet pay "\$code" --wallet dora --share '$last_share'
	END
	chmod 700 "$DEMO_DIR/pay"
}

tell_person() {
	write_pay_command
	cat <<-END

		The shop is open. At the till sign in as 7, PIN 1357, and sell (Enter after each):
		    2900010012223    2900030030375    2900090095925
		Press F12. Pay the code with a phone (when started with LISTEN=0.0.0.0), or from a
		second terminal as Dora, with her prepaid card:
		    $DEMO_DIR/pay
		A card to type at the till (F12, F3): $card_number
		All of it is removed when you leave the till with Ctrl-Q.

	END
	read -r -p "Enter opens the till. " _
}

echo "demo: a shop in $DEMO_DIR"
if [ "${ROLES:-}" = split ]; then start_split; else start_one_process; fi
echo "demo: qrtilld answers tills at $TILL_URL and phones at $PHONE_URL"
"$here/shop.sh"
# shellcheck source=/dev/null # written by shop.sh
. "$DEMO_DIR/shop.env"
if [ -n "$auto" ]; then
	sell_by_itself
	pay_by_itself
	[ "${ROLES:-}" != split ] || pay_through_platform
	report
	say "Done"
else
	tell_person
	eval "$(till_command)"
	"$q" audit
fi
