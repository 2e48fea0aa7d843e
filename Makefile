# Everything is done from a fresh clone with Python 3.11 or newer and make: each target first makes
# the virtual environment that it needs.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
SERVICES := registry rules monitoring

# What Python compiles is kept, whatever the shell says: the system is many processes.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-deep test-faults test-spark check bench openapi rules lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

run: $(READY) ## Start PostgreSQL, the three services and their workers, with a sample county
	@$(BIN)/python -m deploy.local

test: $(READY) ## Run every test
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadgroup

test-deep: $(READY) ## Run every test, and try what is random 25 times as often
	QINGLING_TESTS=deep $(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadgroup

test-faults: $(READY) ## Break the whole system in full: kills, restarts, slow clients, a full disk
	QINGLING_FAULTS=full $(BIN)/python -m pytest tests/faults

test-spark: $(READY) ## Install PySpark (needs Java 17) and test the generated SQL on it
	@java -version >/dev/null 2>&1 || [ -x "$$JAVA_HOME/bin/java" ] \
		|| { echo "Spark needs Java 17 or newer: install openjdk-17-jre-headless or set JAVA_HOME"; exit 2; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	$(BIN)/python -m pytest tests/spark

check: $(READY) ## Check style, types, import contracts and the committed documents
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@for service in $(SERVICES); do \
		$(BIN)/python -m services.$$service openapi > $(VENV)/made || exit 1; \
		diff -u services/$$service/openapi.json $(VENV)/made \
		|| { echo "services/$$service/openapi.json is not what the service serves; run make openapi"; exit 1; }; \
	done
	@$(BIN)/python -m services.rules.vocabulary > $(VENV)/made
	@diff -u services/rules/RULES.md $(VENV)/made \
		|| { echo "services/rules/RULES.md is not what the policy says; run make rules"; exit 1; }

bench: $(READY) ## Measure: engine, evaluations, columns, routes, facts, import, a province, what-ifs, abuse
	$(BIN)/python -m tests.bench $(filter-out $@,$(MAKECMDGOALS))

ifeq (bench,$(firstword $(MAKECMDGOALS)))
# What stands behind it names the parts to measure: make bench abuse.
.PHONY: $(wordlist 2,9,$(MAKECMDGOALS))
$(wordlist 2,9,$(MAKECMDGOALS)): ;@:
endif

openapi: $(READY) ## Write the OpenAPI document of each service
	@for service in $(SERVICES); do \
		$(BIN)/python -m services.$$service openapi --out services/$$service/openapi.json; \
	done

rules: $(READY) ## Write the document of the rules, their citations and cases
	$(BIN)/python -m services.rules.vocabulary > services/rules/RULES.md

lock: ## Pin every library with its hashes from pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --generate-hashes --group dev --no-header --no-emit-index-url \
		--python-version 3.11 pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --extra spark --no-header --no-emit-index-url \
		--python-version 3.11 pyproject.toml --constraints requirements.lock --output-file requirements-spark.lock

clean: ## Remove the virtual environment, caches and the local data
	rm -rf $(VENV) .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
