#!/usr/bin/env node
// Paying by a payment institution, all three parties real: the page, the server, the platform. Unbound accounts confirm
// on the platform's page and come back; bound ones go straight through; lost callbacks delay the news, never the truth.

import {
	check,
	check_controls,
	check_page,
	open_phone,
	request,
	run_tests,
	same,
	set_up_phone,
	shoot,
	start_platform,
	start_shop,
	test,
	until,
} from "./lib.mjs";

let platform = "";
const shop = await start_shop(async (data) => {
	platform = await start_platform(data);
	return ["--providers", `sandbox=${platform}`];
});
const order_state = async (order) => (await shop.till("GET", `/v1/orders/${order.order_id}`)).state;
const control = async (settings) =>
	same((await request({ url: platform }, "POST", "/control", settings)).status, 200, "control");
const pay_button = (page) => page.locator("form button.primary");
const paid = (page) =>
	page
		.locator("main")
		.getByText(/^(Paid|This is paid already)$/)
		.first()
		.waitFor();

/** What a person does on the platform's page. */
async function confirm(page, { account = "alice", pin = "1111", decline = false } = {}) {
	await page.waitForURL(`${platform}/**`);
	await page.locator('input[name="account"]').fill(account);
	await page.locator('input[name="pin"]').fill(pin);
	await page.locator(decline ? 'button[value="no"]' : 'button[value="yes"]').click();
}

async function choose_institution(page, order) {
	await page.goto(`${shop.url}/Q/${order.token}`);
	await page.locator('.choice input[value="provider-sandbox"]').check();
	await pay_button(page).click();
}

test("an account that is not bound: chosen from the list, confirmed on its page, paid", async () => {
	const order = await shop.make_order();
	const phone = await open_phone();
	const { page } = phone;
	await set_up_phone(shop, phone);
	await choose_institution(page, order);
	const go = page.getByRole("link", { name: "Go on to the payment page" });
	await go.waitFor();
	await check_page(phone, "pending");
	await check_controls(phone, "pending");
	await shoot(page, "pending");
	// A reload on the way still leads there, and sends nothing twice.
	await page.reload();
	await go.click();
	await confirm(page);
	await until(async () => (await order_state(order)) === "paid", "the order is paid");
	await page.goto(`${shop.url}/Q/${order.token}`);
	await paid(page);
	await page.getByRole("link", { name: "Receipt" }).waitFor();
	await check_page(phone, "paid");
	await phone.context.close();
});

test("declined on the platform's page: said in words, nothing paid", async () => {
	const order = await shop.make_order();
	const phone = await open_phone();
	const { page } = phone;
	await set_up_phone(shop, phone);
	await choose_institution(page, order);
	await page.getByRole("link", { name: "Go on to the payment page" }).click();
	await confirm(page, { decline: true });
	await page.goto(`${shop.url}/Q/${order.token}`);
	await page.locator("main").getByText("The payment did not succeed").waitFor();
	check((await order_state(order)) !== "paid", "paid all the same");
	await check_page(phone, "declined");
	await phone.context.close();
});

test("the page waits while the person confirms elsewhere, and turns to paid by itself", async () => {
	const order = await shop.make_order();
	const phone = await open_phone();
	const { page, context } = phone;
	await set_up_phone(shop, phone);
	await choose_institution(page, order);
	const address = await page.getByRole("link", { name: "Go on to the payment page" }).getAttribute("href");
	const other = await context.newPage();
	await other.goto(address);
	await confirm(other);
	await page.bringToFront();
	await paid(page);
	await context.close();
});

async function pay_without_news() {
	const order = await shop.make_order();
	const phone = await open_phone();
	const { page, context } = phone;
	await set_up_phone(shop, phone);
	await choose_institution(page, order);
	const address = await page.getByRole("link", { name: "Go on to the payment page" }).getAttribute("href");
	const other = await context.newPage();
	await other.goto(address);
	await confirm(other);
	await page.bringToFront();
	await until(async () => {
		await shop.operate("POST", "/v1/jobs/run", { job: "providers" });
		return (await order_state(order)) === "paid";
	}, "the server has asked");
	await paid(page);
	await context.close();
}

test("every callback is lost: the server asks, and the page hears of it", async () => {
	await control({ callbacks: "lose" });
	try {
		await pay_without_news();
	} finally {
		await control({ callbacks: "deliver" });
	}
});

test("bound once in the settings, the institution pays without leaving the page", async () => {
	const phone = await open_phone();
	const { page } = phone;
	await set_up_phone(shop, phone);
	await page.goto(`${shop.url}/#settings`);
	await page.getByRole("button", { name: "Connect", exact: true }).click();
	await confirm(page);
	await until(
		async () =>
			(await phone.context.request.get(`${shop.url}/v1/providers`).then((answer) => answer.json()))
				.institutions[0].bound,
		"the account is bound",
	);
	await page.goto(`${shop.url}/#settings`);
	await page.getByRole("button", { name: "Disconnect" }).waitFor();
	await check_page(phone, "settings");
	await shoot(page, "settings-bound");
	const order = await shop.make_order();
	await choose_institution(page, order);
	await paid(page);
	same(page.url(), `${shop.url}/Q/${order.token}`, "it left the page");
	same(await order_state(order), "paid", "order");
	await phone.context.close();
});

test("after all of this the auditor finds nothing", async () => {
	const verdict = await shop.operate("POST", "/v1/audit", {});
	same([verdict.clean, verdict.problems], [true, []], "audit");
});

await run_tests();
