"""What is asked: the same data of every server, by GraphQL or as a REST route, each time with its caller's token."""

import itertools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.hospital import BOOKABLE, LENGTH, SLOTS, Hospital, Person
from sghss_graphql.cadastro.pacientes.types import Paciente
from sghss_graphql.cadastro.profissionais.types import Profissional
from sghss_graphql.vocabulario import ids

CALLERS = 200
"""People who ask in turn."""


@dataclass(frozen=True)
class Asked:
    """One request: who asks, the operation's variables, and the REST route that answers the same."""

    caller: Person
    variables: dict[str, Any]
    path: str


@dataclass(frozen=True)
class Workload:
    """A kind of request. ``requests(hospital, run)`` gives many; those that write differ from run to run."""

    name: str
    title: str
    query: str
    root: str
    requests: Callable[[Hospital, int], Iterator[Asked]]
    writes: bool = False
    alone: bool = False
    """Whether no peer can be taught it: it is measured of ours alone."""
    homes: frozenset[str] | None = None
    """The folders of the peers that are taught it; all of them, if none is named."""

    def body(self, asked: Asked) -> str:
        """Write the GraphQL request's body, as JSON.stringify does in a browser."""
        body = {"query": self.query, "variables": asked.variables}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    def answer(self, rest: bool, body: Any) -> Any:
        """Give the data of an answer in the form that all peers share: objects, or lists of them."""
        if rest:
            return body
        if body.get("errors"):
            raise ValueError(body["errors"])
        found = body["data"][self.root]
        if "edges" in found:
            return [edge["node"] for edge in found["edges"]]
        return found.get("consulta", found)


def _often(hospital: Hospital) -> list[Person]:
    return hospital.pacientes[: len(hospital.pacientes) // 4]


def _spread(people: list[Person], count: int) -> list[Person]:
    """Take some people, evenly among all."""
    return people[:: max(len(people) // count, 1)][:count]


def _booked(hospital: Hospital) -> int:
    """Tell how many profissionais, and as many pacientes, are there for booking alone."""
    return max(len(hospital.profissionais) // 5, 1)


def _q1(hospital: Hospital, run: int) -> Iterator[Asked]:
    for person in _spread(_often(hospital), CALLERS):
        id = ids.publico(Paciente.prefixo, person.chave)
        yield Asked(person, {"id": id}, f"/q1/{id}")


def _q2(hospital: Hospital, run: int) -> Iterator[Asked]:
    for person in _spread(_often(hospital), CALLERS):
        id = ids.publico(Paciente.prefixo, person.chave)
        yield Asked(person, {"id": id}, f"/q2/{id}")


def _q3(hospital: Hospital, run: int) -> Iterator[Asked]:
    for person in _spread(hospital.profissionais[: -_booked(hospital)], CALLERS):
        id = ids.publico(Profissional.prefixo, person.chave)
        yield Asked(person, {"id": id}, f"/q3/{id}")


def _m1(hospital: Hospital, run: int) -> Iterator[Asked]:
    """Book times that nobody has booked: 30 days of a run's own, by people whom no other workload reads."""
    count = _booked(hospital)
    people, profissionais = hospital.pacientes[-count:], hospital.profissionais[-count:]
    for day in range(30):
        for slot in range(SLOTS):
            start = BOOKABLE + timedelta(days=30 * run + day) + slot * LENGTH
            for number, person in enumerate(people):
                profissional = profissionais[(number + day) % count]
                yield Asked(
                    person,
                    {
                        "input": {
                            "pacienteId": ids.publico(Paciente.prefixo, person.chave),
                            "profissionalId": ids.publico(Profissional.prefixo, profissional.chave),
                            "inicio": f"{start.isoformat()}Z",
                            "duracaoEmMinutos": 15,
                            "motivo": "retorno de rotina",
                        }
                    },
                    "/m1",
                )


def _s1(hospital: Hospital, run: int) -> Iterator[Asked]:
    for starts in ("mari sil", "ana s", "lu cost", "jo pereira", "be al", "is ca", "so ri", "he ol", "la mo", "vi b"):
        yield Asked(hospital.reception, {"busca": starts}, f"/s1/{starts.replace(' ', '%20')}")


def _s2(hospital: Hospital, run: int) -> Iterator[Asked]:
    """What a desk types: pieces of a name with a birth date, a telephone, the mother's name."""
    for person in itertools.islice(itertools.cycle(_spread(hospital.pacientes, 500)), 20_000):
        known = hospital.everybody[person.chave]
        first, *_, last = known.nome.split()
        born = known.nascimento.strftime("%d/%m/%Y") if known.nascimento else ""
        for busca, mother in (
            (f"{first[:3]} {born}", None),
            (known.telefone or "", None),
            (last[:4], known.nome_da_mae),
        ):
            yield Asked(hospital.reception, {"busca": busca, "mae": mother}, "")


def _s3(hospital: Hospital, run: int) -> Iterator[Asked]:
    """Type starts that fill the page in a hospital of any size: what answers are alike costs is alike, or has grown."""
    for starts in ("ana s", "is ca", "mari s", "lu s", "ma s", "is s", "so s", "ma p", "ana c", "ju s"):
        yield Asked(hospital.reception, {"busca": starts}, "")


def _h1(hospital: Hospital, run: int) -> Iterator[Asked]:
    """Look a month ahead, from another day each time."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(1, 300):
        start = today + timedelta(days=day)
        de, ate = (f"{instant:%Y-%m-%dT%H:%M:%S}Z" for instant in (start, start + timedelta(days=30)))
        yield Asked(hospital.reception, {"de": de, "ate": ate}, f"/h1/{de}/{ate}")


def _l1(hospital: Hospital, run: int) -> Iterator[Asked]:
    days = max(hospital.consultas // (len(hospital.profissionais) * SLOTS) - 2, 1)
    for day in range(days):
        until = f"{(BOOKABLE.replace(year=2026) - timedelta(days=day)).isoformat()}Z"
        yield Asked(hospital.reception, {"ate": until}, f"/l1/{until}")


_PAGE = "edges { node { %s } }"
_SEARCH = "($busca: String!) { pacientes(busca: $busca, first: 20) { " + _PAGE % "id nome cpf nascimento" + " } }"
_AGENDA = "id inicio situacao paciente { id nome cpf } profissional { id nome } prontuarios { id criadoEm texto }"
WORKLOADS = (
    Workload(
        "Q1",
        "um paciente, por ele mesmo",
        "query Q1($id: ID!) { paciente(id: $id) { id nome cpf nascimento } }",
        "paciente",
        _q1,
    ),
    Workload(
        "Q2",
        "20 consultas de um paciente, por ele mesmo, com o profissional",
        "query Q2($id: ID!) { consultas(filtro: {pacienteId: $id}, first: 20) { "
        + _PAGE % "id inicio fim situacao motivo profissional { id nome registro }"
        + " } }",
        "consultas",
        _q2,
    ),
    Workload(
        "Q3",
        "50 consultas da agenda de um profissional, com paciente, profissional e prontuários",
        "query Q3($id: ID!) { consultas(filtro: {profissionalId: $id}, first: 50) { " + _PAGE % _AGENDA + " } }",
        "consultas",
        _q3,
    ),
    Workload(
        "M1",
        "marcar uma consulta",
        "mutation M1($input: AgendarConsultaInput!) { agendarConsulta(input: $input)"
        " { consulta { id inicio fim situacao motivo } erros { codigo mensagem } } }",
        "agendarConsulta",
        _m1,
        writes=True,
    ),
    Workload(
        "S1",
        "procurar pacientes por partes do nome, na recepção",
        "query S1" + _SEARCH,
        "pacientes",
        _s1,
    ),
    Workload(
        "S2",
        "procurar pacientes por nome com nascimento, telefone ou mãe, na recepção",
        "query S2($busca: String!, $mae: String) { pacientes(busca: $busca, filtro: {nomeDaMae: $mae}, first: 20) { "
        + _PAGE % "id nome cpf nascimento"
        + " } }",
        "pacientes",
        _s2,
        alone=True,
    ),
    Workload(
        "S3",
        "procurar pacientes por partes do nome que enchem a página num hospital de qualquer tamanho, na recepção",
        "query S3" + _SEARCH,
        "pacientes",
        _s3,
        alone=True,
    ),
    Workload(
        "L1",
        "uma página de 100 consultas, na recepção, com paciente e profissional",
        "query L1($ate: DateTime!) { consultas(filtro: {ate: $ate}, first: 100) { "
        + _PAGE % "id inicio fim situacao paciente { id nome } profissional { id nome }"
        + " } }",
        "consultas",
        _l1,
    ),
    Workload(
        "H1",
        "os primeiros 20 horários livres de um mês, de 200 profissionais, na recepção",
        "query H1($de: DateTime!, $ate: DateTime!) {"
        ' horarios(filtro: {especialidade: "Clínica Médica", de: $de, ate: $ate}, first: 20) { '
        + _PAGE % "inicio fim profissional { id nome }"
        + " } }",
        "horarios",
        _h1,
        homes=frozenset({"node", "bun"}),
    ),
)


def distinct(hospital: Hospital, count: int = 10_000) -> Iterator[tuple[str, Person]]:
    """Give the bodies of operations of as many texts, and who sends each.

    As it is where people write their own, a few texts come often and most of them seldom: the nth of them ``count``
    divided by n times (Zipf), in an order that is the same each time.
    """
    people = _spread(_often(hospital), CALLERS)
    numbers = [number for number in range(count) for _ in range(count // (number + 1))]
    random.Random(1).shuffle(numbers)  # noqa: S311 - not a secret
    for number in numbers:
        person = people[number % len(people)]
        fields = " ".join(f"a{number}_{field}: {field}" for field in ("nome", "cpf", "nascimento"))
        query = f"query D{number}($id: ID!) {{ paciente(id: $id) {{ id {fields} }} }}"
        yield json.dumps({"query": query, "variables": {"id": ids.publico(Paciente.prefixo, person.chave)}}), person
