# Sets everything up by itself: Python 3.11 or newer, make and (where something is missing) apt are all it needs.

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
# Extras stay in the locks, for pip 23, which Debian has, finds `name[extra]` in no other way.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate
# Real browsers and clocks on a busy machine: what failed beside other tests has to pass by itself.
ALONE = $(BIN)/python -m pytest --last-failed --last-failed-no-failures none

.PHONY: run test lock bench screens clean
.DELETE_ON_ERROR:

# The very command that a platform takes from the Procfile.
run: $(VENV)/run.stamp
	@echo "Kindlechat is at http://localhost:$(PORT)/ (Ctrl-C ends it)"
	@exec env PATH="$(CURDIR)/$(BIN):$$PATH" PORT="$(PORT)" sh -c "$$(sed -n 's/^web: //p' Procfile)"

test: $(VENV)/test.stamp
	tests/tools.sh
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python build_site.py
	$(BIN)/python -m pytest -n 2 || $(ALONE)

# Keeps what is locked and still fits; remove a lock first to renew all of it.
lock: $(BIN)/uv
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --group test --constraint requirements.txt --output-file tests/requirements.txt

bench: $(VENV)/test.stamp
	tests/tools.sh
	$(BIN)/python build_site.py
	$(BIN)/python -m bench.relay
	$(BIN)/python -m bench.rendering
	$(BIN)/python -m bench.site
	$(BIN)/python -m bench.across
	$(BIN)/python -m bench.faults --store sqlite
	$(BIN)/python -m bench.faults --store redis

screens: $(VENV)/test.stamp
	tests/tools.sh
	$(BIN)/python -m tests.screens

clean:
	rm -rf $(VENV) .tools public .hypothesis .mypy_cache .pytest_cache .ruff_cache

# pip runs again only when a lock has changed. The tests' lock holds all that the other one does.
$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/test.stamp: tests/requirements.txt requirements.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@ $(VENV)/run.stamp

$(BIN)/uv: | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check uv

# Debian keeps ensurepip, which a new virtualenv needs, in a package of its own.
$(BIN)/python:
	@python3 -c 'import ensurepip, venv' 2>/dev/null || \
		{ $(SUDO) apt-get -qq update && $(SUDO) apt-get -qq install -y python3-venv >/dev/null; }
	python3 -m venv $(VENV)
