"""What one request knows: who asks, the hospital's services, the batches that gather, and what was read."""

from collections.abc import Iterable, Sequence
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
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.vocabulario.atos import Ato, Leitura
from sghss_graphql.vocabulario.errors import NaoAutenticado, Proibido, Recusa
from sghss_graphql.vocabulario.tempo import FUSO_PADRAO, hoje

UMA_HORA = timedelta(hours=1)
"""In which somebody unknown, from one address, learns the same in the same way once for the trail."""


@dataclass(frozen=True, slots=True)
class Servicos:
    """What all requests of a process share."""

    db: Database
    senhas: Senhas
    sessoes: Sessoes
    tentativas: Tentativas
    trilha: Trilha
    cadastros: VazaoDeCadastros
    lacre: Lacre
    dias_de_cuidado: int = 365
    horas_de_emergencia: int = 4
    fuso: str = FUSO_PADRAO
    hospital: str = ""
    demonstracao: bool = False

    def hoje(self) -> date:
        """Give today's date in the hospital's time zone."""
        return hoje(self.fuso)


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
    _achados: list[tuple[Leitura, bytes]] = field(default_factory=list)
    """Whose data mutations looked at so far, and in what way."""
    _proibidos: set[str] = field(default_factory=set)
    _saiu: Quem | None = None
    _mudancas: int = 0
    """Mutations of this operation so far."""

    @property
    def db(self) -> Database:
        """The database."""
        return self.servicos.db

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

    def registrar(
        self,
        tx: Transaction,
        ato: Ato,
        *,
        paciente: bytes | None = None,
        alvo: bytes | None = None,
        por: Quem | None = None,
    ) -> None:
        """Put a change on the trail, in the transaction that makes it; ``por`` is who asks, unless given.

        Whoever changes something of another person's has met them, or knows of them: if that person's account is
        anybody's yet, it waits from now on.
        """
        quem = por or self.quem
        auditoria.registrar(tx, Registro(ato, self._autor(quem), paciente, alvo))
        if paciente is not None and quem is not None and paciente not in quem.seus:
            self.servicos.sessoes.suspender(tx, paciente)
        tx.after_commit.append(lambda: self.feitos.append(ato))

    async def registrar_recusa(self, ato: Ato, alvo: bytes | None) -> None:
        """Put a refusal on the trail, which no transaction made."""
        await self.servicos.trilha.registrar([Registro(ato, self._autor(self.quem), None, alvo)])

    def leu(self, ato: Leitura, chaves: Iterable[bytes]) -> None:
        """Take note of whose data is told of; nobody sees nothing, but for what they sent themselves."""
        self._viu(ato, ((chave, SEM_REGISTRO) for chave in chaves))

    def mostrou(self, visto: Visto, objetos: Sequence[Any]) -> None:
        """Take note of the objects of a level of the operation, which are shown, or a field of which is."""
        if (visto.ato, id(objetos)) not in self._mostrados:
            self._mostrados[visto.ato, id(objetos)] = objetos  # held, so that no other list gets its id
            registro = visto.registro or _sem_registro
            self._viu(visto.ato, ((visto.de_quem(um), registro(um)) for um in objetos))

    def _viu(self, ato: Leitura, vistos: Iterable[tuple[bytes, bytes]]) -> None:
        if self.quem is not None:
            proprio = (self.quem.usuario, *self.quem.seus)
            outros = {visto for visto in vistos if visto[0] not in proprio}
            if outros:
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

    def recusou(self, recusa: Recusa, campo: str) -> None:
        """Take note of a refusal by which whoever asks, or nobody known, learns that something exists."""
        self._contou_dos_achados()
        if recusa.codigo.revela:
            self._sabidos.add((Leituras.SABER_POR_RECUSA, campo))

    def falhou(self, erro: BaseException, campo: str) -> None:
        """Take note of a field that was refused."""
        self._contou_dos_achados()
        if isinstance(erro, Proibido):
            self._proibidos.add(campo)

    async def concluir(self) -> None:
        """Put what was read of others, and what was refused, on the trail; only then may the answer leave.

        Raises:
            ServicoIndisponivel: it can't be written.
        """
        recusado = self.quem or self._saiu
        registros = [Registro(Atos.PROIBIDO, self._autor(recusado), campo=campo) for campo in self._proibidos]
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
        return Autor(quem.usuario, tuple(sorted(papel.name for papel in quem.papeis)), self.origem)


def _sem_registro(_: object) -> bytes:
    return SEM_REGISTRO


Info = strawberry.Info[Contexto, None]
