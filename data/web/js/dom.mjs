// dom: elements from plain calls. Text always goes in as text, never as markup: names come from strangers.

import { format_day, format_time, t } from "./text.mjs";
import { format_money } from "./money.mjs";

/** h("button", { class: "primary", onclick: pay, disabled: true }, "Pay", node, ...); false and null are left out. */
export function h(tag, props = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(props)) {
		if (value === false || value === null || value === undefined) continue;
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
		else element.setAttribute(name, value === true ? "" : value);
	}
	element.append(
		...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
	);
	return element;
}

const svg_ns = "http://www.w3.org/2000/svg";
const marks = {
	good: ["M20 33l8 8 16-18", "var(--good)"],
	bad: ["M23 23l18 18M41 23L23 41", "var(--bad)"],
	ask: ["M25 26a7 7 0 1 1 9 7c-2 1-2 2-2 4M32 43v1", "var(--warn)"],
};

/** A large mark: "good", "bad" or "ask". Says nothing by itself; the heading beside it does. */
export function mark(kind) {
	const svg = document.createElementNS(svg_ns, "svg");
	const [path, colour] = marks[kind];
	for (const [name, value] of [
		["viewBox", "0 0 64 64"],
		["class", "mark"],
		["aria-hidden", "true"],
		["fill", "none"],
		["stroke", colour],
		["stroke-width", "4"],
		["stroke-linecap", "round"],
		["stroke-linejoin", "round"],
	])
		svg.setAttribute(name, value);
	const circle = document.createElementNS(svg_ns, "circle");
	for (const [name, value] of [
		["cx", "32"],
		["cy", "32"],
		["r", "28"],
	])
		circle.setAttribute(name, value);
	const line = document.createElementNS(svg_ns, "path");
	line.setAttribute("d", path);
	svg.append(circle, line);
	return svg;
}

export const money = (minor, currency, more = "") =>
	h("data", { class: `money ${more}`.trim(), value: minor }, format_money(minor, currency));

export const time = (at_ms) => h("time", { datetime: new Date(at_ms).toISOString() }, format_time(at_ms));

/** Replace what an element shows; focus goes to its first heading when asked, so that a reader hears where it is. */
export function show(place, children, { focus = false } = {}) {
	place.replaceChildren(
		...[children].flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
	);
	const heading = focus && place.querySelector("h1, h2");
	if (heading) {
		heading.tabIndex = -1;
		heading.focus({ preventScroll: true });
		heading.scrollIntoView({ block: "nearest" });
	}
}

const region = h("p", { class: "said", role: "status" });
document.body.append(region);

/** Read aloud by screen readers, and kept short. */
export function say(text) {
	region.textContent = text;
}

export const note = (text, kind = "") =>
	h("p", { class: `note ${kind}`.trim(), role: kind === "bad" ? "alert" : null }, text);

export const waiting = (text) => h("p", { class: "waiting busy" }, text);

/** A button that cannot be pressed twice: it is off until what it started has ended. */
export function button(label, act, { kind = "", ...props } = {}) {
	const element = h(
		"button",
		{
			type: "button",
			class: kind,
			...props,
			onclick: async () => {
				if (element.disabled) return;
				element.disabled = true;
				element.classList.add("busy");
				try {
					await act(element);
				} finally {
					element.disabled = false;
					element.classList.remove("busy");
				}
			},
		},
		label,
	);
	return element;
}

/** A labelled input; `hint` stands under the label. Returns [label element, input]. */
export function field(label, props = {}, hint = "") {
	const input = h("input", { autocomplete: "off", ...props });
	return [h("label", { class: "field" }, label, hint && h("span", { class: "soft" }, hint), input), input];
}

/** The server wrote amounts and times so that they read without scripts; write them the way this phone does. */
export function localise(root = document) {
	for (const element of root.querySelectorAll("data[data-currency]")) {
		if (element.dataset.currency && element.value !== "")
			element.textContent = format_money(Number(element.value), element.dataset.currency);
		element.classList.toggle("long", element.textContent.length > 10);
	}
	for (const element of root.querySelectorAll("time[datetime]"))
		element.textContent = format_time(Date.parse(element.dateTime));
}

export { format_day, t };
