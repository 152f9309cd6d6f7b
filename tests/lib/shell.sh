# shell.sh: for tests written as shell scripts: TAP lines, a folder of their own, a real server. Source it from the
# repository's root folder. Everything is stopped by its process id and removed at exit.
# shellcheck shell=bash
QRTILL_BIN=$(realpath "${QRTILL_BIN:-build/bin}")
export QRTILL_BIN
number=0 failed=0 processes=()
folder=$(mktemp -d /tmp/qrtill-test-XXXXXX)
export XDG_STATE_HOME=$folder/state XDG_CONFIG_HOME=$folder/config HOME=$folder
unset QRTILL_SERVER QRTILL_TERMINAL QRTILL_TOKEN_FILE QRTILL_MERCHANT QRTILL_PIN QRTILL_SOCKET

stop_everything() {
	for pid in "${processes[@]}"; do kill "$pid" 2>/dev/null; done
	for pid in "${processes[@]}"; do wait "$pid" 2>/dev/null; done
	[ -n "${QRTILL_KEEP:-}" ] || rm -rf "$folder"
}
trap stop_everything EXIT
trap 'exit 143' INT TERM HUP

# ok NAME COMMAND...: passes when the command succeeds. What it printed is shown when it does not.
ok() {
	local name=$1
	shift
	number=$((number + 1))
	if "$@" >"$folder/ok.out" 2>&1; then
		echo "ok $number - $name"
	else
		failed=1
		echo "not ok $number - $name"
		printf '# %s\n' "$*"
		sed 's/^/# /' "$folder/ok.out"
	fi
}

# run STATUS ARGUMENT...: qrtill with these arguments must end with this status; output in $folder/out and err.
run() {
	local want=$1 got
	shift
	"$QRTILL_BIN/qrtill" "$@" >"$folder/out" 2>"$folder/err" </dev/null
	got=$?
	[ "$got" -eq "$want" ] && return 0
	echo "qrtill $*: exit status $got, not $want"
	cat "$folder/out" "$folder/err"
	return 1
}

# get NAME: a member of the last --plain answer.
get() { awk -F'\t' -v name="$1" '$1 == name { print $2; found = 1; exit } END { exit !found }' "$folder/out"; }
is() { [ "$1" = "$2" ] || { echo "\"$1\" is not \"$2\""; return 1; }; }
shows() { grep -qE -- "$1" "$folder/out" || { echo "no $1 in:"; cat "$folder/out"; return 1; }; }
complains() { grep -qE -- "$1" "$folder/err" || { echo "no $1 in:"; cat "$folder/err"; return 1; }; }

# Poll a command until it succeeds, at most 20 s.
until_true() {
	local tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || return 1
		sleep 0.05
	done
}

# start_server [OPTION...]: a server in $folder/data; sets QRTILL_SOCKET, TILL_URL, PHONE_URL and server_pid.
start_server() {
	[ -d "$folder/data" ] || mkdir -m 700 "$folder/data"
	export QRTILL_SOCKET=$folder/data/operator.sock
	"$QRTILL_BIN/qrtilld" --data-dir="$folder/data" --web-dir=data/web --schema-dir=data/schema --socket="$QRTILL_SOCKET" \
		--listen-till=127.0.0.1:0 --listen-phone=127.0.0.1:0 --access-log=false "$@" >>"$folder/server.log" 2>&1 &
	server_pid=$!
	processes+=("$server_pid")
	until_true run 0 server status --plain || { echo "Bail out! the server does not start: $(tail -n 3 "$folder/server.log")"; exit 1; }
	TILL_URL=http://$(get till_address)
	PHONE_URL=http://$(get phone_address)
	export TILL_URL PHONE_URL
}

finish() {
	echo "1..$number"
	exit $failed
}
