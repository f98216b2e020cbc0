"""What one fault did: what was tried, answered, lost, doubled; how long nobody was served; what is left behind."""

import time
from collections import Counter
from dataclasses import dataclass, field

PRAZO = 10.0
"""Seconds in which a server answers, whatever happens (SGHSS_DEADLINE_SECONDS), and some for the network."""
_FOLGA = 3.0


@dataclass
class Medidas:
    """Figures of one fault; ``faltas`` is what must not be, and was."""

    nome: str
    codigos: Counter[str] = field(default_factory=Counter)
    faltas: list[str] = field(default_factory=list)
    nota: str = ""
    """What else there is to tell."""
    tentados: int = 0
    feitos: int = 0
    lidos: int = 0
    perdidos: int = 0
    dobrados: int = 0
    fantasmas: int = 0
    """What was answered as failed, and is there."""
    incertos: int = 0
    mudos: int = 0
    """Requests that nobody answered."""
    maior_pausa: float = 0.0
    """The longest time in which nothing was answered as done, in seconds."""
    maior_espera: float = 0.0
    volta: float | None = None
    """Seconds from when what was gone is back until something is answered as done."""
    sobra: dict[str, float] = field(default_factory=dict)
    """What is there after it that wasn't before it: connections, files, MiB."""
    _ultimo: float = field(default_factory=time.monotonic)
    _voltou: float | None = None

    def exigir(self, condicao: bool, texto: str) -> None:
        """Take note of what must hold, and doesn't."""
        if not condicao and texto not in self.faltas:
            self.faltas.append(texto)

    def feito(self) -> None:
        """Take note that something was answered as done."""
        agora = time.monotonic()
        self.maior_pausa = max(self.maior_pausa, agora - self._ultimo)
        self._ultimo = agora
        if self._voltou is not None and self.volta is None:
            self.volta = agora - self._voltou

    def voltou(self) -> None:
        """Take note that what was gone is back."""
        self._voltou, self.volta = time.monotonic(), None

    def respondido(self, segundos: float) -> None:
        """Take note of an answer, and of how long it took."""
        self.tentados += 1
        self.maior_espera = max(self.maior_espera, segundos)

    def sem_resposta(self, segundos: float) -> None:
        """Take note of a request that nobody answered: the connection was lost."""
        self.respondido(segundos)
        self.mudos += 1

    def sem_servidor(self) -> None:
        """Take note of a request that no server took."""
        self.tentados += 1

    def julgar(self, *, novos: bool, perde: bool = False) -> None:
        """Find what must not be in the figures; ``novos`` is whether there are new processes since.

        ``perde`` is whether the database may lose what was answered as done: it is counted, and said.
        """
        for recurso, mais in _SOBRA.items():
            sobra = self.sobra.get(recurso, 0)
            self.exigir(novos or sobra <= mais, f"sobram {sobra:.0f} {recurso}")
        self.exigir(perde or self.perdidos == 0, f"{self.perdidos} perdidos")
        self.exigir(self.dobrados == 0, f"{self.dobrados} dobrados")
        self.exigir(self.fantasmas == 0, f"{self.fantasmas} feitos que se disse que não foram")
        self.exigir(self.maior_espera < PRAZO + _FOLGA, f"uma resposta demorou {self.maior_espera:.1f} s")


_SOBRA = {"conexões": 20, "arquivos": 24, "MiB": 60}
"""How much more may be there after a fault than before it: the two pools, of ten connections each, may have filled."""
CABECALHO = (
    "| O que acontece | tentados | feitos, lidos | recusados | incertos¹"
    " | perdidos | dobrados | pausa² | volta³ | sobra⁴ |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|---|"
)
NOTAS = """
¹ O servidor disse que não sabe, ou caiu sem responder: nenhum deles foi feito duas vezes, nem pela metade.
² O maior tempo em que nada foi respondido como feito.
³ Do banco (ou do servidor) no ar outra vez até a primeira resposta.
⁴ Depois de tudo, em relação a antes: conexões do banco, arquivos abertos, MiB.
"""


def linha(titulo: str, medidas: Medidas) -> str:
    """Write a line of the table."""
    recusados = medidas.tentados - medidas.feitos - medidas.lidos - medidas.incertos
    volta = "" if medidas.volta is None else f"{medidas.volta:.2f} s"
    titulo = f"{titulo} ({medidas.nota})" if medidas.nota else titulo
    sobra = ", ".join(f"{nome} {quanto:+.0f}" for nome, quanto in medidas.sobra.items())
    return (
        f"| {titulo} | {medidas.tentados:,} | {medidas.feitos:,}, {medidas.lidos:,} | {max(0, recusados):,}"
        f" | {medidas.incertos:,}"
        f" | {medidas.perdidos} | {medidas.dobrados} | {medidas.maior_pausa:.1f} s | {volta} | {sobra} |"
    )
