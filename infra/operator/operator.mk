# What an operator runs against a deployment. Included by the Makefile; every variable may also come from the shell.
# Variables of the command line reach the commands through the environment: no recipe has a secret in its text.
.PHONY: doctor smoke provision secrets

doctor: .venv/dev.stamp ## Say why a client cannot connect (URL=, TOKEN=, WORKOS_API_KEY=, ORIGIN=, JSON=1)
	@exec $(BIN)/python -m infra.operator.doctor

smoke: .venv/dev.stamp ## Call a deployment as a client does (URL=, TOKEN= or WORKOS_M2M_CLIENT_ID/_SECRET with WORKOS_AUTHKIT_DOMAIN)
	@exec $(BIN)/python -m infra.operator.smoke

provision: .venv/dev.stamp ## Register this server in WorkOS; shows what it would do, APPLY=1 does it (STAGE=, URL=)
	@exec $(BIN)/python -m infra.operator.provision

secrets: .venv/dev.stamp ## Put the API key and the request-state key into SSM (STAGE=, ROTATE=request-state-key)
	@exec $(BIN)/python -m infra.operator.secrets
