/* console_tables: what the console lists and does: one row per list, one per action. Every action is a verb of the
 * command line; a test walks these tables and names the rows that have none. */
#include "console/console.h"

#include "shared/tr.h"

#include <string.h>

const char *const console_groups[GROUP_COUNT] = {
	N_("Selling"), N_("Catalogue"), N_("Cards and customers"), N_("Campaigns"), N_("People and tills"), N_("Books"), N_("Reports"),
};

#define DONE { .label = NULL }

static const struct console_action item_actions[] = {
	{ 'n', N_("New"), NULL, "new", 0 },
	{ 'e', N_("Change"), NULL, "set", ACTION_ROW, .inverse = "" },
	{ 'x', N_("Stop selling"), NULL, "set", ACTION_ROW | ACTION_NOW, .given = "active=no", .inverse = "" },
	{ 'o', N_("Sell again"), NULL, "set", ACTION_ROW | ACTION_NOW, .given = "active=yes", .inverse = "" },
	{ 'g', N_("Options"), NULL, "options", ACTION_ROW },
	{ 'k', N_("Sold out"), NULL, "sold-out", ACTION_ROW },
	DONE
};
static const struct console_action group_actions[] = {
	{ 'n', N_("New"), NULL, "new", 0 },
	{ 'e', N_("Change"), NULL, "set", ACTION_ROW, .inverse = "" },
	{ 'c', N_("Choices"), NULL, "choices", ACTION_ROW | ACTION_OPEN | ACTION_ENTER },
	DONE
};
static const struct console_action choice_actions[] = {
	{ 'n', N_("New"), NULL, "choice", 0 },
	{ 'e', N_("Change"), NULL, "choice-set", ACTION_ROW, .inverse = "" },
	{ 'x', N_("Stop selling"), NULL, "choice-set", ACTION_ROW | ACTION_NOW, .given = "active=no", .inverse = "" },
	{ 'o', N_("Sell again"), NULL, "choice-set", ACTION_ROW | ACTION_NOW, .given = "active=yes", .inverse = "" },
	DONE
};
static const struct console_action out_actions[] = {
	{ 'o', N_("Sell again"), "item", "sold-out", ACTION_ROW },
	DONE
};
static const struct console_action stock_actions[] = {
	{ 'n', N_("Movement"), NULL, "move", 0 },
	{ 'm', N_("Movements"), NULL, "moves", ACTION_ROW | ACTION_OPEN | ACTION_ENTER },
	DONE
};
static const struct console_action tax_actions[] = { { 'n', N_("New"), NULL, "new", 0 }, DONE };
static const struct console_action merchant_actions[] = {
	{ 'n', N_("New"), NULL, "new", 0 },
	{ 'e', N_("Change"), NULL, "set", ACTION_ROW, .inverse = "" },
	DONE
};
static const struct console_action store_actions[] = { { 'n', N_("New"), NULL, "new", 0 }, DONE };
static const struct console_action terminal_actions[] = {
	{ 'n', N_("New"), NULL, "new", ACTION_SHOW },
	{ 'w', N_("New code"), NULL, "renew", ACTION_ROW | ACTION_NOW | ACTION_SHOW },
	{ 'x', N_("Revoke"), NULL, "revoke", ACTION_ROW | ACTION_NOW },
	DONE
};
static const struct console_action staff_actions[] = {
	{ 'n', N_("New"), NULL, "new", 0 },
	{ 'e', N_("Change"), NULL, "set", ACTION_ROW, .inverse = "" },
	{ 'g', N_("Console"), "login", "new", ACTION_ROW | ACTION_SHOW },
	{ 'x', N_("Leaves"), NULL, "set", ACTION_ROW | ACTION_NOW, .given = "state=left", .inverse = "" },
	DONE
};
static const struct console_action agent_actions[] = { { 'n', N_("New"), NULL, "new", ACTION_SHOW }, DONE };
static const struct console_action channel_actions[] = {
	{ 'n', N_("New"), NULL, "new", ACTION_SHOW },
	{ 'c', N_("Code"), NULL, "share", ACTION_ROW | ACTION_SHOW },
	DONE
};
static const struct console_action card_actions[] = {
	{ 'm', N_("Statement"), NULL, "statement", ACTION_ROW | ACTION_OPEN },
	{ 'x', N_("Freeze"), NULL, "freeze", ACTION_ROW | ACTION_NOW, .inverse = "unfreeze" },
	{ 'o', N_("Unfreeze"), NULL, "unfreeze", ACTION_ROW | ACTION_NOW, .inverse = "freeze" },
	{ 'l', N_("Look"), NULL, "look", ACTION_SHOW },
	{ 't', N_("Transfer"), NULL, "transfer", 0 },
	DONE
};
static const struct console_action batch_actions[] = {
	{ 'n', N_("New"), NULL, "batch", ACTION_SHOW },
	{ 'x', N_("Export"), NULL, "export", ACTION_ROW | ACTION_NOW | ACTION_SHOW },
	DONE
};
static const struct console_action campaign_actions[] = {
	{ 'n', N_("New"), NULL, "new", ACTION_SHOW },
	{ 'x', N_("Pause"), NULL, "state", ACTION_ROW | ACTION_NOW, .given = "#paused", .inverse = "" },
	{ 'o', N_("Run"), NULL, "state", ACTION_ROW | ACTION_NOW, .given = "#running", .inverse = "" },
	DONE
};
static const struct console_action order_actions[] = {
	{ 'x', N_("Cancel order"), NULL, "cancel", ACTION_ROW | ACTION_NOW },
	{ 'v', N_("Preview refund"), NULL, "preview", ACTION_ROW | ACTION_SHOW },
	{ 'b', N_("Refund"), NULL, "refund", ACTION_ROW },
	{ 'w', N_("Rebates"), "rebate", "list", ACTION_OPEN | ACTION_ROW },
	{ 'j', N_("Journals"), "journal", "list", ACTION_OPEN | ACTION_ROW },
	DONE
};
static const struct console_action shift_actions[] = {
	{ 'z', N_("Z report"), NULL, "z", ACTION_ROW | ACTION_NOW | ACTION_SHOW | ACTION_ENTER },
	{ 'v', N_("X report"), NULL, "x", ACTION_SHOW },
	{ 'n', N_("Open"), NULL, "open", 0 },
	{ 'i', N_("Cash in"), NULL, "cash-in", 0 },
	{ 'o', N_("Cash out"), NULL, "cash-out", 0 },
	{ 'd', N_("Safe drop"), NULL, "safe-drop", 0 },
	DONE
};
static const struct console_action prefund_actions[] = {
	{ 'n', N_("Pay in"), NULL, "add", 0 },
	{ 'v', N_("Balance"), NULL, "show", ACTION_NOW | ACTION_SHOW },
	DONE
};
static const struct console_action notice_actions[] = {
	{ 'x', N_("Read"), NULL, "read", ACTION_ROW | ACTION_NOW },
	DONE
};
static const struct console_action rebate_actions[] = {
	{ 'c', N_("Chain"), "chain", "show", ACTION_ROW | ACTION_OPEN | ACTION_ENTER },
	DONE
};

const struct console_list console_lists[] = {
	{ "order", "list", N_("Orders"), "order_id", "order_id at_ms state total_cents receipt_number terminal_id", "show",
	  order_actions, false, GROUP_SELL, true },
	{ "shift", "list", N_("Shifts"), "shift_id",
	  "shift_id terminal_id state opened_ms closed_ms expected_cents counted_cents difference_cents", NULL, shift_actions,
	  false, GROUP_SELL, true },
	{ "notice", "list", N_("Notices"), "notice_id", "at_ms text read", NULL, notice_actions, false, GROUP_SELL, true },
	{ "item", "list", N_("Items"), "item_id", "sku name name_zh price_cents active plu barcodes", "show", item_actions,
	  false, GROUP_CATALOGUE },
	{ "tax", "list", N_("Taxes"), "tax_id", "tax_id name name_zh rate_bp", NULL, tax_actions, false, GROUP_CATALOGUE },
	{ "option", "list", N_("Options"), "group_id", "group_id name name_zh min_choices max_choices", "show", group_actions,
	  false, GROUP_CATALOGUE },
	{ "option", "choices", N_("Choices of a group"), "choice_id", "choice_id name name_zh price_cents preset active", NULL,
	  choice_actions, true, GROUP_CATALOGUE },
	{ "stock", "list", N_("Stock"), "stock_id", "sku name name_zh quantity low store_id", NULL, stock_actions, false,
	  GROUP_CATALOGUE },
	{ "stock", "sold-out", N_("Sold out"), "item_id", "sku name name_zh store_id since_ms", NULL, out_actions, false,
	  GROUP_CATALOGUE },
	{ "stock", "moves", N_("Movements of a stock"), NULL, NULL, NULL, NULL, true, GROUP_CATALOGUE },
	{ "card", "list", N_("Cards"), "card_id", "number_masked state balance_cents bound expires_ms card_id", NULL,
	  card_actions, false, GROUP_CUSTOMERS },
	{ "card", "batches", N_("Card batches"), "batch_id", "batch_id name count face_cents expires_ms exported_ms", NULL,
	  batch_actions, false, GROUP_CUSTOMERS },
	{ "card", "statement", N_("Card statement"), NULL, NULL, NULL, NULL, true, GROUP_CUSTOMERS },
	{ "campaign", "list", N_("Campaigns"), "campaign_id",
	  "name state budget_cents spent_cents channel_bp agent_bp platform_bp campaign_id", "show", campaign_actions, false,
	  GROUP_CAMPAIGNS },
	{ "rebate", "list", N_("Rebates of an order"), "share_id", NULL, NULL, rebate_actions, true, GROUP_CAMPAIGNS },
	{ "chain", "show", N_("Share chain"), NULL, NULL, NULL, NULL, true, GROUP_CAMPAIGNS },
	{ "prefund", "statement", N_("Prefund"), NULL, NULL, NULL, prefund_actions, false, GROUP_CAMPAIGNS },
	{ "channel", "list", N_("Channels"), "channel_id", NULL, NULL, channel_actions, false, GROUP_CAMPAIGNS },
	{ "agent", "list", N_("Agents"), "agent_id", NULL, NULL, agent_actions, false, GROUP_CAMPAIGNS },
	{ "staff", "list", N_("Staff"), "staff_id", "number name role state", NULL, staff_actions, false, GROUP_PEOPLE },
	{ "terminal", "list", N_("Tills"), "terminal_id", "terminal_id name state store_id last_seen_ms enrolled_ms", NULL,
	  terminal_actions, false, GROUP_PEOPLE },
	{ "store", "list", N_("Stores"), "store_id", "store_id name name_zh address city", NULL, store_actions, false,
	  GROUP_PEOPLE },
	{ "merchant", "list", N_("Merchants"), "merchant_id", "merchant_id name name_zh currency city state", "show",
	  merchant_actions, false, GROUP_PEOPLE },
	{ "journal", "list", N_("Journals"), "journal_id", "journal_id at_ms kind order_id", NULL, NULL, false,
	  GROUP_BOOKS },
	{ "account", "list", N_("Accounts"), "account_id", NULL, NULL, NULL, false, GROUP_BOOKS },
	{ "log", "list", N_("Audit log"), "audit_id", "at_ms action detail ref_id actor_id", NULL, NULL, false,
	  GROUP_BOOKS, true },
	{ "report", "day", N_("Sales by day"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "hour", N_("Sales by hour"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "item", N_("Sales by item"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "section", N_("Sales by section"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "cashier", N_("Sales by cashier"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "till", N_("Sales by till"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "tender", N_("Sales by tender"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "tax", N_("Sales by tax"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "net", N_("Gross to net"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "liability", N_("Liabilities"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "z", N_("Z reports"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ "report", "difference", N_("Differences"), NULL, NULL, NULL, NULL, false, GROUP_REPORTS },
	{ .noun = NULL }
};

const struct console_list *console_list_find(const char *noun, const char *verb)
{
	for (const struct console_list *l = console_lists; l->noun; l++)
		if (strcmp(l->noun, noun) == 0 && strcmp(l->verb, verb) == 0)
			return l;
	return NULL;
}

const struct console_list *console_list_of_field(const char *field)
{
	for (const struct console_list *l = console_lists; l->noun; l++)
		if (l->id && !l->hidden && strcmp(l->id, field) == 0)
			return l;
	return NULL;
}

const struct command *console_action_command(const struct console_list *l, const struct console_action *a)
{
	return cli_command(a->noun ? a->noun : l->noun, a->verb);
}
