#!/bin/bash
# The power of a till is cut (see powercut_shim.c) as soon as a sale is shown as paid, or while one is typed in: every sale
# whose receipt was shown is there after the cut, none twice. A till whose file syncs nothing must lose some.
# CYCLES sets how many sales are cut (6).
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373
cycles=${CYCLES:-6}
shim=$(echo "$QRTILL_BIN"/../*/tests/crash/powercut_shim.so | awk '{ print $1 }')
under_shim() { till_env=("LD_PRELOAD=$shim" "QRTILL_CUT_DIR=$work/till" "$@"); }
# What the till has in its file, as it lies there.
in_file() { sqlite3 "$work/till/till.db" "$1"; }
receipts_are() { [ "$(in_file 'SELECT COUNT(*) FROM receipt')" -eq "$1" ]; }
waiting_are() { [ "$(in_file 'SELECT COUNT(*) FROM outbox')" -eq "$1" ]; }
paid_orders() { "$q" order list --limit 500 --plain | awk -F'\t' '$3 == "paid"' | wc -l; }
paid_are() { [ "$(paid_orders)" -eq "$1" ]; }
# Cut, and put the file back; nothing runs on it then. SEED 0: nothing unsynced is kept.
cut() {
	kill_till
	env LD_PRELOAD="$shim" QRTILL_CUT_DIR="$work/till" QRTILL_CUT_KEEP_SEED="$1" true
}
# A till that was cut shows its last receipt again.
ready_now() { shows 'Scan an item' || { ! shows 'Next sale' || press Enter; false; }; }
ready() { until_true ready_now; }
pay() { press F9 && wait_for DUE && press '=' && wait_for "$1"; }

ok "the shim is built" test -r "$shim"
start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en
sign_in 7 1357 && wait_for 'Scan an item'
tm kill-server
until_true no_tmux && until_true flock -n "$work/till/till.lock" true
before=$(paid_orders)
under_shim
good=0
for ((i = 1; i <= cycles; i++)); do
	start_till till
	if ready && scan $espresso && wait_for 'USD 2.70' && pay PAID && cut $((i % 2 * i)) && receipts_are "$i"; then
		good=$((good + 1))
	fi
done
ok "each of $cycles sales whose receipt was shown is in the till's file" test $good -eq "$cycles"
ok "and at the server, once" paid_are $((before + cycles))

start_till till
ready && scan $espresso && wait_for 'USD 2.70'
cut 0
start_till till
ok "lines that were shown are there" wait_for 'TOTAL  USD 2.70'
stop_server
pay 'CASH, OFF LINE'
cut 0
ok "a sale for cash without the server is in the queue" waiting_are 1
start_server
start_till till
ok "and is sent" until_true paid_are $((before + cycles + 1))
ok "once" until_true hides waiting
tm kill-server
until_true no_tmux && until_true flock -n "$work/till/till.lock" true

rm -rf "$work/till.mirror"
under_shim QRTILL_CUT_SYNC=OFF
start_till till
had=$(in_file 'SELECT COUNT(*) FROM receipt')
ready && scan $espresso && wait_for 'USD 2.70' && pay PAID
cut 0
ok "a till that syncs nothing loses the receipt" receipts_are "$had"
ok "the books agree" audit_clean
echo "# proof: tillcut count=$cycles found=$((cycles - good)) seconds=$SECONDS"
done_testing
