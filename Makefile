# Bare `make` lists the targets.
PYTHON ?= python3
BIN = .venv/bin

.DEFAULT_GOAL := help
.PHONY: help lab fresh test test-browser test-long notebooks lint lint-js types bench python environment

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

lab: python ## open the course in JupyterLab; another lesson: make lab LESSON=en/01_one_channel
	@$(PYTHON) tools/lab.py $(LESSON) $(LAB_OPTIONS)

fresh: python ## a fresh copy of a lesson, yours kept beside it: make fresh LESSON=en/03_padding
	@$(PYTHON) tools/course.py fresh $(or $(LESSON),$(error Name a lesson: make fresh LESSON=en/03_padding))

test: environment ## unit tests, properties, doctests, notebook hygiene, and every notebook run again and compared
	@$(BIN)/python -m pytest -n auto --dist loadscope --nbval --nbval-current-env --nbval-cell-timeout=60 $(TESTS)

test-browser: environment ## drive a real JupyterLab in a real Chromium
	@$(BIN)/python -m pytest tests/browser -n 2 --dist loadscope $(TESTS)

test-long: environment ## the same two, all states and architectures, every lesson in the browser; takes an hour
	@LONG=1 $(MAKE) --no-print-directory test
	@LONG=1 $(MAKE) --no-print-directory test-browser

notebooks: environment ## run the notebooks and write their outputs; some only: make notebooks LESSONS="01 05"
	@$(BIN)/python tools/notebooks.py $(LESSONS)

lint: environment ## look for mistakes, for another layout than ruff's, and for notebooks that are not clean
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python tools/notebooks.py --check

types: environment ## check the types of lessonlib
	@$(BIN)/mypy

lint-js: node_modules/.package-lock.json ## the same for the views' JavaScript, and its types; needs Node
	@npm run --silent lint

node_modules/.package-lock.json: package.json package-lock.json
	@npm ci --no-audit --no-fund --silent
	@touch $@

bench: environment ## measure what benchmarks/ measures
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

environment: python
	@$(PYTHON) tools/environment.py test

python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or later from python.org or your system's packages." >&2; exit 1; }
