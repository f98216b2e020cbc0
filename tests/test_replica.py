"""A hospital whose replica is held back ten seconds: nobody notices, but that the database answers instead."""

from collections.abc import AsyncIterator

import pytest

from sghss_graphql.app import create_app
from sghss_graphql.machinery.database.binaries import ServerBinaries
from sghss_graphql.settings import Settings
from tests.cadastro.cuidados.test_cuidados import compartilhar
from tests.hospital import AGENDAR, SAIR, Hospital, with_the_demo
from tests.processes import until
from tests.replica import Replicado, replicado
from tests.servers import CHOICE
from tests.wire import connected

pytestmark = pytest.mark.skipif(CHOICE.startswith("mysql://"), reason="os servidores deste teste são dele")
VER = "query($id: ID!) { paciente(id: $id) { id nome } }"
CONSULTAS = "query($id: ID!) { consultas(filtro: {pacienteId: $id}) { totalCount edges { node { id } } } }"
ENCERRAR = "mutation($id: ID!) { encerrarCuidado(cuidadoId: $id) { erros { codigo } } }"
DESATIVAR = 'mutation($id: ID!) { desativarUsuario(usuarioId: $id, motivo: "Saiu.") { erros { codigo } } }'


@pytest.fixture(scope="module")
async def par(tmp_path_factory: pytest.TempPathFactory, binaries: ServerBinaries) -> AsyncIterator[Replicado]:
    """A database with the demo, and its replica."""
    async with replicado(tmp_path_factory.mktemp("replicado"), binaries) as par:
        await with_the_demo(par.banco)
        yield par


@pytest.fixture(scope="module")
async def hospital(par: Replicado, settings: Settings) -> AsyncIterator[Hospital]:
    """The application on it; the replica has all that there is by now."""
    urls = {"database_url": str(par.banco.app_url), "read_url": str(par.url)}
    settings = settings.model_copy(update=urls)
    app = create_app(settings)
    async with connected(app) as http:
        hospital = Hospital(par.banco, settings, app, http)
        await hospital.entrar_todos()

        async def le_da_replica() -> bool:
            antes = await par.selects()
            await hospital.recepcao("{ pacientes(first: 1) { edges { node { id } } } }")
            return await par.selects() > antes + 1

        await until(le_da_replica)
        yield hospital
        await hospital.close()


async def test_what_is_only_read_the_replica_answers(hospital: Hospital, par: Replicado) -> None:
    antes = await par.selects()
    for _ in range(10):
        lidos = await hospital.recepcao("{ pacientes(first: 5) { edges { node { id nome } } } }")
        assert len(lidos.data["pacientes"]["edges"]) == 5
    assert await par.selects() - antes > 10


async def test_whoever_writes_sees_it_at_once(hospital: Hospital, par: Replicado) -> None:
    """What a mutation answers with, and what is asked for next; by the replica or not."""
    await par.atrasar(10)
    try:
        paciente, profissional = await hospital.paciente(), await hospital.profissional()
        assert (await hospital.recepcao(VER, id=paciente.id)).data["paciente"]["id"] == paciente.id
        pedido = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": "2031-03-03T12:00:00Z"}
        marcada = (await hospital.recepcao(AGENDAR, input=pedido)).data["agendarConsulta"]["consulta"]["id"]
        for quem in (paciente.cliente, profissional.cliente, hospital.recepcao):
            vistas = (await quem(CONSULTAS, id=paciente.id)).data["consultas"]
            assert [edge["node"]["id"] for edge in vistas["edges"]] == [marcada]
    finally:
        await par.atrasar(0)


async def test_what_was_taken_is_taken(hospital: Hospital, par: Replicado) -> None:
    """Care that was ended, an account that was closed, a session that was left: the replica has them all still."""
    paciente, colega = await hospital.paciente(), await hospital.profissional()
    partilha = (await compartilhar(paciente.cliente, paciente.id, colega.id)).data["compartilharCuidado"]["cuidado"]
    assert (await colega.cliente(VER, id=paciente.id)).data["paciente"]
    outra = await hospital.funcionario("RECEPCAO")
    assert (await outra.cliente(VER, id=paciente.id)).data["paciente"]
    await par.atrasar(10)
    try:
        assert (await paciente.cliente(ENCERRAR, id=partilha["id"])).recusas == []
        assert (await colega.cliente(VER, id=paciente.id)).data["paciente"] is None
        assert (await hospital.admin(DESATIVAR, id=outra.id)).recusas == []
        assert (await outra.cliente(VER, id=paciente.id)).codigos == ["NAO_AUTENTICADO"]
        assert (await paciente.cliente(SAIR)).recusas == []
        assert (await paciente.cliente(VER, id=paciente.id)).codigos == ["NAO_AUTENTICADO"]
    finally:
        await par.atrasar(0)
