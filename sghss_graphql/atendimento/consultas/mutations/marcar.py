"""Book and move a consulta."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry import argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda import regras as agenda_regras
from sghss_graphql.atendimento.agenda.regras import DURACAO_PADRAO, Intervalo, Trecho
from sghss_graphql.atendimento.consultas import porta, regras, store
from sghss_graphql.atendimento.consultas.mutations.entradas import AgendarConsultaInput, RemarcarConsultaInput
from sghss_graphql.atendimento.consultas.regras import Atos, Leituras
from sghss_graphql.atendimento.consultas.types import AcaoNaConsulta, Consulta, ConsultaPayload, SituacaoDaConsulta
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
from sghss_graphql.confianca.acesso.checagem import IDENTIFIQUE_SE, Alcance
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import MarcarConsultas
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Reader, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Proibido, Recusa
from sghss_graphql.vocabulario.mutations import mutation
from sghss_graphql.vocabulario.tempo import agora, hora_local

_CAMPO = ("input", "consultaId")

T = TypeVar("T")


@strawberry.type
class MarcarMutation:
    """The part of Mutation that books and moves."""

    @mutation("Marca uma consulta.")
    async def agendar_consulta(
        self, info: Info, input: Annotated[AgendarConsultaInput, argument(description="A consulta.")]
    ) -> ConsultaPayload:
        """Book a consulta."""
        contexto = info.context
        alcance = contexto.exigir(MarcarConsultas)
        with Formulario() as formulario:
            tipo = await formulario.esperar(_tipo(contexto, input))
            usual = DURACAO_PADRAO if tipo is None else tipo.duracao_em_minutos
            hora = agenda_regras.hora(formulario, input.inicio, agenda_regras.minutos(input.duracao_em_minutos, usual))
            motivo = formulario.ler(regras.motivo, input.motivo)
            modalidade = formulario.ler(unidades_regras.modalidade, input.modalidade, tipo)
        pedido = await _procurar(contexto, input, hora, tipo)
        paciente, profissional = pedido.paciente, pedido.profissional
        await _exigir_que_possa_marcar(contexto, alcance, profissional.chave, paciente.chave)
        papel = regras.como_quem(alcance.quem, paciente.chave, profissional.chave)
        sozinho = papel is Papel.PACIENTE and not alcance.todos
        _exigir_que_atenda(contexto, profissional, paciente, hora, tipo, sozinho=sozinho)
        if sozinho:
            unidades_regras.exigir_do_tipo(tipo, input.duracao_em_minutos)
            await _exigir_que_caiba_mais_uma(contexto.db, contexto, alcance.quem, profissional)
        trecho = pedido.na_agenda.exigir_aberta(pedido.unidade, tipo.chave if tipo else None, "input", "inicio")
        consulta = _nova(pedido, trecho, hora, modalidade, motivo)

        async def work(tx: Transaction) -> Consulta:
            vida = await _viva(tx, paciente.chave, profissional)
            if vida.segue_em_outra:
                raise porta.fechado()
            if sozinho:  # once more: others of theirs wait for this one
                await _exigir_que_caiba_mais_uma(tx, contexto, alcance.quem, profissional)
            nova = replace(consulta, sala_chave=await _sala(tx, pedido.sala, trecho, consulta, tipo, vida))
            por_verificar = paciente.chave in alcance.quem.seus and not alcance.quem.verificada
            store.inserir(tx, nova, por_verificar)
            dias = contexto.servicos.dias_de_cuidado
            await cuidados.marcou(tx, alcance.quem, porta.que_da(nova), vida.outros, dias)
            escolhida = pedido.sala is None and trecho.sala is None
            await _ocupar(tx, nova, profissional, vida, hora, escolhida=escolhida)
            store.registrar_mudanca(tx, nova.chave, alcance.quem.usuario, papel, None, agora())
            contexto.registrar(tx, Atos.AGENDAR_CONSULTA, paciente=paciente.chave, alvo=nova.chave)
            return nova

        try:
            return ConsultaPayload(consulta=await contexto.db.transaction(work))
        except agenda.Ocupado as ocupado:
            raise await _indisponivel(contexto, profissional, consulta, hora, ocupado) from None

    @mutation("Muda o horário de uma consulta, que volta a ficar agendada e conserva a sua história.")
    async def remarcar_consulta(
        self, info: Info, input: Annotated[RemarcarConsultaInput, argument(description="O horário novo.")]
    ) -> ConsultaPayload:
        """Move a consulta."""
        contexto = info.context
        atual, alcance = await porta.alcancada(contexto, AcaoNaConsulta.REMARCAR, input.consulta_id, *_CAMPO)
        duracao = int((atual.fim - atual.inicio).total_seconds()) // 60
        with Formulario() as formulario:
            hora = agenda_regras.hora(
                formulario, input.inicio, agenda_regras.minutos(input.duracao_em_minutos, duracao)
            )
        agora_mesmo = await porta.exigir_que_caiba(contexto, AcaoNaConsulta.REMARCAR, alcance, atual, input.se_versao)
        papel = regras.como_quem(alcance.quem, atual.paciente_chave, atual.profissional_chave)
        profissional, paciente, na_agenda, tipo = await _de_novo(contexto, atual, hora)
        sozinho = papel is Papel.PACIENTE and not alcance.todos
        _exigir_que_atenda(contexto, profissional, paciente, hora, tipo, sozinho=sozinho)
        if sozinho and tipo is not None and hora.fim - hora.inicio != atual.fim - atual.inicio:
            unidades_regras.exigir_duracao(tipo, input.duracao_em_minutos)
        trecho = na_agenda.exigir_aberta(None, atual.tipo_chave, "input", "inicio")

        async def work(tx: Transaction) -> None:
            vida = await _viva(tx, atual.paciente_chave, profissional, "input", "consultaId")
            agenda.liberar(tx, atual.chave)
            fica = await _que_fica(tx, alcance.quem, atual, hora, trecho, tipo)
            sala = await _sala(tx, fica, trecho, replace(atual, inicio=hora.inicio, fim=hora.fim), tipo, vida)
            if not await store.remarcar(tx, atual.chave, agora_mesmo.como, hora, trecho.unidade, sala):
                recusa = await porta.por_que_nao(tx, alcance.quem, atual, agora_mesmo)
                if recusa is not None:
                    raise recusa
                raise _EstaLa
            dela = replace(porta.que_da(atual), fim=hora.fim)
            await cuidados.mudou(tx, alcance.quem, dela, contexto.servicos.dias_de_cuidado)
            escolhida = fica is None and trecho.sala is None
            await _ocupar(tx, replace(atual, sala_chave=sala), profissional, vida, hora, escolhida=escolhida)
            store.registrar_mudanca(tx, atual.chave, alcance.quem.usuario, papel, None, agora())
            contexto.registrar(tx, Atos.REMARCAR_CONSULTA, paciente=atual.paciente_chave, alvo=atual.chave)

        try:
            await contexto.db.transaction(work, retry_on=porta.TENTAR_DE_NOVO)
        except _EstaLa:
            pass
        except agenda.Ocupado as ocupado:
            raise await _indisponivel(contexto, profissional, atual, hora, ocupado) from None
        return ConsultaPayload(consulta=await porta.uma(contexto.db, contexto.quem, atual.chave))


async def _de_novo(
    contexto: Contexto, atual: Consulta, hora: Intervalo
) -> tuple[Profissional, Paciente, agenda.NaAgenda, TipoDeAtendimento | None]:
    """Look up what a consulta has, and what the agenda says of another time for it."""
    db, quem = contexto.db, contexto.quem
    profissional, paciente, na_agenda, tipo = await asyncio.gather(
        profissionais.um(db, quem, atual.profissional_chave),
        pacientes.um(db, quem, atual.paciente_chave, campos=frozenset()),
        agenda.na_agenda(db, atual.profissional_chave, hora),
        unidades.tipo(db, quem, atual.tipo_chave),
    )
    if profissional is None or paciente is None:
        raise RuntimeError("a consulta's people exist, by foreign key")
    return profissional, paciente, na_agenda, tipo


class _EstaLa(Exception):
    """The consulta is where it should go: nothing is done."""


@dataclass(frozen=True, slots=True)
class _Pedido:
    """Who is booked with whom, where if it was said, and what the agenda says of the time."""

    paciente: Paciente
    profissional: Profissional
    tipo: TipoDeAtendimento | None
    unidade: bytes | None
    sala: Sala | None
    na_agenda: agenda.NaAgenda


def _nova(pedido: _Pedido, trecho: Trecho, hora: Intervalo, modalidade: Modalidade, motivo: str | None) -> Consulta:
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
    )


async def _sala(
    tx: Transaction,
    pedida: Sala | None,
    trecho: Trecho,
    consulta: Consulta,
    tipo: TipoDeAtendimento | None,
    vida: unificacoes.Vida,
) -> bytes | None:
    """Give the sala of a consulta: the one that was asked for, the shift's, or a free one if its kind needs any.

    Raises:
        Ocupado: it needs one, and none is free.
    """
    if pedida is not None and pedida.unidade_chave == trecho.unidade:
        return pedida.chave
    if trecho.sala is not None:
        return trecho.sala
    if tipo is None or not tipo.exige_sala or consulta.modalidade is Modalidade.TELECONSULTA:
        return None
    livre = await agenda.sala_livre(tx, trecho.unidade, _toda(consulta, Intervalo(consulta.inicio, consulta.fim)))
    if livre is None:
        raise agenda.Ocupado(vida.pessoas, agenda.DeQuem.SALA)
    return livre


async def _que_fica(
    tx: Transaction, quem: Quem, atual: Consulta, hora: Intervalo, trecho: Trecho, tipo: TipoDeAtendimento | None
) -> Sala | None:
    """Give the sala of a consulta that is moved, if it stays in it: the new shift's is before it.

    So is a free one, where its kind needs any and its own is taken then.
    """
    sala = await unidades.sala(tx, quem, atual.sala_chave) if trecho.sala is None else None
    if sala is None or not sala.ativa:
        return None
    troca = tipo is not None and tipo.exige_sala
    return None if troca and not await agenda.livre(tx, sala.chave, _toda(atual, hora)) else sala


def _toda(consulta: Consulta, hora: Intervalo) -> Intervalo:
    """Give all of the time that its profissional and its sala are taken."""
    return Intervalo(hora.inicio, hora.fim + timedelta(minutes=consulta.intervalo))


async def _ocupar(
    tx: Transaction,
    consulta: Consulta,
    profissional: Profissional,
    vida: unificacoes.Vida,
    hora: Intervalo,
    *,
    escolhida: bool,
) -> None:
    """Take the time of a consulta; ``escolhida`` is whether its sala was chosen for it, and another would do."""
    de_quem_atende = await unificacoes.de_quem_atende(tx, profissional)
    toda = _toda(consulta, hora)
    agenda.ocupar(tx, consulta.chave, agenda.DeQuem.PROFISSIONAL, de_quem_atende, toda, vida.pessoas)
    agenda.ocupar(tx, consulta.chave, agenda.DeQuem.PACIENTE, vida.pessoas, hora, de_quem_atende)
    if consulta.sala_chave is not None:
        pessoas = (*de_quem_atende, *vida.pessoas)
        dela = [consulta.sala_chave]
        agenda.ocupar(tx, consulta.chave, agenda.DeQuem.SALA, dela, toda, pessoas, outra_serve=escolhida)


async def _exigir_que_possa_marcar(
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


async def _viva(
    tx: Transaction, paciente: bytes, profissional: Profissional | None = None, *campo: str
) -> unificacoes.Vida:
    """Give who a paciente is, held and alive, and not the profissional."""
    vida = await unificacoes.viva(tx, paciente)
    if vida is None:
        raise porta.fechado(*campo)
    if profissional is not None and profissional.pessoa in vida.pessoas:
        raise _a_si_mesmo()
    return vida


async def _tipo(contexto: Contexto, input: AgendarConsultaInput) -> TipoDeAtendimento | None:
    """Give the kind of appointment that is booked, if it is said.

    Raises:
        Recusa: NAO_ENCONTRADO.
    """
    if input.tipo_id is None:
        return None
    tipo = await unidades.tipo(contexto.db, contexto.quem, ids.chave(TipoDeAtendimento.prefixo, input.tipo_id))
    return _achado(tipo if tipo and tipo.ativo else None, "Não há tipo de atendimento com este id.", "tipoId")


async def _procurar(
    contexto: Contexto, input: AgendarConsultaInput, hora: Intervalo, tipo: TipoDeAtendimento | None
) -> _Pedido:
    """Look up all that a booking names.

    Raises:
        Recusa: NAO_ENCONTRADO; or VALOR_INVALIDO, if the profissional doesn't attend in the kind's speciality.
    """
    db, quem, chave = contexto.db, contexto.quem, ids.chave(Profissional.prefixo, input.profissional_id)
    um_paciente, um_profissional, na_agenda, unidade, sala, delas = await asyncio.gather(
        pacientes.um(db, quem, ids.chave(Paciente.prefixo, input.paciente_id), campos=frozenset()),
        profissionais.um(db, quem, chave),
        agenda.na_agenda(db, chave, hora),
        unidades.uma(db, quem, ids.chave(Unidade.prefixo, input.unidade_id or "")),
        unidades.sala(db, quem, ids.chave(Sala.prefixo, input.sala_id or "")),
        profissionais.especialidades(db, chave) if tipo and tipo.especialidade and chave else _nenhuma(),
    )
    if um_paciente is not None:
        contexto.achou(Leituras.LER_CONSULTAS, um_paciente.chave)
    with Formulario() as formulario:
        ler = formulario.ler
        paciente = ler(_achado, um_paciente, "Não há paciente com este id.", "pacienteId")
        profissional = ler(_achado, um_profissional, "Não há profissional com este id.", "profissionalId")
        if input.unidade_id is not None:
            ler(_achado, unidade if unidade and unidade.ativa else None, "Não há unidade com este id.", "unidadeId")
        if input.sala_id is not None:
            ler(_achado, _serve(sala, unidade), "Não há sala com este id, ou não na unidade dita.", "salaId")
        if tipo is not None and um_profissional is not None:
            ler(unidades_regras.exigir_especialidade, tipo, delas)
    em = unidade.chave if unidade else sala.unidade_chave if sala else None
    return _Pedido(paciente, profissional, tipo, em, sala, na_agenda)


def _serve(sala: Sala | None, unidade: Unidade | None) -> Sala | None:
    """Give a sala, if one may be booked in it, and it is in the unidade that is asked for."""
    if sala is None or not sala.ativa or (unidade is not None and sala.unidade_chave != unidade.chave):
        return None
    return sala


async def _nenhuma() -> frozenset[str]:
    return frozenset()


def _exigir_que_atenda(
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
    if not profissional.ativo:
        raise Recusa(
            agenda_regras.Codigos.FORA_DO_EXPEDIENTE,
            "Este profissional não está atendendo. Escolha outro.",
            *("input", "inicio"),
        )
    if profissional.pessoa == paciente.pessoa:
        raise _a_si_mesmo()
    marcacoes = contexto.servicos.marcacoes
    dias = marcacoes.dias_do_paciente if sozinho else marcacoes.dias
    regras.exigir_prazo(hora.inicio, agora(), dias, profissional.fuso, tipo if sozinho else None)


def _a_si_mesmo() -> Recusa:
    return mesma_pessoa("Ninguém atende a si mesmo: escolha outro profissional.", "input", "profissionalId")


async def _exigir_que_caiba_mais_uma(db: Reader, contexto: Contexto, quem: Quem, profissional: Profissional) -> None:
    """Check that whoever books for themself may book one more: whom nobody has verified, one at a time.

    Raises:
        Proibido, Recusa: they may not.
    """
    tem, limites = await store.em_aberto(db, quem.seus, profissional.chave, agora()), contexto.servicos.marcacoes
    if not quem.verificada and tem.todas:
        raise Proibido(f"Por enquanto se marca uma consulta por vez. {IDENTIFIQUE_SE}")
    regras.exigir_que_caiba_mais_uma(tem, limites.do_paciente, limites.da_especialidade)


async def _indisponivel(
    contexto: Contexto, profissional: Profissional, consulta: Consulta, hora: Intervalo, ocupado: agenda.Ocupado
) -> Recusa:
    """Make the refusal of an occupied time, with the nearest free ones."""
    depois = timedelta(minutes=consulta.intervalo)
    busca = agenda.Busca(hora.fim - hora.inicio, depois, consulta.tipo_chave)
    proximos = await agenda.proximos(contexto.db, profissional, ocupado.pessoas, hora, busca)
    opcoes = ", ".join(hora_local(vaga.inicio, profissional.fuso) for vaga in proximos)
    sugestao = f" Horários livres mais próximos: {opcoes}." if opcoes else " Consulte horariosDisponiveis."
    return Recusa(ocupado.codigo, f"{ocupado.mensagem}{sugestao}", *("input", "inicio"), horarios_proximos=proximos)


def _achado(achado: T | None, mensagem: str, campo: str) -> T:
    if achado is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, mensagem, "input", campo)
    return achado
