"""Two servers, sixteen callers, all that books at once, connections cut in the middle: what always holds, holds."""

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.machinery.database import Transaction
from tests.atendimento.consultas.test_encaixes_e_reservas import JUSTA, LIBERAR, RESERVAR, SERIE
from tests.atendimento.invariantes import faltas
from tests.cadastro.unidades.test_unidades import sala, tipo, unidade
from tests.cadastro.unificacoes.test_unificacoes import DESFAZER, UNIFICAR
from tests.hospital import AGENDAR, BLOQUEAR, CANCELAR, DESBLOQUEAR, REMARCAR, Cliente, Hospital, chave
from tests.processes import serving

CONEXOES, VEZES = 16, 40
DIA = datetime(2033, 6, 6, tzinfo=UTC)
RECUSAS = {
    "HORARIO_INDISPONIVEL", "SALA_INDISPONIVEL", "AGENDA_BLOQUEADA", "TRANSICAO_INVALIDA", "RESERVA_EXPIRADA",
    "NAO_ENCONTRADO", "VALOR_INVALIDO",
}  # fmt: skip
"""What may be refused in a race; VALOR_INVALIDO is of who was joined to another meanwhile."""


@dataclass
class Livro:
    """What the callers were told; ``incertas`` are answers that never came, or didn't say what became of it."""

    consultas: set[str] = field(default_factory=set)
    canceladas: set[str] = field(default_factory=set)
    bloqueios: list[str] = field(default_factory=list)
    contagem: Counter[str] = field(default_factory=Counter)
    incertas: int = 0


@dataclass
class Lugar:
    """Where it all happens."""

    profissionais: list[str]
    pacientes: list[str]
    tipo: str
    unir: list[tuple[str, str]]


async def _lugar(hospital: Hospital) -> Lugar:
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    await sala(hospital, onde)
    await sala(hospital, onde, nome="Outra")
    profissionais = []
    for _ in range(3):
        profissional = await hospital.profissional(sempre=False)
        await hospital.sempre_em(profissional.id, onde)
        profissionais.append(profissional.id)
    pacientes = [(await hospital.paciente()).id for _ in range(8)]
    que_pede = await tipo(hospital, exigeSala=True, duracaoEmMinutos=30, intervaloEmMinutos=10)
    return Lugar(profissionais, pacientes, que_pede, [(pacientes[6], pacientes[7])])


@dataclass
class Quem:
    """One of the callers: each has some times of their own that they hold."""

    acaso: random.Random
    cliente: Cliente
    admin: Cliente
    lugar: Lugar
    livro: Livro
    reservas: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def _pedido(self, **mais: Any) -> dict[str, Any]:
        minutos = 5 * self.acaso.randrange(12 * 10)
        return {
            "pacienteId": self.acaso.choice(self.lugar.pacientes),
            "profissionalId": self.acaso.choice(self.lugar.profissionais),
            "inicio": (DIA + timedelta(minutes=minutos)).isoformat(),
            "duracaoEmMinutos": 5 * self.acaso.randrange(1, 10),
            **mais,
        }

    def _alguma(self) -> str:
        return self.acaso.choice(sorted(self.livro.consultas) or ["con_0"])

    async def faz(self) -> None:
        """Do one thing, and write down what was answered."""
        sorte, pedido = self.acaso.random(), self._pedido()
        if sorte < 0.22:
            await self._tenta(AGENDAR, pedido)
        elif sorte < 0.34:
            await self._tenta(AGENDAR, {**pedido, "encaixe": JUSTA})
        elif sorte < 0.42:
            await self._tenta(AGENDAR, {**pedido, "tipoId": self.lugar.tipo, "duracaoEmMinutos": None})
        elif sorte < 0.50:
            await self._tenta(SERIE, {"primeira": pedido, "repeticao": {"vezes": 3}})
        elif sorte < 0.62:
            await self._reserva(pedido)
        elif sorte < 0.76:
            outro = {"profissionalId": pedido["profissionalId"]} if self.acaso.random() < 0.5 else {}
            encaixe = {"encaixe": JUSTA} if self.acaso.random() < 0.3 else {}
            await self._tenta(REMARCAR, {"consultaId": self._alguma(), "inicio": pedido["inicio"], **outro, **encaixe})
        elif sorte < 0.90:
            await self._tenta(CANCELAR, {"consultaId": self._alguma(), "motivo": "x"})
        elif sorte < 0.96:
            await self._bloqueia(pedido)
        else:
            de, para = self.acaso.choice(self.lugar.unir)
            if self.acaso.random() < 0.5:
                une = {"deId": de, "paraId": para, "justificativa": "São a mesma pessoa, com documento."}
                await self._pergunta(self.admin, UNIFICAR, input=une)
            else:
                await self._pergunta(self.admin, DESFAZER, id=de, j="Eram duas pessoas afinal, com documento.")

    async def _reserva(self, pedido: dict[str, Any]) -> None:
        """Hold a time, or book what is held, or let it go."""
        if self.reservas and self.acaso.random() < 0.6:
            id, de_que = self.reservas.pop()
            if self.acaso.random() < 0.2:
                await self._pergunta(self.cliente, LIBERAR, id=id)
            else:
                paciente = {"pacienteId": self.acaso.choice(self.lugar.pacientes)}
                await self._tenta(AGENDAR, {**de_que, **paciente, "reservaId": id})
            return
        de_que = {nome: pedido[nome] for nome in ("profissionalId", "inicio", "duracaoEmMinutos")}
        feita = await self._pergunta(self.cliente, RESERVAR, input=de_que)
        if feita is not None and feita["reserva"]:
            self.reservas.append((feita["reserva"]["id"], de_que))

    async def _bloqueia(self, pedido: dict[str, Any]) -> None:
        if self.livro.bloqueios:
            await self._pergunta(self.admin, DESBLOQUEAR, id=self.livro.bloqueios.pop())
            return
        fim = (datetime.fromisoformat(pedido["inicio"]) + timedelta(hours=1)).isoformat()
        fechar = {"profissionalId": pedido["profissionalId"], "inicio": pedido["inicio"], "fim": fim, "motivo": "x"}
        feito = await self._pergunta(self.admin, BLOQUEAR, input=fechar)
        if feito is not None and feito["bloqueio"]:
            self.livro.bloqueios.append(feito["bloqueio"]["id"])

    async def _tenta(self, mutation: str, entrada: dict[str, Any]) -> None:
        payload = await self._pergunta(self.cliente, mutation, input=entrada)
        if payload is None or payload["erros"]:
            return
        feitas = payload["consultas"] if "consultas" in payload else [payload["consulta"]]
        self.livro.consultas |= {uma["id"] for uma in feitas}
        if mutation is CANCELAR:
            self.livro.canceladas.add(feitas[0]["id"])

    async def _pergunta(self, cliente: Cliente, mutation: str, **variaveis: Any) -> dict[str, Any] | None:
        resposta = await cliente(mutation, **variaveis)
        if resposta.codigos:
            self.livro.contagem[resposta.codigos[0]] += 1
            self.livro.incertas += 3  # a series is of three
            return None
        (payload,) = resposta.data.values()
        codigo = payload["erros"][0]["codigo"] if payload["erros"] else "ok"
        self.livro.contagem[f"{codigo}"] += 1
        return dict(payload)


async def test_whatever_is_booked_beside_whatever_what_always_holds_holds(hospital: Hospital) -> None:
    semente = random.SystemRandom().randrange(2**32)
    lugar, livro, acaso = await _lugar(hospital), Livro(), random.Random(semente)
    equipe = [(await hospital.funcionario("RECEPCAO")).cliente.token for _ in range(4)]
    banco = str(hospital.server.app_url)
    async with (
        serving(banco, SGHSS_BOOKING_DAYS="36500") as um,
        serving(banco, SGHSS_BOOKING_DAYS="36500") as outro,
        httpx.AsyncClient(base_url=um, timeout=60) as http_um,
        httpx.AsyncClient(base_url=outro, timeout=60) as http_outro,
    ):
        https = (http_um, http_outro)
        chamam = [
            Quem(
                random.Random(semente + n),
                Cliente(https[n % 2], equipe[n % 4]),
                Cliente(https[n % 2], hospital.admin.token),
                lugar,
                livro,
            )
            for n in range(CONEXOES)
        ]
        pronto = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            estraga = group.create_task(_estragar(hospital, acaso, pronto))
            await asyncio.gather(*(_varias(quem) for quem in chamam))
            pronto.set()
            await estraga
    assert livro.contagem["ok"] > 100, livro.contagem
    assert set(livro.contagem) <= RECUSAS | {"ok", "SERVICO_INDISPONIVEL"}, f"seed {semente}: {livro.contagem}"
    await agenda.varrer(hospital.dono)
    assert await faltas(hospital.dono, lugar.profissionais) == set(), f"seed {semente}: {livro.contagem}"
    linhas = await hospital.dono.select(
        "SELECT id, situacao FROM consulta WHERE profissional_id IN %(quem)s",
        quem=[chave(um) for um in lugar.profissionais],
    )
    ha = {f"con_{id.hex()}": situacao for id, situacao in linhas}
    assert livro.consultas <= ha.keys(), f"seed {semente}: what was answered as done is there"
    assert {ha[id] for id in livro.canceladas} <= {"CANCELADA"}, f"seed {semente}"
    assert len(ha.keys() - livro.consultas) <= livro.incertas, f"seed {semente}: nothing that nobody asked for"


async def _varias(quem: Quem) -> None:
    for _ in range(VEZES):
        await quem.faz()


async def _estragar(hospital: Hospital, acaso: random.Random, pronto: asyncio.Event) -> None:
    """Now and then cut a connection in the middle of what it does, and let holds expire."""
    conexoes = "SELECT id FROM information_schema.processlist WHERE user = 'sghss_app' AND command <> 'Sleep'"
    while not pronto.is_set():
        numeros = await hospital.dono.select(conexoes)
        if numeros and acaso.random() < 0.1:
            with contextlib.suppress(Exception):  # it may have ended by itself meanwhile
                await hospital.dono.execute(f"KILL {int(acaso.choice(numeros)[0])}")
        if acaso.random() < 0.05:
            await hospital.dono.transaction(_expirar)
        await hospital.dono.select("SELECT SLEEP(0.02)")


async def _expirar(tx: Transaction) -> None:
    tx.write("UPDATE reserva SET expira_em = UTC_TIMESTAMP(6)")
    tx.write(
        "UPDATE tempo k JOIN reserva r ON r.id = k.reserva_id SET k.ate = r.expira_em WHERE k.reserva_id IS NOT NULL"
    )


ESTRAGOS = {
    "duas ordinárias de um profissional ao mesmo tempo": (
        "UPDATE consulta SET encaixe = FALSE WHERE id = %(encaixe)s",
    ),
    "um paciente em dois lugares": (
        "UPDATE consulta SET paciente_id = (SELECT paciente_id FROM (SELECT * FROM consulta) o WHERE o.id = %(uma)s)"
        " WHERE id = %(encaixe)s",
    ),
    "uma sala com dois": (
        "UPDATE consulta a JOIN consulta b ON b.id = %(com_sala)s SET a.sala_id = b.sala_id, a.inicio = b.inicio,"
        " a.fim = b.fim, a.unidade_id = b.unidade_id WHERE a.id = %(uma)s",
    ),
    "encaixes demais": (
        "INSERT INTO consulta (id, paciente_id, profissional_id, inicio, fim, situacao, modalidade, criado_em,"
        " unidade_id, encaixe) SELECT RANDOM_BYTES(16), c.paciente_id, c.profissional_id, c.inicio, c.fim, 'AGENDADA',"
        " c.modalidade, c.criado_em, c.unidade_id, TRUE FROM consulta c JOIN (SELECT 1 AS n UNION SELECT 2 UNION"
        " SELECT 3 UNION SELECT 4 UNION SELECT 5) n WHERE c.id = %(encaixe)s",
    ),
    "uma faixa sem a que está por baixo": ("DELETE FROM tempo WHERE consulta_id = %(uma)s",),
    "tempo de uma reserva que não há": ("DELETE FROM reserva WHERE id = %(reserva)s",),
    "reserva sem o seu tempo": ("DELETE FROM tempo WHERE reserva_id = %(reserva)s LIMIT 1",),
    "uma série pela metade": ("UPDATE consulta SET serie_id = NULL WHERE id = %(da_serie)s",),
    "um passo a menos ou a mais na história": ("UPDATE consulta SET versao = versao + 1 WHERE id = %(uma)s",),
    "uma consulta sem o seu tempo": ("DELETE FROM tempo WHERE consulta_id = %(com_sala)s LIMIT 1",),
    "tempo que não é de ninguém": ("UPDATE consulta SET situacao = 'CANCELADA' WHERE id = %(uma)s",),
}
"""For each thing that holds, what breaks it."""


@pytest.fixture(scope="module")
async def marcadas(hospital: Hospital) -> tuple[Lugar, dict[str, bytes]]:
    """One of each: a consulta, one over it, one in a sala, a series, a hold."""
    lugar = await _lugar(hospital)
    um, outro, terceiro = lugar.profissionais
    pedido = {"pacienteId": lugar.pacientes[0], "profissionalId": um, "inicio": "2034-01-02T12:00:00Z"}
    uma = (await hospital.recepcao(AGENDAR, input=pedido)).data["agendarConsulta"]["consulta"]
    por_cima = {**pedido, "pacienteId": lugar.pacientes[1], "encaixe": JUSTA}
    encaixe = (await hospital.recepcao(AGENDAR, input=por_cima)).data["agendarConsulta"]["consulta"]
    na_sala = {**pedido, "profissionalId": outro, "inicio": "2034-01-02T14:00:00Z", "tipoId": lugar.tipo}
    com_sala = (await hospital.recepcao(AGENDAR, input=na_sala)).data["agendarConsulta"]["consulta"]
    primeira = {**pedido, "profissionalId": terceiro, "inicio": "2034-01-02T16:00:00Z"}
    serie = (await hospital.recepcao(SERIE, input={"primeira": primeira, "repeticao": {"vezes": 3}})).data
    guarda = {"profissionalId": um, "inicio": "2034-01-02T18:00:00Z"}
    reserva = (await hospital.recepcao(RESERVAR, input=guarda)).data["reservarHorario"]["reserva"]
    ids = {"uma": uma, "encaixe": encaixe, "com_sala": com_sala, "reserva": reserva}
    ids["da_serie"] = serie["agendarSerie"]["consultas"][1]
    return lugar, {nome: chave(feita["id"]) for nome, feita in ids.items()}


@pytest.mark.parametrize("falta", ESTRAGOS)
async def test_each_is_missed_where_it_is_broken(
    hospital: Hospital, marcadas: tuple[Lugar, dict[str, bytes]], falta: str
) -> None:
    lugar, ids = marcadas
    assert await faltas(hospital.dono, lugar.profissionais) == set()

    class Desfeito(Exception):
        pass

    async def work(tx: Transaction) -> None:
        for sql in ESTRAGOS[falta]:
            tx.write(sql, **ids)
        assert falta in await faltas(tx, lugar.profissionais)
        raise Desfeito

    with pytest.raises(Desfeito):
        await hospital.dono.transaction(work)
