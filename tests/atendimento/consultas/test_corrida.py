"""Two server processes, sixteen connections, thousands of random books, moves and cancels: never an overlap."""

import asyncio
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from tests.hospital import AGENDAR, CANCELAR, REMARCAR, Cliente, Hospital
from tests.processes import serving

OPERACOES = 2_400
CONEXOES = 16
RECUSAS = {"HORARIO_INDISPONIVEL", "TRANSICAO_INVALIDA"}
DIA = datetime(2033, 5, 2, tzinfo=UTC)


@dataclass
class Livro:
    """What the callers were told: the last success of each consulta."""

    marcadas: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)
    canceladas: set[str] = field(default_factory=set)
    contagem: Counter[str] = field(default_factory=Counter)


async def test_no_overlap_ever_and_every_success_is_there(hospital: Hospital) -> None:
    semente = random.SystemRandom().randrange(2**32)
    profissionais = [(await hospital.profissional()).id for _ in range(3)]
    pacientes = [(await hospital.paciente()).id for _ in range(5)]
    livro = Livro()
    banco = str(hospital.server.app_url)
    async with (
        serving(banco, SGHSS_BOOKING_DAYS="36500") as um,
        serving(banco, SGHSS_BOOKING_DAYS="36500") as outro,
        httpx.AsyncClient(base_url=um, timeout=60) as http_um,
        httpx.AsyncClient(base_url=outro, timeout=60) as http_outro,
    ):
        clientes = [Cliente(http, hospital.recepcao.token) for http in (http_um, http_outro)]
        await asyncio.gather(
            *(
                _caller(random.Random(semente + n), clientes[n % 2], profissionais, pacientes, livro)
                for n in range(CONEXOES)
            )
        )
    assert sum(livro.contagem.values()) >= 2_000
    assert livro.contagem["ok"] > 200, livro.contagem
    assert livro.contagem["HORARIO_INDISPONIVEL"] > 200, livro.contagem
    assert set(livro.contagem) <= RECUSAS | {"ok"}, f"seed {semente}: {livro.contagem}"
    await _exigir_sem_sobreposicao(hospital, profissionais)
    await _exigir_que_tudo_esteja_la(hospital, profissionais, livro)


async def _caller(acaso: random.Random, cliente: Cliente, profissionais, pacientes, livro: Livro) -> None:
    """Each caller has consultas of their own to move and cancel, or snatches someone else's."""
    for _ in range(OPERACOES // CONEXOES):
        inicio = (DIA + timedelta(minutes=5 * acaso.randrange(12 * 14))).isoformat()
        minutos = 5 * acaso.randrange(1, 13)
        conhecidas = list(livro.marcadas)
        sorte = acaso.random()
        if sorte < 0.5 or not conhecidas:
            entrada = {
                "pacienteId": acaso.choice(pacientes),
                "profissionalId": acaso.choice(profissionais),
                "inicio": inicio,
            }
            await _tentar(cliente, AGENDAR, {**entrada, "duracaoEmMinutos": minutos}, livro)
        elif sorte < 0.8:
            entrada = {"consultaId": acaso.choice(conhecidas), "inicio": inicio, "duracaoEmMinutos": minutos}
            await _tentar(cliente, REMARCAR, entrada, livro)
        else:
            await _tentar(cliente, CANCELAR, {"consultaId": acaso.choice(conhecidas), "motivo": "x"}, livro)


async def _tentar(cliente: Cliente, mutation: str, entrada: dict, livro: Livro) -> None:
    resposta = await cliente(mutation, input=entrada)
    ((nome, payload),) = resposta.data.items()
    if payload["erros"]:
        livro.contagem[payload["erros"][0]["codigo"]] += 1
        return
    consulta = payload["consulta"]
    livro.contagem["ok"] += 1
    livro.marcadas.setdefault(consulta["id"], ())
    if nome == "cancelarConsulta":
        livro.canceladas.add(consulta["id"])


async def _exigir_sem_sobreposicao(hospital: Hospital, profissionais: list[str]) -> None:
    """Looks at the consultas themselves, not at the cells that are meant to keep them apart."""
    linhas = await hospital.dono.select(
        "SELECT profissional_id, paciente_id, inicio, fim FROM consulta WHERE profissional_id IN %(profissionais)s"
        " AND situacao <> 'CANCELADA' ORDER BY inicio",
        profissionais=[bytes.fromhex(profissional[4:]) for profissional in profissionais],
    )
    ate: dict[bytes, datetime] = defaultdict(lambda: datetime.min)  # noqa: DTZ901 - naive, as in the database
    assert len(linhas) > 10
    for profissional, paciente, inicio, fim in linhas:
        assert ate[profissional] <= inicio
        assert ate[paciente] <= inicio
        ate[profissional] = ate[paciente] = fim


async def _exigir_que_tudo_esteja_la(hospital: Hospital, profissionais: list[str], livro: Livro) -> None:
    linhas = await hospital.dono.select(
        "SELECT c.id, c.situacao, c.inicio, c.fim,"
        " (SELECT COUNT(*) FROM tempo x JOIN profissional m ON m.pessoa_id = x.coisa_id"
        " WHERE x.consulta_id = c.id AND m.id = c.profissional_id),"
        " (SELECT COUNT(*) FROM tempo x JOIN paciente p ON p.pessoa_id = x.coisa_id"
        " WHERE x.consulta_id = c.id AND p.id = c.paciente_id),"
        " (SELECT COUNT(*) FROM consulta_mudanca x WHERE x.consulta_id = c.id)"
        " FROM consulta c WHERE c.profissional_id IN %(profissionais)s",
        profissionais=[bytes.fromhex(profissional[4:]) for profissional in profissionais],
    )
    assert {f"con_{linha[0].hex()}" for linha in linhas} == set(livro.marcadas), "each success, and nothing else"
    passos = 0
    for chave, situacao, inicio, fim, do_profissional, do_paciente, mudancas in linhas:
        cancelada = f"con_{chave.hex()}" in livro.canceladas
        assert situacao == ("CANCELADA" if cancelada else "AGENDADA")
        celulas = 0 if cancelada else (fim - inicio) // timedelta(minutes=5)
        assert (do_profissional, do_paciente) == (celulas, celulas)
        passos += mudancas
    assert passos <= livro.contagem["ok"]
