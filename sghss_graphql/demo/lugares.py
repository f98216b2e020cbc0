"""Two unidades, one of them in another time zone, with ten salas each, and kinds of appointment."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sghss_graphql.cadastro.unidades.regras import PRIMEIRA, DiasDeUmaUnidade
from sghss_graphql.machinery.database.statements import Scalar
from sghss_graphql.vocabulario.tempo import FUSO_PADRAO
from sghss_graphql.vocabulario.texto import ordem

CENTRAL = PRIMEIRA
MANAUS = sha256(b"America/Manaus").digest()[:16]
DIAS = {
    CENTRAL: DiasDeUmaUnidade(FUSO_PADRAO, "SP", abre_nos_feriados=False),
    MANAUS: DiasDeUmaUnidade("America/Manaus", "AM", abre_nos_feriados=False),
}
_ENDERECOS = {
    CENTRAL: ("Hospital Central", "2077485", "01246000", "Avenida Doutor Arnaldo", "455", "São Paulo"),
    MANAUS: ("Unidade Manaus", "2012677", "69057001", "Avenida Mário Ypiranga", "1581", "Manaus"),
}
_EM_MANAUS = 5  # every fifth profissional
_SALAS = 10
_TIPOS: tuple[tuple[Any, ...], ...] = (
    ("Consulta", None, 30, 0, "PRESENCIAL TELECONSULTA", True, 0, False, None),
    ("Primeira consulta", None, 40, 5, "PRESENCIAL", True, 24, False, "Traga os exames que tiver."),
    ("Retorno", None, 20, 0, "PRESENCIAL TELECONSULTA", True, 2, False, None),
    ("Eletrocardiograma", "Cardiologia", 20, 10, "PRESENCIAL", False, 0, True, "Venha sem creme no peito."),
    ("Teste ergométrico", "Cardiologia", 40, 20, "PRESENCIAL", False, 24, True, "Traga tênis e roupa leve."),
    ("Puericultura", "Pediatria", 30, 5, "PRESENCIAL", True, 2, False, "Traga a caderneta da criança."),
    ("Pequeno procedimento", "Dermatologia", 50, 20, "PRESENCIAL", False, 24, True, "Avise se usa anticoagulante."),
)


def unidade_de(n: int) -> bytes:
    """Give the unidade in which the demo's profissional of this number attends; the first one, in the central one."""
    return MANAUS if n % _EM_MANAUS == _EM_MANAUS - 1 else CENTRAL


def lugares(chave: Callable[[datetime], bytes], agora: datetime) -> dict[str, list[tuple[Scalar, ...]]]:
    """Make the rows, by table; ``chave`` makes a key of an instant."""
    desde = agora - timedelta(days=2_000)
    return {
        "unidade": [
            (um, nome, ordem(nome), cnes, DIAS[um].fuso, *onde, DIAS[um].uf, "BR", False, desde)
            for um, (nome, cnes, *onde) in _ENDERECOS.items()
        ],
        "sala": [
            (chave(desde), unidade, f"Consultório {n:02}", f"consultorio {n:02}", desde)
            for unidade in _ENDERECOS
            for n in range(1, _SALAS + 1)
        ],
        "tipo_de_atendimento": [
            (chave(desde), nome, ordem(nome), de, de and ordem(de), *como, antes, 180, antes, sala, preparo, desde)
            for nome, de, *como, antes, sala, preparo in _TIPOS
        ],
    }
