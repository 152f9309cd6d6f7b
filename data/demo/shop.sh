#!/bin/bash
# shop.sh: fills an empty server with the demo's shop, through the command line alone.
# Reads from the environment: QRTILL_SOCKET, XDG_STATE_HOME (where the wallets and the office till are kept), TILL_URL,
# PHONE_URL, DEMO_DIR (what was made is noted there in shop.env, codes and ids as shell variables).
set -euo pipefail
here=$(dirname "$(realpath "$0")")
q=$(realpath "${QRTILL_BIN:-build/bin}")/qrtill
catalogue=${DEMO_CATALOGUE:-$here/items.csv}
notes=$DEMO_DIR/shop.env

# One member of an answer in --plain form.
member() { awk -F'\t' -v name="$1" '$1 == name { print $2; found = 1; exit } END { exit !found }'; }
note() { printf "%s='%s'\n" "$1" "$2" >>"$notes"; }
wallet() {
	"$q" wallet new --wallet "$1" --server "$PHONE_URL" >/dev/null
	note "customer_$1" "$("$q" wallet show --wallet "$1" --plain | member customer_id)"
}

: >"$notes"
agent=$("$q" agent new "Northern Shop Partners" --commission 1 --plain | member agent_id)
merchant=$("$q" merchant new "Maple Corner" --name-zh 枫叶小店 --currency USD --country US --city Portland --city-zh 波特兰 \
	--mcc 5499 --fee 0.6 --tax-inclusive no --points-per-100 1 --point-value 0.01 --cashier-refund-limit 20 --agent "$agent" --plain |
	member merchant_id)
export QRTILL_MERCHANT=$merchant
note merchant "$merchant"
note agent "$agent"

"$q" tax new general --name-zh 普通税率 --rate 5.5 >/dev/null
"$q" tax new prepared --name-zh 餐饮税率 --rate 8 >/dev/null
"$q" item import "$catalogue"
store=$("$q" store new "Main Street" --name-zh 主街店 --address "12 Main Street" --city Portland \
	--receipt-footer "Thank you, see you soon" --plain | member store_id)
note store "$store"

# Who works there. These PINs are known to everybody: this shop is thrown away.
QRTILL_PIN=1357 "$q" staff new Ann --number 7 --role cashier >/dev/null
QRTILL_PIN=246810 "$q" staff new Mei --number 9 --role manager >/dev/null

# A till for the back office (this command line), where cards are activated.
code=$("$q" terminal new "$store" "Back office" --plain | member enrolment_code)
"$q" terminal enrol "$code" --server "$TILL_URL" --as office >/dev/null
QRTILL_PIN=246810 "$q" terminal sign-in 9 --terminal office >/dev/null

# Rebates: money for them, a campaign, the channel that shows its code.
"$q" prefund add 500 --reference "bank transfer 4711" >/dev/null
campaign=$("$q" campaign new "Bring a friend" --name-zh 带朋友来 --level 5 --level 2 --level 1 --channel 1 --agent 0.5 \
	--platform 0.5 --cap-order 20 --cap-person-day 50 --budget 300 --intro "Share our shop and earn with your friends" \
	--intro-zh "分享小店，一起赚返利" --plain | member campaign_id)
channel=$("$q" channel new "Harbour Radio" --plain | member channel_id)
root=$("$q" channel share "$channel" "$campaign" --plain | member code)
note campaign "$campaign"
note channel "$channel"

# Three generations of promoters, each sharing what the one before shared; Dora buys through the last.
for name in ann bo chen; do
	wallet "$name"
	root=$("$q" wallet share "$root" --wallet "$name" --plain | member code)
	note "share_$name" "$root"
done
wallet dora
note last_share "$root"

# Prepaid cards as a printer would get them; three are sold, one of them is Dora's.
batch=$("$q" card batch 20 --face 50 --name "Opening gift cards" --plain | member batch_id)
"$q" card export "$batch" --plain --yes >"$DEMO_DIR/cards.txt"
for line in 1 2 3; do
	number=$(sed -n "${line}p" "$DEMO_DIR/cards.txt" | cut -f2)
	"$q" card activate "$number" --tender cash --terminal office >/dev/null
done
"$q" wallet bind "$(sed -n 1p "$DEMO_DIR/cards.txt" | cut -f3)" --wallet dora >/dev/null
note card_code "$(sed -n 2p "$DEMO_DIR/cards.txt" | cut -f3)"
note card_number "$(sed -n 2p "$DEMO_DIR/cards.txt" | cut -f2)"

# The till that stands on the counter.
note enrolment_code "$("$q" terminal new "$store" "Counter" --plain | member enrolment_code)"
