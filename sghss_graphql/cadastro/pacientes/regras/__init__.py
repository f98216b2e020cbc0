"""What a registration is: its texts, its hospital's number, an age; a search is read in ``busca``."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from strawberry import UNSET

from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.pessoas import regras as pessoas
from sghss_graphql.cadastro.pessoas.types import Ficha, Pessoa
from sghss_graphql.vocabulario.atos import Ato, Leitura, Nomeia
from sghss_graphql.vocabulario.errors import CodigoDeErro, Formulario, valor_invalido
from sghss_graphql.vocabulario.texto import ordem


class Codigos(CodigoDeErro):
    """Of pacientes."""

    CNS_JA_CADASTRADO = 4, "Já existe um paciente com este Cartão Nacional de Saúde.", True
    POSSIVEL_DUPLICADO = 19, "Já há quem pode ser a mesma pessoa."


class Leituras(Leitura):
    """What is read of a paciente."""

    LER_CADASTRO = "Viu o cadastro de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO


class Atos(Ato):
    """What becomes of a registration."""

    CADASTRAR_PACIENTE = "Cadastrou um paciente.", Nomeia.PACIENTE, Nomeia.ALVO
    EXPORTAR_PACIENTES = "Exportou o cadastro de todos os pacientes para um arquivo.", Nomeia.CAMPO
    ATUALIZAR_MEU_CONTATO = "Corrigiu o próprio contato.", Nomeia.PACIENTE, Nomeia.ALVO
    CORRIGIR_CPF_DO_PACIENTE = (
        "Corrigiu o CPF de um paciente, e a conta que ele abria foi fechada.",
        Nomeia.PACIENTE,
        Nomeia.ALVO,
    )
    ATUALIZAR_PACIENTE = "Corrigiu ou completou o cadastro de um paciente.", Nomeia.PACIENTE, Nomeia.ALVO


def escrever_numero(numero: int | None) -> str:
    """Write the hospital's number of a paciente with its check digit (ISO/IEC 7064, MOD 11,10): ``1234-5``.

    Where nobody asked for it there is none.
    """
    return "" if numero is None else f"{numero}-{_verificador(str(numero))}"


def ler_numero(texto: str) -> int | None:
    """Read the hospital's number of a paciente, with or without its hyphen; None if its check digit is wrong."""
    digitos = texto.strip().replace("-", "")
    if not (digitos.isascii() and digitos.isdecimal() and 2 <= len(digitos) <= _MAIOR_NUMERO):
        return None
    return int(digitos[:-1]) if _verificador(digitos[:-1]) == digitos[-1] else None


def _verificador(digitos: str) -> str:
    resto = 10
    for digito in digitos:
        resto = (resto + int(digito)) % 10 or 10
        resto = resto * 2 % 11
    return str((11 - resto) % 10)


def idade(nascimento: date, hoje: date) -> int:
    """Count the full years of somebody's life; who is born on 29 February has their birthday on 1 March."""
    return hoje.year - nascimento.year - ((hoje.month, hoje.day) < (nascimento.month, nascimento.day))


_MAIOR_NUMERO = 11  # digits, the check digit too

MAIOR_NACIONALIDADE = 60  # characters


def pessoa_de(paciente: Paciente) -> Pessoa:
    """Give what of a registration is the pessoa's."""
    return Pessoa(
        chave=paciente.pessoa,
        cpf=paciente.cpf,
        nome=paciente.nome,
        ordem=paciente.ordem,
        criado_em=paciente.criado_em,
        nome_social=paciente.nome_social,
        nome_da_mae=paciente.nome_da_mae,
        mae_ordem=paciente.mae_ordem,
        nascimento=paciente.nascimento,
        email=paciente.email,
        telefone=paciente.telefone,
        raca_cor=paciente.raca_cor,
        nacionalidade=paciente.nacionalidade,
        obito_em=paciente.obito_em,
        versao=paciente.versao,
    )


def ler_textos(formulario: Formulario, enviado: Any, hoje: date) -> dict[str, Any]:
    """Read the texts and dates that were sent: the pessoa's columns by name; what wasn't sent isn't among them."""
    lidos: dict[str, Any] = {}
    for campo, ler in _LEITORES.items():
        valor = getattr(enviado, campo, UNSET)
        if valor is not UNSET:
            lidos[campo] = formulario.ler(ler, valor, "input", _camelo(campo))
    nascimento = getattr(enviado, "nascimento", UNSET)
    if nascimento is not UNSET:
        lidos["nascimento"] = nascimento and formulario.ler(pessoas.nascimento, nascimento, hoje, "input", "nascimento")
    return lidos


def com_ordem(lidos: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was read, with the names folded too."""
    todos = dict(lidos)
    if todos.get("nome") is not None:
        todos["ordem"] = ordem(todos["nome"])
    if "nome_da_mae" in todos:
        todos["mae_ordem"] = None if todos["nome_da_mae"] is None else ordem(todos["nome_da_mae"])
    return todos


def ler_ficha(formulario: Formulario, enviado: Any) -> Ficha:
    """Read the address, the documents and the contacts that were sent; null takes them away."""
    onde, documentos, contatos = (
        getattr(enviado, campo, UNSET) for campo in ("endereco", "documentos_de_identificacao", "contatos")
    )
    return Ficha(
        endereco=pessoas.endereco(formulario, onde, "input", "endereco") if onde else None,
        sem_endereco=onde is None,
        documentos=None
        if documentos is UNSET
        else pessoas.documentos(formulario, documentos or [], "input", "documentosDeIdentificacao"),
        contatos=None if contatos is UNSET else pessoas.contatos(formulario, contatos or [], "input", "contatos"),
    )


def _camelo(campo: str) -> str:
    primeira, *outras = campo.split("_")
    return primeira + "".join(parte.title() for parte in outras)


def _nome(texto: str | None, *campo: str) -> str:
    return pessoas.nome(texto or "", *campo)


def _nome_ou_nada(texto: str | None, *campo: str) -> str | None:
    return pessoas.nome(texto, *campo) if texto and texto.strip() else None


def _nacionalidade(texto: str | None, *campo: str) -> str | None:
    return pessoas.texto_curto(texto, MAIOR_NACIONALIDADE, *campo)


def _presente(valor: object, *campo: str) -> object:
    if valor is None:
        raise valor_invalido("Este campo não fica sem valor.", *campo)
    return valor


def _como_veio(valor: object, *_: str) -> object:
    return valor


_LEITORES: dict[str, Callable[..., object]] = {
    "nome": _nome,
    "nome_social": _nome_ou_nada,
    "nome_da_mae": _nome_ou_nada,
    "email": pessoas.email,
    "telefone": pessoas.telefone,
    "nacionalidade": _nacionalidade,
    "raca_cor": _presente,
    "sexo": _presente,
    "cns": _como_veio,
}
