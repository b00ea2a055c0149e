# Everything that a developer does here. Each target sets up what it needs.
.DEFAULT_GOAL := help
.NOTPARALLEL: # There is one environment.
PYTHON ?= python3
BIN := .venv/bin
WORKFLOWS := .github/workflows/*.yml examples/*.yml

# The environment has a stamp for each use that it is complete for. The stamps are made last, so
# that what was interrupted is made anew.
FOR_DEMO := .venv/.stamp-demo
FOR_TEST := .venv/.stamp-test
FOR_BENCH := .venv/.stamp-bench

# It is no use any more where its folder was moved or copied, or the system's Python replaced.
IS_OURS := import daily_papers, os; os.path.samefile(daily_papers.__path__[0], "daily_papers") or exit(1)
$(shell $(BIN)/python -I -c '$(IS_OURS)' 2>/dev/null || rm -f .venv/.stamp-*)

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(if $(wildcard $(FOR_TEST)),$(FOR_TEST),$(FOR_DEMO)) ## Run the main job, offline, against stand-ins of arXiv and GitHub.
	$(BIN)/python -m tests.demo

# As many tests at once as there are processors; TESTS='-n 0 ...' runs one after the other.
AT_ONCE := -n auto --dist worksteal

.PHONY: test
test: $(FOR_TEST) ## Run the tests; TESTS='...' names some, or flags of pytest.
	$(BIN)/python -m pytest $(AT_ONCE) $(TESTS)

.PHONY: coverage
coverage: $(FOR_TEST) ## Run the tests, list the lines and branches that none of them runs, and write how many there are.
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(AT_ONCE) $(TESTS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
	$(BIN)/python -m bench.covered

.PHONY: check
check: $(FOR_TEST) ## Run the linters and the type checker.
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
	for module in daily_papers/views/assets/js/*.js; do \
		.venv/lib/python*/site-packages/playwright/driver/node --input-type=module --check < $$module || exit; \
	done

# One seed tries the same inputs again: make fuzz SEED=7 SECONDS=600 TARGETS=datafile
SEED ?= 0
SECONDS ?= 60
.PHONY: fuzz
fuzz: $(FOR_TEST) ## Try damaged bytes on each reader of strangers' bytes, a minute each.
	$(BIN)/python -X dev -m tests.fuzz --seed $(SEED) --seconds $(SECONDS) $(TARGETS)

# One seed draws the same mutants again: make mutants SEED=7 SAMPLE=100
SAMPLE ?= 400
.PHONY: mutants
mutants: $(FOR_TEST) ## Change the code of the pure core, and count what its tests notice.
	$(BIN)/python -m bench.mutants --seed $(SEED) --sample $(SAMPLE)

# One seed lives through the same days again: make soak DAYS=60 SEED=7
DAYS ?= 500
.PHONY: soak
soak: $(FOR_TEST) ## Live through 500 days with all that may go wrong; nothing may be lost, or told twice.
	$(BIN)/python -X dev -m tests.soak --days $(DAYS) --seed $(SEED)

.PHONY: docs
docs: $(FOR_TEST) ## Write what repeats the declarations of inputs and outputs.
	$(BIN)/python -m scripts.reference

.PHONY: bench
bench: $(FOR_BENCH) ## Measure everything, as ratios within one run, and write bench/RESULTS.md.
	$(BIN)/python -m bench

.PHONY: picture
picture: $(FOR_TEST) ## Take the pictures of the documentation; needs Chromium.
	$(BIN)/python -m tests.demo
	$(BIN)/python -m tests.picture

.PHONY: image
image: ## Build the container.
	docker build --tag daily-papers .

.PHONY: package
package: $(FOR_TEST) ## Build what PyPI gets, in dist/.
	rm -rf dist
	$(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python

# What packages ask for and we never use, except for a release, which signs. PyGithub needs
# cryptography to log in as a GitHub App; we log in with a token, and the image is smaller by a
# third. cffi needs pycparser only to compile.
LEFT_OUT := --no-emit-package cryptography --no-emit-package pycparser

.PHONY: lock
lock: $(FOR_TEST) ## Choose the newest versions of all packages, and write them down with their hashes.
	for name in runtime demo development bench release; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --no-header \
			$$(test $$name = release || echo $(LEFT_OUT)) \
			requirements/$$name.in --output-file requirements/$$name.txt || exit; \
	done

.PHONY: vendor
vendor: $(FOR_TEST) ## Fetch the web page's third-party files anew; needs npm.
	$(BIN)/python -m scripts.vendor

.PHONY: clean
clean: ## Remove everything that is made here.
	rm -rf .venv build demo dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache .coverage*

PIP_INSTALL := $(BIN)/python -m pip --quiet --disable-pip-version-check install --no-deps

# Installs one of the lists of requirements, and removes an environment for which that failed.
define install
	@echo "Installing $$(grep -c '^[a-z]' requirements/$(1).txt) packages into .venv ($(2)) ..."
	@$(PIP_INSTALL) --require-hashes --requirement requirements/$(1).txt \
		&& $(PIP_INSTALL) --no-build-isolation --editable . || { \
		rm -rf .venv; \
		echo 'The packages could not be installed. Is PyPI within reach? Then run the same command again.'; \
		exit 1; }
endef

# Begins an empty environment.
define environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'Python 3.11 or newer is needed. Here $(PYTHON) is' \
			"$$($(PYTHON) --version 2>/dev/null || echo missing)."; \
		echo 'Name another one, as in: make $(or $(MAKECMDGOALS),help) PYTHON=python3.13'; \
		exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; exit 1; }
endef

$(FOR_DEMO): requirements/demo.txt pyproject.toml
	$(environment)
	$(call install,demo,100 MB in about 20 s)
	@touch $(FOR_DEMO)

$(FOR_TEST): requirements/development.txt pyproject.toml
	$(environment)
	$(call install,development,570 MB in about a minute)
	@touch $(FOR_DEMO) $(FOR_TEST)

# What the benchmark compares us with; nothing else needs it.
$(FOR_BENCH): requirements/bench.txt $(FOR_TEST)
	@rm -f .venv/.stamp-*
	$(call install,bench,a few seconds)
	@touch $(FOR_DEMO) $(FOR_TEST) $(FOR_BENCH)
