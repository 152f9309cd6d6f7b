// wallet_code: the 18 digits shown at a till, made on the phone (qrtill-code(5)): the keys they are made with, kept where
// scripts can use but not read them, and the two pictures. Nothing here needs a network once a key is there.

import { get, post } from "./api.mjs";
import { qr_modules } from "./qr.mjs";

const svg_ns = "http://www.w3.org/2000/svg";

/** Is this browser able to make codes? It is not on pages without TLS. */
export const can_make_codes = () => Boolean(globalThis.crypto?.subtle);

/* ---- what is kept on the phone ---- */

// Where the browser has no database (a private window), the page's own memory has to do.
const memory = new Map();

function open_store() {
	return new Promise((resolve, reject) => {
		const asked = indexedDB.open("qrtill", 2);
		asked.onupgradeneeded = () => {
			for (const name of ["ways", "schemes"])
				if (!asked.result.objectStoreNames.contains(name)) asked.result.createObjectStore(name, { keyPath: "id" });
		};
		asked.onsuccess = () => resolve(asked.result);
		asked.onerror = () => reject(asked.error);
	});
}

/** Run one request on a store of the phone's database; null when there is none. */
export async function with_store(name, mode, act) {
	let db;
	try {
		db = await open_store();
	} catch {
		return null;
	}
	try {
		return await new Promise((resolve, reject) => {
			const asked = act(db.transaction(name, mode).objectStore(name));
			asked.onsuccess = () => resolve(asked.result ?? null);
			asked.onerror = () => reject(asked.error);
		});
	} catch {
		return null;
	} finally {
		db.close();
	}
}

/** Ways of paying this phone has a key for: { id, source, card_id, name, number, key }. */
export async function kept_ways() {
	const rows = (await with_store("ways", "readonly", (store) => store.getAll())) ?? [];
	return [...new Map([...rows, ...memory.values()].map((row) => [row.id, row])).values()];
}

export async function forget_way(id) {
	memory.delete(id);
	await with_store("ways", "readwrite", (store) => store.delete(id));
}

export async function forget_all_ways() {
	memory.clear();
	await with_store("ways", "readwrite", (store) => store.clear());
}

/* ---- keys ---- */

const CLOCK = "qrtill.clock"; // milliseconds the server's clock is ahead of the phone's

function keep_clock(now_ms) {
	try {
		localStorage.setItem(CLOCK, String(now_ms - Date.now()));
	} catch {
		/* the phone's own clock has to do */
	}
}

/** The server's time, as far as this phone knows. */
export function server_now() {
	let ahead = 0;
	try {
		ahead = Number(localStorage.getItem(CLOCK)) || 0;
	} catch {
		/* as above */
	}
	return Date.now() + ahead;
}

const bytes_of = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

export const way_id = (source, card_id) => (card_id ? `${source}:${card_id}` : source);

/** A key from the server; afterwards it is here, and no script can read it out. `name` is for people. */
export async function fetch_way(source, card_id, name, customer_id) {
	const answer = await post("/v1/me/codes", card_id ? { source, card_id } : { source });
	keep_clock(answer.now_ms);
	const key = await crypto.subtle.importKey("raw", bytes_of(answer.key), { name: "HMAC", hash: "SHA-256" }, false, [
		"sign",
	]);
	const { number, prefix, digits, step_ms } = answer;
	const way = { id: way_id(source, card_id), source, card_id, name, customer_id, number, prefix, digits, step_ms, key };
	memory.set(way.id, way);
	await with_store("ways", "readwrite", (store) => store.put(way));
	return way;
}

/** Drop keys that the server has ended; what is left can pay. */
export async function check_ways(customer_id) {
	const { keys, now_ms } = await get("/v1/me/codes");
	keep_clock(now_ms);
	const good = new Set(keys.map((key) => key.number));
	for (const way of await kept_ways())
		if (way.customer_id !== customer_id || !good.has(way.number)) await forget_way(way.id);
	return kept_ways();
}

/* ---- digits ---- */

function luhn_digit(digits) {
	let sum = 0;
	for (let i = 0; i < digits.length; i++) {
		let digit = Number(digits[digits.length - 1 - i]);
		if (i % 2 === 0) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return (10 - (sum % 10)) % 10;
}

/** RFC 6238 over SHA-256, then the layout of 18 digits. */
export async function make_digits(way, step) {
	const counter = new DataView(new ArrayBuffer(8));
	counter.setUint32(0, Math.floor(step / 2 ** 32));
	counter.setUint32(4, step % 2 ** 32);
	const mac = new DataView(await crypto.subtle.sign("HMAC", way.key, counter.buffer));
	const at = mac.getUint8(mac.byteLength - 1) & 15;
	const value = (mac.getUint32(at) & 0x7fffffff) % 10 ** way.digits;
	const body = `${way.prefix}${way.number}${String(value).padStart(way.digits, "0")}`;
	return body + luhn_digit(body);
}

export const step_of = (way, now_ms) => Math.floor(now_ms / way.step_ms);

/* ---- pictures ---- */

// Widths of bars and spaces of Code 128's values 0 to 99, start C, stop.
// prettier-ignore
const PATTERNS = ("212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 " +
	"122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 " +
	"212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 " +
	"113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 " +
	"431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 " +
	"241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 " +
	"131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 211214 211232").split(" ");
const START_C = 105;
const STOP = "2331112";

/** Bar and space widths of an even number of digits in Code 128, set C. */
export function bar_widths(digits) {
	const values = digits.match(/../g).map(Number);
	const check = values.reduce((sum, value, i) => sum + value * (i + 1), START_C) % 103;
	return [START_C, ...values, check].map((value) => PATTERNS[value]).join("") + STOP;
}

function picture(width, height, path, label, kind) {
	const svg = document.createElementNS(svg_ns, "svg");
	const element = document.createElementNS(svg_ns, "path");
	element.setAttribute("d", path);
	const set = { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: kind };
	for (const [name, value] of Object.entries(set)) svg.setAttribute(name, value);
	svg.setAttribute("shape-rendering", "crispEdges");
	svg.setAttribute("preserveAspectRatio", kind === "bars" ? "none" : "xMidYMid meet");
	svg.append(element);
	return svg;
}

export function draw_bars(digits, label) {
	const widths = bar_widths(digits);
	let x = 10; // quiet zone
	let path = "";
	[...widths].forEach((width, i) => {
		if (i % 2 === 0) path += `M${x} 0h${width}v10h-${width}z`;
		x += Number(width);
	});
	return picture(x + 10, 10, path, label, "bars");
}

export function draw_qr(text, label) {
	const rows = qr_modules(text);
	let path = "";
	rows.forEach((row, y) =>
		row.forEach((dark, x) => {
			if (dark) path += `M${x + 4} ${y + 4}h1v1h-1z`;
		}),
	);
	return picture(rows.length + 8, rows.length + 8, path, label, "square");
}
