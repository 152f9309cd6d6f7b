// points_key: the keys this phone holds, one for each merchant's points scheme it has joined. A key is agreed on with the
// server and never sent; no script can read it out.

import { post } from "./api.mjs";
import { agree_key } from "./points_code.mjs";
import { with_store } from "./wallet_code.mjs";

const FORMAT = "qrtill-points-1";

// Where the browser has no database (a private window), the page's own memory has to do.
const memory = new Map();

/** What is kept of a merchant's scheme: { id, merchant_name, merchant_name_zh, number, step_ms, customer_id, key }; null. */
export async function kept_scheme(merchant_id, customer_id) {
	const row = memory.get(merchant_id) ?? (await with_store("schemes", "readonly", (store) => store.get(merchant_id)));
	return row && row.customer_id === customer_id ? row : null;
}

const to_text = (bytes) =>
	btoa(String.fromCharCode(...bytes))
		.replace(/\+/g, "-")
		.replace(/\//g, "_")
		.replace(/=+$/, "");
const to_bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

/** Join a merchant's scheme: the server's message of fixed format becomes this phone's key for it. */
export async function join_scheme(merchant_id, customer_id) {
	const pair = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"]);
	const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
	const message = await post("/v1/points/join", { merchant_id, public_key: to_text(point) });
	if (message.format !== FORMAT) throw new Error(`not a message of format ${FORMAT}`);
	const { number, step_ms, merchant_name, merchant_name_zh } = message;
	const key = await agree_key(pair.privateKey, to_bytes(message.server_key), merchant_id, number);
	const scheme = { id: merchant_id, merchant_name, merchant_name_zh, number, step_ms, customer_id, key };
	memory.set(merchant_id, scheme);
	await with_store("schemes", "readwrite", (store) => store.put(scheme));
	return scheme;
}
