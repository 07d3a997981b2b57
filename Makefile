# The menu. Everything runs in .venv, which the first target you call makes for you.
PY := .venv/bin/python
QUIET_THREADS := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 NUMBA_NUM_THREADS=1
PLAYER := platform/mixtrial/player/frontend platform/mixtrial/studio/uploader/frontend \
	platform/mixtrial/studio/leaving/frontend
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint types imports player unit busy validate docs pictures bench load audit pythons newest lock release format clean

help: ## Show this menu
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.run: pyproject.toml .ci/lock/core.txt
	@bash .ci/install run

.venv/.dev: pyproject.toml $(wildcard .ci/lock/*.txt)
	@bash .ci/install dev

.ci/player/node_modules/.package-lock.json: .ci/player/package-lock.json
	@bash .ci/node

demo: .venv/.run ## Build the demo study and open its doors (links are printed)
	@$(PY) -m mixtrial demo

test: .venv/.dev lint types imports player unit ## Lint, types, import rules, the player, all tests with the browser

lint: .venv/.dev ## Style and formatting (ruff), and words that docs/style.md does without
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .
	@$(PY) tests/house/words.py

types: .venv/.dev ## Types (mypy --strict)
	@$(PY) -m mypy

imports: .venv/.dev ## Who may import whom (import-linter)
	@.venv/bin/lint-imports

player: .ci/player/node_modules/.package-lock.json ## The player's JavaScript: types (tsc) and style (eslint)
	@.ci/player/node_modules/.bin/tsc --project .ci/player
	@.ci/player/node_modules/.bin/eslint --config .ci/player/eslint.config.js --max-warnings 0 $(PLAYER)

unit: .venv/.dev ## The tests alone (pytest)
	@bash .ci/chromium
	@bash .ci/firefox
	@$(QUIET_THREADS) $(PY) -m pytest -q -m "not slow" -n 3 --dist loadfile --no-loadscope-reorder \
	  -rs --durations=15 --durations-min=10

busy: .venv/.dev ## The tests three times in a row, beside four processes that compute without end
	@bash .ci/busy

validate: .venv/.dev ## Slow validation: Monte Carlo, long runs
	@bash .ci/chromium
	@bash .ci/firefox
	@$(QUIET_THREADS) $(PY) -m pytest -q -m slow

docs: .venv/.dev ## The documentation as a site, in build/site (open its index.html)
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet --config-file docs/site/mkdocs.yml

pictures: .venv/.dev ## The screenshots of the documentation, taken anew
	@for each in page_types studio tutorial; do \
	  PYTHONPATH=tests/support:tests/support/servers:. $(PY) -m tests.developing.pictures.$$each || exit 1; done
	@$(PY) -m analysis.report.documents.gallery

bench: .venv/.dev ## Speed, as ratios measured in one run
	@$(QUIET_THREADS) $(PY) -m mixing.bench
	@$(QUIET_THREADS) $(PY) -m stimuli.bench
	@$(QUIET_THREADS) $(PY) -m analysis.validation.bench
	@$(QUIET_THREADS) $(PY) -m mixing.learning.bench
	@bash .ci/chromium
	@PYTHONPATH=tests/support:. $(PY) -m tests.developing.bench_page

load: .venv/.dev ## What a server bears, beside pymushra, on loopback (some six minutes)
	@test -x .venv/pymushra/bin/python || { python3 -m venv .venv/pymushra \
	  && .venv/pymushra/bin/pip install -q pymushra; } || rm -rf .venv/pymushra
	@$(QUIET_THREADS) $(PY) -m mixtrial.load \
	  $$(test -x .venv/pymushra/bin/python && echo --pymushra .venv/pymushra/bin/python)

audit: .venv/.dev ## Known vulnerabilities of everything installed (asks PyPI or OSV)
	@bash .ci/audit

pythons: ## The tests, browsers aside, on each Python from 3.11 to 3.13 that is here (TESTS=tests/mixing: some)
	@$(QUIET_THREADS) bash .ci/pythons locked $(TESTS)

newest: ## The same with the newest versions of all packages instead of the lock's
	@$(QUIET_THREADS) bash .ci/pythons newest $(TESTS)

lock: .venv/.dev ## Refresh the lock, the bill of materials, the licences, the platforms (KEEP=1: versions stay)
	@bash .ci/lock/refresh $(if $(KEEP),,--upgrade)

release: .venv/.dev ## Wheel, sdist and checksums in dist/, checked; nothing is uploaded
	@bash .ci/release

format: .venv/.dev ## Rewrite the files in the house style
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

clean: ## Remove what the other targets made (not your studies)
	@rm -rf .venv .ci/player/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
