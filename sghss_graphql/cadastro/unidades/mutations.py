"""Create and correct unidades, salas and kinds of appointment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Annotated, Generic, TypeVar

import strawberry
from strawberry import ID, UNSET, argument

from sghss_graphql.cadastro.pessoas import regras as pessoas_regras
from sghss_graphql.cadastro.pessoas.types import EnderecoInput
from sghss_graphql.cadastro.unidades import porta, regras, store
from sghss_graphql.cadastro.unidades.regras import Atos
from sghss_graphql.cadastro.unidades.types import (
    Modalidade,
    Sala,
    SalaPayload,
    TipoDeAtendimento,
    TipoDeAtendimentoPayload,
    Unidade,
    UnidadePayload,
)
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.confianca.acesso.papeis import Quem
from sghss_graphql.confianca.acesso.tabela import DefinirUnidades
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.database import DuplicateKey, Reader, Transaction
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.atos import Ato
from sghss_graphql.vocabulario.errors import Codigos as Gerais
from sghss_graphql.vocabulario.errors import Formulario, Recusa, valor_invalido
from sghss_graphql.vocabulario.mutations import SE_VERSAO, mutation
from sghss_graphql.vocabulario.texto import linha

T = TypeVar("T")
V = TypeVar("V", Unidade, Sala, TipoDeAtendimento)

_SE_AUSENTE = "; numa correção, o que não for enviado fica como está"


@strawberry.input(description=f"Uma unidade do hospital{_SE_AUSENTE}.")
class UnidadeInput:
    """Of criarUnidade and atualizarUnidade."""

    nome: str = strawberry.field(description="O nome, até 200 caracteres; não há duas com o mesmo.")
    cnes: str | None = strawberry.field(
        default=UNSET, description="O número no CNES: 7 dígitos; null o remove. Até 20 caracteres."
    )
    fuso: str | None = strawberry.field(
        default=UNSET,
        description="O fuso horário (nome IANA), como America/Manaus, até 64 caracteres; se ausente numa nova, o do"
        " hospital.",
    )
    endereco: EnderecoInput | None = strawberry.field(default=UNSET, description="Onde fica; null o remove.")
    abre_nos_feriados: bool | None = strawberry.field(
        default=UNSET, description="Se atende em todos os feriados; numa nova, não."
    )
    aberta_em: list[date] | None = strawberry.field(
        default=UNSET, description="Os feriados em que atende, ainda que não em todos; até 100. Troca os de antes."
    )
    ativa: bool | None = strawberry.field(default=UNSET, description="Se nela se marcam consultas; numa nova, sim.")


@strawberry.input(description=f"Uma sala de uma unidade{_SE_AUSENTE}.")
class SalaInput:
    """Of criarSala and atualizarSala."""

    unidade_id: ID = strawberry.field(description="Id da unidade em que fica; uma sala não muda de unidade.")
    nome: str = strawberry.field(description="O nome ou número, até 100 caracteres; único na unidade.")
    ativa: bool | None = strawberry.field(default=UNSET, description="Se nela se marcam consultas; numa nova, sim.")


@strawberry.input(description=f"Um tipo de atendimento{_SE_AUSENTE}.")
class TipoDeAtendimentoInput:
    """Of criarTipoDeAtendimento and atualizarTipoDeAtendimento."""

    nome: str = strawberry.field(description="O nome, até 100 caracteres; não há dois com o mesmo.")
    especialidade: str | None = strawberry.field(
        default=UNSET, description="A especialidade de que é, até 100 caracteres; null, de qualquer uma."
    )
    duracao_em_minutos: int = strawberry.field(description="Quanto dura: múltiplo de 5, de 5 a 480.")
    intervalo_em_minutos: int | None = strawberry.field(
        default=UNSET, description="Quanto profissional e sala ficam ocupados depois: múltiplo de 5, até 120; usual 0."
    )
    modalidades: list[Modalidade] | None = strawberry.field(
        default=UNSET, description="Uma ou as duas, até 2, a usual primeiro; num novo, PRESENCIAL."
    )
    autoagendamento: bool | None = strawberry.field(
        default=UNSET, description="Se o próprio paciente o marca; num novo, sim."
    )
    antecedencia_minima_em_horas: int | None = strawberry.field(
        default=UNSET, description="Quantas horas antes, pelo menos, o paciente o marca; usual 0, até 8.760."
    )
    antecedencia_maxima_em_dias: int | None = strawberry.field(
        default=UNSET, description="Quantos dias antes, no máximo, o paciente o marca; usual 180, de 1 a 730."
    )
    cancelamento_ate_em_horas: int | None = strawberry.field(
        default=UNSET, description="Até quantas horas antes o paciente o cancela ou muda; usual 0, até 8.760."
    )
    exige_sala: bool | None = strawberry.field(default=UNSET, description="Se precisa de uma sala; num novo, não.")
    preparo: str | None = strawberry.field(
        default=UNSET, description="O que o paciente faz antes, até 2.000 caracteres; null o remove."
    )
    ativo: bool | None = strawberry.field(default=UNSET, description="Se ainda se marca; num novo, sim.")


_Unidade = Annotated[UnidadeInput, argument(description="A unidade.")]
_Sala = Annotated[SalaInput, argument(description="A sala.")]
_Tipo = Annotated[TipoDeAtendimentoInput, argument(description="O tipo de atendimento.")]
_SeVersao = Annotated[int | None, argument(description=SE_VERSAO)]


@strawberry.type
class UnidadesMutation:
    """The part of Mutation that is about unidades, salas and kinds of appointment."""

    @mutation(f"Cria uma unidade; o hospital tem até {regras.MAIS_UNIDADES}.")
    async def criar_unidade(self, info: Info, input: _Unidade) -> UnidadePayload:
        """Create a unidade."""
        nova = _ler_unidade(input, _unidade_nova(info.context.servicos.fuso))
        return UnidadePayload(unidade=await _criar(info.context, _UNIDADES, nova, _dias(input)))

    @mutation("Corrige uma unidade. O que já está marcado nela fica.")
    async def atualizar_unidade(
        self,
        info: Info,
        unidade_id: Annotated[ID, argument(description="Id da unidade.")],
        input: _Unidade,
        se_versao: _SeVersao = None,
    ) -> UnidadePayload:
        """Correct a unidade."""
        _ler_unidade(input, _unidade_nova(info.context.servicos.fuso))
        return UnidadePayload(
            unidade=await _corrigir(
                info.context, _UNIDADES, unidade_id, se_versao, partial(_ler_unidade, input), _dias(input)
            )
        )

    @mutation(f"Cria uma sala; uma unidade tem até {regras.MAIS_SALAS}.")
    async def criar_sala(self, info: Info, input: _Sala) -> SalaPayload:
        """Create a sala."""
        return SalaPayload(sala=await _criar(info.context, _SALAS, _sala_nova(input)))

    @mutation("Corrige uma sala. O que já está marcado nela fica.")
    async def atualizar_sala(
        self,
        info: Info,
        sala_id: Annotated[ID, argument(description="Id da sala.")],
        input: _Sala,
        se_versao: _SeVersao = None,
    ) -> SalaPayload:
        """Correct a sala."""
        lida = _sala_nova(input)
        return SalaPayload(
            sala=await _corrigir(info.context, _SALAS, sala_id, se_versao, partial(_sala_mudada, input, lida))
        )

    @mutation(f"Cria um tipo de atendimento; o hospital tem até {regras.MAIS_TIPOS}.")
    async def criar_tipo_de_atendimento(self, info: Info, input: _Tipo) -> TipoDeAtendimentoPayload:
        """Create a kind of appointment."""
        novo = _ler_tipo(input, _tipo_novo())
        return TipoDeAtendimentoPayload(tipo_de_atendimento=await _criar(info.context, _TIPOS, novo))

    @mutation("Corrige um tipo de atendimento. O que já está marcado fica como foi marcado.")
    async def atualizar_tipo_de_atendimento(
        self,
        info: Info,
        tipo_id: Annotated[ID, argument(description="Id do tipo.")],
        input: _Tipo,
        se_versao: _SeVersao = None,
    ) -> TipoDeAtendimentoPayload:
        """Correct a kind of appointment."""
        _ler_tipo(input, _tipo_novo())
        return TipoDeAtendimentoPayload(
            tipo_de_atendimento=await _corrigir(info.context, _TIPOS, tipo_id, se_versao, partial(_ler_tipo, input))
        )


@dataclass(frozen=True)
class _Coisas(Generic[V]):
    """What is created and corrected in one way: its class, its word, and what the store does with it."""

    classe: type[V]
    palavra: str
    campo: str
    mais: int
    criar: Ato
    corrigir: Ato
    quantas: Callable[[Transaction, V], Awaitable[int | None]]
    segurar: Callable[[Transaction, bytes], Awaitable[None]]
    uma: Callable[[Reader, Quem, bytes], Awaitable[V | None]]
    inserir: Callable[[Transaction, V], None]
    mudar: Callable[[Transaction, V], None]

    def nao_ha(self, *campo: str) -> Recusa:
        """Make the refusal of one that doesn't exist."""
        return Recusa(Gerais.NAO_ENCONTRADO, f"Não há {self.palavra} com este id.", *campo)


_UNIDADES = _Coisas(
    Unidade, "unidade", "unidadeId", regras.MAIS_UNIDADES, Atos.CRIAR_UNIDADE, Atos.ATUALIZAR_UNIDADE,
    lambda tx, _: store.quantas_unidades(tx), store.segurar_unidade, porta.uma, store.inserir_unidade,
    store.mudar_unidade,
)  # fmt: skip
_SALAS = _Coisas(
    Sala, "sala", "salaId", regras.MAIS_SALAS, Atos.CRIAR_SALA, Atos.ATUALIZAR_SALA,
    lambda tx, nova: store.quantas_salas(tx, nova.unidade_chave), store.segurar_sala, porta.sala, store.inserir_sala,
    store.mudar_sala,
)  # fmt: skip
_TIPOS = _Coisas(
    TipoDeAtendimento, "tipo de atendimento", "tipoId", regras.MAIS_TIPOS, Atos.CRIAR_TIPO_DE_ATENDIMENTO,
    Atos.ATUALIZAR_TIPO_DE_ATENDIMENTO, lambda tx, _: store.quantos_tipos(tx), store.segurar_tipo, porta.tipo,
    store.inserir_tipo, store.mudar_tipo,
)  # fmt: skip


async def _criar(contexto: Contexto, coisas: _Coisas[V], nova: V, dias: frozenset[date] | None = None) -> V | None:
    """Create one, if there aren't too many and none has its name."""
    quem = contexto.exigir(DefinirUnidades).quem

    async def work(tx: Transaction) -> None:
        ha = await coisas.quantas(tx, nova)
        if ha is None:
            raise _UNIDADES.nao_ha("input", "unidadeId")
        if ha >= coisas.mais:
            raise valor_invalido(f"São até {coisas.mais}: corrija as que há.", "input")
        with tx.on_duplicate(_repetida):
            coisas.inserir(tx, nova)
        if dias:
            store.abrir_nos_dias(tx, nova.chave, sorted(dias))
        contexto.registrar(tx, coisas.criar, alvo=nova.chave)

    await contexto.db.transaction(work)
    return await coisas.uma(contexto.db, quem, nova.chave)


async def _corrigir(
    contexto: Contexto,
    coisas: _Coisas[V],
    id: str,
    se_versao: int | None,
    ler: Callable[[V], V],
    dias: frozenset[date] | None = None,
) -> V | None:
    """Correct one, field by field, if it is still of the version that the caller saw."""
    quem = contexto.exigir(DefinirUnidades).quem
    chave = ids.chave(coisas.classe.prefixo, id)
    if chave is None:
        raise coisas.nao_ha(coisas.campo)

    async def work(tx: Transaction) -> None:
        await coisas.segurar(tx, chave)
        atual = await coisas.uma(tx, quem, chave)
        if atual is None:
            raise coisas.nao_ha(coisas.campo)
        if se_versao is not None and se_versao != atual.versao:
            raise usuarios.conflito_de_versao(**{coisas.palavra.replace(" ", "_"): atual})
        nova = ler(atual)
        abre = dias is not None and dias != frozenset(dia for _, dia in await store.abertas(tx, [chave]))
        if nova == atual and not abre:
            raise valor_invalido("Nada muda: envie o que é diferente do que há.", "input")
        with tx.on_duplicate(_repetida):
            coisas.mudar(tx, nova)
        if abre:
            store.abrir_nos_dias(tx, chave, sorted(dias or ()))
        contexto.registrar(tx, coisas.corrigir, alvo=chave)

    await contexto.db.transaction(work)
    return await coisas.uma(contexto.db, quem, chave)


def _repetida(duplicada: DuplicateKey) -> Recusa:
    if duplicada.key == "unidade_cnes":
        return valor_invalido("Já há uma unidade com este CNES.", "input", "cnes")
    if duplicada.key in ("unidade_nome", "sala_nome", "tipo_de_atendimento_nome"):
        return valor_invalido("Já há outra com este nome.", "input", "nome")
    raise duplicada


def _unidade_nova(fuso: str) -> Unidade:
    return Unidade(
        chave=ids.nova_chave(),
        nome="",
        cnes=None,
        fuso=fuso,
        endereco=None,
        abre_nos_feriados=False,
        ativa=True,
        versao=1,
    )


def _sala_nova(input: SalaInput) -> Sala:
    with Formulario() as formulario:
        nome = formulario.ler(linha, input.nome, regras.MAIOR_NOME, "input", "nome")
        unidade = formulario.ler(_da_unidade, input)
    ativa = _ou(input.ativa, True)
    return Sala(chave=ids.nova_chave(), unidade_chave=unidade, nome=nome, ativa=ativa, versao=1)


def _tipo_novo() -> TipoDeAtendimento:
    return TipoDeAtendimento(
        chave=ids.nova_chave(), nome="", especialidade=None, duracao_em_minutos=0, intervalo_em_minutos=0,
        modalidades=[Modalidade.PRESENCIAL], autoagendamento=True, antecedencia_minima_em_horas=0,
        antecedencia_maxima_em_dias=180, cancelamento_ate_em_horas=0, exige_sala=False, preparo=None, ativo=True,
        versao=1,
    )  # fmt: skip


def _ou(enviado: T | None, ha: T) -> T:
    """Give what was sent, or what there is where nothing was, or null, which says nothing of what can't be nothing."""
    return ha if enviado is UNSET or enviado is None else enviado


def _ler_unidade(input: UnidadeInput, ha: Unidade) -> Unidade:
    """Read what was sent of a unidade; the rest is as it is."""
    with Formulario() as formulario:
        ler = formulario.ler
        ler(_dias, input)
        endereco = ha.endereco
        if input.endereco is not UNSET:
            lido = input.endereco
            endereco = None if lido is None else pessoas_regras.endereco(formulario, lido, "input", "endereco")
        return replace(
            ha,
            nome=ler(linha, input.nome, regras.MAIOR_NOME_DE_UNIDADE, "input", "nome"),
            cnes=ha.cnes if input.cnes is UNSET else ler(regras.cnes, input.cnes, "input", "cnes"),
            fuso=ler(regras.fuso, _ou(input.fuso, ha.fuso), "input", "fuso"),
            endereco=endereco,
            abre_nos_feriados=_ou(input.abre_nos_feriados, ha.abre_nos_feriados),
            ativa=_ou(input.ativa, ha.ativa),
        )


def _dias(input: UnidadeInput) -> frozenset[date] | None:
    """Read the holidays on which a unidade is open; None where nothing was sent."""
    if input.aberta_em is UNSET:
        return None
    return regras.dias_abertos(input.aberta_em or [], "input", "abertaEm")


def _da_unidade(input: SalaInput) -> bytes:
    chave = ids.chave(Unidade.prefixo, input.unidade_id)
    if chave is None:
        raise _UNIDADES.nao_ha("input", "unidadeId")
    return chave


def _sala_mudada(input: SalaInput, lida: Sala, ha: Sala) -> Sala:
    if lida.unidade_chave != ha.unidade_chave:
        raise valor_invalido("Uma sala não muda de unidade: crie outra nela.", "input", "unidadeId")
    return replace(ha, nome=lida.nome, ativa=_ou(input.ativa, ha.ativa))


def _ler_tipo(input: TipoDeAtendimentoInput, ha: TipoDeAtendimento) -> TipoDeAtendimento:
    """Read what was sent of a kind of appointment; the rest is as it is."""
    especialidade = ha.especialidade if input.especialidade is UNSET else (input.especialidade or "").strip() or None
    with Formulario() as formulario:
        ler = formulario.ler
        return replace(
            ha,
            nome=ler(linha, input.nome, regras.MAIOR_NOME, "input", "nome"),
            especialidade=especialidade
            and ler(linha, especialidade, regras.MAIOR_NOME, "input", "especialidade"),
            duracao_em_minutos=ler(regras.duracao, input.duracao_em_minutos, "input", "duracaoEmMinutos"),
            intervalo_em_minutos=ler(
                regras.intervalo,
                _ou(input.intervalo_em_minutos, ha.intervalo_em_minutos),
                *("input", "intervaloEmMinutos"),
            ),
            modalidades=ler(regras.modalidades, _ou(input.modalidades, ha.modalidades), "input", "modalidades"),
            autoagendamento=_ou(input.autoagendamento, ha.autoagendamento),
            antecedencia_minima_em_horas=ler(
                regras.prazo, _ou(input.antecedencia_minima_em_horas, ha.antecedencia_minima_em_horas), 0,
                regras.MAIOR_PRAZO_EM_HORAS, "input", "antecedenciaMinimaEmHoras",
            ),
            antecedencia_maxima_em_dias=ler(
                regras.prazo, _ou(input.antecedencia_maxima_em_dias, ha.antecedencia_maxima_em_dias), 1,
                regras.MAIOR_PRAZO_EM_DIAS, "input", "antecedenciaMaximaEmDias",
            ),
            cancelamento_ate_em_horas=ler(
                regras.prazo, _ou(input.cancelamento_ate_em_horas, ha.cancelamento_ate_em_horas), 0,
                regras.MAIOR_PRAZO_EM_HORAS, "input", "cancelamentoAteEmHoras",
            ),
            exige_sala=_ou(input.exige_sala, ha.exige_sala),
            preparo=ha.preparo if input.preparo is UNSET else ler(regras.preparo, input.preparo, "input", "preparo"),
            ativo=_ou(input.ativo, ha.ativo),
        )  # fmt: skip
