# Everything that a developer does here. Each target sets up what it needs.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
WORKFLOWS := .github/workflows/*.yml examples/*.yml

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: .venv ## Run the main job, offline, against stand-ins of arXiv and GitHub.
	$(BIN)/python -m tests.demo

.PHONY: test
test: .venv ## Run the tests.
	$(BIN)/python -X dev -m pytest

.PHONY: check
check: .venv ## Run the linters and the type checker.
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/actionlint $(WORKFLOWS)
	$(BIN)/zizmor --offline --quiet --config .github/zizmor.yml action.yml .github examples/*.yml
	$(BIN)/hadolint Dockerfile
	.venv/lib/python*/site-packages/playwright/driver/node --check daily_papers/views/assets/page.js

# One seed tries the same inputs again: make fuzz SEED=7 SECONDS=600 TARGETS=datafile
SEED ?= 0
SECONDS ?= 60
.PHONY: fuzz
fuzz: .venv ## Try damaged bytes on each reader of strangers' bytes, a minute each.
	$(BIN)/python -X dev -m tests.fuzz --seed $(SEED) --seconds $(SECONDS) $(TARGETS)

.PHONY: docs
docs: .venv ## Write the README's tables of inputs and outputs.
	$(BIN)/python -m scripts.reference

.PHONY: bench
bench: .venv/bench ## Measure everything, as ratios within one run, and write bench/RESULTS.md.
	$(BIN)/python -m bench

.PHONY: picture
picture: demo ## Take the pictures of the documentation; needs Chromium.
	$(BIN)/python -m tests.picture

.PHONY: image
image: ## Build the container.
	docker build --tag daily-papers .

# What packages ask for and we never use. PyGithub needs cryptography to log in as a GitHub App; we
# log in with a token, and the image is smaller by a third. cffi needs pycparser only to compile.
LEFT_OUT := --no-emit-package cryptography --no-emit-package pycparser

.PHONY: lock
lock: .venv ## Choose the newest versions of all packages, and write them down with their hashes.
	for name in runtime development bench; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-header $(LEFT_OUT) \
			requirements/$$name.in --output-file requirements/$$name.txt || exit; \
	done

.PHONY: vendor
vendor: .venv ## Fetch the web page's third-party files anew; needs npm.
	$(BIN)/python -m tests.vendor

.PHONY: clean
clean: ## Remove everything that is made here.
	rm -rf .venv build demo *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache

# The environment is made anew whenever a locked version changes.
.venv: requirements/development.txt pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/development.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch .venv

# Those that the benchmark compares us with; nothing else needs them.
.venv/bench: .venv requirements/bench.txt
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/bench.txt
	touch .venv/bench
