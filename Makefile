# Everything starts here. Needs make and Python; the rest it brings itself.
# Any Python that runs will do here: the bootstrap looks for one that is new enough, or fetches it.
PYTHON ?= $(shell for name in python3 python3.13 python; do $$name -c '' 2>/dev/null && echo $$name && break; done || echo python3)
VENV := .venv/bin
RUN := $(VENV)/python

.DEFAULT_GOAL := help
.PHONY: help base dev demo demo-reset test lint types migrations check bench screenshots backup restore requirements clean

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

base: # What the portal needs to run
	@$(PYTHON) scripts/bootstrap.py base

dev: # What tests and checks need besides
	@$(PYTHON) scripts/bootstrap.py dev

demo: base ## Run the portal with an invented tenant; PORT=8000 PORTAL_DATA_DIR=.data
	@exec $(RUN) -m portal.supervisor

demo-reset: base ## Delete the demo's data; the next `make demo` starts over
	@$(RUN) -m portal.supervisor reset

test: dev ## Run every test, on servers of its own; ARGS="tests/sla -x" for some
	@$(RUN) scripts/run_tests.py $(ARGS)

lint: dev ## Style of code and templates
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@find templates -name '*.html' -print0 | xargs -0 $(VENV)/djade --check --target-version 6.0

types: dev ## Types
	@$(VENV)/mypy

migrations: dev ## Whether the migrations match the models and can run under load
	@$(RUN) manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=tests.migration_settings LOG_LEVEL=WARNING $(RUN) manage.py lintmigrations --quiet ok ignore

check: lint types migrations ## Lint, types, migrations, import rules, dependencies
	@$(VENV)/lint-imports
	@$(VENV)/deptry . --config requirements/deptry.toml

bench: dev ## Measure and print; asserts nothing
	@$(RUN) -m bench $(ARGS)

screenshots: dev ## Photograph every page into screenshots/; ALL=1 for every role and language
	@$(RUN) -m tests.screenshots $(if $(ALL),--all) $(ARGS)

backup: base ## Save database and files to FILE (default: backups/portal-TIME.tar)
	@$(RUN) -m portal.backup save $(FILE)

restore: base ## Put what was saved back: FILE=... and FORCE=1 to replace what is there
	@$(RUN) -m portal.backup restore $(FILE) $(if $(FORCE),--force)

requirements: dev ## Compile requirements/*.in into pinned, hashed files
	@for name in base dev; do \
	  $(VENV)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.12 $(ARGS) \
	    requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean: ## Delete the virtualenv and everything that tools have left; the demo's data stays
	rm -rf .venv .bootstrap .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis screenshots
	find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +
