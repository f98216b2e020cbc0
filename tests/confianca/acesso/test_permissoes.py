"""Every type, field, role and path: what is seen is what the domain says, by whatever way one asks.

The paths come from the schema: a field that leads to a type and isn't walked here fails, and so does a field
that has no rule in the permission table. What must be seen is told by an oracle that knows the domain's words
and the cast of one small scene, and nothing of the product's SQL.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_enum_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
)

from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.confianca.acesso.tabela import (
    QUEM_PODE,
    Atender,
    BuscarPacientes,
    CadastrarFuncionarios,
    CadastrarPacientes,
    CadastrarProfissionais,
    ConfirmarConsultas,
    DefinirAgendas,
    DesbloquearLogins,
    EmitirCodigos,
    EscreverProntuarios,
    LerProntuarios,
    MarcarConsultas,
    Perguntar,
    Publica,
    RegistrarFaltas,
    SiMesmo,
    VerConsultas,
    VerCuidados,
    VerPacientes,
    VerProfissionais,
    VerUsuarios,
)
from sghss_graphql.confianca.auditoria.atos import SEM_REGISTRO
from sghss_graphql.machinery.database import Transaction
from sghss_graphql.sala import CasaMalFeita, Raiz, Sala, Tipo
from sghss_graphql.schema import create_schema
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.acoes import Acao
from sghss_graphql.vocabulario.tempo import agora
from tests.cadastro.cuidados.test_cuidados import compartilhar, emergencia
from tests.hospital import BLOQUEAR, CANCELAR, CASA, RETIFICAR, Cliente, Hospital, Pessoa, chave
from tests.hospital import SCHEMA as schema
from tests.provas import PROVAS, Caminho, Ve

PAPEIS = ("NINGUEM", "PACIENTE", "PROFISSIONAL", "RECEPCAO", "ADMINISTRADOR")
ANO = 'de: "2036-01-01T00:00:00Z", ate: "2036-12-31T00:00:00Z"'
TRAZIDOS = {tipo: trazidos for provas in PROVAS for tipo, trazidos in provas.tipos.items()}
OBRIGATORIOS = {
    "horariosDisponiveis": '(de: "2030-06-03", ate: "2030-06-03")',
    "bloqueios": f"({ANO})",
    "feriados": "(ano: 2027)",
}


@dataclass
class Cena:
    """The cast. ``profissional`` cares for ``proprio``; ``visto`` is only on the agenda; ``estranho`` is neither."""

    clientes: dict[str, Cliente]
    profissional: Pessoa
    colega: Pessoa
    pacientes: dict[str, Pessoa]
    consultas: dict[str, tuple[str, str, str]]
    """id → (paciente's name in the cast, profissional's name in the cast, id)"""
    prontuarios: dict[str, tuple[str, str]]
    """id → (paciente's name, author's name)"""
    da_consulta: dict[str, str]
    correcao: tuple[str, str]
    bloqueios: dict[str, str]
    usuarios: dict[str, str]
    cpfs: dict[str, str]
    cuidados: dict[str, tuple[str, str]]
    """paciente's name → ids of colega's emergency and of the care that the paciente shared with colega"""
    das_salas: dict[str, list[tuple[str, Ve, list[Caminho]]]]
    """Objects of the rooms that bring their own, by type."""


async def _emitir(usuario: bytes, tx: Transaction) -> None:
    """Let the list of codes tell of somebody, whose password stays what it is."""
    await tx.execute(
        "INSERT INTO codigo_emitido (id, usuario_id, emitido_por, emitido_em, expira_em)"
        " VALUES (%(id)s, %(u)s, %(u)s, %(em)s, %(em)s)",
        id=ids.nova_chave(),
        u=usuario,
        em=agora() + timedelta(hours=1),
    )


@pytest.fixture(scope="module")
async def cena(hospital: Hospital) -> Cena:
    profissional, colega = await hospital.profissional(), await hospital.profissional()
    pacientes = {nome: await hospital.paciente() for nome in ("proprio", "visto", "estranho")}
    consultas, prontuarios, da_consulta = {}, {}, {}
    for nome, paciente in pacientes.items():
        for de_quem, pessoa in (("profissional", profissional), ("colega", colega)):
            if (nome, de_quem) == ("estranho", "profissional"):
                continue
            consulta = await hospital.consulta(paciente, pessoa, f"2036-01-{len(consultas) + 1:02}T12:00:00Z")
            consultas[consulta] = (nome, de_quem, consulta)
            registro = await hospital.prontuario(pessoa, paciente, consultaId=consulta)
            prontuarios[registro] = (nome, de_quem)
            da_consulta[registro] = consulta
            if (nome, de_quem) == ("visto", "profissional"):
                await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})
    errado = next(id for id, quem in prontuarios.items() if quem == ("proprio", "colega"))
    entrada = {"prontuarioId": errado, "texto": "certo", "justificativa": "x"}
    certo = (await colega.cliente(RETIFICAR, input=entrada)).data["retificarProntuario"]["prontuario"]["id"]
    prontuarios[certo] = ("proprio", "colega")
    da_consulta[certo] = da_consulta[errado]
    bloqueios = {}
    for de_quem, pessoa in (("profissional", profissional), ("colega", colega)):
        fechar = {
            "profissionalId": pessoa.id,
            "inicio": "2036-12-01T00:00:00Z",
            "fim": "2036-12-02T00:00:00Z",
            "motivo": "x",
        }
        resposta = await hospital.recepcao(BLOQUEAR, input=fechar)
        bloqueios[resposta.data["bloquearAgenda"]["bloqueio"]["id"]] = de_quem
    clientes = {
        "NINGUEM": hospital.ninguem,
        "PACIENTE": pacientes["proprio"].cliente,
        "PROFISSIONAL": profissional.cliente,
        "RECEPCAO": (await hospital.funcionario("RECEPCAO")).cliente,
        "ADMINISTRADOR": (await hospital.funcionario("ADMINISTRADOR")).cliente,
    }
    cuidados = {}
    for nome, paciente in pacientes.items():
        acesso = (await emergencia(colega, paciente.id)).data["acessarEmEmergencia"]["acesso"]["id"]
        partilha = (await compartilhar(paciente.cliente, paciente.id, colega.id)).data["compartilharCuidado"]
        cuidados[nome] = (acesso, partilha["cuidado"]["id"])
    usuarios, cpfs = {}, {}
    for papel, cliente in clientes.items():
        if papel != "NINGUEM":
            eu = (await cliente("{ eu { id cpf } }")).data["eu"]
            usuarios[papel], cpfs[papel] = eu["id"], eu["cpf"]
            await hospital.dono.transaction(partial(_emitir, chave(eu["id"])))
    return Cena(
        clientes, profissional, colega, pacientes, consultas, prontuarios, da_consulta, (errado, certo), bloqueios,
        usuarios, cpfs, cuidados,
        {tipo: await trazidos.de_cada(hospital) for tipo, trazidos in TRAZIDOS.items()},
    )  # fmt: skip


# The oracle: whether a role of the scene sees an object. None: the role may never ask (PROIBIDO).
def ve_paciente(papel: str, nome: str) -> bool:
    return {
        "PACIENTE": nome == "proprio",
        "PROFISSIONAL": nome in ("proprio", "visto"),
        "RECEPCAO": True,
        "ADMINISTRADOR": True,
    }[papel]


def ve_consulta(papel: str, paciente: str, profissional: str) -> bool:
    return {
        "PACIENTE": paciente == "proprio",
        "PROFISSIONAL": profissional == "profissional" or paciente == "proprio",
        "RECEPCAO": True,
        "ADMINISTRADOR": True,
    }[papel]


def le_prontuario(papel: str, paciente: str, autor: str) -> bool:
    return {
        "PACIENTE": paciente == "proprio",
        "PROFISSIONAL": paciente == "proprio" or autor == "profissional",
    }[papel]


def ve_bloqueio(papel: str, de_quem: str) -> bool:
    return {"PROFISSIONAL": de_quem == "profissional", "RECEPCAO": True, "ADMINISTRADOR": True}[papel]


ACAO_DO_TIPO = {
    "Paciente": VerPacientes,
    "Consulta": VerConsultas,
    "MudancaDaConsulta": VerConsultas,
    "Prontuario": LerProntuarios,
    "Bloqueio": DefinirAgendas,
    "Profissional": VerProfissionais,
    "Especialidade": VerProfissionais,
    "Turno": VerProfissionais,
    "HorarioDisponivel": VerProfissionais,
    "Usuario": SiMesmo,
    **{tipo: trazidos.acao for tipo, trazidos in TRAZIDOS.items()},
}


def objetos(cena: Cena, tipo: str) -> Iterator[tuple[str, Callable[[str], bool], list[Caminho]]]:
    """Give each object of a type, who sees it, and every path to it."""
    if tipo in cena.das_salas:
        yield from cena.das_salas[tipo]
        return
    yield from {
        "Paciente": _pacientes,
        "Consulta": _consultas,
        "MudancaDaConsulta": _mudancas,
        "Prontuario": _prontuarios,
        "Bloqueio": _bloqueios,
        "Profissional": _profissionais,
        "Especialidade": _especialidades,
        "Turno": _turnos,
        "HorarioDisponivel": _horarios,
        "Usuario": _usuarios,
    }[tipo](cena)


def _de_cuidados(cena: Cena, nome: str, campos: dict[str, str], acao: type[Acao]) -> list[Caminho]:
    """Give the ways that lead through the emergency and the shared care of a paciente of the cast."""
    return [
        Caminho(
            f"{tipo}.{campo}",
            f'node(id: "{id}") {{ ... on {tipo} {{ {campo} {{ %s }} }} }}',
            via=lambda papel: papel == "ADMINISTRADOR" or (papel, nome) == ("PACIENTE", "proprio"),
            acoes=(VerCuidados, acao),
        )
        for (tipo, campo), id in zip(campos.items(), cena.cuidados[nome], strict=True)
    ]


def _pacientes(cena: Cena):
    for nome, pessoa in cena.pacientes.items():
        caminhos = [
            Caminho("Query.paciente", f'paciente(id: "{pessoa.id}") {{ %s }}', acoes=(VerPacientes,)),
            Caminho("Query.node", f'node(id: "{pessoa.id}") {{ ... on Paciente {{ %s }} }}'),
            Caminho(
                "Query.pacientes",
                f'pacientes(busca: "{pessoa.cpf}") {{ edges {{ node {{ %s }} }} }}',
                acoes=(BuscarPacientes,),
            ),
        ]
        caminhos += [
            Caminho(
                "Consulta.paciente",
                f'consulta(id: "{id}") {{ paciente {{ %s }} }}',
                via=lambda papel, p=p, m=m: ve_consulta(papel, p, m),
                acoes=(VerConsultas,),
            )
            for id, (p, m, _) in cena.consultas.items()
            if p == nome
        ]
        caminhos += [
            Caminho(
                "Prontuario.paciente",
                f'node(id: "{id}") {{ ... on Prontuario {{ paciente {{ %s }} }} }}',
                via=lambda papel, p=p, a=a: le_prontuario(papel, p, a),
                acoes=(LerProntuarios,),
            )
            for id, (p, a) in cena.prontuarios.items()
            if p == nome
        ]
        caminhos += _de_cuidados(
            cena, nome, {"AcessoDeEmergencia": "paciente", "CuidadoCompartilhado": "paciente"}, VerPacientes
        )
        if nome == "proprio":
            caminhos.append(
                Caminho(
                    "Usuario.paciente",
                    "eu { paciente { %s } }",
                    via=lambda papel: papel == "PACIENTE",
                    acoes=(SiMesmo,),
                )
            )
        yield pessoa.id, (lambda papel, nome=nome: ve_paciente(papel, nome)), caminhos


def _ate_a_consulta(cena: Cena, id: str) -> list[Caminho]:
    paciente, profissional, _ = cena.consultas[id]
    pessoa, dono = cena.pacientes[paciente], getattr(cena, profissional)
    filtro = f'filtro: {{pacienteId: "{pessoa.id}", profissionalId: "{dono.id}"}}'
    no_ano = 'first: 100, filtro: {de: "2036-01-01T00:00:00Z", ate: "2036-02-01T00:00:00Z"}'
    registro = next(r for r, c in cena.da_consulta.items() if c == id)
    autor = cena.prontuarios[registro]
    no_dia = f'agendas(de: "2036-01-01", ate: "2036-01-08", profissionalIds: ["{dono.id}"])'
    bloqueio = next(iter(cena.bloqueios))
    return [
        *(
            [Caminho("ItemDaAgenda.consulta", f"{no_dia} {{ itens {{ consulta {{ %s }} }} }}", acoes=(VerConsultas,))]
            if (paciente, profissional) != ("visto", "profissional")  # that one is cancelled
            else []
        ),
        Caminho(
            "Bloqueio.consultasAfetadas",
            f'node(id: "{bloqueio}") {{ ... on Bloqueio {{ consultasAfetadas {{ %s }} }} }}',
            via=lambda _: False,  # it is of another year
            acoes=(DefinirAgendas, VerConsultas),
        ),
        Caminho("Query.consulta", f'consulta(id: "{id}") {{ %s }}', acoes=(VerConsultas,)),
        Caminho("Query.node", f'node(id: "{id}") {{ ... on Consulta {{ %s }} }}'),
        Caminho("Query.consultas", f"consultas({filtro}) {{ edges {{ node {{ %s }} }} }}", acoes=(VerConsultas,)),
        Caminho("Query.consultas", f"consultas({no_ano}) {{ edges {{ node {{ %s }} }} }}", acoes=(VerConsultas,)),
        Caminho(
            "Paciente.consultas",
            f'paciente(id: "{pessoa.id}") {{ consultas {{ edges {{ node {{ %s }} }} }} }}',
            via=lambda papel: ve_paciente(papel, paciente),
            acoes=(VerPacientes, VerConsultas),
        ),
        Caminho(
            "Profissional.consultas",
            f'profissional(id: "{dono.id}") {{ consultas {{ edges {{ node {{ %s }} }} }} }}',
            acoes=(VerProfissionais, VerConsultas),
        ),
        Caminho(
            "Prontuario.consulta",
            f'node(id: "{registro}") {{ ... on Prontuario {{ consulta {{ %s }} }} }}',
            via=lambda papel: le_prontuario(papel, *autor),
            acoes=(LerProntuarios, VerConsultas),
        ),
    ]


def _consultas(cena: Cena):
    for id, (paciente, profissional, _) in cena.consultas.items():
        yield id, (lambda papel, p=paciente, m=profissional: ve_consulta(papel, p, m)), _ate_a_consulta(cena, id)


def _mudancas(cena: Cena):
    for id, (paciente, profissional, _) in cena.consultas.items():
        caminho = Caminho("Consulta.historico", f'consulta(id: "{id}") {{ historico {{ %s }} }}', acoes=(VerConsultas,))
        yield "", (lambda papel, p=paciente, m=profissional: ve_consulta(papel, p, m)), [caminho]


def _prontuarios(cena: Cena):
    errado, certo = cena.correcao
    for id, (paciente, autor) in cena.prontuarios.items():
        pessoa = cena.pacientes[paciente]
        da_consulta = cena.consultas[cena.da_consulta[id]]
        caminhos = [
            Caminho("Query.node", f'node(id: "{id}") {{ ... on Prontuario {{ %s }} }}', acoes=(LerProntuarios,)),
            Caminho(
                "Query.prontuarios",
                f'prontuarios(pacienteId: "{pessoa.id}") {{ edges {{ node {{ %s }} }} }}',
                acoes=(LerProntuarios,),
            ),
            Caminho(
                "Paciente.prontuarios",
                f'paciente(id: "{pessoa.id}") {{ prontuarios {{ edges {{ node {{ %s }} }} }} }}',
                via=lambda papel, p=paciente: ve_paciente(papel, p),
                acoes=(VerPacientes, LerProntuarios),
            ),
            Caminho(
                "Consulta.prontuarios",
                f'consulta(id: "{da_consulta[2]}") {{ prontuarios {{ %s }} }}',
                via=lambda papel, c=da_consulta: ve_consulta(papel, c[0], c[1]),
                acoes=(VerConsultas, LerProntuarios),
            ),
        ]
        if id == certo:
            texto = f'node(id: "{errado}") {{ ... on Prontuario {{ retificadoPor {{ %s }} }} }}'
            caminhos.append(Caminho("Prontuario.retificadoPor", texto, acoes=(LerProntuarios,)))
        if id == errado:
            texto = f'node(id: "{certo}") {{ ... on Prontuario {{ retifica {{ %s }} }} }}'
            caminhos.append(Caminho("Prontuario.retifica", texto, acoes=(LerProntuarios,)))
        yield id, (lambda papel, p=paciente, a=autor: le_prontuario(papel, p, a)), caminhos


def _bloqueios(cena: Cena):
    for id, de_quem in cena.bloqueios.items():
        dono = getattr(cena, de_quem)
        yield id, (lambda papel, d=de_quem: ve_bloqueio(papel, d)), [
            Caminho("Query.node", f'node(id: "{id}") {{ ... on Bloqueio {{ %s }} }}', acoes=(DefinirAgendas,)),
            Caminho(
                "ItemDaAgenda.bloqueio",
                f'agendas(de: "2036-12-01", ate: "2036-12-02", profissionalIds: ["{dono.id}"])'
                " { itens { bloqueio { %s } } }",
            ),
            Caminho(
                "Profissional.bloqueios",
                f'profissional(id: "{dono.id}") {{ bloqueios({ANO}) {{ %s }} }}',
                acoes=(VerProfissionais, DefinirAgendas),
            ),
        ]  # fmt: skip


def _profissionais(cena: Cena):
    campos = {"AcessoDeEmergencia": "profissional", "CuidadoCompartilhado": "com"}
    yield cena.colega.id, lambda papel: True, _de_cuidados(cena, "proprio", campos, VerProfissionais)
    consulta = next(id for id, (p, m, _) in cena.consultas.items() if (p, m) == ("proprio", "profissional"))
    registro = next(id for id, quem in cena.prontuarios.items() if quem == ("proprio", "profissional"))
    bloqueio = next(id for id, quem in cena.bloqueios.items() if quem == "profissional")
    id = cena.profissional.id
    yield id, lambda papel: True, [
        Caminho("Query.profissional", f'profissional(id: "{id}") {{ %s }}', acoes=(VerProfissionais,)),
        Caminho(
            "ItemDaAgenda.profissional",
            f'agendas(de: "2036-01-01", ate: "2036-01-02", profissionalIds: ["{id}"]) {{ itens {{'
            " profissional { %s } } }",
        ),
        Caminho("Query.node", f'node(id: "{id}") {{ ... on Profissional {{ %s }} }}'),
        Caminho(
            "Query.profissionais",
            f'profissionais(busca: "{cena.profissional.nome}", first: 100) {{ edges {{ node {{ %s }} }} }}',
            acoes=(VerProfissionais,),
        ),
        Caminho(
            "Consulta.profissional", f'consulta(id: "{consulta}") {{ profissional {{ %s }} }}', acoes=(VerConsultas,)
        ),
        Caminho(
            "Prontuario.autor",
            f'node(id: "{registro}") {{ ... on Prontuario {{ autor {{ %s }} }} }}',
            acoes=(LerProntuarios,),
        ),
        Caminho(
            "Bloqueio.profissional",
            f'node(id: "{bloqueio}") {{ ... on Bloqueio {{ profissional {{ %s }} }} }}',
            acoes=(DefinirAgendas,),
        ),
        Caminho(
            "Horario.profissional",
            f'horarios(filtro: {{profissionalId: "{id}", de: "2030-06-03T00:00:00Z", ate: "2030-06-05T00:00:00Z"}})'
            " { edges { node { profissional { %s } } } }",
            acoes=(VerProfissionais,),
        ),
        Caminho(
            "Usuario.profissional",
            "eu { profissional { %s } }",
            via=lambda papel: papel == "PROFISSIONAL",
            acoes=(SiMesmo,),
        ),
    ]  # fmt: skip


def _especialidades(cena: Cena):
    texto = f'profissional(id: "{cena.profissional.id}") {{ especialidades {{ %s }} }}'
    yield "", lambda papel: True, [Caminho("Profissional.especialidades", texto, acoes=(VerProfissionais,))]


def _turnos(cena: Cena):
    texto = f'profissional(id: "{cena.profissional.id}") {{ expediente {{ %s }} }}'
    yield "", lambda papel: True, [Caminho("Profissional.expediente", texto, acoes=(VerProfissionais,))]


def _horarios(cena: Cena):
    horarios = f"horariosDisponiveis{OBRIGATORIOS['horariosDisponiveis']} {{ %s }}"
    texto = f'profissional(id: "{cena.profissional.id}") {{ {horarios} }}'
    yield "", lambda papel: True, [Caminho("Profissional.horariosDisponiveis", texto, acoes=(VerProfissionais,))]


def _usuarios(cena: Cena):
    for de_quem, id in cena.usuarios.items():
        proprio = [
            Caminho("Query.node", f'node(id: "{id}") {{ ... on Usuario {{ %s }} }}', acoes=(SiMesmo,)),
            Caminho("Query.usuario", f'usuario(id: "{id}") {{ %s }}', acoes=(VerUsuarios,)),
            Caminho(
                "Query.usuarios",
                f'usuarios(busca: "{cena.cpfs[de_quem]}") {{ edges {{ node {{ %s }} }} }}',
                acoes=(VerUsuarios,),
            ),
            *(
                Caminho(
                    f"CodigoEmitido.{quem}",
                    f"codigosDeAcesso(first: 100) {{ edges {{ node {{ {quem} {{ %s }} }} }} }}",
                    acoes=(VerUsuarios,),
                )
                for quem in ("para", "por")
            ),
        ]
        if de_quem == "PACIENTE":
            partilha = {"AcessoDeEmergencia": "", "CuidadoCompartilhado": "por"}
            proprio += _de_cuidados(cena, "proprio", partilha, VerCuidados)[1:]
        if de_quem == "PROFISSIONAL":
            proprio.append(
                Caminho("Query.eu", "eu { %s }", via=lambda papel: papel == "PROFISSIONAL", acoes=(SiMesmo,))
            )
        yield id, (lambda papel, d=de_quem: papel in (d, "ADMINISTRADOR")), proprio


TIPOS = list(ACAO_DO_TIPO)


def _tipo(nome: str) -> GraphQLObjectType:
    tipo = schema.core.type_map[nome]
    assert isinstance(tipo, GraphQLObjectType)
    return tipo


def _selecao(nome: str, campo: GraphQLField) -> str:
    """Ask for one field with as little below it as can be."""
    argumentos = OBRIGATORIOS.get(nome, "")
    assert bool(argumentos) == any(is_required_argument(argumento) for argumento in campo.args.values()), nome
    if is_leaf_type(get_named_type(campo.type)):
        return nome + argumentos
    return f"{nome}{argumentos} {{ __typename }}"


def _regra(tipo: str, campo: str) -> type[Acao]:
    return CASA.campos[f"{tipo}.{campo}"].acao


def _tem(papel: str, acao: type[Acao]) -> bool:
    return acao is Publica or (papel != "NINGUEM" and papel in {p.name for p in QUEM_PODE[acao]})


def _achados(corpo: Any, id: str, campo: str) -> bool:
    """Tell whether the object (or, of those without an id, any) is in an answer, with the field."""
    if isinstance(corpo, list):
        return any(_achados(parte, id, campo) for parte in corpo)
    if isinstance(corpo, dict):
        if campo in corpo and (not id or corpo.get("meu") == id):
            return True
        return any(_achados(parte, id, campo) for parte in corpo.values())
    return False


@pytest.mark.parametrize("papel", PAPEIS)
@pytest.mark.parametrize("tipo", TIPOS)
async def test_a_field_is_seen_by_the_rule_on_every_path(cena: Cena, tipo: str, papel: str) -> None:
    perguntas = 0
    for id, quem_ve, caminhos in objetos(cena, tipo):
        for caminho in caminhos:
            for nome, campo in _tipo(tipo).fields.items():
                meu = "meu: id " if id else ""
                query = f"{{ {caminho.texto % (meu + 'pedido: ' + _selecao(nome, campo))} }}"
                resposta = await cena.clientes[papel](query)
                perguntas += 1
                acoes = (SiMesmo, *caminho.acoes, ACAO_DO_TIPO[tipo])
                if not all(_tem(papel, acao) for acao in acoes):
                    esperado = "NAO_AUTENTICADO" if papel == "NINGUEM" else "PROIBIDO"
                    assert set(resposta.codigos) <= {esperado}, (query, resposta.corpo)
                    assert not _achados(resposta.corpo.get("data"), id, "pedido"), (query, resposta.corpo)
                elif not (caminho.via(papel) and quem_ve(papel)):
                    assert resposta.codigos == [], (query, resposta.corpo)
                    assert not _achados(resposta.data, id, "pedido"), (query, resposta.corpo)
                elif not _tem(papel, _regra(tipo, nome)):
                    assert set(resposta.codigos) == {"PROIBIDO"}, (query, resposta.corpo)
                    assert not id or _achados(resposta.corpo["data"], id, "meu"), "the rest of the answer stands"
                else:
                    assert resposta.codigos == [], (query, resposta.corpo)
                    assert _achados(resposta.data, id, "pedido"), (query, resposta.corpo)
    assert perguntas > 0


@pytest.mark.parametrize("papel", ["RECEPCAO", "ADMINISTRADOR"])
async def test_those_who_may_never_read_records_are_told_so_on_each_path(cena: Cena, papel: str) -> None:
    for id, _, caminhos in _prontuarios(cena):
        for caminho in caminhos:
            resposta = await cena.clientes[papel](f"{{ {caminho.texto % 'id texto'} }}")
            assert resposta.codigos == ["PROIBIDO"], caminho.texto
            assert id not in str(resposta.corpo.get("data"))


def _de_quem(cena: Cena, tipo: str, id: str) -> tuple[bytes, bytes]:
    """Give the keys of the paciente whom an object tells of, and of the registro that it is (zeros: none)."""
    if tipo == "Paciente":
        return chave(id), SEM_REGISTRO
    nome = (cena.prontuarios[id] if tipo == "Prontuario" else cena.consultas[id])[0]
    return chave(cena.pacientes[nome].id), chave(id) if tipo == "Prontuario" else SEM_REGISTRO


@pytest.mark.parametrize("papel", [papel for papel in PAPEIS if papel != "NINGUEM"])
async def test_the_trail_has_what_was_shown_on_every_path_and_nobody_else(
    hospital: Hospital, cena: Cena, papel: str
) -> None:
    """Ask on every path for every object that tells of a paciente, and compare what came with what was written."""
    leituras = {"Paciente": "LER_CADASTRO", "Consulta": "LER_CONSULTAS", "Prontuario": "LER_PRONTUARIO"}
    mostrados = set()
    for tipo, ato in leituras.items():
        for id, _, caminhos in objetos(cena, tipo):
            for caminho in caminhos:
                resposta = await cena.clientes[papel](f"{{ {caminho.texto % 'meu: id pedido: criadoEm'} }}")
                if _achados(resposta.corpo.get("data"), id, "pedido"):
                    mostrados.add((ato, *_de_quem(cena, tipo, id)))
    escritos = set(
        await hospital.dono.select(
            "SELECT a.ato, v.alvo_id, v.registro_id FROM auditoria_visto v JOIN auditoria a ON a.id = v.entrada_id"
            " WHERE a.usuario_id = %(quem)s",
            quem=chave(cena.usuarios[papel]),
        )
    )
    assert mostrados, "the walk shows something"
    if papel == "PACIENTE":  # who sees nobody but themself
        assert escritos == set()
        return
    assert mostrados <= escritos
    vistos = {alvo for ato, alvo, _ in escritos if ato == "LER_CADASTRO"}
    deles = {chave(pessoa.id) for nome, pessoa in cena.pacientes.items() if ve_paciente(papel, nome)}
    assert vistos == deles or (papel in ("RECEPCAO", "ADMINISTRADOR") and vistos > deles), (
        "who see all see others in their lists"
    )
    lidos = {registro for _, _, registro in escritos} - {SEM_REGISTRO}
    podia = {chave(id) for id, de in cena.prontuarios.items() if papel == "PROFISSIONAL" and le_prontuario(papel, *de)}
    assert lidos == podia


def _arestas() -> set[str]:
    """Every field of the schema that leads, directly or through a connection, to one of the types walked here."""
    folhas = {"PageInfo", "ErroDeUsuario", "Servidor"}
    achadas = set()
    for nome, tipo in schema.core.type_map.items():
        if nome.startswith("__") or not is_object_type(tipo) or nome.endswith(("Payload", "Connection", "Edge")):
            continue
        if nome in ("Mutation", "Sessao"):
            continue  # what a mutation answers is tested with the mutation
        for campo, definicao in tipo.fields.items():
            if nome == "Paciente" and campo in ("possiveisDuplicados", "unificadoCom"):
                continue  # another registration of one person: test_unificacoes.py
            if nome == "Paciente" and campo in ("ultimaConsulta", "proximaConsulta"):
                continue  # which one depends on who asks: test_ordem.py
            alvo = get_named_type(definicao.type).name.removesuffix("Connection")
            if (
                alvo in TIPOS
                or (alvo == "Node")
                or (is_object_type(get_named_type(definicao.type)) and alvo not in folhas)
            ):
                achadas.add(f"{nome}.{campo}")
    return achadas


async def test_every_path_of_the_schema_is_walked(cena: Cena) -> None:
    andadas = {caminho.aresta for tipo in TIPOS for _, _, caminhos in objetos(cena, tipo) for caminho in caminhos}
    assert andadas == _arestas()


def test_every_field_of_the_schema_has_a_rule_and_every_rule_a_field() -> None:
    do_schema = {
        f"{nome}.{campo}"
        for nome, tipo in schema.core.type_map.items()
        if is_object_type(tipo) and not nome.startswith("__")
        for campo in tipo.fields
    }
    assert set(CASA.campos) == do_schema


def test_what_some_role_may_never_read_is_nullable_so_that_one_fragment_serves_all() -> None:
    de_todos = {acao for acao, papeis in QUEM_PODE.items() if set(papeis) == set(Papel)}
    guardados = [
        lugar
        for lugar, campo in CASA.campos.items()
        if campo.confere and campo.acao not in de_todos and not lugar.startswith("Mutation.")
    ]
    assert guardados
    assert [lugar for lugar in guardados if is_non_null_type(_campo_do_schema(lugar).type)] == []


def _campo_do_schema(lugar: str) -> GraphQLField:
    tipo, campo = lugar.split(".")
    return _tipo(tipo).fields[campo]


def test_the_rule_of_a_types_objects_is_the_one_that_is_walked() -> None:
    assert {tipo: CASA.tipos[tipo].objetos for tipo in TIPOS} == ACAO_DO_TIPO


def test_a_field_without_a_rule_stops_the_server_before_it_starts() -> None:
    @strawberry.type
    class Turno:
        dia: int
        segredo: str

    @strawberry.type
    class Perguntas:
        turno: Turno

    sala = Sala("teste", query=Raiz(Perguntas, {Publica: "turno"}), tipos=(Tipo(Turno, Publica, {Publica: "dia"}),))
    with pytest.raises(CasaMalFeita, match=r"Turno\.segredo"):
        create_schema([sala])


def test_the_table_is_the_domains() -> None:
    """The rows of the permission table, as people in the hospital would say them: P, F (of the profissionais), R, A."""
    letras = dict(zip(Papel, "PFRA", strict=True))
    linhas = {
        VerPacientes: "PFRA",
        BuscarPacientes: "FRA",
        CadastrarPacientes: "RA",
        CadastrarProfissionais: "A",
        CadastrarFuncionarios: "A",
        DesbloquearLogins: "A",
        EmitirCodigos: "RA",
        VerProfissionais: "PFRA",
        DefinirAgendas: "FRA",
        VerConsultas: "PFRA",
        MarcarConsultas: "PFRA",
        ConfirmarConsultas: "PFRA",
        RegistrarFaltas: "FRA",
        Atender: "F",
        LerProntuarios: "PF",
        EscreverProntuarios: "F",
        SiMesmo: "PFRA",
        Perguntar: "PFRA",
        **{acao: papeis for provas in PROVAS for acao, papeis in provas.acoes.items()},
    }
    assert {acao: "".join(letras[p] for p in Papel if p in quem) for acao, quem in QUEM_PODE.items()} == linhas
    assert set(linhas) | {Publica} == set(Acao.__subclasses__())


@pytest.mark.parametrize("papel", PAPEIS)
async def test_a_mutation_is_refused_to_every_role_but_its_own(
    cena: Cena, papel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent with values of the right form that name nothing: whoever is allowed gets past the check.

    A refusal costs no hash of a password or a code: that is work before identity.
    """
    hashes: list[str] = []
    for fazer in (Senhas.guardar, Senhas.confere):
        monkeypatch.setattr(Senhas, fazer.__name__, _contado(fazer, hashes))
    for nome, campo in schema.core.mutation_type.fields.items():
        regra = _regra("Mutation", nome)
        if nome in ("sair", "login", "renovarSessao", "definirSenha", "cadastrarPaciente"):
            continue  # sair would end the scene; the others need nobody, and have tests of their own
        argumentos = ", ".join(
            f"{argumento}: {_valor(definicao.type)}"
            for argumento, definicao in campo.args.items()
            if is_required_argument(definicao)
        )
        hashes.clear()
        resposta = await cena.clientes[papel](
            f"mutation {{ {nome}{f'({argumentos})' if argumentos else ''} {{ __typename }} }}"
        )
        if _tem(papel, regra):
            assert resposta.codigos == [], (nome, resposta.corpo)
        else:
            esperado = "NAO_AUTENTICADO" if papel == "NINGUEM" else "PROIBIDO"
            assert resposta.codigos == [esperado], (nome, resposta.corpo)
            assert hashes == [], nome


def _contado(fazer: Callable[..., Awaitable[Any]], chamadas: list[str]) -> Callable[..., Awaitable[Any]]:
    async def contar(*argumentos: Any, **opcoes: Any) -> Any:
        chamadas.append(fazer.__name__)
        return await fazer(*argumentos, **opcoes)

    return contar


_VALORES = {
    "CPF": '"12345678909"',
    "Date": '"2000-01-01"',
    "DateTime": '"2030-01-01T00:00:00Z"',
    "ID": '"nada"',
    "String": '"x"',
    "Papel": "PACIENTE",
    "TipoDeRegistro": "OUTRO",
}


def _valor(tipo: Any) -> str:
    if str(tipo).startswith("["):
        return "[]"
    base = get_named_type(tipo)
    if is_enum_type(base) and base.name not in _VALORES:
        return next(iter(base.values))
    if base.name in ("Int", "Boolean"):
        return {"Int": "10", "Boolean": "true"}[base.name]
    if base.name in _VALORES:
        return _VALORES[base.name]
    campos = ", ".join(
        f"{nome}: {_valor(campo.type)}" for nome, campo in base.fields.items() if str(campo.type).endswith("!")
    )
    return f"{{{campos}}}"
