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
# What Python compiles once it need not compile again: the tests of four processes, thousands of files.
unexport PYTHONDONTWRITEBYTECODE
# Given on make's command line or in the environment, it reaches the server; otherwise the server's own default holds.
export FOLLOWTHROUGH_DATA_DIR
ifeq ($(strip $(FOLLOWTHROUGH_DATA_DIR)),)
unexport FOLLOWTHROUGH_DATA_DIR
endif

# What the linters and the generators of clients need. Where the system's is older, as that of Debian 12, a newer one comes
# from the registry that they come from.
NODE_ENOUGH := const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)
WITH_NODE = node -e '$(NODE_ENOUGH)' || { $(MAKE) --silent tests/node/node_modules/.installed && \
	PATH="$(CURDIR)/tests/node/node_modules/.bin:$$PATH" && export PATH; } || exit 1

VENV := .venv
BIN := $(VENV)/bin
# Compiled at once: where Python may not write what it compiles, each start would do it all again.
INSTALL := $(BIN)/uv pip install --quiet --no-config --compile-bytecode --python $(BIN)/python
# A file stays in one process, so that what its tests share is made once. Files are begun as tests/support/order.py has it.
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
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

.PHONY: cluster
cluster: $(VENV)/.test ## Run it on several machines, all of them this one: docs/scaling.md (PORT: of nginx in front)
	@exec $(BIN)/python -m tests.support.cluster

.PHONY: test
test: $(VENV)/.test ## Run the tests (ARGS="-k name", WORKERS=0 for one process)
	@$(PYTEST) -m "not slow" $(ARGS)

.PHONY: test-slow
test-slow: $(VENV)/.test clients ## Run the slow lane: fifty crashes, long fuzzing, examples in a browser, all on PostgreSQL
	@$(PYTEST) -m slow $(ARGS)

.PHONY: test-long-way
test-long-way: $(VENV)/.test ## Run the contract with every short way off: no cache, the framework's routes, SQLAlchemy's results
	@FOLLOWTHROUGH_SHORT_WAY=false FOLLOWTHROUGH_CACHE_BYTES=0 $(PYTEST) tests/contract $(ARGS)

.PHONY: clients
clients: tests/clients/.venv/.installed ## Install what makes and runs the clients of others (TypeScript, Python, Postman)
	@if command -v npm >/dev/null; then $(WITH_NODE); $(MAKE) --silent tests/clients/node_modules/.installed; \
	elif [ "$$FOLLOWTHROUGH_REQUIRE_ALL" = 1 ]; then echo "npm is missing." >&2; exit 1; \
	else echo "Clients in TypeScript and Postman: skipped, as npm is missing"; fi

.PHONY: bench
bench: $(VENV)/.test benchmarks/.venv/.installed ## Measure the register beside others (ARGS=--quick: in a few minutes)
	@$(BIN)/python -m benchmarks.run $(ARGS)

.PHONY: check
check: lint doors types openapi-lint ## Everything but the tests: style, doors, types, the OpenAPI document

.PHONY: lint
lint: $(VENV)/.test ## Check style and formatting
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check . && echo "Style: fine"

.PHONY: doors
doors: $(VENV)/.test ## Check what imports what
	@$(BIN)/lint-imports --no-cache >.doors.log && echo "Doors: fine" || { cat .doors.log; rm -f .doors.log; exit 1; }; rm -f .doors.log

.PHONY: format
format: $(VENV)/.test ## Put the code into the project's format, mending what can be mended
	@$(BIN)/ruff check --quiet --fix-only . && $(BIN)/ruff format .

.PHONY: types
types: $(VENV)/.test ## Check types
	@$(BIN)/mypy

.PHONY: openapi
openapi: $(VENV)/.runtime ## Rewrite openapi.json from the code
	@$(BIN)/followthrough openapi > openapi.json.new && mv openapi.json.new openapi.json || { rm -f openapi.json.new; exit 1; }

.PHONY: messages
messages: $(VENV)/.runtime ## Bring the catalogues of the interface (app/languages/catalogues) up to the texts in the code
	@$(BIN)/python -m app.pages.messages

.PHONY: baseline
baseline: $(VENV)/.test ## Remake the one migration after a change of a table (until the first release)
	@$(BIN)/python -m migrations.remake && $(BIN)/ruff check --quiet --fix-only migrations && \
		$(BIN)/ruff format --quiet migrations && echo "Remade: $$(grep -h '^revision' migrations/versions/*.py)"

.PHONY: openapi-lint
openapi-lint: ## Lint openapi.json with Redocly and Spectral (skipped without Node.js, unless FOLLOWTHROUGH_REQUIRE_ALL=1)
	@if command -v npm >/dev/null; then \
		$(WITH_NODE); $(MAKE) --silent tests/openapi/node_modules/.installed && cd tests/openapi && npm run --silent lint; \
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
	@$(LOCK) --group pyproject.toml:browser --constraints requirements/test.txt --output-file requirements/browser.txt
	@$(LOCK) --group pyproject.toml:installer --output-file requirements/installer.txt
	@$(LOCK) --group pyproject.toml:clients --output-file requirements/clients.txt
	@$(LOCK) --group pyproject.toml:bench --output-file requirements/bench.txt
	@echo "Locked: $$(grep -c == requirements/runtime.txt) packages to run, $$(grep -c == requirements/test.txt) to test"

.PHONY: clean
clean: ## Remove everything that make and the tools made; data stays
	@rm -rf $(VENV) tests/openapi/node_modules tests/clients/node_modules tests/node/node_modules tests/clients/.venv benchmarks/.venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
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

$(VENV)/.test: $(VENV)/.runtime requirements/test.txt requirements/browser.txt
	@$(INSTALL) --require-hashes -r requirements/test.txt
	@$(INSTALL) --require-hashes --only-binary :all: -r requirements/browser.txt || \
		{ [ "$$FOLLOWTHROUGH_REQUIRE_ALL" != 1 ] && echo "Playwright is not installed: tests in a browser are skipped."; }
	@touch $@

tests/openapi/node_modules/.installed tests/clients/node_modules/.installed tests/node/node_modules/.installed: \
		tests/%/node_modules/.installed: tests/%/package-lock.json tests/%/.npmrc
	@cd tests/$* && npm ci --silent && touch node_modules/.installed

tests/clients/.venv/.installed: requirements/clients.txt $(VENV)/.installer
benchmarks/.venv/.installed: requirements/bench.txt $(VENV)/.installer
tests/clients/.venv/.installed benchmarks/.venv/.installed:
	@$(BIN)/uv venv --quiet --no-config --clear --python $(BIN)/python $(@D)
	@$(BIN)/uv pip install --quiet --no-config --python $(@D)/bin/python --require-hashes -r $<
	@touch $@
