# Everything a fresh machine needs happens here: `make run` and `make test` set up what they use.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
# Modules are compiled to byte code when they are first imported: most never are, and all of them take half a minute.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt
READY := $(VENV)/ready
TOOLS := $(VENV)/tools
# On a fresh machine `make test` and `make check` install everything at once.
AT_ONCE := $(filter test check,$(MAKECMDGOALS))

.PHONY: run test dashboard check bench docs site-docs clean

run: $(READY)
	$(BIN)/ringfence report --out report.html

test: $(TOOLS)
	VENV=$(VENV) scripts/test

dashboard: $(READY)
	$(BIN)/ringfence serve --show

check: $(TOOLS)
	VENV=$(VENV) scripts/check

bench: $(READY)
	VENV=$(VENV) scripts/bench

docs: $(READY)
	VENV=$(VENV) scripts/docs

site-docs: $(TOOLS)
	VENV=$(VENV) scripts/docs --site site-docs

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	rm -f $(VENV)/dev
	$(PIP) -e '.$(if $(AT_ONCE),[dev])'
	$(if $(AT_ONCE),touch $(VENV)/dev)
	$(BIN)/ringfence warm
	touch $(READY)

$(TOOLS): $(READY)
	test -e $(VENV)/dev || $(PIP) -e '.[dev]'
	touch $(TOOLS)

clean:
	rm -rf $(VENV) dist build site-docs report.html
