/* argon: hashes of PINs that cost nothing. A seed signs people in dozens of times; what a hash costs is not what the
 * simulation asks about. The linker puts this before libargon2's function (--wrap). */
#include <argon2.h>

int __real_argon2id_ctx(argon2_context *);
int __wrap_argon2id_ctx(argon2_context *);

int __wrap_argon2id_ctx(argon2_context *c)
{
	c->m_cost = 8 * c->lanes; /* the least there is */
	c->t_cost = 1;
	return __real_argon2id_ctx(c);
}
