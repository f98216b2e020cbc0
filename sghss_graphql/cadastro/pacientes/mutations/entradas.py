"""What is typed of a paciente is read field by field, and all that is wrong is told at once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from strawberry import UNSET

from sghss_graphql.cadastro.pacientes.regras import Codigos
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.pessoas import regras
from sghss_graphql.cadastro.pessoas.types import Ficha, Pessoa
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.machinery.database import DuplicateKey
from sghss_graphql.vocabulario.errors import Formulario, Recusa, valor_invalido
from sghss_graphql.vocabulario.texto import ordem

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


def ja_cadastrado(duplicada: DuplicateKey) -> Recusa:
    """Make the refusal of what a unique key refused, told as what it is."""
    if duplicada.key == "paciente_cns":
        return Recusa(Codigos.CNS_JA_CADASTRADO, "Já existe um paciente com este CNS.", "input", "cns")
    if duplicada.key in ("paciente_de_uma_pessoa", *usuarios.CHAVES_DO_CPF):
        return usuarios.cpf_ja_cadastrado()
    raise duplicada


def ler_textos(formulario: Formulario, enviado: Any, hoje: date) -> dict[str, Any]:
    """Read the texts and dates that were sent: the pessoa's columns by name; what wasn't sent isn't among them."""
    lidos: dict[str, Any] = {}
    for campo, ler in _LEITORES.items():
        valor = getattr(enviado, campo, UNSET)
        if valor is not UNSET:
            lidos[campo] = formulario.ler(ler, valor, "input", _camelo(campo))
    nascimento = getattr(enviado, "nascimento", UNSET)
    if nascimento is not UNSET:
        lidos["nascimento"] = nascimento and formulario.ler(regras.nascimento, nascimento, hoje, "input", "nascimento")
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
        endereco=regras.endereco(formulario, onde, "input", "endereco") if onde else None,
        sem_endereco=onde is None,
        documentos=None
        if documentos is UNSET
        else regras.documentos(formulario, documentos or [], "input", "documentosDeIdentificacao"),
        contatos=None if contatos is UNSET else regras.contatos(formulario, contatos or [], "input", "contatos"),
    )


def mudado(atual: Paciente, lidos: Mapping[str, Any]) -> Paciente:
    """Give a registration with what was read."""
    return replace(atual, **com_ordem(lidos))


def exigir_mudanca(atual: Paciente, novo: Paciente, antes: Ficha, ficha: Ficha) -> None:
    """Refuse what would change nothing.

    Raises:
        Recusa: VALOR_INVALIDO.
    """
    muda_a_ficha = (
        (ficha.endereco is not None and ficha.endereco != antes.endereco)
        or (ficha.sem_endereco and antes.endereco is not None)
        or (ficha.documentos is not None and ficha.documentos != antes.documentos)
        or (ficha.contatos is not None and ficha.contatos != antes.contatos)
    )
    if novo == atual and not muda_a_ficha:
        raise valor_invalido("Nada muda: envie o que é diferente do que há.", "input")


def exigir_versao(paciente: Paciente, versao: int | None) -> None:
    """Go on only with what the caller saw, if they say what they saw.

    Raises:
        Recusa: CONFLITO_DE_VERSAO, with the paciente as they are now.
    """
    if versao is not None and versao != paciente.versao:
        raise usuarios.conflito_de_versao(paciente=paciente)


def _camelo(campo: str) -> str:
    primeira, *outras = campo.split("_")
    return primeira + "".join(parte.title() for parte in outras)


def _nome(texto: str | None, *campo: str) -> str:
    return regras.nome(texto or "", *campo)


def _nome_ou_nada(texto: str | None, *campo: str) -> str | None:
    return regras.nome(texto, *campo) if texto and texto.strip() else None


def _nacionalidade(texto: str | None, *campo: str) -> str | None:
    return regras.texto_curto(texto, MAIOR_NACIONALIDADE, *campo)


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
    "email": regras.email,
    "telefone": regras.telefone,
    "nacionalidade": _nacionalidade,
    "raca_cor": _presente,
    "sexo": _presente,
    "cns": _como_veio,
}
