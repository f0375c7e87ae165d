# Every target works in a fresh clone: it needs Python 3.11 or newer, make and a package index, nothing else but, for
# the checks of the widget in `check` and `test`, Node.js 20 or newer with npm. Nothing that is served needs Node.js.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo serve test chromium coverage check format clean

demo: .venv/installed
	@$(BIN)/onrecord ingest seeds --archive archive
	@echo
	@echo '$$ onrecord ask "what did Loughton say about caseloads?"'
	@$(BIN)/onrecord ask "what did Loughton say about caseloads?" --archive archive --k 3
	@echo
	@echo "Go on:  make serve                                  then open http://127.0.0.1:8000/ and :8001/"
	@echo "        $(BIN)/onrecord ask \"...\"                    ask anything else"
	@echo "        $(BIN)/onrecord ingest FOLDER --archive mine  put in your own articles"

serve: .venv/installed
	@test -f archive/archive.db || $(BIN)/onrecord ingest seeds --archive archive
	@echo "The archive: http://127.0.0.1:8000/    a portal that embeds it: http://127.0.0.1:8001/"
	$(BIN)/onrecord serve --archive archive --demo-portal 8001

# Two tests at a time, because many wait for processes that they have started.
test: .venv/installed-test check chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal

# The browser tests skip themselves where there is no Chromium, and say so; in continuous integration they fail.
chromium:
	@command -v "$${ONRECORD_CHROMIUM:-chromium}" > /dev/null || \
	{ [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } || \
	echo "NO CHROMIUM: the browser tests will NOT run; apt-get install chromium, or set ONRECORD_CHROMIUM" >&2

# Apart from the tests, because watching every line makes them several times slower.
coverage: .venv/installed-test
	$(BIN)/python -m pytest --cov --cov-report=term

check: .venv/installed-test node_modules/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run --silent check

format: .venv/installed-test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv archive node_modules

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/installed-test: pyproject.toml .venv/installed
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	@touch $@

node_modules/installed: package-lock.json
	npm ci --silent
	@touch $@
