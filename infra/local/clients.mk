# Other people's client programs. Node 24 for most of them: some do not start on Node 22.
.PHONY: clients

# `npm install`, not `npm ci`: the locks have the programs for Linux alone, and `npm ci` then misses the other platforms'.
# Claude Code and opencode put their program in place by a script, the only two that are run.
NPM_INSTALL := npm install --no-save --ignore-scripts --silent

# The quick ones are a part of `make e2e` too, on its Node 22.
.venv/quick-clients.stamp: tests/clients/quick/package-lock.json | .venv/node.stamp
	@echo "Installing Claude Code, Codex and mcporter into tests/clients/quick: 0.9 GB ..." >&2
	@cd tests/clients/quick && export PATH="$(CURDIR)/$(BIN):$$PATH" && \
		$(NPM_INSTALL) && node node_modules/@anthropic-ai/claude-code/install.cjs
	@touch $@

.venv-clients/clients.stamp: requirements/clients.txt requirements/mcp-use.txt \
		tests/clients/node/package-lock.json | .venv/node.stamp
	@echo "Installing client programs into .venv-clients and tests/clients/node: 2 GB ..." >&2
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-clients
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-clients/mcp-use
	@for name in clients:.venv-clients mcp-use:.venv-clients/mcp-use; do $(BIN)/uv pip install --quiet \
		--python $${name#*:}/bin/python --require-hashes -r requirements/$${name%:*}.txt || exit 1; done
	@cd tests/clients/node && export PATH="$(CURDIR)/.venv-clients/bin:$$PATH" && \
		$(NPM_INSTALL) && node node_modules/opencode-ai/postinstall.mjs
	@touch $@

clients: .venv/quick-clients.stamp .venv-clients/clients.stamp ## Run client programs from npm and PyPI against the local stack
	@$(BIN)/python -m pytest -q -m clients tests/clients
