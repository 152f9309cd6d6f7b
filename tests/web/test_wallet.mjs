#!/usr/bin/env node
// The wallet on the phone: set up in one tap, cards, statement, notices, PIN, phone number, language, scanning,
// installing, and life without a network.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import {
	check,
	check_controls,
	check_page,
	open_phone,
	request,
	run_tests,
	same,
	scratch,
	set_up_phone,
	shoot,
	start_shop,
	test,
	token_of,
	tree,
	until,
} from "./lib.mjs";

const spool = path.join(scratch, "sms");
fs.mkdirSync(spool);
const shop = await start_shop(["--sms-spool", spool]);
const qrtill = path.join(process.env.QRTILL_BIN ?? path.join(tree, "build/bin"), "qrtill");

test("set up in one tap: an account, a cookie no script can read, nothing else kept", async () => {
	const phone = await open_phone();
	const { page, context } = phone;
	await page.goto(`${shop.url}/`);
	await check_page(phone, "welcome");
	await check_controls(phone, "welcome");
	await shoot(page, "welcome");
	await page.getByRole("button", { name: "Set up on this phone" }).click();
	await page.waitForSelector("#tabs:not([hidden])");
	const [cookie] = await context.cookies();
	same([cookie.name, cookie.httpOnly, cookie.sameSite], ["qrtill_device", true, "Lax"], "cookie");
	check(
		!(await page.evaluate(() => document.cookie + JSON.stringify({ ...localStorage }))).includes(cookie.value),
		"scripts see the credential",
	);
	// The same phone is known when it comes back.
	await page.goto(`${shop.url}/`);
	await page.waitForSelector("#tabs:not([hidden])");
	same(await page.getByRole("button", { name: "Set up on this phone" }).count(), 0, "asks again");
	await context.close();
});

test("the answer to setting up is lost: one account all the same", async () => {
	const { page, context } = await open_phone();
	const seen = [];
	await page.route("**/v1/customers", async (route) => {
		seen.push((await (await route.fetch()).json()).customer_id);
		return seen.length === 1 ? route.abort() : route.continue();
	});
	await page.goto(`${shop.url}/`);
	await page.getByRole("button", { name: "Set up on this phone" }).click();
	await page.waitForSelector("#tabs:not([hidden])");
	const { customer_id } = await page.evaluate(async () => (await fetch("/v1/me")).json());
	same(customer_id, seen[0], "account");
	await context.close();
});

for (const lang of ["en", "zh"]) {
	test(`every view fits the phone and keeps the policy, ${lang}`, async () => {
		const phone = await open_phone({ lang, dark: lang === "zh" });
		const { page } = phone;
		const card = await shop.make_card(12345);
		await set_up_phone(shop, phone);
		await page.goto(`${shop.url}/Q/${card.token}`);
		await page.getByRole("button", { name: lang === "zh" ? "添加到我的钱包" : "Add to my wallet" }).click();
		await page
			.getByRole("heading", { name: lang === "zh" ? "卡已加入钱包" : "The card is in your wallet" })
			.waitFor();
		await check_page(phone, "bound");
		await shoot(page, `bound-${lang}`);
		for (const view of ["", "add", "scan", "code", "notices", "rebates", "settings"]) {
			await page.goto(`${shop.url}/#${view}`);
			await page.waitForSelector(`#view[data-view="${view || "home"}"]`);
			await check_page(phone, view || "home");
			await check_controls(phone, view || "home");
			same(await page.locator("#view .note.bad").count(), 0, `${view} shows an error`);
			await shoot(page, `view-${view || "home"}-${lang}`);
		}
		await phone.context.close();
	});
}

test("a card: bound by scanning, balance, statement, frozen and unfrozen", async () => {
	const phone = await open_phone();
	const { page } = phone;
	const card = await shop.make_card(5000);
	await set_up_phone(shop, phone);
	await page.goto(`${shop.url}/Q/${card.token}`);
	same(await page.locator(".amount").innerText(), "$50.00", "balance before binding");
	await page.getByRole("button", { name: "Add to my wallet" }).click();
	await page.getByRole("heading", { name: "The card is in your wallet" }).waitFor();
	await page.reload();
	await page.locator("main").getByText("This card is in your wallet.").waitFor();
	await page.goto(`${shop.url}/`);
	await page.locator(".plastic").click();
	await page.locator("main").getByText("Topped up").or(page.locator(".rows li")).first().waitFor();
	check((await page.locator(".rows").innerText()).includes("$50.00"), "statement");
	await check_page(phone, "statement");
	await shoot(page, "statement");
	await page.getByRole("button", { name: "Freeze this card" }).click();
	await page.locator(".plastic .badge").filter({ hasText: "Frozen" }).waitFor();
	same((await shop.till("POST", "/v1/cards/look", { code: card.code })).state, "frozen", "state");
	await page.getByRole("button", { name: "Unfreeze this card" }).click();
	await page.getByRole("button", { name: "Freeze this card" }).waitFor();
	same((await shop.till("POST", "/v1/cards/look", { code: card.code })).state, "active", "state");
	await phone.context.close();
});

test("somebody else's card cannot be bound, and is not shown as one's own", async () => {
	const card = await shop.make_card(5000);
	const owner = await shop.make_customer();
	await owner.call("POST", "/v1/cards/bind", { code: card.code });
	const phone = await open_phone();
	await set_up_phone(shop, phone);
	await phone.page.goto(`${shop.url}/#add`);
	await phone.page.locator("input[name=code]").fill(card.code);
	await phone.page.locator("form button[type=submit]").click();
	await phone.page.locator(".note.bad").waitFor();
	await phone.page.goto(`${shop.url}/`);
	await phone.page.waitForSelector("#view h1");
	same(await phone.page.locator(".plastic").count(), 0, "cards");
	await phone.context.close();
});

test("a forged card code is refused in words, and nothing is bound", async () => {
	const card = await shop.make_card(5000);
	const phone = await open_phone();
	await set_up_phone(shop, phone);
	await phone.page.goto(`${shop.url}/#add`);
	const changed = card.token.at(-3) === "7" ? "8" : "7";
	await phone.page.locator("input[name=code]").fill(card.token.slice(0, -3) + changed + card.token.slice(-2));
	await phone.page.locator("form button[type=submit]").click();
	await phone.page.locator(".note.bad").waitFor();
	await check_page(phone, "forged");
	await phone.context.close();
});

test("the identity code on the screen is read back as the customer's own", async () => {
	const phone = await open_phone({ deviceScaleFactor: 2 });
	await set_up_phone(shop, phone);
	await phone.page.goto(`${shop.url}/#code`);
	await phone.page.waitForFunction(
		() => document.querySelector(".qr img")?.complete && document.querySelector(".qr img").naturalWidth > 0,
	);
	const picture = path.join(scratch, "code.png");
	await phone.page.screenshot({ path: picture });
	const { identity_code } = await phone.page.evaluate(async () => (await fetch("/v1/me")).json());
	const read = spawnSync(qrtill, ["code", "read", picture], { encoding: "utf8" });
	check(read.stdout.includes(token_of(identity_code)), `read: ${read.stdout} ${read.stderr}`);
	await phone.context.close();
});

test("a PIN is set, and changed only with the present one", async () => {
	const phone = await open_phone();
	const { page } = phone;
	await set_up_phone(shop, phone);
	await page.goto(`${shop.url}/#settings`);
	const section = page.locator("section.card", { hasText: "Larger payments ask for it." });
	const fill = async (values) => {
		for (const [name, value] of Object.entries(values)) await section.locator(`input[name=${name}]`).fill(value);
		await section.locator("button").click();
	};
	await fill({ pin: "12", pin_again: "12" });
	await section.locator(".note.bad").waitFor();
	await fill({ pin: "2580", pin_again: "2580" });
	await section.getByText("The PIN is set.").waitFor();
	await page.reload();
	await section.locator("input[name=old_pin]").waitFor();
	await fill({ old_pin: "9999", pin: "1470", pin_again: "1470" });
	await section.locator(".note.bad").waitFor();
	await fill({ old_pin: "2580", pin: "1470", pin_again: "1470" });
	await section.getByText("The PIN is set.").waitFor();
	await check_page(phone, "settings");
	await phone.context.close();
});

test("a phone number is confirmed by the code that was sent to it", async () => {
	const phone = await open_phone();
	const { page } = phone;
	await set_up_phone(shop, phone);
	await page.goto(`${shop.url}/#settings`);
	const section = page.locator("section.card", { hasText: "Messages about payments" });
	await section.locator("input[name=phone]").fill("12345");
	await section.getByRole("button", { name: "Send me a code" }).click();
	await section.locator(".note.bad").waitFor();
	await section.locator("input[name=phone]").fill("+1 (503) 555-0123");
	await section.getByRole("button", { name: "Send me a code" }).click();
	await section.locator("input[name=code]").waitFor();
	const code = await until(async () => {
		await shop.operate("POST", "/v1/jobs/run", { job: "notices" }).catch(() => {});
		for (const name of fs.readdirSync(spool)) {
			const found = /\b(\d{6})\b/.exec(
				fs.readFileSync(path.join(spool, name), "utf8").split("\n\n").slice(1).join("\n"),
			);
			if (found) return found[1];
		}
		return null;
	}, "the message is in the spool");
	await section.locator("input[name=code]").fill(code === "000000" ? "000001" : "000000");
	await section.getByRole("button", { name: "Confirm" }).click();
	await section.locator(".note.bad").waitFor();
	await section.locator("input[name=code]").fill(code);
	await section.getByRole("button", { name: "Confirm" }).click();
	await page.locator("main").getByText("+15035550123").waitFor();
	await page.locator(".badge", { hasText: "Confirmed" }).waitFor();
	await phone.context.close();
});

test("the language is switched and stays", async () => {
	const phone = await open_phone();
	const { page } = phone;
	await set_up_phone(shop, phone);
	await page.goto(`${shop.url}/#settings`);
	await page.getByRole("button", { name: "中文" }).click();
	await page.getByRole("heading", { name: "设置", exact: true }).waitFor();
	await page.goto(`${shop.url}/`);
	same(await page.locator("html").getAttribute("lang"), "zh", "language");
	await phone.context.close();
});

test("a payment made in another tab shows as a notice without a reload", async () => {
	const phone = await open_phone();
	const { page } = phone;
	const card = await shop.make_card(5000);
	await set_up_phone(shop, phone);
	await page.goto(`${shop.url}/#add`);
	await page.locator("input[name=code]").fill(card.code);
	await page.locator("form button[type=submit]").click();
	await page.waitForSelector(".plastic");
	await page.goto(`${shop.url}/#notices`);
	await page.waitForSelector("#view h1");
	const order = await shop.make_order([{ item_id: shop.bread, quantity: 1 }]);
	const other = await phone.context.newPage();
	await other.goto(`${shop.url}/Q/${order.token}`);
	await other.locator("form button.primary").click();
	await other.getByRole("heading", { name: "Paid" }).waitFor();
	// The first page is behind the other one; it asks again as soon as it is looked at.
	await page.bringToFront();
	await page.locator(".rows li", { hasText: "7.25" }).waitFor();
	await check_page(phone, "notices");
	await shoot(page, "notices");
	await phone.context.close();
});

test("a bound card that a till charges: its holder is told at once", async () => {
	const phone = await open_phone();
	const { page } = phone;
	const card = await shop.make_card(5000);
	await set_up_phone(shop, phone);
	await page.goto(`${shop.url}/#add`);
	await page.locator("input[name=code]").fill(card.code);
	await page.locator("form button[type=submit]").click();
	await page.waitForSelector(".plastic");
	await page.goto(`${shop.url}/#notices`);
	await page.waitForSelector('#view[data-view="notices"]');
	await shop.till("POST", "/v1/orders", {
		lines: [{ item_id: shop.bread, quantity: 1 }],
		payments: [{ method: "card", number: card.number }],
	});
	await page.locator(".rows li", { hasText: "7.25" }).waitFor();
	await phone.context.close();
});

test("scanning view: a code of ours goes on, a foreign address is only shown, text is text", async () => {
	const phone = await open_phone();
	const { page } = phone;
	await set_up_phone(shop, phone);
	const type = async (text) => {
		await page.goto(`${shop.url}/#scan`);
		await page.locator("input[name=code]").fill(text);
		await page.getByRole("button", { name: "Open", exact: true }).click();
	};
	await type("https://evil.example/Q/PAYME");
	await page.locator("main").getByText("somebody else's web page").waitFor();
	check(page.url().startsWith(shop.url), "it was opened");
	same(await page.locator("a.button[target=_blank]").getAttribute("rel"), "noreferrer noopener", "rel");
	await type("javascript:alert(1)");
	await page.locator("main").getByText("This is not a code of ours. It says:").waitFor();
	same(await page.locator("#view a").count(), 0, "a link");
	await type("<img src=x onerror=alert(1)>");
	await page.locator("main").getByText("<img src=x onerror=alert(1)>").waitFor();
	const card = await shop.make_card(100);
	await type(card.code);
	await page.waitForURL(`**/Q/${card.token}`);
	await check_page(phone, "scan");
	await phone.context.close();
});

test("where the browser reads codes: from a photo and from the camera, straight to the code's page", async () => {
	const card = await shop.make_card(100);
	const phone = await open_phone({ permissions: ["camera"] });
	const { page } = phone;
	// Chromium has its reader on phones only; this one stands in for it and sees the card in every picture that is not
	// empty.
	await page.addInitScript((code) => {
		globalThis.BarcodeDetector = class {
			static async getSupportedFormats() {
				return ["qr_code", "aztec"];
			}
			constructor({ formats }) {
				this.formats = formats;
			}
			async detect(picture) {
				const width = picture.width || picture.videoWidth;
				return width > 1 && this.formats.includes("qr_code") ? [{ rawValue: code }] : [];
			}
		};
	}, card.code);
	await set_up_phone(shop, phone);
	await page.goto(`${shop.url}/#scan`);
	await page.getByRole("button", { name: "From a photo" }).waitFor();
	await check_controls(phone, "scan");
	await page.locator("input[type=file]").setInputFiles(path.join(tree, "data/web/icons/icon-192.png"));
	await page.waitForURL(`**/Q/${card.token}`);
	await page.goto(`${shop.url}/#scan`);
	await page.getByRole("button", { name: "Use the camera" }).click();
	await page.waitForURL(`**/Q/${card.token}`);
	// What is no picture is said to be none.
	await page.goto(`${shop.url}/#scan`);
	await page.getByRole("button", { name: "From a photo" }).waitFor();
	await page
		.locator("input[type=file]")
		.setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
	await page.locator("main").getByText("There is no code in this picture.").waitFor();
	await check_page(phone, "photo");
	await phone.context.close();
});

test("installable: the manifest is whole, and its start address carries the scanned code", async () => {
	const order = await shop.make_order();
	const phone = await open_phone();
	const { page } = phone;
	await page.goto(`${shop.url}/Q/${order.token}`);
	const href = await page.locator("link[rel=manifest]").getAttribute("href");
	const manifest = (await request(shop, "GET", href)).body;
	same(manifest.start_url, `/?app=1&code=${order.token}`, "start");
	same([manifest.display, manifest.id, manifest.scope], ["standalone", "/", "/"], "manifest");
	for (const icon of manifest.icons) same((await request(shop, "GET", icon.src)).status, 200, icon.src);
	same(
		(await request(shop, "GET", "/manifest.webmanifest?code=FORGED")).body.start_url,
		"/?app=1",
		"a forged code is left out",
	);
	// Opened from the home screen the first time: straight to the code, also where the storage is new; then the home.
	const installed = await open_phone();
	await installed.page.goto(`${shop.url}${manifest.start_url}`);
	await installed.page.waitForURL(`**/Q/${order.token}`);
	await installed.page.goto(`${shop.url}${manifest.start_url}`);
	await installed.page.getByRole("button", { name: "Set up on this phone" }).waitFor();
	// In the browser that scanned it, a later code wins over the one of the start address.
	const later = await shop.make_order();
	await page.goto(`${shop.url}/Q/${later.token}`);
	await page.waitForSelector("#action button");
	await page.goto(`${shop.url}${manifest.start_url}`);
	await page.waitForURL(`**/Q/${later.token}`);
	await phone.context.close();
	await installed.context.close();
});

test("without a network the shell opens, says so, and shows nothing personal", async () => {
	const phone = await open_phone();
	const { page, context } = phone;
	await set_up_phone(shop, phone);
	await page.evaluate(() => navigator.serviceWorker.ready);
	await page.reload();
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	const card = await shop.make_card(4321);
	await page.goto(`${shop.url}/Q/${card.token}`);
	await page.locator("main").getByText("$43.21").waitFor();
	const kept = await page.evaluate(async () => {
		const found = [];
		for (const name of await caches.keys())
			for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
		return found;
	});
	check(kept.includes("/") && kept.includes("/app.css"), `the shell is not kept: ${kept}`);
	check(!kept.some((address) => /^\/(v1|Q)\//i.test(address)), `personal data is kept: ${kept}`);
	await context.setOffline(true);
	await page.goto(`${shop.url}/Q/${card.token}`);
	await page.locator("main").getByText("No connection").waitFor();
	check(!(await page.locator("body").innerText()).includes("43.21"), "a balance from yesterday");
	await shoot(page, "offline");
	await context.setOffline(false);
	// The page that was asked for opens by itself when the network is back,
	await page.locator("main").getByText("$43.21").waitFor();
	// also when only the server was away, of which no browser tells.
	const away = (route) => route.abort();
	await context.route("**/v1/**", away);
	await page.reload();
	await page.locator("main").getByText("No connection").waitFor();
	await context.unroute("**/v1/**", away);
	await page.locator("main").getByText("$43.21").waitFor();
	await context.close();
});

test("a POST with the cookie from another site is refused", async () => {
	const phone = await open_phone();
	await set_up_phone(shop, phone);
	const status = await phone.page.evaluate(
		async () =>
			(
				await fetch("/v1/me", {
					method: "POST",
					body: "{}",
					headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
				})
			).status,
	);
	same(status, 403, "status");
	await phone.context.close();
});

await run_tests();
