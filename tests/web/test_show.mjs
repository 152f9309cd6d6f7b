#!/usr/bin/env node
// The code a customer shows at the till: read from a screenshot as bars and as a square, taken once by a real server, made
// without a network from a key no script can read, and the page that hears that it was paid.

import { spawnSync } from "node:child_process";
import path from "node:path";

import {
	check,
	check_controls,
	check_page,
	open_phone,
	run_tests,
	same,
	scratch,
	set_up_phone,
	shoot,
	start_shop,
	test,
	tree,
	until,
} from "./lib.mjs";

const shop = await start_shop();
const qrtill = path.join(process.env.QRTILL_BIN ?? path.join(tree, "build/bin"), "qrtill");

/** Codes a camera sees in what the element shows. */
async function read_codes(locator) {
	const file = path.join(scratch, `shot-${Date.now()}.png`);
	await locator.screenshot({ path: file });
	const { stdout } = spawnSync(qrtill, ["code", "read", "--json", file], { encoding: "utf8" });
	return stdout;
}

async function phone_with_card(amount_cents, options) {
	const card = await shop.make_card(amount_cents);
	const phone = await open_phone({ deviceScaleFactor: 2, ...options });
	await set_up_phone(shop, phone);
	await phone.page.goto(`${shop.url}/#add`);
	await phone.page.locator("input[name=code]").fill(card.code);
	await phone.page.locator("form button[type=submit]").click();
	await phone.page.waitForSelector(".plastic");
	return { ...phone, card };
}

const shown_digits = (page) => page.locator(".showing[data-digits]").getAttribute("data-digits");
const balance_of = async (card) => (await shop.till("POST", "/v1/cards/look", { code: card.code })).balance_cents;
const sell = (code, more = {}) =>
	shop.till("POST", "/v1/orders", {
		lines: [{ item_id: shop.coffee, quantity: 1 }],
		payments: [{ method: "wallet", code, ...more }],
	});

for (const lang of ["en", "zh"]) {
	test(`a code is shown, read from the screen, charged at a till and told to the phone, ${lang}`, async () => {
		const phone = await phone_with_card(5000, { lang, dark: lang === "zh" });
		const { page, card } = phone;
		await page.goto(`${shop.url}/#`);
		await page.getByRole("link", { name: lang === "zh" ? "出示付款码" : "Show a code to pay" }).click();
		await page.waitForSelector(".showing svg.square");
		await check_page(phone, "code");
		await check_controls(phone, "code");
		await shoot(page, `show-${lang}`);
		const digits = await shown_digits(page);
		check(/^15\d{16}$/.test(digits), `digits ${digits}`);
		// Each picture alone, so that one does not answer for the other.
		for (const kind of ["bars", "square"]) {
			const seen = await read_codes(page.locator(`.showing svg.${kind}`));
			const now = await shown_digits(page);
			check(seen.includes(digits) || seen.includes(now), `${kind} read as ${seen}, shown ${now}`);
		}
		const order = await sell(await shown_digits(page));
		same(order.state, "paid", "order");
		same(order.payments[0].method, "wallet", "method");
		same(await balance_of(card), 5000 - order.total_cents, "card");
		await page.getByRole("heading", { name: /^(Paid|付款成功)$/ }).waitFor();
		check((await page.locator("#view").innerText()).includes("$4.50"), "amount");
		await check_page(phone, "paid");
		await shoot(page, `show-paid-${lang}`);
		await phone.context.close();
	});
}

test("without a network the phone makes the code that the server takes", async () => {
	const { page, context, card, ...phone } = await phone_with_card(2000);
	await page.goto(`${shop.url}/#show`);
	await page.waitForSelector(".showing svg.square");
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
	await until(
		() => page.evaluate(async () => (await (await caches.open("qrtill-shell-1")).keys()).length > 25),
		"the shell is kept",
	);
	await page.reload();
	await page.waitForSelector(".showing svg.square");
	await context.setOffline(true);
	await page.reload();
	await page.waitForSelector(".showing svg.square");
	check((await page.locator("#view").innerText()).includes("No connection"), "says that there is no network");
	await shoot(page, "show-offline");
	const order = await sell(await shown_digits(page));
	same(order.state, "paid", "order");
	same(await balance_of(card), 2000 - order.total_cents, "card");
	same(phone.faults, [], "faults");
	await context.close();
});

test("no script of the page can read the key", async () => {
	const { page, context } = await phone_with_card(1000);
	await page.goto(`${shop.url}/#show`);
	await page.waitForSelector(".showing svg.square");
	const found = await page.evaluate(async () => {
		const { kept_ways } = await import("/js/wallet_code.mjs");
		const [way] = await kept_ways();
		const out = await crypto.subtle.exportKey("raw", way.key).then(
			() => "exported",
			(error) => error.name,
		);
		return { out, extractable: way.key.extractable, text: JSON.stringify(localStorage) };
	});
	same([found.out, found.extractable], ["InvalidAccessError", false], "key");
	await context.close();
});

test("a key that the server has ended is made anew", async () => {
	const { page, context, card } = await phone_with_card(1000);
	await page.goto(`${shop.url}/#show`);
	await page.waitForSelector(".showing svg.square");
	const before = await shown_digits(page);
	await page.evaluate(async () => {
		const { get, post } = await import("/js/api.mjs");
		for (const key of (await get("/v1/me/codes")).keys) await post(`/v1/me/codes/${key.key_id}/end`);
	});
	await page.goto(`${shop.url}/#`);
	await page.waitForSelector(".plastic");
	await page.goto(`${shop.url}/#show`);
	await page.waitForSelector(".showing svg.square");
	const after = await shown_digits(page);
	check(before.slice(0, 10) !== after.slice(0, 10), "another number");
	same((await sell(after)).state, "paid", "order");
	same(await balance_of(card), 1000 - 450, "card");
	await context.close();
});

test("the vectors of RFC 6238, all pairs of bars, and squares of every size", async () => {
	const { page, context } = await phone_with_card(100);
	await page.goto(`${shop.url}/#`);
	const made = await page.evaluate(async () => {
		const { make_digits } = await import("/js/wallet_code.mjs");
		const seed = new TextEncoder().encode("12345678901234567890123456789012");
		const key = await crypto.subtle.importKey("raw", seed, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
		const way = { key, prefix: "15", number: "00040717", digits: 7, step_ms: 30000 };
		const steps = [59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000].map((s) => Math.floor(s / 30));
		return Promise.all(steps.map((step) => make_digits(way, step)));
	});
	same(made[0], "150004071761192467", "as in qrtill-code(5)");
	same(
		made.map((digits) => digits.slice(10, 17)),
		["6119246", "8084774", "7062674", "1819424", "0698825", "7737706"],
		"one-time parts",
	);
	// 20 symbols hold every pair of digits; each is read by zbar.
	const pairs = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, "0"));
	for (let i = 0; i < 100; i += 10) {
		const digits = pairs.slice(i, i + 10).join("");
		await page.evaluate(async (text) => {
			const { draw_bars } = await import("/js/wallet_code.mjs");
			const box = document.createElement("div");
			box.className = "showing";
			box.id = "test";
			box.append(draw_bars(text, ""));
			document.getElementById("test")?.remove();
			document.body.prepend(box); // the view may be drawn anew meanwhile
		}, digits);
		await until(async () => (await read_codes(page.locator("#test"))).includes(digits), `bars of ${digits} are read`);
	}
	for (const length of [1, 17, 34, 60, 100, 130, 160, 200, 250, 300]) {
		const text = Array.from({ length }, (_, i) => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(i * 7 + length) % 36]).join("");
		await page.evaluate(async (what) => {
			const { draw_qr } = await import("/js/wallet_code.mjs");
			const box = document.createElement("div");
			box.className = "showing";
			box.id = "test";
			const svg = draw_qr(what, "");
			svg.setAttribute("style", "width: 300px");
			box.append(svg);
			document.getElementById("test")?.remove();
			document.body.prepend(box); // the view may be drawn anew meanwhile
		}, text);
		await until(async () => (await read_codes(page.locator("#test"))).includes(text), `square of ${text} is read`);
	}
	await context.close();
});

test("a merchant's points: the phone joins, shows a sealed code, a till spends with it once", async () => {
	const phone = await phone_with_card(5000);
	const { page } = phone;
	await page.goto(`${shop.url}/#show`);
	await page.waitForSelector(".showing[data-digits]");
	const { points_earned } = await sell(await shown_digits(page));
	await page.goto(`${shop.url}/#`);
	await page.locator("a[href^='#points/']").click();
	await page.waitForSelector(".showing[data-code] svg.square");
	await check_page(phone, "points");
	await check_controls(phone, "points");
	await shoot(page, "points");
	const code = await page.locator(".showing[data-code]").getAttribute("data-code");
	const seen = await read_codes(page.locator(".showing svg.square"));
	check(seen.includes("QTP1"), `read as ${seen}`);
	same((await shop.till("POST", "/v1/points/look", { code })).balance, points_earned, "looked at");
	const spend = () => shop.till("POST", "/v1/points/spend", { code, points: 3, reason: "mug" });
	same((await spend()).balance, points_earned - 3, "spent");
	const again = await spend().catch((error) => error);
	check(!("balance" in again), `spent twice: ${JSON.stringify(again)}`);
	const kept = await page.evaluate(
		() =>
			new Promise((resolve) => {
				indexedDB.open("qrtill").onsuccess = ({ target }) => {
					const all = target.result.transaction("schemes").objectStore("schemes").getAll();
					all.onsuccess = () => resolve(all.result.map((row) => row.key.extractable));
				};
			}),
	);
	same(kept, [false], "one key for the scheme, which no script can read");
	await phone.context.close();
});

await run_tests();
