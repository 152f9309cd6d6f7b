// sent: requests that move money, kept on the phone from before they are sent until they are answered, so that a double
// tap, a reload, a lost answer or a dead network never pays twice and never loses the outcome.
//
// A record is { key, path, facts, secret, at_ms } under "qrtill.sent.NAME"; facts is the body without its secret. The
// same key and the same bytes are sent again, and the server answers with its first reply. A PIN is never kept: a
// record with `secret` is sent again with the PIN typed again.

import { make_key, Offline, post, Problem } from "./api.mjs";

const PREFIX = "qrtill.sent.";
const ASK_FOR_MS = 60000;
const PAUSES_MS = [1000, 2000, 3000, 4000, 5000];

// Where the browser has no storage (a private window), the page's own memory has to do.
const memory = new Map();

function save(name, record) {
	memory.set(name, record);
	try {
		localStorage.setItem(PREFIX + name, JSON.stringify(record));
	} catch {
		/* memory has it */
	}
}

/** Drop a record, its outcome being known. */
export function forget(name) {
	memory.delete(name);
	try {
		localStorage.removeItem(PREFIX + name);
	} catch {
		/* was never there */
	}
}

/** The request of this name that has no answer yet; null when there is none. */
export function unanswered(name) {
	try {
		return JSON.parse(localStorage.getItem(PREFIX + name)) ?? memory.get(name) ?? null;
	} catch {
		return memory.get(name) ?? null;
	}
}

/** Answers that say nothing about the outcome, or "not now". */
const is_open = (error) =>
	error instanceof Offline || (error instanceof Problem && (error.status >= 500 || error.status === 429));

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Two tabs with the same code take turns.
const alone = (name, act) => (navigator.locks ? navigator.locks.request(PREFIX + name, act) : act());

/**
 * Send once, whatever happens. A record of this name that has no answer yet is sent again instead when the facts are
 * the same, and refused with an Error when they are not. Asks again for a minute while the outcome is unknown
 * (`on_unknown` is told each time; what `known` gives, if anything, is the answer learned another way), then throws
 * Offline with the record kept. A Problem means that the server refused and nothing was done: the record is gone.
 */
export function send_once(
	name,
	path,
	facts,
	{ secret = null, on_unknown = () => {}, known = () => null, ask_for_ms = ASK_FOR_MS } = {},
) {
	return alone(name, async () => {
		let record = unanswered(name);
		if (record && (record.path !== path || JSON.stringify(record.facts) !== JSON.stringify(facts)))
			throw new Error("another request of this name has no answer yet");
		if (!record) {
			record = { key: make_key(), path, facts, secret: Boolean(secret), at_ms: Date.now() };
			save(name, record);
		}
		const body = JSON.stringify({ ...facts, ...secret });
		const until = Date.now() + ask_for_ms;
		for (let tries = 0; ; tries++) {
			try {
				const answer = await post(path, body, record.key);
				forget(name);
				return answer;
			} catch (error) {
				if (!is_open(error)) {
					forget(name);
					throw error;
				}
				if (Date.now() >= until) throw new Offline();
				on_unknown(tries);
				await sleep(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]);
				const learned = await Promise.resolve(known()).catch(() => null);
				if (learned) {
					forget(name);
					return learned;
				}
			}
		}
	});
}
