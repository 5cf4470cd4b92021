# Makes a project of this template. It needs python3 alone: there may be no environment yet.
.PHONY: init

# The shell reads no part of the name. Some shells set a variable NAME of their own, so only make's command line counts.
init: export PROJECT_NAME = $(if $(filter command,$(origin NAME)),$(value NAME))
init: ## Give the project its name, everywhere (NAME=acme-tools, FORCE=1)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python3 is older than 3.11: set PYTHON=python3.13, say")'
	@$(PYTHON) -m infra.project.init "$$PROJECT_NAME"

# copier pins packages of its own, so it has its own environment. `make e2e` copies the template with it.
.venv-copier/copier.stamp: requirements/copier.txt | .venv/dev.stamp
	@echo "Installing copier into .venv-copier ..." >&2
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-copier
	@$(BIN)/uv pip install --quiet --python .venv-copier/bin/python --require-hashes --only-binary :all: -r $<
	@touch $@

e2e: .venv-copier/copier.stamp
