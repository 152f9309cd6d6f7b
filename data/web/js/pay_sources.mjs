// pay_sources: the ways a payment can be paid, from what the server says about it, and how one is offered.

import { h, money } from "./dom.mjs";
import { local, t } from "./text.mjs";

/** What can pay comes first. Ways to pay as { value, title, detail, minor, usable, facts }. */
export function sources_of(pay, amount_cents) {
	const { cards = [], points, rebate_cents = 0, providers = [] } = pay.sources ?? {};
	const enough = (minor) => amount_cents === null || minor >= amount_cents;
	const ways = [
		...cards.map((card) => ({
			value: `card-${card.card_id}`,
			title: t("source.card"),
			detail: card.number_masked,
			minor: card.balance_cents,
			usable: enough(card.balance_cents),
			facts: { source: "card", card_id: card.card_id },
		})),
		...(points?.cents > 0
			? [
					{
						value: "points",
						title: t("source.points"),
						detail: t("source.points_count", { count: points.balance }),
						minor: points.cents,
						usable: enough(points.cents),
						facts: { source: "points" },
					},
				]
			: []),
		...(rebate_cents > 0
			? [
					{
						value: "rebate",
						title: t("source.rebate"),
						detail: "",
						minor: rebate_cents,
						usable: enough(rebate_cents),
						facts: { source: "rebate" },
					},
				]
			: []),
		...providers.map((provider) => ({
			value: `provider-${provider.institution}`,
			title: local(provider),
			detail: t(provider.bound ? "source.bound" : "source.unbound"),
			minor: null,
			usable: true,
			facts: { source: "provider", institution: provider.institution },
		})),
	];
	return [...ways.filter((way) => way.usable), ...ways.filter((way) => !way.usable)];
}

export function source_choice(source, checked, currency) {
	return h(
		"label",
		{ class: "choice" },
		h("input", { type: "radio", name: "source", value: source.value, checked, disabled: !source.usable }),
		h(
			"span",
			{ class: "what" },
			source.title,
			source.detail && h("span", { class: "soft" }, source.detail),
			!source.usable && h("span", { class: "soft" }, t("source.too_little")),
		),
		source.minor !== null && money(source.minor, currency),
	);
}
