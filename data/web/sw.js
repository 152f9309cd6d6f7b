// The service worker keeps the shell of the wallet for use without a network: style, modules, texts, icons and the
// empty home page. It never touches /v1 and never keeps a landing page: no balance, no receipt, no name is stored here.

const SHELL = "qrtill-shell-1";
const FILES = [
	"/",
	"/app.css",
	"/icons/icon.svg",
	"/text/en.json",
	"/text/zh.json",
	"/js/api.mjs",
	"/js/bind.mjs",
	"/js/camera.mjs",
	"/js/campaign.mjs",
	"/js/card.mjs",
	"/js/code.mjs",
	"/js/coupon.mjs",
	"/js/device.mjs",
	"/js/dom.mjs",
	"/js/events.mjs",
	"/js/money.mjs",
	"/js/pay.mjs",
	"/js/pay_sources.mjs",
	"/js/pin.mjs",
	"/js/qr.mjs",
	"/js/receipt.mjs",
	"/js/scan.mjs",
	"/js/sent.mjs",
	"/js/show.mjs",
	"/js/text.mjs",
	"/js/view_cards.mjs",
	"/js/view_news.mjs",
	"/js/view_scan.mjs",
	"/js/view_settings.mjs",
	"/js/points_code.mjs",
	"/js/points_key.mjs",
	"/js/view_points.mjs",
	"/js/view_show.mjs",
	"/js/wallet.mjs",
	"/js/wallet_code.mjs",
];
const KEPT = /^\/(app\.css|(js|text|icons)\/[\w.-]+)$/;

self.addEventListener("install", (event) => {
	// Without the cookie: the shell knows nobody.
	event.waitUntil(
		caches
			.open(SHELL)
			.then((cache) => cache.addAll(FILES.map((file) => new Request(file, { credentials: "omit" }))))
			.then(() => self.skipWaiting()),
	);
});

self.addEventListener("activate", (event) => {
	event.waitUntil(
		caches
			.keys()
			.then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
			.then(() => self.clients.claim()),
	);
});

// The server's answer when there is one, so that pages and scripts always fit each other; else what was kept.
async function from_network_first(request) {
	const cache = await caches.open(SHELL);
	try {
		const answer = await fetch(request);
		if (answer.ok) await cache.put(request, answer.clone());
		return answer;
	} catch (error) {
		const kept = await cache.match(request);
		if (kept) return kept;
		throw error;
	}
}

// Any page without a network is the empty home page; it says so and opens the asked page when the network is back.
async function page_or_shell(request) {
	try {
		return await fetch(request);
	} catch (error) {
		const shell = await (await caches.open(SHELL)).match("/");
		if (shell) return shell;
		throw error;
	}
}

self.addEventListener("fetch", (event) => {
	const { request } = event;
	const url = new URL(request.url);
	if (request.method !== "GET" || url.origin !== location.origin) return;
	if (request.mode === "navigate") event.respondWith(page_or_shell(request));
	else if (KEPT.test(url.pathname)) event.respondWith(from_network_first(request));
});
