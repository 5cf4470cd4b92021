# The artefact as Lambda runs it, built for this machine's processor.
.PHONY: runtime runtime-figures bounds

runtime: .venv-deploy/sam.stamp ## Run the artefact under AWS's Runtime Interface Emulator
	@$(BIN)/python -m pytest -q -m runtime tests/runtime

runtime-figures: .venv-deploy/sam.stamp ## Measure it there, for docs/runtime.md
	@$(BIN)/python -m tests.runtime.figures

bounds: .venv/dev.stamp ## Measure what heavy bodies cost it at 1024 MB, for docs/failures.md (ALL=1 for every shape)
	@$(BIN)/python -m bench.bounds $(if $(ALL),--all)
