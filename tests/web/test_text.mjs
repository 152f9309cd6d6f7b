#!/usr/bin/env node
// The web folder by reading it: both languages have the same texts, every text that is used is there, nothing is
// inline, nothing makes markup from text, and amounts move without floating point.

import fs from "node:fs";
import path from "node:path";
import { check, run_tests, same, test, tree } from "./lib.mjs";

const web = path.join(tree, "data/web");
const read = (name) => fs.readFileSync(path.join(web, name), "utf8");
const en = JSON.parse(read("text/en.json"));
const zh = JSON.parse(read("text/zh.json"));
const scripts = fs.readdirSync(path.join(web, "js")).map((name) => [`js/${name}`, read(`js/${name}`)]);
const pages = fs
	.readdirSync(web)
	.filter((name) => name.endsWith(".html"))
	.map((name) => [name, read(name)]);

test("English and Chinese have the same texts, with the same names to fill in", () => {
	same(Object.keys(zh).sort(), Object.keys(en).sort(), "keys");
	const names = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
	for (const key of Object.keys(en)) {
		same(names(zh[key]), names(en[key]), key);
		check(en[key].trim() && zh[key].trim(), `${key} is empty`);
		check(/[\u3400-\u9fff]/.test(zh[key]) || /^\W*$/.test(zh[key]), `${key} is not Chinese: ${zh[key]}`);
	}
});

test("every text that pages and scripts use is in the dictionary, and none is left over", () => {
	const used = new Set();
	for (const [, text] of pages) for (const [, key] of text.matchAll(/\{\{t:([^}]+)\}\}/g)) used.add(key);
	for (const [, text] of scripts)
		for (const [, key] of text.matchAll(/"([a-z_]+(?:\.[a-z_]+)*)"/g))
			if (key.includes(".") || key in en) used.add(key);
	for (const [, key] of read("manifest.webmanifest").matchAll(/\{\{t:([^}]+)\}\}/g)) used.add(key);
	// Looked up by a word of the API: card.state.active, method.cash, error.bad-code ...
	const by_word = /^(card\.state|method|journal|error|rebates\.state)\./;
	const missing = [...used].filter(
		(key) => !(key in en) && !/^(qrtill|application|text|image)\.|\.(mjs|css|svg|json)$/.test(key),
	);
	same(missing, [], "missing");
	same(
		Object.keys(en).filter((key) => !used.has(key) && !by_word.test(key)),
		[],
		"left over",
	);
});

test("nothing is inline: no style, no handler, no script text, no other host", () => {
	for (const [name, text] of pages) {
		check(!/<style|\sstyle=|\son\w+=|javascript:/i.test(text), `${name} has something inline`);
		check(!/<script(?![^>]*\ssrc=)/.test(text), `${name} has a script of its own`);
		check(!/(src|href|action)="(https?:)?\/\//.test(text), `${name} loads from another host`);
	}
});

test("scripts never make markup or code from text", () => {
	for (const [name, text] of scripts)
		check(
			!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setTimeout\("/.test(text),
			name,
		);
});

test("service worker keeps the shell only", () => {
	const text = read("sw.js");
	const kept = new RegExp(/KEPT = \/(.+)\/;/.exec(text)[1]);
	for (const address of ["/app.css", "/js/pay.mjs", "/text/zh.json", "/icons/icon.svg"])
		check(kept.test(address), `${address} is not kept`);
	for (const address of [
		"/v1/me",
		"/v1/cards",
		"/Q/ABC",
		"/Q/ABC/qr.svg",
		"/manifest.webmanifest",
		"/js/../v1/me",
		"/",
	])
		check(!kept.test(address), `${address} would be kept`);
	const files = JSON.parse(/FILES = (\[[^\]]+\])/.exec(text)[1].replace(/,\s*\]/, "]"));
	for (const [name] of scripts) check(files.includes(`/${name}`), `the shell lacks ${name}`);
	for (const file of files.filter((one) => one !== "/"))
		check(fs.existsSync(path.join(web, file)) && kept.test(file), `the shell lists ${file}`);
});

test("amounts are moved as digits", async () => {
	// The module asks for the page's language; a document and a dictionary of nothing stand in.
	globalThis.document = { documentElement: { lang: "en" } };
	Object.defineProperty(globalThis, "navigator", { value: { languages: ["en-US"] }, configurable: true });
	globalThis.fetch = async () => ({ json: async () => ({}) });
	const { decimal_of, format_money, parse_money } = await import(path.join(web, "js/money.mjs"));
	for (const [minor, digits, want] of [
		[2375, 2, "23.75"],
		[5, 2, "0.05"],
		[-5, 2, "-0.05"],
		[0, 2, "0.00"],
		[100, 0, "100"],
		[1, 3, "0.001"],
		[Number.MAX_SAFE_INTEGER, 2, "90071992547409.91"],
	])
		same(decimal_of(minor, digits), want, "decimal");
	same(format_money(9007199254740991, "USD"), "$90,071,992,547,409.91", "no digit is lost");
	same(format_money(1250, "JPY").replace(/\s/g, ""), "¥1,250", "a currency without minor unit");
	for (const [text, want] of [
		["12", 1200],
		["12.5", 1250],
		["12,50", 1250],
		[" 0.01 ", 1],
		["1.", 100],
		["0", null],
		["-1", null],
		["1.234", null],
		["1e3", null],
		["", null],
		["１２", null],
		["12 000", null],
		["9999999999999", null],
		["0x10", null],
		["1.2.3", null],
	])
		same(parse_money(text, "USD"), want, `typed "${text}"`);
	same(parse_money("12.5", "JPY"), null, "no places in yen");
	let refused = false;
	try {
		decimal_of(2 ** 53, 2);
	} catch {
		refused = true;
	}
	check(refused, "an amount that cannot be exact must be refused");
});

await run_tests();
