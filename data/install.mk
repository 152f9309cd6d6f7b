# What "make install" puts where, and the demo and lint targets.
#   make install DESTDIR=/tmp/root PREFIX=/usr

INSTALL ?= install
bindir   = $(DESTDIR)$(PREFIX)/bin
libexec  = $(DESTDIR)$(PREFIX)/libexec/qrtill
sharedir = $(DESTDIR)$(PREFIX)/share/qrtill
mandir   = $(DESTDIR)$(PREFIX)/share/man
unitdir  = $(DESTDIR)$(PREFIX)/lib/systemd/system
usersdir = $(DESTDIR)$(PREFIX)/lib/sysusers.d
docdir   = $(DESTDIR)$(PREFIX)/share/doc/qrtill
bashdir  = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
zshdir   = $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions

MAN_PAGES  := $(wildcard man/*.[1-8])
DEMO_FILES := $(wildcard data/demo/*)

# Sources that hold the prefix are compiled again when it changes.
PREFIX_OBJ := $(call obj,$(shell grep -ls QRTILL_PREFIX $(SHARED_SRC) $(SERVER_SRC) $(POS_SRC) $(CONSOLE_SRC)))
PREFIX_NOTE := $(OBJ)/prefix
ifneq ($(PREFIX),$(file <$(PREFIX_NOTE)))
$(shell mkdir -p $(OBJ))
$(file >$(PREFIX_NOTE),$(PREFIX))
endif
$(PREFIX_OBJ): $(PREFIX_NOTE)

install: programs
	$(INSTALL) -d $(bindir) $(libexec) $(unitdir) $(usersdir) $(docdir) $(bashdir) $(zshdir)
	$(INSTALL) -m 755 $(PROGRAMS) $(bindir)
	$(INSTALL) -m 755 $(HELPERS) $(libexec)
	@# Trees keep their folders: phone pages, migrations, the demo's shop, translations.
	@for tree in web schema demo; do \
		[ -d data/$$tree ] || continue; \
		(cd data && find $$tree -type f ! -name '*.sh') | while read -r file; do \
			$(INSTALL) -D -m 644 data/$$file $(sharedir)/$$file || exit 1; done || exit 1; done
	@for mo in $(LOCALE_MO); do \
		lang=$$(basename $$(dirname $$(dirname $$mo))); \
		$(INSTALL) -D -m 644 $$mo $(DESTDIR)$(PREFIX)/share/locale/$$lang/LC_MESSAGES/qrtill.mo || exit 1; done
	@for page in $(MAN_PAGES); do \
		$(INSTALL) -D -m 644 $$page $(mandir)/man$${page##*.}/$${page##*/} || exit 1; done
	@for unit in $(wildcard data/systemd/*.service data/systemd/*.timer); do \
		sed 's,@BINDIR@,$(PREFIX)/bin,g' $$unit >$(unitdir)/$${unit##*/} || exit 1; \
		chmod 644 $(unitdir)/$${unit##*/}; done
	$(INSTALL) -m 644 data/systemd/qrtill.sysusers $(usersdir)/qrtill.conf
	$(INSTALL) -m 644 data/completion/qrtill.bash $(bashdir)/qrtill
	$(INSTALL) -m 644 data/completion/_qrtill $(zshdir)/_qrtill
	$(INSTALL) -m 644 README.md CHANGES.md $(wildcard data/qrtill.conf.example) $(docdir)

lint:
	@tests/lint/test_lint.sh

# ROLES=split, LISTEN=address, AUTO=1, DEMO_LANG=zh: see data/demo/demo.sh.
demo: all
	@tests/lib/deps.sh tmux curl
	@QRTILL_BIN=$(BIN) ROLES='$(ROLES)' LISTEN='$(LISTEN)' AUTO='$(AUTO)' data/demo/demo.sh
