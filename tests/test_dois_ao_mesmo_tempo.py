"""Of two changes of one thing at once, what is answered and what is there is what one order or the other explains.

A small model judges, not the product: what each change does to a thing that is so, and when it is refused. Every
mutation of the schema is here, or is said to change nothing that another one could.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sghss_graphql.schema import create_schema
from tests.cadastro.unidades.test_unidades import sala, tipo, unidade
from tests.hospital import Cliente, Hospital, Pessoa

State = Mapping[str, Any]
Judged = Callable[[State], State | None]
"""What a state becomes by a change; None where it is refused."""


@dataclass(frozen=True)
class Change:
    """A mutation as it is tried: by whom, with what, and what it does by the model."""

    mutation: str
    ask: Callable[["Thing"], Awaitable[Any]]
    becomes: Judged
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.mutation


@dataclass(frozen=True)
class Thing:
    """What is changed: the hospital, the people around it, its id."""

    hospital: Hospital
    id: str
    paciente: Pessoa | None = None
    profissional: Pessoa | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of thing: how one is made, how it is seen, how it begins, and all that changes it."""

    make: Callable[[Hospital], Awaitable[Thing]]
    see: Callable[[Thing], Awaitable[State]]
    begins: State
    changes: tuple[Change, ...]


async def _ask(quem: Cliente, mutation: str, **arguments: Any) -> Any:
    declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in arguments.items())
    passed = ", ".join(f"{name}: ${name}" for name in arguments)
    text = f"mutation({declared}) {{ {mutation}({passed}) {{ erros {{ codigo }} }} }}"
    return await quem(text, **{name: value for name, (_, value) in arguments.items()})


def _sets(**values: Any) -> Judged:
    """Make a change that sets some of a state, and is refused where that is so already."""
    return lambda state: None if all(state[name] == value for name, value in values.items()) else {**state, **values}


def _from_one_of(states: str, to: str) -> Judged:
    return lambda state: {**state, "situacao": to} if state["situacao"] in states.split() else None


# ───────────────────────── a consulta ─────────────────────────
async def _consulta(hospital: Hospital) -> Thing:
    """A consulta in an hour, of a day that isn't over then."""
    fuso = "UTC" if datetime.now(UTC).hour in range(1, 20) else "Asia/Tokyo"
    paciente, profissional = await hospital.paciente(), await hospital.profissional(fuso=fuso)
    consulta = await hospital.consulta(paciente, profissional)
    await hospital.comeca(consulta, timedelta(hours=1))
    return Thing(hospital, consulta, paciente, profissional)


async def _consulta_que_comecou(hospital: Hospital) -> Thing:
    thing = await _consulta(hospital)
    await hospital.comecou(thing.id)
    return thing


async def _see_consulta(thing: Thing) -> State:
    assert thing.profissional
    texto = "query($id: ID!) { consulta(id: $id) { situacao motivo inicio profissional { id } } }"
    vista = dict((await thing.hospital.recepcao(texto, id=thing.id)).data["consulta"])
    inicio, de_quem = datetime.fromisoformat(vista.pop("inicio")), vista.pop("profissional")
    hoje = inicio < datetime.now(UTC) + timedelta(hours=12)
    return {**vista, "hoje": hoje, "dele": de_quem == {"id": thing.profissional.id}}


def _of_consulta(mutation: str, states: str, to: str, **when: Any) -> Change:
    """Make a change of its state by who attends it, from one of these to that, while the rest of it is so."""

    async def ask(thing: Thing) -> Any:
        assert thing.profissional
        return await _ask(thing.profissional.cliente, mutation, consultaId=("ID!", thing.id))

    def becomes(state: State) -> State | None:
        so = all(state[name] == value for name, value in {"dele": True, **when}.items())
        return _from_one_of(states, to)(state) if so else None

    return Change(mutation, ask, becomes)


async def _move(thing: Thing) -> Any:
    novo = {"consultaId": thing.id, "inicio": thing.hospital.instante()}
    return await _ask(thing.hospital.recepcao, "remarcarConsulta", input=("RemarcarConsultaInput!", novo))


async def _hand_over(thing: Thing) -> Any:
    """To another profissional, at the time at which it is."""
    outro = await thing.hospital.profissional()
    vista = (await thing.hospital.recepcao("query($id: ID!) { consulta(id: $id) { inicio } }", id=thing.id)).data
    novo = {"consultaId": thing.id, "inicio": vista["consulta"]["inicio"], "profissionalId": outro.id}
    return await _ask(thing.hospital.recepcao, "remarcarConsulta", input=("RemarcarConsultaInput!", novo))


async def _cancel(thing: Thing) -> Any:
    porque = {"consultaId": thing.id, "motivo": "x"}
    return await _ask(thing.hospital.recepcao, "cancelarConsulta", input=("CancelarConsultaInput!", porque))


async def _correct(thing: Thing) -> Any:
    outro = {"consultaId": thing.id, "motivo": "retorno"}
    return await _ask(thing.hospital.recepcao, "atualizarConsulta", input=("AtualizarConsultaInput!", outro))


def _moved(state: State) -> State | None:
    """It is on another day then, on which nobody starts it today."""
    return {**state, "situacao": "AGENDADA", "hoje": False} if state["situacao"] in ("AGENDADA", "CONFIRMADA") else None


def _handed_over(state: State) -> State | None:
    return {**state, "situacao": "AGENDADA", "dele": False} if state["situacao"] in ("AGENDADA", "CONFIRMADA") else None


def _corrected(state: State) -> State | None:
    return _sets(motivo="retorno")(state) if state["situacao"] in ("AGENDADA", "CONFIRMADA") else None


async def _mend(thing: Thing) -> Any:
    para = {"consultaId": thing.id, "para": "CONFIRMADA", "justificativa": "x"}
    return await _ask(thing.hospital.recepcao, "corrigirSituacao", input=("CorrigirSituacaoInput!", para))


COMECADA = Kind(
    _consulta_que_comecou,
    _see_consulta,
    {"situacao": "AGENDADA", "motivo": None, "hoje": True, "dele": True},
    (
        _of_consulta("iniciarAtendimento", "AGENDADA CONFIRMADA", "EM_ATENDIMENTO", hoje=True),
        _of_consulta("concluirConsulta", "EM_ATENDIMENTO", "REALIZADA"),
        _of_consulta("registrarFalta", "AGENDADA CONFIRMADA", "FALTOU"),
        Change("corrigirSituacao", _mend, _from_one_of("EM_ATENDIMENTO FALTOU", "CONFIRMADA")),
    ),
)
CONSULTA = Kind(
    _consulta,
    _see_consulta,
    {"situacao": "AGENDADA", "motivo": None, "hoje": True, "dele": True},
    (
        _of_consulta("confirmarConsulta", "AGENDADA", "CONFIRMADA"),
        _of_consulta("iniciarAtendimento", "AGENDADA CONFIRMADA", "EM_ATENDIMENTO", hoje=True),
        Change("atualizarConsulta", _correct, _corrected),
        Change("remarcarConsulta", _move, _moved),
        Change("remarcarConsulta", _hand_over, _handed_over, "outro profissional"),
        Change("cancelarConsulta", _cancel, _from_one_of("AGENDADA CONFIRMADA", "CANCELADA")),
    ),
)


# ───────────────────────── a paciente ─────────────────────────
async def _paciente(hospital: Hospital) -> Thing:
    paciente = await hospital.paciente(nome="Rita Antes", telefone="(11) 91111-1111")
    return Thing(hospital, paciente.id, paciente)


async def _see_paciente(thing: Thing) -> State:
    campos = "nome telefone email nomeDaMae racaCor endereco { cep } contatos { nome }"
    vista = await thing.hospital.recepcao(f"query($id: ID!) {{ paciente(id: $id) {{ {campos} }} }}", id=thing.id)
    return dict(vista.data["paciente"])


def _desk(name: str, becomes: Judged, **fields: Any) -> Change:
    async def ask(thing: Thing) -> Any:
        mudanca = {"pacienteId": thing.id, **fields}
        return await _ask(thing.hospital.recepcao, "atualizarPaciente", input=("AtualizarPacienteInput!", mudanca))

    return Change("atualizarPaciente", ask, becomes, name)


def _oneself(name: str, becomes: Judged, **fields: Any) -> Change:
    async def ask(thing: Thing) -> Any:
        assert thing.paciente
        return await _ask(thing.paciente.cliente, "atualizarMeuContato", input=("AtualizarMeuContatoInput!", fields))

    return Change("atualizarMeuContato", ask, becomes, name)


async def _rename_usuario(thing: Thing) -> Any:
    assert thing.paciente
    usuario = (await thing.paciente.cliente("{ eu { id } }")).data["eu"]["id"]
    novo = {"usuarioId": usuario, "nome": "Rita De Cima"}
    return await _ask(thing.hospital.admin, "atualizarUsuario", input=("AtualizarUsuarioInput!", novo))


PACIENTE = Kind(
    _paciente,
    _see_paciente,
    {
        "nome": "Rita Antes", "telefone": "+5511911111111", "email": None, "nomeDaMae": None,
        "racaCor": "NAO_INFORMADA", "endereco": None, "contatos": [],
    },
    (
        _desk("nome", _sets(nome="Rita Depois"), nome="Rita Depois"),
        _desk("telefone", _sets(telefone="+5511922222222"), telefone="(11) 92222-2222"),
        _desk("mãe e raça", _sets(nomeDaMae="Eva", racaCor="PARDA"), nomeDaMae="Eva", racaCor="PARDA"),
        _desk("endereço", _sets(endereco={"cep": "01310100"}), endereco={"cep": "01310-100"}),
        _oneself("o próprio e-mail", _sets(email="rita@exemplo.com"), email="rita@exemplo.com"),
        _oneself("o próprio telefone", _sets(telefone="+5511933333333"), telefone="(11) 93333-3333"),
        _oneself(
            "os próprios contatos", _sets(contatos=[{"nome": "Zé"}]),
            contatos=[{"nome": "Zé", "telefone": "(11) 94444-4444"}],
        ),
        Change("atualizarUsuario", _rename_usuario, _sets(nome="Rita De Cima")),
    ),
)  # fmt: skip


# ───────────────────────── who works here ─────────────────────────
async def _funcionario(hospital: Hospital) -> Thing:
    return Thing(hospital, (await hospital.funcionario("RECEPCAO")).id)


async def _see_funcionario(thing: Thing) -> State:
    campos = "papeis ativo email"
    vista = await thing.hospital.admin(f"query($id: ID!) {{ usuario(id: $id) {{ {campos} }} }}", id=thing.id)
    visto = vista.data["usuario"]
    return {"papeis": frozenset(visto["papeis"]), "ativo": visto["ativo"], "email": visto["email"]}


def _of_usuario(mutation: str, becomes: Judged, **arguments: Any) -> Change:
    async def ask(thing: Thing) -> Any:
        return await _ask(thing.hospital.admin, mutation, usuarioId=("ID!", thing.id), **arguments)

    return Change(mutation, ask, becomes)


async def _mail(thing: Thing) -> Any:
    novo = {"usuarioId": thing.id, "email": "ela@exemplo.com"}
    return await _ask(thing.hospital.admin, "atualizarUsuario", input=("AtualizarUsuarioInput!", novo))


def _given(state: State) -> State | None:
    if "ADMINISTRADOR" in state["papeis"] or not state["ativo"]:
        return None
    return {**state, "papeis": state["papeis"] | {"ADMINISTRADOR"}}


def _taken(state: State) -> State | None:
    return {**state, "papeis": state["papeis"] - {"RECEPCAO"}} if state["papeis"] > {"RECEPCAO"} else None


USUARIO = Kind(
    _funcionario,
    _see_funcionario,
    {"papeis": frozenset({"RECEPCAO"}), "ativo": True, "email": None},
    (
        _of_usuario("concederPapel", _given, papel=("Papel!", "ADMINISTRADOR")),
        _of_usuario("retirarPapel", _taken, papel=("Papel!", "RECEPCAO")),
        _of_usuario("desativarUsuario", _sets(ativo=False), motivo=("String!", "x")),
        _of_usuario("reativarUsuario", _sets(ativo=True)),
        _of_usuario("desbloquearLogin", lambda state: state),
        Change("atualizarUsuario", _mail, _sets(email="ela@exemplo.com")),
    ),
)


# ───────────────────────── a profissional ─────────────────────────
async def _profissional(hospital: Hospital) -> Thing:
    profissional = await hospital.profissional(sempre=False)
    return Thing(hospital, profissional.id, profissional=profissional)


async def _see_profissional(thing: Thing) -> State:
    campos = "ativo especialidades { nome } expediente { dia }"
    vista = await thing.hospital.admin(f"query($id: ID!) {{ profissional(id: $id) {{ {campos} }} }}", id=thing.id)
    return dict(vista.data["profissional"])


def _of_profissional(name: str, becomes: Judged, **fields: Any) -> Change:
    async def ask(thing: Thing) -> Any:
        mudanca = {"profissionalId": thing.id, **fields}
        tipo = "AtualizarProfissionalInput!"
        return await _ask(thing.hospital.admin, "atualizarProfissional", input=(tipo, mudanca))

    return Change("atualizarProfissional", ask, becomes, name)


def _hours(dia: str) -> Change:
    async def ask(thing: Thing) -> Any:
        turnos = [{"dia": dia, "inicio": "08:00", "fim": "12:00", "unidadeId": await thing.hospital.unidade_em("UTC")}]
        novo = {"profissionalId": thing.id, "turnos": turnos}
        return await _ask(thing.hospital.admin, "definirExpediente", input=("DefinirExpedienteInput!", novo))

    return Change("definirExpediente", ask, _sets(expediente=[{"dia": dia}]), dia)


UROLOGIA = [{"nome": "Urologia"}]
PROFISSIONAL = Kind(
    _profissional,
    _see_profissional,
    {"ativo": True, "especialidades": [{"nome": "Clínica Médica"}], "expediente": []},
    (
        _of_profissional("para", _sets(ativo=False), ativo=False),
        _of_profissional(
            "Urologia", _sets(especialidades=[{"nome": "Urologia"}]), especialidades=[{"nome": "Urologia"}]
        ),
        _of_profissional("nenhuma", _sets(especialidades=[]), especialidades=[]),
        _hours("SEGUNDA"),
        _hours("TERCA"),
    ),
)


# ───────────────────────── a unidade, a sala, a kind of appointment ─────────────────────────
def _place(criar: Callable[..., Awaitable[str]]) -> Callable[[Hospital], Awaitable[Thing]]:
    async def make(hospital: Hospital) -> Thing:
        return Thing(hospital, await criar(hospital))

    return make


async def _sala(hospital: Hospital) -> str:
    return await sala(hospital, await unidade(hospital))


def _see_place(campos: str) -> Callable[[Thing], Awaitable[State]]:
    async def see(thing: Thing) -> State:
        vista = await thing.hospital.admin(f"query($id: ID!) {{ node(id: $id) {{ {campos} }} }}", id=thing.id)
        return dict(vista.data["node"])

    return see


def _of_place(mutation: str, id: str, tipo: str, becomes: Judged, name: str, **fields: Any) -> Change:
    async def ask(thing: Thing) -> Any:
        atual = (await thing.hospital.admin(_NAMED, id=thing.id)).data["node"]
        novo = {
            "nome": atual["nome"],
            **({"unidadeId": atual["unidade"]["id"]} if "unidade" in atual else {}),
            **fields,
        }
        if mutation == "atualizarTipoDeAtendimento":
            novo.setdefault("duracaoEmMinutos", 30)
        return await _ask(thing.hospital.admin, mutation, **{id: ("ID!", thing.id), "input": (tipo, novo)})

    return Change(mutation, ask, becomes, name)


_NAMED = (
    "query($id: ID!) { node(id: $id) { ... on Unidade { nome } ... on TipoDeAtendimento { nome }"
    " ... on Sala { nome unidade { id } } } }"
)
UNIDADE = Kind(
    _place(unidade),
    _see_place("... on Unidade { cnes ativa abreNosFeriados }"),
    {"cnes": None, "ativa": True, "abreNosFeriados": False},
    (
        _of_place("atualizarUnidade", "unidadeId", "UnidadeInput!", _sets(ativa=False), "fecha", ativa=False),
        _of_place(
            "atualizarUnidade", "unidadeId", "UnidadeInput!", _sets(abreNosFeriados=True), "abre", abreNosFeriados=True
        ),
    ),
)
SALA = Kind(
    _place(_sala),
    _see_place("... on Sala { ativa }"),
    {"ativa": True},
    (_of_place("atualizarSala", "salaId", "SalaInput!", _sets(ativa=False), "fecha", ativa=False),),
)
TIPO = Kind(
    _place(tipo),
    _see_place("... on TipoDeAtendimento { exigeSala ativo }"),
    {"exigeSala": False, "ativo": True},
    (
        _of_place(
            "atualizarTipoDeAtendimento", "tipoId", "TipoDeAtendimentoInput!", _sets(exigeSala=True), "sala",
            exigeSala=True,
        ),
        _of_place(
            "atualizarTipoDeAtendimento", "tipoId", "TipoDeAtendimentoInput!", _sets(ativo=False), "acaba", ativo=False
        ),
    ),
)  # fmt: skip

KINDS = {
    "consulta": CONSULTA,
    "começada": COMECADA,
    "paciente": PACIENTE,
    "usuario": USUARIO,
    "profissional": PROFISSIONAL,
    "unidade": UNIDADE,
    "sala": SALA,
    "tipo": TIPO,
}
RACED_ELSEWHERE = {
    "login": "acesso", "renovarSessao": "acesso", "sair": "acesso", "trocarSenha": "test_desonestos",
    "definirSenha": "test_desonestos", "emitirCodigoDeAcesso": "test_desonestos",
    "cadastrarPaciente": "test_pacientes: of ten at once one wins", "cadastrarProfissional": "test_profissionais",
    "cadastrarFuncionario": "test_desonestos", "unificarPacientes": "test_unificacoes",
    "desfazerUnificacao": "test_unificacoes", "agendarConsulta": "test_corrida", "agendarSerie": "test_corrida",
    "reservarHorario": "test_corrida", "liberarReserva": "test_encaixes_e_reservas",
    "acessarEmEmergencia": "test_cuidados", "encerrarAcessoDeEmergencia": "test_cuidados",
    "compartilharCuidado": "test_cuidados", "encerrarCuidado": "test_cuidados", "bloquearAgenda": "test_agenda",
    "criarUnidade": "test_unidades", "criarSala": "test_unidades", "criarTipoDeAtendimento": "test_unidades",
    "desbloquearAgenda": "test_agenda", "adicionarProntuario": "test_corrida", "retificarProntuario": "test_corrida",
}  # fmt: skip
"""What makes something new, or is judged by a test of its own: which."""


def _pairs() -> Iterator[tuple[str, Change, Change]]:
    for name, kind in KINDS.items():
        for one, other in itertools.combinations_with_replacement(kind.changes, 2):
            yield name, one, other


def _in_order(begins: State, done: tuple[Change, Change], order: tuple[int, int]) -> tuple[list[bool], State]:
    """Give what the model answers to two changes, one after the other, and the end of it."""
    state, answers = begins, [False, False]
    for n in order:
        then = done[n].becomes(state)
        answers[n], state = then is not None, state if then is None else then
    return answers, state


def _explained(begins: State, done: tuple[Change, Change], went: tuple[bool, bool], ends: State) -> bool:
    """Tell whether one order or the other gives these answers, and this end."""
    orders: tuple[tuple[int, int], ...] = ((0, 1), (1, 0))
    return any(_in_order(begins, done, order) == (list(went), ends) for order in orders)


@pytest.mark.parametrize(("kind", "one", "other"), list(_pairs()), ids=lambda part: str(part))
async def test_one_after_the_other_are_as_the_model_has_them(
    hospital: Hospital, kind: str, one: Change, other: Change
) -> None:
    orders: tuple[tuple[int, int], ...] = ((0, 1), (1, 0))
    for order in orders:
        thing = await KINDS[kind].make(hospital)
        answers = [False, False]
        for n in order:
            answers[n] = (await (one, other)[n].ask(thing)).recusas == []
        ends = await KINDS[kind].see(thing)
        assert (answers, ends) == _in_order(KINDS[kind].begins, (one, other), order), order


@pytest.mark.parametrize(("kind", "one", "other"), list(_pairs()), ids=lambda part: str(part))
async def test_two_at_once_are_as_one_after_the_other(
    hospital: Hospital, kind: str, one: Change, other: Change
) -> None:
    thing = await KINDS[kind].make(hospital)
    answers = await asyncio.gather(one.ask(thing), other.ask(thing))
    assert all(answer.codigos == [] for answer in answers), [answer.corpo for answer in answers]
    went = tuple(answer.recusas == [] for answer in answers)
    ends = await KINDS[kind].see(thing)
    assert _explained(KINDS[kind].begins, (one, other), (went[0], went[1]), ends), (went, ends)


def test_every_mutation_is_raced() -> None:
    mutation = create_schema().core.mutation_type
    assert mutation is not None
    raced = {change.mutation for kind in KINDS.values() for change in kind.changes}
    assert raced | RACED_ELSEWHERE.keys() == mutation.fields.keys()
    assert not raced & RACED_ELSEWHERE.keys()


def test_the_model_sees_a_lost_change() -> None:
    """The bad example: both were answered as done, and one of them isn't there."""
    email, phone = PACIENTE.changes[4], PACIENTE.changes[1]
    both = {**PACIENTE.begins, "email": "rita@exemplo.com", "telefone": "+5511922222222"}
    assert _explained(PACIENTE.begins, (email, phone), (True, True), both)
    assert not _explained(PACIENTE.begins, (email, phone), (True, True), {**both, "email": None})
    assert not _explained(PACIENTE.begins, (email, phone), (True, False), both)
