# Two commands: `make run` and `make test`. preparar.py sets up what they need, once; they start again in seconds.

PYTHON ?= python3
PREPARAR := exec $(PYTHON) preparar.py

.PHONY: run test test-mysql test-browser test-clients test-guide test-machine test-pythons bench bench-check bench-scale bench-memory bench-profile operacoes docs captura pagina requirements clean

run:
	@$(PREPARAR) --pagina --banco sghss-graphql dev

test:
	@$(PREPARAR) --dev python -m pytest

test-mysql:
	@SGHSS_TEST_SERVER=$${SGHSS_TEST_SERVER:-mysql} $(PREPARAR) --dev python -m pytest

test-browser:
	@$(PREPARAR) --dev --e2e --pagina python -m pytest e2e/test_pagina.py

test-clients:
	@$(PREPARAR) --dev --e2e --pagina python -m pytest e2e/test_clientes.py

test-guide:
	@$(PREPARAR) --dev --e2e python -m pytest e2e/test_contribuir.py

test-machine:
	@$(PREPARAR) --dev --e2e python -m pytest e2e/test_maquina.py

test-pythons:
	@$(PREPARAR) --dev --e2e python -m pytest -s e2e/test_pythons.py

bench:
	@$(PREPARAR) --bench python -m bench $(OPTIONS)

bench-check:
	@$(PREPARAR) --bench python -m bench --check --consultas 2000 $(OPTIONS)

bench-scale:
	@$(PREPARAR) --bench python -m bench --scale $(OPTIONS)

bench-memory:
	@$(PREPARAR) --bench python -m bench --memory $(OPTIONS)

bench-profile:
	@$(PREPARAR) --bench python -m bench --profile $(OPTIONS)

operacoes:
	@SGHSS_REWRITE=1 $(PREPARAR) --dev python -m pytest tests/machinery/engine/test_operacoes.py

docs:
	@$(PREPARAR) --dev python docs/gerar.py

captura:
	@$(PREPARAR) --dev --e2e --pagina python -m docs.capturar

pagina:
	@$(PREPARAR) --pagina

requirements:
	@$(PREPARAR) --dev sh -c '\
	  compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header "$$@"; }; \
	  compile pyproject.toml --group build -o requirements.txt; \
	  compile pyproject.toml -c requirements.txt --group dev -o requirements-dev.txt; \
	  compile --group node -o requirements-node.txt; \
	  compile -c requirements-dev.txt --group e2e -o requirements-e2e.txt; \
	  compile -c requirements.txt --group bench -o requirements-bench.txt'

clean:
	rm -rf .venv .sghss .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
