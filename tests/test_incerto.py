"""A change whose COMMIT nobody heard of: whoever asked is told that it isn't known, and finds out by its key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from sghss_graphql.app import create_app
from tests.hospital import AGENDAR, CHAVE, Cliente, Hospital
from tests.quedas.estrada import Estrada, Par
from tests.wire import connected


@dataclass
class Longe:
    """The application, over a road to its database that can be cut."""

    estrada: Estrada
    cliente: Cliente

    def perder(self, *, antes: bool) -> None:
        """Lose the next COMMIT, before the database hears of it or after."""

        def vigia(par: Par, pedaco: bytes, do_banco: bool) -> int | None:
            if not do_banco and pedaco.endswith(b"COMMIT"):
                par.marca = True
                return 0 if antes else None
            return 0 if do_banco and par.marca else None

        self.estrada.vigia = vigia


@pytest.fixture
async def longe(hospital: Hospital) -> AsyncIterator[Longe]:
    estrada = Estrada()
    endereco = await estrada.abrir(hospital.server.app_url)
    settings = hospital.settings.model_copy(update={"database_url": str(endereco)})
    async with connected(create_app(settings)) as http:
        yield Longe(estrada, replace(hospital.recepcao, http=http))
    estrada.fechar()


async def _pedido(hospital: Hospital) -> dict[str, str]:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    return {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": hospital.instante()}


@pytest.mark.parametrize("antes", [False, True], ids=["feito", "não feito"])
async def test_it_is_told_that_it_is_not_known(hospital: Hospital, longe: Longe, antes: bool) -> None:
    pedido = await _pedido(hospital)
    longe.perder(antes=antes)
    (erro,) = (await longe.cliente(AGENDAR, input=pedido)).corpo["errors"]
    longe.estrada.vigia = None
    assert (erro["extensions"]["code"], erro["extensions"]["incerto"]) == ("SERVICO_INDISPONIVEL", True)
    assert "Não se sabe" in erro["message"]
    assert "Consulte" in erro["message"]
    de_novo = (await longe.cliente(AGENDAR, input=pedido)).recusas
    assert de_novo == ([] if antes else ["HORARIO_INDISPONIVEL"])


@pytest.mark.parametrize("antes", [False, True], ids=["feito", "não feito"])
async def test_the_same_key_tells_and_does_it_once(hospital: Hospital, longe: Longe, antes: bool) -> None:
    pedido, chave = await _pedido(hospital), CHAVE.set(f"incerto-{antes}")
    try:
        longe.perder(antes=antes)
        (erro,) = (await longe.cliente(AGENDAR, input=pedido)).corpo["errors"]
        longe.estrada.vigia = None
        assert "mesma Idempotency-Key" in erro["message"]
        feitas = [(await longe.cliente(AGENDAR, input=pedido)).data["agendarConsulta"] for _ in range(2)]
    finally:
        CHAVE.reset(chave)
    assert feitas[0]["erros"] == []
    assert feitas[0] == feitas[1]
    ((quantas,),) = await hospital.dono.select(
        "SELECT COUNT(*) FROM consulta WHERE profissional_id = %(p)s", p=bytes.fromhex(pedido["profissionalId"][4:])
    )
    assert quantas == 1


async def test_what_could_not_be_sent_is_known_not_to_be(hospital: Hospital, longe: Longe) -> None:
    """The road is cut before anything of the transaction goes over it: to try again is safe, and is what is said."""
    pedido = await _pedido(hospital)
    longe.estrada.vigia = lambda _, pedaco, do_banco: 0 if not do_banco and b"START TRANSACTION" in pedaco else None
    (erro,) = (await longe.cliente(AGENDAR, input=pedido)).corpo["errors"]
    longe.estrada.vigia = None
    assert "incerto" not in erro["extensions"]
    assert (await longe.cliente(AGENDAR, input=pedido)).recusas == []
