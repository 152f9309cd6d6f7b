# How tests are found, built and run. A test is
#   tests/unit/test_NAME.c   pure rules, linked with everything (cmocka)
#   tests/api/test_NAME.c    command lists against a real server process (tests/lib/api.h)
#   tests/SOMETHING/test_NAME.sh, test_NAME.mjs   anything else, executable
# Each prints TAP lines ("ok 1 - name", "not ok 2 - name") and exits 0 only when all passed.
# tests/lib/run.sh runs them and counts; its last line is "N passed, N failed".
#   make check                     all of them
#   make check-only T=tests/unit   those whose path starts so (or T=tests/api/test_card)

TEST_C    := $(wildcard tests/unit/test_*.c tests/api/test_*.c tests/crash/test_*.c)
TEST_BIN  := $(patsubst %.c,$(OBJ)/%,$(TEST_C))
TEST_RUN  := $(sort $(wildcard tests/*/test_*.sh tests/*/test_*.mjs))
LIBTEST   := $(OBJ)/libtest.a
LIBS_TEST  = $(LIBS_TUI) $(LIBS_SERVER) $(LIBS_CODES) $(LIBS_BASE) -lcsv -lcmocka

$(LIBTEST): $(call obj,$(call src,tests/lib))
# The till's and the console's modules without their main, so that pure rules of theirs can be tested.
LIBPOS := $(OBJ)/libpos.a
$(LIBPOS): $(call obj,$(filter-out pos/main.c,$(POS_SRC)))
LIBCONSOLE := $(OBJ)/libconsole.a
$(LIBCONSOLE): $(call obj,$(filter-out console/main.c,$(CONSOLE_SRC)))
# Crash and race tests load the shop that the bench loads.
$(patsubst %.c,$(OBJ)/%,$(wildcard tests/crash/test_*.c)) $(OBJ)/tests/bench/bench_sale: $(OBJ)/tests/bench/shop.o $(OBJ)/tests/bench/load.o
$(OBJ)/tests/bench/bench_sale: $(OBJ)/tests/bench/process.o $(OBJ)/tests/bench/report.o $(OBJ)/tests/bench/figures.o
$(OBJ)/tests/%: $(OBJ)/tests/%.o $(LIBTEST) $(LIBPOS) $(LIBCONSOLE) $(LIBSERVER) $(LIBTUI) $(LIBSHARED)
	@$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -o $@ $(LIBS_TEST)

# Preloaded libraries of the crash and fault tests; they lie beside the tests.
SHIMS := $(patsubst %.c,$(OBJ)/%.so,$(wildcard tests/*/*_shim.c))
$(SHIMS): $(OBJ)/%.so: %.c
	@mkdir -p $(@D)
	@$(CC) $(STD) $(CFLAGS) $(WARN) -fPIC -shared -pthread $< -o $@ -ldl
$(OBJ)/tests/fault/step_shim.so: tests/lib/fault_step.h

# Programs that tests run beside the real ones.
TEST_AIDS := $(OBJ)/tests/crash/fault_proxy

# Unit tests read pictures too; the decoder is looked for beside the program that runs.
DECODE_BESIDE := $(OBJ)/tests/unit/qrtill-decode
$(DECODE_BESIDE): $(BIN)/qrtill-decode
	@mkdir -p $(@D)
	@ln -sf $(abspath $<) $@

.PHONY: tests-built check-only
tests-built: programs $(TEST_BIN) $(SHIMS) $(TEST_AIDS) $(DECODE_BESIDE) $(if $(SAN)$(COV),,sim-built)
	@:

check: deps-check
	@tests/lib/check.sh

check-only: deps-check
	@$(MAKE) --no-print-directory tests-built
	@QRTILL_BIN=$(BIN) QRTILL_TESTS=$(OBJ)/tests tests/lib/run.sh $(filter $(T)%,$(TEST_RUN)) $(filter $(OBJ)/$(T)%,$(TEST_BIN))

.PHONY: run-all
run-all: tests-built
	@QRTILL_BIN=$(BIN) QRTILL_TESTS=$(OBJ)/tests tests/lib/run.sh $(TEST_BIN) $(TEST_RUN)

.PHONY: run-sanitized
run-sanitized: tests-built
	@QRTILL_BIN=$(BIN) tests/lib/run.sh $(filter $(OBJ)/tests/unit/% $(OBJ)/tests/api/%,$(TEST_BIN))

# The proofs of tests/proof/table, each with its long parameters; ONLY names some of them.
proof: deps-check
	@$(MAKE) --no-print-directory tests-built
	@QRTILL_BIN=$(BIN) QRTILL_TESTS=$(OBJ)/tests tests/lib/proof.sh

# What the unit and API tests take of the programs: a table per module, also in build/coverage.txt with all that is
# not taken. Counts of an earlier run are dropped, unless KEEP=1; T= names what is run, as for check-only.
.PHONY: coverage coverage-run
coverage: deps-coverage
	@$(MAKE) --no-print-directory COV=1 coverage-run
coverage-run: tests-built
	@$(if $(KEEP),,find $(OBJ) -name '*.gcda' -delete)
	@ALL=1 TEST_SECONDS=1800 QRTILL_BIN=$(BIN) QRTILL_TESTS=$(OBJ)/tests tests/lib/run.sh $(filter $(T)%,$(filter tests/fault/%,$(TEST_RUN))) \
	  $(filter $(OBJ)/$(T)%,$(filter $(OBJ)/tests/unit/% $(OBJ)/tests/api/%,$(TEST_BIN)))
	@tests/lib/coverage.sh $(OBJ) $(BUILD)/coverage.txt

# The figures: a program of its own, run by "make bench" (or "make bench QUICK=1").
BENCH_BIN := $(OBJ)/tests/bench/bench
BENCH_OBJ := $(call obj,$(filter-out tests/bench/bench_%,$(call src,tests/bench)))
$(BENCH_BIN): $(BENCH_OBJ) $(LIBTEST) $(LIBPOS) $(LIBSERVER) $(LIBTUI) $(LIBSHARED)
	@$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -o $@ $(LIBS_TEST)
.PHONY: bench-built
bench-built: programs $(BENCH_BIN)
	@:
bench: deps-check deps-bench
	@$(MAKE) --no-print-directory bench-built
	@QRTILL_BIN=$(BIN) $(BENCH_BIN) $(if $(QUICK),--quick)

# Fuzzing. A replay runs a corpus once (part of "make check"); "make fuzz" searches, FUZZ_SECONDS (60) a target, or RUNS inputs.
FUZZ_SRC     := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_REPLAYS := $(patsubst tests/fuzz/fuzz_%.c,$(OBJ)/tests/fuzz/replay_%,$(FUZZ_SRC))
FUZZ_BIN     := $(patsubst %.c,$(OBJ)/%,$(FUZZ_SRC))
FUZZ_LIBS     = $(LIBPOS) $(LIBCONSOLE) $(LIBSERVER) $(LIBTUI) $(LIBSHARED)
$(FUZZ_REPLAYS): $(OBJ)/tests/fuzz/replay_%: $(OBJ)/tests/fuzz/fuzz_%.o $(OBJ)/tests/fuzz/replay.o $(FUZZ_LIBS)
	@$(CC) $(ALL_LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -o $@ $(LIBS_TEST)
$(FUZZ_BIN): $(OBJ)/tests/fuzz/fuzz_%: $(OBJ)/tests/fuzz/fuzz_%.o $(FUZZ_LIBS)
	@$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -o $@ $(LIBS_TEST)
.PHONY: fuzz fuzz-built fuzz-replays
fuzz-replays: $(FUZZ_REPLAYS)
fuzz-built: $(FUZZ_BIN)
fuzz: deps-check
	@$(MAKE) --no-print-directory CC=clang SAN=1 FUZZ=1 fuzz-built
	@tests/fuzz/run.sh $(BUILD)/clang-fuzz/tests/fuzz

# The simulation: server and till in one process under one seed. Their objects lie between marks, so that their static
# variables can be put back (tests/sim/process.h); what they need of threads, sockets and screens the simulation brings.
#   make sim SEEDS=N       any number of seeds; SEED=S tells one with its trace
SIM_BIN    := $(OBJ)/tests/sim/sim
SIM_OBJ    := $(filter-out $(OBJ)/tests/sim/mark_%,$(call obj,$(call src,tests/sim)))
# The engine is set up once in a process and its slots are given out once, however often the server starts: db.c is outside.
SIM_SERVER := $(call obj,$(filter-out server/main.c server/http.c server/http_answer.c server/http_listen.c server/http_loop.c server/store/db.c,$(SERVER_SRC)))
SIM_TILL   := $(call obj,$(filter-out pos/main.c pos/settings.c pos/screen_%.c,$(POS_SRC)))
sim_mark    = $(OBJ)/tests/sim/mark_$(1).o
SIM_LINK   := $(SIM_OBJ) $(OBJ)/server/store/db.o $(call sim_mark,server_begin) $(SIM_SERVER) $(call sim_mark,server_end) \
  $(call sim_mark,till_begin) $(SIM_TILL) $(call sim_mark,till_end)
SIM_LDFLAGS := $(ALL_LDFLAGS) -Wl,--wrap=argon2id_ctx
$(SIM_BIN): $(SIM_LINK) $(LIBSHARED)
	@$(CC) $(SIM_LDFLAGS) $^ -o $@ $(LIBS_SERVER) $(LIBS_CODES) $(LIBS_BASE)
.PHONY: sim sim-built
sim-built: $(SIM_BIN)
	@:
sim: deps-check
	@$(MAKE) --no-print-directory sim-built
	@$(SIM_BIN) $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),2000) --jobs $(shell nproc))

# The simulation with one file out of place of its own: OF is the file's path here, FROM where the other one lies, TO the
# program to make. For tests/sim/test_faults.sh.
.PHONY: sim-with
sim-with:
	@$(CC) $(ALL_CFLAGS) -Wno-error -fmacro-prefix-map=$(FROM)=$(OF) -c $(FROM) -o $(TO).o
	@$(CC) $(SIM_LDFLAGS) $(if $(filter $(OBJ)/$(OF:.c=.o),$(SIM_LINK)),,$(TO).o) \
	  $(patsubst $(OBJ)/$(OF:.c=.o),$(TO).o,$(SIM_LINK)) $(LIBSHARED) -o $(TO) $(LIBS_SERVER) $(LIBS_CODES) $(LIBS_BASE)
