# This server beside others. Each is a package of its own under .venv-bench, made from requirements/bench.txt.
.PHONY: bench

# Node, its servers, and the plugin's library, for the part of it that goes over HTTP.
.venv-bench/node.stamp: .venv/dev.stamp requirements/node.txt \
		bench/node/package-lock.json bench/node/plugin/package-lock.json
	@echo "Installing Node and the servers to compare with ..." >&2
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/node.txt
	@for folder in bench/node bench/node/plugin; do \
		(cd $$folder && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --ignore-scripts --silent) || exit 1; done
	@mkdir -p $(@D) && touch $@

# What cannot be installed is not measured; the report says so.
bench: .venv/dev.stamp ## Measure this server beside others (QUICK=1 in two minutes, UPDATE=1 rewrites docs/performance*.md)
	@$(MAKE) -s -k .venv-bench/node.stamp .venv-deploy/sam.stamp || true
	@$(BIN)/python -m bench.bench $(if $(QUICK),--quick) $(if $(UPDATE),--update)
