# Two commands: `make run` and `make test`. Both set up what they need, and start again in seconds.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test docs clean

run: $(VENV)/.run
	@exec $(BIN)/sghss-graphql dev

test: $(VENV)/.dev
	@$(BIN)/python -m pytest

docs: $(VENV)/.dev
	@$(BIN)/python docs/gerar.py

clean:
	rm -rf $(VENV) .sghss .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/.made:
	@echo "  criando o ambiente Python em $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit("É preciso Python 3.11 ou mais novo; diga qual com PYTHON=python3.x" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/.made
	@echo "  instalando as dependências (com soma conferida)"
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@echo "  instalando as dependências de desenvolvimento (com soma conferida)"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@
