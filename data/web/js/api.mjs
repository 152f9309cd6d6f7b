// api: talking to the server. Every answer is one of: a body, a Problem (the server refused and nothing changed), or
// Offline (no answer: for a request that changes something, the outcome is then unknown).

import { has_text, lang, t } from "./text.mjs";

const TIMEOUT_MS = 15000;

/** What the server refused; `code` is stable (qrtill-api(7)), `message` is for people. */
export class Problem extends Error {
	constructor(status, body) {
		const known = `error.${body?.code}`;
		super(has_text(known) ? t(known) : body?.title || t("error.unexpected"));
		this.status = status;
		this.code = body?.code ?? "internal";
		this.field = body?.field ?? "";
		this.detail = body?.detail ?? "";
	}
}

export class Offline extends Error {
	constructor() {
		super(t("error.offline"));
	}
}

/** UUID version 7 (RFC 9562): made before sending, ordered by time. */
export function make_key() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	let ms = Date.now();
	for (let i = 5; i >= 0; i--) {
		bytes[i] = ms % 256;
		ms = Math.floor(ms / 256);
	}
	bytes[6] = (bytes[6] & 0x0f) | 0x70;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
	return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

async function call(method, path, body, key, { timeout_ms = TIMEOUT_MS, signal = null } = {}) {
	const headers = { Accept: "application/json", "Accept-Language": lang, "X-Qrtill": "1" };
	if (body !== undefined) headers["Content-Type"] = "application/json";
	if (key) headers["Idempotency-Key"] = key;
	const limit = AbortSignal.timeout(timeout_ms);
	let answer, parsed;
	try {
		answer = await fetch(path, {
			method,
			headers,
			body,
			credentials: "same-origin",
			cache: "no-store",
			signal: signal && AbortSignal.any ? AbortSignal.any([signal, limit]) : (signal ?? limit),
		});
		parsed = answer.status === 204 ? {} : await answer.json();
	} catch {
		// No answer, or one cut off in the middle, or not ours: what happened is not known.
		throw new Offline();
	}
	if (!answer.ok) throw new Problem(answer.status, parsed);
	return parsed;
}

export const get = (path, options) => call("GET", path, undefined, null, options);

/** `body` is an object, or its JSON text when the very same bytes are sent again. */
export const post = (path, body, key = make_key(), options = {}) =>
	call("POST", path, typeof body === "string" ? body : JSON.stringify(body ?? {}), key, options);

const ASK_MS = 3000;
let back = null; // what waits for the server, and its timer

/** Call `go` once, when the server answers again (a refusal is an answer). It is asked as soon as the browser tells of a
 * network and every few seconds besides: the first try after that word may still find no way. A later call takes the
 * place of an earlier one. */
export function when_back(go) {
	clearTimeout(back?.timer);
	const mine = { timer: setTimeout(() => ask_for(mine), ASK_MS), go };
	back = mine;
}

async function ask_for(mine) {
	clearTimeout(mine.timer);
	const answered = await get("/v1/status").catch((error) => !(error instanceof Offline));
	if (back !== mine) return;
	if (answered) {
		back = null;
		mine.go();
	} else {
		clearTimeout(mine.timer);
		mine.timer = setTimeout(() => ask_for(mine), ASK_MS);
	}
}

addEventListener("online", () => back && ask_for(back));
