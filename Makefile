# Followthrough: everything a developer does, by name. `make` alone lists it.
# Needs Python 3.11 or newer and GNU make; the OpenAPI linters also need Node.js.

HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= python3
# How many tests run at once; `make test WORKERS=0` runs them in one process, for a debugger.
WORKERS ?= 3
# Passed on to pytest: `make test ARGS="-k challenges -x"`.
ARGS ?=

export HOST PORT
# Given on make's command line or in the environment, it reaches the server; otherwise the server's own default holds.
export FOLLOWTHROUGH_DATA_DIR
ifeq ($(strip $(FOLLOWTHROUGH_DATA_DIR)),)
unexport FOLLOWTHROUGH_DATA_DIR
endif

VENV := .venv
BIN := $(VENV)/bin
# Compiled at once: where Python may not write what it compiles, each start would do it all again.
INSTALL := $(BIN)/uv pip install --quiet --no-config --compile-bytecode --python $(BIN)/python
LOCK := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(LOCK_ARGS)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

.PHONY: help
help: ## List what make can do
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '  make %-14s %s\n' "$$name" "$$text"; done

.PHONY: serve
serve: $(VENV)/.runtime ## Run the API on HOST:PORT (127.0.0.1:8000), installing it first where needed
	@exec $(BIN)/followthrough serve

.PHONY: test
test: $(VENV)/.test ## Run the tests (ARGS="-k name", WORKERS=0 for one process)
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not slow" $(ARGS)

.PHONY: test-slow
test-slow: $(VENV)/.test ## Run the slow lane: fifty crashes, long fuzzing, every example in a browser, more on PostgreSQL
	@$(BIN)/python -m pytest -n $(WORKERS) -m slow $(ARGS)

.PHONY: check
check: lint types openapi-lint ## Everything but the tests: style, types, the OpenAPI document

.PHONY: lint
lint: $(VENV)/.test ## Check style and formatting
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . && echo "Style: fine"

.PHONY: format
format: $(VENV)/.test ## Put the code into the project's format, mending what can be mended
	@$(BIN)/ruff check --quiet --fix-only . && $(BIN)/ruff format .

.PHONY: types
types: $(VENV)/.test ## Check types
	@$(BIN)/mypy

.PHONY: openapi
openapi: $(VENV)/.runtime ## Rewrite openapi.json from the code
	@$(BIN)/followthrough openapi > openapi.json.new && mv openapi.json.new openapi.json || { rm -f openapi.json.new; exit 1; }

.PHONY: openapi-lint
openapi-lint: ## Lint openapi.json with Redocly and Spectral (skipped without Node.js, unless FOLLOWTHROUGH_REQUIRE_ALL=1)
	@if command -v npm >/dev/null; then \
		$(MAKE) --silent tests/openapi/node_modules/.installed && cd tests/openapi && npm run --silent lint; \
	elif [ "$$FOLLOWTHROUGH_REQUIRE_ALL" = 1 ]; then \
		echo "npm is missing, and FOLLOWTHROUGH_REQUIRE_ALL=1 asks for every check." >&2; exit 1; \
	else \
		echo "OpenAPI linters: skipped, as npm is missing"; \
	fi

.PHONY: lock
lock: $(VENV)/.installer ## Remake requirements/ from pyproject.toml (LOCK_ARGS=--upgrade takes newer indirect packages)
	@$(LOCK) pyproject.toml --group build --output-file requirements/runtime.txt
	@$(LOCK) pyproject.toml --group build --group test --constraints requirements/runtime.txt \
		--output-file requirements/test.txt
	@$(LOCK) --group pyproject.toml:installer --output-file requirements/installer.txt
	@echo "Locked: $$(grep -c == requirements/runtime.txt) packages to run, $$(grep -c == requirements/test.txt) to test"

.PHONY: clean
clean: ## Remove everything that make and the tools made; data stays
	@rm -rf $(VENV) tests/openapi/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# An empty file in the environment remembers each installation: what it was made from is newer only after a change.

$(VENV)/.installer: requirements/installer.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name it by: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.runtime: $(VENV)/.installer requirements/runtime.txt pyproject.toml
	@$(INSTALL) --require-hashes -r requirements/runtime.txt
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q app migrations
	@touch $@

$(VENV)/.test: $(VENV)/.runtime requirements/test.txt
	@$(INSTALL) --require-hashes -r requirements/test.txt
	@touch $@

tests/openapi/node_modules/.installed: tests/openapi/package-lock.json tests/openapi/.npmrc
	@cd tests/openapi && npm ci --silent && touch node_modules/.installed
