// camera: this phone as the camera of a till. The code on the till's screen opens the page; from then on what the phone
// reads, photographs or is typed arrives at the till as if it had scanned it. Where the browser reads codes only their
// text is sent, else the picture, which the server reads.

import { make_key, Offline, post, Problem } from "./api.mjs";
import { button, field, h, note, say, show } from "./dom.mjs";
import { get_detector } from "./scan.mjs";
import { t } from "./text.mjs";

const KEPT = "qrtill.camera"; // { code, token }: the pairing of this phone
const SIDE_MAX = 1600; // pixels of a picture that is sent
const AGAIN_MS = 2500; // the same code before the lens that long is one scan
const FNC1 = /\u001d/g;

const main = document.getElementById("main");
const place = document.getElementById("action");
const { token: code, state } = main.dataset;

let kept_here = null; // where the browser has no storage the page's memory has to do
function pairing() {
	try {
		const kept = JSON.parse(localStorage.getItem(KEPT)) ?? kept_here;
		return kept?.code === code ? kept.token : null;
	} catch {
		return kept_here?.token ?? null;
	}
}
function keep(token) {
	kept_here = token && { code, token };
	try {
		if (token) localStorage.setItem(KEPT, JSON.stringify(kept_here));
		else localStorage.removeItem(KEPT);
	} catch {
		/* memory has it */
	}
}

const expected = (error) => {
	if (!(error instanceof Problem) && !(error instanceof Offline)) throw error;
	return error;
};

let watching = null; // AbortController of the running camera
function stop_watching() {
	watching?.abort();
	watching = null;
}

function draw_over() {
	stop_watching();
	keep(null);
	show(place, note(t("camera.over"), "warn"), { focus: true });
	say(t("camera.over"));
}

/** The same request again while no answer comes: the till gets it once. */
async function send(what) {
	const key = make_key();
	for (let tries = 0; ; tries++) {
		try {
			return await post("/v1/cameras/send", { camera_token: pairing(), ...what }, key);
		} catch (error) {
			const soon = error instanceof Offline || error.status === 503;
			if (!soon || tries === 3) throw error;
			await new Promise((resolve) => setTimeout(resolve, 1000));
		}
	}
}

const sent = h("ul", { class: "plain", "aria-live": "polite" });
const message = h("div", {});

async function deliver(what) {
	try {
		const { texts } = await send(what);
		show(message, []);
		for (const text of texts) sent.prepend(h("li", { class: "link" }, `✓ ${text.slice(0, 80)}`));
		while (sent.childElementCount > 6) sent.lastElementChild.remove();
		navigator.vibrate?.(60);
		return true;
	} catch (error) {
		if (expected(error).status === 401) draw_over();
		else if (error.code === "no-code-in-picture") show(message, note(t("scan.nothing"), "bad"));
		else show(message, note(error.message, "bad"));
		return false;
	}
}

const deliver_text = (text) => deliver({ text: text.replace(FNC1, "\u241d") });

function base64url(bytes) {
	let text = "";
	for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
	return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A picture no larger than the server wants, as JPEG. `source` is a bitmap or a playing video. */
async function deliver_picture(source, width, height) {
	const scale = Math.min(1, SIDE_MAX / Math.max(width, height));
	const canvas = h("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
	canvas.getContext("2d").drawImage(source, 0, 0, canvas.width, canvas.height);
	const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
	return deliver({ picture: base64url(new Uint8Array(await blob.arrayBuffer())) });
}

async function take_photo(file) {
	const bitmap = await createImageBitmap(file).catch(() => null);
	if (!bitmap) return show(message, note(t("scan.nothing"), "bad"));
	const detector = await get_detector();
	const found = detector ? await detector.detect(bitmap) : [];
	if (found.length === 0) return deliver_picture(bitmap, bitmap.width, bitmap.height);
	for (const { rawValue } of found) await deliver_text(rawValue);
	return true;
}

/** Codes before the lens, each once, until it is stopped. */
async function watch(video, signal) {
	const detector = await get_detector();
	const seen = new Map();
	while (!signal.aborted) {
		const now = Date.now();
		for (const { rawValue } of await detector.detect(video)) {
			const last = seen.get(rawValue) ?? 0;
			seen.set(rawValue, now);
			if (now - last > AGAIN_MS) await deliver_text(rawValue);
		}
		await new Promise((resolve) => setTimeout(resolve, 150));
	}
}

async function open_camera(finder) {
	stop_watching();
	const stop = (watching = new AbortController());
	const video = h("video", { class: "finder", playsinline: true, muted: true, "aria-label": t("scan.finder") });
	const detector = await get_detector();
	let stream;
	try {
		stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
		video.srcObject = stream;
		await video.play();
	} catch {
		for (const track of stream?.getTracks() ?? []) track.stop();
		return show(message, note(t("scan.no_camera"), "bad"));
	}
	stop.signal.addEventListener("abort", () => {
		for (const track of stream.getTracks()) track.stop();
		show(finder, []);
	});
	const shot = () => deliver_picture(video, video.videoWidth, video.videoHeight);
	show(finder, [
		video,
		!detector && button(t("camera.shot"), shot, { kind: "primary" }),
		button(t("scan.stop"), stop_watching, { kind: "quiet" }),
	]);
	if (detector) watch(video, stop.signal);
}

async function end() {
	try {
		await post("/v1/cameras/end", { camera_token: pairing() });
	} catch (error) {
		if (expected(error).status !== 401) return show(message, note(error.message, "bad"));
	}
	return draw_over();
}

function draw_scanner() {
	const finder = h("div", { class: "stack" });
	const file = h("input", {
		type: "file",
		accept: "image/*",
		hidden: true,
		tabindex: "-1",
		"aria-hidden": "true",
		onchange: async () => {
			const picture = file.files[0];
			file.value = "";
			if (picture) await take_photo(picture);
		},
	});
	const [label, input] = field(t("scan.typed"), { name: "code", autocapitalize: "off", spellcheck: "false" });
	const type = async (event) => {
		event.preventDefault();
		if (input.value.trim() && (await deliver_text(input.value.trim()))) input.value = "";
	};
	show(
		place,
		[
			h("h2", {}, t("camera.paired")),
			finder,
			message,
			h(
				"div",
				{ class: "pair" },
				navigator.mediaDevices && button(t("scan.camera"), () => open_camera(finder), { kind: "primary" }),
				button(t("scan.photo"), () => file.click()),
			),
			file,
			h(
				"form",
				{ class: "stack card", onsubmit: type },
				label,
				h("button", { type: "submit" }, t("camera.send")),
			),
			sent,
			button(t("camera.end"), end, { kind: "quiet" }),
		],
		{ focus: true },
	);
	say(t("camera.paired"));
}

async function pair() {
	try {
		keep((await post("/v1/cameras/pair", { code }, pair.key)).camera_token);
		draw_scanner();
	} catch (error) {
		if (expected(error) instanceof Offline) draw_pair(error.message);
		else draw_over();
	}
}
pair.key = make_key(); // tried again it is the same request

function draw_pair(why) {
	show(place, [why && note(why, "bad"), button(t("camera.pair"), pair, { kind: "primary" })]);
}

if (pairing()) draw_scanner();
else if (state === "waiting") draw_pair("");
else show(place, note(t("camera.over"), "warn"));
