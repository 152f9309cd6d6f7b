/* api_manual: qrtill-api(7) in mdoc(7), written from the route table and the error registry. */
#include "server/api_words.h"
#include "server/openapi.h"
#include "server/routes.h"

#include <stdio.h>
#include <string.h>

/* Text as mdoc takes it: no macro at the start of a line, no escape inside. */
static void add_text(struct buf *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		buf_adds(out, "\\&");
	for (; *text != '\0'; text++)
		buf_adds(out, *text == '\\' ? "\\e" : (const char[]){ *text, '\0' });
}

/* One word in a macro line; those that mdoc would take as punctuation or a macro are quoted by \&. */
static void add_word(struct buf *out, const char *word)
{
	buf_adds(out, " \\&");
	add_text(out, word);
}

static const char intro[] =
	".Dd November 21, 2026\n"
	".Dt QRTILL-API 7\n"
	".Os\n"
	".Sh NAME\n"
	".Nm qrtill-api\n"
	".Nd HTTP interface of the qrtill server\n"
	".Sh DESCRIPTION\n"
	"Tills, phone pages and the command line talk to\n"
	".Xr qrtilld 8\n"
	"by JSON over HTTP/1.1.\n"
	"This page is written from the server's own tables by\n"
	".Dq make api-docs ;\n"
	"the same is in\n"
	".Pa openapi.json .\n"
	".Ss Values\n"
	"Amounts are integers in minor units; their names end in\n"
	".Li _cents ,\n"
	"with\n"
	".Li currency\n"
	"(ISO 4217, three letters) on the object around them.\n"
	"Times are unix milliseconds\n"
	".Pq Li _ms ,\n"
	"rates basis points\n"
	".Pq Li _bp ,\n"
	"ids positive integers.\n"
	"Texts are UTF-8 without control characters.\n"
	"A field that is null is like one that is absent; unknown and doubled fields are refused.\n"
	"A code is accepted as whole URL or as bare token, in any case.\n"
	"Lists take\n"
	".Li after\n"
	"and\n"
	".Li limit\n"
	"and answer with\n"
	".Li next ,\n"
	"the value for the next\n"
	".Li after ,\n"
	"or null at the end.\n"
	".Ss Requests\n"
	"A body is\n"
	".Li application/json\n"
	"with a Content-Length; transfer codings are not taken.\n"
	"A request that is not well formed by RFC 9112 (several lengths or hosts, bare line feeds, folded lines,\n"
	"bad escapes and the like) is answered once with 400, or not at all, and the connection ends.\n"
	".Ss Idempotency\n"
	"Every POST that changes something needs the header\n"
	".Li Idempotency-Key :\n"
	"a decimal sequence number (a till's own counter) or a UUID, best of version 7; without a credential only a UUID.\n"
	"Keys are kept per terminal or person for 30 days.\n"
	"The same request again gives the first answer again, with the header\n"
	".Li Idempotency-Replayed: true ;\n"
	"another request under the same key is refused.\n"
	"Refusals are not kept: they changed nothing, and keeping them would let anyone who guesses fill the disk.\n"
	"A request that was refused and comes again under its key is looked at anew, and carried out when nothing is\n"
	"against it any more, as a card that was topped up meanwhile.\n"
	"So whoever gives up a refused request sends no more copies of it, and asks what became of it (the order, the card)\n"
	"before the same is done in another way.\n"
	".Ss Errors\n"
	"are\n"
	".Li application/problem+json\n"
	"(RFC 9457) with\n"
	".Li code ,\n"
	".Li status ,\n"
	".Li title\n"
	"in English or Chinese by Accept-Language, and where they apply\n"
	".Li field ,\n"
	"the path of the field\n"
	".Pq Dq lines[0].quantity ,\n"
	"and\n"
	".Li detail .\n"
	"What was answered with an error has changed nothing.\n"
	".Ss Cookies\n"
	"A POST whose credential is the cookie needs the header\n"
	".Li X-Qrtill: 1 .\n";

static void add_roles(struct buf *out)
{
	buf_adds(out, ".Ss Roles\nA credential is sent as\n.Dq Authorization: Bearer CREDENTIAL .\n.Bl -tag -width operator\n");
	for (int i = 0; i < api_role_count; i++) {
		buf_adds(out, ".It");
		add_word(out, api_roles[i].name);
		buf_addc(out, '\n');
		add_text(out, api_roles[i].help);
		buf_adds(out, ".\n");
	}
	buf_adds(out, ".El\n");
}

static void add_fields(struct buf *out, const struct field *table, const char *prefix)
{
	char path[160];

	for (const struct field *f = table; f->type != FIELD_END; f++) {
		snprintf(path, sizeof path, "%s%s", prefix, f->name);
		buf_adds(out, ".It Li");
		add_word(out, path);
		buf_addc(out, '\n');
		if (f->flags & FIELD_REQUIRED)
			buf_adds(out, "(required)\n");
		api_words_field(f, out);
		if (f->help != NULL) {
			buf_adds(out, ":\n");
			add_text(out, f->help);
		}
		buf_addc(out, '\n');
		if (f->sub != NULL) {
			snprintf(path, sizeof path, "%s%s%s", prefix, f->name, f->type == FIELD_LIST ? "[]." : ".");
			add_fields(out, f->sub, path);
		}
	}
}

static void add_route(struct buf *out, const struct route *r)
{
	buf_adds(out, ".It");
	add_word(out, r->method);
	add_word(out, r->path);
	buf_addc(out, '\n');
	add_text(out, r->help);
	buf_adds(out, "\n.br\n.Em Roles :");
	struct buf roles = { 0 };
	api_words_roles(r->roles, &roles);
	buf_adds(out, roles.data);
	buf_adds(out, " .");
	buf_free(&roles);
	if ((r->flags & ROUTE_WRITE) && !(r->flags & ROUTE_NO_KEY))
		buf_adds(out, "\nNeeds an Idempotency-Key.");
	buf_addc(out, '\n');
	if (r->fields != NULL && r->fields->type != FIELD_END) {
		buf_adds(out, ".Bl -tag -width 12n -compact\n");
		add_fields(out, r->fields, "");
		buf_adds(out, ".El\n");
	}
}

static void add_errors(struct buf *out)
{
	buf_adds(out, ".Sh ERROR CODES\nCode, HTTP status, exit status of\n.Xr qrtill 1 :\n.Bl -tag -width 24n\n");
	for (int e = 1; e < QT_ERR_COUNT; e++) {
		const struct err_info *info = err_info((enum qt_err)e);
		buf_addf(out, ".It Li \\&%s\n%d, %d: ", info->code, info->http_status, info->exit_code);
		add_text(out, info->en);
		buf_adds(out, ".\n");
	}
	buf_adds(out, ".El\n");
}

#define COLUMNS_MAX 78

/* Long lines of text are broken at blanks; macro lines stay. */
static void wrap_lines(const char *text, struct buf *out)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		while (*text != '.' && len > COLUMNS_MAX) {
			size_t cut = COLUMNS_MAX;
			while (cut > 0 && (text[cut] != ' ' || text[cut + 1] == '.' || text[cut + 1] == '\''))
				cut--;
			if (cut == 0)
				break;
			buf_add(out, text, cut);
			buf_addc(out, '\n');
			text += cut + 1;
			len -= cut + 1;
		}
		buf_add(out, text, len);
		buf_addc(out, '\n');
		text += len + (text[len] == '\n');
	}
}

static void write_page(struct buf *out)
{
	const struct route *r;

	buf_adds(out, intro);
	add_roles(out);
	buf_adds(out, ".Sh ROUTES\n"
	              "In a path,\n.Li :id\nis a positive integer,\n.Li :token\na code's token in any case,\n.Li :name\na word.\n"
	              "Fields are the query of a GET and the body of a POST.\n.Bl -tag -width Ds\n");
	for (int i = 0; (r = routes_at(i)) != NULL; i++)
		add_route(out, r);
	buf_adds(out, ".El\n");
	add_errors(out);
	buf_adds(out, ".Sh EXAMPLES\nIs the server up?\n.Pp\n"
	              ".Dl curl http://127.0.0.1:8080/v1/status\n.Pp\n"
	              "The operator makes a merchant over the local socket:\n.Bd -literal -offset indent\n"
	              "curl --unix-socket /run/qrtill/operator.sock \\e\n"
	              "  -H 'Content-Type: application/json' -H \"Idempotency-Key: $(uuidgen)\" \\e\n"
	              "  -d '{\"name\":\"Demo Cafe\",\"currency\":\"USD\",\"country\":\"US\",\"city\":\"Portland\",\n"
	              "       \"mcc\":5814,\"fee_bp\":60,\"tax_inclusive\":false}' \\e\n"
	              "  http://qrtilld/v1/merchants\n.Ed\n"
	              ".Sh SEE ALSO\n.Xr qrtill 1 ,\n.Xr qrtill-code 5 ,\n.Xr qrtill-ledger 7 ,\n.Xr qrtilld 8\n");
}

void openapi_manual(struct buf *out)
{
	struct buf page = { 0 };

	write_page(&page);
	wrap_lines(page.data, out);
	buf_free(&page);
}
