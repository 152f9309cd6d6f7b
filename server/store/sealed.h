/* sealed: the tables whose rows carry a MAC (row_seal), because they may change and money depends on them. To seal
 * another table add a line; its key must be an INTEGER PRIMARY KEY `id`. Numbers are for ever, 1 to 63.
 * Columns of a KEPT table are those that are never changed; updates of its others are not looked at. */
#ifndef QT_SEALED_H
#define QT_SEALED_H

/* X(number, table, KEPT or CHANGED, "columns") */
#define SEALED_TABLES(X) \
	X(1, account, KEPT, "kind, owner_id, unit, overdraft") \
	X(2, hold, CHANGED, "account_id, held_id, amount, expires_ms, state, posted, journal_id, end_journal_id") \
	X(3, audit_log, CHANGED, "at_ms, actor_id, merchant_id, action, ref_id, detail") \
	X(4, agent, CHANGED, "name, commission_bp, created_ms") \
	X(5, channel, CHANGED, "name, created_ms") \
	X(6, access_key, CHANGED, "agent_id, channel_id, secret_hash, created_ms, expires_ms, revoked_ms") \
	X(7, merchant, CHANGED, "name, name_zh, currency, country, city, city_zh, mcc, phone, agent_id, fee_bp, " \
	  "tax_inclusive, points_per_100, point_value_cents, cashier_refund_limit_cents, closed_parts, state, created_ms") \
	X(8, store, CHANGED, "merchant_id, name, name_zh, address, city, receipt_footer, ssid, created_ms") \
	X(9, terminal, CHANGED, "merchant_id, store_id, name, secret_hash, created_ms, enrolled_ms, revoked_ms") \
	X(10, staff, CHANGED, "merchant_id, number, name, role, pin_hash, state, created_ms") \
	X(11, tax, CHANGED, "merchant_id, name, name_zh, rate_bp, created_ms") \
	X(12, card_batch, CHANGED, "merchant_id, name, count, face_cents, expires_ms, first_card_id, created_ms, " \
	  "exported_ms") \
	X(13, card, CHANGED, "merchant_id, batch_id, number, secret_hash, account_id, customer_id, state, expires_ms, " \
	  "frozen_by, replaced_by, created_ms, changed_ms") \
	X(14, customer, CHANGED, "locale, phone, phone_ms, pin_hash, created_ms") \
	X(15, device, CHANGED, "customer_id, name, secret_hash, created_ms, revoked_ms") \
	X(16, sold_item, CHANGED, "item_id, version, inclusive, rate_bp, tax_id, name, name_zh") \
	X(17, campaign, CHANGED, "merchant_id, name, name_zh, intro, intro_zh, starts_ms, ends_ms, channel_bp, agent_bp, " \
	  "platform_bp, cap_order_cents, cap_person_day_cents, budget_cents, item_id, hold_s, created_ms, state") \
	X(18, campaign_level, CHANGED, "rate_bp") \
	X(19, share, CHANGED, "campaign_id, parent_id, customer_id, channel_id, generation, created_ms") \
	X(20, item, CHANGED, "merchant_id, version, sku, plu, name, name_zh, unit, price_cents, tax_id, open_price, active") \
	X(21, binding, CHANGED, "customer_id, provider, reference, state, created_ms, ended_ms") \
	X(22, enrolment, CHANGED, "terminal_id, secret_hash, created_ms, expires_ms, used_ms") \
	X(23, session, CHANGED, "staff_id, terminal_id, secret_hash, created_ms, expires_ms, revoked_ms") \
	X(24, shift, CHANGED, "merchant_id, terminal_id, number, state, automatic, opened_by, opened_ms, first_journal, " \
	  "closed_by, closed_ms, last_journal, end_journal, expected_cents, counted_cents") \
	X(25, shift_cash, CHANGED, "shift_id, kind, amount_cents, journal_id, actor_id, at_ms, reason") \
	X(26, shift_card, CHANGED, "terminal_id, journal_id, tender, sold, amount_cents") \
	X(27, shift_report, CHANGED, "shift_id, kind, actor_id, at_ms, figures") \
	X(28, approval, CHANGED, "merchant_id, terminal_id, asked_by, approved_by, action, amount_cents, created_ms, " \
	  "expires_ms, used_ms, ref_id") \
	X(29, staff_limit, CHANGED, "merchant_id, staff_id, discount_bp, discount_cents, price_cents, refund_cents, " \
	  "cancel_cents, drawer_opens, cash_out_cents") \
	X(30, store_rule, CHANGED, "store_id, kind, value") \
	X(40, promotion, CHANGED, "merchant_id, state, kind, stack, priority, group_no, off_bp, off_cents, price_cents, " \
	  "sets_max, cap_cents, starts_ms, ends_ms, weekdays, from_minute, to_minute, levels, first_purchase, birthday, " \
	  "birthday_days, min_cents, min_pieces, by_code, uses_max, day_max, person_max, budget_cents, created_ms, name, " \
	  "name_zh, code") \
	X(41, promotion_part, CHANGED, "pieces") \
	X(42, promotion_ref, CHANGED, "part_no, section, ref_id") \
	X(43, promotion_use, CHANGED, "promotion_id, coupon_id, customer_id, day, saved_cents, state") \
	X(44, coupon_batch, CHANGED, "merchant_id, promotion_id, name, count, expires_ms, first_coupon_id, created_ms, " \
	  "exported_ms") \
	X(45, coupon, CHANGED, "merchant_id, promotion_id, batch_id, secret_hash, customer_id, state, order_id, " \
	  "expires_ms") \
	X(46, section, CHANGED, "merchant_id, name, name_zh") \
	X(47, member, CHANGED, "merchant_id, customer_id, level, birthday") \
	X(31, wallet_key, CHANGED, "customer_id, number, source, card_id, created_ms, ended_ms") \
	X(32, points_lot, KEPT, "account_id, journal_id, points, expires_ms") \
	X(33, points_move, CHANGED, "lot_id, journal_id, payment_id, points") \
	X(35, order_card, CHANGED, "order_id, line_no, card_id, card_use, amount_cents, journal_id, back_journal_id") \
	X(34, points_scheme, CHANGED, "lifetime_days, level_days, cash_value_cents") \
	X(48, sold_unit, CHANGED, "unit") \
	X(49, stock, CHANGED, "store_id, item_id, quantity, low") \
	X(50, stock_move, CHANGED, "stock_id, kind, quantity, left_quantity, order_id, actor_id, at_ms, reason") \
	X(51, item_rule, CHANGED, "min_price_cents, max_price_cents, min_age") \
	X(52, points_offer, CHANGED, "kind, level, value, promotion_id") \
	X(53, points_voucher, CHANGED, "account_id, journal_id, points") \
	X(54, option_group, CHANGED, "merchant_id, min_choices, max_choices, name, name_zh") \
	X(55, option_choice, CHANGED, "group_id, price_cents, preset, active, name, name_zh") \
	X(56, order_option, CHANGED, "line_no, choice_id, price_cents, name, name_zh") \
	X(57, tax_exemption, CHANGED, "merchant_id, customer_id, certificate, from_ms, until_ms, created_ms, actor_id, " \
	  "ended_ms") \
	X(58, order_exemption, CHANGED, "exemption_id") \
	X(59, points_key, KEPT, "customer_id, merchant_id, number, sealed_key, created_ms")

#define SEALED_STRIDE 64 /* row_seal.id = row id * this + number of the table */

#endif
