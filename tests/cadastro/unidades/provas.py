"""What the room of unidades brings to the tests of all rooms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sghss_graphql.cadastro.unidades import store
from sghss_graphql.cadastro.unidades.types import Modalidade, Sala, TipoDeAtendimento, Unidade
from sghss_graphql.confianca.acesso.tabela import DefinirUnidades, VerConsultas, VerProfissionais
from sghss_graphql.vocabulario import ids
from tests.cadastro.unidades.test_unidades import ATUALIZAR_SALA, ATUALIZAR_TIPO, ATUALIZAR_UNIDADE, sala, tipo, unidade
from tests.hospital import Hospital, Pessoa
from tests.provas import Caminho, Objetos, Provas, Ve


def _todos(_: str) -> bool:
    return True


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    alcance, chave, instante = linhas["alcances"][VerProfissionais][0], ids.nova_chave(), linhas["instante"]
    uma = Unidade(
        chave=chave, nome=chave.hex(), cnes=None, fuso="UTC", endereco=None, abre_nos_feriados=False, ativa=True,
        versao=1,
    )  # fmt: skip
    nela = Sala(chave=chave, unidade_chave=chave, nome="x", ativa=True, versao=1)
    um = TipoDeAtendimento(
        chave=chave, nome=chave.hex(), especialidade="x", duracao_em_minutos=30, intervalo_em_minutos=0,
        modalidades=[Modalidade.PRESENCIAL], autoagendamento=True, antecedencia_minima_em_horas=0,
        antecedencia_maxima_em_dias=1, cancelamento_ate_em_horas=0, exige_sala=False, preparo=None, ativo=True,
        versao=1,
    )  # fmt: skip
    return {
        store.unidades: [(alcance,)],
        store.por_ids: [(alcance, [chave])],
        store.abertas: [([chave],)],
        store.salas_das_unidades: [(alcance, [chave])],
        store.salas_por_ids: [(alcance, [chave])],
        store.tipos: [(alcance, None, None), (alcance, "cardiologia", True)],
        store.tipos_por_ids: [(alcance, [chave])],
        store.inserir_unidade: [(uma,)],
        store.mudar_unidade: [(uma,)],
        store.abrir_nos_dias: [(chave, [instante.date()])],
        store.inserir_sala: [(nela,)],
        store.mudar_sala: [(nela,)],
        store.inserir_tipo: [(um,)],
        store.mudar_tipo: [(um,)],
        store.ajustar_a_primeira: [(chave, "UTC")],
        store.quantas_unidades: [()],
        store.quantas_salas: [(chave,)],
        store.quantos_tipos: [()],
        store.segurar_unidade: [(chave,)],
        store.segurar_sala: [(chave,)],
        store.segurar_tipo: [(chave,)],
    }


_DA_EQUIPE = ("RECEPCAO", "ADMINISTRADOR")


@dataclass(frozen=True)
class _Lugar:
    """A unidade, a sala and a kind, and the ways to them by a shift and by a consulta."""

    unidade: str
    sala: str
    tipo: str
    turno: str
    consulta: str
    horario: str

    def caminhos(self, campo: str, do_turno: str) -> list[Caminho]:
        """Give the ways by ``campo`` of a consulta, and by that of a shift."""
        pela_consulta = Caminho(
            f"Consulta.{campo}", self.consulta % f"{campo} {{ %s }}", via=lambda papel: papel in _DA_EQUIPE,
            acoes=(VerConsultas,),
        )  # fmt: skip
        no_horario = Caminho(f"Horario.{campo}", self.horario % f"{campo} {{ %s }}")
        return [pela_consulta, no_horario, Caminho(f"Turno.{do_turno}", self.turno % f"{do_turno} {{ %s }}")]


async def _lugar(hospital: Hospital) -> _Lugar:
    onde, um = await unidade(hospital, fuso="UTC", abreNosFeriados=True), await tipo(hospital)
    nela = await sala(hospital, onde)
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    await hospital.sempre_em(profissional.id, onde, salaId=nela, tipoIds=[um])
    marcada, agora = await hospital.consulta(paciente, profissional, tipoId=um), datetime.now(UTC)
    return _Lugar(
        onde, nela, um, f'profissional(id: "{profissional.id}") {{ expediente {{ %s }} }}',
        f'consulta(id: "{marcada}") {{ %s }}',
        f'horarios(filtro: {{profissionalId: "{profissional.id}", tipoId: "{um}", de: "{agora:%Y-%m-%dT%H:%MZ}",'
        f' ate: "{agora + timedelta(days=2):%Y-%m-%dT%H:%MZ}"}}, first: 2) {{ edges {{ node {{ %s }} }} }}',
    )  # fmt: skip


async def _unidades(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    lugar = await _lugar(hospital)
    id, nela = lugar.unidade, lugar.sala
    return [
        (
            id,
            _todos,
            [
                *lugar.caminhos("unidade", "unidade"),
                Caminho("Query.node", f'node(id: "{id}") {{ ... on Unidade {{ %s }} }}'),
                Caminho("Query.unidades", "unidades { %s }"),
                Caminho("Sala.unidade", f'node(id: "{nela}") {{ ... on Sala {{ unidade {{ %s }} }} }}'),
            ],
        )
    ]


async def _salas(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    lugar = await _lugar(hospital)
    onde, id = lugar.unidade, lugar.sala
    da_unidade = f'node(id: "{onde}") {{ ... on Unidade {{ salas {{ %s }} }} }}'
    return [
        (
            id,
            _todos,
            [
                *lugar.caminhos("sala", "sala"),
                Caminho("Query.node", f'node(id: "{id}") {{ ... on Sala {{ %s }} }}'),
                Caminho("Unidade.salas", da_unidade),
            ],
        )
    ]


async def _tipos(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    lugar = await _lugar(hospital)
    id = lugar.tipo
    return [
        (
            id,
            _todos,
            [
                *lugar.caminhos("tipo", "tipos"),
                Caminho("Query.node", f'node(id: "{id}") {{ ... on TipoDeAtendimento {{ %s }} }}'),
                Caminho("Query.tiposDeAtendimento", "tiposDeAtendimento { %s }"),
            ],
        )
    ]


async def _feriados(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    onde = await unidade(hospital)
    texto = f'node(id: "{onde}") {{ ... on Unidade {{ feriados(ano: 2027) {{ %s }} }} }}'
    return [("", _todos, [Caminho("Unidade.feriados", texto)])]


async def _muitos(hospital: Hospital, quantos: int) -> None:
    onde = await unidade(hospital)
    for _ in range(quantos):
        await sala(hospital, onde)
        await tipo(hospital)


async def _historia(hospital: Hospital, admin: Pessoa) -> None:
    onde = await unidade(hospital, por=admin.cliente)
    nela, um = await sala(hospital, onde, por=admin.cliente), await tipo(hospital, por=admin.cliente)
    for texto, id, entrada in (
        (ATUALIZAR_UNIDADE, onde, {"nome": hospital.nome()}),
        (ATUALIZAR_SALA, nela, {"nome": hospital.nome(), "unidadeId": onde}),
        (ATUALIZAR_TIPO, um, {"nome": hospital.nome(), "duracaoEmMinutos": 45}),
    ):
        assert (await admin.cliente(texto, id=id, i=entrada)).recusas == []


PROVAS = Provas(
    acoes={DefinirUnidades: "A"},
    tipos={
        "Unidade": Objetos(VerProfissionais, _unidades),
        "Sala": Objetos(VerProfissionais, _salas),
        "TipoDeAtendimento": Objetos(VerProfissionais, _tipos),
        "Feriado": Objetos(VerProfissionais, _feriados),
    },
    publicos=frozenset({"Unidade", "Sala", "TipoDeAtendimento", "Feriado"}),
    chamadas=_chamadas,
    operacoes={
        "unidades": (
            "paciente",
            "{ unidades { nome endereco { uf } salas { nome unidade { nome } } feriados(ano: 2027) { dia } }"
            " tiposDeAtendimento { nome modalidades } }",
        ),
        "turnos": (
            "recepcao",
            "query($n: Int) { consultas(first: $n) { edges { node { unidade { nome } sala { nome } tipo { nome }"
            " profissional { expediente { unidade { nome } sala { nome } tipos { nome } } } } } } }",
        ),
    },
    muitos=_muitos,
    historia=_historia,
)
