"""Twenty thousand consultas over two years past and three months ahead, and twelve thousand records of them.

A profissional sees a panel of pacientes who come back, at times of their working hours, never two at once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sghss_graphql.atendimento.agenda.regras import Intervalo, celulas
from sghss_graphql.atendimento.agenda.regras.expediente import expediente
from sghss_graphql.atendimento.consultas.types import SituacaoDaConsulta as Situacao
from sghss_graphql.clinica.prontuarios.regras import Elo, Registro, calcular_hash
from sghss_graphql.clinica.prontuarios.types import TipoDeRegistro as Tipo
from sghss_graphql.demo.lugares import DIAS
from sghss_graphql.demo.pessoas import Paciente, Profissional, Sorteio

CONSULTAS = 20_000
REGISTROS = 12_000
_DA_DEMONSTRACAO = 28  # consultas of the demo paciente with the demo profissional
_PASSADO, _FUTURO = timedelta(days=730), timedelta(days=91)
_PAINEL = 140  # pacientes of each profissional
_COM_ALGUEM_AGORA = 3  # profissionais who have a consulta at the hour at which the demo begins
_ABERTAS = 6  # consultas left EM_ATENDIMENTO, the latest of the past
_COM_REGISTRO = 9_000  # consultas with a record; the others up to REGISTROS are second ones
_RETIFICADOS = 0.12
_DURACOES = (30, 30, 30, 20, 40, 60)
_SEGUNDOS = (Tipo.PRESCRICAO, Tipo.EXAME, Tipo.DIAGNOSTICO, Tipo.ATESTADO, Tipo.ALTA)
_MOTIVOS = (
    "Consulta de rotina",
    "Retorno",
    "Primeira consulta",
    "Resultado de exames",
    "Renovação de receita",
    None,
)
_CANCELAMENTOS = (
    "Paciente pediu para remarcar",
    "Imprevisto do paciente",
    "Profissional em congresso",
    "Chuva forte",
)


@dataclass(frozen=True, slots=True)
class Consulta:
    """A demo consulta."""

    chave: bytes
    paciente: Paciente
    profissional: Profissional
    hora: Intervalo
    situacao: Situacao
    modalidade: str
    motivo: str | None
    motivo_do_cancelamento: str | None
    criado_em: datetime


def consultas(
    sorteio: Sorteio, profissionais: Sequence[Profissional], pacientes: Sequence[Paciente], agora: datetime
) -> list[Consulta]:
    """Make the consultas, by time."""
    ocupadas: dict[bytes, set[int]] = defaultdict(set)
    feitas: list[Consulta] = []
    for n, profissional in enumerate(profissionais):
        de_cada = CONSULTAS // len(profissionais) + (n < CONSULTAS % len(profissionais))
        painel = [paciente for paciente in pacientes[1:] if profissional.atende(paciente, agora.date())]
        painel = sorteio.acaso.sample(painel, min(_PAINEL, len(painel)))
        de_hoje = _de_hoje(n, agora)
        horas = _com(de_hoje, _horarios(sorteio, profissional, agora, de_cada))
        da_demonstracao = _da_demonstracao(horas, de_hoje, agora) if n == 0 else set()
        for posicao, hora in enumerate(horas):
            escolhido = pacientes[0] if posicao in da_demonstracao else None
            paciente = escolhido or _livre(sorteio, painel, ocupadas, hora)
            ocupadas[paciente.chave].update(celulas(hora))
            feita = _consulta(sorteio, profissional, paciente, hora, agora)
            if hora in de_hoje:
                feita = replace(feita, situacao=Situacao.CONFIRMADA, motivo_do_cancelamento=None)
            feitas.append(feita)
    feitas.sort(key=lambda consulta: (consulta.hora.inicio, consulta.chave))
    return _com_abertas(feitas, agora)


def registros(sorteio: Sorteio, feitas: Sequence[Consulta]) -> list[tuple[Registro, bytes]]:
    """Make the records of the REALIZADA consultas, each with its hash, in order of time."""
    atendidas = [consulta for consulta in feitas if consulta.situacao is Situacao.REALIZADA]
    acaso = sorteio.acaso
    atendidas = sorted(acaso.sample(atendidas, _COM_REGISTRO), key=lambda consulta: consulta.hora.inicio)
    com_dois = set(acaso.sample(range(_COM_REGISTRO), REGISTROS - _COM_REGISTRO))
    elos: dict[bytes, Elo] = defaultdict(Elo)
    conhecidos: set[tuple[bytes, bytes]] = set()
    escritos: list[tuple[Registro, bytes]] = []
    for n, consulta in enumerate(atendidas):
        caso = _caso(consulta)
        novo = (consulta.profissional.chave, consulta.paciente.chave) not in conhecidos
        conhecidos.add((consulta.profissional.chave, consulta.paciente.chave))
        tipos = ["ANAMNESE" if novo else "EVOLUCAO"]
        if n in com_dois:
            tipos.append(acaso.choice([tipo.name for tipo in _SEGUNDOS if consulta.profissional.escreve(tipo)]))
        for tipo in tipos:
            texto = _texto(sorteio, tipo, caso, consulta)
            escritos.append(_registro(sorteio, consulta, tipo, texto, tuple(caso["cid10"]), elos))
    return escritos


def retificar(sorteio: Sorteio, escritos: list[tuple[Registro, bytes]]) -> list[tuple[Registro, bytes]]:
    """Turn some patients' last records into corrections of the one before, by the same author."""
    ultimos = {registro.paciente: n for n, (registro, _) in enumerate(escritos)}
    anteriores = {(registro.paciente, registro.numero): registro for registro, _ in escritos}
    for n in ultimos.values():
        registro, _ = escritos[n]
        errado = anteriores.get((registro.paciente, registro.numero - 1))
        if errado and errado.profissional == registro.profissional and sorteio.acaso.random() < _RETIFICADOS:
            corrigido = replace(
                registro,
                tipo=errado.tipo,
                texto=f"{errado.texto}\n\nCorreção: a dose e a data foram conferidas com o paciente.",
                cid10=errado.cid10,
                consulta=errado.consulta,
                retifica=errado.chave,
                justificativa="Dose transcrita de forma errada no registro original.",
            )
            escritos[n] = (corrigido, calcular_hash(corrigido))
    return escritos


def _horarios(sorteio: Sorteio, profissional: Profissional, agora: datetime, quantos: int) -> list[Intervalo]:
    """Choose free times of a profissional's working hours, spread over the whole period, in order."""
    periodo = Intervalo(agora - _PASSADO, agora + _FUTURO)
    vagas = []
    for trecho in (um.hora for um in expediente(profissional.turnos, DIAS, periodo)):
        inicio = trecho.inicio
        while True:
            fim = inicio + timedelta(minutes=sorteio.acaso.choice(_DURACOES))
            if fim > trecho.fim:
                break
            vagas.append(Intervalo(inicio, fim))
            inicio = fim
    return sorted(sorteio.acaso.sample(vagas, quantos))


def _da_demonstracao(horas: Sequence[Intervalo], de_hoje: Sequence[Intervalo], agora: datetime) -> set[int]:
    """Choose which consultas the demo paciente has: evenly in the past, and the one that is due now.

    None is to come, so that examples can book.
    """
    todas = range(0, len(horas), len(horas) // _DA_DEMONSTRACAO)
    return {*(n for n in todas if horas[n].fim <= agora), horas.index(de_hoje[0])}


def _de_hoje(n: int, agora: datetime) -> list[Intervalo]:
    """Give what the first profissionais have at whatever hour the demo begins: one that began, and the first the next.

    So that somebody is late, and somebody can be attended, on a Sunday at night too.
    """
    if n >= _COM_ALGUEM_AGORA:
        return []
    em_ponto = agora.replace(minute=agora.minute // 5 * 5, second=0, microsecond=0)
    daqui_a_pouco = em_ponto + timedelta(minutes=10)
    em_curso = Intervalo(em_ponto - timedelta(minutes=20 + 5 * n), daqui_a_pouco)
    return [em_curso, Intervalo(daqui_a_pouco, daqui_a_pouco + timedelta(minutes=30))] if n == 0 else [em_curso]


def _com(de_hoje: Sequence[Intervalo], horas: Sequence[Intervalo]) -> list[Intervalo]:
    """Put some times among others, in place of those that they touch and of the first ones: there are as many."""
    outras = [hora for hora in horas if not any(esta.toca(hora) for esta in de_hoje)]
    return sorted([*outras[max(0, len(outras) + len(de_hoje) - len(horas)) :], *de_hoje])


def _livre(
    sorteio: Sorteio, painel: Sequence[Paciente], ocupadas: Mapping[bytes, set[int]], hora: Intervalo
) -> Paciente:
    """Choose a paciente of the panel who has no other consulta then."""
    while True:
        paciente = sorteio.acaso.choice(painel)
        if not ocupadas.get(paciente.chave, set()).intersection(celulas(hora)):
            return paciente


def _consulta(
    sorteio: Sorteio, profissional: Profissional, paciente: Paciente, hora: Intervalo, agora: datetime
) -> Consulta:
    acaso = sorteio.acaso
    if hora.fim <= agora:
        situacao = acaso.choices((Situacao.REALIZADA, Situacao.FALTOU, Situacao.CANCELADA), (80, 8, 12))[0]
    else:
        situacao = acaso.choices((Situacao.AGENDADA, Situacao.CONFIRMADA, Situacao.CANCELADA), (58, 33, 9))[0]
    marcada = min(hora.inicio, agora) - timedelta(days=acaso.randrange(1, 40), seconds=acaso.randrange(80_000))
    return Consulta(
        chave=sorteio.chave(marcada),
        paciente=paciente,
        profissional=profissional,
        hora=hora,
        situacao=situacao,
        modalidade="TELECONSULTA" if acaso.random() < 0.08 else "PRESENCIAL",
        motivo=acaso.choice(_MOTIVOS),
        motivo_do_cancelamento=acaso.choice(_CANCELAMENTOS) if situacao is Situacao.CANCELADA else None,
        criado_em=marcada,
    )


def _com_abertas(feitas: list[Consulta], agora: datetime) -> list[Consulta]:
    """Leave the latest consultas of the past under way, so that every state is there."""
    passadas = [n for n, consulta in enumerate(feitas) if consulta.hora.fim <= agora]
    for n in passadas[-_ABERTAS:]:
        feitas[n] = replace(feitas[n], situacao=Situacao.EM_ATENDIMENTO, motivo_do_cancelamento=None)
    return feitas


def _caso(consulta: Consulta) -> Mapping[str, Any]:
    """Give the case for which this paciente sees this profissional: always the same one."""
    casos = consulta.profissional.clinica["caso"]
    caso: Mapping[str, Any] = casos[consulta.paciente.chave[-1] % len(casos)]
    return caso


def _texto(sorteio: Sorteio, tipo: str, caso: Mapping[str, Any], consulta: Consulta) -> str:
    acaso = sorteio.acaso
    conduta, exame = acaso.choice(caso["conduta"]), acaso.choice(caso["exame"])
    sinais = (
        f"PA {acaso.randrange(105, 155, 5)}x{acaso.randrange(60, 95, 5)} mmHg, FC {acaso.randrange(58, 98)} bpm,"
        f" FR {acaso.randrange(13, 20)} irpm, temperatura {acaso.randrange(358, 374) / 10:.1f} °C".replace(".", ",")
    )
    retorno = f"Retorno em {acaso.choice((15, 30, 60, 90, 180))} dias."
    if tipo == "PRESCRICAO":
        receita = "\n".join(f"{n}. {item}" for n, item in enumerate(caso["prescricao"], 1))
        return f"Prescrição:\n{receita}\n{acaso.choice(('Uso contínuo.', 'Usar até o retorno.', 'Orientado o uso.'))}"
    if tipo == "EXAME":
        return f"Resultado de exames trazidos na consulta. {exame} Comparado ao anterior, sem piora. {retorno}"
    if tipo == "DIAGNOSTICO":
        return f"Hipótese confirmada pelo quadro e pelos exames. {exame} {conduta}"
    if tipo == "ATESTADO":
        dias = acaso.randrange(1, 6)
        return f"Atesto que o paciente esteve em consulta nesta data e precisa de {dias} dia(s) de afastamento."
    if tipo == "ALTA":
        return f"Alta do acompanhamento desta queixa, com orientações por escrito. {conduta}"
    queixa = acaso.choice(caso["queixa"])
    abertura = "Queixa principal" if tipo == "ANAMNESE" else "Evolução: relata"
    return f"{abertura}: {queixa}.\nExame físico: {sinais}. {exame}\nConduta: {conduta} {retorno}"


def _registro(
    sorteio: Sorteio,
    consulta: Consulta,
    tipo: str,
    texto: str,
    cid10: tuple[str, ...],
    elos: dict[bytes, Elo],
) -> tuple[Registro, bytes]:
    """Add a record to its paciente's chain."""
    elo = elos[consulta.paciente.chave]
    escrito = consulta.hora.inicio + timedelta(minutes=5, seconds=sorteio.acaso.randrange(600))
    criado_em = max(escrito, elo.criado_em + timedelta(seconds=31)) if elo.numero else escrito
    registro = Registro(
        chave=sorteio.chave(criado_em),
        paciente=consulta.paciente.chave,
        numero=elo.numero + 1,
        profissional=consulta.profissional.chave,
        registro=consulta.profissional.registro,
        consulta=consulta.chave,
        tipo=tipo,
        texto=texto,
        cid10=cid10,
        retifica=None,
        justificativa=None,
        criado_em=criado_em,
        hash_anterior=elo.hash,
    )
    resumo = calcular_hash(registro)
    elos[consulta.paciente.chave] = Elo(registro.numero, resumo, criado_em)
    return registro, resumo
