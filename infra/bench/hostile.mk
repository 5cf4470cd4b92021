# Random hostile inputs against one warm environment. SEED repeats a run.
.PHONY: hostile

hostile: .venv/dev.stamp ## Let random requests, tokens, code and services loose on the server (SEED=, EXAMPLES=500)
	@seed="$${SEED:-$$(date +%s)}"; echo "SEED=$$seed"; \
	HOSTILE_SEED="$$seed" HOSTILE_EXAMPLES="$(or $(EXAMPLES),500)" $(BIN)/python -m pytest -q -n 2 --dist loadfile --timeout 0 \
		--hypothesis-seed="$$seed" tests/hostile tests/test_hostile_bodies.py
