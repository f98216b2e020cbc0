"""Set a profissional's weekly hours; block and unblock their agenda."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.agenda import porta, store
from sghss_graphql.atendimento.agenda.regras import (
    MAIS_BLOQUEIOS,
    MAIS_TIPOS_DO_TURNO,
    Atos,
    HorasDeTrabalho,
    Intervalo,
    se_sobrepoem,
)
from sghss_graphql.atendimento.agenda.types import Bloqueio, DiaDaSemana
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional, ProfissionalPayload
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades.regras import DiasDeUmaUnidade
from sghss_graphql.cadastro.unidades.regras import fuso as ler_fuso
from sghss_graphql.cadastro.unidades.types import Sala, TipoDeAtendimento, Unidade
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.checagem import Alcance
from sghss_graphql.confianca.acesso.tabela import DefinirAgendas
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import ErroDeUsuario, Formulario, Proibido, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import SE_VERSAO, mutation
from sghss_graphql.vocabulario.scalars import Hora
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import linha

_MAIS_TURNOS, _MAIS_SEMANAS = 50, 4
_MAIOR_MOTIVO = 200  # characters
_DIA = 1440  # minutes


@strawberry.input(description="Um turno do expediente semanal, em hora local.")
class TurnoInput:
    """Of definirExpediente."""

    dia: DiaDaSemana = strawberry.field(description="O dia em que o turno começa.")
    inicio: Hora = strawberry.field(description="Quando começa, em múltiplos de 5 minutos.")
    fim: Hora = strawberry.field(
        description="Quando termina, em múltiplos de 5 minutos; igual ao início ou antes dele, no dia seguinte."
    )
    unidade_id: ID | None = strawberry.field(
        default=None, description="Id da unidade em que atende; só se há mais de uma é preciso dizê-la."
    )
    sala_id: ID | None = strawberry.field(default=None, description="Id da sala, se é sempre a mesma.")
    vigencia_de: date | None = strawberry.field(default=None, description="O primeiro dia em que vale.")
    vigencia_ate: date | None = strawberry.field(default=None, description="O último dia em que vale.")
    a_cada_semanas: int | None = strawberry.field(
        default=1, description="De quantas em quantas semanas, de 1 a 4, contadas da semana de vigenciaDe."
    )
    tipo_ids: list[ID] | None = strawberry.field(
        default_factory=list, description="Ids dos tipos de atendimento para os quais é, até 20; vazio, para todos."
    )


@strawberry.input(description="O expediente semanal de um profissional, que substitui o anterior.")
class DefinirExpedienteInput:
    """Of definirExpediente."""

    profissional_id: ID = strawberry.field(description="Id do profissional.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    turnos: list[TurnoInput] = strawberry.field(description="Os turnos da semana, até 50; vazio, não atende.")
    fuso: str | None = strawberry.field(
        default=None,
        description="Fuso horário (nome IANA) da unidade dos turnos que não dizem a sua, até 64 caracteres.",
        deprecation_reason="Diga em cada turno a unidade (unidadeId): o fuso é dela.",
    )


@strawberry.input(description="Um período em que o profissional não atende.")
class BloquearAgendaInput:
    """Of bloquearAgenda."""

    profissional_id: ID = strawberry.field(description="Id do profissional.")
    inicio: datetime = strawberry.field(description="Quando começa.")
    fim: datetime = strawberry.field(description="Quando termina.")
    motivo: str = strawberry.field(description="Feriado, férias, licença …; até 200 caracteres.")


@strawberry.type(description="O resultado de bloquear ou desbloquear a agenda.")
class BloqueioPayload:
    """Of bloquearAgenda and desbloquearAgenda."""

    bloqueio: Bloqueio | None = strawberry.field(default=None, description="O bloqueio; null quando há erros.")
    id_removido: ID | None = strawberry.field(default=None, description="O id do bloqueio que não há mais.")
    erros: list[ErroDeUsuario] = strawberry.field(
        default_factory=list, description="Por que o pedido foi recusado; vazio quando deu certo."
    )


@strawberry.type
class AgendaMutation:
    """The part of Mutation that is about agendas."""

    @mutation(
        "Define o expediente semanal de um profissional, no lugar do anterior. Consultas já marcadas ficam; as que caem"
        " fora dele vêm em consultasForaDoExpediente."
    )
    async def definir_expediente(
        self, info: Info, input: Annotated[DefinirExpedienteInput, argument(description="O expediente.")]
    ) -> ProfissionalPayload:
        """Set weekly hours."""
        contexto = info.context
        alcance = contexto.exigir(DefinirAgendas)
        with Formulario() as formulario:
            formulario.ler(_exigir_poucos, input.turnos)
            fuso = None if input.fuso is None else formulario.ler(ler_fuso, input.fuso, "input", "fuso")
            for n, turno in enumerate(input.turnos[:_MAIS_TURNOS]):
                for exigir in (_exigir_horas, _exigir_vigencia, _exigir_semanas, _exigir_tipos):
                    formulario.ler(exigir, turno, "input", "turnos", str(n))
        profissional = await _profissional(contexto, alcance, input.profissional_id)
        lugares = await _lugares(contexto, input.turnos)

        async def work(tx: Transaction) -> None:
            await profissionais.segurar(tx, profissional.chave)
            atual = await profissionais.um(tx, contexto.quem, profissional.chave)
            if atual is None:
                raise RuntimeError("nobody takes a profissional away")
            if input.se_versao is not None and input.se_versao != atual.versao:
                raise usuarios.conflito_de_versao(profissional=atual)
            de_antes = list((await store.turnos(tx, [atual.chave])).de(atual.chave))
            horas = lugares.ler(input.turnos, fuso, {turno.unidade for turno in de_antes})
            if de_antes == horas:
                raise valor_invalido("Nada muda: envie o que é diferente do que há.", "input")
            store.trocar_turnos(tx, atual.chave, horas)
            if horas:
                profissionais.mudar_fuso(tx, atual.chave, lugares.dias[horas[0].unidade].fuso)
            pessoas.mudou(tx, atual.pessoa)
            contexto.registrar(tx, Atos.DEFINIR_EXPEDIENTE, alvo=profissional.chave)

        await contexto.db.transaction(work)
        mudado = await profissionais.um(contexto.db, contexto.quem, profissional.chave)
        return ProfissionalPayload(profissional=mudado, mudou_o_expediente=True)

    @mutation(
        "Bloqueia a agenda de um profissional para marcações novas. Consultas já marcadas ficam. São até 100"
        " bloqueios por vir."
    )
    async def bloquear_agenda(
        self, info: Info, input: Annotated[BloquearAgendaInput, argument(description="O período.")]
    ) -> BloqueioPayload:
        """Block an agenda."""
        contexto = info.context
        alcance = contexto.exigir(DefinirAgendas)
        with Formulario() as formulario:
            formulario.ler(_exigir_ordem, input)
            motivo = formulario.ler(linha, input.motivo, _MAIOR_MOTIVO, "input", "motivo")
        profissional = await _profissional(contexto, alcance, input.profissional_id)
        chave, periodo = ids.nova_chave(), Intervalo(input.inicio, input.fim)

        async def work(tx: Transaction) -> None:
            await profissionais.segurar(tx, profissional.chave)
            if await store.bloqueios_por_vir(tx, profissional.chave, agora(), MAIS_BLOQUEIOS) >= MAIS_BLOQUEIOS:
                raise valor_invalido(
                    f"Esta agenda já tem {MAIS_BLOQUEIOS} bloqueios por vir; remova antes os que não servem mais.",
                    *("input", "profissionalId"),
                )
            store.inserir_bloqueio(tx, chave, profissional.chave, periodo, motivo, agora())
            contexto.registrar(tx, Atos.BLOQUEAR_AGENDA, alvo=chave)

        await contexto.db.transaction(work)
        return BloqueioPayload(
            bloqueio=Bloqueio(chave=chave, profissional=profissional, inicio=input.inicio, fim=input.fim, motivo=motivo)
        )

    @mutation("Remove um bloqueio da agenda.")
    async def desbloquear_agenda(
        self, info: Info, bloqueio_id: Annotated[ID, argument(description="Id do bloqueio.")]
    ) -> BloqueioPayload:
        """Unblock an agenda."""
        contexto = info.context
        chave = ids.chave(Bloqueio.prefixo, bloqueio_id)
        achado = await porta.bloqueio(contexto.db, contexto.quem, chave)
        if achado is None:
            raise _sem_bloqueio()

        async def work(tx: Transaction) -> None:
            if not await store.apagar_bloqueio(tx, achado.chave):
                raise _sem_bloqueio()
            contexto.registrar(tx, Atos.DESBLOQUEAR_AGENDA, alvo=achado.chave)

        await contexto.db.transaction(work)
        return BloqueioPayload(bloqueio=achado, id_removido=bloqueio_id)


def _exigir_ordem(input: BloquearAgendaInput) -> None:
    if not input.inicio < input.fim:
        raise valor_invalido("O fim vem depois do início.", "input", "fim")
    if input.fim <= agora():
        raise valor_invalido("Este período já passou.", "input", "fim")


def _sem_bloqueio() -> Recusa:
    return Recusa(Gerais.NAO_ENCONTRADO, "Não há bloqueio com este id.", "bloqueioId")


async def _profissional(contexto: Contexto, alcance: Alcance[DefinirAgendas], id: str) -> Profissional:
    """Give the profissional whose agenda the caller may set.

    Raises:
        Recusa: NAO_ENCONTRADO.
        Proibido: it is someone else's.
    """
    profissional = await profissionais.um(contexto.db, contexto.quem, ids.chave(Profissional.prefixo, id))
    if profissional is None:
        raise Recusa(Gerais.NAO_ENCONTRADO, "Não há profissional com este id.", "input", "profissionalId")
    if not alcance.inclui(profissional=profissional.chave):
        raise Proibido
    return profissional


def _exigir_poucos(turnos: list[TurnoInput]) -> None:
    if len(turnos) > _MAIS_TURNOS:
        raise valor_invalido(f"Informe até {_MAIS_TURNOS} turnos.", "input", "turnos")


def _exigir_horas(turno: TurnoInput, *campo: str) -> None:
    if turno.inicio % 5 or turno.fim % 5 or turno.inicio == _DIA:
        raise valor_invalido("Turnos começam e terminam em múltiplos de 5 minutos, de 00:00 a 23:55.", *campo)


def _exigir_vigencia(turno: TurnoInput, *campo: str) -> None:
    if turno.vigencia_de and turno.vigencia_ate and turno.vigencia_ate < turno.vigencia_de:
        raise valor_invalido("O último dia em que o turno vale não vem antes do primeiro.", *campo, "vigenciaAte")


def _exigir_semanas(turno: TurnoInput, *campo: str) -> None:
    cada = 1 if turno.a_cada_semanas is None else turno.a_cada_semanas
    if not 1 <= cada <= _MAIS_SEMANAS:
        raise valor_invalido(f"Um turno se repete a cada 1 a {_MAIS_SEMANAS} semanas.", *campo, "aCadaSemanas")
    if cada > 1 and turno.vigencia_de is None:
        raise valor_invalido("Diga a primeira semana em que o turno vale (vigenciaDe).", *campo, "vigenciaDe")


def _exigir_tipos(turno: TurnoInput, *campo: str) -> None:
    if len(turno.tipo_ids or ()) > MAIS_TIPOS_DO_TURNO:
        raise valor_invalido(f"Informe até {MAIS_TIPOS_DO_TURNO} tipos.", *campo, "tipoIds")


@dataclass(frozen=True, slots=True)
class _Lugares:
    """Where shifts may be, and what for."""

    unidades: Mapping[bytes, Unidade]
    salas: Mapping[bytes, Sala]
    tipos: Mapping[bytes, TipoDeAtendimento]
    dias: Mapping[bytes, DiasDeUmaUnidade]

    def ler(self, turnos: list[TurnoInput], fuso: str | None, atuais: set[bytes]) -> list[HorasDeTrabalho]:
        """Read the shifts of a week, in order; ``atuais`` are the unidades of those that there were.

        Raises:
            Recusa: VALOR_INVALIDO or NAO_ENCONTRADO.
        """
        with Formulario() as formulario:
            horas = [
                formulario.ler(self._um, turno, fuso, atuais, "input", "turnos", str(n))
                for n, turno in enumerate(turnos)
            ]
        if se_sobrepoem(horas, self.dias):
            raise valor_invalido("Há turnos que se sobrepõem.", "input", "turnos")
        return sorted(horas, key=lambda turno: (turno.dia, turno.inicio, turno.desde or date.min))

    def _um(self, turno: TurnoInput, fuso: str | None, atuais: set[bytes], *campo: str) -> HorasDeTrabalho:
        unidade = self._unidade(turno.unidade_id, fuso, atuais, *campo)
        sala = self.salas.get(ids.chave(Sala.prefixo, turno.sala_id) or b"") if turno.sala_id else None
        if turno.sala_id and (sala is None or not sala.ativa or sala.unidade_chave != unidade.chave):
            raise Recusa(Gerais.NAO_ENCONTRADO, "Não há sala com este id nesta unidade.", *campo, "salaId")
        tipos = [self.tipos.get(ids.chave(TipoDeAtendimento.prefixo, id) or b"") for id in turno.tipo_ids or ()]
        if any(tipo is None or not tipo.ativo for tipo in tipos):
            raise Recusa(Gerais.NAO_ENCONTRADO, "Não há tipo de atendimento com este id.", *campo, "tipoIds")
        return HorasDeTrabalho(
            dia=list(DiaDaSemana).index(turno.dia),
            inicio=turno.inicio,
            fim=turno.fim if turno.fim > turno.inicio else turno.fim + _DIA,
            unidade=unidade.chave,
            sala=sala.chave if sala else None,
            desde=turno.vigencia_de,
            ate=turno.vigencia_ate,
            semanas=turno.a_cada_semanas or 1,
            tipos=frozenset(tipo.chave for tipo in tipos if tipo is not None),
        )

    def _unidade(self, id: str | None, fuso: str | None, atuais: set[bytes], *campo: str) -> Unidade:
        """Give the unidade of a shift: that which it names, or the only one that it can be."""
        if id is not None:
            unidade = self.unidades.get(ids.chave(Unidade.prefixo, id) or b"")
            if unidade is None or not unidade.ativa:
                raise Recusa(Gerais.NAO_ENCONTRADO, "Não há unidade com este id.", *campo, "unidadeId")
            return unidade
        ativas = [uma for uma in self.unidades.values() if uma.ativa and fuso in (None, uma.fuso)]
        if fuso is not None and ativas:
            return ativas[0]
        possiveis = [uma for uma in ativas if uma.chave in atuais] or ativas
        if not possiveis:
            raise valor_invalido("Não há unidade neste fuso: crie-a antes (criarUnidade).", "input", "fuso")
        if len(possiveis) > 1:
            raise valor_invalido("Há mais de uma unidade: diga em qual (unidadeId).", *campo, "unidadeId")
        return possiveis[0]


async def _lugares(contexto: Contexto, turnos: list[TurnoInput]) -> _Lugares:
    """Look up all that some shifts name."""
    db, quem = contexto.db, contexto.quem
    das_salas = [ids.chave(Sala.prefixo, turno.sala_id) for turno in turnos if turno.sala_id]
    dos_tipos = [ids.chave(TipoDeAtendimento.prefixo, id) for turno in turnos for id in turno.tipo_ids or ()]
    todas, salas, tipos = await asyncio.gather(
        unidades.todas(db, quem),
        unidades.salas(db, quem, [chave for chave in das_salas if chave]),
        unidades.tipos(db, quem, [chave for chave in dos_tipos if chave]),
    )
    dias = {uma.chave: DiasDeUmaUnidade(uma.fuso) for uma in todas}
    return _Lugares({uma.chave: uma for uma in todas}, salas, tipos, dias)
