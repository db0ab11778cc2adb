# Two commands on a bare machine with git, make and Python 3.11 or newer: make repro, make test
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# As pip does: an office's own certificates count.
export UV_SYSTEM_CERTS := 1

# JupyterLab fetches no news, asks for no newer version and offers no extensions.
QUIET := --LabApp.news_url=None --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.extension_manager=readonly

.DEFAULT_GOAL := help
.PHONY: help setup repro test lint docs bench validate-effects lab lock clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/ready ## make the environment in .venv from requirements.lock

# uv installs what pip would, with the same hashes, in a fraction of the time.
$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; PYTHON=/path/to/python3.12 make setup"; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	grep -A 40 '^uv==' requirements.lock | awk 'NR > 1 && /^[a-z]/ {exit} {print}' > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $(VENV)/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

repro: setup ## run every cycle from raw tables to reports, and name what was made
	@$(BIN)/nvs repro

test: setup ## check style, types, notebooks and docs, run every test, see that dvc.lock is unchanged
	@PATH="$(CURDIR)/$(BIN):$$PATH" tests/run

lint: setup ## check style, types, notebooks and docs alone
	@PATH="$(CURDIR)/$(BIN):$$PATH" tests/run lint

docs: setup ## build the documentation in site/
	$(BIN)/sphinx-build --quiet --fail-on-warning docs site

bench: setup ## time what has to be fast, as ratios within one run
	$(BIN)/python benchmarks/intake.py
	$(BIN)/python benchmarks/draws.py
	$(BIN)/python benchmarks/panel.py
	$(BIN)/python benchmarks/cascades.py
	$(BIN)/python benchmarks/portfolio.py

validate-effects: setup ## plant effects in simulated series, and write in docs/ how often they are found
	$(BIN)/python docs/validate_effects.py

lab: repro ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=notebooks $(QUIET)

lock: setup ## make requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
		--python-version 3.11 --group dev pyproject.toml --output-file requirements.lock

clean: ## remove the environment and what was made by hand or by a run, not the results
	rm -rf $(VENV) scratch runs site docs/tables.md
