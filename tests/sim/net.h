/* net: time and messages. Everything that happens is an event of one queue, by time and then by the order it was planned in;
 * the clock jumps from one to the next. Requests to the server and their answers can be lost, late, doubled, and overtake
 * each other; a server that is down refuses them. Clocks of the programs are this one with a difference of their own. */
#ifndef QT_SIM_NET_H
#define QT_SIM_NET_H

#include "tests/sim/process.h"

#include <stddef.h>

/* Milliseconds since the world began. */
extern int64_t net_now_ms;
/* What the clock of a program is ahead of the world's. */
extern int64_t net_clock_off_ms[PROCESS_COUNT];

/* Gives the programs their time and their random bytes from here. */
void net_open(void);
/* Call `event` in so many milliseconds. */
void net_plan(int64_t in_ms, void (*event)(void *), void *arg);
/* Let happen what is next. false: nothing is. */
bool net_step(void);
/* Until `over` says so or nothing happens any more, at most so long. */
bool net_until(bool (*over)(void *), void *arg, int64_t most_ms);

/* How bad the network is, of 1000. */
struct net_weather {
	int lost, doubled, answer_lost, late;
};
extern struct net_weather net_weather;

/* What a client gets: status 0 is no answer; then `seen` says that the server may have had the request. */
struct answer {
	int status;
	bool replayed, seen;
	const char *body;
	size_t len;
};
/* Which of the server's listeners. */
enum door { DOOR_PHONE, DOOR_TILL, DOOR_OPERATOR };
struct request {
	int64_t id;                /* in the trace */
	enum door door;
	enum process from;         /* PROCESS_NONE: a phone, the provider, the operator */
	int life;                  /* of that process when it asked */
	char *who;                 /* "till 0", "customer 3": for the trace and for keys */
	char *method, *path, *body, *token, *key; /* NULL: none */
	char *time_text, *signature; /* of a provider's callback */
	int64_t merchant_id;       /* the operator's; 0: none */
	int64_t sent_ms;
	int copies;                /* that reached the server */
	int64_t seen_ms, seen_server_ms; /* when the first did, by the world's clock and by the server's */
	bool over;                 /* the client has an answer, or waits for none */
	/* Called once, outside of any process. */
	void (*done)(void *ctx, struct request *, const struct answer *);
	void *ctx;
};
/* A request with copies of these texts (NULL: none); lives for ever. */
struct request *net_request(const char *who, const char *method, const char *path, const char *body, const char *token,
                            const char *key);
/* Send it; done comes at the latest after so long. */
void net_send(struct request *, int timeout_ms);
/* The server's word on one copy of it. */
void net_answer(struct request *, const struct answer *);

#endif
