// wallet: the home page. One view per address after "#"; each view asks the server for what it shows and keeps nothing.

import { get, Offline, Problem, when_back } from "./api.mjs";
import { code_to_continue, install_offer, set_up, start_app, who } from "./device.mjs";
import { button, h, note, say, show, waiting } from "./dom.mjs";
import { watch_events } from "./events.mjs";
import { draw_add, draw_card, draw_home } from "./view_cards.mjs";
import { draw_notices, draw_rebates } from "./view_news.mjs";
import { draw_points } from "./view_points.mjs";
import { draw_show } from "./view_show.mjs";
import { draw_scan } from "./view_scan.mjs";
import { draw_code, draw_settings } from "./view_settings.mjs";
import { t } from "./text.mjs";
import { kept_ways } from "./wallet_code.mjs";

const place = document.getElementById("view");
const tabs = document.getElementById("tabs");
const unread = document.getElementById("unread");

let me = null;
let drawn = 0; // counts drawings, so that a slow answer never overwrites a newer view

/** "#cards/12" -> view function and its argument. */
const views = {
	"": draw_home,
	cards: draw_card,
	add: draw_add,
	scan: draw_scan,
	code: draw_code,
	show: draw_show,
	points: draw_points,
	notices: draw_notices,
	rebates: draw_rebates,
	settings: draw_settings,
};

async function draw({ focus = true } = {}) {
	const mine = ++drawn;
	const [view, argument] = location.hash.slice(1).split("/");
	for (const link of tabs.querySelectorAll("a"))
		link.toggleAttribute("aria-current", link.getAttribute("href") === `#${view}`);
	// What a view needs of its surroundings.
	const context = {
		me,
		argument,
		show(children) {
			if (mine !== drawn) return;
			show(place, children, { focus });
			place.dataset.view = view || "home";
		},
		async reload() {
			me = await who();
			await draw();
		},
	};
	try {
		await (views[view] ?? draw_home)(context);
	} catch (error) {
		if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
		if (error.status === 401) return start();
		context.show([note(error.message, "bad"), button(t("again"), () => draw(), { kind: "primary" })]);
	}
	return undefined;
}

function draw_welcome() {
	tabs.hidden = true;
	show(place, [
		h(
			"div",
			{ class: "card hero" },
			h("h1", {}, t("home.title")),
			h("p", {}, t("home.intro")),
			button(
				t("set_up.start"),
				async () => {
					try {
						me = await set_up();
						say(t("set_up.done"));
						await start();
					} catch (error) {
						show(place, [note(error.message, "bad"), button(t("again"), start, { kind: "primary" })]);
					}
				},
				{ kind: "primary" },
			),
			h("p", { class: "soft small" }, t("set_up.plain")),
		),
	]);
}

async function look_for_unread() {
	const { notices } = await get("/v1/notices?limit=20");
	unread.hidden = !notices.some((notice) => !notice.read);
}

let watching = false;

/** Cards, notices and rebates change while the page is open. */
async function watch() {
	if (watching) return;
	watching = true;
	await watch_events(async (event) => {
		dispatchEvent(new CustomEvent("qrtill-event", { detail: event }));
		if (["", "#", "#notices", "#rebates"].includes(location.hash)) await draw({ focus: false });
		await look_for_unread().catch(() => {});
		return false;
	});
	watching = false;
}

async function start() {
	show(place, waiting(t("loading")));
	try {
		me = await who();
	} catch (error) {
		show(place, [note(error.message, "bad"), button(t("again"), start, { kind: "primary" })]);
		// A code to show at the till needs no network.
		const ways = await kept_ways();
		if (ways.length > 0) {
			me = { customer_id: ways[0].customer_id };
			location.hash = "#show";
			await draw();
		}
		// The shell stands in for any page without a network: go on to the one that was asked for.
		if (error instanceof Offline) when_back(() => location.reload());
		return;
	}
	if (location.pathname !== "/") return location.reload();
	if (!me) return draw_welcome();
	tabs.hidden = false;
	await draw({ focus: false });
	look_for_unread().catch(() => {
		/* the dot can wait */
	});
	watch();
}

start_app();
const token = code_to_continue();
if (token) {
	location.replace(`/Q/${token}`);
} else {
	addEventListener("hashchange", () => {
		if (me) draw();
	});
	addEventListener("qrtill-installable", () => {
		if (me && install_offer() && location.hash === "#settings") draw();
	});
	await start();
}
