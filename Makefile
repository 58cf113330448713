# Every target sets up what it needs. It takes Python 3.11 or newer, make and, where a program is missing, apt.

PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
SUDO := $(if $(filter-out 0,$(shell id -u)),sudo)
# The locks keep extras: pip 23, which Debian has, finds `name[extra]` in no other way.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate
PYTEST = $(BIN)/python -m pytest -n auto
ENGINES = tests/e2e/test_compatibility.py --engines --write-tables -o faulthandler_timeout=600
QUICK = --quick -m "not browser and not survival"
# A busy machine can upset real browsers and time-outs: a test that failed beside others must pass alone.
ALONE = $(BIN)/python -m pytest --last-failed --last-failed-no-failures none
# Runs tests while types are checked. Both must pass.
beside_types = $(BIN)/mypy & types=$$!; $(1); tests=$$?; wait $$types && exit $$tests
# The address that the tests build the site for, too, so that it is built once.
BUILD = $(BIN)/python build_site.py --server --base-url http://localhost:8000

# Bytecode is always kept: the tests start many servers, and each would compile every module again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run check test engines lint lock bench screens clean
.DELETE_ON_ERROR:

# Runs the command that a platform takes from the Procfile.
run: $(VENV)/run.stamp
	@echo "Kindlechat is at http://localhost:$(PORT)/ (Ctrl-C ends it)"
	@exec env PATH="$(CURDIR)/$(BIN):$$PATH" PORT="$(PORT)" sh -c "$$(sed -n 's/^web: //p' Procfile)"

# For every change while you work: no browser, and no server killed.
check: lint
	@$(call beside_types,$(PYTEST) $(QUICK))

# Everything, before a change lands.
test: lint
	@$(call beside_types,$(PYTEST) || $(ALONE))

# Tries every engine there is, and writes docs/compatibility.md.
engines: $(VENV)/test.stamp
	tests/tools.sh engines
	$(BUILD)
	$(PYTEST) $(ENGINES) || $(ALONE) $(ENGINES)

lint: $(VENV)/test.stamp
	tests/tools.sh
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BUILD)

# Keeps the locked versions that still fit; to renew all of them, remove a lock first.
lock: $(BIN)/uv
	$(COMPILE) pyproject.toml --output-file requirements.txt
	$(COMPILE) pyproject.toml --group test --constraint requirements.txt --output-file tests/requirements.txt

bench: $(VENV)/test.stamp
	tests/tools.sh
	$(BIN)/python build_site.py --server
	$(BIN)/python -m bench.relay
	$(BIN)/python -m bench.poll
	$(BIN)/python -m bench.idle
	$(BIN)/python -m bench.bytes
	$(BIN)/python -m bench.rendering
	$(BIN)/python -m bench.growing
	$(BIN)/python -m bench.hostile
	$(BIN)/python -m bench.hub
	$(BIN)/python -m bench.export
	$(BIN)/python -m bench.library
	$(BIN)/python -m bench.links
	$(BIN)/python -m bench.site
	$(BIN)/python -m bench.across
	$(BIN)/python -m bench.faults --store sqlite
	$(BIN)/python -m bench.faults --store redis
	$(BIN)/python -m bench.soak --store sqlite
	$(BIN)/python -m bench.soak --store redis

screens: $(VENV)/test.stamp
	tests/tools.sh
	$(BIN)/python -m harness.screens

clean:
	rm -rf $(VENV) .tools public .hypothesis .mypy_cache .pytest_cache .ruff_cache

# pip runs again only after a lock has changed. The tests' lock includes the other one.
$(VENV)/run.stamp: requirements.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# The tests' other programs come at the same time, from elsewhere.
$(VENV)/test.stamp: tests/requirements.txt requirements.txt | $(BIN)/python
	@tests/tools.sh & programs=$$!; \
		$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r $<; \
		packages=$$?; wait $$programs && exit $$packages
	@touch $@ $(VENV)/run.stamp

$(BIN)/uv: | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check uv

# A new virtualenv needs ensurepip, which Debian ships in a separate package.
$(BIN)/python:
	@python3 -c 'import ensurepip, venv' 2>/dev/null || \
		{ $(SUDO) apt-get -qq update && $(SUDO) apt-get -qq install -y python3-venv >/dev/null; }
	python3 -m venv $(VENV)
