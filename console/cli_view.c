/* cli_view: see cli_view.h. */
#include "console/cli_view.h"

#include "shared/clock.h"
#include "shared/money.h"
#include "shared/text.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 24

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);
	return n >= m && strcmp(name + n - m, end) == 0;
}

static bool is_money(const char *name)
{
	return ends_with(name, "_cents") || strcmp(name, "cents") == 0;
}

bool view_is_number(const char *name, const struct json_t *value)
{
	return jkind_of(value) == JKIND_INT && !ends_with(name, "_ms");
}

static void add_money(struct buf *out, const struct view *v, const struct json_t *siblings, int64_t amount)
{
	const char *alpha = jtext(siblings, "currency", v->currency);
	const struct currency *c = currency_by_alpha(alpha);
	char text[32];

	buf_adds(out, money_format(amount, c ? c->numeric : 840, text, sizeof text));
	if (c && !v->plain) {
		buf_addc(out, ' ');
		buf_adds(out, c->alpha);
	}
}

/* An amount in a journal: its unit is beside it, a currency's number or a points scheme. */
static void add_amount(struct buf *out, const struct view *v, const struct json_t *siblings, int64_t amount)
{
	int64_t unit = jint(siblings, "unit", 0);
	const struct currency *c = currency_by_numeric(unit);
	char text[32];

	if (c == NULL) {
		buf_add_int(out, amount);
		if (unit >= UNIT_POINTS_BASE && !v->plain)
			buf_adds(out, " pt");
		return;
	}
	buf_adds(out, money_format(amount, unit, text, sizeof text));
	if (!v->plain) {
		buf_addc(out, ' ');
		buf_adds(out, c->alpha);
	}
}

static void add_rate(struct buf *out, const struct view *v, int64_t rate_bp)
{
	if (v->plain) {
		buf_add_int(out, rate_bp);
		return;
	}
	buf_addf(out, "%lld", (long long)(rate_bp / 100));
	if (rate_bp % 100 != 0)
		buf_addf(out, rate_bp % 10 ? ".%02lld" : ".%lld",
			(long long)(rate_bp % 10 ? rate_bp % 100 : rate_bp % 100 / 10));
	buf_adds(out, " %");
}

static void add_time(struct buf *out, const struct view *v, int64_t ms)
{
	char text[21];

	if (ms == 0)
		buf_adds(out, "-");
	else if (v->plain)
		buf_adds(out, clock_format_utc(ms, text));
	else
		buf_adds(out, clock_format_local(ms, text));
}

void view_value(struct buf *out, const struct view *v, const struct json_t *siblings, const char *name,
                const struct json_t *value)
{
	int64_t number = jvalue_int(value, 0);
	const char *text = jvalue_text(value, "");

	switch (jkind_of(value)) {
	case JKIND_INT:
		if (is_money(name))
			add_money(out, v, siblings, number);
		else if (strcmp(name, "amount") == 0 && jget(siblings, "unit"))
			add_amount(out, v, siblings, number);
		else if (ends_with(name, "_ms"))
			add_time(out, v, number);
		else if (ends_with(name, "_bp"))
			add_rate(out, v, number);
		else
			buf_add_int(out, number);
		break;
	case JKIND_TEXT:
		text_clean(out, text, strlen(text), TEXT_TERMINAL);
		break;
	case JKIND_BOOL:
		buf_adds(out, jvalue_bool(value) ? (v->chinese ? "是" : "yes") : v->chinese ? "否" : "no");
		break;
	case JKIND_ARRAY:
		for (size_t i = 0; i < jcount(value); i++) {
			if (i)
				buf_adds(out, ", ");
			const struct json_t *item = jat(value, i);
			if (jkind_of(item) == JKIND_OBJECT)
				buf_adds(out, "...");
			else
				view_value(out, v, NULL, name, item);
		}
		break;
	default:
		buf_adds(out, "-");
	}
}

/* Words for people; names that are not here are shown as they are, without their unit. */
static const struct label {
	const char *name, *zh;
} labels[] = {
	{ "name", "名称" }, { "name_zh", "中文名" }, { "state", "状态" }, { "number", "号码" }, { "code", "码" },
	{ "currency", "币种" }, { "balance_cents", "余额" }, { "amount_cents", "金额" }, { "total_cents", "合计" },
	{ "tax_cents", "税额" }, { "subtotal_cents", "小计" }, { "paid_cents", "已付" }, { "due_cents", "应付" },
	{ "change_cents", "找零" }, { "rounding_cents", "现金舍入" },
	{ "cash_rounding_cents", "现金舍入到" },
	{ "refund_rounding_cents", "退款现金舍入" }, { "price_cents", "单价" }, { "quantity", "数量" }, { "quantity_text", "数量" }, { "kind", "类型" },
	{ "at_ms", "时间" }, { "expires_ms", "到期" }, { "created_ms", "创建" }, { "role", "角色" },
	{ "merchant_name", "商户" }, { "held_cents", "待结算" }, { "available_cents", "可用" }, { "earned_cents", "已获返利" },
	{ "generation", "代" }, { "method", "方式" }, { "points_earned", "获得积分" }, { "rebate_cents", "返利" },
	{ "balance", "余额" }, { "item_id", "商品" }, { "order_id", "订单" }, { "card_id", "卡" }, { "account", "账户" },
	{ "amount", "金额" }, { "text", "内容" }, { "phone", "手机" }, { "bound", "已绑定" }, { "reason", "原因" },
	{ "sku", "货号" }, { "plu", "短码" }, { "barcodes", "条码" }, { "unit", "单位" }, { "tax_id", "税种" },
	{ "min_price_cents", "最低价" }, { "max_price_cents", "最高价" }, { "min_age", "最低年龄" },
	{ "active", "在售" }, { "group_id", "选项组" }, { "choice_id", "选项" }, { "min_choices", "最少选" }, { "max_choices", "最多选" },
	{ "preset", "默认" }, { "choices", "选项" }, { "options", "选项" },
	{ "open_price", "开放价" }, { "version", "版本" }, { "rate_bp", "税率" }, { "pin", "密码" },
	{ "store_id", "门店" }, { "terminal_id", "收银台" }, { "staff_id", "员工" }, { "merchant_id", "商户" },
	{ "customer_id", "顾客" }, { "campaign_id", "活动" }, { "channel_id", "渠道" }, { "agent_id", "代理" },
	{ "shift_id", "班次" }, { "batch_id", "批次" }, { "share_id", "分享" }, { "audit_id", "编号" }, { "notice_id", "通知" },
	{ "address", "地址" }, { "city", "城市" }, { "city_zh", "中文城市" }, { "country", "国家" }, { "ssid", "无线网络" },
	{ "receipt_footer", "小票结语" }, { "receipt_number", "小票号" }, { "enrolled_ms", "注册时间" },
	{ "last_seen_ms", "最近在线" }, { "enrolment_code", "注册码" }, { "fee_bp", "平台费率" }, { "mcc", "商户类别" },
	{ "points_per_100", "每百积分" }, { "point_value_cents", "积分价值" }, { "tax_inclusive", "含税价" },
	{ "cashier_refund_limit_cents", "收银退款限额" }, { "channel_bp", "渠道比例" }, { "agent_bp", "代理比例" },
	{ "platform_bp", "平台比例" }, { "levels", "各级比例" }, { "commission_bp", "佣金" }, { "budget_cents", "预算" },
	{ "spent_cents", "已用" }, { "cap_order_cents", "每单上限" }, { "cap_person_day_cents", "每人每日上限" },
	{ "hold_s", "冻结秒数" }, { "starts_ms", "开始" }, { "ends_ms", "结束" }, { "intro", "介绍" }, { "intro_zh", "中文介绍" },
	{ "face_cents", "面值" }, { "count", "数量" }, { "number_masked", "卡号" }, { "exported_ms", "导出时间" },
	{ "tender", "付款方式" }, { "opened_ms", "开班" }, { "closed_ms", "交班" }, { "expected_cents", "应有" },
	{ "counted_cents", "实点" }, { "difference_cents", "差额" }, { "float_cents", "备用金" }, { "reference", "凭证" },
	{ "action", "操作" }, { "detail", "说明" }, { "actor_id", "操作者" }, { "ref_id", "对象" }, { "read_ms", "已读" },
	{ "from", "转出" }, { "to", "转入" }, { "q", "查找" }, { "from_ms", "从" }, { "to_ms", "到" }, { "lines", "明细" },
	{ "payments", "付款" }, { "discount_cents", "折扣" }, { "line_no", "行" }, { "token", "码" }, { "login", "登录名" },
	{ "totp_code", "动态口令" }, { "passphrase", "口令" }, { "net_cents", "净额" }, { "gross_cents", "总额" },
	{ "cards_open", "储值卡" }, { "points_open", "积分" }, { "campaigns_open", "活动" }, { "fixed_codes_open", "固定码" },
	{ "providers_open", "支付机构" }, { "journal_id", "凭证号" }, { "owner_id", "所有者" }, { "account_id", "账户号" },
	{ "sort", "排序" }, { "shares", "分享" }, { "scans", "扫码" }, { "sales", "销售" }, { "orders", "订单" },
	{ "refunded_cents", "退款" }, { "left_cents", "结余" }, { "points", "积分" }, { "pieces", "件数" },
	{ "hour", "时" }, { "day", "日期" }, { "section_id", "部门" }, { "base_cents", "原价" },
	{ "short_cents", "短款" }, { "over_cents", "长款" }, { "shifts", "班次" }, { "holders", "持有者" },
	{ "line", "项目" },
};

static void add_label(struct buf *out, const struct view *v, const char *prefix, const char *name)
{
	if (v->plain) {
		buf_addf(out, "%s%s", prefix, name);
		return;
	}
	for (size_t i = 0; v->chinese && i < sizeof labels / sizeof *labels; i++) {
		if (strcmp(labels[i].name, name) == 0) {
			buf_adds(out, labels[i].zh);
			return;
		}
	}
	size_t len = strlen(name), from = out->len;
	if (v->words && strcmp(name, "terminal_id") == 0) {
		buf_adds(out, "Till");
		return;
	}
	if (ends_with(name, "_cents"))
		len -= 6;
	else if (ends_with(name, "_ms") || ends_with(name, "_bp"))
		len -= 3;
	else if (v->words && ends_with(name, "_id"))
		len -= 3;
	buf_adds(out, prefix);
	for (size_t i = 0; i < len; i++)
		buf_addc(out, name[i] == '_' ? ' ' : name[i]);
	if (v->words && out->data[from] >= 'a' && out->data[from] <= 'z')
		out->data[from] -= 'a' - 'A';
}

void view_label(struct buf *out, const struct view *v, const char *name)
{
	add_label(out, v, "", name);
}

static void pad(struct buf *out, int columns)
{
	for (; columns > 0; columns--)
		buf_addc(out, ' ');
}

struct walk {
	struct buf *out;
	const struct view *view;
	const struct json_t *object;
	const char *prefix;
	int widest; /* of the labels, in columns */
};

static bool is_table(const struct json_t *value)
{
	return jkind_of(value) == JKIND_ARRAY && jkind_of(jat(value, 0)) == JKIND_OBJECT;
}

static void measure_label(void *ctx, const char *name, struct json_t *value)
{
	struct walk *w = ctx;
	struct buf b = { 0 };

	if (jkind_of(value) == JKIND_OBJECT || is_table(value))
		return;
	add_label(&b, w->view, w->prefix, name);
	int columns = text_columns(b.data ? b.data : "");
	if (columns > w->widest)
		w->widest = columns;
	buf_free(&b);
}

static void print_scalar(void *ctx, const char *name, struct json_t *value)
{
	struct walk *w = ctx;
	size_t from = w->out->len;

	if (jkind_of(value) == JKIND_OBJECT || is_table(value))
		return;
	bool empty = jkind_of(value) == JKIND_NULL || (jkind_of(value) == JKIND_ARRAY && jcount(value) == 0);
	if (empty && !w->view->plain)
		return;
	add_label(w->out, w->view, w->prefix, name);
	if (w->view->plain)
		buf_addc(w->out, '\t');
	else
		pad(w->out, w->widest + 2 - text_columns(w->out->data + from));
	view_value(w->out, w->view, w->object, name, value);
	buf_addc(w->out, '\n');
}

static void print_nested(void *ctx, const char *name, struct json_t *value)
{
	struct walk *w = ctx;
	struct json_t *inner = value;

	if (is_table(value)) {
		struct view v = *w->view;
		v.currency = jtext(w->object, "currency", v.currency);
		buf_addc(w->out, '\n');
		if (!v.plain) {
			add_label(w->out, &v, w->prefix, name);
			buf_adds(w->out, ":\n");
		}
		view_table(w->out, &v, inner, NULL);
	} else if (jkind_of(value) == JKIND_OBJECT) {
		struct buf prefix = { 0 };
		buf_addf(&prefix, "%s%s%s", w->prefix, name, w->view->plain ? "." : " ");
		struct walk deeper = { .out = w->out, .view = w->view, .object = inner, .prefix = prefix.data,
			.widest = w->widest };
		jeach(inner, measure_label, &deeper);
		jeach(inner, print_scalar, &deeper);
		jeach(inner, print_nested, &deeper);
		buf_free(&prefix);
	}
}

void view_object(struct buf *out, const struct view *v, const struct json_t *object)
{
	struct walk w = { .out = out, .view = v, .object = object, .prefix = "" };

	jeach(object, measure_label, &w);
	jeach(object, print_scalar, &w);
	jeach(object, print_nested, &w);
}

struct columns {
	char names[COLUMNS_MAX][32];
	int widths[COLUMNS_MAX];
	bool right[COLUMNS_MAX];
	int count;
};

static void collect_column(void *ctx, const char *name, struct json_t *value)
{
	struct columns *c = ctx;

	if (jkind_of(value) == JKIND_OBJECT || is_table(value) || c->count == COLUMNS_MAX || strlen(name) >= 32)
		return;
	strcpy(c->names[c->count++], name);
}

static void choose_columns(struct columns *c, const struct json_t *rows, const char *wanted)
{
	*c = (struct columns){ 0 };
	if (wanted == NULL) {
		jeach(jat(rows, 0), collect_column, c);
		return;
	}
	while (*wanted && c->count < COLUMNS_MAX) {
		size_t n = strcspn(wanted, " ");
		if (n < sizeof c->names[0])
			memcpy(c->names[c->count++], wanted, n);
		wanted += n;
		wanted += strspn(wanted, " ");
	}
}

static void measure_cell(struct columns *c, int i, const struct buf *cell)
{
	int width = text_columns(cell->data ? cell->data : "");
	if (width > c->widths[i])
		c->widths[i] = width;
}

static void add_cell(struct buf *out, const struct columns *c, int i, const char *text, const struct view *v)
{
	int gap = v->plain ? 0 : c->widths[i] - text_columns(text);

	if (i)
		buf_adds(out, v->plain ? "\t" : "  ");
	if (c->right[i])
		pad(out, gap);
	buf_adds(out, text);
	if (!c->right[i] && i + 1 < c->count)
		pad(out, gap);
}

void view_table(struct buf *out, const struct view *v, const struct json_t *rows, const char *wanted)
{
	struct columns c;
	struct buf cell = { 0 };
	size_t count = jcount(rows);

	choose_columns(&c, rows, wanted);
	for (int i = 0; i < c.count; i++) {
		buf_reset(&cell);
		add_label(&cell, v, "", c.names[i]);
		measure_cell(&c, i, &cell);
		for (size_t r = 0; r < count; r++) {
			const struct json_t *value = jget(jat(rows, r), c.names[i]);
			buf_reset(&cell);
			view_value(&cell, v, jat(rows, r), c.names[i], value);
			measure_cell(&c, i, &cell);
			c.right[i] = c.right[i] || view_is_number(c.names[i], value);
		}
	}
	for (int i = 0; i < c.count && !v->plain && count > 0; i++) {
		buf_reset(&cell);
		add_label(&cell, v, "", c.names[i]);
		add_cell(out, &c, i, cell.data, v);
	}
	if (!v->plain && count > 0)
		buf_addc(out, '\n');
	for (size_t r = 0; r < count; r++) {
		for (int i = 0; i < c.count; i++) {
			buf_reset(&cell);
			view_value(&cell, v, jat(rows, r), c.names[i], jget(jat(rows, r), c.names[i]));
			add_cell(out, &c, i, cell.data ? cell.data : "", v);
		}
		buf_addc(out, '\n');
	}
	buf_free(&cell);
}
