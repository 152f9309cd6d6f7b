// scan: reading a code with the phone's camera or from a photo, where the browser can (BarcodeDetector). Elsewhere the
// phone's own camera program opens our codes, and everything can be typed.

import { button, h, note, show } from "./dom.mjs";
import { t } from "./text.mjs";

const FORMATS = ["qr_code", "ean_13", "ean_8", "code_128", "upc_a"];

let detector; // undefined: not asked yet; null: this browser has none
/** What reads codes out of pictures here; null where the browser has none. */
export async function get_detector() {
	if (detector === undefined) {
		detector = null;
		if ("BarcodeDetector" in globalThis) {
			const known = await BarcodeDetector.getSupportedFormats();
			const formats = FORMATS.filter((format) => known.includes(format));
			detector = formats.length > 0 ? new BarcodeDetector({ formats }) : null;
		}
	}
	return detector;
}

async function read_photo(file) {
	const found = await (await get_detector()).detect(await createImageBitmap(file));
	return found[0]?.rawValue ?? null;
}

/** Watch the camera until a code is seen or `signal` ends it. The picture never leaves the phone. */
async function watch_camera(video, signal) {
	const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
	try {
		video.srcObject = stream;
		await video.play();
		while (!signal.aborted) {
			const found = await (await get_detector()).detect(video);
			if (found.length > 0) return found[0].rawValue;
			await new Promise((resolve) => setTimeout(resolve, 150));
		}
		return null;
	} finally {
		for (const track of stream.getTracks()) track.stop();
	}
}

/** Buttons "camera" and "photo" as far as this browser has them; `seen` gets the text. */
export function scan_buttons(seen) {
	const place = h("div", { class: "stack" });
	const message = h("div", {});
	const file = h("input", {
		type: "file",
		accept: "image/*",
		hidden: true,
		tabindex: "-1",
		"aria-hidden": "true",
		onchange: async () => {
			const text = file.files[0] && (await read_photo(file.files[0]).catch(() => null));
			file.value = "";
			if (text) seen(text);
			else show(message, note(t("scan.nothing"), "bad"));
		},
	});
	const camera = button(t("scan.camera"), () => {
		const stop = new AbortController();
		const video = h("video", { class: "finder", playsinline: true, muted: true, "aria-label": t("scan.finder") });
		show(message, [
			video,
			button(
				t("scan.stop"),
				() => {
					stop.abort();
					show(message, []);
				},
				{ kind: "quiet" },
			),
		]);
		watch_camera(video, stop.signal).then(
			(text) => {
				show(message, []);
				if (text) seen(text);
			},
			() => show(message, note(t("scan.no_camera"), "bad")),
		);
	});
	get_detector().then((found) => {
		if (!found) return show(place, h("p", { class: "soft small" }, t("scan.no_reader")));
		return show(place, [
			message,
			h(
				"div",
				{ class: "pair" },
				navigator.mediaDevices && camera,
				button(t("scan.photo"), () => file.click()),
			),
			file,
		]);
	});
	return place;
}
