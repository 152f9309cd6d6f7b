#!/usr/bin/env node
// The page pays. A real server, a real till, a real page: the amount leaves the card once, whatever happens on the way.

import {
	check,
	check_controls,
	check_page,
	open_phone,
	run_tests,
	same,
	set_up_phone,
	shoot,
	start_shop,
	test,
	token_of,
	until,
} from "./lib.mjs";

const shop = await start_shop(["--pin-above-cents", "4000"]);

/** A phone whose wallet holds a card with `amount_cents`. */
async function phone_with_card(amount_cents, options) {
	const card = await shop.make_card(amount_cents);
	const phone = await open_phone(options);
	await set_up_phone(shop, phone);
	await phone.page.goto(`${shop.url}/#add`);
	await phone.page.locator("input[name=code]").fill(card.code);
	await phone.page.locator("form button[type=submit]").click();
	await phone.page.waitForSelector(".plastic");
	return { ...phone, card };
}

const balance_of = async (card) => (await shop.till("POST", "/v1/cards/look", { code: card.code })).balance_cents;
const order_state = async (order) => (await shop.till("GET", `/v1/orders/${order.order_id}`)).state;
const pay_button = (page) => page.locator("form button.primary");
const paid = (page) => page.getByRole("heading", { name: /^(Paid|付款成功)$/ }).waitFor();

for (const lang of ["en", "zh"]) {
	test(`from a scan on a phone without wallet to paid: nobody scans twice, ${lang}`, async () => {
		const order = await shop.make_order();
		const card = await shop.make_card(5000);
		const phone = await open_phone({ lang, dark: lang === "zh" });
		const { page } = phone;
		await page.goto(`${shop.url}/Q/${order.token}`);
		await page.getByRole("button", { name: lang === "zh" ? "启用并继续" : "Set up and go on" }).click();
		// Still the same code: the card is added right here.
		await page.locator("details input[name=code]").fill(card.code);
		await page.locator("details button[type=submit]").click();
		await page.waitForSelector(".choice input:checked");
		await check_page(phone, "form");
		await check_controls(phone, "form");
		await shoot(page, `pay-form-${lang}`);
		same(
			(await pay_button(page).innerText()).replace(/\s+/g, " ").trim(),
			lang === "zh" ? "支付 $16.25" : "Pay $16.25",
			"button",
		);
		await pay_button(page).click();
		await paid(page);
		await check_page(phone, "paid");
		await shoot(page, `paid-${lang}`);
		same(await order_state(order), "paid", "order");
		same(await balance_of(card), 5000 - 1625, "card");
		// The ledger shows it: the journal of this order takes the amount from the card and sums to zero.
		const { journals } = await shop.operate("GET", `/v1/journal?order_id=${order.order_id}`);
		const entries = journals.flatMap((journal) => journal.entries);
		const from_card = entries.filter((entry) => entry.account === "card" && entry.owner_id === card.card_id);
		same(
			from_card.reduce((sum, entry) => sum + entry.amount, 0),
			-1625,
			"the card's entries",
		);
		const sums = {};
		for (const entry of entries) sums[entry.unit] = (sums[entry.unit] ?? 0) + entry.amount;
		check(
			Object.values(sums).every((sum) => sum === 0),
			`sums ${JSON.stringify(sums)}`,
		);
		// The receipt is one tap away.
		await page.getByRole("link", { name: lang === "zh" ? "查看小票" : "Receipt" }).click();
		await page.waitForSelector("[data-kind=receipt]");
		check((await page.locator("article").innerText()).includes("$16.25"), "receipt");
		await check_page(phone, "receipt");
		await shoot(page, `receipt-paid-${lang}`);
		await phone.context.close();
	});
}

test("a double tap pays once", async () => {
	const order = await shop.make_order();
	const { page, card, context } = await phone_with_card(5000);
	let posts = 0;
	page.on("request", (sent) => {
		posts += sent.method() === "POST" && sent.url().includes("/v1/pay/") ? 1 : 0;
	});
	await page.goto(`${shop.url}/Q/${order.token}`);
	await pay_button(page).waitFor();
	await page.evaluate(() => {
		const button = document.querySelector("form button.primary");
		button.click();
		button.click();
		button.form.requestSubmit();
	});
	await paid(page);
	same(posts, 1, "requests");
	same(await balance_of(card), 5000 - 1625, "card");
	await context.close();
});

test("the answer is lost: the page says so, asks again with the same key, and resolves", async () => {
	const order = await shop.make_order();
	const { page, card, context } = await phone_with_card(5000);
	const keys = [];
	await page.route("**/v1/pay/*", async (route) => {
		if (route.request().method() !== "POST") return route.continue();
		keys.push(route.request().headers()["idempotency-key"]);
		if (keys.length > 2) return route.continue();
		// The server gets it and pays; its answer never reaches the phone.
		await route.fetch();
		return route.abort("connectionreset");
	});
	await page.goto(`${shop.url}/Q/${order.token}`);
	await pay_button(page).click();
	await page.locator("main").getByText("No answer yet, asking again").waitFor();
	await shoot(page, "asking-again");
	await paid(page);
	same(keys.length, 3, "tries");
	same(new Set(keys).size, 1, "keys");
	check(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/.test(keys[0]), `${keys[0]} is no UUIDv7`);
	same(await balance_of(card), 5000 - 1625, "card");
	same(
		await page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith("qrtill.sent.pay"))),
		[],
		"what is kept",
	);
	await context.close();
});

test("the page is reloaded while the payment is on its way: paid once, and it says so", async () => {
	const order = await shop.make_order();
	const { page, card, context } = await phone_with_card(5000);
	let held = 0;
	await page.route("**/v1/pay/*", async (route) => {
		if (route.request().method() !== "POST" || held++ > 0) return route.continue();
		return undefined; // never sent on: the request hangs until the page is gone
	});
	await page.goto(`${shop.url}/Q/${order.token}`);
	await pay_button(page).click();
	await until(() => held > 0, "the payment is sent");
	same(await order_state(order), "open", "not arrived");
	await page.reload();
	await paid(page);
	same(await balance_of(card), 5000 - 1625, "card");
	same(await order_state(order), "paid", "order");
	await context.close();
});

test("the network dies before the payment leaves: nothing is paid, nothing is lost", async () => {
	const order = await shop.make_order();
	const { page, card, context } = await phone_with_card(5000);
	await page.goto(`${shop.url}/Q/${order.token}`);
	await pay_button(page).waitFor();
	await context.setOffline(true);
	await pay_button(page).click();
	await page.locator("main").getByText("No answer yet, asking again").waitFor();
	same(await balance_of(card), 5000, "card");
	await context.setOffline(false);
	await paid(page);
	same(await balance_of(card), 5000 - 1625, "card");
	await context.close();
});

test("an unanswered payment from long ago is asked about, never sent by itself", async () => {
	const order = await shop.make_order();
	const { page, card, context } = await phone_with_card(5000);
	const cards = await page.evaluate(async () => (await (await fetch("/v1/cards")).json()).cards);
	await page.evaluate(
		([token, card_id]) =>
			localStorage.setItem(
				`qrtill.sent.pay.${token}`,
				JSON.stringify({
					key: "0190a0a0-0000-7000-8000-000000000001",
					path: `/v1/pay/${token}`,
					facts: { source: "card", card_id },
					secret: false,
					at_ms: Date.now() - 3600000,
				}),
			),
		[order.token, cards[0].card_id],
	);
	await page.goto(`${shop.url}/Q/${order.token}`);
	await page.locator("main").getByText("We do not know yet").waitFor();
	await shoot(page, "no-answer");
	same(await balance_of(card), 5000, "nothing was sent");
	await page.getByRole("button", { name: "Ask again" }).click();
	await paid(page);
	same(await balance_of(card), 5000 - 1625, "card");
	await context.close();
});

test("too little on the card: it cannot be chosen; the server's refusal is told and changes nothing", async () => {
	const order = await shop.make_order();
	const { page, card, context } = await phone_with_card(100);
	await page.goto(`${shop.url}/Q/${order.token}`);
	await page.locator("main").getByText("Not enough").waitFor();
	check(await page.locator(".choice input").first().isDisabled(), "the card can be chosen");
	// A page that lies about the balance does not help.
	await page.route("**/v1/pay/*", async (route) => {
		if (route.request().method() === "POST") return route.continue();
		const answer = await route.fetch();
		const body = await answer.json();
		body.sources.cards[0].balance_cents = 999999;
		return route.fulfill({ response: answer, json: body });
	});
	await page.reload();
	await pay_button(page).click();
	await page.locator("main").getByText("There is not enough on it").waitFor();
	same(await balance_of(card), 100, "card");
	same(await order_state(order), "open", "order");
	await context.close();
});

test("somebody else's card cannot pay, whatever the page sends", async () => {
	const order = await shop.make_order();
	const victim = await phone_with_card(5000);
	const thief = await phone_with_card(100);
	const victims = await victim.page.evaluate(async () => (await (await fetch("/v1/cards")).json()).cards[0].card_id);
	const answer = await thief.page.evaluate(
		async ([token, card_id]) => {
			const sent = await fetch(`/v1/pay/${token}`, {
				method: "POST",
				body: JSON.stringify({ source: "card", card_id }),
				headers: {
					"Content-Type": "application/json",
					"X-Qrtill": "1",
					"Idempotency-Key": crypto.randomUUID(),
				},
			});
			return sent.status;
		},
		[order.token, victims],
	);
	check(answer >= 400 && answer < 500, `status ${answer}`);
	same(await balance_of(victim.card), 5000, "card");
	await victim.context.close();
	await thief.context.close();
});

test("a large amount asks for the PIN: chosen here, wrong ones refused, then paid", async () => {
	const order = await shop.make_order([{ item_id: shop.coffee, quantity: 10 }]);
	const phone = await phone_with_card(9000);
	const { page, card, context } = phone;
	await page.goto(`${shop.url}/Q/${order.token}`);
	await page.locator("input[name=pin]").waitFor();
	await check_controls(phone, "pin");
	await page.locator("input[name=pin]").fill("4711");
	await page.locator("input[name=pin_again]").fill("4712");
	await pay_button(page).click();
	await page.locator("form .note").filter({ hasText: "The two PINs are not the same." }).waitFor();
	await page.locator("input[name=pin]").fill("2580");
	await page.locator("input[name=pin_again]").fill("2580");
	await pay_button(page).click();
	await paid(page);
	same(await balance_of(card), 9000 - 4500, "card");
	// A second payment with a wrong PIN is refused and changes nothing.
	const second = await shop.make_order([{ item_id: shop.coffee, quantity: 9 }]);
	await page.goto(`${shop.url}/Q/${second.token}`);
	await page.locator("input[name=pin]").fill("1111");
	await pay_button(page).click();
	await page.locator("form .note").filter({ hasText: "The PIN is wrong." }).waitFor();
	await shoot(page, "pin-wrong");
	same(await balance_of(card), 4500, "card");
	check(
		await page.evaluate(() => !JSON.stringify({ ...localStorage, ...sessionStorage }).match(/2580|1111/)),
		"a PIN is kept on the phone",
	);
	await page.locator("input[name=pin]").fill("2580");
	await pay_button(page).click();
	await paid(page);
	same(await balance_of(card), 4500 - 4050, "card");
	await check_page(phone, "pin");
	await context.close();
});

test("the answer to a payment with PIN is lost and the page reloaded: the state is asked, not paid again", async () => {
	const order = await shop.make_order([{ item_id: shop.coffee, quantity: 10 }]);
	const { page, card, context } = await phone_with_card(9000);
	await page.goto(`${shop.url}/Q/${order.token}`);
	await page.locator("input[name=pin]").fill("2580");
	await page.locator("input[name=pin_again]").fill("2580");
	let posts = 0;
	await page.route("**/v1/pay/*", async (route) => {
		if (route.request().method() !== "POST") return route.continue();
		posts++;
		await route.fetch();
		return posts === 1 ? undefined : route.abort();
	});
	await pay_button(page).click();
	await until(async () => (await order_state(order)) === "paid", "the server pays");
	await page.reload();
	await page
		.locator("main")
		.getByText(/^(Paid|This is paid already)$/)
		.first()
		.waitFor();
	same(posts, 1, "requests");
	same(await balance_of(card), 9000 - 4500, "card");
	await context.close();
});

test("codes that are over say so: paid, cancelled", async () => {
	const first = await shop.make_order();
	const { page, context } = await phone_with_card(5000);
	await page.goto(`${shop.url}/Q/${first.token}`);
	await pay_button(page).click();
	await paid(page);
	const other = await phone_with_card(5000);
	await other.page.goto(`${shop.url}/Q/${first.token}`);
	await other.page.locator("main").getByText("This is paid already").waitFor();
	same(await other.page.locator("form").count(), 0, "a form");
	await other.context.close();
	const second = await shop.make_order();
	await shop.till("POST", `/v1/orders/${second.order_id}/cancel`, {});
	await page.goto(`${shop.url}/Q/${second.token}`);
	await page
		.locator("main")
		.getByText(/was cancelled|has expired/)
		.waitFor();
	await check_page({ page, faults: [] }, "cancelled");
	await context.close();
});

test("the till cancels while the page is open: the tap pays nothing", async () => {
	const order = await shop.make_order();
	const { page, card, context } = await phone_with_card(5000);
	await page.goto(`${shop.url}/Q/${order.token}`);
	await pay_button(page).waitFor();
	await shop.till("POST", `/v1/orders/${order.order_id}/cancel`, {});
	await pay_button(page).click();
	await page
		.locator("main")
		.getByText(/was cancelled|has expired/)
		.waitFor();
	same(await balance_of(card), 5000, "card");
	await context.close();
});

test("the code on the counter: the amount is typed, and the till's order is found", async () => {
	const order = await shop.till("POST", "/v1/orders", {
		lines: [{ item_id: shop.bread, quantity: 1 }],
		payments: [],
	});
	const phone = await phone_with_card(5000);
	const { page, card, context } = phone;
	await page.goto(`${shop.url}/Q/${token_of(shop.fixed_code)}`);
	const amount = page.locator("input[name=amount]");
	await amount.fill("7.2.5");
	await pay_button(page).click();
	await page.locator("form .note").filter({ hasText: "Type an amount" }).waitFor();
	await amount.fill("7.25");
	await amount.blur();
	same((await pay_button(page).innerText()).trim(), "Pay $7.25", "button");
	await check_page(phone, "fixed");
	await check_controls(phone, "fixed");
	await shoot(page, "fixed-amount");
	await pay_button(page).click();
	await paid(page);
	same(await balance_of(card), 5000 - 725, "card");
	same(await order_state(order), "paid", "order");
	// Opened again it says what was paid here a moment ago.
	await page.reload();
	await page.locator("main").getByText("You paid $7.25 here").waitFor();
	await context.close();
});

test("points pay, where there are enough", async () => {
	const phone = await phone_with_card(5000);
	const { identity_code } = await phone.page.evaluate(async () => (await fetch("/v1/me")).json());
	await shop.till("POST", "/v1/points/earn", { identity_code, points: 2000, reason: "welcome" });
	const order = await shop.make_order();
	await phone.page.goto(`${shop.url}/Q/${order.token}`);
	await phone.page.locator('.choice input[value="points"]').check();
	await pay_button(phone.page).click();
	await paid(phone.page);
	same(await order_state(order), "paid", "order");
	same(await balance_of(phone.card), 5000, "card");
	await phone.context.close();
});

test("an offer opened before goes with the payment: its promoter earns", async () => {
	await shop.operate("POST", "/v1/prefund", { amount_cents: 100000, reference: "bank 1" });
	const campaign = await shop.operate("POST", "/v1/campaigns", {
		name: "Bread week",
		levels: [{ rate_bp: 1000 }],
		channel_bp: 0,
		agent_bp: 0,
		platform_bp: 0,
	});
	await shop.operate("POST", `/v1/campaigns/${campaign.campaign_id}/state`, { state: "running" }).catch(() => {});
	// The promoter makes a code in the page.
	const promoter = await open_phone();
	await promoter.page.goto(`${shop.url}/Q/${token_of(campaign.code)}`);
	await promoter.page.getByRole("button", { name: "Make my code" }).click();
	await promoter.page.getByRole("heading", { name: "Your code" }).waitFor();
	await check_page(promoter, "share");
	await shoot(promoter.page, "share");
	const link = (await promoter.page.locator(".link").innerText()).trim();
	// Opening the link equals scanning the code.
	const buyer = await phone_with_card(5000);
	await buyer.page.goto(`${shop.url}/Q/${token_of(link)}`);
	await buyer.page.getByRole("button", { name: "Make my code" }).waitFor();
	const order = await shop.make_order();
	await buyer.page.goto(`${shop.url}/Q/${order.token}`);
	await pay_button(buyer.page).click();
	await paid(buyer.page);
	same(await balance_of(buyer.card), 5000 - 1625, "card");
	const rebates = await promoter.page.evaluate(async () => (await fetch("/v1/rebates")).json());
	check(rebates.held_cents + rebates.available_cents > 0, `the promoter has nothing: ${JSON.stringify(rebates)}`);
	await promoter.page.goto(`${shop.url}/#rebates`);
	await promoter.page.locator("main").getByText("Bread week").first().waitFor();
	await check_page(promoter, "rebates");
	await shoot(promoter.page, "rebates");
	await promoter.context.close();
	await buyer.context.close();
});

test("an offer that is not one of this shop does not stand in the way of paying", async () => {
	const order = await shop.make_order();
	const { page, card, context } = await phone_with_card(5000);
	const stray = token_of((await shop.make_customer()).identity_code);
	await page.evaluate(
		([id, token]) => localStorage.setItem("qrtill.shares", JSON.stringify({ [id]: token })),
		[shop.merchant_id, stray],
	);
	await page.goto(`${shop.url}/Q/${order.token}`);
	await pay_button(page).click();
	await paid(page);
	same(await balance_of(card), 5000 - 1625, "card");
	same(await page.evaluate(() => localStorage.getItem("qrtill.shares")), "{}", "the offer is kept");
	await context.close();
});

test("after all of this the auditor finds nothing", async () => {
	const verdict = await shop.operate("POST", "/v1/audit", {});
	same([verdict.clean, verdict.problems], [true, []], "audit");
});

await run_tests();
