# Everything a fresh machine needs happens here: `make run` and `make test` set up what they use.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
READY := $(VENV)/ready
TOOLS := $(VENV)/tools

.PHONY: run test dashboard check bench docs clean

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

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	$(BIN)/ringfence warm
	touch $(READY)

$(TOOLS): $(READY)
	$(PIP) -e '.[dev]'
	touch $(TOOLS)

clean:
	rm -rf $(VENV) dist build report.html
