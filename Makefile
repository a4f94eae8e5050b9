PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test audit bench open-loop chaos simulate attack format clean

run: $(VENV)/run.stamp
	@exec $(BIN)/python -m tracking_site demo

test: $(VENV)/dev.stamp
	@tests/install-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Needs the internet: asks PyPI for known weaknesses of every locked version. --strict, because
# behind a mirror that cannot tell it would find nothing and call that good.
audit: $(VENV)-audit/stamp
	$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		-r requirements.txt
	$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		-r requirements-dev.txt
	$(VENV)-audit/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off \
		-r requirements-bench.txt

simulate: $(VENV)/run.stamp
	$(BIN)/python -m bench.simulate $(SIMULATE)

attack: $(VENV)/dev.stamp
	@tests/install-tools
	$(BIN)/python -m bench.attack $(ATTACK)

chaos: $(VENV)/run.stamp
	@tests/install-tools bench
	$(BIN)/python -m bench.chaos

bench: $(VENV)/dev.stamp $(VENV)/bench.stamp
	@tests/install-tools bench
	$(BIN)/python -m bench.cache
	$(BIN)/python -m bench.guard
	$(BIN)/python -m bench.follow
	$(BIN)/python -m bench.site

# The short edition; OPEN_LOOP="slow-core --write" is one scenario, OPEN_LOOP=--help tells of all.
open-loop: $(VENV)/run.stamp
	@tests/install-tools bench
	$(BIN)/python -m bench.open_loop $(OPEN_LOOP)

format: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) $(VENV)-audit artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis

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

$(VENV)-audit/stamp: requirements-audit.txt
	$(PYTHON) -m venv $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.txt
	@touch $@
