#!/usr/bin/env node
// Every payload as the name of what is sold, as its note, as a campaign's name and words, as the name of shop and phone: on the
// pages of payment, receipt, product, campaign, on a phone's own pages, in both languages. None runs, none becomes markup, the
// content policy is never asked, and each is read as it was written.

import { check, open_phone, request, run_tests, same, set_up_phone, start_shop, test, token_of } from "./lib.mjs";
import { payloads } from "./payloads.mjs";

const shop = await start_shop();
const LINES = 20; // of one order: its page stays readable
let shown = 0;

/** What no page of ours has, and a payload would make. */
const MADE =
	"script:not([src]), script[src*='//h'], img[src='x'], iframe, object, embed, base, marquee, math, video, audio, plaintext, xmp, template, " +
	"meta[http-equiv], style, [onerror], [onload], [onclick], [onfocus], [onblur], [onbegin], [ontoggle], [onstart], [onmouseover], " +
	"[style], [contenteditable], [href^='javascript'], [src^='javascript'], [action^='javascript'], [formaction], [srcdoc], [background]";

/** A phone on which taken() is known, and every dialog and violation is a fault. */
async function open_trap(options) {
	const phone = await open_phone(options);
	phone.page.on("dialog", (dialog) => {
		phone.faults.push(`dialog: ${dialog.message()}`);
		return dialog.dismiss();
	});
	await phone.context.addInitScript(() => {
		globalThis.ran = [];
		globalThis.taken = () => globalThis.ran.push("taken");
		addEventListener("securitypolicyviolation", (event) => globalThis.ran.push(`policy: ${event.violatedDirective} ${event.blockedURI}`));
	});
	return phone;
}

/** `quiet`: the page asks nothing more of the server once it is there; a wallet waits for events all the time. */
async function check_inert({ page, faults }, what, texts, quiet = true) {
	await page.waitForLoadState(quiet ? "networkidle" : "load");
	const { ran, made, text } = await page.evaluate((selector) => {
		const found = [...document.body.querySelectorAll(selector), ...document.head.querySelectorAll("base, script[src*='//h']")];
		return { ran: globalThis.ran, made: found.map((element) => element.outerHTML.slice(0, 100)), text: document.body.innerText };
	}, MADE);
	same(ran ?? [], [], `${what}: something ran`);
	same(made, [], `${what}: markup from a text`);
	same(faults, [], `${what}: faults`);
	// innerText folds blanks; so do we.
	const flat = (one) => one.replace(/\s+/g, " ");
	for (const one of texts) check(flat(text).includes(flat(one)), `${what} does not show ${one}`);
	shown += texts.length;
}

const items = [];
for (const [i, name] of payloads.entries()) items.push(await shop.add_item(`X${i}`, name, name, 100 + i));
const portions = [];
for (let from = 0; from < payloads.length; from += LINES) portions.push([from, Math.min(from + LINES, payloads.length)]);
const lines_of = ([from, to]) =>
	items.slice(from, to).map((item_id, i) => ({ item_id, quantity: 1, note: payloads[(from + i + 7) % payloads.length] }));

test(`there are at least 60 payloads`, async () => check(payloads.length >= 60 && new Set(payloads).size === payloads.length, "too few"));

for (const lang of ["en", "zh"])
	test(`as names and notes of what is sold: payment and receipt, ${lang}`, async () => {
		const phone = await open_trap({ lang });
		for (const portion of portions) {
			const names = payloads.slice(...portion);
			const order = await shop.make_order(lines_of(portion));
			await phone.page.goto(`${shop.url}/Q/${order.token}`);
			await check_inert(phone, "payment", names);
			const sold = await shop.till("POST", "/v1/orders", { lines: lines_of(portion), payments: [{ method: "cash" }] });
			await phone.page.goto(`${shop.url}/Q/${token_of(sold.receipt.code)}`);
			await check_inert(phone, "receipt", names);
		}
		await phone.context.close();
	});

test("as the name of a product, each on its own page", async () => {
	const phone = await open_trap();
	for (const [i, item_id] of items.entries()) {
		const product = await shop.operate("GET", `/v1/items/${item_id}`);
		// All are read, as sent; every sixth also runs in the browser: the same template made them all.
		const { body } = await request(shop, "GET", `/Q/${token_of(product.code)}`);
		check(!body.includes("<script>") && !/<[^>]*taken\(/.test(body), `product: ${payloads[i]} is markup`);
		shown++;
		if (i % 6 !== 0) continue;
		await phone.page.goto(`${shop.url}/Q/${token_of(product.code)}`, { waitUntil: "load" });
		await check_inert(phone, "product", [payloads[i]]);
		check((await phone.page.title()).length > 0, "no title");
	}
	await phone.context.close();
});

test("as the name and words of a campaign, in what is shared and on the phone's own pages", async () => {
	const phone = await open_trap();
	await set_up_phone(shop, phone);
	for (const [from, to] of portions) {
		const { code } = await shop.operate("POST", "/v1/campaigns", {
			name: payloads[from],
			name_zh: payloads[from + 1],
			levels: [{ rate_bp: 500 }],
			channel_bp: 0,
			agent_bp: 0,
			platform_bp: 0,
			intro: payloads.slice(from, to).join("\n").slice(0, 500),
			intro_zh: payloads[from],
		});
		await phone.page.goto(`${shop.url}/Q/${token_of(code)}`);
		await check_inert(phone, "campaign", [payloads[from]]);
	}
	for (const view of ["", "rebates", "notices", "settings", "code"]) {
		await phone.page.goto(`${shop.url}/#${view}`);
		await phone.page.waitForSelector(`#view[data-view="${view || "home"}"]`);
		await check_inert(phone, view || "home", [], false);
	}
	await phone.context.close();
});

test("as the name of the shop: card, statement and notice on the phone", async () => {
	for (const name of payloads.filter((_, i) => i % 16 === 0)) {
		await shop.operate("POST", `/v1/merchants/${shop.merchant_id}`, { name, name_zh: name });
		const card = await shop.make_card(1000);
		const phone = await open_trap();
		await phone.page.goto(`${shop.url}/Q/${card.token}`);
		await check_inert(phone, "card", [name]);
		await set_up_phone(shop, phone);
		await phone.page.goto(`${shop.url}/#add`);
		await phone.page.locator("input[name=code]").fill(card.code);
		await phone.page.locator("form button[type=submit]").click();
		await phone.page.waitForSelector(".plastic");
		await check_inert(phone, "my card", [name], false);
		await phone.page.goto(`${shop.url}/#notices`);
		await phone.page.waitForSelector('#view[data-view="notices"]');
		await check_inert(phone, "notices", [], false);
		await phone.context.close();
	}
});

test("the trap itself works: a page that makes markup from text is caught", async () => {
	const phone = await open_trap();
	await phone.page.goto(`${shop.url}/`);
	await phone.page.evaluate((text) => document.body.insertAdjacentHTML("beforeend", text), payloads[15]);
	let caught = "";
	await check_inert(phone, "broken", []).catch((error) => (caught = error.message));
	check(/something ran|markup|faults/.test(caught), `not caught: ${caught}`);
	await phone.context.close();
});

test("what was shown", async () => {
	check(shown >= 5 * payloads.length, "too little was looked at");
	console.log(`# proof: payloads count=${shown} found=0 seconds=${Math.round(process.uptime())} payloads=${payloads.length}`);
});

await run_tests();
