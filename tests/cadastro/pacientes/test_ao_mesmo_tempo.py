"""Who asks beside others is answered as if alone: pacientes of many are read by one statement, each shown their own."""

import asyncio
import random
from typing import Any

import pytest

from sghss_graphql.cadastro.pacientes import store
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import VerPacientes
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.sharing import SharedLookUps
from tests.hospital import Cliente, Hospital, Pessoa, chave
from tests.processes import PROCESSES

UM = "query($id: ID!) { paciente(id: $id) { id nome cpf nascimento } }"
DELE = "query($id: ID!) { paciente(id: $id) { id nome consultas { edges { node { id profissional { id nome } } } } } }"


@pytest.fixture(scope="module")
async def cena(hospital: Hospital) -> tuple[list[Pessoa], dict[str, Cliente]]:
    """Give pacientes, each with a consulta, and all who ask: they, a profissional of some, staff, a stranger."""
    profissional = await hospital.profissional()
    pacientes = [await hospital.paciente() for _ in range(5)]
    for paciente in pacientes[:2]:
        await hospital.consulta(paciente, profissional)
    outro = await hospital.profissional()
    for paciente in pacientes[2:]:
        await hospital.consulta(paciente, outro)
    quem = {f"paciente {n}": paciente.cliente for n, paciente in enumerate(pacientes)}
    quem |= {"profissional": profissional.cliente, "recepcao": hospital.recepcao, "ninguem": hospital.ninguem}
    quem |= {"administrador": hospital.admin}
    return pacientes, quem


async def _resposta(cliente: Cliente, texto: str, id: str) -> tuple[Any, list[str]]:
    resposta = await cliente(texto, id=id)
    return resposta.corpo.get("data"), resposta.codigos


@pytest.mark.parametrize("semente", range(2))
async def test_each_sees_what_they_would_alone(
    cena: tuple[list[Pessoa], dict[str, Cliente]], semente: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pacientes, quem = cena
    acaso = random.Random(semente)
    ids = [*(paciente.id for paciente in pacientes), "pac_" + "0" * 32, "pac_x", pacientes[0].id.replace("pac", "prf")]
    pedidos = [(nome, texto, id) for nome in quem for texto in (UM, DELE) for id in ids]
    sozinhas = {pedido: await _resposta(quem[pedido[0]], *pedido[1:]) for pedido in pedidos}
    juntas: list[int] = []
    real = SharedLookUps._send  # noqa: SLF001 - how many share

    def send(self: SharedLookUps) -> None:
        juntas.extend(len(de_quem.waiting) for de_quem in self._by_keys.values())
        real(self)

    monkeypatch.setattr(SharedLookUps, "_send", send)
    acaso.shuffle(pedidos)
    respostas = await asyncio.gather(*(_resposta(quem[nome], texto, id) for nome, texto, id in pedidos))
    assert PROCESSES or max(juntas) > 1, "they did share"
    assert dict(zip(pedidos, respostas, strict=True)) == sozinhas
    vistos = {nome: {id for id in ids if (sozinhas[nome, UM, id][0] or {}).get("paciente")} for nome in quem}
    todos = {paciente.id for paciente in pacientes}
    assert vistos["recepcao"] == todos
    assert vistos["profissional"] == {paciente.id for paciente in pacientes[:2]}
    assert [vistos[f"paciente {n}"] for n in range(5)] == [{paciente.id} for paciente in pacientes]
    assert vistos["ninguem"] == set()


@pytest.mark.parametrize("papel", Papel)
async def test_of_nobody_nothing_is_asked(hospital: Hospital, papel: Papel) -> None:
    """A database that is closed refuses whatever is asked of it."""
    db = Database(hospital.server.app_url)
    await db.close()
    paciente, profissional = (bytes(16) if papel is um else None for um in (Papel.PACIENTE, Papel.PROFISSIONAL))
    quem = Quem(bytes(16), bytes(16), frozenset({papel}), paciente, profissional, False)
    assert await store.por_ids(db, exigir(quem, VerPacientes), []) == {}


async def test_of_what_was_read_together_each_is_on_the_trail_with_their_own(
    cena: tuple[list[Pessoa], dict[str, Cliente]], hospital: Hospital
) -> None:
    pacientes, _ = cena
    funcionarios = [await hospital.funcionario("RECEPCAO") for _ in range(4)]
    lidos = [(funcionario, pacientes[n : n + 2]) for n, funcionario in enumerate(funcionarios)]
    await asyncio.gather(
        *(funcionario.cliente(UM, id=paciente.id) for funcionario, deles in lidos for paciente in deles),
        *(paciente.cliente(UM, id=paciente.id) for paciente in pacientes),
    )
    for funcionario, deles in lidos:
        linhas = await hospital.dono.select(
            "SELECT DISTINCT v.alvo_id FROM auditoria a JOIN auditoria_visto v ON v.entrada_id = a.id"
            " JOIN usuario u ON u.id = a.usuario_id JOIN pessoa e ON e.id = u.pessoa_id"
            " WHERE e.cpf = %(cpf)s AND a.ato LIKE 'LER%%'",
            cpf=funcionario.cpf,
        )
        assert {alvo for (alvo,) in linhas} == {chave(paciente.id) for paciente in deles}
