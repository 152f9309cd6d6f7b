// bind: taking a printed card into the wallet by its code, typed or scanned.

import { Offline, Problem } from "./api.mjs";
import { field, h, note, say, show } from "./dom.mjs";
import { scan_buttons } from "./scan.mjs";
import { send_once } from "./sent.mjs";
import { t } from "./text.mjs";

/** Bind once; safe to ask again after a lost answer. Returns the card. */
export const bind_code = (code) => send_once(`bind.${code}`, "/v1/cards/bind", { code }, { ask_for_ms: 20000 });

/** A form that binds a card and hands it to `done`. */
export function bind_card(done) {
	const [label, input] = field(
		t("bind.code"),
		{ name: "code", autocapitalize: "characters", spellcheck: "false" },
		t("bind.hint"),
	);
	const message = h("div", {});
	const submit = h("button", { type: "submit" }, t("bind.add"));
	const form = h(
		"form",
		{
			class: "stack",
			onsubmit: async (event) => {
				event.preventDefault();
				const code = input.value.trim();
				if (submit.disabled || !code) return input.focus();
				submit.disabled = true;
				try {
					const card = await bind_code(code);
					input.value = "";
					show(message, []);
					say(t("bind.done"));
					await done(card);
				} catch (error) {
					if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
					show(message, note(error.message, "bad"));
				} finally {
					submit.disabled = false;
				}
			},
		},
		label,
		message,
		scan_buttons((text) => {
			input.value = text;
			form.requestSubmit();
		}),
		submit,
	);
	return form;
}
