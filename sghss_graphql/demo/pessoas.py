"""Forty profissionais, two thousand pacientes and the four people who can log in; the same for the same seed."""

import random
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any

from faker import Faker

from sghss_graphql.atendimento.agenda.regras import HorasDeTrabalho
from sghss_graphql.cadastro.pacientes.types import Sexo
from sghss_graphql.cadastro.pessoas.types import (
    Contato,
    DocumentoDeIdentificacao,
    Endereco,
    Pessoa,
    RacaCor,
    TipoDeDocumento,
)
from sghss_graphql.cadastro.profissionais.regras import registro
from sghss_graphql.cadastro.profissionais.types import Conselho
from sghss_graphql.clinica.prontuarios.regras import impedimento
from sghss_graphql.clinica.prontuarios.types import TipoDeRegistro
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.demo.lugares import DIAS, unidade_de
from sghss_graphql.vocabulario.scalars import CNS, CPF, ler_cns
from sghss_graphql.vocabulario.texto import ordem, planas
from sghss_graphql.vocabulario.uf import UF

SENHA = "sghss-demo-2026"
PACIENTES = 2_000
REPETIDA = "Antônia Ferreira Lima"
"""Who came without documents one night, and was registered again."""


@dataclass(frozen=True, slots=True)
class PessoaDeDemonstracao:
    """Someone who can log in to the demo, with SENHA."""

    papel: Papel
    cpf: CPF
    nome: str


PESSOAS = (
    PessoaDeDemonstracao(Papel.PACIENTE, CPF("52998224725"), "Maria Aparecida da Conceição"),
    PessoaDeDemonstracao(Papel.PROFISSIONAL, CPF("11144477735"), "Carlos Eduardo Nogueira"),
    PessoaDeDemonstracao(Papel.RECEPCAO, CPF("39053344705"), "Juliana Martins Ribeiro"),
    PessoaDeDemonstracao(Papel.ADMINISTRADOR, CPF("16899535009"), "Roberto Almeida Campos"),
)
_DO_PAPEL = {pessoa.papel: pessoa for pessoa in PESSOAS}

_EXPEDIENTES = (
    ((0, 2, 4), (480, 720)),
    ((1, 3), (480, 720), (840, 1080)),
    ((0, 1, 2, 3), (780, 1020)),
    ((2, 4), (420, 660), (780, 1020)),
    ((0, 3, 5), (480, 720)),
)
"""Weekdays, then stretches in minutes after local midnight; profissionais take them in turn."""

_DDDS = (11, 11, 11, 11, 12, 13, 16, 19, 21, 31, 41, 71)
_PARENTES = ("mãe", "irmã", "filha", "vizinha", "esposa")
_UFS = (UF.SP, UF.SP, UF.SP, UF.SP, UF.RJ, UF.MG, UF.PR, UF.BA)


@dataclass(frozen=True, slots=True)
class Paciente:
    """A demo paciente; no CPF, no usuario."""

    chave: bytes
    usuario: bytes | None
    cpf: CPF | None
    nome: str
    nome_social: str | None
    nome_da_mae: str
    cns: CNS | None
    nascimento: date
    sexo: Sexo
    raca_cor: RacaCor
    email: str | None
    telefone: str
    endereco: Endereco
    documentos: tuple[DocumentoDeIdentificacao, ...]
    contatos: tuple[Contato, ...]
    criado_em: datetime

    @property
    def pessoa(self) -> bytes:
        """The key of who they are."""
        return self.chave

    def como_pessoa(self) -> Pessoa:
        """Give what of the registration is the pessoa's."""
        return Pessoa(
            chave=self.pessoa,
            cpf=self.cpf,
            nome=self.nome,
            ordem=ordem(self.nome),
            criado_em=self.criado_em,
            nome_social=self.nome_social,
            nome_da_mae=self.nome_da_mae,
            mae_ordem=ordem(self.nome_da_mae),
            nascimento=self.nascimento,
            email=self.email,
            telefone=self.telefone,
            raca_cor=self.raca_cor,
            nacionalidade="brasileira",
        )


@dataclass(frozen=True, slots=True)
class Profissional:
    """A demo profissional; ``clinica`` is their speciality's entry of clinica.toml."""

    chave: bytes
    usuario: bytes
    cpf: CPF
    nome: str
    conselho: Conselho
    numero: str
    uf: UF
    clinica: Mapping[str, Any]
    turnos: tuple[HorasDeTrabalho, ...]
    criado_em: datetime

    @property
    def pessoa(self) -> bytes:
        """The key of who they are."""
        return self.usuario

    @property
    def fuso(self) -> str:
        """The time zone of where they attend."""
        return DIAS[self.turnos[0].unidade].fuso

    @property
    def registro(self) -> str:
        """The registration, written out."""
        return registro(self.conselho.name, self.numero, self.uf.name)

    def escreve(self, tipo: TipoDeRegistro) -> bool:
        """Tell whether the profession may write an entry of a type, with the codes that the demo gives it."""
        return impedimento(self.conselho, tipo, com_cid10=False) is None

    def atende(self, paciente: Paciente, dia: date) -> bool:
        """Tell whether a paciente's age and sex fit the speciality."""
        idade = (dia - paciente.nascimento).days // 365
        sexo = self.clinica.get("sexo")
        return self.clinica.get("idade_minima", 0) <= idade <= self.clinica.get("idade_maxima", 120) and (
            sexo is None or sexo == paciente.sexo.name
        )


class Sorteio:
    """The one source of chance: a seeded generator, Brazilian names, and UUIDs that look as if made in time."""

    def __init__(self, semente: int) -> None:
        self.acaso = random.Random(semente)  # noqa: S311 - a demo must be the same each time
        self.nomes = Faker("pt_BR")
        self.nomes.seed_instance(semente)
        self._cpfs = {pessoa.cpf for pessoa in PESSOAS}

    def chave(self, instante: datetime) -> bytes:
        """Make a UUIDv7 (RFC 9562, section 5.7) of this instant, by the seed."""
        milissegundos = int((instante - datetime(1970, 1, 1)).total_seconds() * 1000)  # noqa: DTZ001 - naive UTC
        acaso = self.acaso.getrandbits(74)
        numero = milissegundos << 80 | 0x7 << 76 | (acaso >> 62) << 64 | 0b10 << 62 | acaso & (1 << 62) - 1
        return numero.to_bytes(16, "big")

    def cpf(self) -> CPF:
        """Make a valid CPF that nobody has yet."""
        while True:
            cpf = CPF(self.nomes.cpf().replace(".", "").replace("-", ""))
            if cpf not in self._cpfs:
                self._cpfs.add(cpf)
                return cpf

    def cns(self) -> CNS:
        """Make a valid provisional CNS: the last digit makes the weighted sum a multiple of 11."""
        while True:
            digitos = [7, *(self.acaso.randrange(10) for _ in range(13))]
            ultimo = -sum(digito * (15 - n) for n, digito in enumerate(digitos)) % 11
            if ultimo < 10:
                return ler_cns("".join(map(str, [*digitos, ultimo])))

    def nome(self, sexo: Sexo) -> str:
        """Make a name: a first name and two surnames."""
        primeiro = self.nomes.first_name_female() if sexo is Sexo.FEMININO else self.nomes.first_name_male()
        return f"{primeiro} {self.nomes.last_name()} {self.nomes.last_name()}"


def especialidades() -> list[Mapping[str, Any]]:
    """Read clinica.toml."""
    texto = (files("sghss_graphql.demo") / "clinica.toml").read_text(encoding="utf-8")
    lidas: list[Mapping[str, Any]] = tomllib.loads(texto)["especialidade"]
    return lidas


def profissionais(sorteio: Sorteio, agora: datetime) -> Iterator[Profissional]:
    """Make the profissionais; the first one is the demo's."""
    criado_em = agora - timedelta(days=1500)
    n = 0
    for clinica in especialidades():
        for _ in range(clinica["profissionais"]):
            demonstracao = _DO_PAPEL[Papel.PROFISSIONAL] if n == 0 else None
            dias, *trechos = _EXPEDIENTES[n % len(_EXPEDIENTES)]
            sexo = sorteio.acaso.choice((Sexo.FEMININO, Sexo.MASCULINO))
            yield Profissional(
                chave=sorteio.chave(criado_em + timedelta(hours=n)),
                usuario=sorteio.chave(criado_em + timedelta(hours=n)),
                cpf=demonstracao.cpf if demonstracao else sorteio.cpf(),
                nome=demonstracao.nome if demonstracao else sorteio.nome(sexo),
                conselho=Conselho[clinica.get("conselho", "CRM")],
                numero=str(52_310 + 1_379 * n),
                uf=_UFS[n % len(_UFS)],
                clinica=clinica,
                turnos=_turnos(n, dias, trechos, agora.date()),
                criado_em=criado_em,
            )
            n += 1


def _turnos(n: int, dias: Sequence[int], trechos: Sequence[tuple[int, int]], hoje: date) -> tuple[HorasDeTrabalho, ...]:
    """Make the week of a profissional; some work a Saturday in two, too, and some an evening for a while."""
    onde = unidade_de(n)
    semana = [HorasDeTrabalho(dia, inicio, fim, onde) for dia in dias for inicio, fim in trechos]
    if n % 8 == 2 and 5 not in dias:
        semana.append(HorasDeTrabalho(5, 480, 720, onde, desde=hoje - timedelta(days=60), semanas=2))
    if n % 8 == 6:
        semana.append(HorasDeTrabalho(2, 1110, 1260, onde, desde=hoje, ate=hoje + timedelta(days=90)))
    return tuple(semana)


def pacientes(sorteio: Sorteio, agora: datetime) -> Iterator[Paciente]:
    """Make the pacientes; the first one is the demo's, and the last two are one person, registered twice."""
    *outros, uma, outra = [
        _paciente(sorteio, agora, _DO_PAPEL[Papel.PACIENTE] if n == 0 else None) for n in range(PACIENTES)
    ]
    uma = replace(uma, nome=REPETIDA, nome_social=None, sexo=Sexo.FEMININO)
    outra = replace(
        outra,
        usuario=None,
        cpf=None,
        cns=None,
        nome=planas(REPETIDA).title(),
        nome_social=None,
        nome_da_mae=uma.nome_da_mae,
        nascimento=uma.nascimento,
        sexo=uma.sexo,
        email=None,
        documentos=(),
    )
    return iter([*outros, uma, outra])


def _paciente(sorteio: Sorteio, agora: datetime, demonstracao: PessoaDeDemonstracao | None) -> Paciente:
    acaso = sorteio.acaso
    criado_em = agora - timedelta(days=acaso.randrange(800, 2000), seconds=acaso.randrange(86_400))
    sexo = acaso.choices((Sexo.FEMININO, Sexo.MASCULINO, Sexo.INTERSEXO, Sexo.NAO_INFORMADO), (53, 45, 1, 1))[0]
    anos = acaso.choices((acaso.randrange(2, 14), acaso.randrange(14, 60), acaso.randrange(60, 95)), (18, 55, 27))[0]
    if demonstracao:
        sexo, anos = Sexo.FEMININO, 47
    com_cpf = demonstracao is not None or acaso.random() < 0.96
    nome = demonstracao.nome if demonstracao else sorteio.nome(sexo)
    return Paciente(
        chave=sorteio.chave(criado_em),
        usuario=sorteio.chave(criado_em) if com_cpf else None,
        cpf=(demonstracao.cpf if demonstracao else sorteio.cpf()) if com_cpf else None,
        nome=nome,
        nome_social=sorteio.nome(Sexo.FEMININO) if not demonstracao and acaso.random() < 0.015 else None,
        cns=sorteio.cns() if demonstracao or acaso.random() < 0.9 else None,
        nascimento=agora.date() - timedelta(days=anos * 365 + acaso.randrange(365)),
        sexo=sexo,
        email=sorteio.nomes.free_email() if acaso.random() < 0.7 else None,
        telefone=_telefone(acaso),
        criado_em=criado_em,
        nome_da_mae=sorteio.nome(Sexo.FEMININO),
        raca_cor=acaso.choices(list(RacaCor), (43, 10, 43, 1, 1, 2))[0],
        endereco=_endereco(sorteio),
        documentos=_documentos(acaso) if com_cpf and acaso.random() < 0.6 else (),
        contatos=(
            Contato(nome=sorteio.nome(Sexo.FEMININO), parentesco=acaso.choice(_PARENTES), telefone=_telefone(acaso)),
        ),
    )


def _telefone(acaso: random.Random) -> str:
    return f"+55{acaso.choice(_DDDS)}9{acaso.randrange(80_000_000, 99_999_999)}"


def _endereco(sorteio: Sorteio) -> Endereco:
    nomes, acaso = sorteio.nomes, sorteio.acaso
    return Endereco(
        cep=f"{acaso.randrange(1_000, 19_999):05}{acaso.randrange(1_000):03}",
        logradouro=nomes.street_name(),
        numero=str(acaso.randrange(1, 3_000)),
        bairro=nomes.bairro(),
        municipio="São Paulo",
        uf=UF.SP,
    )


def _documentos(acaso: random.Random) -> tuple[DocumentoDeIdentificacao, ...]:
    numero = f"{acaso.randrange(10, 60)}.{acaso.randrange(1_000):03}.{acaso.randrange(1_000):03}-{acaso.randrange(10)}"
    return (DocumentoDeIdentificacao(tipo=TipoDeDocumento.RG, numero=numero, orgao="SSP/SP"),)
