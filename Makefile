# Everything a fresh machine needs is Python 3.11+ and this file.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test suite bench venv lint pictures lock soak audit

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

.venv/.runtime: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Relink needs Python 3.11 or newer; set PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

venv: .venv/.dev ## .venv from the hashed lock files

demo: .venv/.runtime ## bot, demo Slack and portal simulator on http://127.0.0.1:8484
	$(BIN)/python app.py demo

lint: .venv/.dev ## style and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: .venv/.dev ## lint, types, unit, stories, both databases, browser
	@$(MAKE) --no-print-directory --jobs=2 lint suite

# More workers than cores: a test often waits for a process, a database or a browser. Types are checked beside them.
suite: .venv/.dev
	$(BIN)/pytest -n $$($(BIN)/python -c 'import os; print(min(os.cpu_count() + 2, 4))') --dist loadfile --no-loadscope-reorder

bench: .venv/.dev ## measures; prints ratios, writes bench.json
	$(BIN)/python -m tests.bench

soak: .venv/.dev ## kills Relink 200 times on each database under load (SOAK="--kills 20 --database sqlite")
	$(BIN)/python -m tests.soak $(SOAK)

pictures: .venv/.dev ## the README's pictures, from the real demo
	$(BIN)/python -m tests.demo_page.picture

.venv/.audit: requirements-audit.txt .venv/.runtime
	$(PYTHON) -m venv --without-pip .venv/audit
	$(BIN)/python -m pip --python .venv/audit/bin/python install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements-audit.txt
	@touch $@

audit: .venv/.audit ## known vulnerabilities of what the lock files name, where a service can be asked
	$(BIN)/python .ci/audit.py .venv/audit/bin/pip-audit requirements-dev.txt

lock: ## rewrites the lock files from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --extra dev pyproject.toml -o requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --group audit -o requirements-audit.txt
