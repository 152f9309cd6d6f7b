/* chain: see chain.h. */
#include "shared/chain.h"

#include "shared/buf.h"

#include <stdio.h>
#include <string.h>

void chain_hash(const struct chain_event *e, const char *previous, char hash[CHAIN_HASH + 1])
{
	struct buf b = { 0 };
	uint8_t digest[32];

	buf_adds(&b, "qrtill till event 1\n");
	buf_add_int(&b, e->sequence);
	buf_addc(&b, '\n');
	buf_add_int(&b, e->at_ms);
	buf_addf(&b, "\n%s\n%s\n%s\n", e->kind, e->content, previous);
	crypto_sha256(b.data, b.len, digest);
	hex_encode(digest, sizeof digest, hash);
	buf_free(&b);
}

static size_t head_text(const struct chain_head *h, char out[256])
{
	return (size_t)snprintf(out, 256, "qrtill till head 1 %lld %lld %s %lld", (long long)h->terminal_id,
	                        (long long)h->sequence, h->hash, (long long)h->at_ms);
}

static void seed_of(const uint8_t seal_seed[32], uint8_t seed[32])
{
	crypto_derive(seal_seed, "qrtill till head", seed, 32);
}

void chain_sign(const uint8_t seal_seed[32], const struct chain_head *h, char signature[CHAIN_SIGNATURE + 1])
{
	uint8_t seed[32], bytes[64];
	char text[256];

	seed_of(seal_seed, seed);
	crypto_sign(seed, text, head_text(h, text), bytes);
	hex_encode(bytes, sizeof bytes, signature);
	crypto_wipe(seed, sizeof seed);
}

void chain_public(const uint8_t seal_seed[32], char public_key[65])
{
	uint8_t seed[32], bytes[32];

	seed_of(seal_seed, seed);
	crypto_public(seed, bytes);
	hex_encode(bytes, sizeof bytes, public_key);
	crypto_wipe(seed, sizeof seed);
}

bool chain_verify(const char *public_key, const struct chain_head *h, const char *signature)
{
	uint8_t key[32], bytes[64];
	char text[256];

	if (strlen(h->hash) != CHAIN_HASH || hex_decode(public_key, strlen(public_key), key, sizeof key) != 32 ||
	    hex_decode(signature, strlen(signature), bytes, sizeof bytes) != 64)
		return false;
	return crypto_verify(key, text, head_text(h, text), bytes);
}

/* ---- the check ---- */

static void fault(struct chain_fault *f, int64_t sequence, const char *kind, const char *what, const char *detail)
{
	f->sequence = sequence;
	snprintf(f->kind, sizeof f->kind, "%s", kind);
	f->what = what;
	snprintf(f->detail, sizeof f->detail, "%s", detail);
}

static struct chain_head head_of(const struct json_t *chain, const struct json_t *row)
{
	return (struct chain_head){ jint(chain, "terminal_id", 0), jint(row, "sequence", 0), jint(row, "at_ms", 0),
	                            jtext(row, "hash", "") };
}

/* One event against the one before; true: it follows. */
static bool follows(const struct json_t *e, int64_t sequence, const char *previous, struct chain_fault *f)
{
	const struct chain_event event = { jint(e, "sequence", 0), jint(e, "at_ms", 0), jtext(e, "kind", ""),
	                                   jtext(e, "content", "") };
	char hash[CHAIN_HASH + 1];

	chain_hash(&event, jtext(e, "previous", ""), hash);
	if (event.sequence > sequence)
		fault(f, sequence, "", "gap", "no event has this number");
	else if (event.sequence < sequence)
		fault(f, event.sequence, event.kind, "order", "the number is there twice or out of order");
	else if (strcmp(hash, jtext(e, "hash", "")) != 0)
		fault(f, sequence, event.kind, "hash", "number, time, kind, content or previous hash was changed");
	else if (strcmp(jtext(e, "previous", ""), previous) != 0)
		fault(f, sequence, event.kind, "previous", "it does not follow the event before");
	return f->sequence == 0;
}

/* A head among the events; `last`: number of the newest event, `first` of the oldest. */
static void check_head(const struct json_t *chain, const struct json_t *row, const char *key, int64_t first, int64_t last,
                       struct chain_fault *f)
{
	const struct chain_head h = head_of(chain, row);
	const struct json_t *events = jget(chain, "events"), *e = NULL;

	if (h.sequence >= first && h.sequence <= last)
		e = jat(events, (size_t)(h.sequence - first));
	if (!chain_verify(key, &h, jtext(row, "signature", "")))
		fault(f, h.sequence, jtext(e, "kind", ""), "signature", "the server did not countersign this");
	else if (h.sequence > last)
		fault(f, last + 1, "", "truncated", "the server countersigned events that are gone from the end");
	else if (e != NULL && strcmp(jtext(e, "hash", ""), h.hash) != 0)
		fault(f, h.sequence, jtext(e, "kind", ""), "countersigned", "the server countersigned another event with this number");
}

void chain_check(const struct json_t *chain, const char *public_key, struct chain_fault *f)
{
	const struct json_t *events = jget(chain, "events"), *heads = jget(chain, "heads"), *row;
	const char *key = public_key ? public_key : jtext(chain, "public_key", ""), *previous = CHAIN_START;
	int64_t first = jint(jat(events, 0), "sequence", 1), sequence = 1;
	struct chain_fault signed_fault = { 0 };

	*f = (struct chain_fault){ 0 };
	row = jat(heads, 0);
	if (row && (first > 1 || jcount(events) == 0) && jint(row, "sequence", 0) == first - 1) {
		sequence = first; /* what came before was countersigned, and let go */
		previous = jtext(row, "hash", "");
	} else if (row && jcount(events) == 0) {
		sequence = first = jint(row, "sequence", 0) + 1;
	}
	for (size_t i = 0; (row = jat(events, i)) != NULL; i++, sequence++) {
		if (!follows(row, sequence, previous, f))
			break;
		previous = jtext(row, "hash", "");
	}
	/* The heads up to there: one of an earlier event is the first broken link. */
	int64_t last = sequence - 1;
	bool whole = f->sequence == 0;
	for (size_t i = 0; (row = jat(heads, i)) != NULL && signed_fault.sequence == 0; i++)
		if (whole || jint(row, "sequence", 0) <= last)
			check_head(chain, row, key, first, last, &signed_fault);
	if (signed_fault.sequence != 0)
		*f = signed_fault;
}
