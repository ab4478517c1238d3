PYTHON ?= python3
BIN = .venv/bin
.DEFAULT_GOAL := help

.PHONY: help setup lock ci-tools demo serve test faults check html-check inbox-check format golden pictures bench bench-mail bench-audience bench-web bench-delivery bench-hugo
help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: .venv/installed ## Make .venv from the lock file

.venv/installed: requirements.lock pyproject.toml
	@echo "Installing into .venv; this takes about half a minute."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

lock: ## Compile requirements.lock anew (UPGRADE=--upgrade takes new versions)
	test -x $(BIN)/uv || { test -x $(BIN)/python || $(PYTHON) -m venv .venv; $(BIN)/python -m pip install --quiet uv; }
	$(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --custom-compile-command "make lock" \
	    --extra bench --extra heic --extra postgres --group dev pyproject.toml -o requirements.lock $(UPGRADE)

# postfix: smtp-sink and round trips; spamassassin, opendkim: judges of our mails; newsboat, sfeed with curl, rss2email: real feed readers; nginx: a real server of public/
DEBIAN = postfix spamassassin opendkim newsboat sfeed curl rss2email nginx-light libnginx-mod-http-brotli-static chromium python3-venv

ci-tools: node_modules/.package-lock.json ## Install what the checks need from Debian (as root) and npm
	echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(DEBIAN) >/dev/null

demo: setup ## Do the whole job once, on a copy of the sample newsroom
	$(BIN)/digest demo

serve: setup ## Serve the sample newsroom with its schedule
	$(BIN)/digest serve

test: setup ## Run the quick suite on all cores
	$(BIN)/pytest -n auto --dist worksteal

# what goes round longer with --long-loops
LONG = tests/faults tests/actions/test_editions_over_time.py tests/actions/test_incremental_builds.py \
       tests/mail/test_message.py tests/store/test_consent_over_time.py tests/acceptance/test_sending_beside_others.py

faults: setup ## Kill, race and starve builds many times, and try many histories; takes minutes
	$(BIN)/pytest $(LONG) --long-loops

check: setup ## Lint, types and the rules of the architecture
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	git diff --quiet --exit-code -- requirements.lock

INBOX ?= installed
inbox-check: setup node_modules/.package-lock.json ## Judge mails by every tool that is installed (INBOX=all: they all have to be)
	$(BIN)/pytest tests/inbox -n 2 -r s --inbox $(INBOX)

format: setup ## Format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

golden: setup ## Rewrite the expected feed, page and mail
	$(BIN)/pytest tests/golden --rewrite-golden

html-check: setup node_modules/.package-lock.json ## Check every page by html-validate and in Chromium
	$(BIN)/pytest tests/browser

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --silent
	touch $@

pictures: setup ## Take the documentation's pictures of the pages anew
	$(BIN)/python tools/pictures.py

bench: setup ## Print how fast and how large the parts are
	$(BIN)/python bench/run.py

bench-delivery: setup ## Print how fast an edition goes out, beside Postfix's own load generator; takes minutes
	PYTHONPATH=. $(BIN)/python bench/delivery.py

bench-mail: setup ## Print what a message costs: spliced, hashed, signed; takes minutes
	$(BIN)/python bench/messages.py

bench-audience: setup ## Print what a million subscribers cost: imported, again, chosen for an edition; takes minutes
	$(BIN)/python bench/audience.py

bench-web: setup ## Print what sign-ups cost, and whether their time tells who is on the list; takes minutes
	$(BIN)/python bench/web.py

bench-hugo: setup ## Print how Digest builds 10,000 items beside Hugo; takes minutes
	$(BIN)/python bench/beside_hugo.py
