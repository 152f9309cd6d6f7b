// receipt: amounts and times in this phone's way, ways of payment in words, sharing and printing. The receipt itself
// was written by the server and reads without this.

import { remember_code, start_app } from "./device.mjs";
import { button, h, localise, show } from "./dom.mjs";
import { has_text, t } from "./text.mjs";

for (const row of document.querySelectorAll("[data-method]")) {
	const key = `method.${row.dataset.method}`;
	if (has_text(key)) row.firstElementChild.textContent = t(key);
}
localise();
start_app();
remember_code(document.getElementById("main").dataset.token);
show(document.getElementById("action"), [
	h("a", { class: "button primary", href: "/" }, t("open_wallet")),
	button(t("receipt.print"), () => print(), { kind: "quiet" }),
]);
