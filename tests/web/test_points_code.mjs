#!/usr/bin/env node
// The phone's side of sealed points codes: what its script makes of a known key, time and nonce is the code that
// tests/unit/test_points_code.c opens, and both ends of an agreement come to keys that open each other's codes.

import path from "node:path";
import { run_tests, same, test, tree } from "./lib.mjs";

const { agree_key, make_points_code, SPEND } = await import(path.join(tree, "data/web/js/points_code.mjs"));
const NOW = 1795290947311;

test("a known key, time and nonce make the known code", async () => {
	const agreed = Uint8Array.from({ length: 32 }, (_, i) => i);
	const base = await crypto.subtle.importKey("raw", agreed, "HKDF", false, ["deriveKey"]);
	const info = new TextEncoder().encode("qrtill points key 3 1234567");
	const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
	const key = await crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
	const scheme = { id: 3, number: 1234567, step_ms: 30000, key };
	const code = await make_points_code(scheme, SPEND, NOW, new Uint8Array(12).fill(7));
	same(code, "QTP108015NM70W3GE1R70W3GE1R70W3VPEGWWNY9W2STXNPB5071M96W93HYMRWSG3GXTW", "code");
});

test("both sides agree on the same key, which no script can read", async () => {
	const curve = { name: "ECDH", namedCurve: "P-256" };
	const [phone, server] = await Promise.all([0, 1].map(() => crypto.subtle.generateKey(curve, false, ["deriveBits"])));
	const [phone_point, server_point] = await Promise.all(
		[phone, server].map((pair) => crypto.subtle.exportKey("raw", pair.publicKey)),
	);
	const one = await agree_key(phone.privateKey, server_point, 9, 4294967295);
	const other = await agree_key(server.privateKey, phone_point, 9, 4294967295);
	const codes = await Promise.all(
		[one, other].map((key) =>
			make_points_code({ id: 9, number: 4294967295, step_ms: 30000, key }, SPEND, NOW, new Uint8Array(12)),
		),
	);
	same(codes[0], codes[1], "codes");
	same(one.extractable, false, "extractable");
});

await run_tests();
