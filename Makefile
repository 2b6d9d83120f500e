# One command for everything; `make` lists them. Needs Python 3.11 or newer and make; every target makes what it stands on.

PYTHON ?= python3
VENV := .venv
DEV := .venv-dev
# Marks a finished environment: one that was interrupted half way is made again.
READY := .made-from-pyproject
# Optional: PyTorch is large, and no part of the project installs it.
TORCH_TESTS := tests/reference/test_against_torch.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-slow test-torch fuzz kills seeds golden lint types bench picture docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/$(READY) ## grade a sample class, a lab and derivations, and say where the reports are
	$(VENV)/bin/grader demo

test: lint types ## linter, types and all tests of seconds (some ten minutes on two cores)
	$(DEV)/bin/python -m pytest -n auto -m "not slow"
	@echo "skipped here: the slow kind, which needs minutes or a browser (make test-slow)"

test-slow: $(DEV)/$(READY) ## tests that take longer or need more; a skip is a failure
	GRADER_NO_SKIPS=1 $(DEV)/bin/python -m pytest -n auto --dist loadgroup -m slow --ignore $(TORCH_TESTS)

test-torch: $(DEV)/$(READY) ## compare the rules with PyTorch, where it is installed in .venv-dev
	GRADER_NO_SKIPS=1 $(DEV)/bin/python -m pytest $(TORCH_TESTS)

fuzz: $(DEV)/$(READY) ## send 200,000 damaged streams to what reads student processes, from a new seed
	@seed=$$($(DEV)/bin/python -c 'import secrets; print(secrets.randbelow(10**9))'); echo "seed $$seed"; \
	GRADER_FUZZ_SEED=$$seed GRADER_FUZZ_STREAMS=200000 \
	    $(DEV)/bin/python -m pytest -q -n auto tests/sandbox/test_wire_fuzz.py \
	    || { echo "again: GRADER_FUZZ_SEED=$$seed GRADER_FUZZ_STREAMS=200000"; exit 1; }

kills: $(DEV)/$(READY) ## kill grader, workers, warm processes and jobs at 100 moments (minutes)
	GRADER_NO_SKIPS=1 GRADER_KILLS=100 $(DEV)/bin/python -m pytest -n auto -m slow tests/cli/test_cli_killed.py

seeds: $(DEV)/$(READY) ## grade every corpus on twenty seeds (a quarter of an hour)
	GRADER_NO_SKIPS=1 GRADER_SEEDS=20 $(DEV)/bin/python -m pytest -n auto -m slow tests/test_corpus.py -k seed

golden: $(DEV)/$(READY) ## write the ten reports anew that tests compare with: look at the difference
	GRADER_WRITE_GOLDEN=1 $(DEV)/bin/python -m pytest -q tests/reports/test_golden.py
	git diff --stat -- tests/reports/golden

lint: $(DEV)/$(READY) ## ruff: rules and format
	$(DEV)/bin/ruff check
	$(DEV)/bin/ruff format --check

types: $(DEV)/$(READY) ## mypy, strict
	$(DEV)/bin/mypy

bench: $(DEV)/$(READY) ## time a class of 1,000 beside a bare fork, and watch the memory of 10,000 (minutes)
	$(DEV)/bin/python benchmarks/class_of.py

picture: $(DEV)/$(READY) ## make the pictures of the README again
	$(DEV)/bin/python scripts/picture.py

docs: $(DEV)/$(READY) ## build the site of all pages into build/site; a warning is an error
	$(DEV)/bin/python -m sphinx --quiet --fail-on-warning --keep-going --builder html --conf-dir docs --doctree-dir build/doctrees . build/site
	@echo "build/site/index.html"

clean: ## remove the environments and what tools left
	rm -rf $(VENV) $(DEV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(VENV)/$(READY): EXTRAS :=
$(DEV)/$(READY): EXTRAS := [dev]
$(VENV)/$(READY) $(DEV)/$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	rm -rf $(@D)
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --editable '.$(EXTRAS)'
	@touch $@
