#!/usr/bin/env node
// A phone as the camera of a till: the page in a browser on one side, the real till in its terminal on the other. What the
// phone reads, photographs or is typed is sold at the till as if it had scanned it.

import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import {
	bin,
	check,
	check_controls,
	check_page,
	open_phone,
	run_tests,
	same,
	scratch,
	shoot,
	start_shop,
	test,
	until,
} from "./lib.mjs";

const shop = await start_shop();
await shop.operate("POST", `/v1/items/${shop.coffee}`, { barcodes: [{ code: "2900010010373" }] });
await shop.operate("POST", `/v1/items/${shop.bread}`, { barcodes: [{ code: "2900010011110" }] });
const { enrolment_code } = await shop.operate("POST", "/v1/terminals", { store_id: shop.store_id, name: "Counter" });

// Beside the scratch folder, which is gone before the till is ended.
const till_folder = fs.mkdtempSync(path.join(os.tmpdir(), "qrtill-camera-"));
const socket = path.join(till_folder, "tmux");
const tmux = (...args) => execFileSync("tmux", ["-S", socket, ...args], { encoding: "utf8" });
const quote = (text) => `'${text}'`;
const command = [
	path.resolve(bin, "qrtill-pos"),
	`--data-dir=${till_folder}`,
	`--server=${shop.till_url}`,
	`--enrol=${enrolment_code}`,
	"--lang=en",
	"--ask-float=false",
];
tmux("-f", "/dev/null", "new-session", "-d", "-s", "till", "-x", "80", "-y", "24", command.map(quote).join(" "));
process.on("exit", () => {
	try {
		tmux("kill-server");
	} catch {
		/* it has ended */
	}
	fs.rmSync(till_folder, { recursive: true, force: true });
});
const screen = () => tmux("capture-pane", "-p", "-t", "till");
const shows = (text) => until(() => screen().includes(text), `the till shows ${text}`);
async function press(...keys) {
	for (const key of keys) {
		tmux("send-keys", "-t", "till", key);
		await new Promise((resolve) => setTimeout(resolve, 60)); // a person's pace: no scanner
	}
}
/** The code on the till's screen, read as a camera would. */
async function screen_code() {
	const file = path.join(scratch, "screen.txt");
	return until(() => {
		fs.writeFileSync(file, tmux("capture-pane", "-e", "-p", "-t", "till"));
		try {
			return /\/Q\/([0-9A-Z]+)/.exec(
				execFileSync(path.join(bin, "qrtill"), ["screen", "read", file], { encoding: "utf8", stdio: "pipe" }),
			)?.[1];
		} catch {
			return null;
		}
	}, "a code is on the screen");
}
const picture = path.join(scratch, "bread.png");
execFileSync(path.join(bin, "qrtill"), ["code", "make", "2900010011110", "--png", picture]);

await shows("PIN");
await press("1", "Enter", "1", "3", "5", "7", "9", "0", "Enter");
await shows("Scan an item");

/** A phone that has scanned the code on the till's screen and is paired. */
async function paired_phone(lang, options = {}) {
	await press("@");
	const token = await screen_code();
	const phone = await open_phone({ lang, ...options.context });
	if (options.reads) await phone.page.addInitScript(options.reads);
	await phone.page.goto(`${shop.url}/Q/${token}`);
	const pair = phone.page.getByRole("button", { name: /^(Pair this phone with the till|将本手机与收银台配对)$/ });
	await pair.waitFor();
	await check_page(phone, `pair-${lang}`);
	await shoot(phone.page, `camera-pair-${lang}`);
	await pair.click();
	await phone.page.getByRole("heading", { name: /^(Paired with the till|已与收银台配对)$/ }).waitFor();
	await shows("a camera is paired");
	return { ...phone, token };
}

for (const lang of ["en", "zh"]) {
	test(`typed and photographed on the phone, sold at the till, ${lang}`, async () => {
		const phone = await paired_phone(lang, { context: { dark: lang === "zh" } });
		const { page } = phone;
		await page.locator("input[name=code]").fill("2900010010373");
		await page.locator("form button[type=submit]").click();
		await page.locator("li").getByText("2900010010373").waitFor();
		await shows("Flat white");
		await shows("USD 4.50");
		// This browser reads no codes: the photo goes to the server, which does.
		await page.locator("input[type=file]").setInputFiles(picture);
		await page.locator("li").getByText("2900010011110").waitFor();
		await shows("Sourdough loaf");
		await shows("USD 11.75");
		await check_page(phone, `paired-${lang}`);
		await check_controls(phone, `paired-${lang}`);
		await shoot(page, `camera-paired-${lang}`);
		await page
			.locator("input[type=file]")
			.setInputFiles({ name: "a.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
		await page.getByRole("alert").waitFor();
		// Loaded again it is still this till's camera.
		await page.reload();
		await page.locator("input[name=code]").fill("2900010010373");
		await page.locator("form button[type=submit]").click();
		await shows("USD 16.25");
		// Another phone with the same code is nobody's camera.
		const other = await open_phone({ lang });
		await other.page.goto(`${shop.url}/Q/${phone.token}`);
		await other.page.locator(".note.warn").waitFor();
		same(await other.page.getByRole("button").count(), 0, "buttons of a phone that is not paired");
		await other.context.close();
		await page.getByRole("button", { name: /^(End the pairing|结束配对)$/ }).click();
		await page.locator(".note.warn").waitFor();
		await shows("no longer paired");
		await phone.context.close();
		await press("C-x", "y");
		await shows("Scan an item");
	});
}

test("where the browser reads codes: from the running camera, each once; ended at the till the phone says so", async () => {
	// Chromium has its reader on phones only; this one stands in for it.
	const reads = () => {
		globalThis.BarcodeDetector = class {
			static async getSupportedFormats() {
				return ["qr_code"];
			}
			async detect(seen) {
				return (seen.videoWidth || seen.width) > 1 ? [{ rawValue: "2900010010373" }] : [];
			}
		};
	};
	const phone = await paired_phone("en", { context: { permissions: ["camera"] }, reads });
	const { page } = phone;
	await page.getByRole("button", { name: "Use the camera" }).click();
	await shows("USD 4.50");
	await new Promise((resolve) => setTimeout(resolve, 1000)); // it stays before the lens: six looks and more
	check(screen().includes("USD 4.50"), "one thing before the lens is sold once");
	await shoot(page, "camera-live");
	await page.getByRole("button", { name: "Stop" }).click();
	await press("@");
	await shows("A camera is paired");
	await press("DC");
	await shows("no longer paired");
	await page.locator("input[name=code]").fill("2900010011110");
	await page.locator("form button[type=submit]").click();
	await page.locator(".note.warn").getByText("This phone is not paired").waitFor();
	await press("Escape");
	await shows("USD 4.50");
	await check_page(phone, "ended");
	await phone.context.close();
});

await run_tests();
