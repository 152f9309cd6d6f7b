#!/usr/bin/env node
// Where codes land: each kind on its page, in both languages, readable without scripts, with strangers' names inert;
// what is not a code of ours never looks like one.

import {
	check,
	check_controls,
	check_page,
	open_phone,
	request,
	run_tests,
	same,
	shoot,
	start_shop,
	test,
	token_of,
} from "./lib.mjs";

const shop = await start_shop();
const order = await shop.make_order();
const card = await shop.make_card(5000);
const sold = await shop.till("POST", "/v1/orders", {
	lines: [{ item_id: shop.bread, quantity: 2 }],
	payments: [{ method: "cash", received_cents: 2000 }],
});
const campaign = await shop.operate("POST", "/v1/campaigns", {
	name: "Ten coffees for eight",
	name_zh: "买八送二",
	levels: [{ rate_bp: 500 }, { rate_bp: 200 }],
	channel_bp: 0,
	agent_bp: 0,
	platform_bp: 0,
	intro: "Friends who buy through your code earn you a rebate.",
	intro_zh: "朋友通过您的码购买，您即可获得返利。",
});
const customer = await shop.make_customer();
const share = await customer.call("POST", "/v1/shares", { code: campaign.code });

const product = await shop.operate("GET", `/v1/items/${shop.bread}`);

/** Every kind, with what its page must say in each language. */
const kinds = [
	{
		name: "payment",
		token: order.token,
		en: ["Demo Café", "Harbour Street", "$16.25", "2 × Flat white", "$7.25"],
		zh: ["示范咖啡馆", "海港街店", "$16.25", "2 × 澳白咖啡"],
	},
	{
		name: "fixed",
		token: token_of(shop.fixed_code),
		en: ["Demo Café", "Type the amount"],
		zh: ["示范咖啡馆", "请输入"],
	},
	{
		name: "card",
		token: card.token,
		en: ["Prepaid card", "Demo Café", card.number.slice(-4)],
		zh: ["预付卡", "示范咖啡馆"],
	},
	{
		name: "campaign",
		token: token_of(campaign.code),
		en: ["Ten coffees for eight", "Friends who buy"],
		zh: ["买八送二", "朋友通过您的码购买"],
	},
	{ name: "share", token: token_of(share.code), en: ["Ten coffees for eight", "Friends who buy"], zh: ["买八送二"] },
	{
		name: "receipt",
		token: token_of(sold.receipt.code),
		en: ["Genuine receipt", "2 × Sourdough loaf", "$14.50", "Sales tax 8.25%"],
		zh: ["小票真实有效", "酸面包", "$14.50", "销售税"],
	},
	{
		name: "product",
		token: token_of(product.code),
		en: ["Sourdough loaf", "$7.25", "Demo Café"],
		zh: ["酸面包", "$7.25", "示范咖啡馆"],
	},
	{ name: "identity", token: token_of(customer.identity_code), en: ["identity code"], zh: ["身份码"] },
];

for (const { name, token, ...says } of kinds) {
	for (const lang of ["en", "zh"]) {
		test(`${name}: reads without scripts, ${lang}`, async () => {
			const phone = await open_phone({ lang, scripts: false });
			const answer = await phone.page.goto(`${shop.url}/Q/${token}`);
			same(answer.status(), 200, "status");
			const text = (await phone.page.locator("body").innerText()).replace(/\s+/g, " ");
			for (const what of says[lang]) check(text.includes(what), `does not say "${what}": ${text}`);
			same(await phone.page.locator("html").getAttribute("lang"), lang, "language");
			await phone.context.close();
		});
		test(`${name}: with scripts it fits the phone and keeps the policy, ${lang}`, async () => {
			const phone = await open_phone({ lang, dark: lang === "zh" });
			await phone.page.goto(`${shop.url}/Q/${token}`);
			await phone.page.waitForLoadState("networkidle");
			await check_page(phone, name);
			await check_controls(phone, name);
			await shoot(phone.page, `${name}-${lang}`);
			await phone.context.close();
		});
	}
}

test("the link in any case, with what a poster added, is the same page", async () => {
	for (const address of [`/q/${order.token.toLowerCase()}`, `/Q/${order.token}?utm=poster`]) {
		const answer = await request(shop, "GET", address);
		same(answer.status, 200, address);
		check(answer.body.includes("Flat white"), address);
	}
});

test("an altered, a foreign and an impossible code get the plain page, never an offer", async () => {
	const last = order.token.at(-2) === "A" ? "B" : "A";
	const altered = order.token.slice(0, -2) + last + order.token.at(-1);
	for (const [address, lang] of [
		[altered, "en"],
		[altered, "zh"],
		["HELLOWORLD", "en"],
		["no-such.thing", "en"],
		["0".repeat(90), "zh"],
	]) {
		const phone = await open_phone({ lang });
		const answer = await phone.page.goto(`${shop.url}/Q/${address}`);
		same(answer.status(), 404, address);
		const text = await phone.page.locator("body").innerText();
		check(text.includes(lang === "zh" ? "这不是我们的码" : "Not a code of ours"), text);
		check(!/qrtill|Demo|Pay \$|支付 /.test(text), `looks like ours: ${text}`);
		same(await phone.page.locator("button, a, form, input, script").count(), 0, "things to press");
		await check_page(phone, address);
		await shoot(phone.page, `unknown-${lang}`);
		await phone.context.close();
	}
});

test("strangers' names stay text, with and without scripts", async () => {
	const hostile = [
		"<script>document.title='taken'</script>",
		"<img src=x onerror=document.title='taken'>",
		'"><b>bold</b>{{t:pay.title}}',
	];
	for (const name of hostile) {
		const item_id = await shop.add_item(`H${hostile.indexOf(name)}`, name, name, 100);
		const made = await shop.make_order([{ item_id, quantity: 1 }]);
		for (const scripts of [true, false]) {
			const phone = await open_phone({ scripts });
			await phone.page.goto(`${shop.url}/Q/${made.token}`);
			await phone.page.waitForLoadState("networkidle");
			check((await phone.page.locator(".lines").innerText()).includes(name), "the name is not shown as it is");
			check(!(await phone.page.title()).includes("taken"), "the name ran");
			same(await phone.page.locator(".lines img, .lines b, .lines script").count(), 0, "markup from a name");
			same(phone.faults, [], "faults");
			await phone.context.close();
		}
	}
});

test("a name that turns the reading direction is refused or defused", async () => {
	const flip = "Tea \u202e05.0$ eerf";
	const answer = await shop.add_item("RTL", flip, flip, 100).then(
		(id) => ({ id }),
		(error) => ({ error }),
	);
	if (answer.error) return check(/control-character/.test(answer.error.message), answer.error.message);
	const made = await shop.make_order([{ item_id: answer.id, quantity: 1 }]);
	check(!(await request(shop, "GET", `/Q/${made.token}`)).body.includes("\u202e"), "the page turns round");
	return undefined;
});

test("Arabic and Hebrew names do not disturb amounts", async () => {
	const item_id = await shop.add_item("AR", "قهوة عربية", "阿拉伯咖啡", 300);
	const made = await shop.make_order([{ item_id, quantity: 1 }]);
	const phone = await open_phone();
	await phone.page.goto(`${shop.url}/Q/${made.token}`);
	same(await phone.page.locator(".lines data").innerText(), "$3.00", "amount");
	await check_page(phone, "arabic");
	await phone.context.close();
});

test("a narrow phone, a long name and a large amount: nothing is cut off", async () => {
	const item_id = await shop.add_item("LONG", "Donaudampfschifffahrtskapitänsmützenabzeichen", "超长商品名称".repeat(6), 9999999);
	const made = await shop.make_order([{ item_id, quantity: 9 }]);
	for (const lang of ["en", "zh"]) {
		const phone = await open_phone({ lang, viewport: { width: 320, height: 640 } });
		await phone.page.goto(`${shop.url}/Q/${made.token}`);
		await phone.page.waitForSelector("#action button");
		const { wide, high } = await phone.page.evaluate(() => ({
			wide: document.documentElement.scrollWidth,
			high: document.getElementById("amount").getClientRects().length,
		}));
		same([wide, high], [320, 1], "width, lines of the amount");
		same(await phone.page.locator("#amount").innerText(), "$899,999.91", "amount");
		await phone.context.close();
	}
});

test("every page answer carries the strict policy; pages about codes are never stored", async () => {
	for (const address of ["/", `/Q/${order.token}`, "/Q/NOTHING", "/js/pay.mjs", "/sw.js", "/app.css"]) {
		const { headers } = await request(shop, "GET", address);
		const policy = headers["content-security-policy"] ?? "";
		check(policy.startsWith("default-src 'none'; script-src 'self'; style-src 'self'"), `${address}: ${policy}`);
		check(!/unsafe|\*/.test(policy), policy);
		same(headers["x-content-type-options"], "nosniff", address);
		if (address.startsWith("/Q/")) same(headers["cache-control"], "no-store", address);
	}
});

test("the pictures of codes hold the code", async () => {
	const answer = await request(shop, "GET", `/Q/${order.token}/qr.svg`);
	same(answer.headers["content-type"], "image/svg+xml", "type");
	check((await request(shop, "GET", "/Q/HELLO/qr.svg")).status >= 400, "a picture of what is not ours");
});

test("files the phone has already are not sent again; pages about codes always are", async () => {
	const first = await request(shop, "GET", "/js/pay.mjs");
	check(/^"[0-9a-f]{16}"$/.test(first.headers.etag), first.headers.etag);
	const again = await request(shop, "GET", "/js/pay.mjs", undefined, { "If-None-Match": first.headers.etag });
	same([again.status, again.body], [304, ""], "the same");
	same(
		(await request(shop, "GET", "/js/pay.mjs", undefined, { "If-None-Match": '"0123456789abcdef"' })).status,
		200,
		"another",
	);
	same((await request(shop, "GET", `/Q/${order.token}`, undefined, { "If-None-Match": "*" })).status, 200, "a page");
});

test("what the page shows and what the API says are the same", async () => {
	const { body } = await request(shop, "GET", `/v1/landing/${order.token}`);
	same(
		[body.kind, body.amount_cents, body.currency, body.merchant_name],
		["payment", 1625, "USD", "Demo Café"],
		"landing",
	);
});

await run_tests();
