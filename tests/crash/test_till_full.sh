#!/bin/bash
# A real full disk under a till: a sale that cannot be kept in its file is not sent and not shown as paid; the till says so
# and lives on; with room again the same sale is paid, once. Left out where no file system can be mounted.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
if [ -z "${SMALL_DISK:-}" ]; then
	[ "$(id -u)" -eq 0 ] && own=(unshare --mount) || own=(unshare --user --map-root-user --mount)
	"${own[@]}" sh -c 'd=$(mktemp -d) && mount -t tmpfs tmpfs "$d" && umount "$d"; r=$?; rmdir "$d"; exit $r' 2>/dev/null || {
		echo "ok 1 # SKIP no file system can be mounted here"
		echo "1..1"
		exit 0
	}
	SMALL_DISK=1 exec "${own[@]}" "$0" "$@"
fi
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373
till_dir=$work/till
mkdir "$till_dir"
mount -t tmpfs -o size=4m,mode=0700 tmpfs "$till_dir" || exit 1
trap 'umount -l "$till_dir"; finish' EXIT
fill() { dd if=/dev/zero of="$till_dir/ballast" bs=4096 2>/dev/null; [ -s "$till_dir/ballast" ]; }
room() { rm "$till_dir/ballast"; }
paid_orders() { "$q" order list --limit 500 --plain | awk -F'\t' '$3 == "paid"' | wc -l; }
paid_are() { [ "$(paid_orders)" -eq "$1" ]; }
in_file() { sqlite3 "$till_dir/till.db" "$1"; }

receipts=0
no_trace() { [ "$(in_file 'SELECT (SELECT COUNT(*) FROM receipt) + (SELECT COUNT(*) FROM outbox)')" -eq $receipts ] && { [ -z "$server_pid" ] || paid_are "$before"; }; }
one_line() { shows 'TOTAL  USD 2.70' && shows 'disk is full'; }
next_sale() { shows 'Scan an item' || { press Enter; false; }; }

start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en
sign_in 7 1357 && wait_for 'Scan an item'
before=$(paid_orders)
scan $espresso && wait_for 'USD 2.70'
good=0
for way in online offline; do
	[ $way = online ] || stop_server
	ok "the disk is full ($way)" fill
	press F9 && wait_for DUE && press '='
	ok "the sale is refused for it" wait_for 'the disk is full'
	ok "its line is still there" shows 'TOTAL  USD 2.70'
	ok "no receipt, nothing waits to be sent" no_trace
	scan $espresso
	sleep 0.3 # a scanner's pause
	scan $espresso
	ok "further lines are refused, the till lives" until_true one_line
	room
	[ $way = online ] || wait_for 'off line'
	press F9 && wait_for DUE && press '='
	ok "with room again it is paid" wait_for "$([ $way = online ] && echo PAID || echo 'CASH, OFF LINE')"
	ok "that one line" until_true shows 2.70
	[ $way = online ] || start_server
	ok "once" until_true paid_are $((before + 1)) && good=$((good + 1))
	before=$((before + 1)) receipts=$((receipts + 1))
	until_true next_sale
	scan $espresso && wait_for 'USD 2.70'
done
ok "the books agree" audit_clean
echo "# proof: tillfull count=2 found=$((2 - good)) seconds=$SECONDS"
done_testing
