# One environment's long life. SEED repeats a run.
.PHONY: endurance

endurance: .venv/dev.stamp ## Send 100,000 mixed exchanges to one environment, watch its memory (EXCHANGES=, SEED=)
	@exec $(BIN)/python -m bench.endurance $(if $(EXCHANGES),--exchanges '$(EXCHANGES)') $(if $(SEED),--seed '$(SEED)')
