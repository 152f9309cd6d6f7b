// pay: the pages of till payments. A dynamic code carries amount and shop and is only confirmed; on a fixed code the
// amount is typed. The server decides prices and balances; this page only asks, and never pays twice (sent.mjs).

import { get, Offline, Problem, when_back } from "./api.mjs";
import { bind_card } from "./bind.mjs";
import { finish_code, forget_share, remember_code, set_up, share_of, start_app, who } from "./device.mjs";
import { button, field, h, localise, mark, money, note, say, show, time, waiting } from "./dom.mjs";
import { watch_events } from "./events.mjs";
import { format_money, parse_money } from "./money.mjs";
import { source_choice, sources_of } from "./pay_sources.mjs";
import { pin_fields } from "./pin.mjs";
import { forget, send_once, unanswered } from "./sent.mjs";
import { local, t } from "./text.mjs";
import { code_path } from "./code.mjs";

const RESEND_FOR_MS = 60000; // a kept request younger than this is sent again without asking

const main = document.getElementById("main");
const place = document.getElementById("action");
const { token, kind } = main.dataset;
const name = `pay.${token}`;
const path = `/v1/pay/${token}`;

let me = null; // the customer; null: not set up
let pay = null; // what the server says about the payment
let chosen = ""; // value of the chosen source, kept over redraws
let typed = ""; // amount as typed (fixed code)

const is_fixed = kind === "fixed";
const amount_of = () => (is_fixed ? parse_money(typed, pay.currency) : pay.amount_cents);

/* ---- the form ---- */

function draw_form({ message = "", pin = false, invalid = "" } = {}) {
	const amount_cents = amount_of();
	const sources = sources_of(pay, amount_cents);
	const usable = sources.filter((source) => source.usable);
	if (!usable.some((source) => source.value === chosen)) chosen = usable[0]?.value ?? "";

	const [amount_label, amount_input] = field(t("fixed.amount", { currency: pay.currency }), {
		class: "big",
		inputmode: "decimal",
		name: "amount",
		value: typed,
		"aria-invalid": invalid === "amount" ? "true" : null,
	});
	// Without anything that can pay there is no button to press: the next step is to add a card.
	const can_pay = (is_fixed ? sources : usable).length > 0;
	const wants_pin = can_pay && (pin || (pay.pin_needed && !is_fixed));
	const pins = wants_pin ? pin_fields(me.has_pin, invalid === "pin") : null;
	const submit = h("button", { class: "primary", type: "submit" }, pay_label(amount_cents));
	const fieldset = h(
		"fieldset",
		{},
		h("legend", {}, t("pay.with")),
		sources.map((source) => source_choice(source, source.value === chosen, pay.currency)),
	);

	fieldset.addEventListener("change", (event) => {
		chosen = event.target.value;
	});
	amount_input.addEventListener("input", () => {
		typed = amount_input.value;
		amount_input.removeAttribute("aria-invalid");
		form.querySelector(".note.bad")?.remove();
	});
	amount_input.addEventListener("change", () => {
		typed = amount_input.value;
		// Which ways have enough depends on the amount; the button says what will be paid.
		const now = sources_of(pay, amount_of());
		fieldset.replaceChildren(
			h("legend", {}, t("pay.with")),
			...now.map((source) => source_choice(source, source.value === chosen, pay.currency)),
		);
		submit.firstChild.textContent = pay_label(amount_of());
	});
	const form = h(
		"form",
		{
			class: "stack",
			novalidate: true,
			onsubmit: async (event) => {
				event.preventDefault();
				if (submit.disabled) return;
				submit.disabled = true;
				submit.classList.add("busy");
				await submit_form(pins);
			},
		},
		message && note(message, "bad"),
		is_fixed && paid_before(),
		is_fixed && amount_label,
		sources.length > 0 ? fieldset : note(t("pay.no_source")),
		pins?.nodes,
		can_pay && h("div", { class: "stick" }, submit),
	);
	show(place, [form, draw_other_card(!can_pay)]);
	if (invalid) form.querySelector('[aria-invalid="true"]')?.focus();
}

const pay_label = (amount_cents) =>
	amount_cents === null ? t("pay.pay") : t("pay.pay_amount", { amount: format_money(amount_cents, pay.currency) });

/** A card that is not in the wallet yet: bound by its code, then chosen. */
function draw_other_card(open) {
	return h(
		"details",
		{ class: "card", open },
		h("summary", {}, t("pay.other_card")),
		bind_card(async (card) => {
			await load();
			chosen = `card-${card.card_id}`;
			draw_form();
		}),
	);
}

async function submit_form(pins) {
	const amount_cents = amount_of();
	const source = sources_of(pay, amount_cents).find((way) => way.value === chosen && way.usable);
	if (amount_cents === null)
		return draw_form({ message: t("fixed.bad_amount"), invalid: "amount", pin: Boolean(pins) });
	if (!source) return draw_form({ message: t("pay.choose"), pin: Boolean(pins) });
	let pin;
	try {
		pin = await pins?.read();
		me.has_pin ||= Boolean(pin);
	} catch (error) {
		return draw_form({ message: error.message, pin: true, invalid: "pin" });
	}
	const share = share_of(main.dataset.merchant);
	const facts = { ...source.facts, ...(is_fixed ? { amount_cents } : {}), ...(share ? { share } : {}) };
	return send(facts, pin);
}

/* ---- sending, and what may come of it ---- */

/** Once it is over, until when it could be paid only confuses. */
const hide_expiry = () => document.getElementById("until")?.remove();

async function send(facts, pin) {
	const amount_cents = facts.amount_cents ?? pay.amount_cents;
	show(place, h("div", { class: "card hero" }, waiting(t("pay.sending"))));
	try {
		const answer = await send_once(name, path, facts, {
			secret: pin ? { pin } : null,
			on_unknown: () => {
				show(
					place,
					h(
						"div",
						{ class: "card hero" },
						waiting(t("pay.unknown")),
						h("p", { class: "soft" }, t("pay.unknown_more")),
					),
				);
				say(t("pay.unknown"));
			},
		});
		return draw_answer(answer, amount_cents);
	} catch (error) {
		if (error instanceof Offline) return draw_question(unanswered(name));
		if (!(error instanceof Problem)) throw error;
		if (facts.share && error.field === "share") {
			// An offer that ended must not stand between a person and the till; what is paid is the same without it.
			forget_share(main.dataset.merchant);
			const { share, ...rest } = facts;
			return send(rest, pin);
		}
		return after_refusal(error);
	}
}

async function after_refusal(problem) {
	if (problem.code === "pin-needed")
		return draw_form({ message: t(me.has_pin ? "pin.needed" : "pin.needed_new"), pin: true, invalid: "pin" });
	if (problem.code === "bad-pin" || problem.code === "pin-locked")
		return draw_form({ message: problem.message, pin: true, invalid: "pin" });
	try {
		await load();
	} catch {
		/* the refusal itself is worth more */
	}
	// Perhaps it was paid by the first of two tries, or is over: then the state says more than the refusal.
	if (!is_fixed && pay.state !== "open") return draw_state();
	return draw_form({ message: problem.message });
}

/** An outcome that could not be learned within a minute: the person decides when to ask again. */
function draw_question(record) {
	const amount_cents = record.facts.amount_cents ?? pay?.amount_cents ?? null;
	const pins = record.secret ? pin_fields(true, false) : null;
	show(
		place,
		h(
			"div",
			{ class: "card hero" },
			mark("ask"),
			h("h2", {}, t("pay.no_answer")),
			amount_cents !== null && pay && h("p", {}, money(amount_cents, pay.currency), " · ", time(record.at_ms)),
			h("p", { class: "soft" }, t("pay.no_answer_more")),
			pins?.nodes,
			button(
				t("pay.ask_again"),
				async () => {
					if (await settled_meanwhile()) return;
					const pin = await pins?.read();
					await send(record.facts, pin);
				},
				{ kind: "primary" },
			),
			button(
				t("pay.leave"),
				async () => {
					forget(name);
					await start();
				},
				{ kind: "quiet" },
			),
		),
		{ focus: true },
	);
	say(t("pay.no_answer"));
}

/** Whether the server already knows the outcome of what was sent; draws it then. */
async function settled_meanwhile() {
	if (is_fixed) return false;
	await load();
	if (pay.state === "open") return false;
	forget(name);
	draw_state();
	return true;
}

function draw_answer(answer, amount_cents) {
	if (answer.state === "settled") return draw_paid(answer, amount_cents);
	if (answer.state === "pending" || answer.state === "unknown") return draw_pending(answer);
	pay = { ...pay, state: answer.state };
	return draw_state();
}

function draw_paid(answer, amount_cents) {
	hide_expiry();
	finish_code(token);
	remember_paid({ amount_cents, receipt_code: answer.receipt_code ?? null, at_ms: Date.now() });
	show(
		place,
		h(
			"div",
			{ class: "card hero" },
			mark("good"),
			h("h2", {}, t("paid.title")),
			amount_cents !== undefined &&
				h("p", {}, money(amount_cents, pay.currency), " → ", local(pay, "merchant_name")),
			h("p", { class: "soft" }, t("paid.show")),
			answer.receipt_code &&
				h("a", { class: "button primary", href: code_path(answer.receipt_code) }, t("paid.receipt")),
			h("a", { class: `button ${answer.receipt_code ? "quiet" : "primary"}`, href: "/" }, t("open_wallet")),
		),
		{ focus: true },
	);
	say(t("paid.title"));
}

function draw_pending(answer) {
	answer = { ...answer, redirect_url: keep_redirect(answer.redirect_url) };
	show(
		place,
		h(
			"div",
			{ class: "card hero" },
			waiting(t("pending.title")),
			h("p", { class: "soft" }, t("pending.more")),
			answer.redirect_url &&
				/^https?:\/\//.test(answer.redirect_url) &&
				h("a", { class: "button primary", href: answer.redirect_url, rel: "noreferrer" }, t("pending.go")),
		),
	);
	say(t("pending.title"));
	wait_for_end();
}

/** The institution's page comes only with the first answer; a page that is reloaded still leads there. */
function keep_redirect(url) {
	const key = `qrtill.redirect.${token}`;
	try {
		if (url) sessionStorage.setItem(key, url);
		return url ?? sessionStorage.getItem(key);
	} catch {
		return url;
	}
}

/** Until the payment is no longer on its way: events wake us, and a slow poll stands in for lost ones. */
async function wait_for_end() {
	const done = new AbortController();
	let wake = () => {};
	watch_events(
		(event) => {
			// The institution was away at first; now there is its page.
			if (event.kind === "payment-redirect" && event.extra?.redirect_url) {
				done.abort();
				draw_pending(event.extra);
			}
			wake();
			return false;
		},
		{ query: `payment=${token}`, signal: done.signal },
	);
	for (;;) {
		await new Promise((resolve) => {
			wake = resolve;
			setTimeout(resolve, 4000);
		});
		if (done.signal.aborted) return undefined;
		try {
			await load();
		} catch {
			continue;
		}
		if (pay.state !== "pending" && pay.state !== "unknown") {
			done.abort();
			return draw_state();
		}
	}
}

/* ---- the states of the payment ---- */

function draw_over(kind_of_mark, title, more) {
	hide_expiry();
	show(
		place,
		h(
			"div",
			{ class: "card hero" },
			mark(kind_of_mark),
			h("h2", {}, t(title)),
			h("p", { class: "soft" }, t(more)),
			h("a", { class: "button primary", href: "/" }, t("open_wallet")),
		),
		{ focus: true },
	);
	say(t(title));
}

const overs = {
	settled: ["good", "over.paid", "over.paid_more"],
	part_refunded: ["good", "over.paid", "over.refunded_more"],
	refunded: ["ask", "over.refunded", "over.refunded_more"],
	expired: ["bad", "over.expired", "over.new_code"],
	cancelled: ["bad", "over.cancelled", "over.new_code"],
	failed: ["bad", "over.failed", "over.new_code"],
};

function draw_state() {
	if (!is_fixed && pay.state !== "open") {
		if (pay.state === "settled" && (pay.receipt_code || paid_here()))
			return draw_paid({ ...paid_here(), ...pay }, pay.amount_cents);
		if (pay.state === "pending" || pay.state === "unknown") return draw_pending(pay);
		finish_code(token);
		return draw_over(...(overs[pay.state] ?? overs.cancelled));
	}
	return me ? draw_form() : draw_set_up();
}

/** W4: this phone has no wallet yet. One tap, and the same code goes on. */
function draw_set_up() {
	show(
		place,
		h(
			"div",
			{ class: "card" },
			h("h2", {}, t("set_up.title")),
			h("p", { class: "soft" }, t("set_up.text")),
			button(
				t("set_up.go_on"),
				async () => {
					try {
						me = await set_up();
						await load();
						draw_state();
						say(t("set_up.done"));
					} catch (error) {
						show(place, [note(error.message, "bad"), button(t("again"), start, { kind: "primary" })]);
					}
				},
				{ kind: "primary" },
			),
		),
	);
}

/* ---- what was paid here a moment ago, for a page that is opened again ---- */

function remember_paid(paid) {
	typed = "";
	try {
		sessionStorage.setItem(`qrtill.paid.${token}`, JSON.stringify(paid));
	} catch {
		/* only a courtesy */
	}
}

function paid_here() {
	try {
		return JSON.parse(sessionStorage.getItem(`qrtill.paid.${token}`));
	} catch {
		return null;
	}
}

function paid_before() {
	const paid = paid_here();
	return (
		paid &&
		Date.now() - paid.at_ms < 600000 &&
		h(
			"p",
			{ class: "note" },
			t("fixed.paid_before", { amount: format_money(paid.amount_cents, pay.currency) }),
			" ",
			time(paid.at_ms),
		)
	);
}

/* ---- start ---- */

async function load() {
	pay = await get(path);
}

async function start() {
	show(place, waiting(t("loading")));
	try {
		[me] = await Promise.all([who(), load()]);
	} catch (error) {
		show(place, [note(error.message, "bad"), button(t("again"), start, { kind: "primary" })]);
		if (error instanceof Offline) when_back(start);
		return;
	}
	const record = unanswered(name);
	if (record && me && (is_fixed || pay.state === "open")) {
		if (!record.secret && Date.now() - record.at_ms < RESEND_FOR_MS) await send(record.facts);
		else draw_question(record);
		return;
	}
	if (record) forget(name);
	draw_state();
}

localise();
start_app();
remember_code(token);
await start();
