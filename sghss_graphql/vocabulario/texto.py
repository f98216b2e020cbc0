"""A name is found by the start of any of its words, without regard to accents or case; a line has no controls."""

import re
import unicodedata
from functools import lru_cache

from sghss_graphql.vocabulario.errors import RequisicaoInvalida, valor_invalido

_PLANA = re.compile(r"LATIN SMALL (?:LETTER|LIGATURE) (?:DOTLESS )?([A-Z]{1,2})(?: WITH .*)?")
_SEM_NOME_PLANO = {"þ": "th", "ð": "d", "ŋ": "n", "ĸ": "k"}
_NAO_SE_VEEM = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U0001d159\U000e0000-\U000e0fff]"
)
"""Nothing is seen of them, though their categories are those of letters, marks and symbols.

Those that Unicode lets a font leave out (Default_Ignorable_Code_Point), the blank of Braille, the note without a head.
"""
_SEM_LUGAR_NUMA_LINHA = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NUMERO = re.compile(r"[\d\s./-]{1,200}", re.ASCII)
_ENTRE_PARTES = re.compile(r"(?<=\w)['\u2019\u2018\u02bc\u02bb`\u00b4\u2010\u2011-](?=\w)")
"""What stands between the parts of one word: D'Ávila, Sant'Anna, Ana-Lúcia."""
_PALAVRA = re.compile("[^\\W_\u02b0-\u02ff]+")
"""Letters and digits, without the spacing modifier letters of Unicode: apostrophes that count as letters, and such."""
MAIOR_PALAVRA = 60  # characters; what paciente_inicio and profissional_palavra hold
MAIOR_BUSCA = 200  # characters
MAIS_PALAVRAS = 8
MAIOR_ORDEM = 200  # characters; a letter may become many (NFKD), and the narrowest column holds 200


def planas(texto: str) -> str:
    """Give a text in plain small letters: no accents, no strokes, no ligatures, no dotless letters."""
    if texto.isascii():
        return texto.lower()
    decomposta = unicodedata.normalize("NFKD", texto).replace("·", "")
    sem_acentos = (letra for letra in decomposta if not unicodedata.combining(letra))
    return "".join(_plana(letra) for letra in "".join(sem_acentos).casefold())


@lru_cache(maxsize=1_000)
def _plana(letra: str) -> str:
    """Give what is typed for a letter that no keyboard has, by the name that Unicode gives it: ø is O WITH STROKE."""
    if letra.isascii() or letra in _SEM_NOME_PLANO:
        return _SEM_NOME_PLANO.get(letra, letra)
    com_nome = _PLANA.fullmatch(unicodedata.name(letra, ""))
    return com_nome[1].lower() if com_nome else letra


def palavras(*nomes: str | None) -> list[str]:
    """Give the words of names, normalised, each once, in order."""
    separadas = _PALAVRA.findall(planas(" ".join(filter(None, nomes))))
    return list(dict.fromkeys([palavra[:MAIOR_PALAVRA] for palavra in separadas]))


def palavras_e_juntas(*nomes: str | None) -> list[str]:
    """Give the words of names, and those with an apostrophe or a hyphen in one piece too: d, avila, davila."""
    return list(dict.fromkeys([*palavras(*nomes), *palavras(*(_ENTRE_PARTES.sub("", nome or "") for nome in nomes))]))


def inicios_das_palavras(*nomes: str | None) -> list[str]:
    """Give every start of every word of names, each once: what a search by starts is looked up in."""
    todos = (palavra[:letras] for palavra in palavras_e_juntas(*nomes) for letras in range(1, len(palavra) + 1))
    return list(dict.fromkeys(todos))


def inicios(busca: str | None) -> tuple[str, ...]:
    """Read what is typed to find someone: starts of words, up to 8 of them.

    Raises:
        RequisicaoInvalida: over 200 characters.
    """
    exigir_curta(busca)
    return tuple(palavras(busca)[:MAIS_PALAVRAS])


def exigir_curta(busca: str | None) -> None:
    """Check that what is typed to find someone isn't longer than anybody types.

    Raises:
        RequisicaoInvalida: over 200 characters.
    """
    if len(busca or "") > MAIOR_BUSCA:
        raise RequisicaoInvalida(f"A busca tem até {MAIOR_BUSCA} caracteres.", "busca")


def ordem(nome: str) -> str:
    """Give the text by which a name sorts, and by which whole names are compared."""
    return " ".join(planas(nome).split())[:MAIOR_ORDEM]


def sem_controles(texto: str, *campo: str) -> str:
    """Refuse NUL and other control characters, tabs and line ends apart; give the text as it came.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if any(unicodedata.category(letra) == "Cc" and letra not in "\t\n\r" for letra in texto):
        raise valor_invalido("O texto contém um caractere de controle (como o nulo); remova-o.", *campo)
    return texto


def linha(texto: str, maior: int, *campo: str) -> str:
    """Read a text of one line, 1 to ``maior`` characters, spaces folded.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    limpo = " ".join(sem_controles(texto, *campo).split())
    if _NAO_SE_VEEM.search(limpo) or any(unicodedata.category(letra) in _SEM_LUGAR_NUMA_LINHA for letra in limpo):
        raise valor_invalido("O texto contém um caractere que não se vê (como o espaço sem largura); remova-o.", *campo)
    if not 1 <= len(limpo) <= maior:
        raise valor_invalido(f"Escreva de 1 a {maior} caracteres.", *campo)
    return limpo


def digitos_de(texto: str | None, quantos: int) -> str | None:
    """Give the digits of a text that is a number with so many, however it is punctuated; None for any other."""
    if texto is None or not _NUMERO.fullmatch(texto):
        return None
    digitos = re.sub(r"\D", "", texto)
    return digitos if len(digitos) == quantos else None
