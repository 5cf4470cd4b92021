# The artefact as Lambda runs it, built for this machine's processor.
.PHONY: runtime runtime-figures

runtime: .venv-deploy/sam.stamp ## Run the artefact under AWS's Runtime Interface Emulator
	@$(BIN)/python -m pytest -q -m runtime tests/runtime

runtime-figures: .venv-deploy/sam.stamp ## Measure it there, for docs/runtime.md
	@$(BIN)/python -m tests.runtime.figures
