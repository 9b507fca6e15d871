# Two commands are enough: make demo, make test. Each sets everything up by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
PLUGINS := $(sort $(wildcard plugins/labcore-*))
MANIFESTS := pyproject.toml constraints.txt simulators/pyproject.toml $(addsuffix /pyproject.toml,$(PLUGINS))
EDITABLE := -e .[test] -e simulators $(addprefix -e ,$(PLUGINS))
TESTS := tests simulators/tests $(addsuffix /tests,$(PLUGINS))

.PHONY: demo test torture-deep mutation campaign campaign-bugs lint types imports docs bench lock clean setup

demo: $(STAMP)  ## run the poly(amic acid) protocol on simulated devices; ends by naming the report
	@$(BIN)/labcore demo

test: $(STAMP)  ## run all tests
	$(BIN)/python -m pytest $(TESTS)

torture-deep: $(STAMP)  ## every protocol of the crash tests, its recoveries killed up to three deep; takes hours
	@for name in twenty loops parallel retry pause nested; do \
	  $(BIN)/labcore torture tests/e2e/crash/protocols/$$name.yaml --lab tests/e2e/crash/protocols/lab.yaml \
	    --acts --deep 3 --data build/torture/$$name --out build/torture-$$name.html || failed="$$failed $$name"; \
	done; [ -z "$$failed" ] || { echo "failed:$$failed"; exit 1; }

lint: $(STAMP)  ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) --no-print-directory types imports

types: $(STAMP)
	.ci/types $(BIN)/python

imports: $(STAMP)
	$(BIN)/lint-imports

SEEDS ?= 1000
FIRST ?= 0
campaign: $(STAMP)  ## simulate SEEDS runs with faults, deaths and people, every invariant checked; SEED=1234 replays one
	PYTHONPATH=tests $(BIN)/python -m campaign $(if $(SEED),--seed $(SEED),--seeds $(SEEDS) --first $(FIRST))

campaign-bugs: $(STAMP)  ## look for the seeds that find the bugs planted on purpose
	PYTHONPATH=tests $(BIN)/python -m campaign.hunt $(BUGS)

MUTANTS ?= 300
MUTMUT := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/mutmut run --max-children $(or $(JOBS),2)
mutation: $(STAMP)  ## alter the code that may never err in MUTANTS ways, and see whether a test notices (half an hour)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]' mutmut==3.8.1
	rm -rf mutants && mkdir -p build
	$(MUTMUT) 'labcore.model.durability*'
	$(BIN)/python tests/mutation/sample.py draw $(MUTANTS) > build/mutants.txt
	$(MUTMUT) $$(cat build/mutants.txt)
	$(BIN)/python tests/mutation/sample.py tell build/mutants.txt

bench: $(STAMP)  ## measure labcore beside its peers (installs them into an environment of their own)
	benchmarks/run

setup: $(STAMP)

$(STAMP): $(MANIFESTS)
	@.ci/environment $(VENV) $(PYTHON) "$(EDITABLE)"
	@$(BIN)/python -m compileall -q src simulators/src $(addsuffix /src,$(PLUGINS))  # the first run starts as fast as the next
	@touch $(STAMP)

lock:  ## refresh constraints.txt (needs uv)
	.ci/lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
