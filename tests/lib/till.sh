#!/bin/bash
# till.sh: for tests of the till: a real server with the demo's shop, a real qrtill-pos in a terminal of tmux, and TAP.
# Source it. QRTILL_BIN says where the programs are. Everything lives in $work and ends with the script.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
QRTILL_BIN=$(realpath "${QRTILL_BIN:-$root/build/bin}")
q=$QRTILL_BIN/qrtill
work=$(mktemp -d "${TMPDIR:-/tmp}/qrtill-tui-XXXXXX")
export QRTILL_BIN DEMO_DIR=$work XDG_STATE_HOME=$work/state XDG_CONFIG_HOME=$work/config QRTILL_SOCKET=$work/data/operator.sock
export TZ=UTC LC_ALL=C.UTF-8
unset QRTILL_SERVER QRTILL_TERMINAL QRTILL_TOKEN_FILE QRTILL_PIN NO_COLOR LANGUAGE
export QRTILL_MERCHANT=1
server_pid='' till_port='' phone_port='' tests=0 failures=0
server_options=() # more of them
till_env=()       # NAME=VALUE for the till's process alone

finish() {
	tm kill-server 2>/dev/null
	[ -z "$server_pid" ] || { kill "$server_pid" 2>/dev/null; wait "$server_pid" 2>/dev/null; }
	[ -n "${QRTILL_KEEP:-}" ] || rm -rf "$work"
}
trap finish EXIT

tm() { tmux -S "$work/tmux" "$@"; }

# ok NAME COMMAND...: one TAP line; on failure the screen is shown.
ok() {
	local name=$1
	shift
	tests=$((tests + 1))
	if "$@"; then
		echo "ok $tests - $name"
	else
		echo "not ok $tests - $name"
		failures=$((failures + 1))
		screen 2>/dev/null | sed 's/^/# /'
		[ ! -s "$work/till.err" ] || sed 's/^/# till: /' "$work/till.err"
	fi
}
done_testing() {
	echo "1..$tests"
	exit $((failures > 0))
}

# Poll a command until it succeeds, at most 10 s.
until_true() {
	local tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 200 ] || return 1
		sleep 0.05
	done
}

member() { awk -F'\t' -v name="$1" '$1 == name { print $2; found = 1; exit } END { exit !found }'; }
status_of() { "$q" server status --plain 2>/dev/null | member "$1"; }

# Start the server on free ports, or again on the ones it had (the till remembers where it was).
start_server() {
	[ -d "$work/data" ] || mkdir -m 700 "$work/data"
	"$QRTILL_BIN/qrtilld" --data-dir="$work/data" --web-dir="$root/data/web" --schema-dir="$root/data/schema" \
		--socket="$QRTILL_SOCKET" --listen-till="127.0.0.1:${till_port:-0}" \
		--listen-phone="127.0.0.1:${phone_port:-0}" "${server_options[@]}" >>"$work/server.log" 2>&1 &
	server_pid=$!
	until_true status_of till_address >/dev/null || { tail "$work/server.log" >&2; return 1; }
	till_port=$(status_of till_address | sed 's/.*://')
	phone_port=$(status_of phone_address | sed 's/.*://')
	export TILL_URL=http://127.0.0.1:$till_port PHONE_URL=http://127.0.0.1:$phone_port
}
stop_server() {
	kill "$server_pid"
	wait "$server_pid" 2>/dev/null
	server_pid=''
}
start_shop() {
	if ! start_server || ! "$root/data/demo/shop.sh" >"$work/shop.log" 2>&1; then
		tail -n 5 "$work"/*.log >&2
		return 1
	fi
	# shellcheck disable=SC1091 # made by shop.sh
	. "$work/shop.env"
}
new_enrolment() { "$q" terminal new 1 "${1:-Counter}" --plain | member enrolment_code; }

# start_till NAME [OPTION...]: qrtill-pos with its data in $work/NAME, 80x24 unless ROWS and COLS say otherwise.
start_till() {
	local name=$1
	shift
	tm kill-server 2>/dev/null
	until_true no_tmux
	tm -f /dev/null new-session -d -s till -x "${COLS:-80}" -y "${ROWS:-24}" \
		"exec env TERM=tmux-256color $(printf '%q ' "${till_env[@]}" "$QRTILL_BIN/qrtill-pos" --data-dir="$work/$name" --server="$TILL_URL" --ask-float="${ask_float:-false}" "$@") 2>$work/till.err"
	tm set-option -g status off
}
no_tmux() { ! tm has-session 2>/dev/null; }
till_pid() { tm list-panes -t till -F '#{pane_pid}'; }
kill_till() {
	kill -9 "$(till_pid)"
	until_true no_tmux
}
screen() { tm capture-pane -p -t till; }
shows() { screen | grep -qF -- "$1"; }
hides() { ! shows "$1"; }
wait_for() { until_true shows "$1"; }
# Keys by tmux's names, at a person's pace: never taken for a scanner.
press() {
	local key
	for key in "$@"; do
		tm send-keys -t till "$key"
		sleep 0.05
	done
}
type_slowly() {
	local i
	for ((i = 0; i < ${#1}; i++)); do
		tm send-keys -t till -l "${1:i:1}"
		sleep 0.05
	done
}
# What a scanner sends: all at once, Enter at the end.
scan() { tm send-keys -t till -l "$1" \; send-keys -t till Enter; }
sign_in() {
	wait_for 'PIN' && type_slowly "$1" && press Enter && type_slowly "$2" && press Enter && until_true hides 'PIN'
}
# The code on the screen, read by a camera's eye: cells to a picture, picture to text.
read_screen_code() {
	tm capture-pane -e -p -t till >"$work/screen.txt"
	"$q" screen read "$work/screen.txt" 2>/dev/null | grep -m1 '/Q/'
}
has_code() { read_screen_code >/dev/null; }
audit_clean() { "$q" audit >"$work/audit.log" 2>&1 || { cat "$work/audit.log"; return 1; }; }
