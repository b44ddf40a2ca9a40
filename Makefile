# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

FUNCTIONS := ingest score alert_dispatch rules_crud dashboard
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 \
  --generate-hashes --no-annotate --no-header --upgrade --quiet

.PHONY: help run stack test test-unit servers check manifests train bench coldstart scenarios cluster-test lock openapi holidays clean

help:  ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/run  ## the whole engine on one port, nothing else needed
	@$(BIN)/risksentinel serve

stack: .venv/run servers  ## everything as in a cluster, on real servers; ACTIVATOR=1: at rest no function
	@$(BIN)/risksentinel stack

test: .venv/dev servers  ## every test, on the real servers
	@$(BIN)/python -m pytest

QUICK := $(BIN)/python -m pytest -q -m "not needs_server and not slow"

test-unit: .venv/dev  ## the quick tests, which need no server: two halves, one for each core
	@$(QUICK) tests/functions tests/rules & first=$$!; \
	$(QUICK) --ignore=tests/functions --ignore=tests/rules; second=$$?; \
	wait $$first && exit $$second

servers:  ## install the real servers that the tests and the stack need, where they are missing
	@infra/devstack/install

check: .venv/dev  ## format, lint, types, floors
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

manifests: .venv/dev  ## build every overlay of knative/ into build/, and validate all of them
	@infra/devstack/install kustomize kube_score kubeconform knative_validate crds
	@mkdir -p build
	@kustomize=$$($(BIN)/python -c 'from infra.devstack.servers.programs import built; print(built("kustomize"))') && \
	for overlay in $(notdir $(wildcard knative/overlays/*)); do \
	  "$$kustomize" build knative/overlays/$$overlay >build/$$overlay.yaml || exit 1; \
	  echo "build/$$overlay.yaml: $$(grep -c '^kind:' build/$$overlay.yaml) objects"; \
	done
	@$(BIN)/python -m pytest -q tests/knative

train: .venv/dev  ## a model of the built-in generator's payments, or of ARGS="--data FILE"
	@$(BIN)/risksentinel models fetch build/promoted
	@$(BIN)/risksentinel models publish --promote \
	  "$$($(BIN)/python -m ml.train --against build/promoted $(ARGS))"

bench: .venv/dev  ## how fast it is on this machine, and where the time goes
	@$(BIN)/python -m infra.bench

openapi: .venv/dev  ## write the documents of the API and of the topics anew
	@$(BIN)/python -m infra.generate.openapi
	@$(BIN)/python -m infra.generate.asyncapi

holidays: .venv/dev  ## write the table of public holidays anew, after the library was updated
	@$(BIN)/python -m infra.generate.public_holidays

coldstart: .venv/dev  ## how long each function takes to wake, and where the time goes
	@$(BIN)/python -m infra.bench.cold_start $(ARGS)

scenarios: .venv/dev  ## fraud and everyday life, played with and without a model; ARGS="--only NAME"
	@$(BIN)/python -m infra.scenarios $(ARGS)

cluster-test: .venv/dev servers  ## everything that is deployed, on a real cluster on this machine, as root
	@infra/devstack/install kustomize cluster
	@$(BIN)/python -m infra.cluster_tests $(CHECKS)

lock: .venv/dev  ## resolve the dependencies anew, with hashes and without addresses
	@$(COMPILE) pyproject.toml --extra engine --group build -o infra/locks/run.lock
	@$(COMPILE) pyproject.toml --extra engine --group dev -c infra/locks/run.lock -o infra/locks/dev.lock
	@for function in $(FUNCTIONS); do \
	  $(COMPILE) pyproject.toml --extra $$function -c infra/locks/run.lock -o infra/locks/$$function.lock || exit 1; \
	done
	@$(COMPILE) pyproject.toml --extra engine --group train -c infra/locks/run.lock -o infra/locks/train.lock
	@$(COMPILE) --group build -c infra/locks/run.lock -o infra/locks/build.lock

.venv/%: infra/locks/%.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "RiskSentinel needs Python 3.11 or later: set PYTHON")'
	@echo "1/3 Making the virtual environment .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "2/3 Installing the packages of $< into .venv: this can take a minute or two, once"
	@rm -f .venv/failed; \
	{ $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $< || touch .venv/failed; } \
	  | awk '/^Collecting / { name = $$2; sub(/[=<>!~;\[].*/, "", name); print "    " name; fflush() } \
	         /^Installing collected/ { print "    unpacking them"; fflush() }'; \
	test ! -e .venv/failed
	@echo "3/3 Installing RiskSentinel itself"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:  ## remove what was installed and built, not the data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
