"""What everybody does: each role has a few acts, of which some are done more often than others."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.atendimento.consultas.test_encaixes_e_reservas import JUSTA, LIBERAR, RESERVAR, SERIE
from tests.cadastro.cuidados.test_cuidados import EMERGENCIA, PORQUE
from tests.cadastro.unificacoes.test_unificacoes import DESFAZER, UNIFICAR
from tests.cadastro.usuarios.test_contas import DESATIVAR, REATIVAR
from tests.hospital import (
    ADICIONAR,
    AGENDAR,
    BLOQUEAR,
    CANCELAR,
    CONCLUIR,
    CONFIRMAR,
    CORRIGIR,
    DEFINIR,
    DESBLOQUEAR,
    EMITIR,
    FALTAR,
    INICIAR,
    REMARCAR,
)
from tests.simulador.livro import Achado, Conta
from tests.simulador.mundo import Mundo, agora_com_fuso

MINHAS = (
    "query($de: DateTime, $ate: DateTime) { consultas(filtro: {de: $de, ate: $ate}, first: 50) { contagens { total }"
    " edges { node { id situacao inicio paciente { id } profissional { id } } } } }"
)
VER = "query($id: ID!) { paciente(id: $id) { id nome } }"
LIVRES = (
    "query($f: FiltroDeHorarios!) { horarios(filtro: $f, first: 10) { edges { node { inicio profissional { id } } } } }"
)
LER = "query($id: ID!) { prontuarios(pacienteId: $id, first: 5) { totalCount edges { node { paciente { id } } } } }"
JUSTIFICATIVA = "São a mesma pessoa, com documento na mão."
CORRECOES = {"FALTOU": "CONFIRMADA", "REALIZADA": "EM_ATENDIMENTO", "EM_ATENDIMENTO": "CONFIRMADA"}

Ato = Callable[[Mundo, Conta, random.Random], Awaitable[None]]


def _algum(contas: list[Conta], acaso: random.Random) -> str:
    return acaso.choice(contas).id


def _remarcar(mundo: Mundo, acaso: random.Random, uma: dict[str, Any], outro: float) -> dict[str, Any]:
    """Ask for another time for a consulta, perhaps with another profissional; never for where it is."""
    pedido = _pedido(mundo, acaso, "")
    while datetime.fromisoformat(pedido["inicio"]) == datetime.fromisoformat(uma["inicio"]):
        pedido = _pedido(mundo, acaso, "")
    mais = {"profissionalId": pedido["profissionalId"]} if acaso.random() < outro else {}
    return {"consultaId": uma["id"], "inicio": pedido["inicio"], **mais}


def _pedido(mundo: Mundo, acaso: random.Random, paciente: str, **mais: Any) -> dict[str, Any]:
    profissional = mais.pop("profissionalId", None) or _algum(mundo.profissionais, acaso)
    inicio = mundo.instante(profissional, acaso).isoformat()
    return {"pacienteId": paciente, "profissionalId": profissional, "inicio": inicio, **mais}


async def _minhas(mundo: Mundo, conta: Conta) -> list[dict[str, Any]]:
    """Give what somebody sees of yesterday until the day after tomorrow."""
    agora = agora_com_fuso()
    periodo = {"de": (agora - timedelta(days=1)).isoformat(), "ate": (agora + timedelta(days=2)).isoformat()}
    corpo = await mundo.livro.ler(conta, MINHAS, **periodo)
    return [edge["node"] for edge in corpo["data"]["consultas"]["edges"]] if "errors" not in corpo else []


# ── pacientes ──


async def _marca(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Look for a free time, hold it, and book what is held; or book some time as it comes."""
    if acaso.random() < 0.4:
        await mundo.livro.mudar(conta, AGENDAR, input=_pedido(mundo, acaso, conta.id))
        return
    agora = agora_com_fuso()
    filtro = {"de": agora.isoformat(), "ate": (agora + timedelta(days=acaso.choice((1, 2)))).isoformat()}
    corpo = await mundo.livro.ler(conta, LIVRES, f=filtro)
    if "errors" in corpo or not (achados := corpo["data"]["horarios"]["edges"]):
        return
    vaga = acaso.choice(achados)["node"]
    hora = {"inicio": vaga["inicio"], "profissionalId": vaga["profissional"]["id"]}
    feita = await mundo.livro.mudar(conta, RESERVAR, input=hora)
    if feita is None or not feita.get("reserva") or acaso.random() < 0.3:
        return
    id = feita["reserva"]["id"]
    if acaso.random() < 0.2:
        await mundo.livro.mudar(conta, LIBERAR, id=id)
    else:
        await mundo.livro.mudar(conta, AGENDAR, input={**hora, "pacienteId": conta.id, "reservaId": id})


async def _olha_as_suas(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Look at one's own, and do something with one of them; nobody else's is ever among them."""
    vistas = await _minhas(mundo, conta)
    seus = {conta.id, *(um for par in mundo.unir if conta.id in par for um in par)}
    alheias = [uma["id"] for uma in vistas if uma["paciente"]["id"] not in seus]
    if alheias:
        raise Achado(f"um paciente viu consultas de outro: {alheias[:3]}")
    if not vistas:
        return
    uma, sorte = acaso.choice(vistas), acaso.random()
    if sorte < 0.35:
        await mundo.livro.mudar(conta, CONFIRMAR, id=uma["id"])
    elif sorte < 0.65:
        await mundo.livro.mudar(conta, CANCELAR, input={"consultaId": uma["id"], "motivo": "não posso"})
    else:
        await mundo.livro.mudar(conta, REMARCAR, input=_remarcar(mundo, acaso, uma, 0.4))


# ── profissionais ──


async def _atende(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Look at one's agenda, and go on with one of its consultas."""
    vistas = [uma for uma in await _minhas(mundo, conta) if uma["profissional"]["id"] == conta.id]
    if not vistas:
        return
    uma = acaso.choice(vistas)
    if uma["situacao"] in CORRECOES and acaso.random() < 0.4:
        para = {"consultaId": uma["id"], "para": CORRECOES[uma["situacao"]], "justificativa": "clique errado"}
        await mundo.livro.mudar(conta, CORRIGIR, input=para)
    elif uma["situacao"] == "EM_ATENDIMENTO":
        await mundo.livro.mudar(conta, CONCLUIR, id=uma["id"])
    else:
        await mundo.livro.mudar(conta, acaso.choice((INICIAR, INICIAR, FALTAR, CONFIRMAR)), id=uma["id"])


async def _escreve(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Write a record of somebody in one's care; or of anybody, which is refused."""
    vistas = [uma for uma in await _minhas(mundo, conta) if uma["paciente"]]
    paciente = acaso.choice(vistas)["paciente"]["id"] if vistas else _algum(mundo.pacientes, acaso)
    entrada = {"pacienteId": paciente, "tipo": "EVOLUCAO", "texto": "Evolui bem."}
    await mundo.livro.mudar(conta, ADICIONAR, input=entrada)
    await mundo.livro.ler(conta, LER, id=paciente)


async def _encaixa(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    pedido = _pedido(mundo, acaso, _algum(mundo.pacientes, acaso), profissionalId=conta.id, encaixe=JUSTA)
    await mundo.livro.mudar(conta, AGENDAR, input=pedido)


async def _fecha_a_agenda(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Block an hour, or open one's agenda again."""
    meus = [id for id, de_quem in mundo.livro.bloqueios.items() if de_quem == conta.id]
    if meus:
        mundo.livro.bloqueios.pop(id := acaso.choice(meus))
        await mundo.livro.mudar(conta, DESBLOQUEAR, id=id)
        return
    inicio = mundo.instante(conta.id, acaso, 30)
    fechar = {"inicio": inicio.isoformat(), "fim": (inicio + timedelta(hours=1)).isoformat(), "motivo": "reunião"}
    feito = await mundo.livro.mudar(conta, BLOQUEAR, input={"profissionalId": conta.id, **fechar})
    if feito is not None and feito["bloqueio"]:
        mundo.livro.bloqueios[feito["bloqueio"]["id"]] = conta.id


async def _emergencia(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    entrada = {"pacienteId": _algum(mundo.pacientes, acaso), "justificativa": PORQUE}
    await mundo.livro.mudar(conta, EMERGENCIA, input=entrada)


# ── recepção ──


async def _recebe(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Book for somebody: a time, over one, with a sala, a series."""
    pedido, sorte = _pedido(mundo, acaso, _algum(mundo.pacientes + mundo.estranhos, acaso)), acaso.random()
    if sorte < 0.4:
        pedido["duracaoEmMinutos"] = 5 * acaso.randrange(2, 12)
    elif sorte < 0.6:
        pedido["encaixe"] = JUSTA
    elif sorte < 0.8:
        pedido["tipoId"] = mundo.com_sala
    else:
        await mundo.livro.mudar(conta, SERIE, input={"primeira": pedido, "repeticao": {"vezes": 3}})
        return
    await mundo.livro.mudar(conta, AGENDAR, input=pedido)


async def _arruma(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Move, cancel, confirm, or say that somebody didn't come."""
    vistas = await _minhas(mundo, conta)
    if not vistas:
        return
    uma, sorte = acaso.choice(vistas), acaso.random()
    if sorte < 0.3:
        await mundo.livro.mudar(conta, acaso.choice((CONFIRMAR, FALTAR)), id=uma["id"])
    elif sorte < 0.5:
        await mundo.livro.mudar(conta, CANCELAR, input={"consultaId": uma["id"], "motivo": "pediu por telefone"})
    else:
        encaixe = {"encaixe": JUSTA} if acaso.random() < 0.2 else {}
        await mundo.livro.mudar(conta, REMARCAR, input={**_remarcar(mundo, acaso, uma, 0.5), **encaixe})


async def _disputa(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Do one thing with a consulta at the moment at which others of the desk do another: one of them comes first."""
    vistas = [uma for uma in await _minhas(mundo, conta) if uma["situacao"] in ("AGENDADA", "CONFIRMADA")]
    outras = [uma for uma in mundo.recepcao if uma.ativa and uma is not conta]
    if not vistas or len(outras) < 2:
        return
    id = acaso.choice(vistas)["id"]
    uma, outra = acaso.sample(outras, 2)
    await asyncio.gather(
        mundo.livro.mudar(conta, CANCELAR, input={"consultaId": id, "motivo": "pediu por telefone"}),
        mundo.livro.mudar(uma, CONFIRMAR, id=id),
        mundo.livro.mudar(outra, FALTAR, id=id),
    )


async def _segura(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Hold a time, and let somebody think about it."""
    pedido = _pedido(mundo, acaso, "")
    await mundo.livro.mudar(conta, RESERVAR, input={nome: pedido[nome] for nome in ("profissionalId", "inicio")})


async def _procura(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    paciente = _algum(mundo.pacientes, acaso)
    corpo = await mundo.livro.ler(conta, VER, id=paciente)
    if "errors" not in corpo and corpo["data"]["paciente"]:
        conta.vistos.add(corpo["data"]["paciente"]["id"])


# ── administradores ──


async def _une(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    de, para = acaso.choice(mundo.unir)
    if acaso.random() < 0.5:
        une = {"deId": de, "paraId": para, "justificativa": JUSTIFICATIVA}
        await mundo.livro.mudar(conta, UNIFICAR, input=une)
    else:
        await mundo.livro.mudar(conta, DESFAZER, id=de, j=JUSTIFICATIVA)


async def _fecha_uma_conta(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Deactivate somebody of the staff, another administrador perhaps; or let somebody come back.

    Nobody does so with whom another does it just then: of two, it would not be known here which came last.
    """
    outros = [uma for uma in mundo.recepcao + mundo.administradores if uma is not conta and not uma.em_mudanca]
    parados = [uma for uma in outros if not uma.ativa]
    if not outros:
        return
    volta = bool(parados) and acaso.random() < 0.7
    alvo = acaso.choice(parados if volta else outros)
    alvo.em_mudanca = True
    try:
        await (_traz_de_volta if volta else _desativa)(mundo, conta, alvo)
    finally:
        alvo.em_mudanca = False


async def _desativa(mundo: Mundo, conta: Conta, alvo: Conta) -> None:
    antes, alvo.ativa = alvo.ativa, None
    feito = await mundo.livro.mudar(conta, DESATIVAR, id=alvo.usuario, m="férias")
    if feito is not None:
        alvo.ativa, alvo.parada = (antes if feito["erros"] else False), time.monotonic()


async def _traz_de_volta(mundo: Mundo, conta: Conta, alvo: Conta) -> None:
    """Reactivate somebody, who sets a password with the code: the same one, which isn't good twice in a row."""
    alvo.ativa = None
    await mundo.livro.ler(conta, REATIVAR, id=alvo.usuario)
    corpo = await mundo.livro.ler(conta, EMITIR, cpf=alvo.cpf)
    if "errors" in corpo or not (emitido := corpo["data"]["emitirCodigoDeAcesso"]["codigoDeAcesso"]):
        return
    senha = f"{alvo.senha[:20]}-{mundo.acaso.randrange(10**6)}"
    feita = await mundo.livro.ler(alvo, DEFINIR, cpf=alvo.cpf, codigo=emitido["codigo"], senha=senha)
    sessao = None if "errors" in feita else feita["data"]["definirSenha"]["sessao"]
    if sessao:
        alvo.senha, alvo.token, alvo.ativa = senha, sessao["tokenDeAcesso"], True


PACIENTE: Mapping[Ato, int] = {_marca: 5, _olha_as_suas: 5}
PROFISSIONAL: Mapping[Ato, int] = {_atende: 8, _escreve: 3, _encaixa: 1, _fecha_a_agenda: 1, _emergencia: 1}
RECEPCAO: Mapping[Ato, int] = {_recebe: 6, _arruma: 5, _disputa: 2, _segura: 2, _procura: 2}
ADMINISTRADOR: Mapping[Ato, int] = {_recebe: 1, _une: 2, _fecha_uma_conta: 2}


async def age(mundo: Mundo, conta: Conta, acaso: random.Random) -> None:
    """Let somebody do one thing, unless they are known to be shut out."""
    if conta.ativa is False:
        return
    atos = PACIENTE
    for quem, deles in (
        (mundo.profissionais, PROFISSIONAL),
        (mundo.recepcao, RECEPCAO),
        (mundo.administradores, ADMINISTRADOR),
    ):
        if conta in quem:
            atos = deles
    (ato,) = acaso.choices(list(atos), list(atos.values()))
    await ato(mundo, conta, acaso)
