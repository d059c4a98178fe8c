# The commands of this project; `make help` lists them.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
export TF_CPP_MIN_LOG_LEVEL ?= 3

.DEFAULT_GOAL := help
.PHONY: help study test report figures tables data notebooks clean

help:  ## list what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 20

study: $(VENV)/installed  ## run every notebook on the committed records, then draw figures and tables from them
	$(RUN) -m mnist_study study

test: $(VENV)/installed  ## ruff, pytest, and every notebook and solution, one epoch where it trains
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(RUN) -m pytest -q -rs -n 2 --dist loadfile
	$(RUN) tests/lessons.py build/lessons
	IPYTHONDIR=$(CURDIR)/tests/ipython MNIST_STUDY_TEST_EPOCHS=1 \
		$(RUN) -m pytest -q -n 2 --dist loadfile --nbval-lax --nbval-current-env --nbval-cell-timeout=600 build/lessons

report: $(VENV)/installed  ## build the static site in site/ from notebooks and records; no training
	$(RUN) -m mnist_study report

figures: $(VENV)/installed  ## draw every figure from the committed records; no training
	$(RUN) -m mnist_study figures

tables: $(VENV)/installed  ## write the README's tables from the committed records
	$(RUN) -m mnist_study tables

data: $(VENV)/installed  ## find or download the data sets and check them
	$(RUN) -m mnist_study data

notebooks: $(VENV)/installed  ## run every notebook in place, as committed
	$(VENV)/bin/jupyter nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.store_widget_state=False --ExecutePreprocessor.record_timing=False notebooks/*.ipynb

clean:  ## remove the environment and what smoke runs wrote; records, figures and data stay
	rm -rf $(VENV) build

$(VENV)/installed: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "error: needs Python 3.11 to 3.13; $(PYTHON) is another. Name one: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
