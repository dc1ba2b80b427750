# Everything runs in .venv, which is made on the first call and again when pyproject.toml changes.
PYTHON ?= python3
MINUTES ?= 60

VENV := .venv
PY   := $(VENV)/bin/python
# One process for each core; tests of one group share a worker.
PARALLEL := -n logical --dist loadgroup
PIP  := $(PY) -m pip --disable-pip-version-check --no-input -qq
# Written last: an install that was interrupted is begun anew. They hold the folder they were made in.
DEMO := $(VENV)/.demo-ready
DEV  := $(VENV)/.dev-ready
LOCK := $(if $(shell command -v flock),flock pyproject.toml)

unexport PYTHONHOME PYTHONPATH
.DEFAULT_GOAL := help
.PHONY: help demo test test-browsers screenshots fuzz mutate lint deps bench bench-ledger clean moved

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: $(DEMO) ## Show what seven visitors receive, then serve the shop (ONCE=1: end after the table)
	@ONCE=$(ONCE) SITE=$(SITE) exec $(PY) examples/demo.py

test: $(DEV) ## Run all checks: lint, format, types, tests, coverage
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py || true
	@failed=; \
	check() { name=$$1; shift; echo "== $$name"; "$$@" || failed="$$failed $$name"; }; \
	check lint $(PY) -m ruff check --quiet .; \
	check format $(PY) -m ruff format --check --quiet .; \
	check types $(PY) -m mypy; \
	check tests $(PY) -m pytest $(PARALLEL) --cov; \
	echo; \
	[ -z "$(COOKIEGATE_WITHOUT)" ] || echo "make test: left out on demand: $(COOKIEGATE_WITHOUT)"; \
	if [ -n "$$failed" ]; then echo "make test: FAILED in:$$failed"; exit 1; fi; \
	echo "make test: all good (lint, format, types, tests, coverage); Firefox is asked by make test-browsers"

test-browsers: $(DEV) ## Ask Chromium and Firefox what they store, through the gate and without
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py chromium firefox || true
	@$(PY) -m pytest -m "" tests/browser

screenshots: $(DEV) ## Make the pictures of the pages in docs/images/ anew, in Chromium
	@PYTHONPATH=.:examples $(PY) -m tests.browser.screenshots

fuzz: $(DEV) ## Attack the gate with headers by coverage, on two cores (MINUTES=60)
	@$(PIP) install --group fuzz
	@trap 'kill 0' INT TERM; \
	$(PY) -m tests.fuzz $(MINUTES) 1 & one=$$!; \
	$(PY) -m tests.fuzz $(MINUTES) 2 & two=$$!; \
	failed=0; wait $$one || failed=1; wait $$two || failed=1; exit $$failed

mutate: $(DEV) ## Change the core in small ways, and see whether a test notices
	@$(PIP) install --group mutate
	@$(PY) -m mutmut run --max-children 2
	@$(PY) -m mutmut results

lint: $(DEV) ## Check style and types only
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m mypy

deps: ## Install the system packages that tests need (as root; otherwise print the line to run)
	@$(PYTHON) tests/system.py

bench: $(DEV) ## Measure the gate, on servers too, and write docs/performance.md
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py wrk || true
	@$(PY) -m benchmarks --write
	@$(PY) -m benchmarks.memory

bench-ledger: $(DEV) ## Measure the ledger against its databases, and write docs/ledger.md
	@[ "$$(id -u)" != 0 ] || $(PY) tests/system.py postgres wrk || true
	@$(PY) -m benchmarks.ledger --write

clean: ## Remove what make has built
	@rm -rf $(VENV) build dist *.egg-info .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache mutants
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A venv that was copied along with its tree would still run the tree it was made in.
ifneq ($(file < $(DEMO)),$(CURDIR))
$(DEMO): moved
endif
$(DEMO): pyproject.toml
$(DEV): $(DEMO)

# Two makes at once take turns: the second looks again, under the lock, and finds nothing left to do.
ifndef LOCKED
$(DEMO) $(DEV):
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
	@$(PIP) install --editable . --group demo
	@printf %s "$(CURDIR)" > $@

$(DEV):
	@echo "Installing what the tests need, once" >&2
	@$(PIP) install --group dev
	@printf %s "$(CURDIR)" > $@
endif
