// view_news: notices, and what sharing earned.

import { get, post } from "./api.mjs";
import { code_path } from "./code.mjs";
import { format_day, h, money, time } from "./dom.mjs";
import { local, t } from "./text.mjs";
import { rebate_lists } from "./view_cards.mjs";

export async function draw_notices({ show }) {
	const { notices } = await get("/v1/notices?limit=50");
	const newest_first = [...notices].sort((a, b) => b.notice_id - a.notice_id);
	show([
		h("h1", {}, t("tab.notices")),
		newest_first.length === 0
			? h("div", { class: "card" }, h("p", { class: "soft" }, t("notices.none")))
			: h(
					"div",
					{ class: "card" },
					h(
						"ul",
						{ class: "rows" },
						newest_first.map((notice) =>
							h(
								"li",
								{},
								h(
									"span",
									{},
									notice.read ? notice.text : h("strong", {}, notice.text),
									h("span", { class: "soft" }, time(notice.at_ms)),
								),
								!notice.read && h("span", { class: "badge" }, t("notices.new")),
							),
						),
					),
				),
	]);
	// What was shown is read.
	for (const notice of newest_first.filter((one) => !one.read))
		await post(`/v1/notices/${notice.notice_id}/read`, {});
	document.getElementById("unread").hidden = true;
}

function rebate_row(row, currency) {
	const where = local(row, "campaign_name") || local(row, "merchant_name");
	const more =
		row.state === "held" && row.release_ms
			? t("rebates.held_until", { day: format_day(row.release_ms) })
			: t(`rebates.state.${row.state}`);
	return h(
		"li",
		{},
		h("span", {}, where, h("span", { class: "soft" }, more)),
		money(row.amount_cents, row.currency ?? currency, row.amount_cents > 0 ? "up" : ""),
	);
}

export async function draw_rebates({ show }) {
	const [rebates, { shares }] = await Promise.all([get("/v1/rebates"), get("/v1/shares")]);
	const rows = rebates.rows ?? [];
	show([
		h("h1", {}, t("home.rebates")),
		rebate_lists(rebates)
			.filter((row) => row.currency)
			.map((row) =>
				h(
					"section",
					{ class: "card" },
					h(
						"p",
						{ class: "tile" },
						h("span", {}, t("rebates.available")),
						money(row.available_cents, row.currency),
					),
					h(
						"p",
						{ class: "tile soft" },
						h("span", {}, t("rebates.held")),
						money(row.held_cents, row.currency),
					),
					h("p", { class: "soft small" }, t("rebates.text")),
				),
			),
		rows.length > 0 &&
			h(
				"section",
				{ class: "card" },
				h("h2", {}, t("rebates.rows")),
				h(
					"ul",
					{ class: "rows" },
					rows.map((row) => rebate_row(row, rebates.currency)),
				),
			),
		h(
			"section",
			{ class: "card" },
			h("h2", {}, t("rebates.shares")),
			shares.length === 0
				? h("p", { class: "soft" }, t("rebates.no_shares"))
				: h(
						"ul",
						{ class: "rows" },
						shares.map((share) =>
							h(
								"li",
								{},
								h(
									"a",
									{ href: code_path(share.code) },
									local(share, "campaign_name") || local(share, "merchant_name") || t("share.yours"),
								),
								money(share.earned_cents, share.currency ?? rebates.currency, "up"),
							),
						),
					),
		),
	]);
}
