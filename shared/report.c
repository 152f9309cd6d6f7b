/* report: see report.h. A report is added here and in server/report.c, which says where its rows come from. */
#include "shared/report.h"

#include <string.h>

#define ORDERS   { "orders", REPORT_COUNT, true, "Sales", "单数" }
#define PIECES   { "pieces", REPORT_COUNT, true, "Pieces", "件数" }
#define TOTAL    { "total_cents", REPORT_MONEY, true, "Sold", "销售额" }
#define REFUNDED { "refunded_cents", REPORT_MONEY, true, "Refunded", "退款" }
#define TAX      { "tax_cents", REPORT_MONEY, true, "Tax", "税额" }
#define NET      { "net_cents", REPORT_MONEY, true, "Net", "净额" }
#define SALES    ORDERS, PIECES, TOTAL, REFUNDED, TAX, NET
#define NAMES    { "name", REPORT_TEXT, false, "Name", "名称" }, { "name_zh", REPORT_TEXT, false, "Chinese name", "中文名" }

const struct report reports[] = {
	{ "day", "Sales by day", "每日销售", "sales by day", false,
	  { { "day", REPORT_DAY, false, "Day", "日期" }, SALES },
	  REPORT_BARS, "day", "net_cents" },
	{ "hour", "Sales by hour", "分时销售", "sales by hour of the day", false,
	  { { "hour", REPORT_NUMBER, false, "Hour", "时" }, SALES },
	  REPORT_BARS, "hour", "net_cents" },
	{ "item", "Sales by item", "商品销售", "sales by item, best first", false,
	  { { "item_id", REPORT_NUMBER, false, "Item", "商品" }, { "sku", REPORT_TEXT, false, "SKU", "货号" }, NAMES,
	    { "lines", REPORT_COUNT, true, "Lines", "行数" }, PIECES, { "base_cents", REPORT_MONEY, true, "At list price", "原价" },
	    TOTAL, REFUNDED, TAX, NET },
	  REPORT_BARS, "name", "net_cents" },
	{ "section", "Sales by section", "部门销售", "sales by section; an item in two sections counts in both", false,
	  { { "section_id", REPORT_NUMBER, false, "Section", "部门" }, NAMES, { "lines", REPORT_COUNT, true, "Lines", "行数" },
	    PIECES, TOTAL, REFUNDED, TAX, NET },
	  REPORT_PIE, "name", "net_cents" },
	{ "cashier", "Sales by cashier", "收银员销售", "sales by person", false,
	  { { "staff_id", REPORT_NUMBER, false, "Staff", "员工" }, { "number", REPORT_TEXT, false, "Number", "工号" },
	    { "name", REPORT_TEXT, false, "Name", "姓名" }, SALES },
	  REPORT_BARS, "name", "net_cents" },
	{ "till", "Sales by till", "收银台销售", "sales by till", false,
	  { { "terminal_id", REPORT_NUMBER, false, "Till", "收银台" }, { "name", REPORT_TEXT, false, "Name", "名称" }, SALES },
	  REPORT_BARS, "name", "net_cents" },
	{ "tender", "Sales by tender", "付款方式", "what was paid with, and given back by", false,
	  { { "tender", REPORT_WORD, false, "Tender", "付款方式" }, { "payments", REPORT_COUNT, true, "Payments", "笔数" },
	    { "total_cents", REPORT_MONEY, true, "Paid", "收款" }, REFUNDED,
	    { "left_cents", REPORT_MONEY, true, "Left", "结余" }, { "points", REPORT_COUNT, true, "Points", "积分" } },
	  REPORT_PIE, "tender", "left_cents" },
	{ "tax", "Sales by tax", "税务", "sales and tax by tax", false,
	  { { "tax_id", REPORT_NUMBER, false, "Tax", "税种" }, NAMES, { "rate_bp", REPORT_RATE, false, "Rate", "税率" },
	    TOTAL, REFUNDED, TAX, NET },
	  REPORT_BARS, "name", "tax_cents" },
	{ "net", "Gross to net", "毛额到净额", "from list prices to what is left", false,
	  { { "line", REPORT_WORD, false, "Line", "项目" }, { "amount_cents", REPORT_MONEY, false, "Amount", "金额" } },
	  REPORT_NO_CHART, NULL, NULL },
	{ "liability", "Liabilities", "负债", "what the merchant owes to holders of cards and points, as it stands now", true,
	  { { "kind", REPORT_WORD, false, "Owed for", "项目" }, { "holders", REPORT_COUNT, false, "Holders", "持有者" },
	    { "amount_cents", REPORT_MONEY, true, "Amount", "金额" }, { "points", REPORT_COUNT, false, "Points", "积分" } },
	  REPORT_BARS, "kind", "amount_cents" },
	{ "z", "Z reports", "交班报表", "shifts that were closed, with their Z", false,
	  { { "shift_id", REPORT_NUMBER, false, "Shift", "班次" }, { "terminal_id", REPORT_NUMBER, false, "Till", "收银台" },
	    { "name", REPORT_TEXT, false, "Name", "名称" }, { "number", REPORT_NUMBER, false, "Z", "编号" },
	    { "opened_ms", REPORT_TIME, false, "Opened", "开班" }, { "closed_ms", REPORT_TIME, false, "Closed", "交班" },
	    { "expected_cents", REPORT_MONEY, true, "Expected", "应有" }, { "counted_cents", REPORT_MONEY, true, "Counted", "实点" },
	    { "difference_cents", REPORT_MONEY, true, "Difference", "差额" } },
	  REPORT_NO_CHART, NULL, NULL },
	{ "difference", "Differences", "长短款", "what counts of drawers differed by, by till", false,
	  { { "terminal_id", REPORT_NUMBER, false, "Till", "收银台" }, { "name", REPORT_TEXT, false, "Name", "名称" },
	    { "shifts", REPORT_COUNT, true, "Shifts", "班次" }, { "short_cents", REPORT_MONEY, true, "Short", "短款" },
	    { "over_cents", REPORT_MONEY, true, "Over", "长款" }, { "difference_cents", REPORT_MONEY, true, "Difference", "差额" } },
	  REPORT_BARS, "name", "difference_cents" },
	{ .name = NULL }
};

const struct report *report_find(const char *name)
{
	for (const struct report *r = reports; r->name; r++)
		if (strcmp(r->name, name) == 0)
			return r;
	return NULL;
}

int report_column_count(const struct report *r)
{
	int n = 0;

	while (r->columns[n].name != NULL)
		n++;
	return n;
}

static const struct {
	const char *word, *en, *zh;
} words[] = {
	{ "cash", "Cash", "现金" }, { "card", "Prepaid card", "储值卡" }, { "points", "Points", "积分" },
	{ "rebate", "Rebates", "返利" }, { "provider", "Payment provider", "支付机构" }, { "terminal", "Bank terminal", "银行刷卡" },
	{ "list-price", "At list prices", "原价" }, { "label", "Prices on labels", "标签价" },
	{ "tax-exempt", "Tax not due", "免除税额" }, { "exempt", "Exempt customers", "免税客户" }, { "price", "Other prices", "改价" },
	{ "line-discount", "Discounts of lines", "单品折扣" }, { "promotion", "Promotions", "促销" },
	{ "order-discount", "Discounts of orders", "整单折扣" }, { "tax-added", "Tax added", "加收税额" },
	{ "sold", "Sold", "销售额" }, { "refunded", "Refunded", "退款" }, { "kept", "Sold less refunds", "扣除退款" },
	{ "tax", "Tax in it", "其中税额" }, { "net", "Net", "净额" },
	{ "cards-sold", "Put on cards", "储值卡充值" }, { "taken", "Taken by all tenders", "全部收款" }, { "cards", "Prepaid cards", "储值卡" },
	{ "points-owed", "Points", "积分" }, { "suspense", "Money to be given back", "待退款项" },
};

const char *report_word(const char *word, bool chinese)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].word, word) == 0)
			return chinese ? words[i].zh : words[i].en;
	return word;
}
