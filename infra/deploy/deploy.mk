# Building and deploying. Three environments, because sam, ministack and checkov pin botocore against one another.
STAGE ?= dev
DEPLOY_BIN := .venv-deploy

export STAGE

.PHONY: build build-McpFunction build-Worker deploy rollback delete github-role deploy-local lint-template

# $(1) is the environment's name, $(2) its lock, $(3) its Python.
define environment
@echo "Installing $(1) into $(DEPLOY_BIN)/$(1) ..." >&2
@$(BIN)/uv venv --quiet --clear --python $(3) $(DEPLOY_BIN)/$(1)
@$(BIN)/uv pip install --quiet --python $(DEPLOY_BIN)/$(1)/bin/python --require-hashes --only-binary :all: -r $(2)
@touch $@
endef

.venv-deploy/sam.stamp: requirements/deploy.txt | .venv/dev.stamp
	$(call environment,sam,$<,$(BIN)/python)

.venv-deploy/checkov.stamp: requirements/checkov.txt | .venv/dev.stamp
	$(call environment,checkov,$<,$(BIN)/python)

# Its Python runs the function, so it is Lambda's where the machine has that one.
.venv-deploy/ministack.stamp: requirements/ministack.txt | .venv/dev.stamp
	$(call environment,ministack,$<,"$$($(BIN)/python -m infra.deploy.interpreter 3.13 || echo $(BIN)/python)")

build: .venv-deploy/sam.stamp ## Build the artefact into .aws-sam/build (STAGE=, ARCHITECTURE=, RUNTIME=)
	@$(BIN)/python -m infra.deploy.build

# sam build calls this target: template.yaml has BuildMethod: makefile. In a fresh checkout it makes .venv first.
build-McpFunction: .venv/dev.stamp
	@$(BIN)/python -m infra.deploy.artefact "$(ARTIFACTS_DIR)"

# The worker is the same artefact with another handler. sam builds the functions in the order of the template.
build-Worker:
	@cp -R "$(ARTIFACTS_DIR)/../McpFunction/." "$(ARTIFACTS_DIR)"

deploy: build ## Build, deploy and try a stage, and print its MCP URL (STAGE=dev, PARAMETERS="Name=value")
	@$(BIN)/python -m infra.deploy.deploy
	@url="$$($(BIN)/python -m infra.deploy.outputs McpUrl)" && \
		function="$$($(BIN)/python -m infra.deploy.outputs FunctionName)" && \
		URL="$$url" FUNCTION="$$function" $(BIN)/python -m infra.operator.smoke
	@$(BIN)/python -m infra.deploy.versions prune
	@$(BIN)/python -m infra.deploy.welcome

rollback: .venv/dev.stamp ## Go back to the version before, at once (STAGE=dev, TO=<version>)
	@$(BIN)/python -m infra.deploy.versions rollback

github-role: .venv-deploy/sam.stamp ## Make the role by which GitHub deploys a stage (STAGE=dev, REPOSITORY=owner/name)
	@$(BIN)/python -m infra.deploy.github_role

delete: .venv-deploy/sam.stamp ## Delete a stage with its logs, secrets and uploads (STAGE=dev, CONFIRM=<stack>)
	@$(BIN)/python -m infra.deploy.delete

deploy-local: .venv-deploy/sam.stamp .venv-deploy/ministack.stamp .venv-deploy/checkov.stamp ## Deploy to a local AWS, log in and call tools, delete
	@$(BIN)/python -m pytest -q -m deploy tests/deploy

lint-template: .venv-deploy/sam.stamp .venv-deploy/checkov.stamp ## Check every CloudFormation template: sam, cfn-lint, checkov
	@template="$$($(BIN)/python -m infra.deploy.template)" && export PYTHONPATH= SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 && \
		$(DEPLOY_BIN)/sam/bin/sam validate --lint --template-file "$$template" && \
		$(DEPLOY_BIN)/sam/bin/cfn-lint --config-file infra/deploy/cfn-lint.yaml --template "$$template" infra/deploy/github-role.yaml && \
		$(DEPLOY_BIN)/checkov/bin/checkov --config-file infra/deploy/checkov.yaml --file "$$template" infra/deploy/github-role.yaml
