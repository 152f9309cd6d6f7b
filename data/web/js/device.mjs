// device: is this phone's wallet set up, setting it up in one tap, and continuing after installation with the code that
// was scanned. The credential is a cookie scripts cannot read; only the code to continue with is kept here.

import { get, Problem } from "./api.mjs";
import { forget, send_once, unanswered } from "./sent.mjs";
import { lang } from "./text.mjs";

const CONTINUE = "qrtill.continue"; // { token, at_ms, done }: the last code scanned here
const CONTINUE_FOR_MS = 24 * 3600 * 1000;

function load(name) {
	try {
		return JSON.parse(localStorage.getItem(name));
	} catch {
		return null;
	}
}

function save(name, value) {
	try {
		localStorage.setItem(name, JSON.stringify(value));
	} catch {
		/* a private window: the page works, only continuing later does not */
	}
}

/** The customer, or null when this phone is not set up. */
export async function who() {
	try {
		return await get("/v1/me");
	} catch (error) {
		if (error instanceof Problem && (error.status === 401 || error.status === 403)) return null;
		throw error;
	}
}

/** One tap: an account from the device alone. Asking again after a lost answer gives the same account. */
export async function set_up() {
	// The cookie may have come although the answer was lost; a second account would hide the first one's cards.
	const already = unanswered("set-up") && (await who());
	if (already) {
		forget("set-up");
		return already;
	}
	await send_once(
		"set-up",
		"/v1/customers",
		{ locale: lang, device_name: device_name() },
		{ known: who, ask_for_ms: 20000 },
	);
	return who();
}

function device_name() {
	const found = /\((?:Linux; )?([^;)]+)/.exec(navigator.userAgent);
	return (found?.[1] ?? "phone").replace(/[^\x20-\x7e]/g, "").slice(0, 40) || "phone";
}

/** Remember the code on the screen, for the wallet that is installed later. */
export function remember_code(token) {
	if (load(CONTINUE)?.token !== token) save(CONTINUE, { token, at_ms: Date.now(), done: false });
}

/** What the code was scanned for is done: an installed wallet starts at its home. */
export function finish_code(token) {
	save(CONTINUE, { token, at_ms: Date.now(), done: true });
}

/** The token to continue with when the page was opened from the home screen, else null. Each is given once. */
export function code_to_continue() {
	const query = new URLSearchParams(location.search);
	if (!query.has("app")) return null;
	const kept = load(CONTINUE);
	const fresh = kept && Date.now() - kept.at_ms < CONTINUE_FOR_MS;
	// The start address keeps its code for ever; a code that was finished or given here before is not opened again.
	const given = query.get("code");
	const seen = new Set(load("qrtill.continued") ?? []);
	const token = fresh && !kept.done ? kept.token : given && given !== kept?.token ? given : null;
	if (!token || seen.has(token) || !/^[0-9A-Za-z]{8,96}$/.test(token)) return null;
	save("qrtill.continued", [...seen, token].slice(-20));
	return token;
}

/** Codes of offers that were opened here: the newest of a merchant goes with a payment to it. */
export function remember_share(merchant_id, token) {
	const shares = load("qrtill.shares") ?? {};
	shares[merchant_id] = token;
	save("qrtill.shares", shares);
}
export const share_of = (merchant_id) => (load("qrtill.shares") ?? {})[merchant_id] ?? null;

export function forget_share(merchant_id) {
	const shares = load("qrtill.shares") ?? {};
	delete shares[merchant_id];
	save("qrtill.shares", shares);
}

/** The shell for use without a network, and the browser's offer to install. */
let offer = null;
export const install_offer = () => offer;
export function start_app() {
	addEventListener("beforeinstallprompt", (event) => {
		event.preventDefault();
		offer = event;
		dispatchEvent(new Event("qrtill-installable"));
	});
	if ("serviceWorker" in navigator)
		navigator.serviceWorker.register("/sw.js").catch(() => {
			/* works without it */
		});
}
