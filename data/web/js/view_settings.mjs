// view_settings: the identity code, and what belongs to the wallet itself: PIN, phone number, language, payment
// institutions, installing it.

import { get, post } from "./api.mjs";
import { code_path } from "./code.mjs";
import { install_offer } from "./device.mjs";
import { button, field, h, note, say, show } from "./dom.mjs";
import { is_pin } from "./pin.mjs";
import { lang, local, t } from "./text.mjs";

export async function draw_code({ me, show: show_view }) {
	show_view([
		h("h1", { class: "center" }, t("code.title")),
		h("a", { class: "button primary", href: "#show" }, t("show.title")),
		h(
			"div",
			{ class: "card hero" },
			h(
				"span",
				{ class: "qr" },
				h("img", {
					src: `${code_path(me.identity_code)}/qr.svg`,
					alt: t("code.picture"),
					width: 240,
					height: 240,
				}),
			),
			h("p", { class: "soft" }, t("code.text")),
		),
	]);
}

/** A form whose submit runs `act` and says what came of it below. */
function small_form(inputs, label, act) {
	const message = h("div", {});
	const submit = h("button", { type: "submit" }, label);
	return h(
		"form",
		{
			class: "stack",
			onsubmit: async (event) => {
				event.preventDefault();
				if (submit.disabled) return;
				submit.disabled = true;
				try {
					const done = await act();
					if (done) show(message, note(done));
					say(done ?? "");
				} catch (error) {
					if (error instanceof TypeError) throw error;
					show(message, note(error.message, "bad"));
				} finally {
					submit.disabled = false;
				}
			},
		},
		inputs,
		message,
		submit,
	);
}

function pin_section({ me }) {
	const props = { type: "password", inputmode: "numeric", maxlength: 12, class: "pin", autocomplete: "off" };
	const [old_label, old_input] = field(t("pin.old"), { ...props, name: "old_pin" });
	const [new_label, new_input] = field(t("pin.new"), { ...props, name: "pin" }, t("pin.rule"));
	const [again_label, again_input] = field(t("pin.again"), { ...props, name: "pin_again" });
	return h(
		"section",
		{ class: "card" },
		h("h2", {}, t(me.has_pin ? "pin.change" : "pin.set")),
		h("p", { class: "soft" }, t("pin.why")),
		small_form([me.has_pin && old_label, new_label, again_label], t("save"), async () => {
			if (!is_pin(new_input.value)) throw new Error(t("pin.rule"));
			if (new_input.value !== again_input.value) throw new Error(t("pin.differ"));
			await post("/v1/me", { pin: new_input.value, ...(me.has_pin ? { old_pin: old_input.value } : {}) });
			me.has_pin = true;
			for (const input of [old_input, new_input, again_input]) input.value = "";
			return t("pin.done");
		}),
	);
}

function phone_section({ me, reload }) {
	const [phone_label, phone_input] = field(
		t("phone.label"),
		{ type: "tel", name: "phone", autocomplete: "tel", value: me.phone ?? "" },
		t("phone.hint"),
	);
	const [code_label, code_input] = field(t("phone.code"), {
		inputmode: "numeric",
		name: "code",
		maxlength: 6,
		autocomplete: "one-time-code",
	});
	const confirm = h("div", {});
	const form = small_form(phone_label, t("phone.send"), async () => {
		const phone = phone_input.value.replace(/[\s().-]/g, "");
		if (!/^\+[1-9]\d{6,14}$/.test(phone)) throw new Error(t("phone.hint"));
		await post("/v1/me/phone", { phone });
		show(
			confirm,
			small_form(code_label, t("phone.confirm"), async () => {
				await post("/v1/me/phone/confirm", { code: code_input.value.trim() });
				await reload();
			}),
		);
		return t("phone.sent");
	});
	return h(
		"section",
		{ class: "card" },
		h("h2", {}, t("phone.title")),
		me.phone &&
			h(
				"p",
				{},
				me.phone,
				" ",
				h(
					"span",
					{ class: `badge ${me.phone_confirmed ? "" : "off"}` },
					t(me.phone_confirmed ? "phone.confirmed" : "phone.unconfirmed"),
				),
			),
		h("p", { class: "soft" }, t("phone.why")),
		form,
		confirm,
	);
}

function language_section() {
	return h(
		"section",
		{ class: "card" },
		h("h2", {}, t("language.title")),
		h(
			"div",
			{ class: "pair" },
			[
				["en", "English"],
				["zh", "中文"],
			].map(([tag, name]) =>
				button(
					name,
					async () => {
						await post("/v1/me", { locale: tag });
						location.reload();
					},
					{ lang: tag, "aria-pressed": tag === lang ? "true" : "false", kind: tag === lang ? "primary" : "" },
				),
			),
		),
	);
}

/** Begin a binding: its page comes from the platform, which is asked when the bindings are read. */
async function bind_institution(institution) {
	await post("/v1/me/bindings", { institution });
	const { bindings } = await get("/v1/me/bindings");
	const pending = bindings.find((one) => one.institution === institution && one.state === "pending");
	if (pending && /^https?:\/\//.test(pending.redirect_url ?? "")) location.assign(pending.redirect_url);
	else if (pending) throw new Error(t("bindings.away"));
}

function institution_row(institution, binding, reload, message) {
	const { bound } = institution;
	return h(
		"li",
		{},
		h("span", {}, local(institution), h("span", { class: "soft" }, t(bound ? "source.bound" : "source.unbound"))),
		h(
			"span",
			{},
			button(t(bound ? "bindings.remove" : "bindings.bind"), async () => {
				try {
					if (bound) {
						await post(`/v1/me/bindings/${binding.binding_id}/remove`, {});
						await reload();
					} else {
						await bind_institution(institution.institution);
					}
				} catch (error) {
					if (error instanceof TypeError) throw error;
					show(message, note(error.message, "bad"));
				}
			}),
		),
	);
}

function bindings_section(institutions, bindings, reload) {
	const message = h("div", {});
	return (
		institutions.length > 0 &&
		h(
			"section",
			{ class: "card" },
			h("h2", {}, t("bindings.title")),
			h("p", { class: "soft" }, t("bindings.why")),
			h(
				"ul",
				{ class: "rows" },
				institutions.map((one) =>
					institution_row(
						one,
						bindings.find(
							(binding) => binding.institution === one.institution && binding.state === "active",
						),
						reload,
						message,
					),
				),
			),
			message,
		)
	);
}

function install_section() {
	return (
		install_offer() &&
		h(
			"section",
			{ class: "card" },
			h("h2", {}, t("install.title")),
			h("p", { class: "soft" }, t("install.why")),
			button(t("install.go"), () => install_offer().prompt(), { kind: "primary" }),
		)
	);
}

export async function draw_settings(context) {
	const { institutions } = await get("/v1/providers");
	// Only then: reading the bindings asks the institutions about those that are pending.
	const { bindings } = institutions.length > 0 ? await get("/v1/me/bindings") : { bindings: [] };
	context.show([
		h("h1", {}, t("tab.settings")),
		install_section(),
		pin_section(context),
		phone_section(context),
		language_section(),
		bindings_section(institutions, bindings, context.reload),
	]);
}
