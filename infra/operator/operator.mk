# What an operator runs against a deployment. Included by the Makefile; every variable may also come from the shell.
# No recipe has a secret in its text. Secrets come from the environment (export NAME), a file (NAME_FILE=path) or a
# prompt (NAME=-): every user of the machine can read make's own command line, and the shell keeps it.
.PHONY: doctor smoke provision secrets activity alarms connections stages cost server-json

SECRETS := TOKEN WORKOS_API_KEY WORKOS_M2M_CLIENT_SECRET REQUEST_STATE_KEY AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
	$(if $(filter secrets,$(MAKECMDGOALS)),$(NAME))
shown_in_argv = $(and $(filter command,$(origin $(1))),$(filter-out -,$($(1))))
$(foreach name,$(SECRETS),$(if $(call shown_in_argv,$(name)),$(warning $(name) is in this command line, where other \
users of this machine can read it, and in your shell history: next time export $(name), or give $(name)_FILE=path or \
$(name)=- where the command takes them)))

doctor: .venv/dev.stamp ## Say why a client cannot connect (URL=, ORIGIN=, FUNCTION=, JSON=1; TOKEN, WORKOS_API_KEY: exported, =- or _FILE=)
	@exec $(BIN)/python -m infra.operator.doctor

smoke: .venv/dev.stamp ## Call a deployment as a client does (URL=, FUNCTION=; TOKEN or WORKOS_M2M_CLIENT_SECRET as for doctor)
	@exec $(BIN)/python -m infra.operator.smoke

provision: .venv/dev.stamp ## Set up WorkOS for this server; shows what it would do, APPLY=1 does it (URL=, STAGE=dev, ONLY=, SKIP=, MACHINE=, ORG=, SECRET_FILE=, JSON=1; asks for WORKOS_API_KEY)
	@exec $(BIN)/python -m infra.operator.provision

# Some shells set a variable NAME of their own, so only make's command line counts.
secrets: export NAME := $(if $(filter command,$(origin NAME)),$(NAME))
secrets: .venv/dev.stamp ## Put the API key (asks for it) and the request-state key into SSM, or one of your own (STAGE=, NAME=STRIPE_KEY, ROTATE=)
	@exec $(BIN)/python -m infra.operator.secrets

activity: .venv/dev.stamp ## Say who called what, newest first, with totals (STAGE=dev, USER_ID=, ORG=, TOOL=, OUTCOME=, WORK=, HOURS=24, LAST=50, JSON=1)
	@exec $(BIN)/python -m infra.operator.activity

alarms: .venv/dev.stamp ## Say which alarms of a stage are on, since when and what to do, and who is told (STAGE=dev, EMAIL=, APPLY=1, JSON=1)
	@exec $(BIN)/python -m infra.operator.alarms

connections: .venv/dev.stamp ## List a user's clients and sessions, and end them (USER_EMAIL=, USER_ID=, REVOKE=, APPLY=1, JSON=1)
	@exec $(BIN)/python -m infra.operator.connections

cost: .venv/dev.stamp ## Say what a stage used and what that costs by AWS's list prices (STAGE=dev, DAYS=30, JSON=1)
	@exec $(BIN)/python -m infra.operator.cost

stages: .venv/dev.stamp ## List the stages with live version, URL and last update (JSON=1)
	@exec $(BIN)/python -m infra.operator.stages

# The NAME of `make server-json`, as above.
export REGISTRY_NAME := $(if $(filter command,$(origin NAME)),$(NAME))

server-json: .venv/dev.stamp ## Print server.json for the MCP registry (URL=, NAME=com.example/acme-tools, DESCRIPTION=)
	@exec $(BIN)/python -m infra.operator.server_json
