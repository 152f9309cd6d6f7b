/* audit_log: see audit_log.h. Owns the table audit_log. */
#include "server/audit_log.h"

enum qt_err audit_log_add(struct db *db, const struct actor *actor, int64_t now_ms, const char *action, int64_t ref_id,
                          const char *detail)
{
	SQL(add, "INSERT INTO audit_log (id, at_ms, actor_id, merchant_id, action, ref_id, detail) "
	         "VALUES ($1, $2, $3, $4, $5, $6, $7)");

	return db_run(db, &add, "iiiitit", db_new_id(db, "audit_log"), now_ms, actor_packed(actor), actor->merchant_id,
	              action, ref_id, detail);
}
