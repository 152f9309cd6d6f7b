/* api_words: see api_words.h. */
#include "server/api_words.h"

const struct api_role api_roles[] = {
	{ ROLE_ANYONE, "anyone", "no credential is needed" },
	{ ROLE_CUSTOMER, "customer", "a customer's device, D-ID-SECRET, also as cookie qrtill_device" },
	{ ROLE_TERMINAL, "terminal", "an enrolled till without a person, T-ID-SECRET" },
	{ ROLE_CASHIER, "cashier", "a cashier signed in at a till, S-ID-SECRET" },
	{ ROLE_MANAGER, "manager", "a manager signed in at a till or console, S-ID-SECRET" },
	{ ROLE_OWNER, "owner", "the merchant's owner, S-ID-SECRET" },
	{ ROLE_AGENT, "agent", "an agent's key, K-ID-SECRET" },
	{ ROLE_CHANNEL, "channel", "a channel's key, K-ID-SECRET" },
	{ ROLE_OPERATOR, "operator", "the local socket; header X-Merchant says for which merchant" },
	{ ROLE_PEER, "peer", "the other process of a split server, signed with the peer key" },
	{ ROLE_PROVIDER, "provider", "a payment provider's signed callback" },
};
const int api_role_count = sizeof api_roles / sizeof *api_roles;

void api_words_roles(unsigned roles, struct buf *out)
{
	for (int i = 0; i < api_role_count; i++)
		if (roles & api_roles[i].role)
			buf_addf(out, " %s", api_roles[i].name);
}

void api_words_indent(const char *json, size_t len, struct buf *out)
{
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		char c = json[i];
		bool closes = !quoted && (c == '}' || c == ']'), opens = !quoted && (c == '{' || c == '[');
		bool empty = opens && i + 1 < len && (json[i + 1] == '}' || json[i + 1] == ']');
		if (closes && i > 0 && json[i - 1] != '{' && json[i - 1] != '[')
			buf_addf(out, "\n%*s", 2 * --depth, "");
		buf_addc(out, c);
		if (quoted && c == '\\')
			buf_addc(out, json[++i]);
		else if (c == '"')
			quoted = !quoted;
		else if (opens && !empty)
			buf_addf(out, "\n%*s", 2 * ++depth, "");
		else if (!quoted && c == ',')
			buf_addf(out, "\n%*s", 2 * depth, "");
		else if (!quoted && c == ':')
			buf_addc(out, ' ');
	}
	buf_addc(out, '\n');
}

void api_words_field(const struct field *f, struct buf *out)
{
	switch (f->type) {
	case FIELD_INT:
		buf_adds(out, "integer");
		if (f->max != 0 && f->max < INT64_MAX / 4)
			buf_addf(out, " %lld to %lld", (long long)f->min, (long long)f->max);
		else if (f->max != 0)
			buf_addf(out, " from %lld", (long long)f->min);
		break;
	case FIELD_BOOL:
	case FIELD_MAYBE:
		buf_adds(out, "true or false");
		break;
	case FIELD_TEXT:
	case FIELD_LINES:
		buf_addf(out, "%s, at most %lld bytes", f->type == FIELD_TEXT ? "text" : "lines of text",
		         (long long)(f->max ? f->max : 255));
		break;
	case FIELD_CHOICE:
		buf_adds(out, "one of");
		for (int i = 0; f->choices[i] != NULL; i++)
			buf_addf(out, "%s %s", i ? "," : "", f->choices[i]);
		break;
	case FIELD_LIST:
	case FIELD_INTS:
		buf_addf(out, "list of at most %lld %s", (long long)(f->max ? f->max : 100),
		         f->type == FIELD_LIST ? "objects" : "integers");
		break;
	case FIELD_OBJECT:
		buf_adds(out, "object");
		break;
	case FIELD_END:
		break;
	}
}
