#!/bin/bash
# pgbench.sh: PostgreSQL 15 as Debian sets it up, for the comparison of the bench.
#   pgbench.sh start DIR          make a cluster in DIR, start it, fill TPC-B at scale 50
#   pgbench.sh run DIR SECONDS    16 clients, simple then prepared; prints the better rate (per second)
#   pgbench.sh stop DIR
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
dir=$2
as() { if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

case $1 in
start)
	mkdir -p "$dir"
	[ "$(id -u)" != 0 ] || chown postgres "$dir"
	as "$bin/initdb" -D "$dir/data" -A trust --no-instructions >"$dir.log" 2>&1
	# Debian's own settings beside initdb's: only the socket folder matters here; everything that decides speed
	# (fsync, synchronous_commit, shared_buffers) stays as it is.
	as "$bin/pg_ctl" -D "$dir/data" -o "-c listen_addresses= -k $dir" -l "$dir/server.log" -w start >>"$dir.log" 2>&1
	as "$bin/createdb" -h "$dir" bench
	as "$bin/pgbench" -h "$dir" -i -q -s 50 bench >>"$dir.log" 2>&1
	;;
run)
	best=0
	for mode in simple prepared; do
		rate=$(as "$bin/pgbench" -h "$dir" -M "$mode" -c 16 -j 1 -T "$3" bench 2>/dev/null |
			awk '/^tps/ {print $3}')
		best=$(awk -v a="$best" -v b="$rate" 'BEGIN {print (a > b) ? a : b}')
	done
	echo "$best"
	;;
stop)
	as "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null
	rm -rf "$dir" "$dir.log"
	;;
*)
	sed -n '2,6s/^# //p' "$0" >&2
	exit 2
	;;
esac
