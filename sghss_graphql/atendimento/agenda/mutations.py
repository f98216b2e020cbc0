"""Set a profissional's weekly hours; block and unblock their agenda."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import ID, argument

from sghss_graphql.atendimento.agenda import porta, store
from sghss_graphql.atendimento.agenda.regras import Atos, HorasDeTrabalho, Intervalo, se_sobrepoem
from sghss_graphql.atendimento.agenda.types import Bloqueio, DiaDaSemana
from sghss_graphql.cadastro.pessoas import porta as pessoas
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional, ProfissionalPayload
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
from sghss_graphql.vocabulario.tempo import agora, fuso_canonico
from sghss_graphql.vocabulario.texto import linha

_MAIS_TURNOS = 50
_MAIOR_MOTIVO = 200  # characters
_MAIS_BLOQUEIOS = 1_000  # of one profissional, that haven't ended
_DIA = 1440  # minutes


@strawberry.input(description="Um turno do expediente semanal, em hora local.")
class TurnoInput:
    """Of definirExpediente."""

    dia: DiaDaSemana = strawberry.field(description="O dia em que o turno começa.")
    inicio: Hora = strawberry.field(description="Quando começa, em múltiplos de 5 minutos.")
    fim: Hora = strawberry.field(
        description="Quando termina, em múltiplos de 5 minutos; igual ao início ou antes dele, no dia seguinte."
    )


@strawberry.input(description="O expediente semanal de um profissional, que substitui o anterior.")
class DefinirExpedienteInput:
    """Of definirExpediente."""

    profissional_id: ID = strawberry.field(description="Id do profissional.")
    se_versao: int | None = strawberry.field(default=None, description=SE_VERSAO)
    turnos: list[TurnoInput] = strawberry.field(description="Os turnos da semana, até 50; vazio, não atende.")
    fuso: str | None = strawberry.field(
        default=None,
        description="Fuso horário (nome IANA) da unidade, como America/Manaus, até 64 caracteres; se ausente,"
        " fica o atual.",
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
            horas = formulario.ler(_horas, input.turnos)
            fuso = formulario.ler(_fuso, input.fuso)
        profissional = await _profissional(contexto, alcance, input.profissional_id)

        async def work(tx: Transaction) -> None:
            await profissionais.segurar(tx, profissional.chave)
            atual = await profissionais.um(tx, contexto.quem, profissional.chave)
            if atual is None:
                raise RuntimeError("nobody takes a profissional away")
            if input.se_versao is not None and input.se_versao != atual.versao:
                raise usuarios.conflito_de_versao(profissional=atual)
            de_antes = [turno for _, turno in await store.turnos(tx, [atual.chave])]
            if de_antes == horas and fuso in (None, atual.fuso):
                raise valor_invalido("Nada muda: envie o que é diferente do que há.", "input")
            store.apagar_turnos(tx, atual.chave)
            store.inserir_turnos(tx, atual.chave, horas)
            if fuso is not None:
                profissionais.mudar_fuso(tx, atual.chave, fuso)
            pessoas.mudou(tx, atual.pessoa)
            contexto.registrar(tx, Atos.DEFINIR_EXPEDIENTE, alvo=profissional.chave)

        await contexto.db.transaction(work)
        mudado = await profissionais.um(contexto.db, contexto.quem, profissional.chave)
        return ProfissionalPayload(profissional=mudado, mudou_o_expediente=True)

    @mutation(
        "Bloqueia a agenda de um profissional para marcações novas. Consultas já marcadas ficam. São até 1.000"
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
            if await store.bloqueios_por_vir(tx, profissional.chave, agora(), _MAIS_BLOQUEIOS) >= _MAIS_BLOQUEIOS:
                raise valor_invalido(
                    f"Esta agenda já tem {_MAIS_BLOQUEIOS} bloqueios por vir; remova antes os que não servem mais.",
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
        return BloqueioPayload(bloqueio=achado)


def _fuso(texto: str | None) -> str | None:
    try:
        return None if texto is None else fuso_canonico(texto)
    except ValueError as desconhecido:
        raise valor_invalido(str(desconhecido), "input", "fuso") from None


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


def _horas(turnos: list[TurnoInput]) -> list[HorasDeTrabalho]:
    campo = ("input", "turnos")
    if len(turnos) > _MAIS_TURNOS:
        raise valor_invalido(f"Informe até {_MAIS_TURNOS} turnos.", *campo)
    horas = []
    for turno in turnos:
        if turno.inicio % 5 or turno.fim % 5 or turno.inicio == _DIA:
            raise valor_invalido("Turnos começam e terminam em múltiplos de 5 minutos, de 00:00 a 23:55.", *campo)
        fim = turno.fim if turno.fim > turno.inicio else turno.fim + _DIA
        horas.append(HorasDeTrabalho(list(DiaDaSemana).index(turno.dia), turno.inicio, fim))
    if se_sobrepoem(horas):
        raise valor_invalido("Há turnos que se sobrepõem.", *campo)
    return sorted(horas)
