# Using a server from the terminal. Included by the Makefile; every variable may also come from the shell.
# TOKEN is a secret: infra/operator/operator.mk says how it is given.
.PHONY: list call prompt read logout connect inspector

# Each command takes URL=, or STAGE= for a stack in AWS, or the server of `make dev` at PORT. STAGE has a default
# for `make deploy`, so only one that the user gave counts here.
export TERMINAL_STAGE := $(if $(filter command environment,$(origin STAGE)),$(STAGE))

# The NAME of `make connect`. Some shells set a variable NAME of their own, so only make's command line counts.
export ENTRY_NAME := $(if $(filter command,$(origin NAME)),$(NAME))

# JSON and an address may have a $, which make would expand: an address of a server could so run a command here.
# $(value) takes the text as it was typed.
$(foreach name,ARGS RESOURCE,$(if $(filter command,$(origin $(name))),$(eval override $(name) := $$(value $(name)))\
$(eval export $(name))))

list: .venv/dev.stamp ## Show a server's tools, prompts and resources; logs you in (URL= or STAGE=, TOKEN, JSON=1)
	@exec $(BIN)/python -m infra.terminal.list

call: .venv/dev.stamp ## Call a tool: TOOL=whoami ARGS='{"name":"value"}' (URL=, STAGE=, TOKEN, SAVE=, JSON=1)
	@exec $(BIN)/python -m infra.terminal.call

prompt: .venv/dev.stamp ## Show the messages of a prompt: PROMPT=introduce_me ARGS='{...}' (URL= or STAGE=, TOKEN)
	@exec $(BIN)/python -m infra.terminal.prompt

read: .venv/dev.stamp ## Show a resource: RESOURCE=server://about (URL= or STAGE=, TOKEN, SAVE=folder)
	@exec $(BIN)/python -m infra.terminal.read

logout: .venv/dev.stamp ## Forget the login of list, call, prompt and read (URL= or STAGE=)
	@exec $(BIN)/python -m infra.terminal.logout

inspector: .venv/node.stamp ## Open MCP Inspector's page, connected (URL= or STAGE=, TOKEN, INSPECTOR_PORT=)
	@exec $(BIN)/python -m infra.terminal.inspector

# `make --dry-run` would only show the command. With + it runs, and is told to write nothing.
connect: .venv/dev.stamp ## Add the server to another client: CLIENT=cursor, or none for a list (URL=, STAGE=, NAME=, FOLDER=, DRY_RUN=1)
	+@$(if $(findstring n,$(firstword -$(MAKEFLAGS))),DRY_RUN=1 )$(BIN)/python -m infra.terminal.connect
