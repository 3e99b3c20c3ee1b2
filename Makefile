# Each target makes what it needs, in .venv beside this file. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run demo test lint check format bench bench-matching train-matcher package e2e operator lock clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

.venv/.ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.12"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

run: .venv/.ready ## the whole service on this machine (PORT=8000, ARGS=--ephemeral)
	$(BIN)/python -m infra.local $(ARGS)

demo: .venv/.ready ## the whole story on real data, told as it happens
	$(BIN)/python -m infra.demo $(ARGS)

test: .venv/.ready ## all tests
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: .venv/.ready ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint ## lint, and all tests with branch coverage
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered $(ARGS)

format: .venv/.ready ## format and mend what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.ready ## what it costs: calls, capacity units, ratios against peers
	$(BIN)/python -m bench $(ARGS)

bench-matching: .venv/.ready ## the factory matcher against its baselines (ARGS="--registry FILE --queries FILE")
	$(BIN)/python -m bench.matching $(ARGS)

.venv-train/.ready: requirements.txt requirements-train.txt
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -r requirements-train.txt
	@touch $@

train-matcher: .venv-train/.ready ## fit the matcher's weights anew (ARGS="--registry FILE --queries FILE --decisions FILE")
	.venv-train/bin/python -m infra.train_matcher $(ARGS)

package: .venv/.ready ## the Lambda zip and the CloudFormation template, in dist/
	$(BIN)/python -m infra.package $(ARGS)

e2e: .venv/.ready ## deploy that zip and template into ministack, run the journey over HTTP
	$(BIN)/python -m infra.e2e $(ARGS)

operator: .venv/.ready ## let in the first operators of a stack (ARGS='bootstrap --stack NAME --name LABEL', or 'key')
	$(BIN)/python -m infra.operators $(or $(ARGS),--help)

lock: ## compile the pinned requirements anew
	$(PYTHON) -m venv .venv-lock && .venv-lock/bin/pip install --quiet uv
	.venv-lock/bin/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header requirements.in -o requirements.txt
	for name in dev bench train verify; do \
	  .venv-lock/bin/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-header requirements-$$name.in -o requirements-$$name.txt || exit 1; \
	done

clean: ## remove what make has made (asks before it removes the local stack's kept state)
	rm -rf .venv* dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@if [ -d .local ]; then printf 'Remove .local, the kept state of make run, too? [y/N] '; read answer; \
	  [ "$$answer" = y ] && rm -rf .local || true; fi
