// points_code: the sealed codes a phone shows to collect or spend points, and the key they are sealed with (qrtill-code(5)).
// Nothing here needs a network or a page.

export const COLLECT = 1;
export const SPEND = 2;

/** The key both sides come to: ECDH over P-256, then HKDF-SHA-256, as an AES-256-GCM key that stays in the browser. */
export async function agree_key(private_key, server_point, merchant_id, number) {
	const server = await crypto.subtle.importKey("raw", server_point, { name: "ECDH", namedCurve: "P-256" }, false, []);
	const agreed = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, private_key, 256);
	const base = await crypto.subtle.importKey("raw", agreed, "HKDF", false, ["deriveKey"]);
	const info = new TextEncoder().encode(`qrtill points key ${merchant_id} ${number}`);
	const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
	return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function base32(bytes) {
	let text = "";
	let held = 0;
	let bits = 0;
	for (const byte of bytes) {
		held = (held << 8) | byte;
		for (bits += 8; bits >= 5; bits -= 5) text += ALPHABET[(held >> (bits - 5)) & 31];
		held &= 31;
	}
	return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

/** What a till scans. A nonce is used once. */
export async function make_points_code(scheme, kind, now_ms, iv = crypto.getRandomValues(new Uint8Array(12))) {
	const aad = new DataView(new ArrayBuffer(36));
	new Uint8Array(aad.buffer).set(new TextEncoder().encode("qrtill points 1"));
	aad.setBigUint64(15, BigInt(scheme.id));
	aad.setUint32(23, scheme.number);
	aad.setUint8(27, kind);
	aad.setBigUint64(28, BigInt(Math.floor(now_ms / scheme.step_ms)));
	const time = new DataView(new ArrayBuffer(8));
	time.setBigUint64(0, BigInt(now_ms));
	const how = { name: "AES-GCM", iv, additionalData: aad.buffer };
	const sealed = new Uint8Array(await crypto.subtle.encrypt(how, scheme.key, time.buffer));
	const bytes = new Uint8Array(5 + iv.length + sealed.length);
	const head = new DataView(bytes.buffer);
	head.setUint8(0, kind);
	head.setUint32(1, scheme.number);
	bytes.set(iv, 5);
	bytes.set(sealed, 5 + iv.length);
	return `QTP1${base32(bytes)}`;
}
