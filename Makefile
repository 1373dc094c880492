# `make` lists the targets. Everything they need is installed into .venv, from requirements pinned by hash.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Whoever gives no environment wants to try the product out.
DEMO := ENVIRONMENT=$${ENVIRONMENT:-demo}

# Besides the contract, the files in which some tests are marked `at_length`.
AT_LENGTH := tests/contract $(shell grep -rl --include='test_*.py' 'at_length' tests)

.DEFAULT_GOAL := help
.PHONY: help run test contract check format messages bench screenshots requirements clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED)  ## Serve the helpdesk with demo data at http://127.0.0.1:8000 (PORT=… changes it)
	@$(DEMO) exec $(BIN)/python manage.py run

test: $(INSTALLED)  ## Run the tests (ARGS='-k word' chooses among them)
	@ENVIRONMENT=test $(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

contract: $(INSTALLED)  ## Ask the API thousands of things made from its document, and what else takes long (CONTRACT_CASES=20000 for more)
	@ENVIRONMENT=test CONTRACT_CASES=$${CONTRACT_CASES:-5000} $(BIN)/python -m pytest $(AT_LENGTH) -n 2 -rP --show-capture=stdout

check: $(INSTALLED)  ## Check style, types, imports and migrations without running anything
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	ENVIRONMENT=test $(BIN)/mypy
	$(BIN)/lint-imports
	ENVIRONMENT=test $(BIN)/python manage.py makemigrations --check --dry-run

format: $(INSTALLED)  ## Put the code into the common format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

messages: $(INSTALLED)  ## Gather what can be translated, compile the translations and say which are missing
	@$(DEMO) $(BIN)/python manage.py messages

bench: $(INSTALLED)  ## Measure requests as ratios to a bare view (ARGS='--tickets 100000' for more)
	@$(DEMO) exec $(BIN)/python manage.py bench $(ARGS)

screenshots: $(INSTALLED)  ## Take the README's screenshots anew (needs Chromium)
	@$(BIN)/python docs/screenshots/take.py

requirements:  ## Pin anew what requirements/*.in ask for (needs uv)
	cd requirements && for name in run dev mcp-1; do \
		uv pip compile --universal --fork-strategy fewest --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-emit-find-links --no-annotate \
			--custom-compile-command 'make requirements' --upgrade -q $$name.in -o $$name.txt || exit 1; \
	done

clean:  ## Remove what was installed and cached, but no data
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(INSTALLED): requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "This needs Python 3.11 or newer, and '$(PYTHON)' is not. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "This Python cannot make virtual environments. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Installing the requirements into $(VENV)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
