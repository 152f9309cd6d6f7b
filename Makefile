# qrtill: one non-recursive build file.
#
#   make            programs into build/bin
#   make demo       the main job: a throw-away shop, the server, the till
#   make check      every test; ends with "N passed, N failed"
#   make proof      the long proofs (hours), a table of what was tried and found, into build/proof.json; ONLY="race flood"
#   make sim        the simulated shop: SEEDS=2000 stories, or SEED=N one with its trace
#   make bench      the figures, into build/bench.json
#   make coverage   which branches the unit and API tests take, into build/coverage.txt
#   make fuzz       search for inputs that break a parser, FUZZ_SECONDS=60 each or RUNS=N inputs; ONLY=csv for one
#   make deps       install what is missing (Debian packages); says which
#   make install    DESTDIR= PREFIX=/usr
#   make lint       man pages, scripts, house rules
#
# SAN=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer into build/san;
# COV=1 counts branches, in build/gcc-cov; CC=clang builds with clang. Each variant has its own object folder.

PREFIX  ?= /usr/local
DESTDIR ?=
BUILD   ?= build
CC      = gcc
SAN     ?=
FUZZ    ?=
COV     ?=

VARIANT := $(notdir $(CC))$(if $(FUZZ),-fuzz,$(if $(SAN),-san))$(if $(COV),-cov)
OBJ     := $(BUILD)/$(VARIANT)
BIN     := $(if $(filter gcc,$(VARIANT)),$(BUILD)/bin,$(BUILD)/$(VARIANT)/bin)

VERSION := 0.1.0

# Debian packages: to build, and besides to test. make deps installs what is missing.
DEPS_BUILD := gcc make pkg-config libncurses-dev libsqlite3-dev libqrencode-dev libzbar-dev \
  libcurl4-openssl-dev libconfig-dev libmicrohttpd-dev libjansson-dev libssl-dev libargon2-dev \
  libcairo2-dev libpango1.0-dev libpng-dev libjpeg-dev libseccomp-dev libcsv-dev gettext fonts-noto-cjk ca-certificates
DEPS_CHECK := clang libclang-rt-14-dev libcmocka-dev mandoc chromium nodejs npm tmux smstools strace \
  sqlite3 curl poppler-utils librsvg2-bin shellcheck systemd
DEPS_COVERAGE := gcovr
DEPS_BENCH := postgresql-15 postgresql-contrib strace

PKGS    := ncursesw sqlite3 libqrencode zbar libcurl libconfig libmicrohttpd jansson libcrypto libssl \
  libargon2 cairo pangocairo libpng libjpeg libseccomp

WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
  -Wwrite-strings -Wvla -Wformat=2 -Wno-format-nonliteral -Wno-format-zero-length -Wno-missing-field-initializers
# Counted branches are the source's own: no optimising, and without that gcc does not see what a text is at most.
# The server's threads count at once: atomic.
CFLAGS  ?= $(if $(COV),-O0 -Wno-format-truncation,-O2) -g
COVFLAGS := $(if $(COV),--coverage -fprofile-update=atomic)
comma   := ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer) \
  $(if $(FUZZ),-fsanitize=fuzzer-no-link)
# Hidden: a library must never find one of our names (jansson has a json_object, too) in place of its own.
HARDEN  := $(if $(SAN)$(COV),,-D_FORTIFY_SOURCE=2) -fstack-protector-strong -fPIE \
  -fvisibility=hidden
STD     := -std=c17 -D_GNU_SOURCE -DQRTILL_VERSION='"$(VERSION)"' -DQRTILL_PREFIX='"$(PREFIX)"' -I.

# pkg-config runs only when something is compiled, so that "make deps" works before it is installed.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
ALL_CFLAGS = $(STD) $(CFLAGS) $(WARN) $(HARDEN) $(SANFLAGS) $(COVFLAGS) $(PKG_CFLAGS) -pthread
ALL_LDFLAGS = $(LDFLAGS) -pie -Wl,-z,relro,-z,now $(SANFLAGS) $(COVFLAGS) -pthread

LIBS_BASE   := -lcrypto -lm
LIBS_SERVER := -lsqlite3 -lmicrohttpd -lcurl -lconfig -largon2 -ljansson
LIBS_CODES  = $(shell pkg-config --libs cairo pangocairo libqrencode zbar libpng libjpeg libseccomp)
LIBS_TUI    := -lncursesw -ltinfo
LIBS_CLIENT := -lsqlite3 -lcurl -lconfig -ljansson

src      = $(wildcard $(addsuffix /*.c,$(1)))
obj      = $(patsubst %.c,$(OBJ)/%.o,$(1))

SHARED_SRC  := $(call src,shared)
TUI_SRC     := $(call src,shared/tui)
SERVER_SRC  := $(call src,server server/store)
POS_SRC     := $(call src,pos)
# The console's screens, and the command line both programs are made of.
SCREENS_SRC := $(wildcard console/console*.c console/screen_*.c)
CONSOLE_SRC := $(filter-out $(SCREENS_SRC),$(call src,console))
SANDBOX_SRC := $(call src,server/sandbox)
DECODE_SRC  := $(call src,decode)

LIBSHARED   := $(OBJ)/libshared.a
LIBTUI      := $(OBJ)/libtui.a
LIBSERVER   := $(OBJ)/libserver.a

PROGRAMS := $(if $(wildcard server/main.c),$(BIN)/qrtilld) $(if $(wildcard pos/main.c),$(BIN)/qrtill-pos) \
  $(if $(wildcard console/main.c),$(BIN)/qrtill $(BIN)/qrtill-console) $(if $(wildcard server/sandbox/main.c),$(BIN)/qrtill-sandbox)
# Programs that only other programs run.
HELPERS := $(BIN)/qrtill-decode

.DEFAULT_GOAL := all
.PHONY: all deps deps-check deps-bench deps-coverage demo check proof bench lint install clean
.SECONDARY:
.DELETE_ON_ERROR:

all: deps
	@$(MAKE) --no-print-directory programs

.PHONY: programs
programs: $(PROGRAMS) $(HELPERS)
	@:

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  CC      $<'
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(LIBSHARED): $(call obj,$(SHARED_SRC))
$(LIBTUI): $(call obj,$(TUI_SRC))
$(LIBSERVER): $(call obj,$(filter-out server/main.c,$(SERVER_SRC)))
$(OBJ)/lib%.a:
	@mkdir -p $(@D)
	@rm -f $@
	@ar rcs $@ $^

$(BIN)/qrtilld: $(OBJ)/server/main.o $(LIBSERVER) $(LIBSHARED)
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(ALL_LDFLAGS) $^ -o $@ $(LIBS_SERVER) $(LIBS_CODES) $(LIBS_BASE)
# Chinese texts of the till and the console: found beside the programs, see shared/tr.h.
LOCALE_MO := $(patsubst %/bin,%/locale,$(BIN))/zh/LC_MESSAGES/qrtill.mo
$(LOCALE_MO): data/locale/zh.po
	@mkdir -p $(@D)
	@msgfmt --check-format -o $@ $<

$(BIN)/qrtill-pos: $(call obj,$(POS_SRC)) $(LIBTUI) $(LIBSHARED) | $(LOCALE_MO)
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(ALL_LDFLAGS) $^ -o $@ $(LIBS_TUI) $(LIBS_CLIENT) $(LIBS_CODES) $(LIBS_BASE)
# The command line audits files by itself, with the server's auditor.
$(BIN)/qrtill: $(call obj,$(CONSOLE_SRC)) $(LIBTUI) $(LIBSERVER) $(LIBSHARED)
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(ALL_LDFLAGS) $^ -o $@ $(LIBS_TUI) $(LIBS_SERVER) $(LIBS_CODES) -lcsv $(LIBS_BASE)
# Its forms are checked by the server's own table of routes.
$(BIN)/qrtill-console: $(call obj,$(SCREENS_SRC) $(filter-out console/main.c,$(CONSOLE_SRC))) $(LIBTUI) $(LIBSERVER) $(LIBSHARED) | $(LOCALE_MO)
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(ALL_LDFLAGS) $^ -o $@ $(LIBS_TUI) $(LIBS_SERVER) $(LIBS_CODES) -lcsv $(LIBS_BASE)
$(BIN)/qrtill-sandbox: $(call obj,$(SANDBOX_SRC)) $(LIBSHARED)
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(ALL_LDFLAGS) $^ -o $@ $(LIBS_SERVER) $(LIBS_BASE)

# Alone with what reads pictures, see shared/picture_scan.h.
$(BIN)/qrtill-decode: $(call obj,$(DECODE_SRC)) $(LIBSHARED)
	@mkdir -p $(@D)
	@echo '  LINK    $@'
	@$(CC) $(ALL_LDFLAGS) $^ -o $@ $(LIBS_CODES) $(LIBS_BASE)

# Further targets live beside what they test or measure.
-include tests/tests.mk
-include data/install.mk

# The API's description, written by the server from its own route table.
.PHONY: api-docs
api-docs: programs
	$(BIN)/qrtilld --openapi >data/openapi.json
	$(BIN)/qrtilld --api-manual >man/qrtill-api.7

deps:
	@tests/lib/deps.sh $(DEPS_BUILD)
deps-check: deps
	@tests/lib/deps.sh $(DEPS_CHECK)
deps-bench: deps
	@tests/lib/deps.sh $(DEPS_BENCH)
deps-coverage: deps-check
	@tests/lib/deps.sh $(DEPS_COVERAGE)

clean:
	rm -rf $(BUILD)

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
