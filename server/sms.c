/* sms: the outbox of short messages and its way to smstools (smsd(8)): a file per message in its outgoing
 * folder. See notice.h. */
#include "server/notice.h"

#include "shared/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SMS_GROUP 50              /* messages handed over at a time */
#define RETRY_FIRST_MS INT64_C(10000) /* after a failure; doubles each time */
#define RETRY_MAX_MS INT64_C(900000)

enum qt_err sms_add(struct db *db, const char *phone, const char *text, int64_t now_ms, int64_t give_up_ms,
                    int64_t notice_id)
{
	SQL(insert, "INSERT INTO sms (id, notice_id, phone, text, created_ms, give_up_ms, next_ms, tries, sent_ms) "
	            "VALUES ($1, $2, $3, $4, $5, $6, $5, 0, 0)");
	return db_run(db, &insert, "iittii", db_new_id(db, "sms"), notice_id, phone, text, now_ms, give_up_ms);
}

void sms_spool_text(struct buf *out, const char *phone, const char *text)
{
	buf_addf(out, "To: %s\nAlphabet: UTF-8\n\n%s", phone + (phone[0] == '+'), text);
}

/* Write all of it, sync, rename: smsd never sees half a file. The name is the message's own, so that a repeated try
 * replaces the file instead of adding one. */
static enum qt_err spool(const char *folder, int64_t id, const char *phone, const char *text)
{
	char hidden[4096], name[4096];
	struct buf body = { 0 };
	enum qt_err err = QT_STORE;
	int fd;

	snprintf(hidden, sizeof hidden, "%s/.qrtill-%" PRId64, folder, id);
	snprintf(name, sizeof name, "%s/qrtill-%" PRId64, folder, id);
	sms_spool_text(&body, phone, text);
	fd = open(hidden, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		goto out;
	if (write(fd, body.data, body.len) == (ssize_t)body.len && fsync(fd) == 0 && rename(hidden, name) == 0)
		err = QT_OK;
	else
		err = errno == ENOSPC ? QT_DISK_FULL : QT_STORE;
out:
	if (err != QT_OK)
		log_line('E', "short message %" PRId64 " cannot be put into %s: %s", id, folder, strerror(errno));
	if (fd >= 0)
		close(fd);
	buf_free(&body);
	return err;
}

struct message {
	int64_t id, tries, give_up_ms;
	char phone[17];
	char *text;     /* owned */
	bool sent;
};
struct group {
	struct message messages[SMS_GROUP];
	int count, sent;
	int64_t now_ms;
};

static enum qt_err take_due(void *ctx, struct db *db)
{
	SQL(due,
	    "SELECT id, tries, give_up_ms, phone, text FROM sms WHERE next_ms > 0 AND next_ms <= $1 ORDER BY next_ms "
	    "LIMIT 50");
	struct group *g = ctx;
	struct stmt *s = db_stmt(db, &due);

	for (int i = 0; i < g->count; i++)
		free(g->messages[i].text);
	g->count = 0;
	stmt_int(s, 1, g->now_ms);
	while (g->count < SMS_GROUP && stmt_step(s)) {
		struct message *m = &g->messages[g->count++];
		*m = (struct message){ .id = stmt_col_int(s, 0), .tries = stmt_col_int(s, 1),
		                       .give_up_ms = stmt_col_int(s, 2) };
		snprintf(m->phone, sizeof m->phone, "%s", stmt_col_text(s, 3));
		m->text = xstrdup(stmt_col_text(s, 4));
	}
	return stmt_end(s);
}

/* The text is emptied when it is not needed any more: it may hold a confirmation code. */
static enum qt_err note_results(void *ctx, struct db *db)
{
	SQL(done, "UPDATE sms SET text = '', next_ms = 0, tries = $2, sent_ms = $3 WHERE id = $1");
	SQL(later, "UPDATE sms SET next_ms = $2, tries = $3 WHERE id = $1");
	struct group *g = ctx;
	enum qt_err err = QT_OK;

	for (int i = 0; i < g->count && err == QT_OK; i++) {
		const struct message *m = &g->messages[i];
		int64_t wait_ms = RETRY_FIRST_MS << (m->tries < 10 ? m->tries : 10);
		if (wait_ms > RETRY_MAX_MS)
			wait_ms = RETRY_MAX_MS;
		if (m->sent || m->give_up_ms <= g->now_ms)
			err = db_run(db, &done, "iii", m->id, m->tries + 1, m->sent ? g->now_ms : INT64_C(0));
		else
			err = db_run(db, &later, "iii", m->id, g->now_ms + wait_ms, m->tries + 1);
	}
	return err;
}

enum qt_err sms_send_due(struct server *server, int64_t now_ms, int *sent)
{
	const char *folder = server->settings.sms_spool;
	struct group *g = xcalloc(1, sizeof *g);
	enum qt_err err;

	*sent = 0;
	do {
		g->now_ms = now_ms;
		g->sent = 0;
		err = writer_run(server->writer, take_due, g);
		for (int i = 0; i < g->count && err == QT_OK; i++) {
			struct message *m = &g->messages[i];
			m->sent = folder != NULL && folder[0] != '\0' && m->give_up_ms > now_ms &&
			          spool(folder, m->id, m->phone, m->text) == QT_OK;
			g->sent += m->sent;
		}
		if (err == QT_OK && g->count > 0)
			err = writer_run(server->writer, note_results, g);
		*sent += err == QT_OK ? g->sent : 0;
	} while (err == QT_OK && g->count == SMS_GROUP && g->sent > 0);
	for (int i = 0; i < g->count; i++)
		free(g->messages[i].text);
	free(g);
	return err;
}
