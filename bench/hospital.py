"""A hospital to measure, always the same rows: 100 pacientes, a profissional, 1,000 prontuários per 1,000 consultas.

The rows are the product's own: hash chains, cells, history, words of names. A quarter of the pacientes come often
(some 25 consultas each), the others seldom (five). Everybody works at every hour, so that any time can be booked.
"""

import hashlib
import itertools
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from sghss_graphql.app import grants, migrations
from sghss_graphql.atendimento.agenda.regras import Intervalo, celulas
from sghss_graphql.cadastro.pacientes.types import Sexo
from sghss_graphql.cadastro.pessoas.regras import termos
from sghss_graphql.cadastro.pessoas.types import Pessoa, RacaCor
from sghss_graphql.clinica.prontuarios.regras import SEM_ANTERIOR, Registro, calcular_hash
from sghss_graphql.confianca.acesso.chaves import secret_key
from sghss_graphql.confianca.acesso.token import LIFETIME, Identity, Tokens
from sghss_graphql.demo.carga import linha
from sghss_graphql.demo.lugares import CENTRAL
from sghss_graphql.demo.pessoas import Sorteio
from sghss_graphql.demo.store import INSERCOES
from sghss_graphql.machinery.database import Database
from sghss_graphql.machinery.database.binaries import find_or_unpack
from sghss_graphql.machinery.database.embedded import EmbeddedServer, create_database
from sghss_graphql.machinery.database.migrations import migrate
from sghss_graphql.machinery.database.statements import Scalar
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import agora
from sghss_graphql.vocabulario.texto import ordem

CACHE = Path("~/.cache/sghss").expanduser()
SECRET = "segredo-so-do-bench-com-mais-de-trinta-e-dois-bytes"  # noqa: S105 - of a server that lives for seconds
ISSUER, AUDIENCE = "sghss", "sghss-api"
DAY = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""The day after the last consulta that is there."""
BOOKABLE = datetime(2028, 1, 1, tzinfo=UTC).replace(tzinfo=None)
LENGTH = timedelta(minutes=15)
SLOTS = 40
"""Consultas of a profissional in a day."""
ENOUGH = "2099-01-01 00:00:00"
_ROWS = 1_000  # in one statement
_STATEMENTS = 50  # in one transaction
_WORDS = (  # noqa: SIM905 - a text is easier to read
    "paciente refere melhora do quadro sem queixas novas nega febre dispneia ou dor torácica ao exame bom estado geral"
    " corado hidratado eupneico afebril ausculta cardíaca com ritmo regular em dois tempos sem sopros murmúrio"
    " vesicular presente abdome flácido indolor membros sem edema pressão arterial controlada mantém medicação em uso"
    " orientado quanto a dieta e atividade física solicito exames de controle retorno em três meses"
).split()

Row = tuple[Scalar, ...]


@dataclass(frozen=True)
class Person:
    """Someone who asks: the keys of their usuario, session and registration, which is their pessoa's too."""

    usuario: bytes
    session: bytes
    chave: bytes

    def token(self) -> str:
        """Sign a token that is good for an hour from now on."""
        now = agora().replace(microsecond=0)
        tokens = Tokens([secret_key(SECRET.encode())], issuer=ISSUER, audience=AUDIENCE)
        return tokens.sign(Identity(self.usuario, self.session), now, now + timedelta(seconds=LIFETIME))


OF_A_SPECIALITY = 200
"""Profissionais of one speciality: whom a search for a time looks through, however large the hospital is."""


def _speciality(number: int) -> tuple[str, str]:
    """Give the speciality of a profissional, as it is written and in plain letters; the first ones have the usual."""
    group = number // OF_A_SPECIALITY
    return ("Clínica Médica", "clinica medica") if group == 0 else (f"Clínica {group}", f"clinica {group}")


class Hospital:
    """The rows of one size: every table a generator, the same each time."""

    def __init__(self, consultas: int) -> None:
        self.consultas = consultas
        draw = Sorteio(consultas)
        born = DAY - timedelta(days=2000)
        self.profissionais = [self._person(draw, born) for _ in range(max(consultas // 1_000, 1))]
        self.pacientes = [self._person(draw, born) for _ in range(consultas // 10)]
        self.desks = [self._person(draw, born) for _ in range(8)]
        self.reception = self.desks[0]
        self._draw = draw

    @staticmethod
    def _person(draw: Sorteio, born: datetime) -> Person:
        return Person(draw.chave(born), draw.chave(born), draw.chave(born))

    @cached_property
    def everybody(self) -> dict[bytes, Pessoa]:
        """All people, by their keys: the first thing that is drawn."""
        everyone = [*self.profissionais, *self.pacientes, *self.desks]
        names = [self._draw.nome(Sexo.FEMININO) for _ in everyone]
        cpfs = [self._draw.cpf() for _ in everyone]
        mothers = Sorteio(len(everyone))
        return {
            p.chave: _pessoa(p.chave, cpf, name, mothers.nome(Sexo.FEMININO), n)
            for n, (p, name, cpf) in enumerate(zip(everyone, names, cpfs, strict=True))
        }

    def tables(self) -> Iterator[tuple[str, Iterable[Row]]]:
        """Give each table's rows, in the order that foreign keys want."""
        people = [(self.profissionais, "PROFISSIONAL"), (self.pacientes, "PACIENTE"), (self.desks, "RECEPCAO")]
        everyone = [person for group, _ in people for person in group]
        everybody = self.everybody.values()
        yield (
            "pessoa",
            (linha(p) for p in everybody),
        )
        yield (
            "pessoa_inicio",
            ((term, p.ordem, p.chave) for p in everybody for term in termos(p, ())),
        )
        yield "usuario", ((p.usuario, p.chave, None, DAY, True, DAY) for p in everyone)
        yield "usuario_papel", ((person.usuario, papel) for group, papel in people for person in group)
        yield "sessao", ((person.session, person.usuario, DAY, ENOUGH) for person in everyone)
        yield (
            "paciente",
            ((p.chave, p.chave, self.everybody[p.chave].ordem, None, "FEMININO", DAY) for p in self.pacientes),
        )
        yield (
            "profissional",
            (
                (m.chave, m.chave, self.everybody[m.chave].ordem, "CRM", str(n + 1), "SP", "UTC", DAY)
                for n, m in enumerate(self.profissionais)
            ),
        )
        yield (
            "profissional_especialidade",
            ((m.chave, 0, *_speciality(n)) for n, m in enumerate(self.profissionais)),
        )
        yield (
            "turno",
            ((m.chave, day + 1, day, 0, 1440, CENTRAL, None, None, 1) for m in self.profissionais for day in range(7)),
        )
        yield "consulta", (_consulta(*one) for one in self._booked())
        yield "consulta_mudanca", (_step(one, self.reception.usuario) for one in self._booked())
        yield (
            "cuidado",
            (
                (key, m.chave, p.chave, "CONSULTA", start + LENGTH + timedelta(days=3_650))
                for key, p, m, start in self._booked()
            ),
        )
        yield (
            "tempo",
            ((who.chave, cell, key) for key, p, m, start in self._booked() for who in (m, p) for cell in _cells(start)),
        )
        yield "prontuario", self._records()

    def _booked(self) -> Iterator[tuple[bytes, Person, Person, datetime]]:
        """Give every consulta: key, paciente, profissional, start. At any instant each sees someone else."""
        draw = Sorteio(self.consultas + 1)
        often = len(self.pacientes) // 4
        days = -(-self.consultas // (len(self.profissionais) * SLOTS))
        places = itertools.product(range(days), range(SLOTS), enumerate(self.profissionais))
        for day, slot, (number, profissional) in itertools.islice(places, self.consultas):
            start = DAY - timedelta(days=days - day) + timedelta(hours=8) + slot * LENGTH
            moment = day * SLOTS + slot
            among = often if slot % 2 else len(self.pacientes)
            paciente = self.pacientes[(number + moment * 7919) % among]
            yield draw.chave(start), paciente, profissional, start

    def _records(self) -> Iterator[Row]:
        """Give a record for each consulta, chained for each paciente, of some 500 characters."""
        draw = Sorteio(self.consultas + 2)
        ends: dict[bytes, tuple[int, bytes]] = {}
        registrations = {m.chave: f"CRM {n + 1}/SP" for n, m in enumerate(self.profissionais)}
        texts = [" ".join(draw.acaso.choices(_WORDS, k=68)) for _ in range(500)]
        for number, (consulta, paciente, profissional, start) in enumerate(self._booked()):
            last, before = ends.get(paciente.chave, (0, SEM_ANTERIOR))
            record = Registro(
                chave=draw.chave(start),
                paciente=paciente.chave,
                numero=last + 1,
                profissional=profissional.chave,
                registro=registrations[profissional.chave],
                consulta=consulta,
                tipo="EVOLUCAO",
                texto=texts[number % len(texts)],
                cid10=(),
                retifica=None,
                justificativa=None,
                criado_em=start + LENGTH,
                hash_anterior=before,
            )
            seal = calcular_hash(record)
            ends[paciente.chave] = last + 1, seal
            yield (
                *(
                    record.chave,
                    record.paciente,
                    record.numero,
                    record.profissional,
                    record.registro,
                    record.forma,
                    record.consulta,
                ),
                *(record.tipo, record.texto, "", None, None, record.criado_em, record.hash_anterior, seal),
            )


_INSERT = {
    **INSERCOES,
    "sessao": "INSERT INTO sessao (id, usuario_id, criada_em, expira_em) VALUES %(rows)s",
}


def _pessoa(key: bytes, cpf: CPF, name: str, mother: str, n: int) -> Pessoa:
    """Make the n-th pessoa: 80 years of birth dates, and a telephone of their own."""
    return Pessoa(
        key,
        cpf,
        name,
        ordem(name),
        DAY,
        nome_da_mae=mother,
        mae_ordem=ordem(mother),
        nascimento=date(1930, 1, 1) + timedelta(days=n * 7919 % 29_220),
        telefone=f"+55119{80_000_000 + n * 13 % 20_000_000}",
        raca_cor=RacaCor.PARDA,
    )


def _cells(start: datetime) -> range:
    return celulas(Intervalo(start, start + LENGTH))


def _consulta(key: bytes, paciente: Person, profissional: Person, start: datetime) -> Row:
    made = start - timedelta(days=20)
    end = start + LENGTH
    how = "REALIZADA", "PRESENCIAL", "retorno de rotina"
    return key, paciente.chave, profissional.chave, start, end, *how, made, CENTRAL, True


def _step(one: tuple[bytes, Person, Person, datetime], by: bytes) -> Row:
    key, _, _, start = one
    return key, 1, "AGENDADA", start, start + LENGTH, None, by, start - timedelta(days=20)


async def loaded(hospital: Hospital, folder: Path, core: set[int]) -> EmbeddedServer:
    """Give a running server with the hospital in it, on these cores; loaded once for each version of the rows."""
    made_of = [Path(__file__).read_bytes(), *(repr(migration).encode() for migration in migrations())]
    version = hashlib.sha256(b"".join(made_of)).hexdigest()[:12]
    place = folder / f"{hospital.consultas}-{version}"
    if not (place / "pronto").exists():  # what was begun, and not ended, is begun anew
        shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    options = ["--innodb-buffer-pool-size=4G", "--innodb-log-file-size=512M", "--performance-schema=OFF"]
    server = EmbeddedServer(place, find_or_unpack(CACHE, print), options)
    await server.start()
    _pin(server.pid, core)
    done = place / "pronto"
    if not done.exists():
        await create_database(server, grants(), lambda db: migrate(db, migrations()))
        await _load(hospital, server)
        await _as_it_was(server)
        done.touch()
    return server


async def _load(hospital: Hospital, server: EmbeddedServer) -> None:
    db = Database(server.owner_url, statement_timeout=3600)
    await db.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2")
    for table, rows in hospital.tables():
        count = 0
        every = iter(rows)
        while part := list(itertools.islice(every, _ROWS * _STATEMENTS)):

            async def work(tx, part=part, table=table) -> None:
                for start in range(0, len(part), _ROWS):
                    tx.write_rows(_INSERT[table], part[start : start + _ROWS])
                    await tx.flush()

            await db.transaction(work)
            count += len(part)
            print(f"\r  {table}: {count:,} linhas", end="", flush=True)
        print()
    for table in _INSERT:
        await db.select(f"ANALYZE TABLE {table}")
    await db.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1")
    await db.close()


async def _as_it_was(server: EmbeddedServer) -> None:
    """Let those who know of no unidade book: the peers, and the product as it was before there were any."""
    db = Database(server.owner_url)
    await db.execute("ALTER TABLE consulta ALTER COLUMN unidade_id SET DEFAULT %(central)s", central=CENTRAL)
    await db.execute("CREATE VIEW celula AS SELECT coisa_id AS pessoa_id, celula, consulta_id FROM tempo")
    await db.execute(f"GRANT SELECT, INSERT, DELETE ON celula TO '{server.app_url.user}'@'%'")
    await db.close()


def _pin(pid: int, core: set[int]) -> None:
    """Keep every thread of a process on these cores."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), core)
