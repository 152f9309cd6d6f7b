// code: what a scanner or a person gave, and where it leads. Only codes under this server's own address or rule are
// ours; everything else is shown as what it is.

import { post, Problem } from "./api.mjs";

/** Path of the landing page of a code of ours (whole URL or bare token). */
export function code_path(code) {
	const match = /\/Q\/([0-9A-Z]+)/i.exec(code);
	return `/Q/${match ? match[1] : code}`;
}

/**
 * Ask the server what a text is. Returns { kind: "ours", path }, { kind: "page", url } for a web address of somebody
 * else, or { kind: "other", text }. Nothing is opened here.
 */
export async function read_code(text) {
	const trimmed = text.trim();
	try {
		const answer = await post("/v1/codes/check", { text: trimmed.slice(0, 500) }, null);
		if (answer.valid && answer.landing_url)
			return { kind: "ours", path: new URL(answer.landing_url, location.href).pathname };
	} catch (error) {
		if (!(error instanceof Problem) || error.status >= 500) throw error;
	}
	try {
		const url = new URL(trimmed);
		if (url.protocol === "https:" || url.protocol === "http:") return { kind: "page", url: url.href };
	} catch {
		/* no address */
	}
	return { kind: "other", text: trimmed.slice(0, 200) };
}
