// coupon: the page a coupon's link or code opens. It is shown at the till as it is; kept in the wallet it is this
// customer's alone.

import { Offline, post, Problem } from "./api.mjs";
import { remember_code, set_up, start_app, who } from "./device.mjs";
import { button, h, localise, note, say, show } from "./dom.mjs";
import { t } from "./text.mjs";

const main = document.getElementById("main");
const place = document.getElementById("action");
const { token, mine } = main.dataset;

const go_home = () => h("a", { class: "button quiet", href: "/" }, t("open_wallet"));

function draw_error(error) {
	if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
	show(place, [note(error.message, "bad"), button(t("again"), keep, { kind: "primary" }), go_home()]);
}

async function keep() {
	try {
		if (!(await who())) await set_up();
		await post("/v1/coupons/keep", { code: token });
		show(place, [note(t("coupon.kept")), go_home()], { focus: true });
		say(t("coupon.kept"));
	} catch (error) {
		draw_error(error);
	}
}

localise();
start_app();
remember_code(token);
show(
	place,
	mine === "true" ? [note(t("coupon.kept")), go_home()] : [button(t("coupon.keep"), keep, { kind: "primary" }), go_home()],
);
