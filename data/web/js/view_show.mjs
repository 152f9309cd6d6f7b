// view_show: the code a customer shows at the till: what pays is chosen, the code changes every half minute, and the page
// turns to "paid" when the till has charged it. Works without a network with the keys that are on the phone.

import { get, Offline } from "./api.mjs";
import { button, h, mark, money, note, say, show } from "./dom.mjs";
import { local, t } from "./text.mjs";
import {
	can_make_codes,
	check_ways,
	draw_bars,
	draw_qr,
	fetch_way,
	kept_ways,
	make_digits,
	server_now,
	step_of,
	way_id,
} from "./wallet_code.mjs";

const CHOSEN = "qrtill.way"; // id of the way of paying that was shown last

function last_chosen() {
	try {
		return localStorage.getItem(CHOSEN);
	} catch {
		return null;
	}
}

function remember_chosen(id) {
	try {
		localStorage.setItem(CHOSEN, id);
	} catch {
		/* asked again next time */
	}
}

/** What may pay, as far as is known now: { id, source, card_id, title, detail, way }. */
async function choices(me) {
	try {
		const ways = await check_ways(me.customer_id);
		const [{ cards }, { schemes }, rebates] = await Promise.all([
			get("/v1/cards"),
			get("/v1/points"),
			get("/v1/rebates"),
		]);
		const way_of = (id) => ways.find((way) => way.id === id) ?? null;
		const found = cards
			.filter((card) => card.state === "active")
			.map((card) => ({
				id: way_id("card", card.card_id),
				source: "card",
				card_id: card.card_id,
				name: `${local(card, "merchant_name")} ${card.number_masked}`,
				sum: money(card.balance_cents, card.currency),
			}));
		if (schemes.some((scheme) => scheme.balance > 0))
			found.push({ id: "points", source: "points", card_id: 0, name: t("source.points"), sum: null });
		if (rebates.available_cents > 0)
			found.push({
				id: "rebate",
				source: "rebate",
				card_id: 0,
				name: t("source.rebate"),
				sum: money(rebates.available_cents, rebates.currency),
			});
		return { online: true, list: found.map((one) => ({ ...one, way: way_of(one.id) })) };
	} catch (error) {
		if (!(error instanceof Offline)) throw error;
		const ways = await kept_ways();
		return { online: false, list: ways.map((way) => ({ ...way, sum: null, way })) };
	}
}

/** The screen stays on while a code is shown, where the phone allows it. */
async function stay_awake() {
	try {
		return await navigator.wakeLock.request("screen");
	} catch {
		return null;
	}
}

/** Draws code after code into `place` until the page shows something else or `stop.aborted`. */
async function run_code(place, way, stop) {
	const digits_text = h("p", { class: "digits" });
	const pictures = h("div", { class: "showing" });
	const left = h("p", { class: "soft center", role: "timer" });
	const bar = h("span", {});
	let drawn = -1;
	show(place, [pictures, digits_text, h("div", { class: "running", "aria-hidden": "true" }, bar), left]);
	for (;;) {
		const now_ms = server_now();
		const step = step_of(way, now_ms);
		if (step !== drawn) {
			const digits = await make_digits(way, step);
			if (stop.aborted || !place.isConnected) return;
			drawn = step;
			pictures.dataset.digits = digits;
			show(pictures, [draw_bars(digits, t("show.bars")), draw_qr(digits, t("show.square"))]);
			digits_text.textContent = digits.replace(/(\d{4})(?=\d)/g, "$1 ");
		}
		const left_ms = (step + 1) * way.step_ms - server_now();
		bar.style.width = `${(100 * Math.max(0, left_ms)) / way.step_ms}%`;
		left.textContent = t("show.next", { seconds: Math.max(0, Math.ceil(left_ms / 1000)) });
		await new Promise((resolve) => setTimeout(resolve, 250));
		if (stop.aborted || !place.isConnected) return;
	}
}

function draw_paid(place, extra, currency, again) {
	say(t("paid.title"));
	const held = extra.order_state !== "paid";
	show(
		place,
		[
			h(
				"div",
				{ class: "hero" },
				mark("good"),
				h("h2", {}, t(held ? "show.part" : "paid.title")),
				money(extra.amount_cents, currency, "large"),
				h("p", { class: "soft" }, t(held ? "show.part_more" : "paid.show")),
			),
			extra.receipt?.code &&
				h("a", { class: "button", href: new URL(extra.receipt.code).pathname }, t("paid.receipt")),
			button(t("show.again"), again, { kind: "quiet" }),
		],
		{ focus: true },
	);
}

export async function draw_show({ me, show: show_view }) {
	const heading = h("h1", { class: "center" }, t("show.title"));
	if (!can_make_codes()) return show_view([heading, note(t("show.no_crypto"), "warn")]);
	const { online, list } = await choices(me);
	if (list.length === 0)
		return show_view([
			heading,
			note(t(online ? "show.nothing" : "show.offline_none"), "warn"),
			h("a", { class: "button primary", href: "#add" }, t("home.add")),
		]);
	const place = h("div", { class: "card stack" });
	const chooser = h("fieldset", { class: "card plain" }, h("legend", {}, t("show.what")));
	let stop = { aborted: false };
	let current = null;

	async function start(one) {
		stop.aborted = true;
		stop = { aborted: false };
		const mine = stop;
		current = one;
		remember_chosen(one.id);
		try {
			one.way ??= await fetch_way(one.source, one.card_id, one.name, me.customer_id);
		} catch (error) {
			return show(place, [note(error.message, "bad"), button(t("again"), () => start(one), { kind: "primary" })]);
		}
		if (!mine.aborted) await run_code(place, one.way, mine);
		return undefined;
	}

	for (const one of list)
		chooser.append(
			h(
				"label",
				{ class: "choice" },
				h("input", { type: "radio", name: "way", value: one.id, onchange: () => void start(one) }),
				h("span", { class: "what" }, one.name),
				one.sum,
			),
		);
	const first = list.find((one) => one.id === last_chosen()) ?? list[0];
	chooser.querySelectorAll("input")[list.indexOf(first)].checked = true;

	const hear = ({ detail: event }) => {
		if (!place.isConnected) return removeEventListener("qrtill-event", hear);
		if (event.kind !== "payment-settled" || !event.extra) return undefined;
		stop.aborted = true;
		draw_paid(place, event.extra, event.extra.currency, () => start(current));
		return undefined;
	};
	addEventListener("qrtill-event", hear);
	show_view([
		heading,
		!online && note(t("show.offline"), "warn"),
		place,
		list.length > 1 && chooser,
		h("p", { class: "soft small center" }, t("show.hint")),
		h("p", { class: "soft small center" }, t("show.pin")),
	]);
	void stay_awake();
	void start(first);
	return undefined;
}
