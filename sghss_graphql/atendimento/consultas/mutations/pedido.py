"""What is booked: looked up, checked, and its time taken; the same for one, for a series and for one that is moved."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda import regras as agenda_regras
from sghss_graphql.atendimento.agenda.regras import DURACAO_PADRAO, Guardado, Intervalo, Trecho
from sghss_graphql.atendimento.consultas import porta, regras, store
from sghss_graphql.atendimento.consultas.mutations import limites, ocupacao
from sghss_graphql.atendimento.consultas.mutations.entradas import AgendarConsultaInput, EncaixeInput
from sghss_graphql.atendimento.consultas.regras import Atos, Leituras
from sghss_graphql.atendimento.consultas.types import Consulta, Reserva, SituacaoDaConsulta
from sghss_graphql.cadastro.cuidados import porta as cuidados
from sghss_graphql.cadastro.pacientes import porta as pacientes
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.pessoas.regras import mesma_pessoa
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades import regras as unidades_regras
from sghss_graphql.cadastro.unidades.types import Modalidade, Sala, TipoDeAtendimento, Unidade
from sghss_graphql.cadastro.unificacoes import porta as unificacoes
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import MarcarConsultas
from sghss_graphql.context import Contexto
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.tempo import agora

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pedido:
    """Who is booked with whom, where if it was said, and what the agenda says of the time.

    ``encaixe`` is why it is booked over what there is, if it is; ``guardado`` the hold that it has the time of.
    """

    paciente: Paciente
    profissional: Profissional
    tipo: TipoDeAtendimento | None
    unidade: bytes | None
    sala: Sala | None
    na_agenda: agenda.NaAgenda
    encaixe: str | None = None
    guardado: Guardado | None = None
    senao: bytes | None = None
    """The unidade of an encaixe where nobody says another, and the profissional works in none then."""

    def trecho(self) -> Trecho:
        """Give where it takes place, and check that it may.

        Raises:
            Recusa: AGENDA_BLOQUEADA or FORA_DO_EXPEDIENTE; of an encaixe, VALOR_INVALIDO if it isn't known where.
        """
        tipo = self.tipo.chave if self.tipo else None
        if self.encaixe is None:
            return self.na_agenda.exigir_aberta(self.unidade, tipo, "input", "inicio")
        trecho = self.na_agenda.onde_seria(self.unidade, self.senao)
        if trecho is None:
            raise valor_invalido(
                "Diga em que unidade se encaixa: o profissional não atende então.", "input", "unidadeId"
            )
        return trecho


@dataclass(frozen=True, slots=True)
class Lido:
    """What a booking says, read: which kind, when, how, why, and why over what there is, if it is."""

    tipo: TipoDeAtendimento | None
    hora: Intervalo
    modalidade: Modalidade
    motivo: str | None
    encaixe: str | None


async def ler(contexto: Contexto, input: AgendarConsultaInput) -> Lido:
    """Read a booking.

    Raises:
        Recusa: VALOR_INVALIDO or NAO_ENCONTRADO, all of them.
    """
    with Formulario() as formulario:
        tipo = await formulario.esperar(tipo_dito(contexto, input.tipo_id))
        usual = DURACAO_PADRAO if tipo is None else tipo.duracao_em_minutos
        hora = agenda_regras.hora(formulario, input.inicio, agenda_regras.minutos(input.duracao_em_minutos, usual))
        motivo = formulario.ler(regras.motivo, input.motivo)
        modalidade = formulario.ler(unidades_regras.modalidade, input.modalidade, tipo)
        encaixe = formulario.ler(justificativa, input.encaixe)
    return Lido(tipo, hora, modalidade, motivo, encaixe)


@dataclass(frozen=True, slots=True)
class Marcacao:
    """A booking that its caller may make: as whom, and whether for themself, with a paciente's limits."""

    pedido: Pedido
    quem: Quem
    papel: Papel
    sozinho: bool


async def preparar(contexto: Contexto, input: AgendarConsultaInput, lido: Lido) -> Marcacao:
    """Look up what a booking names, and check all of it but the limits of whoever books alone, and the time itself.

    Raises:
        Recusa, Proibido: it can't be booked so, or not by its caller.
    """
    alcance = contexto.exigir(MarcarConsultas)
    pedido = await _procurar(contexto, input, lido)
    paciente, profissional = pedido.paciente, pedido.profissional
    await exigir_que_possa_marcar(contexto, alcance, profissional.chave, paciente.chave)
    papel = regras.como_quem(alcance.quem, paciente.chave, profissional.chave)
    sozinho = papel is Papel.PACIENTE and not alcance.todos
    exigir_que_encaixe(lido.encaixe, input.reserva_id, sozinho=sozinho)
    await exigir_que_atenda(contexto, profissional, paciente, lido.hora, lido.tipo, sozinho=sozinho)
    if sozinho:
        unidades_regras.exigir_do_tipo(lido.tipo, input.duracao_em_minutos)
    return Marcacao(pedido, alcance.quem, papel, sozinho)


def exigir_ainda_a_mesma(pedido: Pedido, trecho: Trecho, intervalo: int | None = None) -> None:
    """Check that what was held is still what would be booked: working hours and kinds may have changed meanwhile.

    ``intervalo`` are the minutes after it that stay taken, if they aren't those of its kind.

    Raises:
        Recusa: RESERVA_EXPIRADA.
    """
    guardado, tipo = pedido.guardado, pedido.tipo
    if intervalo is None:
        intervalo = tipo.intervalo_em_minutos if tipo is not None else 0
    if guardado is not None and (guardado.unidade, guardado.intervalo) != (trecho.unidade, intervalo):
        raise agenda.reserva_expirada("input", "reservaId")


async def marcar(
    tx: Transaction, contexto: Contexto, marcacao: Marcacao, trecho: Trecho, consulta: Consulta, vida: unificacoes.Vida
) -> Consulta:
    """Write a consulta, and take its time.

    Raises:
        Ocupado, Recusa: it is taken.
    """
    quem, pedido = marcacao.quem, marcacao.pedido
    guardada = pedido.guardado.sala if pedido.guardado else None
    dela = guardada or await ocupacao.sala(tx, pedido.sala, trecho, consulta, pedido.tipo, vida)
    na_recepcao = marcacao.papel in (Papel.RECEPCAO, Papel.ADMINISTRADOR)
    nova = replace(consulta, sala_chave=dela, na_recepcao=na_recepcao)
    store.inserir(tx, nova, nova.paciente_chave in quem.seus and not quem.verificada)
    await cuidados.marcou(tx, quem, porta.que_da(nova), vida.outros, contexto.servicos.dias_de_cuidado)
    escolhida = pedido.sala is None and trecho.sala is None
    como = ocupacao.Tempo(escolhida, pedido.guardado, contexto.servicos.marcacoes.encaixes)
    await ocupacao.ocupar(tx, nova, pedido.profissional, vida, como)
    store.registrar_primeira(tx, nova, quem.usuario, marcacao.papel, pedido.encaixe, agora())
    sozinha = Atos.ENCAIXAR_CONSULTA if nova.encaixe else Atos.AGENDAR_CONSULTA
    ato = sozinha if nova.serie_chave is None else Atos.AGENDAR_SERIE
    contexto.registrar(tx, ato, paciente=nova.paciente_chave, alvo=nova.chave)
    return nova


def nova(pedido: Pedido, trecho: Trecho, hora: Intervalo, modalidade: Modalidade, motivo: str | None) -> Consulta:
    """Make the consulta that is booked."""
    tipo = pedido.tipo
    return Consulta(
        chave=ids.nova_chave(),
        paciente_chave=pedido.paciente.chave,
        profissional_chave=pedido.profissional.chave,
        versao=1,
        inicio=hora.inicio,
        fim=hora.fim,
        situacao=SituacaoDaConsulta.AGENDADA,
        modalidade=modalidade,
        motivo=motivo,
        criado_em=agora(),
        unidade_chave=trecho.unidade,
        tipo_chave=tipo.chave if tipo else None,
        intervalo=0 if tipo is None else tipo.intervalo_em_minutos,
        encaixe=pedido.encaixe is not None,
    )


def justificativa(encaixe: EncaixeInput | None) -> str | None:
    """Read why something is booked over what there is, if it is.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if encaixe is None:
        return None
    return regras.justificativa(encaixe.justificativa, "input", "encaixe", "justificativa")


def exigir_que_encaixe(encaixe: str | None, reserva: str | None, *, sozinho: bool) -> None:
    """Check that an encaixe is booked by staff or by who attends, and isn't of a time that is held.

    Raises:
        Proibido, Recusa: it isn't so.
    """
    if encaixe is None:
        return
    if sozinho:
        raise Proibido("Um encaixe é da recepção, ou de quem atende: peça a eles.")
    if reserva is not None:
        raise valor_invalido("O que está reservado não se encaixa: envie um ou outro.", "input", "reservaId")


async def reservado(contexto: Contexto, id: str | None) -> Guardado | None:
    """Give the caller's own hold, if one is named.

    Raises:
        Recusa: RESERVA_EXPIRADA.
    """
    if id is None:
        return None
    guardado = await agenda.reserva(contexto.db, contexto.quem, ids.chave(Reserva.prefixo, id))
    if guardado is None:
        raise agenda.reserva_expirada("input", "reservaId")
    return guardado


def exigir_a_mesma(
    guardado: Guardado | None, profissional: bytes, hora: Intervalo, tipo: bytes | None, sala: Sala | None = None
) -> None:
    """Check that what is booked is what was held.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if guardado is None:
        return
    if (guardado.profissional, guardado.hora, guardado.tipo) != (profissional, hora, tipo):
        raise valor_invalido(
            "A reserva é de outro profissional, horário, duração ou tipo: envie os mesmos, ou reserve de novo.",
            *("input", "reservaId"),
        )
    if sala is not None and guardado.sala not in (None, sala.chave):
        raise valor_invalido("A reserva é de outra sala: não diga nenhuma, ou reserve de novo.", "input", "salaId")


async def exigir_que_possa_marcar(
    contexto: Contexto, alcance: Alcance[Any], profissional: bytes, paciente: bytes
) -> None:
    """A paciente books for themself; a profissional on their own agenda, for pacientes in their care; staff for all.

    So do they move and cancel.
    """
    if alcance.inclui(paciente=paciente):
        return
    if not alcance.inclui(profissional=profissional) or not await cuidados.sob_cuidado(
        contexto.db, profissional, paciente
    ):
        raise Proibido


async def viva(
    tx: Transaction, paciente: bytes, profissional: Profissional | None = None, *campo: str
) -> unificacoes.Vida:
    """Give who a paciente is, held and alive, and not the profissional."""
    vida = await unificacoes.viva(tx, paciente)
    if vida is None:
        raise porta.fechado(*campo)
    if profissional is not None and profissional.pessoa in vida.pessoas:
        raise a_si_mesmo()
    return vida


async def tipo_dito(contexto: Contexto, id: str | None) -> TipoDeAtendimento | None:
    """Give the kind of appointment that is booked, if it is said.

    Raises:
        Recusa: NAO_ENCONTRADO.
    """
    if id is None:
        return None
    tipo = await unidades.tipo(contexto.db, contexto.quem, ids.chave(TipoDeAtendimento.prefixo, id))
    return achado(tipo if tipo and tipo.ativo else None, "Não há tipo de atendimento com este id.", "tipoId")


async def _procurar(contexto: Contexto, input: AgendarConsultaInput, lido: Lido) -> Pedido:
    """Look up all that a booking names.

    Raises:
        Recusa: NAO_ENCONTRADO or RESERVA_EXPIRADA; or VALOR_INVALIDO, if the profissional doesn't attend in the kind's
            speciality, or what was held is something else.
    """
    db, quem, chave = contexto.db, contexto.quem, ids.chave(Profissional.prefixo, input.profissional_id)
    hora, tipo = lido.hora, lido.tipo
    um_paciente, um_profissional, na_agenda, unidade, sala, delas = await asyncio.gather(
        pacientes.um(db, quem, ids.chave(Paciente.prefixo, input.paciente_id), campos=frozenset()),
        profissionais.um(db, quem, chave),
        agenda.na_agenda(db, chave, hora),
        unidades.uma(db, quem, ids.chave(Unidade.prefixo, input.unidade_id or "")),
        unidades.sala(db, quem, ids.chave(Sala.prefixo, input.sala_id or "")),
        profissionais.especialidades(db, chave) if tipo and tipo.especialidade and chave else nenhuma(),
    )
    if um_paciente is not None:
        contexto.achou(Leituras.LER_CONSULTAS, um_paciente.chave)
    with Formulario() as formulario:
        ler = formulario.ler
        paciente = ler(achado, um_paciente, "Não há paciente com este id.", "pacienteId")
        profissional = ler(achado, um_profissional, "Não há profissional com este id.", "profissionalId")
        if input.unidade_id is not None:
            ler(achado, unidade if unidade and unidade.ativa else None, "Não há unidade com este id.", "unidadeId")
        if input.sala_id is not None:
            ler(achado, _serve(sala, unidade), "Não há sala com este id, ou não na unidade dita.", "salaId")
        if tipo is not None and um_profissional is not None:
            ler(unidades_regras.exigir_especialidade, tipo, delas)
    if sala is not None and unidade is None and lido.encaixe is not None:
        onde = await unidades.uma(db, quem, sala.unidade_chave)
        achado(onde if onde and onde.ativa else None, "Não há sala com este id numa unidade ativa.", "salaId")
    if lido.encaixe is not None and unidade is None and sala is None and not na_agenda.unidades:
        unidade = await _a_unica(contexto)
    em = unidade.chave if unidade else sala.unidade_chave if sala else None
    guardado = await reservado(contexto, input.reserva_id)
    exigir_a_mesma(guardado, profissional.chave, hora, tipo.chave if tipo else None, sala)
    return Pedido(paciente, profissional, tipo, em, sala, na_agenda, lido.encaixe, guardado)


async def _a_unica(contexto: Contexto) -> Unidade | None:
    """Give the unidade of a hospital that has one alone."""
    ativas = [uma for uma in await unidades.todas(contexto.db, contexto.quem) if uma.ativa]
    return ativas[0] if len(ativas) == 1 else None


def _serve(sala: Sala | None, unidade: Unidade | None) -> Sala | None:
    """Give a sala, if one may be booked in it, and it is in the unidade that is asked for."""
    if sala is None or not sala.ativa or (unidade is not None and sala.unidade_chave != unidade.chave):
        return None
    return sala


async def nenhuma() -> frozenset[str]:
    return frozenset()


async def exigir_que_atenda(
    contexto: Contexto,
    profissional: Profissional,
    paciente: Paciente,
    hora: Intervalo,
    tipo: TipoDeAtendimento | None,
    *,
    sozinho: bool,
) -> None:
    """Check that a profissional attends, not themself, at a time that isn't past, nor too near or too far ahead.

    Raises:
        Recusa: FORA_DO_EXPEDIENTE, MESMA_PESSOA, HORARIO_NO_PASSADO or FORA_DO_PRAZO, in this order.
    """
    exigir_ativo(profissional)
    pessoas = {paciente.pessoa}
    if profissional.juntos:  # by another registration, perhaps
        delas = await unificacoes.pessoas(contexto.db, [paciente.chave])
        pessoas |= delas.get(paciente.chave, frozenset())
    if profissional.pessoa in pessoas:
        raise a_si_mesmo()
    limites.exigir_prazo(contexto, profissional, hora, tipo, sozinho=sozinho)


def exigir_ativo(profissional: Profissional) -> None:
    """Check that a profissional attends.

    Raises:
        Recusa: FORA_DO_EXPEDIENTE.
    """
    if not profissional.ativo:
        raise Recusa(
            agenda_regras.Codigos.FORA_DO_EXPEDIENTE,
            "Este profissional não está atendendo. Escolha outro.",
            *("input", "inicio"),
        )


def a_si_mesmo() -> Recusa:
    return mesma_pessoa("Ninguém atende a si mesmo: escolha outro profissional.", "input", "profissionalId")


def achado(achado: T | None, mensagem: str, campo: str) -> T:
    if achado is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, mensagem, "input", campo)
    return achado
