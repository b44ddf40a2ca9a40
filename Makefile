# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin

FUNCTIONS := ingest score alert_dispatch rules_crud dashboard
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 \
  --generate-hashes --no-annotate --no-header --upgrade --quiet

.PHONY: help run demo stack test test-unit servers check manifests train bench coldstart scenarios cluster-test sbom audit lock openapi holidays clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: .venv/run  ## run the whole engine on one port, without servers
	@$(BIN)/risksentinel serve

demo: .venv/run  ## play a day of payments with fraud into a new engine; ARGS="--minutes 5"
	@$(BIN)/python -m infra.demo $(ARGS)

stack: .venv/run servers  ## run all functions with real servers; ACTIVATOR=1 starts functions on demand
	@$(BIN)/risksentinel stack

test: .venv/dev servers  ## run all tests, with real servers, in two processes
	@$(BIN)/python -m pytest -n 2 --dist loadfile

test-unit: .venv/dev  ## run the quick tests, without servers, on all cores
	@$(BIN)/python -m pytest -q -n auto --dist loadfile --hypothesis-profile quick \
	  -m "not needs_server and not slow"

servers:  ## install the missing servers that the tests and the stack need
	@infra/devstack/install

check: .venv/dev  ## check format, lint, types, import layers and words
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m infra.plain_words

manifests: .venv/dev  ## build every overlay of knative/ into build/, and validate it
	@infra/devstack/install kustomize kube_score kubeconform knative_validate crds
	@mkdir -p build
	@kustomize=$$($(BIN)/python -c 'from infra.devstack.servers.programs import built; print(built("kustomize"))') && \
	for overlay in $(notdir $(wildcard knative/overlays/*)); do \
	  "$$kustomize" build knative/overlays/$$overlay >build/$$overlay.yaml || exit 1; \
	  echo "build/$$overlay.yaml: $$(grep -c '^kind:' build/$$overlay.yaml) objects"; \
	done
	@$(BIN)/python -m pytest -q tests/knative

train: .venv/dev  ## train a model on generated payments, or on ARGS="--data FILE"
	@$(BIN)/risksentinel models fetch build/promoted
	@$(BIN)/risksentinel models publish --promote \
	  "$$($(BIN)/python -m ml.train --against build/promoted $(ARGS))"

bench: .venv/dev  ## measure rate, latency and processor time of a payment on this machine; about 20 minutes
	@$(BIN)/python -m infra.bench

openapi: .venv/dev  ## update the OpenAPI and AsyncAPI documents
	@$(BIN)/python -m infra.generate.openapi
	@$(BIN)/python -m infra.generate.asyncapi

holidays: .venv/dev  ## update the table of public holidays from the library
	@$(BIN)/python -m infra.generate.public_holidays

coldstart: .venv/dev  ## measure the cold start of each function, by phase
	@$(BIN)/python -m infra.bench.cold_start $(ARGS)

scenarios: .venv/dev  ## play fraud and genuine scenarios, with and without a model; ARGS="--only NAME"
	@$(BIN)/python -m infra.scenarios $(ARGS)

cluster-test: .venv/dev servers  ## deploy to a real cluster on this machine, and check it; needs root
	@infra/devstack/install kustomize cluster
	@$(BIN)/python -m infra.cluster_tests $(CHECKS)

sbom: .venv/audit  ## write build/sbom.json: the packages of the engine, as CycloneDX
	@mkdir -p build
	@$(BIN)/python -W ignore -m cyclonedx_py requirements infra/locks/run.lock \
	  --pyproject pyproject.toml --output-reproducible --output-format JSON -o build/sbom.json
	@echo "build/sbom.json"

audit: .venv/audit  ## search the locked packages for known vulnerabilities; fails too if the advisories cannot be read
	@$(BIN)/python -m infra.audit

lock: .venv/dev  ## update all locked dependencies, with hashes
	@$(COMPILE) pyproject.toml --extra engine --group build -o infra/locks/run.lock
	@$(COMPILE) pyproject.toml --extra engine --group dev -c infra/locks/run.lock -o infra/locks/dev.lock
	@for function in $(FUNCTIONS); do \
	  $(COMPILE) pyproject.toml --extra $$function -c infra/locks/run.lock -o infra/locks/$$function.lock || exit 1; \
	done
	@$(COMPILE) pyproject.toml --extra engine --group train -c infra/locks/run.lock -o infra/locks/train.lock
	@$(COMPILE) --group build -c infra/locks/run.lock -o infra/locks/build.lock
	@$(COMPILE) --group audit -c infra/locks/dev.lock -o infra/locks/audit.lock

.venv/%: infra/locks/%.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "RiskSentinel needs Python 3.11 or later: set PYTHON")'
	@echo "1/3 Creating the virtual environment .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "2/3 Installing the packages of $< into .venv: this can take a minute or two, once"
	@rm -f .venv/failed; \
	{ $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r $< || touch .venv/failed; } \
	  | awk '/^Collecting / { name = $$2; sub(/[=<>!~;\[].*/, "", name); print "    " name; fflush() } \
	         /^Installing collected/ { print "    unpacking them"; fflush() }'; \
	test ! -e .venv/failed
	@echo "3/3 Installing RiskSentinel itself"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q shared functions infra ml
	@touch $@

clean:  ## remove the virtual environment and caches, not the data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
