# Needs Python >= 3.11 and make. Everything else goes into .venv.  `make PYTHON=/path/to/python3` picks one.
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.leadflow-ready
PYTEST := $(BIN)/python -m pytest
JOBS   ?= 2
UNTYPED := --allow-untyped-defs --allow-incomplete-defs --allow-untyped-calls --allow-any-generics --allow-subclassing-any \
           --no-warn-return-any --no-strict-optional --disable-error-code var-annotated

.PHONY: demo test torture check lint format types imports docs bench clean
.DEFAULT_GOAL := check

demo: $(READY)      ## the whole journey on messy leads: a summary and an HTML report
	$(BIN)/python examples/demo.py

test: $(READY)      ## all tests; those on PostgreSQL are skipped where there is none (in CI they fail)
	$(PYTEST) -n $(JOBS) --dist worksteal $(ARGS)

torture: $(READY)   ## the attacks at length: 200 kills with mail, 10,000 random histories, 20,000 leads under five models; some minutes
	LEADFLOW_TORTURE=1 $(PYTEST) -o faulthandler_timeout=3600 -n $(JOBS) --dist worksteal $(or $(ARGS),tests/flow/test_kill.py tests/flow/test_lookup_kill.py tests/flow/test_merge_races.py tests/flow/test_account_races.py tests/flow/test_merge_worlds.py tests/flow/test_rescore.py tests/races tests/promises)

check: lint types imports test

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY)    ## write what lint would ask for
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: $(READY)     ## strict, but tests need no annotations
	$(BIN)/mypy
	$(BIN)/mypy --cache-dir .mypy_cache/tests $(UNTYPED) tests

imports: $(READY)   ## the layers, as pyproject.toml lists them
	$(BIN)/lint-imports

docs: $(READY)      ## redraw what docs/ shows of the code, then run every block in README.md and docs/
	$(BIN)/python docs/draw.py
	$(PYTEST) tests/test_docs.py
	@echo 'The documentation is Markdown: README.md and docs/*.md.'

bench: $(READY)     ## ratios, all in one run
	$(BIN)/python benchmarks/bench.py $(ARGS)

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(READY): pyproject.toml .ci/venv
	sh .ci/venv $(VENV) '.[dev]' "$(PYTHON)"
	@touch $@
