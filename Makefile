# peiyu: everything from a fresh checkout needs only Python >= 3.11 and make.
PYTHON ?= python3
JOBS ?= 2
TESTS ?=
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
MADE := $(VENV)/.made
READY := $(VENV)/.ready
PAGE := $(VENV)/.page
DEV := $(VENV)/.dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq install -c constraints.txt
# The tests start the program hundreds of times: without byte code each would compile all of it again.
WITH_BYTE_CODE := env -u PYTHONDONTWRITEBYTECODE
PYTEST := $(WITH_BYTE_CODE) PEIYU_BUDGET=small $(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile
NOTEBOOKS = $(sort $(wildcard notebooks/*.ipynb))

.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help forecast page page-pictures calibrate test test-all test-longest coverage lint types docs bench notebooks report clean .venv

help:
	@echo "make forecast    forecast Hangzhou's goals, write out/"
	@echo "make page        open the planner's page in a browser"
	@echo "make calibrate   fit the parameters to Hangzhou's history again"
	@echo "make test        run the tests, without the long proofs"
	@echo "make test-all    run every test and every notebook, but for the longest"
	@echo "make test-longest  run those: every command on a cluster, every screen in a browser"
	@echo "make coverage    run every test and say which branches of the model none takes, half an hour"
	@echo "make lint        check the style"
	@echo "make types       check the types"
	@echo "make docs        write the generated pages of docs/ again"
	@echo "make page-pictures  take the pictures of the planner's page again"
	@echo "make bench       measure the speed, beside other simulators"
	@echo "make report      write docs/calibration.md and its figures again"
	@echo "make notebooks   run every notebook at full length, write out/notebooks/*.html"
	@echo "make clean       remove .venv, out and caches"
	@echo
	@echo "PYTHON=python3.13 chooses the Python, JOBS=4 the test processes, TESTS=tests/test_docs.py the tests,"
	@echo "ARGS='...' is handed on, as in: make forecast ARGS='--lang en'"

forecast: $(READY)
	@$(BIN)/peiyu forecast --out out $(ARGS)

page: $(PAGE)
	@$(BIN)/peiyu page --out out $(ARGS)

calibrate: $(READY)
	@$(BIN)/peiyu calibrate $(ARGS)

test: $(DEV)
	@$(PYTEST) -m "not slow" $(or $(TESTS),tests) $(ARGS)

test-all: $(DEV)
	@$(PYTEST) --nbmake -m "not longest" $(or $(TESTS),tests $(NOTEBOOKS)) $(ARGS)

test-longest: $(DEV)
	@$(PYTEST) -m longest $(or $(TESTS),tests) $(ARGS)

# A tracer sees nothing of a compiled loop, so the tests of these run a second time with the loops as they are written. Tests that
# count modules, seconds or open files do fail under a tracer: what they say of the code is what the run before said.
COVERAGE := $(WITH_BYTE_CODE) PEIYU_BUDGET=small $(BIN)/python -m coverage
LOOPS = tests/test_agents_*.py tests/test_sim_allocation.py tests/test_twin.py
coverage: $(DEV)
	@mkdir -p out/coverage && $(COVERAGE) erase
	-@$(COVERAGE) run -m pytest -q -n $(JOBS) --dist loadfile -m "not longest" $(or $(TESTS),tests) $(ARGS)
	-@NUMBA_DISABLE_JIT=1 $(COVERAGE) run -m pytest -q -n $(JOBS) -m "not slow and not longest" $(LOOPS)
	-@$(COVERAGE) combine -q
	@for part in agents sim calibration; do $(COVERAGE) report --skip-covered --include "$$part/*"; done

lint: $(DEV)
	@$(BIN)/ruff check $(ARGS) .

types: $(DEV)
	@$(BIN)/mypy $(ARGS)

docs: $(DEV)
	@$(BIN)/python -m peiyu.docs $(ARGS)
	@$(BIN)/python -m tests.folder_map
	@$(BIN)/python -m tests.bench.scale_page

page-pictures: $(DEV)
	@$(BIN)/python -m tests.page_pictures $(ARGS)

bench: $(DEV)
	@$(BIN)/python -m tests.bench.run $(ARGS)

notebooks: $(DEV)
	@PYTHONWARNINGS='ignore:IProgress' $(BIN)/python -m nbconvert --log-level=WARN --execute --to html --output-dir out/notebooks $(ARGS) $(NOTEBOOKS)
	@echo "out/notebooks/"

report: $(DEV)
	@$(BIN)/python -m peiyu.fit.report $(ARGS)

clean:
	@rm -rf $(VENV) out build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv: $(READY)

# One environment, four stamps: made, ready to forecast, with the page, ready to develop.
$(MADE):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "peiyu needs Python 3.11 or later, and '$(PYTHON)' is not." \
	    "Name another one, as in: make PYTHON=python3.13 $(or $(MAKECMDGOALS),forecast)" >&2; exit 2; }
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# Byte code only of what a forecast loads: of everything, the test suites of other packages included, it takes 200 MB.
$(READY): $(MADE) pyproject.toml constraints.txt
	@echo "Installing peiyu into $(VENV); the first time takes a minute or two." >&2
	@$(PIP) --no-compile -e .
	@$(WITH_BYTE_CODE) $(BIN)/python -c 'import peiyu; peiyu.forecast'
	@touch $@

$(PAGE): $(READY)
	@$(PIP) --no-compile -e '.[page]'
	@touch $@

# Byte code by as many processes as there are, and not of other packages' tests; pip makes it file by file, of everything.
$(DEV): $(MADE) pyproject.toml constraints.txt
	@echo "Installing peiyu and its development tools into $(VENV); the first time takes a minute or two." >&2
	@$(PIP) --no-compile -e '.[dev]'
	@$(BIN)/python -m compileall -qq -j 0 -x '/tests?/' $(VENV)/lib || true
	@touch $(READY) $(PAGE) $@
