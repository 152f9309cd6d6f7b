/* chain: a till's events as a hash chain: the bytes that are hashed, the bytes a server countersigns, and the check of a
 * chain that names its first broken link. Used by the till, the server and the command line; pure but for the keys. */
#ifndef QT_CHAIN_H
#define QT_CHAIN_H

#include "shared/crypto.h"
#include "shared/jread.h"

#define CHAIN_KIND_MAX 24     /* bytes of a kind */
#define CHAIN_CONTENT_MAX 4000 /* bytes of a content, JSON; most have less than 120 */
#define CHAIN_HASH 64         /* digits of a hash, without end */
/* What the first event of all follows. */
#define CHAIN_START "0000000000000000000000000000000000000000000000000000000000000000"

struct chain_event {
	int64_t sequence, at_ms;
	const char *kind, *content;
};
/* SHA-256 over "qrtill till event 1", then sequence, time, kind, content and the previous hash, each on a line of its own. */
void chain_hash(const struct chain_event *, const char *previous, char hash[CHAIN_HASH + 1]);

/* The server's word that a terminal's chain stood at this hash. */
struct chain_head {
	int64_t terminal_id, sequence, at_ms;
	const char *hash;
};
#define CHAIN_SIGNATURE 128 /* hex digits, without end */
/* Ed25519 with a key derived from `seal_seed` for this use alone; the public key in hex. */
void chain_sign(const uint8_t seal_seed[32], const struct chain_head *, char signature[CHAIN_SIGNATURE + 1]);
void chain_public(const uint8_t seal_seed[32], char public_key[65]);
bool chain_verify(const char *public_key, const struct chain_head *, const char *signature);

/* The first broken link; sequence 0: the chain is whole. */
struct chain_fault {
	int64_t sequence;
	char kind[CHAIN_KIND_MAX + 1]; /* of the event; empty: it is not there */
	const char *what;              /* "hash", "gap", "order", "previous", "signature", "countersigned", "truncated" */
	char detail[160];
};
/* Check {"terminal_id","public_key","events":[{"sequence","at_ms","kind","content","previous","hash"}],
 * "heads":[{"sequence","at_ms","hash","signature"}]}, both in rising order. Events before the first are allowed to be
 * gone when a head vouches for the last of them. `public_key` NULL: that of the chain. */
void chain_check(const struct json_t *chain, const char *public_key, struct chain_fault *);

#endif
