"""What one request knows: who asks, the hospital's services, the batches that gather, and what was read."""

import itertools
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import strawberry

from sghss_graphql.confianca.acesso.checagem import A, Alcance, exigir
from sghss_graphql.confianca.acesso.lacre import Lacre, LacreDe
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.redes import VazaoDeCadastros
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.confianca.acesso.sessao import Sessoes
from sghss_graphql.confianca.acesso.tentativas import Tentativas
from sghss_graphql.confianca.auditoria import porta as auditoria
from sghss_graphql.confianca.auditoria.atos import SEM_REGISTRO, Atos, Autor, Leituras, Registro
from sghss_graphql.confianca.auditoria.leituras import Visto
from sghss_graphql.confianca.auditoria.trilha import INTERVALO, Trilha
from sghss_graphql.confianca.repeticoes.porta import Repeticao
from sghss_graphql.confianca.repeticoes.regras import Marcas, tem_segredo
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.database.replicas import Replicas
from sghss_graphql.vocabulario.atos import Ato, Leitura
from sghss_graphql.vocabulario.errors import (
    ErroDeUsuario,
    Feito,
    Incerto,
    NaoAutenticado,
    Proibido,
    RequisicaoInvalida,
    contar_feitos,
    contar_incerto,
    revela,
)
from sghss_graphql.vocabulario.node import Node
from sghss_graphql.vocabulario.tempo import FUSO_PADRAO, hoje

UMA_HORA = timedelta(hours=1)
"""In which somebody unknown, from one address, learns the same in the same way once for the trail."""


@dataclass(frozen=True, slots=True)
class Marcacoes:
    """How far ahead is booked, in days, and how many consultas to come a paciente has who books one more; 0 is any.

    ``encaixes`` are as many as a profissional may have at one time.
    """

    dias: int = 730
    dias_do_paciente: int = 180
    do_paciente: int = 12
    da_especialidade: int = 5
    encaixes: int = 4


_MARCACOES, _MARCAS = Marcacoes(), Marcas([])


async def _ninguem(contexto: "Contexto", id: str) -> Node | None:
    del contexto, id
    return None


@dataclass(frozen=True, slots=True)
class Servicos:
    """What all requests of a process share."""

    db: Database
    replicas: Replicas
    senhas: Senhas
    sessoes: Sessoes
    tentativas: Tentativas
    trilha: Trilha
    cadastros: VazaoDeCadastros
    lacre: Lacre
    dias_de_cuidado: int = 365
    horas_de_emergencia: int = 4
    marcacoes: Marcacoes = _MARCACOES
    marcas: Marcas = _MARCAS
    achar: Callable[["Contexto", str], Awaitable[Node | None]] = _ninguem
    fuso: str = FUSO_PADRAO
    hospital: str = ""
    demonstracao: bool = False

    def hoje(self) -> date:
        """Give today's date in the hospital's time zone."""
        return hoje(self.fuso)

    async def close(self) -> None:
        """Close every connection, and end the threads that passwords are checked on."""
        await self.replicas.close()
        await self.db.close()
        self.senhas.close()


@dataclass(slots=True)
class Contexto:
    """One request. ``quem`` changes when the request logs in or out; ``origem`` is the packed address it comes from."""

    servicos: Servicos
    quem: Quem | None
    origem: bytes | None = None
    batches: dict[tuple[object, ...], Any] = field(default_factory=dict)
    _lidos: dict[tuple[Leitura, Quem], set[tuple[bytes, bytes]]] = field(default_factory=dict)
    """Whose data was shown, to whom and how, and which registro of theirs; without one's own."""
    _mostrados: dict[tuple[Leitura, int], Sequence[Any]] = field(default_factory=dict)
    """Objects whose data was taken note of: each field of theirs tells of them, and once is enough."""
    _sabidos: set[tuple[Leitura, str]] = field(default_factory=set)
    """What was learned by a field, without anybody's data being shown."""
    feitos: list[Ato] = field(default_factory=list)
    """What was changed and committed: whatever fails after that, it is done."""
    incerto: bool = False
    """Whether nobody heard what became of a change: the connection to the database was lost, or time ran out."""
    _achados: list[tuple[Leitura, bytes]] = field(default_factory=list)
    """Whose data mutations looked at so far, and in what way."""
    _proibidos: set[str] = field(default_factory=set)
    _saiu: Quem | None = None
    chave: bytes | None = None
    """The request's Idempotency-Key."""
    pedido: bytes = b""
    """With one: operation and variables, written in one way."""
    _repeticao: Repeticao | None = None
    _mudancas: int = 0
    """Mutations of this operation so far."""
    _leitor: Database | None = None

    @property
    def db(self) -> Database:
        """The database; as long as nothing is changed, a replica that has all of it may answer in its place."""
        if self._mudancas:
            return self.servicos.db
        if self._leitor is None:
            self._leitor = self.servicos.replicas.reader()
        return self._leitor

    @property
    def selo(self) -> LacreDe:
        """What seals the cursors of whoever asks."""
        return self.servicos.lacre.de(self.quem)

    def sair(self) -> None:
        """Let nobody ask from here on; what whoever leaves was refused before stays theirs."""
        self._saiu, self.quem = self.quem, None

    def exigir(self, acao: type[A]) -> Alcance[A]:
        """Check that whoever asks may do this, and give whose data it reaches.

        Raises:
            NaoAutenticado, Proibido: they may not.
        """
        return exigir(self.quem, acao)

    async def comecar_mudanca(self) -> None:
        """Look at who asks again before each mutation of an operation but the first: they may have lost the right.

        Raises:
            NaoAutenticado: their session has ended since the operation began.
        """
        self._mudancas += 1
        if self._mudancas > 1 and self.quem is not None:
            ainda = await self.servicos.sessoes.ainda(self.quem)
            if ainda is None:
                self.sair()
                raise NaoAutenticado
            self.quem = ainda

    def repeticao(self, *, aceita: bool, mutations: int, argumentos: Mapping[str, Any]) -> Repeticao | None:
        """Give the request as one under a key, if it has one.

        Raises:
            RequisicaoInvalida: such a request can't have one.
        """
        if self.chave is None:
            return None
        if self.quem is None:
            raise RequisicaoInvalida("Idempotency-Key é para quem entrou: envie também o token.")
        if not aceita or tem_segredo(argumentos):
            raise RequisicaoInvalida("Este pedido tem um segredo, e não aceita Idempotency-Key: envie-o sem ela.")
        if mutations != 1:
            raise RequisicaoInvalida("Com Idempotency-Key, envie uma mutation por vez.")
        pedido = self.servicos.marcas.de(self.quem.usuario, self.chave, self.pedido)
        self._repeticao = Repeticao(self.db, pedido)
        return self._repeticao

    async def achar(self, id: str) -> Node | None:
        """Give any object by its id, by the rule of its type; None if it doesn't exist for whoever asks."""
        return await self.servicos.achar(self, id)

    def registrar(
        self,
        tx: Transaction,
        ato: Ato,
        *,
        paciente: bytes | None = None,
        alvo: bytes | None = None,
        resultado: bytes | None = None,
        por: Quem | None = None,
    ) -> None:
        """Put a change on the trail, in the transaction that makes it; ``por`` is who asks, unless given.

        ``resultado`` is the key of the object that the mutation answers with, if it isn't ``alvo``.

        Whoever changes something of another person's has met them, or knows of them: if that person's account is
        anybody's yet, it waits from now on.
        """
        quem = por or self.quem
        auditoria.registrar(tx, Registro(ato, self._autor(quem), paciente, alvo))
        if self._repeticao is not None:
            self._repeticao.escrever(tx, resultado or alvo)
        if paciente is not None and quem is not None and paciente not in quem.seus:
            self.servicos.sessoes.suspender(tx, paciente)
        tx.after_commit.append(lambda: self.feitos.append(ato))
        tx.in_doubt.append(self._duvidar)

    def fez(self, tx: Transaction, resultado: bytes) -> None:
        """Keep under the request's Idempotency-Key what it made, in the transaction that makes it.

        It is for what the trail needs no entry of: nobody's data was changed or told.
        """
        if self._repeticao is not None:
            self._repeticao.escrever(tx, resultado)
        tx.in_doubt.append(self._duvidar)

    def _duvidar(self) -> None:
        self.incerto = True

    async def registrar_recusa(self, ato: Ato, alvo: bytes | None) -> None:
        """Put a refusal on the trail, which no transaction made."""
        await self.servicos.trilha.registrar([Registro(ato, self._autor(self.quem), None, alvo)])

    def leu(self, ato: Leitura, chaves: Iterable[bytes]) -> None:
        """Take note of whose data is told of; nobody sees nothing, but for what they sent themselves."""
        self._viu(ato, list(chaves), itertools.repeat(SEM_REGISTRO))

    def mostrou(self, visto: Visto, objetos: Sequence[Any]) -> None:
        """Take note of the objects of a level of the operation, which are shown, or a field of which is."""
        lista = (visto.ato, id(objetos))
        if lista not in self._mostrados:
            self._mostrados[lista] = objetos  # held, so that no other list gets its id
            registros = itertools.repeat(SEM_REGISTRO) if visto.registro is None else map(visto.registro, objetos)
            self._viu(visto.ato, list(map(visto.de_quem, objetos)), registros)

    def _viu(self, ato: Leitura, de_quem: Sequence[bytes], registros: Iterable[bytes]) -> None:
        if self.quem is None or self.quem.proprias.issuperset(de_quem):
            return
        outros = set(zip(de_quem, registros, strict=False))
        if not self.quem.proprias.isdisjoint(de_quem):
            outros = {visto for visto in outros if visto[0] not in self.quem.proprias}
        self._lidos.setdefault((ato, self.quem), set()).update(outros)

    def contou(self, lista: str) -> None:
        """Take note that whoever asks learns how many there are in a list, of more than themself."""
        if self.quem is not None and self.quem.papeis != {Papel.PACIENTE}:
            self._sabidos.add((Leituras.CONTAR, lista))

    def achou(self, ato: Leitura, chave: bytes) -> None:
        """Take note of whose data a mutation looked at: if it is refused, the refusal tells of them."""
        self._achados.append((ato, chave))

    def _contou_dos_achados(self) -> None:
        for ato, chave in self._achados:
            self.leu(ato, [chave])
        self._achados.clear()

    def recusou(self, erro: ErroDeUsuario, campo: str) -> None:
        """Take note of a refusal by which whoever asks, or nobody known, learns that something exists."""
        self._contou_dos_achados()
        if revela(erro.codigo):
            self._sabidos.add((Leituras.SABER_POR_RECUSA, campo))

    def falhou(self, erro: BaseException, campo: str) -> None:
        """Take note of a field that was refused."""
        self._contou_dos_achados()
        if isinstance(erro, Proibido):
            self._proibidos.add(campo)

    def como_ficou(self, erro: Exception) -> Exception:
        """Give what is raised in place of an error, once something was changed, or may have been."""
        if self.incerto:
            return Incerto(self.feitos, com_chave=self.chave is not None)
        return Feito(self.feitos) if self.feitos else erro

    def contar(self, resposta: dict[str, Any]) -> dict[str, Any]:
        """Tell in a response what is done of what was asked for, and what may be."""
        if self.incerto:
            return contar_incerto(resposta, self.feitos, com_chave=self.chave is not None)
        return contar_feitos(resposta, self.feitos) if self.feitos else resposta

    async def concluir(self) -> None:
        """Put what was read of others, and what was refused, on the trail; only then may the answer leave.

        Raises:
            ServicoIndisponivel: it can't be written.
        """
        if not (self._lidos or self._sabidos or self._proibidos):
            return
        recusado = self.quem or self._saiu
        registros: list[Registro] = []
        for campo in self._proibidos:
            registros += self.servicos.trilha.nova_no_campo(Atos.PROIBIDO, self._autor(recusado), campo)
        for (ato, quem), vistos in self._lidos.items():
            registros += self.servicos.trilha.nova(ato, self._autor(quem), vistos)
        for ato, campo in self._sabidos:
            intervalo = UMA_HORA if recusado is None else INTERVALO
            registros += self.servicos.trilha.nova_no_campo(ato, self._autor(recusado), campo, intervalo)
        self._lidos.clear()
        self._sabidos.clear()
        self._proibidos.clear()
        await self.servicos.trilha.registrar(registros)

    def _autor(self, quem: Quem | None) -> Autor:
        if quem is None:
            return Autor(None, (), self.origem)
        return Autor(quem.usuario, quem.nomes, self.origem)


Info = strawberry.Info[Contexto, None]
