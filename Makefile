# Everything runs in .venv, which the first command makes. PYTHON chooses the Python it is made of.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
STAMP := $(VENV)/.installed
RAY_STAMP := $(VENV)/.ray_installed
REQUIREMENTS := requirements.txt requirements-garage.txt requirements-dev.txt
CODE := environments learning benchmarks tests run.py garage_experiments.py

# The demo: QMP beside Separated, short enough for a coffee (experiments/demo.toml).
DEMO_GRID ?= experiments/demo.toml
DEMO_DIR ?= runs/demo

# pip refuses garage's metadata from 26.3 on (see requirements-garage.txt).
PIP_BOUND := pip<26.3

# What the caller's shell happens to hold must not change a run: no window is ever opened, and the
# threads are chosen by --torch_threads.
unexport DISPLAY OMP_NUM_THREADS MKL_NUM_THREADS PYTHONPATH PYTHONHOME PYTHONWARNINGS
export MPLBACKEND := Agg

.PHONY: help demo test lint typecheck pytest browser-test venv ray doctor benchmark pictures clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

demo: venv ## Train QMP and Separated side by side for five minutes; table and page in runs/demo/
	$(RUN) run.py reproduce $(DEMO_GRID) --out=$(DEMO_DIR)

test: lint typecheck pytest ## Pass ruff, mypy and the tests, those on Ray too

lint: venv ## Check style with ruff
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

typecheck: venv ## Check types with mypy
	$(RUN) -m mypy

pytest: venv ray
	$(RUN) -m pytest -q

browser-test: venv ## Open a page of `report` in Chromium, which has to be there, and click in it
	$(RUN) -m pytest -q -m browser

doctor: venv ## Print versions, what is missing and how to get it
	$(RUN) -m learning.command_line.doctor

benchmark: venv ## Compare our speed with the usual loop's
	$(RUN) -m benchmarks.throughput

pictures: venv ## Draw a sheet of every task set into docs/environments/images
	for id in $$($(RUN) -c "import environments; print(*environments.task_set_ids())"); do \
		$(RUN) run.py render --env=$$id --sheet_only \
			--out=docs/environments/images/$$id.png || exit 1; \
	done

clean: ## Remove the environment and the tools' caches, but no run
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

ray: $(RAY_STAMP) ## Install Ray as well, for clusters and their tests

venv: $(STAMP) ## Make .venv and install what is pinned

$(STAMP): $(REQUIREMENTS)
	@test -x $(RUN) || bash tools/make_venv.sh "$(PYTHON)" "$(VENV)"
	$(RUN) -m pip install --quiet --disable-pip-version-check "$(PIP_BOUND)"
	$(RUN) -m pip install --disable-pip-version-check -r requirements.txt -r requirements-dev.txt
	$(RUN) -m pip install --disable-pip-version-check --no-deps -r requirements-garage.txt
	@touch $@

$(RAY_STAMP): requirements-ray.txt $(STAMP)
	$(RUN) -m pip install --disable-pip-version-check -r requirements-ray.txt
	@touch $@
