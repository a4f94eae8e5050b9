PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test bench chaos simulate format clean

run: $(VENV)/run.stamp
	@exec $(BIN)/python -m tracking_site demo

test: $(VENV)/dev.stamp
	@tests/install-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

simulate: $(VENV)/run.stamp
	$(BIN)/python -m bench.simulate

chaos: $(VENV)/run.stamp
	@tests/install-tools bench
	$(BIN)/python -m bench.chaos

bench: $(VENV)/bench.stamp
	@tests/install-tools bench
	$(BIN)/python -m bench.site
	$(BIN)/python -m bench.cache
	$(BIN)/python -m bench.guard

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

$(VENV)/bench.stamp: requirements-bench.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@
