# The load model of docs/scaling.md.
.PHONY: scaling

scaling: .venv/dev.stamp $(if $(MEASURE),.venv-deploy/sam.stamp) ## Compute and simulate loads (MEASURE=1 measures first, UPDATE=1 rewrites docs/scaling.md)
ifdef MEASURE
	@set -e; printed=$$($(BIN)/python -m tests.runtime.figures); echo "$$printed"; \
		echo "$$printed" | $(BIN)/python -m bench.scaling.record
endif
	@$(BIN)/python -m bench.scaling.run $(if $(UPDATE),--update)
