/* http_listen: addresses, sockets and certificates, before anything is served. See http.h. */
#include "server/http_loop.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static enum qt_err fail_bind(struct problem *p, const char *setting, const char *address)
{
	return problem_set(p, QT_BAD_CONFIG, setting, "%s: %s: %s", setting, address, strerror(errno));
}

static enum qt_err bind_address(struct port *port, const char *setting, const char *address, struct problem *p)
{
	char host[64];
	const char *colon = strrchr(address, ':');
	struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list = NULL;
	enum qt_err err = QT_OK;

	size_t len = colon ? (size_t)(colon - address) : 0;
	const char *from = address;
	if (len >= 2 && address[0] == '[' && address[len - 1] == ']')
		from++, len -= 2;
	snprintf(host, sizeof host, "%.*s", (int)len, from);
	if (colon == NULL || len >= sizeof host || getaddrinfo(host[0] ? host : NULL, colon + 1, &hints, &list) != 0)
		return problem_set(p, QT_BAD_CONFIG, setting, "%s: %s: must be ADDRESS:PORT", setting, address);
	int fd = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int)) != 0 ||
	    bind(fd, list->ai_addr, list->ai_addrlen) != 0 || listen(fd, 1024) != 0) {
		err = fail_bind(p, setting, address);
		goto out;
	}
	struct sockaddr_storage bound;
	socklen_t bound_len = sizeof bound;
	char name[INET6_ADDRSTRLEN], service[8];
	if (getsockname(fd, (struct sockaddr *)&bound, &bound_len) != 0 ||
	    getnameinfo((struct sockaddr *)&bound, bound_len, name, sizeof name, service, sizeof service,
	                NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		err = fail_bind(p, setting, address);
		goto out;
	}
	snprintf(port->address, sizeof port->address, strchr(name, ':') ? "[%s]:%s" : "%s:%s", name, service);
	port->listen_fd = fd;
	fd = -1;
out:
	if (fd >= 0)
		close(fd);
	freeaddrinfo(list);
	return err;
}

static enum qt_err bind_socket(struct port *port, const char *path, struct problem *p)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof a.sun_path)
		return problem_set(p, QT_BAD_CONFIG, "socket", "socket: %s: the path is too long", path);
	strcpy(a.sun_path, path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* A socket nobody listens on is left over from a crash; one that answers belongs to a running server. */
	if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0) {
		close(fd);
		return problem_set(p, QT_BAD_CONFIG, "socket", "socket: %s: a server is running there", path);
	}
	if (fd >= 0 && errno == ECONNREFUSED)
		unlink(path);
	if (fd >= 0)
		close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	mode_t before = umask(0177);
	int bound = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&a, sizeof a);
	umask(before);
	if (bound != 0 || listen(fd, 64) != 0) {
		enum qt_err err = fail_bind(p, "socket", path);
		if (fd >= 0)
			close(fd);
		return err;
	}
	port->listen_fd = fd;
	snprintf(port->address, sizeof port->address, "%s", "local");
	return QT_OK;
}

static enum qt_err read_pem(const char *setting, const char *path, bool secret, char **text, struct problem *p)
{
	struct buf b = { 0 };
	struct stat st;
	char chunk[4096];
	size_t n;
	FILE *f = fopen(path, "re");

	if (f == NULL || fstat(fileno(f), &st) != 0) {
		if (f != NULL)
			fclose(f);
		return problem_set(p, QT_BAD_CONFIG, setting, "%s: %s: %s", setting, path, strerror(errno));
	}
	if (secret && (st.st_mode & 0007)) {
		fclose(f);
		return problem_set(p, QT_BAD_CONFIG, setting, "%s: %s: anybody may read or write it; chmod o= it", setting, path);
	}
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		buf_add(&b, chunk, n);
	fclose(f);
	*text = buf_take(&b);
	return QT_OK;
}

/* "sha256/BASE64" of the certificate's public key (RFC 7469 section 2.4), for till enrolment. */
static enum qt_err compute_pin(struct server *s, struct problem *p)
{
	enum qt_err err = problem_set(p, QT_BAD_CONFIG, "tls_cert", "tls_cert: %s: no certificate in it", s->settings.tls_cert);
	unsigned char *der = NULL, hash[32], text[48];
	BIO *bio = BIO_new_mem_buf(s->http->cert, -1);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	int len = cert ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der) : 0;

	if (len > 0) {
		crypto_sha256(der, (size_t)len, hash);
		EVP_EncodeBlock(text, hash, sizeof hash);
		snprintf(s->tls_pin, sizeof s->tls_pin, "sha256/%s", text);
		err = QT_OK;
	}
	OPENSSL_free(der);
	X509_free(cert);
	BIO_free(bio);
	return err;
}

static enum qt_err open_tls(struct server *s, struct problem *p)
{
	const struct settings *c = &s->settings;
	enum qt_err err;

	if (c->tls_cert[0] == '\0' && c->tls_key[0] == '\0')
		return QT_OK;
	if (c->tls_cert[0] == '\0' || c->tls_key[0] == '\0')
		return problem_set(p, QT_BAD_CONFIG, "tls_cert", "tls_cert and tls_key go together");
	if ((err = read_pem("tls_cert", c->tls_cert, false, &s->http->cert, p)) ||
	    (err = read_pem("tls_key", c->tls_key, true, &s->http->key, p)))
		return err;
	return compute_pin(s, p);
}

enum qt_err http_open(struct server *s, struct problem *p)
{
	struct http *h = s->http = xcalloc(1, sizeof *h);
	const struct settings *c = &s->settings;
	enum qt_err err;

	for (int i = 0; i < LISTENERS; i++)
		h->ports[i] = (struct port){ .kind = (enum listener)i, .loop = &h->loops[i == LISTENER_TILL ? 0 : 1], .listen_fd = -1 };
	for (int i = 0; i < 2; i++) {
		struct loop *l = &h->loops[i];
		l->server = s;
		l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		pthread_mutex_init(&l->lock, NULL);
		if (l->wake_fd < 0)
			fatal("eventfd: %s", strerror(errno));
	}
	if ((err = open_tls(s, p)))
		return err;
	if (c->listen_till[0] != '\0' && (err = bind_address(&h->ports[LISTENER_TILL], "listen_till", c->listen_till, p)))
		return err;
	if (c->listen_phone[0] != '\0' && (err = bind_address(&h->ports[LISTENER_PHONE], "listen_phone", c->listen_phone, p)))
		return err;
	if (c->socket[0] != '\0' && (err = bind_socket(&h->ports[LISTENER_SOCKET], c->socket, p)))
		return err;
	return QT_OK;
}
