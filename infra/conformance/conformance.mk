# Suites that a whole server goes through. The peers have an environment of their own: nothing here imports them.
.PHONY: conformance-auth conformance-compare

.venv-peers/peers.stamp: requirements/peers.txt | .venv/dev.stamp
	@echo "Installing the servers to compare with into .venv-peers ..." >&2
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-peers
	@$(BIN)/uv pip install --quiet --python .venv-peers/bin/python --require-hashes --only-binary :all: -r $<
	@touch $@

conformance-auth: .venv/dev.stamp ## Hold this server to every rule for MCP resource servers (two minutes)
	@$(BIN)/python -m pytest -q -m conformance tests/conformance/test_this_server.py

conformance-compare: .venv-peers/peers.stamp ## The same beside FastMCP and the MCP SDK (UPDATE=1 rewrites docs/conformance.md)
	@$(BIN)/python -m tests.conformance.compare $(if $(UPDATE),--update)
