"""A search is any of what people say of somebody: pieces of names, numbers, a birth date; and all of it must match."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sghss_graphql.cadastro.pacientes.regras import ler_numero
from sghss_graphql.cadastro.pacientes.types import FiltroDePacientes
from sghss_graphql.cadastro.pessoas.regras import (
    da_data,
    da_mae,
    do_documento,
    do_telefone,
    nome_inteiro,
    palavra_inteira,
)
from sghss_graphql.vocabulario.errors import RequisicaoInvalida
from sghss_graphql.vocabulario.scalars import ValorInvalido, ler_cns
from sghss_graphql.vocabulario.texto import MAIOR_BUSCA, exigir_curta, inicios

_TRACOS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\ufe58\ufe63\uff0d"), "-")
_ROTULO = re.compile(
    r"(?<![^\W_])(?>(?:cpf|c\.p\.f|rg|r\.g|cns|sus|cart[ãa]o|identidade|tel(?:efones?)?|fones?|cel(?:ular)?"
    r"|whats(?:app)?|n[º°o]?|n[úu]mero|num|do paciente|pront(?:u[áa]rio)?|matr[íi]cula|data|dt|de nascimento"
    r"|nasc(?:imento|id[oa]|to)?|nasceu|em|dn|d\.n|passaporte|rn[em]|dnv|cnh|certid[ãa]o|livro|fls?|folhas?|termo)"
    r"(?![^\W\d_])[\s:.=/-]*)+(?=[+(]?\d|[a-z]{1,3}[\s.-]?\d)",
    re.IGNORECASE,
)
"""What people write before a number, to say what it is; what was taken isn't given back, so that it is read once."""
_DIGITO = re.compile(r"\d")
"""Without one there is no number, and no label of one: whoever types names alone is read at once."""
_FIM = " ; "
"""No number goes on past it."""
_SO_FINAIS = re.compile(r"(?:[ ;]|(?<!\d)\d{4}(?!\d))+", re.ASCII)
"""The ends of telephones find somebody beside a name alone: what seemed to be a label is one, of somebody called Em."""
_DATA = re.compile(r"(?<!\d)(?:(\d{4})-(\d\d)-(\d\d)|(\d{1,2}) ?[/.-] ?(\d{1,2}) ?[/.-] ?(\d{4}))(?!\d)", re.ASCII)
_COM_LETRA = re.compile(r"\S*\d\S*", re.ASCII)
_CORRIDA = re.compile(r"(?:(?<!\S)(?P<sigla>[A-Za-z]{1,2})[\s-]+)?(?P<numero>[+(]?\d(?:[\d\s().+/-]*\d)?)", re.ASCII)
_COM_SIGLA = re.compile(r"[A-Za-z]{2}[.-]?(\d[\d.-]*\w?)", re.ASCII)
_MENOR_TELEFONE, _MAIOR_TELEFONE, _FINAL_DO_TELEFONE = 8, 13, 4  # digits
_MENOR_COM_SIGLA = 5  # digits
_CNS = 15  # digits
_MAIS_TERMOS = 8


@dataclass(frozen=True, slots=True)
class Numero:
    """A number that was typed, as all that it may be: a CPF, a CNS, the hospital's own, terms of something else."""

    cpf: str | None = None
    cns: str | None = None
    numero: int | None = None
    termos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Busca:
    """What is looked for; all of it must match.

    ``inicios`` are starts of words of the names, ``maes`` the terms of starts of words of the mother's, ``datas`` those
    of birth dates, ``numeros`` the numbers. ``inteiro`` are terms of the name as it was typed: whoever has that very
    name comes first, then whoever has all its words whole.
    """

    inicios: tuple[str, ...] = ()
    inteiro: tuple[str, ...] = ()
    maes: tuple[str, ...] = ()
    datas: tuple[str, ...] = ()
    numeros: tuple[Numero, ...] = ()
    parcial: str | None = None
    """A start that is no whole word of anybody's, if one is known: then nobody has all the words whole."""

    @property
    def de_poucos(self) -> bool:
        """Whether a number or a birth date was typed: few people are read, and sorted."""
        return bool(self.numeros or self.datas)

    @property
    def de_um(self) -> bool:
        """Whether whoever is found is found by a number: that there is one tells of them."""
        return bool(self.numeros)

    @property
    def iniciais(self) -> tuple[str, ...]:
        """The terms that are starts of words, of any name."""
        return (*self.inicios, *self.maes)

    def parametros(self) -> dict[str, Any]:
        """Give what is looked up by name: the terms that stand in lists, and all that each number may be."""
        numeros = {
            f"{campo}{n}": valor
            for n, numero in enumerate(self.numeros)
            for campo, valor in (
                ("termos", list(numero.termos)),
                ("cpf", numero.cpf),
                ("cns", numero.cns),
                ("numero", numero.numero),
            )
        }
        em_listas = {f"termo{n}": termo for n, termo in enumerate(self.iniciais)}
        datas = {f"data{n}": data for n, data in enumerate(self.datas)}
        inteiras = {f"inteira{n}": termo for n, termo in enumerate((*map(palavra_inteira, self.inicios), *self.maes))}
        melhores = [*self.inteiro, *([palavra_inteira(self.parcial)] if self.parcial else [])]
        return {"inteiro": self.inteiro, "melhores": melhores, **inteiras, **em_listas, **datas, **numeros}


def ler_busca(texto: str | None, filtro: FiltroDePacientes | None = None) -> Busca | None:
    """Read what was typed; None when it can't find anyone (only signs, or a number that nobody can have).

    Raises:
        RequisicaoInvalida: over 200 characters.
    """
    digitado = texto or ""
    exigir_curta(digitado)
    plano = _plano(digitado)
    datas, documentos, corridas, nomes = _partes_de(plano) if _DIGITO.search(plano) else ([], [], [], plano)
    palavras_do_nome = inicios(nomes)
    com_nome = bool(palavras_do_nome or datas)
    numeros = [*documentos, *(_numero(texto, com_nome, sigla) for sigla, texto in corridas)]
    inteiro = dict.fromkeys(map(nome_inteiro, dict.fromkeys((nomes, digitado)))) if palavras_do_nome else ()
    lida = Busca(palavras_do_nome, tuple(inteiro), (), tuple(datas), tuple(numeros))
    lida = _filtrada(lida, filtro) if filtro is not None else lida
    nada = not (lida.iniciais or lida.de_poucos) and bool(digitado.strip())
    sem_ninguem = any(numero == Numero() for numero in lida.numeros)
    return None if nada or sem_ninguem or len(lida.numeros) + len(lida.datas) > _MAIS_TERMOS else lida


def _partes_de(plano: str) -> tuple[list[str], list[Numero], list[tuple[str, str]], str]:
    """Give the terms of birth dates in a text, its documents, its numbers, and the rest of it."""
    sem_rotulos = _ROTULO.sub(_FIM, plano)
    datas, resto = _tirar_datas(plano if _SO_FINAIS.fullmatch(sem_rotulos) else sem_rotulos)
    documentos, resto = _tirar_documentos(resto)
    return datas, documentos, *_tirar_numeros(resto)


def _filtrada(lida: Busca, filtro: FiltroDePacientes) -> Busca:
    """Add what was typed field by field.

    Raises:
        RequisicaoInvalida: some of it is longer than it can be.
    """
    for campo, maior in (("telefone", 25), ("nome_da_mae", MAIOR_BUSCA), ("numero", 12)):
        if len(getattr(filtro, campo) or "") > maior:
            nome, *resto = campo.split("_")
            argumento = nome + "".join(map(str.title, resto))
            raise RequisicaoInvalida(f"Este campo tem até {maior} caracteres.", "filtro", argumento)
    numeros = list(lida.numeros)
    if filtro.cpf is not None:
        numeros.append(Numero(cpf=filtro.cpf))
    if filtro.cns is not None:
        numeros.append(Numero(cns=filtro.cns))
    if filtro.numero is not None:
        numeros.append(Numero(numero=ler_numero(filtro.numero)))
    if filtro.telefone is not None:
        digitos = re.sub(r"\D", "", filtro.telefone)
        digitos = digitos.lstrip("0") if len(digitos) >= _MENOR_TELEFONE else digitos
        numeros.append(Numero(termos=(do_telefone(digitos),) if len(digitos) >= _FINAL_DO_TELEFONE else ()))
    datas = lida.datas if filtro.nascimento is None else (*lida.datas, da_data(filtro.nascimento))
    maes = tuple(map(da_mae, inicios(filtro.nome_da_mae)))
    if filtro.nome_da_mae is not None and not maes:
        numeros.append(Numero())
    return replace(lida, numeros=tuple(numeros), datas=datas, maes=maes)


def _plano(texto: str) -> str:
    """Give what was typed with plain spaces and hyphens, and without commas."""
    if not texto.isascii():
        texto = "".join(letra for letra in texto.translate(_TRACOS) if unicodedata.category(letra) != "Cf")
    return " ".join(texto.replace(",", _FIM).replace(";", _FIM).split())


def _tirar_datas(texto: str) -> tuple[list[str], str]:
    """Give the terms of the birth dates in a text, and the text without them; what is no date stays."""
    datas: list[str] = []

    def tirar(achado: re.Match[str]) -> str:
        ano, mes, dia = achado.group(1, 2, 3) if achado[1] else achado.group(6, 5, 4)
        try:
            datas.append(da_data(date(int(ano), int(mes), int(dia))))
        except ValueError:
            return achado.group()
        return " "

    resto = _DATA.sub(tirar, texto)
    return datas, resto


def _tirar_documentos(texto: str) -> tuple[list[Numero], str]:
    """Give the documents in a text that have letters and digits, and the text without them."""
    achados = [um for um in _COM_LETRA.findall(texto) if any(map(str.isalpha, um))]
    for um in achados:
        texto = texto.replace(um, " ", 1)
    return [Numero(termos=(do_documento(um), *_sem_letras(um), *_do_nome(um))) for um in achados], texto


def _sem_letras(texto: str) -> tuple[str, ...]:
    """Give the digits of a document that was typed with the letters of its state, as it may be registered without."""
    achado = _COM_SIGLA.fullmatch(texto)
    return (do_documento(achado[1]),) if achado and len(re.sub(r"\D", "", achado[1])) >= _MENOR_COM_SIGLA else ()


def _do_nome(texto: str) -> tuple[str, ...]:
    """Give the start of a word of a name that has digits, as the newborn and the unknown have: RN2, 40, 3º."""
    lidas = inicios(texto)
    return lidas if len(lidas) == 1 else ()


def _tirar_numeros(texto: str) -> tuple[list[tuple[str, str]], str]:
    """Give the numbers in a text, each with the one or two letters that stand before it, and the text without them.

    ``MG 12.345.678`` is a document of Minas Gerais. Whoever is called Li, and was typed so before a number, is found by
    the number.
    """
    achados: list[tuple[str, str]] = []

    def tirar(achado: re.Match[str]) -> str:
        partes = _partes(achado["numero"].split())
        sigla = achado["sigla"] or ""
        com_sigla = len(re.sub(r"\D", "", partes[0])) >= _MENOR_COM_SIGLA
        achados.extend((sigla if com_sigla and not n else "", parte) for n, parte in enumerate(partes))
        return " " if com_sigla else f" {sigla} "

    return achados, _CORRIDA.sub(tirar, texto)


def _partes(grupos: list[str]) -> list[str]:
    """Join digits that were typed with spaces between into the fewest numbers that somebody can have."""
    digitos = [re.sub(r"\D", "", grupo) for grupo in grupos]
    cabem: dict[int, list[str]] = {0: []}
    for ate in range(1, len(grupos) + 1):
        junto = ""
        for de in reversed(range(ate)):
            junto = digitos[de] + junto
            if len(junto) > _CNS:
                break
            if de in cabem and _cabe(junto):
                partes = [*cabem[de], " ".join(grupos[de:ate])]
                cabem[ate] = min(cabem.get(ate, partes), partes, key=len)  # of as many, the longer ones first
            if "(" in grupos[de] or (de and "-" in grupos[ate - 1] and "-" in grupos[de - 1]):
                break  # where a number begins, or the one before it ends
    return cabem.get(len(grupos)) or [" ".join(grupos)]


def _cabe(digitos: str) -> bool:
    if len(digitos) != _CNS:
        return _FINAL_DO_TELEFONE <= len(digitos) <= _MAIOR_TELEFONE
    try:
        return bool(ler_cns(digitos))
    except ValorInvalido:
        return False


def _numero(texto: str, com_nome: bool, sigla: str = "") -> Numero:
    """Give all that a number may be; the last digits of a telephone find somebody beside a name or a date alone."""
    digitos = re.sub(r"\D", "", texto)
    termos = [do_documento(digitos), *(_do_nome(digitos) if len(digitos) < _MENOR_TELEFONE else ())]
    termos += [do_documento(sigla + digitos)] if sigla else []
    if len(digitos) >= _MENOR_TELEFONE or (com_nome and len(digitos) == _FINAL_DO_TELEFONE):
        termos.append(do_telefone(digitos.lstrip("0") if len(digitos) >= _MENOR_TELEFONE else digitos))
    return Numero(
        cpf=digitos if len(digitos) == 11 else None,
        cns=digitos if len(digitos) == 15 else None,
        numero=ler_numero(digitos),
        termos=tuple(termos),
    )
