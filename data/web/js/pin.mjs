// pin: asking for the wallet's PIN, or choosing one where there is none yet. A PIN is never kept on the phone.

import { post } from "./api.mjs";
import { field, h } from "./dom.mjs";
import { t } from "./text.mjs";

const attributes = { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12, class: "pin" };
export const is_pin = (text) => /^\d{4,12}$/.test(text);

/**
 * Inputs for a PIN: { nodes, read }. read() gives the PIN; where the wallet has none yet (`has_pin` false) it is
 * chosen, typed twice and set first. Throws an Error whose message is for people.
 */
export function pin_fields(has_pin, invalid) {
	const mark_invalid = { "aria-invalid": invalid ? "true" : null };
	const [label, input] = field(
		t(has_pin ? "pin.label" : "pin.new"),
		{ ...attributes, ...mark_invalid, name: "pin" },
		has_pin ? "" : t("pin.rule"),
	);
	const [again_label, again_input] = field(t("pin.again"), { ...attributes, name: "pin_again" });
	return {
		nodes: h("div", { class: "stack" }, label, !has_pin && again_label),
		async read() {
			if (!is_pin(input.value)) throw new Error(t("pin.rule"));
			if (!has_pin) {
				if (input.value !== again_input.value) throw new Error(t("pin.differ"));
				await post("/v1/me", { pin: input.value });
			}
			return input.value;
		},
	};
}
