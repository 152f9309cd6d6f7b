#!/bin/bash
# A camera paired with the till by the code on its screen: text and pictures arrive as if scanned, nothing twice; it ends from
# either side; a real till, a real server, the command line as the camera.
# shellcheck disable=SC2119,SC2154,SC2317 # from shop.env; called by name
# shellcheck source=tests/lib/till.sh
. "$(dirname "$0")/../lib/till.sh"

espresso=2900010010373 americano=2900010011110
pair() { "$q" camera pair "$(read_screen_code)" --server "$PHONE_URL" >"$work/camera.log" 2>&1; }
see() { "$q" camera send "$@" >>"$work/camera.log" 2>&1; }
refused() { ! see "$@" && grep -q "${why:-not-signed-in\|not signed in}" "$work/camera.log"; }
in_till() { sqlite3 -readonly "$work/till/till.db" "$1"; }
taken() { [ "$(in_till "SELECT value FROM setting WHERE name = 'camera_scan'")" = "$1" ]; }

start_shop || exit 1
start_till till --enrol="$enrolment_code" --lang=en
ok "signs in" sign_in 7 1357
wait_for 'Scan an item'
type_slowly @
ok "@ shows a code" until_true has_code
ok "and says what for" shows 'Scan this with the camera'
code=$(read_screen_code)
ok "whoever scans it is the camera" pair
ok "the till says so and goes back to selling" wait_for 'a camera is paired'
ok "it stays in view" wait_for '  camera'
"$q" camera pair "$code" --server "$PHONE_URL" --as second >"$work/second.log" 2>&1
ok "the code is good once" grep -q 'used already' "$work/second.log"
ok "a text is sent" see --text $espresso
ok "and sold" wait_for 'USD 2.70'
"$q" code make $americano --png "$work/picture.png" >"$work/make.log"
ok "a picture is sent" see --picture "$work/picture.png"
ok "and what is in it is sold" wait_for 'USD 6.26'
type_slowly '2*'
see --text $espresso
ok "typed before it: a quantity, as with a scanner" wait_for 'USD 11.66'
ok "text of no item is said" see --text 'no such thing'
ok "as with a scanner" wait_for 'no item has the code no such thing'
why='control-character'
ok "what no scanner sends is refused" refused --text $'a\x1b[2Jb'
head -c 5000 /dev/urandom >"$work/noise.png"
why='picture cannot be read'
ok "what is no picture is refused" refused --picture "$work/noise.png"
unset why
kill_till && start_till till
ok "the till is killed: still paired" wait_for '  camera'
ok "and nothing comes twice" wait_for 'USD 11.66'
see --text $espresso
ok "it goes on" wait_for 'USD 14.36'
type_slowly @
ok "@ says that one is paired" wait_for 'A camera is paired'
press DC
ok "Del ends it" wait_for 'no longer paired'
ok "and the camera is nobody's then" refused --text $espresso
press F12
ok "F12 pairs another" until_true has_code
ok "by a new code" test "$(read_screen_code)" != "$code"
pair
wait_for 'a camera is paired'
ok "the camera ends it" "$q" camera end
ok "and the till says so" wait_for 'no longer paired'
stop_server
type_slowly @
ok "without the server it says why not" wait_for 'cannot be reached'
press Escape
wait_for 'USD 14.36'
start_server
ok "nothing else came of it" shows 'USD 14.36'
press F11 && type_slowly @
ok "speaks Chinese" wait_for '用手机相机扫描此码'
ok "the books agree" audit_clean
done_testing
