"""``pacientes importar`` and ``exportar``: registrations out of a list and into one, a few at a time, however many."""

import csv
import itertools
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO, TypeVar

import click

from sghss_graphql.cadastro.pacientes import porta
from sghss_graphql.cadastro.pacientes.regras import com_ordem, ler_ficha, ler_textos
from sghss_graphql.cadastro.pacientes.types import Paciente, Sexo
from sghss_graphql.cadastro.pessoas.regras import obito
from sghss_graphql.cadastro.pessoas.types import EnderecoInput, Ficha, RacaCor
from sghss_graphql.cadastro.usuarios import porta as usuarios
from sghss_graphql.comando.contas import with_services
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.auditoria.atos import Autor
from sghss_graphql.context import Servicos
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.settings import Settings
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.errors import Formulario, Recusa, SghssError, valor_invalido
from sghss_graphql.vocabulario.scalars import ValorInvalido, ler_cns, ler_cpf
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import planas
from sghss_graphql.vocabulario.uf import UF

T = TypeVar("T")
_DE_UMA_VEZ = 100  # lines between two steps of the bar
_ENDERECO = ("cep", "logradouro", "endereco_numero", "complemento", "bairro", "municipio", "uf", "pais")
_NOMES = ("nome", "nome_social", "nome_da_mae")
_TEXTOS = (*_NOMES, "nacionalidade", "email", "telefone")
_COLUNAS = (*_TEXTOS, "cpf", "cns", "nascimento", "sexo", "raca_cor", *_ENDERECO, "obito_em")
_SO_DE_SAIDA = ("numero", "criado_em")
_PELO_NOME = {nome.replace("_", ""): nome for nome in (*_COLUNAS, *_SO_DE_SAIDA)} | {
    "datadenascimento": "nascimento",
    "datadoobito": "obito_em",
    "cartaosus": "cns",
    "mae": "nome_da_mae",
}
_DATA = re.compile(r"(?:(\d{4})-(\d\d)-(\d\d)|(\d{1,2})/(\d{1,2})/(\d{4}))", re.ASCII)
_A_MAIS = "linha"  # cells after the last column
_FORMULAS = ("=", "+", "-", "@")


class ArquivoInvalido(SghssError):
    """The file can't be read as a list of pacientes; the text says why, and what to do."""


@dataclass(slots=True)
class _Contas:
    """What became of the lines."""

    feitas: int = 0
    recusadas: int = 0
    ultima: int = 0


def import_file(settings: Settings, arquivo: Path, *, ensaio: bool, a_partir_da: int, mesmo_se_duplicado: bool) -> bool:
    """Register those of a file, each line whole or not at all; tell if none was refused.

    What was done stays when it is interrupted, and the last line is told, from which to go on.
    """
    contas = _Contas(ultima=a_partir_da - 1)

    async def work(servicos: Servicos) -> None:
        hoje = servicos.hoje()
        with arquivo.open(encoding="utf-8-sig", newline="") as texto, _bar(arquivo, texto) as bar:
            for numero, linha in _linhas(texto):
                bar()
                if numero < a_partir_da:
                    continue
                try:
                    paciente, ficha = _ler(linha, hoje)
                    await servicos.db.transaction(_registrar(paciente, ficha, mesmo_se_duplicado, ensaio=ensaio))
                    contas.feitas += 1
                except _Ensaiado:
                    contas.feitas += 1
                except Recusa as recusa:
                    contas.recusadas += 1
                    click.echo(f"linha {numero}: {_porque(recusa)}")
                contas.ultima = numero

    try:
        with_services(settings, work)
    except BaseException as failure:
        if contas.feitas or contas.recusadas:
            feito = "Nada foi gravado" if ensaio else "O que foi feito fica"
            click.echo(f"Interrompido. {feito}; para continuar: --a-partir-da-linha {contas.ultima + 1}")
        if isinstance(failure, UnicodeDecodeError):
            raise ArquivoInvalido("O arquivo não está em UTF-8: salve-o como CSV UTF-8, e importe de novo.") from None
        raise
    feitas = "seriam cadastrados" if ensaio else "cadastrados"
    click.echo(f"{contas.feitas} {feitas}, {contas.recusadas} recusados, até a linha {contas.ultima}.")
    return contas.recusadas == 0


def export_file(settings: Settings, arquivo: Path, cpf: str, senha: str) -> None:
    """Write all registrations into a file, for an administrador who says who they are."""
    lido = ler_cpf(cpf)

    async def work(servicos: Servicos) -> int:
        conta = await usuarios.provar(servicos, lido, senha)
        if conta is None or Papel.ADMINISTRADOR not in conta.papeis:
            raise ArquivoInvalido("CPF ou senha não conferem, ou não é um administrador.")
        por = Autor(conta.usuario, tuple(sorted(papel.name for papel in conta.papeis)))
        quantos = 0
        with _novo(arquivo) as texto:
            escritor = csv.writer(texto)
            escritor.writerow((*_COLUNAS, *_SO_DE_SAIDA))
            async for paciente, ficha in porta.exportar(servicos.db, por):
                escritor.writerow(_como_linha(paciente, ficha))
                quantos += 1
        return quantos

    try:
        quantos = with_services(settings, work)
    except FileExistsError:
        raise ArquivoInvalido("Já há um arquivo com este nome: escolha outro.") from None
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        raise ArquivoInvalido(f"Não se pode criar {arquivo}: confira a pasta, e quem pode escrever nela.") from None
    click.echo(f"{quantos} pacientes em {arquivo}. São dados de saúde: guarde-os como tais.")


def _novo(arquivo: Path) -> TextIO:
    """Open a file that wasn't there, and that nobody else of the machine may read."""
    arquivo.touch(0o600, exist_ok=False)
    return arquivo.open("w", encoding="utf-8-sig", newline="")


class _Ensaiado(Exception):
    """The line could be registered."""


def _registrar(
    paciente: Paciente, ficha: Ficha, mesmo_se_duplicado: bool, *, ensaio: bool
) -> Callable[[Transaction], Awaitable[None]]:
    async def work(tx: Transaction) -> None:
        await porta.importar(tx, paciente, ficha, mesmo_se_duplicado=mesmo_se_duplicado)
        if ensaio:
            raise _Ensaiado

    return work


def _linhas(texto: TextIO) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Give each line with its number in the file, by the names of the columns, whichever of , and ; separates them."""
    primeira = texto.readline()
    separador = ";" if primeira.count(";") > primeira.count(",") else ","
    colunas = [_coluna(nome) for nome in next(csv.reader([primeira], delimiter=separador), [])]
    if "numero" in colunas and "logradouro" in colunas and "endereco_numero" not in colunas:
        colunas[colunas.index("numero")] = "endereco_numero"  # the hospital's own is in lists that it wrote, with both
    while colunas and not colunas[-1]:
        colunas.pop()  # what a spreadsheet leaves at the end
    desconhecidas = [nome for nome in colunas if nome not in (*_COLUNAS, *_SO_DE_SAIDA)]
    repetidas = [nome for nome in _COLUNAS if colunas.count(nome) > 1]
    if "nome" not in colunas or desconhecidas or repetidas:
        falta = "falta a coluna nome" if "nome" not in colunas else f"não conheço {', '.join(desconhecidas)}"
        falta = f"há duas vezes {', '.join(repetidas)}" if repetidas else falta
        raise ArquivoInvalido(f"A primeira linha traz os nomes das colunas: {falta}. São: {', '.join(_COLUNAS)}.")
    leitor = csv.reader(texto, delimiter=separador, strict=True)
    ate = 1
    try:
        for linha in leitor:
            ate = leitor.line_num + 1
            if any(map(str.strip, linha)):
                a_mais = list(filter(str.strip, linha[len(colunas) :]))
                dados = dict(itertools.zip_longest(colunas, linha[: len(colunas)], fillvalue=""))
                yield ate, dados | ({_A_MAIS: separador.join(a_mais)} if a_mais else {})
    except csv.Error as erro:
        aspas = "há aspas que não se fecham, ou algo entre elas e o separador"
        porque = (
            f"um valor passa de {csv.field_size_limit()} caracteres (talvez aspas que não se fecham)"
            if "field limit" in str(erro)
            else aspas
        )
        raise ArquivoInvalido(f"Depois da linha {ate} {porque}: corrija, e continue.") from None


def _coluna(nome: str) -> str:
    """Read the name of a column: nomeDaMae, nome_da_mae, NOME DA MÃE are one; E-mail is email, Raça/Cor raca_cor."""
    letras = "".join(filter(str.isalnum, planas(nome)))
    return _PELO_NOME.get(letras, nome.strip())


def _ler(linha: Mapping[str, str], hoje: date) -> tuple[Paciente, Ficha]:
    """Read a line as the desk's form is read; all that is wrong with it is told at once."""
    dados = {nome: valor.strip() for nome, valor in linha.items() if valor.strip()}
    with Formulario() as formulario:
        ler = formulario.ler
        ler(_sem_mais, dados.get(_A_MAIS))
        for nome, valor in dados.items():
            ler(_uma_linha, nome, valor)
        escrito: dict[str, Any] = {nome: dados.get(nome) for nome in _TEXTOS if nome == "nome" or nome in dados}
        if "nascimento" in dados:
            escrito["nascimento"] = ler(_data, dados["nascimento"], "nascimento")
        if any(nome in dados for nome in _ENDERECO):
            onde = {nome.removeprefix("endereco_"): dados.get(nome) for nome in _ENDERECO}
            escrito["endereco"] = EnderecoInput(**{**onde, "uf": ler(_membro, UF, dados.get("uf"), "uf")})
        enviado = SimpleNamespace(**escrito)
        lidos = com_ordem(ler_textos(formulario, enviado, hoje))
        faltam = dict.fromkeys(("nome_social", "nome_da_mae", "nascimento", "nacionalidade", "email", "telefone"))
        paciente = Paciente(
            chave=ids.nova_chave(),
            versao=1,
            numero="",
            cpf=ler(_documento, ler_cpf, dados.get("cpf"), "cpf"),
            cns=ler(_documento, ler_cns, dados.get("cns"), "cns"),
            sexo=ler(_membro, Sexo, dados.get("sexo"), "sexo") or Sexo.NAO_INFORMADO,
            raca_cor=ler(_membro, RacaCor, dados.get("raca_cor"), "raca_cor") or RacaCor.NAO_INFORMADA,
            criado_em=agora(),
            obito_em=ler(_obito, dados.get("obito_em"), lidos.get("nascimento"), hoje),
            pessoa=ids.nova_chave(),
            **{**faltam, "nome": "", "ordem": "", **lidos},
        )
        return paciente, ler_ficha(formulario, enviado)


def _sem_mais(texto: str | None) -> None:
    if texto is not None:
        raise valor_invalido(f"Há mais valores do que colunas ({texto[:40]}): ponha entre aspas o que tem separadores.")


def _uma_linha(nome: str, texto: str) -> None:
    """Refuse a value that may be several: quotes that close lines later, another separator than the first line's."""
    if "\n" in texto or "\r" in texto:
        raise valor_invalido("Há uma quebra de linha num valor: confira as aspas.", nome)
    if nome in _NOMES and any(separador in texto for separador in ",;\t"):
        raise valor_invalido("Há um separador num nome: confira o separador e as aspas.", nome)


def _obito(texto: str | None, nascimento: date | None, hoje: date) -> date | None:
    return None if texto is None else obito(_data(texto, "obito_em"), nascimento, hoje, "obito_em")


def _data(texto: str, campo: str) -> date:
    achado = _DATA.fullmatch(texto)
    try:
        ano, mes, dia = achado.group(*((1, 2, 3) if achado[1] else (6, 5, 4))) if achado else ("0", "0", "0")
        return date(int(ano), int(mes), int(dia))
    except ValueError:
        raise valor_invalido("Data inválida: escreva 12/03/1980 ou 1980-03-12.", campo) from None


def _documento(ler: Callable[[str], T], texto: str | None, campo: str) -> T | None:
    try:
        return None if texto is None else ler(texto)
    except ValorInvalido as invalido:
        raise valor_invalido(invalido.message, campo) from None


def _membro(enum: Any, texto: str | None, campo: str) -> Any:
    if texto is None:
        return None
    achado = enum.__members__.get(planas(texto).upper().replace(" ", "_"))
    if achado is None:
        raise valor_invalido(f"Valor desconhecido: use {', '.join(enum.__members__)}.", campo)
    return achado


def _porque(recusa: Recusa) -> str:
    return "; ".join(f"{uma.campo[-1] if uma.campo else 'linha'}: {uma.mensagem}" for uma in recusa.todas)


def _como_linha(paciente: Paciente, ficha: Ficha) -> list[str]:
    """Write a registration as it is read back; what a spreadsheet would take for a formula begins with a space."""
    onde = ficha.endereco
    valores: Iterable[Any] = (
        *(getattr(paciente, nome) for nome in _TEXTOS),
        *(paciente.cpf, paciente.cns, paciente.nascimento, paciente.sexo.name, paciente.raca_cor.name),
        *(getattr(onde, nome.removeprefix("endereco_"), None) for nome in _ENDERECO[:6]),
        onde.uf.name if onde and onde.uf else None,
        onde.pais if onde else None,
        *(paciente.obito_em, paciente.numero, f"{paciente.criado_em.isoformat()}Z"),
    )
    escritos = ("" if valor is None else str(valor) for valor in valores)
    return [f" {escrito}" if escrito.startswith(_FORMULAS) else escrito for escrito in escritos]


@contextmanager
def _bar(arquivo: Path, texto: TextIO) -> Iterator[Callable[[], None]]:
    """Show how much of the file was read, to whoever watches a terminal; it moves once in a hundred lines."""
    linhas = lidos = 0
    with click.progressbar(length=max(arquivo.stat().st_size, 1), label="  lendo", file=sys.stderr) as bar:

        def step() -> None:
            nonlocal linhas, lidos
            linhas += 1
            if linhas % _DE_UMA_VEZ == 0 and texto.seekable():
                aqui = texto.buffer.tell()
                bar.update(aqui - lidos)
                lidos = aqui

        yield step
