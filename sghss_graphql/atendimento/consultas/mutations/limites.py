"""How far ahead is booked, and how many consultas to come whoever books for themself may have."""

from datetime import datetime, timedelta

from sghss_graphql.atendimento.agenda.regras import Intervalo
from sghss_graphql.atendimento.consultas import porta, regras
from sghss_graphql.atendimento.consultas.regras import Codigos
from sghss_graphql.atendimento.consultas.types import Consulta
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades.types import TipoDeAtendimento
from sghss_graphql.confianca.acesso.checagem import IDENTIFIQUE_SE
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.context import Contexto
from sghss_graphql.machinery.database import Reader
from sghss_graphql.vocabulario.errors import Proibido, Recusa
from sghss_graphql.vocabulario.tempo import agora, hora_local


def exigir_prazo(
    contexto: Contexto, profissional: Profissional, hora: Intervalo, tipo: TipoDeAtendimento | None, *, sozinho: bool
) -> None:
    """Check that a time isn't past, nor too near or too far ahead.

    Raises:
        Recusa: HORARIO_NO_PASSADO or FORA_DO_PRAZO.
    """
    marcacoes = contexto.servicos.marcacoes
    dias = marcacoes.dias_do_paciente if sozinho else marcacoes.dias
    _exigir_dias(hora.inicio, agora(), dias, profissional.fuso, tipo if sozinho else None)


def _exigir_dias(
    inicio: datetime, instante: datetime, dias: int, fuso: str, tipo: TipoDeAtendimento | None = None
) -> None:
    """Check that a time is neither past nor further ahead than so many days; nor nearer or further than a kind allows.

    Raises:
        Recusa: HORARIO_NO_PASSADO or FORA_DO_PRAZO.
    """
    campo = ("input", "inicio")
    if inicio < instante:
        raise Recusa(Codigos.HORARIO_NO_PASSADO, "Este horário já passou. Escolha um futuro.", *campo)
    if tipo is not None:
        dias = min(dias, tipo.antecedencia_maxima_em_dias)
        antes = instante + timedelta(hours=tipo.antecedencia_minima_em_horas)
        if inicio < antes:
            de = hora_local(antes, fuso)
            raise Recusa(Codigos.FORA_DO_PRAZO, f"Só se marca a partir de {de}; antes, fale com a recepção.", *campo)
    if inicio > instante + timedelta(days=dias):
        ate = hora_local(instante + timedelta(days=dias), fuso)
        raise Recusa(Codigos.FORA_DO_PRAZO, f"Só se marca até {ate}: escolha um horário antes.", *campo)


def _exigir_que_haja_lugar(tem: regras.EmAberto, em_tudo: int, da_especialidade: int, mais: int = 1) -> None:
    """Check that whoever books for themself has no more to come, with so many more, than they may have; 0 is no limit.

    Raises:
        Recusa: LIMITE_DE_MARCACOES.
    """
    saida = "Cancele uma, espere que aconteça, ou peça à recepção."
    if da_especialidade and tem.da_especialidade + mais > da_especialidade:
        quantas = f"Há {tem.da_especialidade} consultas por vir com esta especialidade"
        raise Recusa(Codigos.LIMITE_DE_MARCACOES, f"{quantas}, e sozinho não se marca mais. {saida}", "input")
    if em_tudo and tem.por_vir + mais > em_tudo:
        quantas = f"Há {tem.por_vir} consultas por vir"
        raise Recusa(Codigos.LIMITE_DE_MARCACOES, f"{quantas}, e sozinho não se marca mais. {saida}", "input")


async def exigir_que_caibam(
    db: Reader, contexto: Contexto, quem: Quem, profissional: Profissional, mais: int = 1
) -> None:
    """Check that whoever books for themself may book so many more: whom nobody has verified, one at a time.

    Raises:
        Proibido, Recusa: they may not.
    """
    limites = contexto.servicos.marcacoes
    if quem.verificada and not limites.do_paciente and not limites.da_especialidade:
        return
    tem = await porta.em_aberto(db, quem, profissional.chave)
    if not quem.verificada and (tem.todas or mais > 1):
        raise Proibido(f"Por enquanto se marca uma consulta por vez. {IDENTIFIQUE_SE}")
    _exigir_que_haja_lugar(tem, limites.do_paciente, limites.da_especialidade, mais)


async def exigir_que_caiba_na_especialidade(
    db: Reader, contexto: Contexto, quem: Quem, profissional: Profissional, consulta: Consulta
) -> None:
    """Check that whoever moves a consulta of theirs to a profissional may have one more of their speciality.

    Raises:
        Recusa: LIMITE_DE_MARCACOES.
    """
    da_especialidade = contexto.servicos.marcacoes.da_especialidade
    if da_especialidade:
        tem = await porta.em_aberto(db, quem, profissional.chave, consulta.chave)
        _exigir_que_haja_lugar(tem, 0, da_especialidade)
