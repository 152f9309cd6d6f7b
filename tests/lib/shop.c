/* shop: see shop.h. */
#include "tests/lib/shop.h"

#include <stdio.h>
#include <string.h>

/* One step whose texts are made up here; saves up to two fields under names with the prefix. */
static void make(const char *p, const char *what, const char *as, const char *path, const char *body,
                 const char *field1, const char *name1, const char *field2, const char *name2)
{
	char label[96], one[64], two[64];

	snprintf(label, sizeof label, "%s%s", p, what);
	snprintf(one, sizeof one, "%s%s", p, name1);
	snprintf(two, sizeof two, "%s%s", p, name2 ? name2 : "");
	struct step s = { label, as, POST, path, body, .save = { { field1, one } } };
	if (field2 != NULL) {
		s.save[1].path = field2;
		s.save[1].as = two;
	}
	api_run(&s, 1);
}

/* A till of its own for each person, who signs in there. */
static void make_person(const char *p, const char *operator, const char *role, const char *number, const char *pin)
{
	char body[160], till[64], as[64], terminal[64], code[64];
	bool cashier = strcmp(role, "cashier") == 0;

	snprintf(terminal, sizeof terminal, cashier ? "terminal" : "%s_terminal", role);
	snprintf(till, sizeof till, cashier ? "till" : "%s_till", role);
	snprintf(code, sizeof code, "%s_enrolment", role);
	snprintf(body, sizeof body, "{\"store_id\":${%sstore},\"name\":\"Till of the %s\"}", p, role);
	make(p, till, operator, "/v1/terminals", body, "terminal_id", terminal, "enrolment_code", code);
	snprintf(body, sizeof body, "{\"code\":\"${%s%s}\"}", p, code);
	make(p, code, "", "/v1/enrol", body, "terminal_token", till, "fixed_code", cashier ? "fixed_code" : "other_code");
	snprintf(body, sizeof body, "{\"number\":\"%s\",\"name\":\"The %s\",\"role\":\"%s\",\"pin\":\"%s\"}", number,
	         role, role, pin);
	snprintf(code, sizeof code, "%s_id", role);
	make(p, code, operator, "/v1/staff", body, "staff_id", code, NULL, NULL);
	snprintf(body, sizeof body, "{\"number\":\"%s\",\"pin\":\"%s\"}", number, pin);
	snprintf(as, sizeof as, "%s%s", p, till);
	make(p, role, as, "/v1/sign-in", body, "session_token", role, NULL, NULL);
}

void shop_make(const char *p)
{
	char operator[64], body[320];

	make(p, "merchant", "operator", "/v1/merchants",
	     "{\"name\":\"Demo Cafe\",\"name_zh\":\"示例咖啡\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"Portland\","
	     "\"mcc\":5812,\"fee_bp\":100,\"tax_inclusive\":false,\"points_per_100\":1,\"point_value_cents\":1,"
	     "\"cashier_refund_limit_cents\":1000}", "merchant_id", "merchant", NULL, NULL);
	snprintf(operator, sizeof operator, "operator:%smerchant", p);
	make(p, "store", operator, "/v1/stores", "{\"name\":\"Main Street\",\"address\":\"1 Main St\"}", "store_id",
	     "store", NULL,
	     NULL);
	make_person(p, operator, "cashier", "11", "1111");
	make_person(p, operator, "manager", "22", "222222");
	make_person(p, operator, "owner", "33", "333333");
	make(p, "tax", operator, "/v1/taxes", "{\"name\":\"Sales tax\",\"name_zh\":\"销售税\",\"rate_bp\":825}", "tax_id",
	     "tax", NULL,
	     NULL);
	snprintf(body, sizeof body,
	         "{\"sku\":\"MILK\",\"name\":\"Whole Milk 1 l\",\"name_zh\":\"全脂牛奶\",\"price_cents\":199,"
	         "\"tax_id\":${%stax},\"plu\":12,\"barcodes\":[{\"code\":\"4006381333931\"}]}", p);
	make(p, "milk", operator, "/v1/items", body, "item_id", "item_milk", NULL, NULL);
	snprintf(body, sizeof body, "{\"sku\":\"BREAD\",\"name\":\"Rye Bread\",\"name_zh\":\"黑麦面包\",\"price_cents\":350,"
	         "\"tax_id\":${%stax},\"barcodes\":[{\"code\":\"5901234123457\"}]}", p);
	make(p, "bread", operator, "/v1/items", body, "item_id", "item_bread", NULL, NULL);
	snprintf(body, sizeof body, "{\"sku\":\"MISC\",\"name\":\"Sundries\",\"price_cents\":0,\"tax_id\":${%stax},"
	         "\"open_price\":true}", p);
	make(p, "open price item", operator, "/v1/items", body, "item_id", "item_open", NULL, NULL);
}

void shop_customer(const char *name)
{
	char id[64], identity[64];

	snprintf(id, sizeof id, "%s_id", name);
	snprintf(identity, sizeof identity, "%s_identity", name);
	struct step s = { name, "", POST, "/v1/customers", "{\"locale\":\"en\"}", .status = 201,
	                  .save = { { "device_token", name }, { "customer_id", id }, { "identity_code", identity } } };
	api_run(&s, 1);
}
