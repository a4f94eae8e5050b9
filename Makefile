PYTHON ?= python3
MIN_PYTHON = $(shell sed -n 's/^requires-python = ">=\(.*\)"$$/\1/p' pyproject.toml)
VENV := .venv
BIN := $(VENV)/bin
# Quiet twice: a warning of pip's is about the machine, and hides the address that comes after it.
INSTALL := -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r
LOCK_FOR_ALL = $(BIN)/uv pip compile --quiet --universal --python-version $(MIN_PYTHON) \
	--generate-hashes --no-header $(LOCK)

# Without byte code each worker of pytest, and each of the many Pythons that tests start, compiles
# every module again. Images of containers often switch it off.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run check test clients lock audit bench open-loop chaos simulate attack format clean

run: $(VENV)/run.stamp
	@exec $(BIN)/python -m tracking_site demo

# Most of these tests wait, so there are more workers than cores; what takes long comes first
# (tests/conftest.py), which a new order by the number of tests would undo.
test: $(VENV)/dev.stamp
	@tests/install-tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder \
		$(if $(filter true,$(CI)),,-m "not clients")

# For every save: all that needs no browser, nginx, gunicorn or npm, without the slow proofs. Only
# a proof is collected by the plugin of schemathesis, which every process would load, and no test
# is asynchronous, which the plugin of anyio asks of each.
check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -p no:schemathesis -p no:anyio -n 4 --dist worksteal \
		-m "not (browser or nginx or servers or clients or proofs)"

# Against what others make: too slow for every change. CI=true has `make test` run them as well.
clients: $(VENV)/dev.stamp
	@tests/install-tools clients
	$(BIN)/python -m pytest -m clients

# New lock files, for every Python from the least on; what is pinned stays unless it must change,
# or LOCK=--upgrade asks for the newest.
lock: $(VENV)/dev.stamp
	$(LOCK_FOR_ALL) -o requirements.txt pyproject.toml
	$(LOCK_FOR_ALL) --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	$(LOCK_FOR_ALL) --extra bench -c requirements.txt -o requirements-bench.txt pyproject.toml
	$(LOCK_FOR_ALL) --extra audit -c requirements.txt -o requirements-audit.txt pyproject.toml

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
	$(BIN)/python -m drills.simulate $(SIMULATE)

attack: $(VENV)/dev.stamp
	@tests/install-tools
	$(BIN)/python -m drills.attack $(ATTACK)

chaos: $(VENV)/run.stamp
	@tests/install-tools bench
	$(BIN)/python -m drills.chaos

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

# pip comes last into an environment, so one that was broken off on the way is made anew.
$(BIN)/pip:
	@deploy/make-venv $(PYTHON) $(VENV) $(MIN_PYTHON)

$(VENV)/run.stamp: requirements.txt | $(BIN)/pip
	$(BIN)/python $(INSTALL) requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt | $(BIN)/pip
	$(BIN)/python $(INSTALL) requirements-dev.txt
	@touch $@ $(VENV)/run.stamp

$(VENV)/bench.stamp: requirements-bench.txt $(VENV)/run.stamp
	$(BIN)/python $(INSTALL) requirements-bench.txt
	@touch $@

$(VENV)-audit/stamp: requirements-audit.txt
	@deploy/make-venv $(PYTHON) $(VENV)-audit $(MIN_PYTHON)
	$(VENV)-audit/bin/python $(INSTALL) requirements-audit.txt
	@touch $@
