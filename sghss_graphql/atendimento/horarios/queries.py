"""Free times across profissionais, in order of time; and the days that have any."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Annotated, Any

import strawberry
from strawberry import argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda.regras import DURACAO_PADRAO, Intervalo, celulas
from sghss_graphql.atendimento.horarios import regras, store
from sghss_graphql.atendimento.horarios.regras import MAIS_DIAS, Agenda, Lugares, Procura, Vaga
from sghss_graphql.atendimento.horarios.types import DiaComHorario, FiltroDeHorarios, Horario, PeriodoDoDia
from sghss_graphql.cadastro.profissionais import porta as profissionais
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.cadastro.unidades import porta as unidades
from sghss_graphql.cadastro.unidades.regras import MENOR_DURACAO, duracao_valida
from sghss_graphql.cadastro.unidades.types import Modalidade, Sala, TipoDeAtendimento, Unidade
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import VerProfissionais
from sghss_graphql.context import Contexto, Info
from sghss_graphql.machinery.engine import After, Connection, Count, First, asked_for, dealt, page_of, relation, sized
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import MAIOR_BUSCA, ordem

_DE_UM_DIA, _TRABALHO = 20, 480
"""Objects: what looking through a day costs at least; and the minutes of one."""
_TRECHO = 0.001
"""Seconds of looking through agendas between two pauses; a pause costs a thirtieth of that."""
_Filtro = Annotated[FiltroDeHorarios, argument(description="Que horários se procuram.")]


def _preco(argumentos: Mapping[str, Any]) -> int:
    filtro = argumentos["filtro"]
    dias: int = (filtro["ate"] - filtro["de"]).days + 1
    usual = MENOR_DURACAO if filtro.get("tipoId") else DURACAO_PADRAO  # what a kind takes isn't known yet
    minutos: int = filtro.get("duracaoEmMinutos") or usual
    return min(max(dias, 1), MAIS_DIAS) * max(_DE_UM_DIA, _TRABALHO // max(minutos, 1))


@strawberry.type
class HorariosQuery:
    """The part of Query that finds free times."""

    @strawberry.field(
        description="Os horários livres, de todos os profissionais que servem, em ordem de tempo. O próprio paciente vê"
        " os que ele mesmo pode marcar."
    )
    @sized(_preco)
    async def horarios(
        self, info: Info, filtro: _Filtro, first: First = None, after: After = None
    ) -> Connection[Horario]:
        """Find free times."""
        pagina = page_of("horarios", (datetime, bytes), info.context.selo, first=first, after=after)
        busca = await _procurar(info.context, filtro)
        if busca is None:
            return pagina.connection([], _posicao, Count.of_one(_nenhum))
        depois = pagina.after or (datetime.min, b"")  # noqa: DTZ901 - before every instant
        achadas = await busca.depois_de(depois, pagina.limit)
        return pagina.connection([busca.horario(vaga) for vaga in achadas], _posicao, Count.of_one(busca.contar))

    @strawberry.field(description="Os dias em que há horário livre, em ordem, e quantos há; até 63.")
    @sized(_preco)
    async def dias_com_horario(self, info: Info, filtro: _Filtro) -> list[DiaComHorario]:
        """Find the days with free times."""
        busca = await _procurar(info.context, filtro)
        return [] if busca is None else await busca.dias()


@dataclass(slots=True)
class _Busca:
    """A search that was read and looked up."""

    procura: Procura
    agendas: Sequence[Agenda]
    lugares: Lugares
    tipo: TipoDeAtendimento | None
    _desde: float = 0.0
    """When others could go on last (``time.monotonic``)."""

    async def depois_de(self, posicao: tuple[datetime, bytes], quantas: int) -> list[Vaga]:
        """Give so many free times after a place in the list: of each agenda the next one, and of those the earliest."""
        dentro = Intervalo(max(self.procura.dentro.inicio, posicao[0]), self.procura.dentro.fim)
        procura = replace(self.procura, dentro=dentro)
        proximas: list[tuple[Vaga, AsyncIterator[Vaga]]] = []
        for uma in self.agendas if dentro.inicio < dentro.fim else ():
            fila = self._devagar(regras.vagas(uma, self.lugares, procura))
            async for vaga in fila:
                if (vaga.inicio, vaga.profissional) > posicao:
                    heapq.heappush(proximas, (vaga, fila))
                    break
        achadas: list[Vaga] = []
        while proximas and len(achadas) < quantas:
            vaga, fila = heapq.heappop(proximas)
            achadas.append(vaga)
            if (seguinte := await anext(fila, None)) is not None:
                heapq.heappush(proximas, (seguinte, fila))
        return achadas

    async def contar(self) -> int:
        """Count them."""
        return sum([dia.livres for dia in await self.dias()])

    async def dias(self) -> list[DiaComHorario]:
        """Give the days that have any, in order."""
        achados: dict[date, DiaComHorario] = {}
        for uma in self.agendas:
            async for vaga in self._devagar(regras.vagas(uma, self.lugares, self.procura)):
                dia = regras.dia_da_vaga(vaga, self.lugares)
                ha = achados.setdefault(dia, DiaComHorario(dia=dia, livres=0, primeiro=vaga.inicio))
                ha.livres += 1
                ha.primeiro = min(ha.primeiro, vaga.inicio)
        return [achados[dia] for dia in sorted(achados)]

    async def _devagar(self, vagas: Iterator[Vaga | None]) -> AsyncIterator[Vaga]:
        """Give free times as they are found, and let others go on in between."""
        for vaga in vagas:
            if vaga is not None:
                yield vaga
            elif monotonic() - self._desde > _TRECHO:
                await asyncio.sleep(0)
                self._desde = monotonic()

    def horario(self, vaga: Vaga) -> Horario:
        """Make what is shown of a free time."""
        return Horario(
            inicio=vaga.inicio,
            fim=vaga.fim,
            modalidades=list(self.tipo.modalidades if self.tipo else Modalidade),
            profissional_chave=vaga.profissional,
            unidade_chave=vaga.unidade,
            sala_chave=vaga.sala,
            tipo_chave=self.tipo.chave if self.tipo else None,
        )


def _posicao(horario: Horario) -> tuple[datetime, bytes]:
    return horario.inicio, horario.profissional_chave


async def _nenhum() -> int:
    return 0


async def _procurar(contexto: Contexto, filtro: FiltroDeHorarios) -> _Busca | None:
    """Read what is looked for, and look up whose time it may be; None if nothing can be found.

    Raises:
        RequisicaoInvalida: it is no search, or one through too many agendas.
    """
    alcance = contexto.exigir(VerProfissionais)
    db, quem = contexto.db, contexto.quem
    _exigir_pequeno(filtro)
    chaves = {
        "profissional": (filtro.profissional_id, ids.chave(Profissional.prefixo, filtro.profissional_id or "")),
        "unidade": (filtro.unidade_id, ids.chave(Unidade.prefixo, filtro.unidade_id or "")),
        "tipo": (filtro.tipo_id, ids.chave(TipoDeAtendimento.prefixo, filtro.tipo_id or "")),
    }
    if any(id is not None and chave is None for id, chave in chaves.values()):
        return None
    tipo = await unidades.tipo(db, quem, chaves["tipo"][1])
    if (filtro.tipo_id is not None and (tipo is None or not tipo.ativo)) or not _acontece(tipo, filtro.modalidade):
        return None
    procura = _ler(contexto, filtro, tipo, chaves["unidade"][1])
    if procura is None:
        return None
    delas = {ordem(filtro.especialidade)} if filtro.especialidade and filtro.especialidade.strip() else set()
    if tipo is not None and tipo.especialidade_ordem:
        delas.add(tipo.especialidade_ordem)
    mais = regras.MAIS_PROFISSIONAIS
    servem = await store.quem_atende(db, alcance, sorted(delas), chaves["profissional"][1], procura.unidade, mais + 1)
    if len(servem) > mais:
        raise RequisicaoInvalida(f"Mais de {mais} profissionais servem: diga a especialidade ou a unidade.", "filtro")
    return await _nas_agendas(contexto, servem, replace(procura, tipo=tipo.chave if tipo else None), tipo)


async def _nas_agendas(
    contexto: Contexto, servem: Sequence[tuple[bytes, bytes]], procura: Procura, tipo: TipoDeAtendimento | None
) -> _Busca:
    """Look up the agendas of those who may attend: the same statements, however many they are."""
    db, quem = contexto.db, contexto.quem
    chaves, pessoas = [chave for chave, _ in servem], [pessoa for _, pessoa in servem]
    todas = celulas(Intervalo(procura.dentro.inicio, procura.dentro.fim + procura.duracao + procura.depois))
    semanas, fechados = await asyncio.gather(agenda.semanas(db, chaves), agenda.bloqueados(db, chaves, procura.dentro))
    onde = [procura.unidade] if procura.unidade else list(semanas.dias)
    salas = await unidades.salas_das_unidades(db, quem, onde) if procura.precisa_de_sala else []
    fixas = [turno.sala for _, turno in semanas.horas if turno.sala]
    ocupadas = await store.ocupacao(db, [*pessoas, *fixas, *(sala.chave for sala in salas)], todas, agora())
    turnos = dealt(chaves, semanas.horas, lambda linha: linha[0])
    bloqueios = dealt(chaves, fechados, lambda linha: linha[0])
    return _Busca(
        procura,
        [
            Agenda(chave, [turno for _, turno in semana], [hora for _, hora in fechada], ocupadas.get(pessoa, 0))
            for (chave, pessoa), semana, fechada in zip(servem, turnos, bloqueios, strict=True)
        ],
        Lugares(
            semanas.dias,
            todas.start,
            ocupadas,
            {unidade: [s.chave for s in salas if s.unidade_chave == unidade and s.ativa] for unidade in onde},
        ),
        tipo,
    )


def _exigir_pequeno(filtro: FiltroDeHorarios) -> None:
    if filtro.duracao_em_minutos is not None and not duracao_valida(filtro.duracao_em_minutos):
        raise RequisicaoInvalida("A duração é um múltiplo de 5 minutos, de 5 a 480.", "filtro", "duracaoEmMinutos")
    if len(filtro.especialidade or "") > MAIOR_BUSCA:
        raise RequisicaoInvalida(f"A especialidade tem até {MAIOR_BUSCA} caracteres.", "filtro", "especialidade")
    if len(filtro.periodos or ()) > len(PeriodoDoDia):
        raise RequisicaoInvalida("Diga cada parte do dia uma vez: são 3.", "filtro", "periodos")
    if not filtro.de < filtro.ate <= filtro.de + timedelta(days=MAIS_DIAS):
        raise RequisicaoInvalida(f"Peça um período de até {MAIS_DIAS} dias, com de antes de ate.", "filtro", "ate")


def _acontece(tipo: TipoDeAtendimento | None, modalidade: Modalidade | None) -> bool:
    return tipo is None or modalidade is None or modalidade in tipo.modalidades


def _ler(
    contexto: Contexto, filtro: FiltroDeHorarios, tipo: TipoDeAtendimento | None, unidade: bytes | None
) -> Procura | None:
    """Read what is looked for, within what the caller may book; None if that is nothing."""
    instante, prazos = agora(), contexto.servicos.marcacoes
    sozinho = contexto.quem is not None and contexto.quem.papeis == {Papel.PACIENTE}
    if sozinho and tipo is not None and not tipo.autoagendamento:
        return None
    dias, horas = prazos.dias, 0
    if sozinho:
        dias = (
            prazos.dias_do_paciente if tipo is None else min(prazos.dias_do_paciente, tipo.antecedencia_maxima_em_dias)
        )
        horas = tipo.antecedencia_minima_em_horas if tipo else 0
    de = max(filtro.de, instante + timedelta(hours=horas))
    ate = min(filtro.ate, instante + timedelta(days=dias, microseconds=1))
    if de >= ate:
        return None
    usual = tipo.duracao_em_minutos if tipo else DURACAO_PADRAO
    so_longe = filtro.modalidade is Modalidade.TELECONSULTA or (
        tipo is not None and tipo.modalidades == [Modalidade.TELECONSULTA]
    )
    return Procura(
        Intervalo(de, ate),
        timedelta(minutes=filtro.duracao_em_minutos or usual),
        timedelta(minutes=tipo.intervalo_em_minutos if tipo else 0),
        unidade=unidade,
        periodos=frozenset(filtro.periodos or ()),
        precisa_de_sala=tipo is not None and tipo.exige_sala and not so_longe,
    )


@relation(Horario, description="O profissional que está livre.", name="profissional")
async def profissional_do_horario(horarios: list[Horario], info: Info) -> list[Profissional]:
    """Give each free time's profissional."""
    chaves = [horario.profissional_chave for horario in horarios]
    return await profissionais.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(Horario, description="A unidade em que seria.", name="unidade")
async def unidade_do_horario(horarios: list[Horario], info: Info) -> list[Unidade]:
    """Give each free time's unidade."""
    chaves = [horario.unidade_chave for horario in horarios]
    return await unidades.de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(Horario, description="A sala do turno, se ele tem uma.", name="sala")
async def sala_do_horario(horarios: list[Horario], info: Info) -> list[Sala | None]:
    """Give each free time's sala."""
    chaves = [horario.sala_chave for horario in horarios]
    return await unidades.sala_de_cada(info.context.db, info.context.quem, chaves, asked_for(info))


@relation(Horario, description="O tipo de atendimento que se procura, se foi dito.", name="tipo")
async def tipo_do_horario(horarios: list[Horario], info: Info) -> list[TipoDeAtendimento | None]:
    """Give each free time's kind."""
    chaves = [horario.tipo_chave for horario in horarios]
    return await unidades.tipo_de_cada(info.context.db, info.context.quem, chaves, asked_for(info))
