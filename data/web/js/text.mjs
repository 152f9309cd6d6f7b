// text: the dictionary of the page's language. The server chose the language (the wallet's, else the phone's).

export const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";

// For Intl: the phone's own variant of the page's language ("en-GB"), so that dates and amounts look as its owner
// expects.
export const locale = navigator.languages?.find((tag) => tag.startsWith(lang)) ?? (lang === "zh" ? "zh-CN" : "en");

/** Without its texts a page can do nothing: a network that stumbles is asked again. */
async function load() {
	for (let tries = 0; ; tries++) {
		try {
			return await (await fetch(`/text/${lang}.json`)).json();
		} catch (error) {
			if (tries === 5) throw error;
			await new Promise((resolve) => setTimeout(resolve, 500 * (tries + 1)));
		}
	}
}
const texts = await load();

/** Text of a key with {name} replaced; the key itself when the dictionary lacks it, which tests look for. */
export function t(key, values = {}) {
	return (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const has_text = (key) => key in texts;

/** name_zh in a Chinese page when there is one, else name. */
export function local(object, name = "name") {
	return (lang === "zh" && object[`${name}_zh`]) || object[name] || "";
}

const when = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
export const format_time = (at_ms) => when.format(new Date(at_ms));
export const format_day = (at_ms) => day.format(new Date(at_ms));
