// view_cards: the wallet's home, one card with its statement, and taking a card in.

import { get, post } from "./api.mjs";
import { bind_card } from "./bind.mjs";
import { button, format_day, h, money, note, show, time } from "./dom.mjs";
import { has_text, local, t } from "./text.mjs";

function plastic(card) {
	const off = card.state !== "active";
	return h(
		"a",
		{ class: `plastic ${off ? "off" : ""}`, href: `#cards/${card.card_id}` },
		h(
			"span",
			{ class: "row" },
			h("strong", {}, local(card, "merchant_name")),
			off && h("span", { class: "badge" }, t(`card.state.${card.state}`)),
		),
		h("span", { class: "amount" }, money(card.balance_cents, card.currency)),
		h("span", { class: "number" }, card.number_masked),
	);
}

/** Rebates come per currency; one currency is the rule. */
export const rebate_lists = (rebates) => (Array.isArray(rebates.balances) ? rebates.balances : [rebates]);

export async function draw_home({ show }) {
	const [{ cards }, { schemes }, rebates] = await Promise.all([
		get("/v1/cards"),
		get("/v1/points"),
		get("/v1/rebates"),
	]);
	const earned = rebate_lists(rebates).filter((row) => row.currency && (row.held_cents || row.available_cents));
	show([
		h("h1", {}, t("home.cards")),
		cards.length > 0 && h("a", { class: "button primary", href: "#show" }, t("show.title")),
		cards.length > 0
			? h("div", {}, cards.map(plastic))
			: h("div", { class: "card hero" }, h("p", {}, t("home.no_cards"))),
		h("a", { class: `button ${cards.length > 0 ? "quiet" : "primary"}`, href: "#add" }, t("home.add")),
		schemes.length > 0 &&
			h(
				"section",
				{ class: "card" },
				h("h2", {}, t("home.points")),
				h(
					"ul",
					{ class: "rows" },
					schemes.map((scheme) =>
						h(
							"li",
							{},
							h(
								"a",
								{ href: `#points/${scheme.merchant_id}` },
								local(scheme, "merchant_name"),
								scheme.level && h("span", { class: "soft" }, local(scheme, "level")),
								scheme.next_points > 0 &&
									h(
										"span",
										{ class: "soft" },
										t("points.next", {
											count: scheme.next_points,
											day: format_day(scheme.next_expires_ms),
										}),
									),
							),
							h("strong", {}, t("points.count", { count: scheme.balance })),
						),
					),
				),
			),
		earned.length > 0 &&
			h(
				"section",
				{ class: "card" },
				h("h2", {}, t("home.rebates")),
				earned.map((row) =>
					h(
						"a",
						{ class: "tile", href: "#rebates" },
						h("span", {}, t("rebates.available")),
						money(row.available_cents, row.currency),
					),
				),
				h("a", { class: "button quiet", href: "#rebates" }, t("home.rebates_more")),
			),
	]);
}

const kind_text = (kind) => (has_text(`journal.${kind}`) ? t(`journal.${kind}`) : kind);

function statement_row(row, currency) {
	return h(
		"li",
		{},
		h("span", {}, kind_text(row.kind), h("span", { class: "soft" }, time(row.at_ms))),
		h(
			"span",
			{},
			money(row.amount_cents, currency, row.amount_cents > 0 ? "up" : ""),
			h("span", { class: "soft" }, money(row.balance_cents, currency)),
		),
	);
}

export async function draw_card({ argument, show: show_view, reload }) {
	const { cards } = await get("/v1/cards");
	const card = cards.find((one) => String(one.card_id) === argument);
	if (!card)
		return show_view([note(t("card.gone"), "warn"), h("a", { class: "button primary", href: "#" }, t("back"))]);
	const list = h("ul", { class: "rows" });
	const more = h("div", {});
	async function draw_rows(before) {
		const { rows } = await get(`/v1/cards/${card.card_id}/statement?limit=20${before ? `&before=${before}` : ""}`);
		list.append(...rows.map((row) => statement_row(row, card.currency)));
		const last = rows.at(-1);
		show(more, rows.length === 20 && last.entry_id ? button(t("more"), () => draw_rows(last.entry_id)) : []);
		return rows.length;
	}
	const count = await draw_rows(0);
	const freezes = card.state === "active";
	return show_view([
		h("p", {}, h("a", { href: "#" }, `← ${t("home.cards")}`)),
		h("h1", { class: "said" }, local(card, "merchant_name")),
		plastic(card),
		card.expires_ms > 0 && h("p", { class: "soft small" }, t("card.until"), " ", format_day(card.expires_ms)),
		(freezes || card.state === "frozen") &&
			button(
				t(freezes ? "card.freeze" : "card.unfreeze"),
				async () => {
					await post(`/v1/cards/${card.card_id}/${freezes ? "freeze" : "unfreeze"}`, {});
					await reload();
				},
				{ kind: "quiet" },
			),
		h(
			"section",
			{ class: "card" },
			h("h2", {}, t("statement.title")),
			count > 0 ? [list, more] : h("p", { class: "soft" }, t("statement.empty")),
		),
	]);
}

export async function draw_add({ show: show_view }) {
	show_view([
		h("h1", {}, t("bind.title")),
		h(
			"div",
			{ class: "card" },
			bind_card((card) => {
				location.hash = `#cards/${card.card_id}`;
			}),
		),
	]);
}
