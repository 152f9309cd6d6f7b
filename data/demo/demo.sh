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
tmux_socket=$DEMO_DIR/tmux

stop_all() {
	local status=$?
	trap - EXIT INT TERM HUP
	[ ! -S "$tmux_socket" ] || tmux -S "$tmux_socket" kill-server 2>/dev/null || true
	for pid in "${processes[@]}"; do kill "$pid" 2>/dev/null || true; done
	for pid in "${processes[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	if [ $status -ne 0 ] && [ -s "$DEMO_DIR/server.log" ]; then
		echo "demo: failed; the last lines of the server:" >&2
		tail -n 5 "$DEMO_DIR"/*.log >&2
	fi
	rm -rf "$DEMO_DIR"
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

server_options() {
	printf '%s\n' --data-dir="$1" --web-dir="$root/data/web" --schema-dir="$root/data/schema" --socket="$1/operator.sock" \
		--listen-till=127.0.0.1:0
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
	until_true test -n "$(until_true status_of "$QRTILL_SOCKET" till_address)"
	TILL_URL=http://$(status_of "$QRTILL_SOCKET" till_address)
	PHONE_URL=http://127.0.0.1:$(status_of "$QRTILL_SOCKET" phone_address | sed 's/.*://')
	export TILL_URL PHONE_URL
}

# The till in a terminal of its own.
till_command() {
	printf '%q ' "$QRTILL_BIN/qrtill-pos" --data-dir="$DEMO_DIR/till" --server="$TILL_URL" --enrol="$enrolment_code" \
		--lang="$lang"
}
screen() { tmux -S "$tmux_socket" capture-pane -p -t till; }
screen_shows() { screen | grep -qE -- "$1"; }
press() { tmux -S "$tmux_socket" send-keys -t till "$@"; }
type_line() { tmux -S "$tmux_socket" send-keys -t till -l "$1" && press Enter; }

# account_id, kind, owner and amount of every account, for comparing.
accounts() { "$q" account list --limit 500 --plain; }

read_code_from_screen() {
	tmux -S "$tmux_socket" capture-pane -e -p -t till >"$DEMO_DIR/screen.txt"
	pay_code=$("$q" screen read "$DEMO_DIR/screen.txt" 2>/dev/null | grep -m1 '/Q/')
}

show_screen() { screen | sed 's/[[:space:]]*$//; s/^/    /'; }

sell_by_itself() {
	tmux -S "$tmux_socket" -f /dev/null new-session -d -s till -x 80 -y 24 "env TERM=tmux-256color LC_ALL=C.UTF-8 $(till_command)"
	until_true screen_shows 'Ann|Sign in|登录|PIN'
	sign_in_at_till
	say "The till sells three items"
	for barcode in 2900010012223 2900030010371 2900060010378; do type_line "$barcode"; done
	until_true screen_shows '3 items|Total|合计'
	press F12
	until_true read_code_from_screen
	show_screen
}
