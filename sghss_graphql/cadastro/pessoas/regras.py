"""What people write about themselves is short, on one line, and has a form; by some of it they are found."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from validate_docbr import CNH, Certidao

from sghss_graphql.cadastro.pessoas.types import (
    Contato,
    ContatoInput,
    DocumentoDeIdentificacao,
    DocumentoDeIdentificacaoInput,
    Endereco,
    EnderecoInput,
    Pessoa,
    TipoDeDocumento,
)
from sghss_graphql.vocabulario.errors import CodigoDeErro, Formulario, Recusa, valor_invalido
from sghss_graphql.vocabulario.texto import (
    MAIOR_PALAVRA,
    digitos_de,
    inicios_das_palavras,
    linha,
    palavras,
    palavras_e_juntas,
)


class Codigos(CodigoDeErro):
    """Of pessoas."""

    MESMA_PESSOA = 15, "O profissional e o paciente são a mesma pessoa."


def mesma_pessoa(mensagem: str, *campo: str) -> Recusa:
    """Make the refusal of whoever would attend themself, or write about themself."""
    return Recusa(Codigos.MESMA_PESSOA, mensagem, *campo)


MAIOR_NOME = 200  # characters
_MENOR_JUSTIFICATIVA, _MAIOR_JUSTIFICATIVA = 10, 1_000  # characters
_MAIS_PALAVRAS_NUM_NOME = 20
_TELEFONE = re.compile(r"\+?[\d\s().-]{4,25}", re.ASCII)
_PAIS, _CODIGO_DO_PAIS = "BR", 55
_MENOR_COM_DDD = 10  # digits
_MAIOR_IDADE = 150  # years
_CEP = re.compile(r"(\d{5})-?(\d{3})", re.ASCII)
MAIS_DE_CADA = 10
"""Documents, or contacts, of one pessoa."""
_T = TipoDeDocumento
_PARECE_MATRICULA = re.compile(r"[\d ./-]{25,}", re.ASCII)
"""What nobody would write of a book, a leaf and a term."""
_NUMEROS: dict[TipoDeDocumento, tuple[re.Pattern[str], str]] = {
    _T.RG: (re.compile(r"(?=.*\d)[A-Z0-9./ -]{4,20}"), "RG inválido: escreva como no documento, como 12.345.678-9."),
    _T.CNH: (re.compile(r"[\d ./-]{11,16}", re.ASCII), "CNH inválida: confira os 11 dígitos do registro."),
    _T.PASSAPORTE: (re.compile(r"(?=.*\d)[A-Z0-9]{5,15}"), "Passaporte inválido: de 5 a 15 letras e dígitos."),
    _T.RNM: (re.compile(r"[A-Z]\d{6}-?[A-Z0-9]{1,2}"), "RNM inválido: escreva como no documento, como V123456-7."),
    _T.CERTIDAO_DE_NASCIMENTO: (re.compile(r"(?=.*\d).{1,40}"), "Escreva a matrícula, ou livro, folha e termo."),
    _T.DNV: (re.compile(r"(?=.*[1-9])\d{2}-?\d{8}-?\d", re.ASCII), "DNV inválida: confira os 11 dígitos."),
    _T.OUTRO: (re.compile(r".{1,40}"), "Escreva o número do documento."),
}


def justificativa(texto: str, *campo: str) -> str:
    """Read why registrations are joined or taken apart, or a CPF is corrected.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    lida = linha(texto, _MAIOR_JUSTIFICATIVA, *campo) if texto.strip() else ""
    if len(lida) < _MENOR_JUSTIFICATIVA or not any(map(str.isalpha, lida)):
        raise valor_invalido(f"Escreva por quê, de {_MENOR_JUSTIFICATIVA} a {_MAIOR_JUSTIFICATIVA} caracteres.", *campo)
    return lida


def nome(texto: str, *campo: str) -> str:
    """Read a person's name, kept to the letter: up to 20 words, at least one letter.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    lido = linha(texto, MAIOR_NOME, *campo)
    if not any(letra.isalpha() for letra in lido):
        raise valor_invalido("O nome precisa de letras.", *campo)
    if len(lido.split()) > _MAIS_PALAVRAS_NUM_NOME:
        raise valor_invalido(f"O nome tem até {_MAIS_PALAVRAS_NUM_NOME} palavras.", *campo)
    return lido


def email(texto: str | None, *campo: str) -> str | None:
    """Read an e-mail address, if there is one (RFC 5321, 6531; by email-validator, without asking the network).

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if texto is None or not texto.strip():
        return None
    try:
        return validate_email(texto.strip(), check_deliverability=False, strict=True).normalized
    except EmailNotValidError:
        raise valor_invalido("E-mail inválido: escreva como nome@exemplo.com.br.", *campo) from None


def telefone(texto: str | None, *campo: str) -> str | None:
    """Read a telephone number, if there is one; give it as E.164: ``+5511912345678``.

    Raises:
        Recusa: VALOR_INVALIDO; a number without DDD, too, or of another country without ``+``.
    """
    if texto is None or not texto.strip():
        return None
    try:
        lido = phonenumbers.parse(texto if _TELEFONE.fullmatch(texto.strip()) else "", _PAIS)
    except phonenumbers.NumberParseException:
        lido = None
    if lido is None or not phonenumbers.is_valid_number(lido) or _sem_ddd(lido):
        raise valor_invalido(
            "Telefone inválido: escreva com DDD, como (11) 91234-5678; o de outro país, com + e o código dele.", *campo
        )
    return phonenumbers.format_number(lido, phonenumbers.PhoneNumberFormat.E164)


def _sem_ddd(lido: phonenumbers.PhoneNumber) -> bool:
    """Tell whether a number is one of those that all of the country dials without a DDD, as 4004-1234."""
    return lido.country_code == _CODIGO_DO_PAIS and len(str(lido.national_number)) < _MENOR_COM_DDD


def nascimento(data: date, hoje: date, *campo: str) -> date:
    """Check a birth date: not in the future, not over 150 years ago.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if not hoje.year - _MAIOR_IDADE <= data.year or data > hoje:
        raise valor_invalido("Confira a data de nascimento.", *campo)
    return data


def obito(data: date | None, nascimento: date | None, hoje: date, *campo: str) -> date | None:
    """Check a date of death: not in the future, not over 150 years ago, not before the birth.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    antigo = data is not None and data.year < hoje.year - _MAIOR_IDADE
    if data is not None and (data > hoje or antigo or (nascimento is not None and data < nascimento)):
        raise valor_invalido("Confira a data do óbito: não é futura, nem anterior ao nascimento.", *campo)
    return data


def texto_curto(texto: str | None, maior: int, *campo: str) -> str | None:
    """Read a text of one line, if there is one.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    return linha(texto, maior, *campo) if texto and texto.strip() else None


def cep(texto: str | None, *campo: str) -> str | None:
    """Read a CEP, if there is one: 8 digits (Correios).

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    if texto is None or not texto.strip():
        return None
    lido = _CEP.fullmatch(texto.strip())
    if lido is None or lido[1] + lido[2] == "0" * 8:
        raise valor_invalido("CEP inválido: escreva os 8 dígitos, como 01310-100.", *campo)
    return lido[1] + lido[2]


@lru_cache(maxsize=1)
def paises() -> frozenset[str]:
    """Give the two letters of each country (ISO 3166-1, as IANA's time zones list it)."""
    linhas = (files("tzdata") / "zoneinfo/iso3166.tab").read_text(encoding="utf-8").splitlines()
    return frozenset(linha[:2] for linha in linhas if not linha.startswith("#"))


def pais(texto: str | None, *campo: str) -> str:
    """Read the two letters of a country; Brazil's where nothing is said.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    lido = (texto or "").strip().upper() or _PAIS
    if lido not in paises():
        raise valor_invalido("País desconhecido: escreva as duas letras da ISO 3166-1, como BR ou AR.", *campo)
    return lido


def endereco(formulario: Formulario, lido: EnderecoInput, *campo: str) -> Endereco:
    """Read an address; what is wrong is told field by field."""
    ler = formulario.ler
    onde = Endereco(
        cep=ler(cep, lido.cep, *campo, "cep"),
        logradouro=ler(texto_curto, lido.logradouro, 200, *campo, "logradouro"),
        numero=ler(texto_curto, lido.numero, 20, *campo, "numero"),
        complemento=ler(texto_curto, lido.complemento, 100, *campo, "complemento"),
        bairro=ler(texto_curto, lido.bairro, 100, *campo, "bairro"),
        municipio=ler(texto_curto, lido.municipio, 100, *campo, "municipio"),
        uf=lido.uf,
        pais=ler(pais, lido.pais, *campo, "pais"),
    )
    formulario.ler(_exigir_do_brasil, onde, *campo, "uf")
    formulario.ler(_exigir_algo, lido, *campo)
    return onde


def _exigir_algo(lido: EnderecoInput, *campo: str) -> None:
    escritos = {nome for nome, valor in vars(lido).items() if valor is not None and str(valor).strip()}
    if not escritos - {"pais"} and lido.pais in (_PAIS, None):
        raise valor_invalido("Escreva o endereço; para o remover, envie null.", *campo)


def _exigir_do_brasil(onde: Endereco, *campo: str) -> None:
    if onde.uf is not None and onde.pais not in (_PAIS, None):
        raise valor_invalido("Só um endereço do Brasil tem UF.", *campo)


def documentos(
    formulario: Formulario, lidos: Sequence[DocumentoDeIdentificacaoInput], *campo: str
) -> tuple[DocumentoDeIdentificacao, ...]:
    """Read identity documents, each once."""
    formulario.ler(_exigir_poucos, lidos, *campo)
    unicos: dict[tuple[TipoDeDocumento, str, str], DocumentoDeIdentificacao] = {}
    for n, lido in enumerate(lidos[:MAIS_DE_CADA]):
        um = DocumentoDeIdentificacao(
            tipo=lido.tipo,
            numero=formulario.ler(_numero_do_documento, lido.tipo, lido.numero, *campo, str(n), "numero"),
            orgao=formulario.ler(texto_curto, lido.orgao, 50, *campo, str(n), "orgao"),
            pais=formulario.ler(pais, lido.pais, *campo, str(n), "pais"),
        )
        unicos.setdefault((um.tipo, um.numero, um.pais), um)
    return tuple(unicos.values())


def contatos(formulario: Formulario, lidos: Sequence[ContatoInput], *campo: str) -> tuple[Contato, ...]:
    """Read whom to call in an emergency."""
    formulario.ler(_exigir_poucos, lidos, *campo)
    return tuple(
        Contato(
            nome=formulario.ler(nome, lido.nome, *campo, str(n), "nome"),
            parentesco=formulario.ler(texto_curto, lido.parentesco, 50, *campo, str(n), "parentesco"),
            telefone=formulario.ler(_telefone_de_contato, lido.telefone, *campo, str(n), "telefone"),
        )
        for n, lido in enumerate(lidos[:MAIS_DE_CADA])
    )


def _exigir_poucos(lidos: Sequence[object], *campo: str) -> None:
    if len(lidos) > MAIS_DE_CADA:
        raise valor_invalido(f"Informe até {MAIS_DE_CADA}.", *campo)


def _telefone_de_contato(texto: str, *campo: str) -> str:
    lido = telefone(texto, *campo)
    if lido is None:
        raise valor_invalido("Informe o telefone do contato, com DDD.", *campo)
    return lido


def _numero_do_documento(tipo: TipoDeDocumento, texto: str, *campo: str) -> str:
    """Read the number of a document by the rule of its type (Contran, CNJ, PF, SINASC)."""
    lido = linha(texto, 40, *campo)
    regra, mensagem = _NUMEROS[tipo]
    certidao_nova = tipo is TipoDeDocumento.CERTIDAO_DE_NASCIMENTO and _PARECE_MATRICULA.fullmatch(lido) is not None
    if not regra.fullmatch(lido.upper()):
        raise valor_invalido(mensagem, *campo)
    if tipo is TipoDeDocumento.CNH and not CNH().validate(digitos_de(lido, 11) or ""):
        raise valor_invalido(mensagem, *campo)
    if certidao_nova and (not Certidao().validate(digitos_de(lido, 32) or "") or not lido.strip(" 0./-")):
        raise valor_invalido("Matrícula inválida: confira os 32 dígitos da certidão.", *campo)
    return lido.upper() if tipo in (TipoDeDocumento.PASSAPORTE, TipoDeDocumento.RNM, TipoDeDocumento.RG) else lido


INDICE = 2
"""The rule by which a pessoa's terms are made; who has those of an older one gets new ones."""


def termos(pessoa: Pessoa, documentos: Sequence[DocumentoDeIdentificacao]) -> list[str]:
    """Give all that a pessoa is looked up by, each once.

    A start of a word of the names stands as it is, and the whole word with a point after it; the other kinds begin with
    a sign of their own, which no word has.
    """
    return list(dict.fromkeys(_termos(pessoa, documentos)))


def _termos(pessoa: Pessoa, documentos: Sequence[DocumentoDeIdentificacao]) -> Iterator[str]:
    yield from inicios_das_palavras(pessoa.nome, pessoa.nome_social)
    yield from map(palavra_inteira, palavras_e_juntas(pessoa.nome, pessoa.nome_social))
    for nome_todo in filter(None, (pessoa.nome, pessoa.nome_social)):
        yield nome_inteiro(nome_todo)
    yield from map(da_mae, inicios_das_palavras(pessoa.nome_da_mae))
    if pessoa.nascimento is not None:
        yield da_data(pessoa.nascimento)
    yield from _do_telefone(pessoa.telefone)
    for documento in documentos:
        yield from _do_documento(documento.numero)


def palavra_inteira(palavra: str) -> str:
    """Give the term of a whole word of a name."""
    return palavra[: MAIOR_PALAVRA - 1] + "."


def nome_inteiro(nome: str) -> str:
    """Give the term of a whole name: its words in one piece, however they are punctuated."""
    return "!" + "".join(palavras(nome))[: MAIOR_PALAVRA - 1]


def da_mae(inicio: str) -> str:
    """Give the term of a start of a word of the mother's name."""
    return "~" + inicio[: MAIOR_PALAVRA - 1]


def da_data(nascimento: date) -> str:
    """Give the term of a birth date."""
    return "=" + nascimento.isoformat()


def do_telefone(digitos: str) -> str:
    """Give the term of a telephone: all its digits, or those after the country's, after the DDD, or the last four."""
    return "+" + digitos


def do_documento(numero: str) -> str:
    """Give the term of a document: its letters and digits alone."""
    return "#" + "".join(palavras(numero.replace("-", "").replace(".", "").replace("/", "").replace(" ", "")))[:50]


def _do_documento(numero: str) -> Iterator[str]:
    """Give the term of a document, of its digits without the state's letters, of each piece that has digits."""
    yield do_documento(numero)
    yield do_documento(re.sub(r"^[A-Za-z]{1,3}(?=[\W_]*\d)", "", numero))
    if " " in numero:
        yield from (do_documento(pedaco) for pedaco in numero.split() if any(map(str.isdigit, pedaco)))


def _do_telefone(telefone: str | None) -> Iterator[str]:
    if telefone is None:
        return
    digitos = re.sub(r"\D", "", telefone)
    yield do_telefone(digitos)
    if telefone.startswith("+55"):
        yield do_telefone(digitos[2:])
        yield do_telefone(digitos[4:])
    if len(digitos) > 4:
        yield do_telefone(digitos[-4:])
