# Every verb of the house. Nothing has to be installed first but Node 20.19 or newer and make.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MODULES := node_modules/.package-lock.json
SOURCES := $(shell find src -type f 2>/dev/null)
CLUSTER ?= synthetic:2000
KILLS ?= 20
MESSAGES ?= 200000

.PHONY: help tools build demo check test unit contract faults soak mutants bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

tools: ## Java 17 or newer and Maven, installed on Debian where they are missing
	@sh env/install-tools.sh

$(MODULES): package.json package-lock.json
	npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

dist/cli.js: $(MODULES) $(SOURCES) tsconfig.json tsconfig.build.json
	npm run --silent build

build: dist/cli.js ## compile to dist/

demo: tools build ## a local stack, one snapshot collector -> Kafka -> consumer -> PostgreSQL, verified
	bin/clusterflow.js setup --mode e2e --yes --cluster $(CLUSTER)

check: $(MODULES) ## format, lint, types, unit and architecture tests, unused code
	npx prettier --check --log-level warn .
	npx eslint .
	npx tsc --noEmit
	npx vitest run --project unit
	npx knip

test: tools check build ## everything above, and the tests on a real PostgreSQL and a real Kafka
	npx vitest run --project int

contract: tools build ## the collector against a real kube-apiserver (needs Go >= 1.25; 4 to 6 minutes the first time)
	npx vitest run --project contract

faults: tools build ## every fault of the matrix while records move, each reconciled (12 to 25 minutes)
	npx vitest run --project faults --reporter=verbose

soak: tools build ## KILLS random kills of 3 consumers while MESSAGES are stored, then all is counted
	KILLS=$(KILLS) MESSAGES=$(MESSAGES) npx vitest run --project soak

mutants: tools build ## each invariant taken away in a copy, and the tests that must go red (ONLY=part-of-a-name)
	npx vitest run --project mutants --reporter=verbose

bench: tools build ## ratios on this machine, against COPY and Kafka Connect; ONLY=speed runs one part, see bench/README.md
	@sh env/install-tools.sh psql
	npx vitest run --project bench $(ONLY)

clean: ## remove what was built
	rm -rf dist node_modules
