// card: the page a printed card's code opens. Shows its balance to whoever holds the code, and binds it to the wallet.

import { Offline, post, Problem, when_back } from "./api.mjs";
import { bind_code } from "./bind.mjs";
import { finish_code, remember_code, set_up, start_app, who } from "./device.mjs";
import { button, h, localise, mark, money, note, say, show, waiting } from "./dom.mjs";
import { unanswered } from "./sent.mjs";
import { t } from "./text.mjs";

const main = document.getElementById("main");
const place = document.getElementById("action");
const { token } = main.dataset;
let me = null;

const go_home = (kind) => h("a", { class: `button ${kind}`, href: "/" }, t("open_wallet"));

function draw_card(card) {
	const open = card.state === "active";
	show(
		place,
		h(
			"div",
			{ class: "card hero" },
			h("p", { class: "soft" }, t("card.balance")),
			h("data", { class: "amount", value: card.balance_cents }, money(card.balance_cents, card.currency)),
			h("p", { class: `badge ${open ? "" : "off"}` }, t(`card.state.${card.state}`)),
			card.mine
				? note(t("card.mine"))
				: card.bound
					? note(t("card.of_another"), "warn")
					: [
							h("p", { class: "soft" }, t("card.bind_text")),
							button(t("card.bind"), bind, { kind: "primary" }),
						],
			go_home(card.mine || card.bound ? "primary" : "quiet"),
		),
	);
}

async function bind() {
	try {
		const card = await bind_code(token);
		finish_code(token);
		show(
			place,
			h(
				"div",
				{ class: "card hero" },
				mark("good"),
				h("h2", {}, t("bind.done")),
				h("data", { class: "amount", value: card.balance_cents }, money(card.balance_cents, card.currency)),
				h("p", { class: "soft" }, t("bind.done_more")),
				go_home("primary"),
			),
			{ focus: true },
		);
		say(t("bind.done"));
	} catch (error) {
		draw_error(error);
	}
}

function draw_error(error) {
	if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
	show(place, [note(error.message, "bad"), button(t("again"), start, { kind: "primary" })]);
	if (error instanceof Offline) when_back(start);
}

function draw_set_up() {
	show(
		place,
		h(
			"div",
			{ class: "card" },
			h("h2", {}, t("set_up.title")),
			h("p", { class: "soft" }, t("set_up.card")),
			button(
				t("set_up.go_on"),
				async () => {
					try {
						me = await set_up();
						say(t("set_up.done"));
						await start();
					} catch (error) {
						draw_error(error);
					}
				},
				{ kind: "primary" },
			),
		),
	);
}

async function start() {
	show(place, waiting(t("loading")));
	try {
		me ??= await who();
		if (!me) return draw_set_up();
		if (unanswered(`bind.${token}`)) return bind();
		draw_card(await post("/v1/cards/look", { code: token }, null));
	} catch (error) {
		draw_error(error);
	}
}

localise();
start_app();
remember_code(token);
await start();
