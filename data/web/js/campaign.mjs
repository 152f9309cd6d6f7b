// campaign: an offer, opened from its own code or from somebody's share of it. "Share" makes this customer's own code
// and link, which carry the same offer and who shared it; what it earned so far stands below.

import { Offline, post, Problem } from "./api.mjs";
import { remember_code, remember_share, set_up, start_app, who } from "./device.mjs";
import { button, h, localise, money, note, say, show, waiting } from "./dom.mjs";
import { code_path } from "./code.mjs";
import { t } from "./text.mjs";

const main = document.getElementById("main");
const place = document.getElementById("action");
const { token } = main.dataset;
let me = null;

async function share_link(share, element) {
	const link = share.link ?? new URL(code_path(share.code), location.href).href;
	const title = document.querySelector("h1").textContent;
	if (navigator.share) {
		try {
			return await navigator.share({ title, url: link });
		} catch (error) {
			if (error.name === "AbortError") return undefined;
		}
	}
	try {
		await navigator.clipboard.writeText(link);
		element.textContent = t("share.copied");
		say(t("share.copied"));
	} catch {
		/* the link stands on the page */
	}
	return undefined;
}

function draw_share(share) {
	const link = share.link ?? new URL(code_path(share.code), location.href).href;
	show(
		place,
		h(
			"div",
			{ class: "card center" },
			h("h2", {}, t("share.yours")),
			h("p", { class: "soft" }, t("share.text")),
			h(
				"span",
				{ class: "qr" },
				h("img", { src: `${code_path(share.code)}/qr.svg`, alt: t("share.picture"), width: 240, height: 240 }),
			),
			h("p", { class: "link" }, link),
			button(t(navigator.share ? "share.send" : "share.copy"), (element) => share_link(share, element), {
				kind: "primary",
			}),
			h(
				"p",
				{ class: "total" },
				h("span", {}, t("share.earned")),
				money(share.earned_cents, share.currency, "up"),
			),
			h("a", { class: "button quiet", href: "/#rebates" }, t("share.all")),
		),
		{ focus: true },
	);
	say(t("share.yours"));
}

async function make_share() {
	try {
		// Asking again gives the same share.
		draw_share(await post("/v1/shares", { code: token }));
	} catch (error) {
		draw_error(error, make_share);
	}
}

function draw_error(error, again) {
	if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
	show(place, [note(error.message, "bad"), button(t("again"), again, { kind: "primary" })]);
}

async function share() {
	try {
		me ??= await set_up();
	} catch (error) {
		return draw_error(error, share);
	}
	return make_share();
}

async function start() {
	show(place, waiting(t("loading")));
	try {
		me = await who();
	} catch (error) {
		return draw_error(error, start);
	}
	if (main.dataset.merchant) remember_share(main.dataset.merchant, token);
	return show(place, [
		h(
			"div",
			{ class: "card" },
			h("h2", {}, t("share.title")),
			h("p", { class: "soft" }, t("share.why")),
			!me && h("p", { class: "soft small" }, t("set_up.share")),
			button(t("share.make"), share, { kind: "primary" }),
		),
		h(
			"div",
			{ class: "card center" },
			h("p", { class: "soft small" }, t("campaign.show")),
			h(
				"span",
				{ class: "qr" },
				h("img", { src: `/Q/${token}/qr.svg`, alt: t("campaign.picture"), width: 240, height: 240 }),
			),
		),
	]);
}

localise();
start_app();
remember_code(token);
await start();
