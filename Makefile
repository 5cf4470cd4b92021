# Every target makes what it needs: python3 (3.11 or newer) and make are enough to start.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
UV := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

export PYTHONPATH := $(CURDIR)
export PORT AUTHKIT_PORT

.DEFAULT_GOAL := help
.PHONY: help dev token emulator-seed test test-all test-pythons e2e check lint format lock new-tool new-prompt new-resource clean

help: ## List every target, a newcomer's first
	@$(PYTHON) infra/make_help.py

# The environment is made again only when its lock changes.
.venv/dev.stamp: requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python3 is older than 3.11: set PYTHON=python3.13, say")'
	@echo "Installing the locked development environment into .venv ..." >&2
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

dev: .venv/dev.stamp ## Run the server and a local WorkOS (PORT=, AUTHKIT_PORT=, REMAP_CHALLENGE=0, CIMD=1, JWT_TEMPLATE=role)
	@exec $(BIN)/python -m infra.local.dev

token: .venv/dev.stamp ## Print an access token of make dev (USER_EMAIL=, ORG=, SCOPE=, LIFETIME=, IMPERSONATOR=, MACHINE=1, API_KEY=, WEB_SESSION=1)
	@exec $(BIN)/python -m infra.local.token

emulator-seed: .venv/dev.stamp ## Print the people of infra/local/seed.toml as a seed for WorkOS' own emulator (SEED_FILE=)
	@exec $(BIN)/python -m infra.local.emulator_seed

# A file stays in one process, so that its fixtures are made once.
PYTEST := -q --dist loadfile
# These need another client, another environment or a local AWS, and have commands of their own.
ELSEWHERE := not e2e and not clients and not converters and not deploy and not runtime and not conformance
# Four processes, because many of these tests wait for a server or a deadline.
EACH_RULE_ONCE := $(PYTEST) -n 4 -m "not broad and $(ELSEWHERE)" tests

# Without byte code each process compiles the tests and the project again: a shell that sets this costs 20 s.
test test-all: export PYTHONDONTWRITEBYTECODE :=

test: .venv/dev.stamp ## Run the tests: every rule once (a minute and a half)
	@$(BIN)/python -m pytest $(EACH_RULE_ONCE)

test-all: .venv/dev.stamp ## Run the broad tests too, and measure which lines and branches of app/ they cover
	@$(BIN)/python -m pytest $(PYTEST) -n auto -m "$(ELSEWHERE)" --cov --cov-report=
	@$(BIN)/coverage report
	@$(BIN)/python -m infra.team_coverage

test-pythons: .venv/dev.stamp ## Run `make test` on the other supported Pythons that are here (PYTHONS="3.13 3.14")
	@$(BIN)/python -m infra.pythons $(EACH_RULE_ONCE)

# Node and the JavaScript clients, for a machine that has neither.
.venv/node.stamp: .venv/dev.stamp requirements/node.txt tests/e2e/node/package-lock.json
	@echo "Installing Node and the JavaScript clients, once: this takes about a minute ..." >&2
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/node.txt
	@cd tests/e2e/node && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --silent
	@touch $@

# Libraries that read a server's schemas, apart from what is served.
.venv-converters/converters.stamp: requirements/converters.txt | .venv/dev.stamp
	@echo "Installing the libraries that convert schemas into .venv-converters ..." >&2
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-converters
	@$(BIN)/uv pip install --quiet --python .venv-converters/bin/python --require-hashes --only-binary :all: -r $<
	@touch $@

e2e: .venv/quick-clients.stamp .venv-converters/converters.stamp ## Run real clients against the local stack
	@$(BIN)/python -m pytest -q -m e2e

# The shell reads no part of the name. Some shells set a variable NAME of their own, so only make's command line counts.
new-tool new-prompt new-resource: export NEW_NAME = $(if $(filter command,$(origin NAME)),$(value NAME))

new-tool: .venv/dev.stamp ## Write app/tools/<NAME>.py and its test (NAME=hello)
	@exec $(BIN)/python -m infra.local.new tool "$$NEW_NAME"

new-prompt: .venv/dev.stamp ## Write app/prompts/<NAME>.py and its test (NAME=plan_my_day)
	@exec $(BIN)/python -m infra.local.new prompt "$$NEW_NAME"

new-resource: .venv/dev.stamp ## Write app/resources/<NAME>.py and its test (NAME=handbook)
	@exec $(BIN)/python -m infra.local.new resource "$$NEW_NAME"

lint: .venv/dev.stamp ## Check style, types and import contracts, of the documents' examples too
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m infra.document_examples

format: .venv/dev.stamp ## Rewrite the code in the project's style
	@$(BIN)/ruff check --fix-only --quiet .; $(BIN)/ruff format .

check: lint ## Run every check but the tests: lint, locks up to date
	@$(BIN)/python -m infra.locks --check

lock: .venv/dev.stamp ## Make requirements/*.txt again from pyproject.toml (UPGRADE=1 for newer versions)
	@$(BIN)/python -m infra.locks

include $(wildcard infra/*/*.mk)

clean: ## Remove the environments and caches
	rm -rf tests/e2e/node/node_modules tests/clients/node/node_modules tests/clients/quick/node_modules
	rm -rf .venv .venv-pythons .venv-deploy .venv-peers .venv-converters .venv-converters-mcp1 .venv-converters-mcp2 .venv-copier .venv-bench .venv-clients .aws-sam node_modules .mypy_cache .pytest_cache .hypothesis .ruff_cache .coverage .local
