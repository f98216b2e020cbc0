"""Free times across profissionais, in order of time; and the days that have any."""

import asyncio
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry import argument

from sghss_graphql.atendimento.agenda import porta as agenda
from sghss_graphql.atendimento.agenda.regras import DURACAO_PADRAO, Intervalo, Semanas, celulas
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

T = TypeVar("T")
_DE_UM_DIA, _TRABALHO = 20, 480
"""Objects: what looking through a day costs at least; and the minutes of one."""
_PERTO = timedelta(weeks=1)
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
    """A search that was read, among those whose time it may be: keys of profissionais and of their pessoas."""

    contexto: Contexto
    servem: Sequence[tuple[bytes, bytes]]
    procura: Procura
    tipo: TipoDeAtendimento | None
    _semanas: Semanas | None = None
    _desde: float = 0.0
    """When others could go on last (``time.monotonic``)."""

    async def depois_de(self, posicao: tuple[datetime, bytes], quantas: int) -> list[Vaga]:
        """Give so many free times after a place in the list; what is taken is looked up for a week first.

        In most searches that is enough, and else there is one look more, at all the rest.
        """
        inicio, fim = max(self.procura.dentro.inicio, posicao[0]), self.procura.dentro.fim
        achadas: list[Vaga] = []
        for ate in (min(inicio + _PERTO, fim), fim):
            if inicio < ate and len(achadas) < quantas:
                achadas += await self._em_ordem(Intervalo(inicio, ate), posicao, quantas - len(achadas))
            inicio = max(inicio, ate)
        return achadas

    async def _em_ordem(self, dentro: Intervalo, posicao: tuple[datetime, bytes], quantas: int) -> list[Vaga]:
        """Give so many within a time: of each agenda the next one, and of those the earliest."""
        procura = replace(self.procura, dentro=dentro)
        agendas, lugares = await self._agendas(procura)
        proximas: list[tuple[Vaga, Iterator[Vaga | None]]] = []
        for uma in agendas:
            fila = regras.vagas(uma, lugares, procura)
            vaga = await self._proximo(fila)
            while vaga is not None and vaga[:2] <= posicao:
                vaga = await self._proximo(fila)
            if vaga is not None:
                proximas.append((vaga, fila))
        heapq.heapify(proximas)
        achadas: list[Vaga] = []
        while proximas and len(achadas) < quantas:
            vaga, fila = proximas[0]
            achadas.append(vaga)
            if (seguinte := await self._proximo(fila)) is not None:
                heapq.heapreplace(proximas, (seguinte, fila))
            else:
                heapq.heappop(proximas)
        return achadas

    async def contar(self) -> int:
        """Count them."""
        return sum([dia.livres for dia in await self.dias()])

    async def dias(self) -> list[DiaComHorario]:
        """Give the days that have any, in order."""
        achados: dict[date, DiaComHorario] = {}
        agendas, lugares = await self._agendas(self.procura)
        for uma in agendas:
            fila = regras.dias_livres(uma, lugares, self.procura)
            while (livre := await self._proximo(fila)) is not None:
                dia, quantas, primeiro = livre
                ha = achados.setdefault(dia, DiaComHorario(dia=dia, livres=0, primeiro=primeiro))
                ha.livres += quantas
                ha.primeiro = min(ha.primeiro, primeiro)
        return [achados[dia] for dia in sorted(achados)]

    async def _agendas(self, procura: Procura) -> tuple[list[Agenda], Lugares]:
        """Look up the agendas of all of them: the same statements, however many they are."""
        db, quem = self.contexto.db, self.contexto.quem
        chaves, pessoas = [chave for chave, _ in self.servem], [pessoa for _, pessoa in self.servem]
        todas = celulas(Intervalo(procura.dentro.inicio, procura.dentro.fim + procura.duracao + procura.depois))
        ate_o_fim = Intervalo(procura.dentro.inicio, procura.dentro.fim + procura.duracao)
        semanas, fechados = await asyncio.gather(self._das_semanas(chaves), agenda.bloqueados(db, chaves, ate_o_fim))
        onde = [procura.unidade] if procura.unidade else list(semanas.dias)
        salas = await unidades.salas_das_unidades(db, quem, onde) if procura.precisa_de_sala else []
        fixas = [turno.sala for semana in semanas.horas.values() for turno in semana if turno.sala]
        ocupadas = await store.ocupacao(db, [*pessoas, *fixas, *(sala.chave for sala in salas)], todas, agora())
        bloqueios = dealt(chaves, fechados, lambda linha: linha[0])
        impedidas = {coisa: regras.impedida(procura, ocupada) for coisa, ocupada in ocupadas.items()}
        lotadas = dict.fromkeys(onde, -1)
        for sala in salas:
            if sala.ativa:
                lotadas[sala.unidade_chave] &= impedidas.get(sala.chave, 0)
        agendas = []
        for (chave, pessoa), fechada in zip(self.servem, bloqueios, strict=True):
            impedida = impedidas.get(pessoa, 0)
            if fechada:
                impedida |= regras.impedida(procura, 0, regras.celulas_de((hora for _, hora in fechada), todas))
            agendas.append(Agenda(chave, semanas.de(chave), impedida))
        return agendas, Lugares(semanas.dias, todas.start, impedidas, lotadas)

    async def _das_semanas(self, profissionais: Sequence[bytes]) -> Semanas:
        """Look up who works when, once."""
        if self._semanas is None:
            self._semanas = await agenda.semanas(self.contexto.db, profissionais)
        return self._semanas

    async def _proximo(self, fila: Iterator[T | None]) -> T | None:
        """Give what is found next, if there is any, and let others go on where it may take long."""
        for achado in fila:
            if achado is not None:
                return achado
            await self._pausar()
        await self._pausar()  # who has no stretch at all was looked up, too
        return None

    async def _pausar(self) -> None:
        if monotonic() - self._desde > _TRECHO:
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
    return _Busca(contexto, servem, replace(procura, tipo=tipo.chave if tipo else None), tipo)


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
