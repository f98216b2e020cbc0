# Two commands: `make run` and `make test`. preparar.py sets up what they need, once; they start again in seconds.

PYTHON ?= python3
PREPARAR := exec $(PYTHON) preparar.py
PYTEST := python -m pytest
# What T names: files and folders, tests in them, or else an expression as pytest's -k takes it.
CHOSEN = $(if $(T),$(if $(wildcard $(firstword $(subst ::, ,$(T)))),$(T),-k "$(T)"),-n auto --maxprocesses 4 --dist loadfile)

.PHONY: help run test check coverage test-processes test-replica test-mysql test-browser test-clients test-deploy test-guide test-machine test-pythons bench \
	bench-check bench-scale bench-beside bench-copia bench-memory bench-instructions bench-abuse bench-profile simulador test-faults test-cluster operacoes docs feriados captura pagina requirements clean

help: ## o que se pode pedir, uma linha cada
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s  %s\n", $$1, $$2}' Makefile

run: ## um hospital de demonstração em http://127.0.0.1:8000/graphql
	@$(PREPARAR) --demo --pagina --banco sghss-graphql dev

test: ## os testes, num banco só deles; T=pasta, arquivo ou expressão escolhe alguns
	@$(PREPARAR) --dev --demo $(PYTEST) $(CHOSEN)

check: ## o que se confere sem rodar nada: estilo, tipos, importações, arquivos gerados
	@$(PREPARAR) --dev --demo sh -ec 'ruff check .; ruff format --check --quiet .; mypy; lint-imports --no-logo > .sghss-imports || { cat .sghss-imports; exit 1; }; rm .sghss-imports; python docs/gerar.py --check'

coverage: ## os testes, e que linhas e desvios eles percorrem
	@$(PREPARAR) --dev --demo $(PYTEST) -n auto --maxprocesses 4 --dist loadfile --cov --cov-report=term-missing:skip-covered

test-mysql: ## o que fala com um banco, no MySQL mais novo do Debian ou em SGHSS_TEST_SERVER
	@SGHSS_TEST_SERVER=$${SGHSS_TEST_SERVER:-mysql} $(PREPARAR) --dev --demo $(PYTEST) $(CHOSEN)

test-processes: ## o que se pede pela rede, a dois processos que se revezam
	@SGHSS_TEST_PROCESSES=2 $(PREPARAR) --dev --demo $(PYTEST) $(CHOSEN)

test-replica: ## o que se pede pela rede, lido de uma réplica
	@SGHSS_TEST_REPLICA=1 $(PREPARAR) --dev --demo $(PYTEST) $(CHOSEN)

test-browser: ## a página, no Chromium da máquina
	@$(PREPARAR) --dev --e2e --demo --pagina $(PYTEST) e2e/test_pagina.py

test-clients: ## Apollo, urql, Relay, graphql-request, fetch e gql
	@$(PREPARAR) --dev --e2e --demo --pagina $(PYTEST) e2e/test_clientes.py

test-deploy: ## Caddy, nginx e as regras de alerta, de verdade (baixa-os do Debian)
	@$(PREPARAR) --dev --e2e --demo $(PYTEST) e2e/test_implantar.py

test-guide: ## os exemplos de docs/contribuir, num clone
	@$(PREPARAR) --dev --e2e --demo $(PYTEST) e2e/test_contribuir.py

test-machine: ## make run e make test, por um usuário novo numa máquina sem nada (como root)
	@$(PREPARAR) --dev --e2e --demo $(PYTEST) e2e/test_maquina.py

test-pythons: ## make test em cada Python, de 3.11 a 3.14
	@$(PREPARAR) --dev --e2e --demo $(PYTEST) -s e2e/test_pythons.py

bench: ## a velocidade, ao lado de outros servidores
	@$(PREPARAR) --bench --demo python -m bench $(OPTIONS)

bench-check: ## se todos os servidores da medida respondem igual
	@$(PREPARAR) --bench --demo python -m bench --check --consultas 2000 $(OPTIONS)

bench-scale: ## a medida, num hospital cada vez maior
	@$(PREPARAR) --bench --demo python -m bench --scale $(OPTIONS)

bench-copia: ## quanto leva copiar dois milhões de consultas, e restaurá-las
	@$(PREPARAR) --bench --demo python -m bench.copia $(OPTIONS)

bench-beside: ## o de hoje ao lado do de um commit (OPTIONS=8c6f9bc), cada um nas suas tabelas
	@$(PREPARAR) --bench --demo python -m bench.beside $(OPTIONS)

bench-instructions: ## quantas instruções um pedido custa (valgrind): não muda com a máquina
	@$(PREPARAR) --bench --demo python -m bench.instructions $(OPTIONS)

bench-memory: ## a memória, com muitos textos diferentes
	@$(PREPARAR) --bench --demo python -m bench --memory $(OPTIONS)

bench-abuse: ## o que os piores pedidos custam, e a quem pede ao lado
	@$(PREPARAR) --bench --demo python -m bench.abuse $(OPTIONS)

bench-profile: ## onde o tempo passa
	@$(PREPARAR) --bench --demo python -m bench --profile $(OPTIONS)

simulador: ## um hospital inteiro, com quedas e o relógio acelerado; SEED=semente, OPTIONS="-s segundos"
	@$(PREPARAR) --dev --demo python -m tests.simulador $(SEED) $(OPTIONS)

test-faults: ## o que cai em volta do servidor, e o que fica (uma parte, como root)
	@$(PREPARAR) --dev --demo python -m tests.quedas $(OPTIONS)

test-cluster: ## três bancos que são um, e o que se perde quando caem; OPTIONS="-s segundos mysql galera"
	@$(PREPARAR) --dev --demo python -m tests.grupo $(OPTIONS)

operacoes: ## reescreve o SQL e as respostas esperadas de tests/operacoes
	@SGHSS_REWRITE=1 $(PREPARAR) --dev --demo $(PYTEST) tests/machinery/engine/test_operacoes.py

docs: ## reescreve o que é gerado: schema.graphql, sql/grants.sql, páginas
	@$(PREPARAR) --dev --demo python docs/gerar.py

feriados: ## refaz a lista dos feriados, da biblioteca holidays
	@$(PREPARAR) --dev uv run --quiet --no-project docs/feriados.py

captura: ## refaz a imagem do README
	@$(PREPARAR) --dev --e2e --demo --pagina python -m docs.capturar

pagina: ## monta a página GraphiQL
	@$(PREPARAR) --pagina

requirements: ## refaz as listas de dependências, com as somas
	@$(PREPARAR) --dev sh -c '\
	  compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header "$$@"; }; \
	  compile pyproject.toml --group build -o requirements.txt; \
	  compile pyproject.toml --extra demo -c requirements.txt -o requirements-demo.txt; \
	  compile pyproject.toml --extra demo -c requirements.txt --group dev -o requirements-dev.txt; \
	  compile --group node -o requirements-node.txt; \
	  compile -c requirements-dev.txt --group e2e -o requirements-e2e.txt; \
	  compile -c requirements.txt --group bench -o requirements-bench.txt'

clean: ## apaga o ambiente, o banco e o que as ferramentas guardam
	rm -rf .venv .sghss .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage*
