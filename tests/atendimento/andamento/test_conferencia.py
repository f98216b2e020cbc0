"""A consulta without its time, and time without its consulta, are found: each fault is made, and seen."""

import pytest

from sghss_graphql.atendimento.andamento.porta import conferir
from sghss_graphql.comando.banco import tell_check
from sghss_graphql.machinery.database import Transaction
from tests.cadastro.unidades.test_unidades import sala, tipo, unidade
from tests.hospital import AGENDAR, CANCELAR, Hospital, chave


async def _marcada(hospital: Hospital) -> str:
    """Book a consulta in a sala, of a kind after which it stays taken."""
    onde = await unidade(hospital, fuso="UTC", abreNosFeriados=True)
    nela, um = await sala(hospital, onde), await tipo(hospital, intervaloEmMinutos=10)
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    await hospital.sempre_em(profissional.id, onde, salaId=nela)
    pedido = {"pacienteId": paciente.id, "profissionalId": profissional.id, "inicio": "2032-01-05T12:00:00Z"}
    feita = await hospital.recepcao(AGENDAR, input={**pedido, "tipoId": um})
    return str(feita.data["agendarConsulta"]["consulta"]["id"])


@pytest.mark.parametrize(
    ("estrago", "onde"),
    [
        ("DELETE FROM tempo WHERE consulta_id = %(c)s", "sem_tempo"),
        ("DELETE FROM tempo WHERE consulta_id = %(c)s ORDER BY celula DESC LIMIT 1", "sem_tempo"),
        ("DELETE FROM tempo WHERE consulta_id = %(c)s ORDER BY coisa_id, celula LIMIT 1", "sem_tempo"),
        (
            "DELETE k FROM tempo k JOIN consulta c ON c.id = k.consulta_id AND c.sala_id = k.coisa_id"
            " WHERE c.id = %(c)s",
            "sem_tempo",
        ),
        ("UPDATE tempo SET celula = celula + 1 WHERE consulta_id = %(c)s ORDER BY celula DESC", "sem_tempo"),
        ("UPDATE consulta SET fim = fim + INTERVAL 5 MINUTE WHERE id = %(c)s", "sem_tempo"),
        ("UPDATE consulta SET situacao = 'CANCELADA' WHERE id = %(c)s", "com_tempo_alheio"),
        ("UPDATE consulta SET sala_id = NULL WHERE id = %(c)s", "com_tempo_alheio"),
        ("INSERT INTO tempo (coisa_id, celula, consulta_id) VALUES (%(c)s, 1, %(c)s)", "com_tempo_alheio"),
    ],
)
async def test_each_fault_is_seen_and_named(hospital: Hospital, estrago: str, onde: str) -> None:
    consulta = await _marcada(hospital)
    antes = await conferir(hospital.dono)
    assert consulta not in (*antes.sem_tempo, *antes.com_tempo_alheio)

    class Desfeito(Exception):
        pass

    async def work(tx: Transaction) -> None:
        tx.write(estrago, c=chave(consulta))
        achado = await conferir(tx)
        assert consulta in getattr(achado, onde)
        raise Desfeito

    with pytest.raises(Desfeito):
        await hospital.dono.transaction(work)


async def test_nothing_that_the_api_does_leaves_anything_behind(hospital: Hospital) -> None:
    """What the tests before have booked, moved, joined and cancelled fits; those that moved time by hand apart."""
    consulta = await _marcada(hospital)
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})).recusas == []
    achado = await conferir(hospital.dono)
    assert achado.quantas > 0
    assert consulta not in (*achado.sem_tempo, *achado.com_tempo_alheio)


def test_the_command_says_what_it_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell_check(7, (), ())
    assert "7 consultas" in capsys.readouterr().out
    assert not tell_check(7, ("con_1",), ("con_2",))
    assert [linha.partition(":")[0] for linha in capsys.readouterr().out.splitlines()] == ["con_1", "con_2"]
