# Everything runs in VENV. The first call makes it; so does a call after pyproject.toml, the
# interpreter or the folder has changed. A change of the C file builds the extension anew.
PYTHON  ?= python3
VENV    ?= .venv
MINUTES ?= 60

BIN := $(VENV)/bin
PY  := $(BIN)/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input -qq
# One process for each core. Tests of one xdist_group share a process.
PARALLEL := -n logical --dist loadgroup

# The tests that run with the loops in C and with those in Python.
CORE := -m "not slow and not long" tests/consent tests/enforcement tests/http tests/middleware \
  $(addprefix tests/test_,$(addsuffix .py,asgi asking_late conformance garbage gate laws loops \
  parity revalidation transparency visit wsgi)) tests/fuzz

# Each stamp is written when its installation is complete, and holds what it was made for.
DEMO := $(VENV)/.demo-ready
DEV  := $(VENV)/.dev-ready
C    := $(VENV)/.c-ready
BASE := import sys; print(sys.base_prefix, *sys.version_info[:2])
MADE_FOR := $(CURDIR) $(shell $(PYTHON) -c '$(BASE)' 2>/dev/null)
LOCK := $(if $(shell command -v flock),flock pyproject.toml)

unexport PYTHONHOME PYTHONPATH
.DEFAULT_GOAL := help
.PHONY: help demo quick test test-lowest test-browsers test-packages test-peers lint deps
.PHONY: screenshots fuzz sanitize mutate bench bench-ledger clean outdated
.PHONY: test-nginx

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(DEMO) $(C) ## Show what seven visitors receive, then serve the shop (ONCE=1: end after the table)
	@ONCE=$(ONCE) SITE=$(SITE) exec $(PY) examples/demo.py

quick: $(DEV) ## Run the fast tests of the core, the adapters, the registry and the pages
	@$(PY) -m pytest $(PARALLEL) -q -m "not slow and not long" \
	  --ignore tests/browser --ignore tests/cli --ignore tests/insights --ignore tests/ledger
	@echo "make quick: all good (tests); make test checks everything"

test: $(DEV) ## Run all checks: style, format, types, layers, tests, coverage
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py || true
	@failed=; \
	echo "== lint"; $(MAKE) --no-print-directory lint || failed="$$failed lint"; \
	echo "== tests"; $(PY) -m pytest $(PARALLEL) --cov || failed="$$failed tests"; \
	if $(PY) -c "import cookiegate._speedups" 2>/dev/null; then \
	  echo "== tests of the core, without C"; \
	  COOKIEGATE_PURE=1 $(PY) -m pytest $(PARALLEL) -q $(CORE) || failed="$$failed pure"; \
	else echo "There is no C compiler: all tests ran with the loops in Python."; fi; \
	echo; \
	[ -z "$$COOKIEGATE_WITHOUT" ] || echo "make test: left out on demand: $$COOKIEGATE_WITHOUT"; \
	if [ -n "$$failed" ]; then echo "make test: FAILED in:$$failed"; exit 1; fi; \
	echo "make test: all good (lint, tests, coverage); Firefox is in make test-browsers"

test-lowest: $(DEV) ## Run the tests with the lowest, then with the newest version of each dependency
	@$(call test_with,lowest-direct,-W ignore::DeprecationWarning)
	@$(call test_with,highest)

test-browsers: $(DEV) ## Ask Chromium and Firefox what they store, through the gate and without
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py chromium firefox || true
	@$(PY) -m pytest -m "" tests/browser

test-peers: $(DEV) ## Run the test suites of other projects with the gate around every application
	@$(PY) -m tests.suites

test-packages: $(DEV) ## Install the packages that have presets, and observe their cookies again
	@$(PY) -m tests.packages

# pyright finds the packages beside the python on PATH, and cookiegate by PYTHONPATH.
lint: $(DEV) ## Check style, format, types, completeness of public types, and layers
	@failed=0; export PATH="$(abspath $(BIN)):$$PATH"; \
	quietly() { seen=$$("$$@" 2>&1) || { echo "$$seen"; failed=1; }; }; \
	ruff check --quiet . || failed=1; \
	ruff format --check --quiet . || failed=1; \
	mypy || failed=1; \
	quietly env PYTHONPATH=. pyright --verifytypes cookiegate --ignoreexternal; \
	quietly lint-imports --no-cache; \
	exit $$failed

test-nginx: $(DEV) ## Send responses that delete cookies through nginx with its default buffer
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py nginx || true
	@$(PY) -m pytest -q -m long tests/test_nginx.py

deps: ## Install the system packages that tests need (as root; otherwise print the line to run)
	@$(PYTHON) tests/system.py

screenshots: $(DEV) ## Make the pictures of the pages in docs/images/ anew, in Chromium
	@PYTHONPATH=.:examples $(PY) -m tests.browser.screenshots

fuzz: $(DEV) ## Attack the gate with headers by coverage, on two cores (MINUTES=60)
	@$(PIP) install --group fuzz
	@trap 'kill 0' INT TERM; \
	$(PY) -m tests.fuzz $(MINUTES) 1 & one=$$!; \
	$(PY) -m tests.fuzz $(MINUTES) 2 & two=$$!; \
	failed=0; wait $$one || failed=1; wait $$two || failed=1; exit $$failed

sanitize: $(DEV) ## Run the loops in C under gcc's sanitizers, and over ten million requests
	@$(PY) -m tests.sanitize 1000000 10000000

mutate: $(DEV) ## Change the core in small ways, and see whether a test notices
	@$(PIP) install --group mutate
	@$(PY) -m mutmut run --max-children 2
	@$(PY) -m mutmut results

bench: $(DEV) ## Measure the gate, on servers too, and write docs/performance.md
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py valgrind wrk || true
	@$(PY) -m benchmarks --write
	@$(PY) -m benchmarks.memory

bench-ledger: $(DEV) ## Measure the ledger against its databases, and write docs/ledger.md
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py postgres wrk || true
	@$(PY) -m benchmarks.ledger --write

clean: ## Remove what make has built
	@rm -rf $(VENV) cookiegate/_speedups.*.so build dist *.egg-info .coverage .coverage.* .hypothesis .mypy_cache \
	  .pytest_cache .ruff_cache .import_linter_cache mutants
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# $1 is uv's resolution, $2 options of pytest. Old versions use what their own dependencies have
# deprecated since then.
define test_with
echo "== $1"; \
$(BIN)/uv venv --quiet --clear --python $(PY) $(VENV)/$1 && \
$(BIN)/uv pip install --quiet --python $(VENV)/$1 --resolution $1 \
  --editable ".[all]" --group test && \
COOKIEGATE_WITHOUT=chromium,firefox,postgres $(VENV)/$1/bin/python -m pytest $(PARALLEL) -q \
  -m "not slow and not long" --ignore tests/ledger/faults $2
endef

ifneq ($(file < $(DEMO)),$(MADE_FOR))
$(DEMO): outdated
endif
$(DEMO): pyproject.toml
$(DEV): $(DEMO) tests/front_end/package-lock.json | $(C)
$(C): cookiegate/_speedups.c setup.py | $(DEMO)

# Two makes at once take turns: the second looks again, under the lock, and finds nothing left to do.
ifndef LOCKED
$(DEMO) $(DEV) $(C):
	@$(LOCK) $(MAKE) --no-print-directory LOCKED=1 $@
else
$(DEMO):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "$(PYTHON) is not Python 3.11 or newer: apt-get install python3 python3-venv (Debian 12 on), or make PYTHON=python3.x" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV), once" >&2
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade pip
	@$(PIP) install --editable ".[cli,flask,ledger,pages,starlette]" --group demo
	@printf %s "$(MADE_FOR)" > $@
	@touch $(C)

# Without a compiler, nothing is built. A new environment has it already.
$(C):
	@[ $@ -nt cookiegate/_speedups.c ] || $(PIP) install --no-deps --editable .
	@touch $@

$(DEV):
	@echo "Installing what the tests need, once" >&2
	@$(PIP) install --editable ".[all]" --group dev
	@$(PY) -m tests.suites.small
	@$(PY) -m tests.front_end.packages
	@printf %s "$(MADE_FOR)" > $@
endif
