# `make run` and `make test` set up everything on a fresh Debian 12 machine with Swift 6.3.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

SWIFT_FLAGS := --explicit-target-dependency-import-check error
# With the standard library linked in, so that the programs run without Swift.
RELEASE_FLAGS := -c release --static-swift-stdlib $(SWIFT_FLAGS)
RELEASE := .build/release
SWIFT_SOURCES := Package.swift Sources Tests $(wildcard Fuzz)
FUZZERS := $(notdir $(patsubst %/Main.swift,%,$(wildcard Fuzz/*/Main.swift)))
FUZZ_SECONDS ?= 20
PORT ?= 8080
PREFIX ?= /usr/local
SESSIONS ?= 1000000
# Of several nodes; about fifty in a second.
FLEETS ?= 100000
HEALTHY ?= 10000
SOAK_SECONDS ?= 1800
PYTHON := /usr/bin/python3
PYTEST = .venv/$(1)/bin/python -m pytest -c Tests/Clients/pytest.ini -q $(RERUNS)
# With everything at once on two cores: a test that fails is run once more, and both results are printed.
RERUNS = $(if $(filter all,$(SUITES)),--reruns 1 --reruns-delay 5 --rerun-except "a credential has left" -r aR)

# Installs the packages that packages.txt lists for one purpose, if dpkg says that any is missing. At
# run level 1 packages start no services: nginx and Prometheus must not listen on the tester's machine.
# Waits up to a minute for another apt; a failure after that is reported in one line.
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
define debian
missing=$$(for package in $$(awk '$$1 == "$(1)" { print $$2 }' packages.txt); do \
	dpkg-query -W -f '$${Status}\n' $$package 2>/dev/null | grep -qx 'install ok installed' \
		|| echo -n "$$package "; done); \
if [ -n "$$missing" ]; then \
	echo "installing $$missing"; \
	install="$(SUDO) env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq \
		-o DPkg::Lock::Timeout=60 install -y --no-install-recommends $$missing"; \
	said=$$($$install 2>&1 >/dev/null) || { $(SUDO) apt-get -qq update >/dev/null 2>&1; \
		said=$$($$install 2>&1 >/dev/null); } || { \
		echo "$$(grep -m1 '^E: ' <<<"$$said" || head -1 <<<"$$said");" \
			"mend that and repeat, or: $(SUDO) apt-get install $$missing" >&2; exit 1; }; \
fi
endef

# Builds only the program for users.
define program
command -v swift >/dev/null || { echo "swift is not installed: get 6.3 from swift.org/install, or use a package," \
	"which does not need it (docs/INSTALL.md)" >&2; exit 1; }; \
swift build $(RELEASE_FLAGS) --product turnkeeper
endef

.PHONY: help
help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' Makefile

# -- Use it --------------------------------------------------------------------------------------

# The directory of `turnkeeper try`.
TRIAL := .turnkeeper$(filter-out -8080,-$(PORT))

.PHONY: run talk demo
run: ## the proxy on PORT (8080) and the two above; a simulated gemini answers without GEMINI_API_KEY
	@[[ "$(PORT)" =~ ^[1-9][0-9]{0,4}$$ && "$(PORT)" -le 65533 ]] || { \
		echo "PORT is a number from 1 to 65533, not $(PORT): make run PORT=9080" >&2; exit 1; }
	@for port in $(PORT) $$(($(PORT) + 1)) $(if $(GEMINI_API_KEY),,$$(($(PORT) + 2))); do \
		if (exec 3<>/dev/tcp/127.0.0.1/$$port) 2>/dev/null; then \
			echo "another program has 127.0.0.1:$$port; end it, or use other ports: make run PORT=9080" >&2; \
			exit 1; \
		fi; \
	done
	@$(call debian,build)
	@$(program)
	@exec $(RELEASE)/turnkeeper try --listen 127.0.0.1:$(PORT)

.PHONY: served
served:
	@test -e $(TRIAL)/ca.pem || { echo "make talk: nothing has served here yet. Try: make run, in another terminal, until it says where it listens" >&2; exit 1; }

talk: served .venv/genai3/ready ## speaks one sentence through `make run` and saves the answer
	@$(call debian,talk)
	@GOOGLE_GEMINI_BASE_URL=https://127.0.0.1:$(PORT) SSL_CERT_FILE=$(TRIAL)/ca.pem \
		GOOGLE_API_KEY=$${GEMINI_API_KEY:-any} .venv/genai3/bin/python Examples/talk.py

demo: ## a spoken conversation with every ordering fault; SCENARIO=NAME: a report, without the proxy and with it
	@$(call debian,build)
	@$(program)
	@$(RELEASE)/turnkeeper demo $(if $(SCENARIO),--scenario $(SCENARIO))

# -- Install it ----------------------------------------------------------------------------------

.PHONY: dist install
dist: ## dist/: a tarball, a Debian package and a Python wheel, for any Linux with glibc 2.34 or newer (15 minutes)
	@$(call debian,build)
	@$(call debian,dist)
	@$(program)
	@$(PYTHON) Packaging/dist.py

install: ## installs what `make dist` built below PREFIX (/usr/local); builds it if missing
	@test -e "$$(echo dist/turnkeeper-*.tar.gz)" || $(MAKE) dist
	install -d $(DESTDIR)$(PREFIX)
	tar -xzf dist/turnkeeper-*.tar.gz --no-same-owner --strip-components=1 -C $(DESTDIR)$(PREFIX)

.PHONY: test-dist
test-dist: dist .venv/genai3/ready ## each package in a Debian without Swift (needs root; three to six minutes after dist, so not part of test)
	@$(call debian,boxes)
	.venv/genai3/bin/python -m pytest -c Tests/Packaging/pytest.ini -q -s Tests/Packaging

# -- Build it ------------------------------------------------------------------------------------

.PHONY: build release lint format dashboards clean
build: ## builds for debugging
	@$(call debian,build)
	swift build --build-tests $(SWIFT_FLAGS)

release: ## builds for use
	@$(call debian,build)
	swift build $(RELEASE_FLAGS)

lint: ## swift-format, strictly
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)

format: ## swift-format, in place
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

dashboards: ## Dashboards/ and docs/RUNBOOK.md, from the catalogue in Sources/Dashboards
	@$(call debian,build)
	swift run $(SWIFT_FLAGS) dev dashboards

clean: ## removes everything that building, testing and running created
	rm -rf .build .venv Benchmarks/.venv .corpus .turnkeeper .turnkeeper-* dist

# -- Test it -------------------------------------------------------------------------------------

.PHONY: test check unit simulate crash fuzz fuzz-briefly instructions reading reading-counted reading-large holding
.PHONY: test-foreign test-litellm test-deploy test-nodes
.PHONY: test-wire soak test-genai test-reports test-browser test-prometheus test-adk test-frameworks
.PHONY: test-clients pictures
# What mostly waits, or uses one core, runs three at a time, once what it needs is installed; the
# longest first, so that none is left alone at the end.
SUITES ?= own
own := test-nodes test-wire-m-z fuzz-briefly test-wire-a-l attack reading-large reading-counted holding crash test-genai test-browser
own-needs := packages-unit packages-talk packages-test .venv/genai3/ready
all := test-nodes adversary-tests test-reports $(wordlist 2,$(words $(own)),$(own)) \
	soak adversary-clients test-adk test-deploy test-foreign test-frameworks test-prometheus
all-needs := $(own-needs) packages-foreign packages-deploy \
	$(patsubst %,.venv/%/ready,deploy prometheus foreign adk frameworks)
test: ## everything that must pass before a change lands; SUITES=all: every public client and balancer, too
test: SESSIONS = 12000
test: HEALTHY = 1500
test: FLEETS = 2000
test: FUZZ_SECONDS = 10
test: SOAK_SECONDS = 300
test: check release simulate instructions adversary-briefly
	@$(MAKE) $($(SUITES)-needs)
	@$(MAKE) -j3 --output-sync=target $($(SUITES)) \
		FUZZ_SECONDS=$(FUZZ_SECONDS) SOAK_SECONDS=$(SOAK_SECONDS)

.PHONY: packages-unit packages-talk packages-test packages-foreign packages-deploy
packages-unit packages-talk packages-test packages-foreign packages-deploy: packages-%:
	@$(call debian,$*)

check: lint capacity unit ## the quick part: lint, build, unit tests

.PHONY: capacity
capacity: ## docs/SCALING.md and DEPLOY.md say what follows from the measured figures, also where nodes, databases and balancers fail
	@$(PYTHON) Benchmarks/capacity.py --check
	@$(PYTHON) Benchmarks/capacity_simulation.py --check

unit: build ## swift test; at its end what failed is printed once more
	@$(call debian,unit)
	swift test --skip-build | tee .build/unit.log || { grep -E '✘ Test .* recorded an issue|✘ Test run' .build/unit.log; exit 1; }

simulate: release ## on a virtual clock: SESSIONS sessions, HEALTHY of each model, FLEETS of nodes
	$(RELEASE)/dev simulate --sessions $(SESSIONS)
	$(RELEASE)/dev simulate --healthy --sessions $(HEALTHY)
	$(RELEASE)/dev simulate --fleets $(FLEETS)

crash: release ## kills a ledger's writer with kill -9, a hundred times at random moments
	$(RELEASE)/dev ledger-crash --rounds 100 --grace 2

fuzz-briefly: ## every fuzzer, FUZZ_SECONDS each, one after the other: they share a build
	@$(MAKE) -j1 $(FUZZERS:%=fuzz-%)

fuzz: ## every fuzzer for an hour each, with a corpus that is kept
	$(MAKE) fuzz-briefly FUZZ_SECONDS=3600

fuzz-%:
	@$(call debian,build)
	TURNKEEPER_FUZZ=1 swift build -c release --scratch-path .build/fuzz --sanitize=fuzzer \
		-Xswiftc -enable-testing --product $*
	@mkdir -p .corpus/$*
	.build/fuzz/release/$* -max_total_time=$(FUZZ_SECONDS) -timeout=10 -verbosity=0 -print_final_stats=1 \
		.corpus/$* $(wildcard Fuzz/Seeds/$*)

# Swift code is checked by the compiler and the run-time checks of debug builds; what these find is in
# the C beside it and in what Swift calls unsafe. Undefined behaviour ends the process on the spot:
# Swift has no such sanitizer of its own on Linux, so nobody brings the library that words it. Leaks are left out: what lives as long as the process
# is none. The thread sanitizer is not among them: it does not see the lock of the standard library's
# Mutex, which on Linux is a futex of its own, and reports whatever stands behind one.
SANITIZED ?= BasicsTests|WireTests|WebSocketTests|PoliciesTests|TransportTests|ProxyTests|LedgerTests|AdminTests|EndToEndTests|VoiceDetectionTests
.PHONY: sanitize
sanitize: ## unit tests of what is not pure, under address and undefined-behaviour sanitizers
	@$(call debian,unit)
	ASAN_OPTIONS=detect_leaks=0 swift test --scratch-path .build/sanitize --sanitize=address \
		-Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined --filter '$(SANITIZED)'

instructions: release ## user instructions and system calls per forwarded message, against their budget
	@$(call debian,test)
	$(RELEASE)/dev bench-instructions
	$(RELEASE)/dev bench-calls
	$(RELEASE)/dev bench-ledger --budget Benchmarks/budget.json

reading: reading-counted reading-large ## what a byte of hostile input costs every reader and editor: must not grow with size
reading-counted: release ## counted instructions, 16 and 128 KiB
	@$(call debian,test)
	$(RELEASE)/dev bench-reading
holding: release ## what sessions say they hold, against what the allocator has given them
	@$(call debian,test)
	$(RELEASE)/dev bench-holding
reading-large: release ## the processor's time, 1 to 16 MiB
	$(RELEASE)/dev bench-reading --large

test-wire: release .venv/genai3/ready ## Python websockets on both sides of the proxy; two halves at once, as they mostly wait
	@$(call debian,unit)
	@$(MAKE) -j2 --output-sync=target test-wire-a-l test-wire-m-z

.PHONY: test-wire-a-l test-wire-m-z
test-wire-a-l test-wire-m-z: test-wire-%: release .venv/genai3/ready
	$(call PYTEST,genai3) Tests/Clients/wire/test_[$*]*.py

test-nodes: release .venv/genai3/ready ## several nodes with one PostgreSQL, which is stopped, killed, frozen and wrong; CALLERS=300: so many clients at once, 66 without
	@$(call debian,unit)
	$(if $(CALLERS),CALLERS=$(CALLERS) )$(call PYTEST,genai3) Tests/Clients/ledger

soak: release .venv/genai3/ready ## everything that goes wrong with networks, disks and clients, for SOAK_SECONDS (30 minutes)
	SOAK_SECONDS=$(SOAK_SECONDS) $(call PYTEST,genai3) Tests/Clients/soak
.PHONY: attack
attack: release .venv/genai3/ready ## attacks over raw sockets on a running proxy; prints their table
	TURNKEEPER=$(abspath $(RELEASE)/turnkeeper) .venv/genai3/bin/python -m pytest -c Tests/Attack/pytest.ini -q Tests/Attack

test-genai: release .venv/genai3/ready ## google-genai, newest
	@$(call debian,talk)
	$(call PYTEST,genai3) Tests/Clients/sdk/test_google_genai.py

test-reports: release .venv/genai3/ready ## the first users' reports and their worst day, with google-genai
	@$(call debian,talk)
	$(call PYTEST,genai3) Tests/Clients/sdk/test_seed_scenarios.py \
		Tests/Clients/sdk/test_bad_day.py

test-browser: release .venv/genai3/ready ## pages in headless Chromium: a client, and the inspector
	@$(call debian,talk)
	@$(call debian,unit)
	@$(call debian,test)
	$(call PYTEST,genai3) Tests/Clients/browser

test-prometheus: release .venv/prometheus/ready ## a real Prometheus scrapes a proxy in trouble
	@$(call debian,unit)
	$(call PYTEST,prometheus) Tests/Clients/prometheus

pictures: release .venv/prometheus/ready ## docs/images: the boards, drawn from such a Prometheus
	@$(call debian,unit)
	PICTURES=docs/images SECONDS=120 $(call PYTEST,prometheus) Tests/Clients/prometheus

test-foreign: release .venv/foreign/ready ## as js-genai, go-genai and Java speak, and three more Python libraries
	@$(call debian,foreign)
	$(call PYTEST,foreign) Tests/Clients/foreign

test-litellm: release .venv/litellm/ready ## LiteLLM's realtime endpoint; not part of test-clients, since it installs 400 MB
	$(call PYTEST,litellm) Tests/Clients/gateways

test-deploy: release .venv/deploy/ready ## nginx, HAProxy and Caddy in front, units and Kubernetes, as docs/DEPLOY.md has them
	@$(call debian,unit)
	@$(call debian,deploy)
	@command -v kubectl >/dev/null || { $(call debian,kubernetes); }
	$(call PYTEST,deploy) Tests/Clients/deploy

test-adk: release .venv/adk/ready ## google-genai 2.x and google-adk
	@$(call debian,talk)
	$(call PYTEST,adk) Tests/Clients/sdk/test_google_genai.py Tests/Clients/sdk/test_google_adk.py

test-frameworks: release .venv/frameworks/ready ## LiveKit and Pipecat
	@$(call debian,talk)
	$(call PYTEST,frameworks) Tests/Clients/sdk/test_livekit.py Tests/Clients/sdk/test_pipecat.py

test-clients: test-wire test-genai test-reports test-browser test-prometheus test-foreign test-adk test-frameworks ## every public client, in every environment

.PHONY: adversary adversary-briefly adversary-tests adversary-bad-days adversary-clients
adversary: SESSIONS = 5000
adversary: release .venv/genai3/ready ## random sessions, written without knowledge of the code; SESSIONS of them, from SEED
	@$(call debian,talk)
	cd Tests/Adversary && TURNKEEPER=$(abspath $(RELEASE)/turnkeeper) $(abspath .venv/genai3/bin/python) -W ignore \
		-m adversary --sessions $(SESSIONS) $(if $(SEED),--seed $(SEED)) --shrink

adversary-briefly: release .venv/genai3/ready ## 300 random sessions from a fixed seed, earlier failures, and the canaries
	@$(call debian,talk)
	cd Tests/Adversary && export TURNKEEPER=$(abspath $(RELEASE)/turnkeeper) PYTHON=$(abspath .venv/genai3/bin/python) && \
		$$PYTHON -m pytest -c pytest.ini -q test_kept.py test_canaries.py test_kinds.py && \
		$$PYTHON -W ignore -m adversary --sessions 300 --seed 1 --jobs 32 --proxies 2

adversary-tests: release .venv/genai3/ready ## what it tries besides: small inputs, turns, rules, tools
	@$(call debian,talk)
	cd Tests/Adversary && TURNKEEPER=$(abspath $(RELEASE)/turnkeeper) AT_ONCE=32 \
		$(abspath .venv/genai3/bin/python) -m pytest -c pytest.ini -q \
		$(addprefix --ignore=test_,$(addsuffix .py,bad_days kept canaries kinds))

adversary-bad-days: release .venv/genai3/ready ## twenty turns in twenty sessions, 85 and 90 % of all attempts failing: eight minutes
	@$(call debian,talk)
	cd Tests/Adversary && TURNKEEPER=$(abspath $(RELEASE)/turnkeeper) \
		$(abspath .venv/genai3/bin/python) -m pytest -c pytest.ini -q test_bad_days.py

adversary-clients: release .venv/genai3/ready .venv/adk/ready .venv/frameworks/ready ## google-genai of both lines, ADK, LiveKit and Pipecat, a reply cut at every position
	@$(call debian,talk)
	cd Tests/Adversary && export TURNKEEPER=$(abspath $(RELEASE)/turnkeeper) && \
		$(abspath .venv/genai3/bin/python) -m pytest -c pytest.ini -q test_turns.py -k documented && \
		$(abspath .venv/adk/bin/python) -m pytest -c pytest.ini -q test_turns.py -k documented && \
		$(abspath .venv/adk/bin/python) -m pytest -c pytest.ini -q sdks/test_adk.py && \
		$(abspath .venv/frameworks/bin/python) -m pytest -c pytest.ini -q sdks/test_livekit.py sdks/test_pipecat.py

# A Python environment per set of clients that agree on their dependencies.
.PRECIOUS: .venv/%/ready
.venv/deploy/ready: Tests/Clients/requirements/genai3.txt
.venv/%/ready: Tests/Clients/requirements/%.txt
	@$(call debian,talk)
	rm -rf .venv/$*
	$(PYTHON) -m venv .venv/$*
	.venv/$*/bin/pip install --quiet --requirement $<
	@touch $@

# -- Measure it ----------------------------------------------------------------------------------

.PHONY: voice-table
voice-table: build ## how well voice is distinguished from noise; writes docs/voice-detection.md
	@$(call debian,voice)
	UPDATE=1 swift test --skip-build --filter VoiceDetectionTests

.PHONY: bench
bench: release Benchmarks/.venv/ready ## against HAProxy, nginx, Envoy and others; writes Benchmarks/RESULTS.md
	@$(call debian,bench)
	@$(call debian,test)
	$(RELEASE)/dev bench-instructions
	$(RELEASE)/dev bench

Benchmarks/.venv/ready: Benchmarks/requirements.txt
	@$(call debian,talk)
	rm -rf Benchmarks/.venv
	$(PYTHON) -m venv Benchmarks/.venv
	Benchmarks/.venv/bin/pip install --quiet --requirement $<
	@touch $@
