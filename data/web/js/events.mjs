// events: the long poll. Resumes after the last event seen; asks again by itself while the page is in view.

import { get, Problem } from "./api.mjs";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Call `seen` for each event until it returns true or `signal` ends it. `query` adds to the question ("payment=TOKEN").
 * Returns at once; errors are waited out, since an event is only a hint: the page always asks for the state itself.
 */
export async function watch_events(seen, { query = "", signal = null } = {}) {
	let after = -1;
	let pause_ms = 1000;
	while (!signal?.aborted) {
		if (document.hidden)
			await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
		try {
			const answer = await get(`/v1/events?after=${after}&wait=${after < 0 ? 0 : 25}${query && `&${query}`}`, {
				timeout_ms: 35000,
				signal,
			});
			after = answer.last;
			pause_ms = 1000;
			for (const event of answer.events) {
				if (await seen(event)) return;
			}
		} catch (error) {
			if (error instanceof Problem && error.status < 500 && error.status !== 429) return;
			await sleep(pause_ms);
			pause_ms = Math.min(pause_ms * 2, 15000);
		}
	}
}
