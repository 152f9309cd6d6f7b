#!/usr/bin/env node
// The same page against a server that is two processes: the phone only ever talks to the one with the codes, the money
// is settled in the other (W2).

import { check_page, open_phone, run_tests, same, start_shop, test } from "./lib.mjs";

const shop = await start_shop([], { split: true });

for (const lang of ["en", "zh"]) {
	test(`scan, set up, add a card, pay, receipt: across both processes, ${lang}`, async () => {
		const order = await shop.make_order();
		const card = await shop.make_card(5000);
		const phone = await open_phone({ lang });
		const { page } = phone;
		await page.goto(`${shop.url}/Q/${order.token}`);
		await page.locator("#action button").click();
		await page.locator("details input[name=code]").fill(card.code);
		await page.locator("details button[type=submit]").click();
		await page.waitForSelector(".choice input:checked");
		await page.locator("form button.primary").click();
		await page.getByRole("heading", { name: lang === "zh" ? "付款成功" : "Paid" }).waitFor();
		await check_page(phone, "paid");
		same((await shop.till("GET", `/v1/orders/${order.order_id}`)).state, "paid", "order");
		same((await shop.till("POST", "/v1/cards/look", { code: card.code })).balance_cents, 5000 - 1625, "card");
		await page.locator("a.button.primary").click();
		await page.waitForSelector("[data-kind=receipt]");
		await check_page(phone, "receipt");
		await page.goto(`${shop.url}/#notices`);
		await page.locator(".rows li", { hasText: "16.25" }).waitFor();
		await check_page(phone, "notices");
		await phone.context.close();
	});
}

test("the auditor of the settling process finds nothing", async () => {
	const verdict = await shop.operate("POST", "/v1/audit", {});
	same([verdict.clean, verdict.problems], [true, []], "audit");
});

await run_tests();
