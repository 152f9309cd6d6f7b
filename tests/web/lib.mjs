// What the browser tests share: TAP, a real qrtilld with a shop in it, a till that speaks its API, and Chromium with an
// empty profile. Every page that breaks the content security policy, throws or scrolls sideways fails its test.

import { spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
export const tree = path.resolve(here, "../..");
export const bin = process.env.QRTILL_BIN ?? path.join(tree, "build/bin");
export const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "qrtill-web-"));

/* ---- TAP ---- */

let count = 0;
let failed = 0;
const tests = [];

/** Register a test; `run` throws when it fails. */
export const test = (name, run) => tests.push({ name, run });

export function check(truth, what) {
	if (!truth) throw new Error(what);
}

export function same(have, want, what) {
	const [a, b] = [JSON.stringify(have), JSON.stringify(want)];
	check(a === b, `${what}: have ${a}, want ${b}`);
}

/** Poll until `probe` gives something true; bounded. */
export async function until(probe, what, bound_ms = 15000) {
	const end = Date.now() + bound_ms;
	for (;;) {
		const found = await probe();
		if (found) return found;
		if (Date.now() > end) throw new Error(`never happened within ${bound_ms} ms: ${what}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** Run what was registered (or what argv names), then stop everything and exit. */
export async function run_tests() {
	const only = process.argv[2];
	for (const { name, run } of tests.filter((one) => !only || one.name.includes(only))) {
		const start_ms = Date.now();
		count++;
		try {
			await run();
			console.log(`ok ${count} - ${name} # ${Date.now() - start_ms} ms`);
		} catch (error) {
			failed++;
			console.log(`not ok ${count} - ${name}`);
			console.log(String(error.stack ?? error).replace(/^/gm, "# "));
		}
	}
	await stop_all();
	console.log(`1..${count}`);
	process.exit(failed ? 1 : 0);
}

/* ---- things to stop ---- */

const stops = [];
const children = new Set();
// Also when a test file dies or runs out of time, nothing of it goes on running.
process.on("exit", () => {
	for (const child of children) child.kill("SIGKILL");
	fs.rmSync(scratch, { recursive: true, force: true });
});
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(1));

async function stop_all() {
	for (const stop of stops.reverse()) await stop();
	fs.rmSync(scratch, { recursive: true, force: true });
}

/* ---- the server ---- */

/** Start a program of ours; resolves when its error output matches `ready`. */
export function start_program(name, args, ready) {
	const child = spawn(path.join(bin, name), args, { stdio: ["ignore", "pipe", "pipe"] });
	const log = { text: "" };
	children.add(child);
	child.once("exit", () => children.delete(child));
	const gone = new Promise((resolve) =>
		child.once("exit", (code, signal) => {
			log.end = { code, signal };
			resolve();
		}),
	);
	stops.push(async () => {
		if (log.end === undefined) child.kill("SIGTERM");
		await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 8000))]);
		if (log.end === undefined) child.kill("SIGKILL");
	});
	return new Promise((resolve, reject) => {
		const bound = setTimeout(() => reject(new Error(`${name} is not ready: ${log.text}`)), 20000);
		const see = (bytes) => {
			log.text += bytes;
			const match = ready.exec(log.text);
			if (match) {
				clearTimeout(bound);
				resolve({ child, log, match });
			}
		};
		child.stdout.on("data", see);
		child.stderr.on("data", see);
		see("");
		child.once("exit", () => reject(new Error(`${name} ended: ${log.text}`)));
		child.once("error", reject);
	});
}

/** The payment platform for trying, sharing its key with the server whose data folder this is: its address. */
export async function start_platform(data) {
	const ready_file = path.join(data, "platform.port");
	await start_program(
		"qrtill-sandbox",
		["--port=0", `--key-file=${path.join(data, "provider-sandbox.key")}`, `--ready-file=${ready_file}`],
		/(?:)/,
	);
	const port = await until(
		() => fs.existsSync(ready_file) && fs.readFileSync(ready_file, "utf8").trim(),
		"the platform listens",
	);
	return `http://127.0.0.1:${port}`;
}

/** One request; `where` is { url } or { socketPath }. Gives { status, body }. */
export function request(where, method, target, body, headers = {}) {
	return new Promise((resolve, reject) => {
		const text = body === undefined ? undefined : JSON.stringify(body);
		const options = {
			method,
			path: target,
			headers: { ...headers, Host: "localhost" },
			...(where.socketPath ? where : {}),
		};
		if (!where.socketPath) {
			const url = new URL(where.url);
			Object.assign(options, { hostname: url.hostname, port: url.port });
			options.headers.Host = url.host;
		}
		if (text !== undefined)
			Object.assign(options.headers, {
				"Content-Type": "application/json",
				"Content-Length": Buffer.byteLength(text),
			});
		if (method === "POST" && !("Idempotency-Key" in options.headers))
			options.headers["Idempotency-Key"] = randomUUID();
		const sent = http.request(options, (answer) => {
			const parts = [];
			answer.on("data", (part) => parts.push(part));
			answer.on("end", () => {
				const all = Buffer.concat(parts).toString();
				let parsed = all;
				try {
					parsed = JSON.parse(all);
				} catch {
					/* a page */
				}
				resolve({ status: answer.statusCode, body: parsed, headers: answer.headers });
			});
		});
		sent.on("error", reject);
		sent.end(text);
	});
}

async function asked(where, method, target, body, headers) {
	const answer = await request(where, method, target, body, headers);
	if (answer.status >= 300)
		throw new Error(`${method} ${target} ${JSON.stringify(body)}: ${answer.status} ${JSON.stringify(answer.body)}`);
	return answer.body;
}

const common_settings = (data) => [
	"--data-dir",
	data,
	"--socket",
	path.join(data, "operator.sock"),
	"--web-dir",
	path.join(tree, "data/web"),
	"--schema-dir",
	path.join(tree, "data/schema"),
	"--rate-limit",
	"0",
	"--connections-per-address",
	"0",
];
const READY = /ready: till (\S+) phone (\S+)/;

/** One process with both roles. */
async function start_whole(data, settings) {
	const { match, log } = await start_program(
		"qrtilld",
		[...common_settings(data), "--listen-till", "127.0.0.1:0", "--listen-phone", "127.0.0.1:0", ...settings],
		READY,
	);
	return {
		logs: [log],
		till_url: `http://${match[1]}`,
		url: `http://${match[2]}`,
		socketPath: path.join(data, "operator.sock"),
	};
}

async function free_port() {
	const server = http.createServer().listen(0, "127.0.0.1");
	await new Promise((resolve) => server.once("listening", resolve));
	const { port } = server.address();
	await new Promise((resolve) => server.close(resolve));
	return port;
}

/** Codes, registration and landing pages in one process, orders and settlement in another; phones talk to the first. */
async function start_split(data, settings) {
	const [codes, service] = [path.join(data, "codes"), path.join(data, "service")];
	const [codes_port, service_port] = [await free_port(), await free_port()];
	fs.mkdirSync(service, { mode: 0o700 });
	const first = await start_program(
		"qrtilld",
		[
			...common_settings(codes),
			"--roles",
			"codes",
			"--listen-till",
			`127.0.0.1:${codes_port}`,
			"--listen-phone",
			"127.0.0.1:0",
			"--peer-url",
			`http://127.0.0.1:${service_port}`,
			...settings,
		],
		READY,
	);
	const url = `http://${first.match[2]}`;
	fs.copyFileSync(path.join(codes, "keys.conf"), path.join(service, "keys.conf"));
	fs.chmodSync(path.join(service, "keys.conf"), 0o600);
	const second = await start_program(
		"qrtilld",
		[
			...common_settings(service),
			"--roles",
			"service",
			"--listen-till",
			`127.0.0.1:${service_port}`,
			"--listen-phone",
			"",
			"--public-url",
			url,
			"--peer-url",
			`http://127.0.0.1:${codes_port}`,
			...settings,
		],
		/ready: till (\S+)/,
	);
	return {
		logs: [first.log, second.log],
		till_url: `http://127.0.0.1:${service_port}`,
		url,
		socketPath: path.join(service, "operator.sock"),
	};
}

/** A server with one merchant "Demo Café", a store, a signed-in till and a few things to sell. `more` are further
 * settings, or a function of the data folder that gives them; `split`: two processes instead of one. */
export async function start_shop(more = [], { split = false } = {}) {
	const data = fs.mkdtempSync(path.join(scratch, "data-"));
	const settings = typeof more === "function" ? await more(data) : more;
	const { socketPath, ...shop } = await (split ? start_split : start_whole)(data, settings);
	shop.operate = (method, target, body, merchant = shop.merchant_id) =>
		asked({ socketPath }, method, target, body, merchant ? { "X-Merchant": String(merchant) } : {});
	shop.merchant_id = (
		await shop.operate(
			"POST",
			"/v1/merchants",
			{
				name: "Demo Café",
				name_zh: "示范咖啡馆",
				currency: "USD",
				country: "US",
				city: "Portland",
				mcc: 5812,
				fee_bp: 60,
				tax_inclusive: true,
				points_per_100: 1,
				point_value_cents: 1,
			},
			null,
		)
	).merchant_id;
	const { store_id } = await shop.operate("POST", "/v1/stores", { name: "Harbour Street", name_zh: "海港街店" });
	const { tax_id } = await shop.operate("POST", "/v1/taxes", { name: "Sales tax", name_zh: "销售税", rate_bp: 825 });
	shop.add_item = async (sku, name, name_zh, price_cents, rest = {}) =>
		(await shop.operate("POST", "/v1/items", { sku, name, name_zh, price_cents, tax_id, ...rest })).item_id;
	shop.coffee = await shop.add_item("C1", "Flat white", "澳白咖啡", 450);
	shop.bread = await shop.add_item("B1", "Sourdough loaf", "酸面包", 725);
	await shop.operate("POST", "/v1/staff", { number: "1", name: "Ann", role: "manager", pin: "135790" });
	const { enrolment_code } = await shop.operate("POST", "/v1/terminals", { store_id, name: "Till 1" });
	shop.store_id = store_id;
	const enrolled = await asked({ url: shop.till_url }, "POST", "/v1/enrol", { code: enrolment_code.split("#")[0] });
	shop.fixed_code = enrolled.fixed_code;
	const { session_token } = await asked(
		{ url: shop.till_url },
		"POST",
		"/v1/sign-in",
		{ number: "1", pin: "135790" },
		{ Authorization: `Bearer ${enrolled.terminal_token}` },
	);
	shop.till = (method, target, body) =>
		asked({ url: shop.till_url }, method, target, body, { Authorization: `Bearer ${session_token}` });
	/** An order with an amount-bearing code: { order_id, token, total_cents }. */
	shop.make_order = async (
		lines = [
			{ item_id: shop.coffee, quantity: 2 },
			{ item_id: shop.bread, quantity: 1 },
		],
		rest = {},
	) => {
		const order = await shop.till("POST", "/v1/orders", { lines, payments: [{ method: "code" }], ...rest });
		return { ...order, token: token_of(order.payments[0].code) };
	};
	/** A card with money on it: { card_id, number, code, token }. */
	shop.make_card = async (amount_cents) => {
		const card = await shop.till("POST", "/v1/cards", {});
		await shop.till("POST", "/v1/cards/activate", { code: card.code, amount_cents, tender: "cash" });
		return { ...card, token: token_of(card.code) };
	};
	/** A customer's phone that is no browser: call(method, target, body). */
	shop.make_customer = async () => {
		const customer = await asked({ url: shop.url }, "POST", "/v1/customers", {});
		return {
			...customer,
			call: (method, target, body) =>
				asked({ url: shop.url }, method, target, body, { Authorization: `Bearer ${customer.device_token}` }),
		};
	};
	return shop;
}

export const token_of = (code) => /\/Q\/([0-9A-Z]+)/i.exec(code)[1];

/* ---- the browser ---- */

function install() {
	if (fs.existsSync(path.join(here, "node_modules/playwright-core"))) return;
	const { status, stderr } = spawnSync("npm", ["ci", "--silent", "--no-audit", "--no-fund"], { cwd: here });
	if (status !== 0) throw new Error(`npm ci: ${stderr}`);
}

let browser = null;
async function get_browser() {
	if (!browser) {
		install();
		const { chromium } = await import("playwright-core");
		browser = await chromium.launch({
			executablePath: "/usr/bin/chromium",
			args: [
				"--headless=new",
				"--no-sandbox",
				"--disable-gpu",
				"--disable-quic",
				"--no-first-run",
				"--use-fake-ui-for-media-stream",
				"--use-fake-device-for-media-stream",
				"--disable-background-networking",
				"--disable-component-update",
				"--disable-sync",
			],
		});
		stops.push(() => browser.close());
	}
	return browser;
}

/** A phone with an empty profile: { page, context, faults }. `faults` collects what no page of ours may do. */
export async function open_phone({ lang = "en", dark = false, scripts = true, ...rest } = {}) {
	const context = await (
		await get_browser()
	).newContext({
		viewport: { width: 360, height: 740 },
		locale: lang === "zh" ? "zh-CN" : "en-US",
		colorScheme: dark ? "dark" : "light",
		javaScriptEnabled: scripts,
		timezoneId: "UTC",
		reducedMotion: "reduce",
		hasTouch: true,
		...rest,
	});
	context.setDefaultTimeout(15000);
	const faults = [];
	const page = await context.newPage();
	page.on("pageerror", (error) => faults.push(`error: ${error.stack}`));
	page.on("console", (message) => {
		// Refused requests are part of the tests; policy violations never are.
		if (message.type() === "error" && !/Failed to load resource/.test(message.text()))
			faults.push(`console: ${message.text()}`);
	});
	return { page, context, faults };
}

/** The page fits the phone, kept the policy, threw nothing, and shows no key of the dictionary instead of a text. */
export async function check_page({ page, faults }, what) {
	const { wide, text } = await page.evaluate(() => ({
		wide: document.documentElement.scrollWidth,
		text: document.body.innerText,
	}));
	same(wide <= 360, true, `${what} scrolls sideways (${wide} px)`);
	same(faults, [], `${what} has faults`);
	check(!/\{\{|\b(undefined|NaN|\[object)\b/.test(text), `${what} shows what is for programs: ${text}`);
	const bare = text.split(/\s+/).find((word) => /^[a-z_]+\.[a-z_]+(\.[a-z_]+)?$/.test(word));
	check(!bare, `${what} shows a key instead of a text: ${bare}`);
}

/** Targets a finger must hit are at least 44 pixels high; inputs have a label. */
export async function check_controls({ page }, what) {
	const bad = await page.evaluate(() =>
		[...document.querySelectorAll("button, a.button, .choice, input:not([type=radio]):not([hidden])")]
			.filter(
				(element) =>
					element.checkVisibility() &&
					(element.getBoundingClientRect().height < 44 ||
						(element.tagName === "INPUT" && element.labels.length === 0)),
			)
			.map((element) => element.outerHTML.slice(0, 120)),
	);
	same(bad, [], `${what}: controls that are too small or have no label`);
	await check_contrast({ page }, what);
}

/** Text stands out from what is behind it as WCAG 2.2 AA asks: 4.5 to 1, 3 to 1 where it is large. Disabled controls
 * are exempt. */
export async function check_contrast({ page }, what) {
	const bad = await page.evaluate(() => {
		const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
		const light = ([r, g, b]) => {
			const [x, y, z] = [r, g, b].map((v) =>
				v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
			);
			return 0.2126 * x + 0.7152 * y + 0.0722 * z;
		};
		// Nearest ground that is painted; null where it is a gradient, which is chosen to be dark enough all over.
		const ground = (element) => {
			for (let at = element; at; at = at.parentElement) {
				const style = getComputedStyle(at);
				if (style.backgroundImage !== "none") return null;
				const [r, g, b, a = 1] = parse(style.backgroundColor);
				if (a === 1) return [r, g, b];
			}
			return [255, 255, 255];
		};
		const found = [];
		for (const element of document.querySelectorAll("body *")) {
			const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
			if (
				!own ||
				!element.checkVisibility() ||
				element.closest("[disabled], noscript, .said, .skip") ||
				element.closest("label")?.querySelector("input:disabled")
			)
				continue;
			const style = getComputedStyle(element);
			const behind = ground(element);
			if (!behind) continue;
			const [a, b] = [light(parse(style.color)), light(behind)].sort((x, y) => y - x);
			const size = parseFloat(style.fontSize);
			const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
			const ratio = (a + 0.05) / (b + 0.05);
			if (ratio < (large ? 3 : 4.5))
				found.push(`${element.textContent.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
		}
		return found;
	});
	same(bad, [], `${what}: text too pale`);
}

/** Set up the wallet of a phone in its page, as a person does. */
export async function set_up_phone(shop, phone) {
	await phone.page.goto(`${shop.url}/`);
	await phone.page.getByRole("button").first().click();
	await phone.page.waitForSelector("#tabs:not([hidden])");
}

/** Where a shot is looked at by people: SHOTS=folder. */
export async function shoot(page, name) {
	if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, `${name}.png`), fullPage: true });
}
