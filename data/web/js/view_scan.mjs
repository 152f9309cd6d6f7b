// view_scan: any code, scanned or typed. Ours goes to its page; a web address of somebody else is shown and only opened
// when asked; everything else is shown as text. A foreign code never looks like ours.

import { Offline, Problem } from "./api.mjs";
import { read_code } from "./code.mjs";
import { field, h, note, show } from "./dom.mjs";
import { scan_buttons } from "./scan.mjs";
import { t } from "./text.mjs";

export async function draw_scan({ show: show_view }) {
	const result = h("div", { class: "stack" });
	const [label, input] = field(t("scan.typed"), { name: "code", autocapitalize: "characters", spellcheck: "false" });
	async function follow(text) {
		try {
			const code = await read_code(text);
			if (code.kind === "ours") location.assign(code.path);
			else if (code.kind === "page")
				show(result, [
					note(t("scan.foreign_page"), "warn"),
					h("p", { class: "link" }, code.url),
					h(
						"a",
						{ class: "button", href: code.url, rel: "noreferrer noopener", target: "_blank" },
						t("scan.open_page"),
					),
				]);
			else show(result, [note(t("scan.foreign"), "warn"), h("p", { class: "link" }, code.text)]);
		} catch (error) {
			if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
			show(result, note(error.message, "bad"));
		}
	}
	show_view([
		h("h1", {}, t("tab.scan")),
		h(
			"div",
			{ class: "card" },
			scan_buttons(follow),
			h(
				"form",
				{
					class: "stack",
					onsubmit: (event) => {
						event.preventDefault();
						if (input.value.trim()) follow(input.value);
					},
				},
				label,
				h("button", { class: "primary", type: "submit" }, t("scan.go")),
			),
			result,
		),
	]);
}
