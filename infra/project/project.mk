# Makes a project of this template. It needs python3 alone: there may be no environment yet.
.PHONY: init

init: ## Give the project its name, everywhere (NAME=acme-tools, FORCE=1)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python3 is older than 3.11: set PYTHON=python3.13, say")'
	@$(PYTHON) -m infra.project.init '$(NAME)'
