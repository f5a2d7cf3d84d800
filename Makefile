# Everything starts here. `make help` lists the targets; set PORT= and PYTHON= as needed.
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
SERVICES = .venv/bin/python -m thrive.devserver.local with-services --

COMPILE = var/tools/bin/uv pip compile -q pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url

.PHONY: help run test check bench deep shots reset requirements tidy base dev
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: base ## run the challenge on http://localhost:8000 (PORT= for another) until Ctrl-C
	@exec .venv/bin/python -m thrive.devserver.supervisor run

test: dev ## every check and test
	@exec .venv/bin/python -m tests.stages

check: dev ## format, lint, types, layers, dead code, templates, migrations, settings
	@exec .venv/bin/python -m tests.check

tidy: dev ## format code and templates as make check expects, and write the index of modules
	@.venv/bin/ruff check --quiet --fix .
	@.venv/bin/ruff format --quiet .
	@find templates -name '*.html' -exec .venv/bin/djade --target-version 5.2 {} +
	@.venv/bin/python -m tests.repository.module_index

bench: dev ## the benchmarks against their limits, also into var/bench.json
	@exec $(SERVICES) .venv/bin/python -m tests.bench.run

deep: dev ## the slow and broad checks
	@exec .venv/bin/python -m tests.deep.run

shots: dev ## screenshots of every page and state into var/shots/
	@exec $(SERVICES) .venv/bin/python -m tests.shots.run

reset: base ## throw the local data away
	@exec .venv/bin/python -m thrive.devserver.supervisor reset

requirements: ## write requirements/*.txt from pyproject.toml
	@$(PYTHON) -m venv var/tools && var/tools/bin/pip install -qq "uv>=0.13"
	@$(COMPILE) -o requirements/base.txt
	@$(COMPILE) --group local -c requirements/base.txt -o requirements/local.txt
	@$(COMPILE) --group local --group dev -c requirements/local.txt -o requirements/dev.txt
	@var/tools/bin/uv pip compile -q --group sbom --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url -c requirements/dev.txt -o requirements/sbom.txt

base:
	@$(PYTHON) thrive/devserver/bootstrap.py base

dev:
	@$(PYTHON) thrive/devserver/bootstrap.py dev
