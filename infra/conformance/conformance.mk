# Suites that a whole server goes through. The peers have an environment of their own: nothing here imports them.
.PHONY: conformance conformance-server conformance-auth conformance-compare

# The MCP project's suite, under the Node that the JavaScript clients run on.
.venv/conformance.stamp: .venv/node.stamp conformance/protocol/node/package-lock.json
	@echo "Installing the conformance suite ..." >&2
	@cd conformance/protocol/node && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --silent
	@touch $@

# Any free ports, unless they are asked for: a running `make dev` is not in the way.
asked = $(if $(filter file,$(origin $(1))),,$($(1)))

conformance: .venv/conformance.stamp ## Run the MCP project's conformance suite (UPDATE=1 rewrites docs/conformance.md)
	@exec env PORT=$(call asked,PORT) AUTHKIT_PORT=$(call asked,AUTHKIT_PORT) \
		$(BIN)/python -m conformance.protocol.run $(if $(UPDATE),--update)

conformance-server: .venv/dev.stamp ## Serve what that suite calls (PORT=, AUTHKIT_PORT=)
	@exec $(BIN)/python -m conformance.protocol.serve

.venv-peers/peers.stamp: requirements/peers.txt | .venv/dev.stamp
	@echo "Installing the servers to compare with into .venv-peers ..." >&2
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-peers
	@$(BIN)/uv pip install --quiet --python .venv-peers/bin/python --require-hashes --only-binary :all: -r $<
	@touch $@

conformance-auth: .venv/dev.stamp ## Hold this server to every rule for MCP resource servers (two minutes)
	@$(BIN)/python -m pytest -q -m conformance conformance/auth/test_this_server.py

conformance-compare: .venv-peers/peers.stamp ## The same beside FastMCP and the MCP SDK (UPDATE=1 rewrites docs/conformance.md)
	@$(BIN)/python -m conformance.auth.compare $(if $(UPDATE),--update)
