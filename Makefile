# Everything sets itself up: a Python >= 3.11 with pip and venv is all that is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := .uv/bin/uv
STAMP := $(VENV)/.installed
LOOK := $(VENV)/.looking
GENERATORS := $(VENV)/.generating
COMPILE := pip compile --system-certs --universal --generate-hashes --no-header --no-annotate
PYTEST_JOBS ?= 2

ART := src/cavendish_sketch/data/art.xz
NODE := tests/clients/node/node_modules/.installed

.PHONY: help serve test test-fast test-external test-diffusers test-generators test-wheel check lint types directions art docs bench marks gallery chaos fuzz lock clean
.DEFAULT_GOAL := help

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 18

serve: $(STAMP) $(ART)  ## Start the service; prints a key and a curl line. ARGS='--port 9000' to pass options
	@$(BIN)/cavendish serve $(ARGS)

test: check $(LOOK) $(ART) $(NODE)  ## Lint, types, import directions and all tests
	$(BIN)/pytest -n $(PYTEST_JOBS) $(ARGS)

test-fast: $(LOOK) $(ART) $(NODE)  ## Tests without those that start real processes
	$(BIN)/pytest -n $(PYTEST_JOBS) --ignore=tests/processes --ignore=tests/chaos $(ARGS)

test-external: $(LOOK) $(ART) $(NODE)  ## All tests against your own PostgreSQL: CAVENDISH_DATABASE_URL=postgresql://…
	@test -n "$$CAVENDISH_DATABASE_URL" || { echo 'set CAVENDISH_DATABASE_URL to a server where databases may be created'; exit 2; }
	$(BIN)/pytest -n $(PYTEST_JOBS) $(ARGS)

# Apart from the rest: PyTorch has gigabytes, and its processor build is not in every index.
TORCH ?= torch
test-diffusers: $(STAMP)  ## Tests of the engine diffusers, in an environment of its own. TORCH=torch==2.13.0 to choose a build
	@test -x .venv-diffusers/bin/python || $(PYTHON) -m venv .venv-diffusers
	.venv-diffusers/bin/pip install --quiet --disable-pip-version-check '$(TORCH)'
	.venv-diffusers/bin/pip install --quiet --disable-pip-version-check '.[diffusers]' anyio pytest psutil
	cd tests/engines && ../../.venv-diffusers/bin/python -m pytest -q -c ../../pyproject.toml --rootdir=../.. test_diffusers.py test_engine_contract.py $(ARGS)

# Apart from the rest: openapi-generator and a Java to run it are 65 MB. What has no javac compiles no Java, and says so.
test-generators: $(GENERATORS) $(NODE)  ## Clients that generators make of /openapi.json, in Python, TypeScript and Java
	$(BIN)/pytest -rs tests/clients/test_openapi_generators.py tests/clients/test_generated_client.py $(ARGS)

test-wheel: $(STAMP) $(ART)  ## Build the wheel, install it in an empty environment, serve from it and have it draw
	$(BIN)/python tools/try_wheel.py --uv $(UV)

check: lint types directions  ## Lint, types and import directions

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

directions: $(STAMP)
	$(BIN)/lint-imports

art: $(STAMP)  ## Fetch the drawings and words that the sketch engine uses, or say why they cannot be had
	@$(BIN)/python tools/build_sketch_art.py --require

# Without them the engine draws scenes only; that is no reason not to start.
$(ART): tools/build_sketch_art.py | $(STAMP)
	@$(BIN)/python tools/build_sketch_art.py

docs: $(STAMP)  ## Write the pages of settings and errors anew from the code
	@for script in docs/generate_*.py; do $(BIN)/python $$script || exit; done

bench: $(STAMP) $(ART)  ## Speed and memory, with ratios against a floor measured in the same run
	$(BIN)/python -m benchmarks $(ARGS)

marks: $(LOOK) $(ART)  ## What the invisible watermark survives, and what is found where none is; an hour on two cores
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.marks --page docs/watermark.md $(ARGS)

gallery: $(LOOK) $(ART)  ## Draw a page of pictures to look at, in artifacts/gallery. ARGS='--only fox --quality 4K'
	$(BIN)/python tools/gallery.py $(ARGS)

FAULTS ?= 300
chaos: $(STAMP)  ## Kill everything at random under load, then check every invariant. FAULTS=300
	$(BIN)/python -m tests.chaos --faults $(FAULTS) $(ARGS)

fuzz: $(STAMP)  ## Long property tests: more examples of the stateful models and of hostile bodies
	CAVENDISH_TEST_EXAMPLES=2000 $(BIN)/pytest -n $(PYTEST_JOBS) -m fuzz $(ARGS)

lock: $(UV)  ## Choose the newest allowed versions of all dependencies anew
	$(UV) $(COMPILE) pyproject.toml --group dev --upgrade -o requirements.txt
	$(UV) $(COMPILE) --group pyproject.toml:look -c requirements.txt --upgrade -o requirements-look.txt
	$(UV) $(COMPILE) --group pyproject.toml:generators -c requirements.txt --upgrade -o requirements-generators.txt
	$(UV) $(COMPILE) --group pyproject.toml:uv --upgrade -o requirements-uv.txt
	$(UV) $(COMPILE) --group pyproject.toml:npm --upgrade -o requirements-npm.txt

clean:  ## Remove what was installed and built
	rm -rf $(VENV) .venv-diffusers .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis artifacts $(dir $(ART))

# requirements.txt locks every version with its hash and names no index: yours is used.
$(STAMP): requirements.txt pyproject.toml $(UV)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(UV) pip sync --system-certs --quiet --require-hashes --python $(BIN)/python requirements.txt \
		|| $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation --offline --python $(BIN)/python --editable .
	@touch $@

# More than serving needs: a browser's driver, and photographs.
$(LOOK): requirements-look.txt $(STAMP)
	@$(UV) pip install --system-certs --quiet --require-hashes --python $(BIN)/python -r requirements-look.txt \
		|| $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-look.txt
	@touch $@

$(GENERATORS): requirements-generators.txt $(STAMP)
	@$(UV) pip install --system-certs --quiet --require-hashes --python $(BIN)/python -r requirements-generators.txt \
		|| $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-generators.txt
	@touch $@

# Clients in JavaScript to test with, locked by their bytes; without npm, or a registry, their tests say that they are skipped.
$(NODE): tests/clients/node/package-lock.json
	@mkdir -p $(dir $@)
	@if command -v npm >/dev/null; then \
		(cd tests/clients/node && npm ci --ignore-scripts --no-audit --no-fund --silent) \
		|| echo 'the npm packages could not be installed: clients in JavaScript are NOT tested'; \
	else echo 'npm is not installed: clients in JavaScript are NOT tested'; fi
	@mkdir -p $(dir $@)
	@touch $@

# The installer itself: pip knows what it installs by its bytes.
$(UV): requirements-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo 'Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 …'; exit 2; }
	@$(PYTHON) -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@
