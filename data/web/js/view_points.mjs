// view_points: one merchant's points: what is there, what lapses next, and the sealed code to collect or spend them at the
// till, a new one every half minute. Joining happens when a scheme is first opened.

import { get } from "./api.mjs";
import { format_day, h, note, show } from "./dom.mjs";
import { COLLECT, make_points_code, SPEND } from "./points_code.mjs";
import { join_scheme, kept_scheme } from "./points_key.mjs";
import { local, t } from "./text.mjs";
import { can_make_codes, draw_qr, server_now } from "./wallet_code.mjs";

/** Draws code after code into `place` until the page shows something else or `stop.aborted`. */
async function run_code(place, scheme, kind, stop) {
	let drawn = -1;
	while (!stop.aborted) {
		const step = Math.floor(server_now() / scheme.step_ms);
		if (step !== drawn) {
			const code = await make_points_code(scheme, kind, server_now());
			if (stop.aborted) return;
			drawn = step;
			place.dataset.code = code;
			show(place, [draw_qr(code, t("points.code"))]);
		}
		await new Promise((resolve) => setTimeout(resolve, 250));
		if (!place.isConnected) return;
	}
}

export async function draw_points({ me, argument, show: show_view }) {
	const merchant_id = Number(argument);
	const { schemes } = await get("/v1/points");
	const scheme = schemes.find((one) => one.merchant_id === merchant_id);
	const back = h("p", {}, h("a", { href: "#" }, `← ${t("home.points")}`));
	if (!scheme) return show_view([back, note(t("points.gone"), "warn")]);
	if (!can_make_codes()) return show_view([back, note(t("show.no_crypto"), "warn")]);
	const kept = (await kept_scheme(merchant_id, me.customer_id)) ?? (await join_scheme(merchant_id, me.customer_id));
	const place = h("div", { class: "card showing" });
	let stop = { aborted: false };
	const start = (kind) => {
		stop.aborted = true;
		stop = { aborted: false };
		void run_code(place, kept, kind, stop);
	};
	const choice = (kind, text, checked) =>
		h(
			"label",
			{ class: "choice" },
			h("input", { type: "radio", name: "kind", value: String(kind), checked, onchange: () => start(kind) }),
			h("span", { class: "what" }, text),
		);
	show_view([
		back,
		h("h1", { class: "said" }, local(scheme, "merchant_name")),
		h("p", {}, h("strong", {}, t("points.count", { count: scheme.balance }))),
		scheme.next_points > 0 &&
			h(
				"p",
				{ class: "soft" },
				t("points.next", { count: scheme.next_points, day: format_day(scheme.next_expires_ms) }),
			),
		place,
		h(
			"fieldset",
			{ class: "card plain" },
			choice(SPEND, t("points.spend"), true),
			choice(COLLECT, t("points.collect"), false),
		),
		h("p", { class: "soft small center" }, t("points.hint")),
	]);
	start(SPEND);
	return undefined;
}
