"""Care that is lent holds no longer than that of whoever lent it, and never rests on itself."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sghss_graphql.cadastro.cuidados import store
from sghss_graphql.cadastro.cuidados.regras import Partilha, limites
from sghss_graphql.confianca.acesso.checagem import exigir
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import VerCuidados
from sghss_graphql.machinery.database import Database
from sghss_graphql.settings import Settings
from tests.cadastro.cuidados.test_cuidados import (
    DESCOMPARTILHAR,
    LER,
    PORQUE,
    compartilhar,
    cuida,
    emergencia,
)
from tests.hospital import AGENDAR, CANCELAR, CONFIRMAR, REMARCAR, Hospital, chave

AGORA = datetime(2030, 1, 1)  # noqa: DTZ001 - naive UTC
_PARTILHAS = "query($id: ID!) { paciente(id: $id) { cuidadosCompartilhados { id encerradoEm } } }"


async def _desmarcar(hospital: Hospital, consulta: str) -> None:
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})).recusas == []


async def test_nobody_shares_with_themself(hospital: Hospital) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    await hospital.consulta(paciente, profissional)
    assert (await compartilhar(profissional.cliente, paciente.id, profissional.id)).recusas == ["MESMA_PESSOA"]


async def test_what_was_lent_as_a_profissional_is_seen_as_one(hospital: Hospital, settings: Settings) -> None:
    d, colega, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    await hospital.consulta(paciente, d)
    assert (await compartilhar(d.cliente, paciente.id, colega.id)).recusas == []
    usuario = chave((await d.cliente("{ eu { id } }")).data["eu"]["id"])
    como_medico = Quem(usuario, bytes(16), frozenset({Papel.PROFISSIONAL}), None, chave(d.id), False)
    como_paciente = Quem(usuario, bytes(16), frozenset({Papel.PACIENTE}), bytes(16), None, False)
    db = Database(settings.app_database)
    for quem, vistas in ((como_medico, 1), (como_paciente, 0)):
        alcance = exigir(quem, VerCuidados)
        assert len(await store.partilhas_dos_pacientes(db, alcance, [chave(paciente.id)])) == vistas
    await db.close()


async def test_a_pair_that_hands_care_round_keeps_none_of_it(hospital: Hospital) -> None:
    a, b, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, a)
    assert (await compartilhar(a.cliente, paciente.id, b.id, 300)).recusas == []
    assert (await compartilhar(b.cliente, paciente.id, a.id, 299)).recusas == []
    assert await cuida(b, paciente.id)
    await _desmarcar(hospital, consulta)
    assert not await cuida(a, paciente.id)
    assert not await cuida(b, paciente.id)
    abertas = (await paciente.cliente(_PARTILHAS, id=paciente.id)).data["paciente"]["cuidadosCompartilhados"]
    assert [uma["encerradoEm"] is not None for uma in abertas] == [True, True]


async def test_who_ends_what_they_lent_ends_what_was_lent_of_it(hospital: Hospital) -> None:
    d, a, b, paciente = [await hospital.profissional() for _ in range(3)] + [await hospital.paciente()]
    await hospital.consulta(paciente, d)
    id = (await compartilhar(d.cliente, paciente.id, b.id, 200)).data["compartilharCuidado"]["cuidado"]["id"]
    assert (await compartilhar(b.cliente, paciente.id, a.id, 199)).recusas == []
    assert (await compartilhar(a.cliente, paciente.id, b.id, 198)).recusas == []
    assert (await d.cliente(DESCOMPARTILHAR, id=id)).recusas == []
    assert not await cuida(a, paciente.id)
    assert not await cuida(b, paciente.id)
    assert await cuida(d, paciente.id)


async def test_what_the_paciente_lends_stands_by_itself(hospital: Hospital) -> None:
    a, b, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, a)
    assert (await compartilhar(paciente.cliente, paciente.id, b.id)).recusas == []
    assert (await compartilhar(b.cliente, paciente.id, a.id, 20)).recusas == []
    await _desmarcar(hospital, consulta)
    assert await cuida(b, paciente.id)
    assert await cuida(a, paciente.id), "it rests on what the paciente lent"


async def test_care_is_lent_no_longer_than_one_has_it(hospital: Hospital) -> None:
    a, b, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    consulta = await hospital.consulta(paciente, a, hospital.instante(1))
    await hospital.dono.transaction(
        lambda tx: tx.execute("UPDATE cuidado SET ate = %(ate)s WHERE origem_id = %(c)s",
            ate=datetime.now(UTC).replace(tzinfo=None) + timedelta(days=10), c=bytes.fromhex(consulta[4:]))
    )  # fmt: skip
    assert (await compartilhar(a.cliente, paciente.id, b.id, 11)).recusas == ["VALOR_INVALIDO"]
    assert (await compartilhar(a.cliente, paciente.id, b.id, 9)).recusas == []


async def test_what_is_open_is_seen_however_much_is_over(hospital: Hospital) -> None:
    a, b, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    await hospital.consulta(paciente, a)
    id = (await compartilhar(a.cliente, paciente.id, b.id, 300)).data["compartilharCuidado"]["cuidado"]["id"]
    for _ in range(12):
        outra = (await compartilhar(a.cliente, paciente.id, b.id, 1)).data["compartilharCuidado"]["cuidado"]["id"]
        assert (await a.cliente(DESCOMPARTILHAR, id=outra)).recusas == []
    vistas = (await paciente.cliente(_PARTILHAS, id=paciente.id)).data["paciente"]["cuidadosCompartilhados"]
    assert vistas[0] == {"id": id, "encerradoEm": None}
    assert len(vistas) == 10


async def test_who_cares_no_more_neither_moves_nor_cancels_nor_learns_of_other_bookings(hospital: Hospital) -> None:
    a, d, paciente = await hospital.profissional(), await hospital.profissional(), await hospital.paciente()
    acesso = (await emergencia(a, paciente.id)).data["acessarEmEmergencia"]["acesso"]["id"]
    quando, noutro = hospital.instante(), hospital.instante()
    marcar = {"pacienteId": paciente.id, "profissionalId": a.id, "inicio": quando}
    dela = (await a.cliente(AGENDAR, input=marcar)).data["agendarConsulta"]["consulta"]["id"]
    encerrar = "mutation($id: ID!) { encerrarAcessoDeEmergencia(acessoId: $id) { erros { codigo } } }"
    assert (await a.cliente(encerrar, id=acesso)).recusas == []
    await hospital.consulta(paciente, d, noutro)
    for inicio in (noutro, hospital.instante()):
        assert (await a.cliente(REMARCAR, input={"consultaId": dela, "inicio": inicio})).codigos == ["PROIBIDO"]
    assert (await a.cliente(CANCELAR, input={"consultaId": dela, "motivo": "x"})).codigos == ["PROIBIDO"]
    assert (await a.cliente(CONFIRMAR, id=dela)).recusas == [], "the rest of their agenda is theirs"


@pytest.mark.parametrize(
    "letra", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u202e", "\u0001", ".", " ", "\u0301"]
)
async def test_why_is_said_in_words_that_are_seen(hospital: Hospital, letra: str) -> None:
    profissional, paciente = await hospital.profissional(), await hospital.paciente()
    assert (await emergencia(profissional, paciente.id, letra * 25)).recusas == ["VALOR_INVALIDO"]
    assert (await emergencia(profissional, paciente.id, PORQUE)).recusas == []
    assert (await profissional.cliente(LER, id=paciente.id)).codigos == []


_quando = st.integers(0, 20).map(lambda dias: AGORA + timedelta(days=dias))
_quem = st.sampled_from([b"a", b"b", b"c"])
_partilhas = st.lists(
    st.builds(Partilha, st.binary(min_size=4, max_size=4), _quem, st.none() | _quem, _quando, _quando),
    max_size=8,
    unique_by=lambda p: p.chave,
)


@given(st.dictionaries(_quem, _quando), _partilhas)
def test_no_share_outlasts_what_it_rests_on(por_consulta: dict[bytes, datetime], partilhas: list[Partilha]) -> None:
    """Each one's end is explained by a chain that begins with a consulta or with the paciente."""
    achados = limites(por_consulta, partilhas)
    assert achados.keys() == {uma.chave for uma in partilhas}

    def sustenta(uma: Partilha, ate: datetime, visitadas: frozenset[bytes]) -> bool:
        if uma.de is None or por_consulta.get(uma.de, datetime.min) >= ate:  # noqa: DTZ901 - naive UTC
            return True
        return any(
            outra.com == uma.de and outra.chave not in visitadas and (achados[outra.chave] or datetime.min) >= ate  # noqa: DTZ901
            and sustenta(outra, ate, visitadas | {outra.chave})
            for outra in partilhas
        )  # fmt: skip

    for uma in partilhas:
        ate = achados[uma.chave]
        if ate is not None:
            assert ate <= uma.ate
            assert sustenta(uma, ate, frozenset({uma.chave}))
