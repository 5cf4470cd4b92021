# Libraries that turn a server's tools into those of a model's API.
.PHONY: converters

# Agents' libraries in two environments, because some need version 1 of the MCP SDK and some version 2.
# `sync` and not `install`: a lock may leave packages out (requirements/*.exclude).
.venv-converters-%/converters.stamp: requirements/converters-%.txt | .venv/dev.stamp
	@echo "Installing agents' libraries into $(@D) ..." >&2
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	@$(BIN)/uv pip sync --quiet --python $(@D)/bin/python --require-hashes --only-binary :all: $<
	@touch $@

LIBRARIES := .venv-converters .venv-converters-mcp1 .venv-converters-mcp2

converters: .venv/node.stamp $(LIBRARIES:%=%/converters.stamp) ## Give every tool to agents' libraries: LangChain, Pydantic AI, CrewAI, ...
	@$(BIN)/python -m pytest -q -n 2 -m converters
