"""Passwords: what is checked, and that checking nothing takes a hash as well."""

import asyncio
import time
from contextlib import suppress
from threading import Event

import pytest

from sghss_graphql.confianca.acesso import senha as modulo
from sghss_graphql.confianca.acesso.redes import Redes
from sghss_graphql.confianca.acesso.senha import Senhas
from sghss_graphql.confianca.acesso.tentativas import bloqueio
from sghss_graphql.machinery.database.connections import ASKER
from sghss_graphql.vocabulario.errors import Recusa, ServicoIndisponivel


@pytest.fixture
def senhas():
    senhas = Senhas(4)
    yield senhas
    senhas.close()


async def test_a_password_is_the_one_that_was_kept(senhas: Senhas) -> None:
    guardada = await senhas.guardar("ação de graças 7")
    assert len(guardada) == 60
    assert await senhas.confere("ação de graças 7", guardada)
    assert not await senhas.confere("acao de gracas 7", guardada)


@pytest.mark.parametrize("senha", ["certa-certa-1", "x" * 73, "nulo\0", ""])
async def test_without_a_password_or_with_one_too_long_a_hash_is_computed_all_the_same(
    senhas: Senhas, senha: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts bcrypt's calls around the real function: the work is what makes the time the same."""
    chamadas = []
    original = modulo.bcrypt.checkpw
    monkeypatch.setattr(modulo.bcrypt, "checkpw", lambda *a: chamadas.append(a) or original(*a))
    assert not await senhas.confere(senha, None)
    assert len(chamadas) == 1


async def test_a_password_longer_than_72_bytes_is_not_cut(senhas: Senhas) -> None:
    guardada = await senhas.guardar("x" * 72)
    assert not await senhas.confere("x" * 73, guardada)


async def test_a_password_made_of_the_persons_own_name_is_weak(senhas: Senhas) -> None:
    with pytest.raises(Recusa):
        await senhas.exigir_forte("clementina1", ["clementina"])
    await senhas.exigir_forte("um-cavalo-7-bateria", ["clementina"])


def test_the_lock_grows_from_a_minute_to_an_hour() -> None:
    assert bloqueio(9, 10) is None
    minutos = [bloqueio(falhas, 10).total_seconds() / 60 for falhas in range(10, 18)]
    assert minutos == [1, 2, 4, 8, 16, 32, 60, 60]
    assert bloqueio(10**9, 10).total_seconds() == 3600


async def test_judging_takes_milliseconds_whatever_the_password(senhas: Senhas) -> None:
    """The Python port took 12 s on some of 72 bytes; the steps of the Rust one can't be counted: a wide bound."""
    for ruim in ("aA4@" * 18, "1q2w3e4r5t" * 7, "abcdefgh" * 9, "á" * 36, "Aa1" * 24, "@4a@4A" * 12):
        antes = time.process_time()
        with suppress(Recusa):
            await senhas.exigir_forte(ruim, [ruim] * 50)
        assert time.process_time() - antes < 2


async def test_nobody_fills_the_queue_alone_unless_they_are_declared_to_be_many() -> None:
    """Eight of one usuario or network; the others' places are the others'. A lobby's Wi-Fi is many."""
    senhas = Senhas(4, Redes(["10.0.0.0/8"]))
    solta = Event()

    async def esperar(quem: bytes) -> bool:
        ASKER.set(quem)
        return await senhas._hashes.fazer(solta.wait)  # noqa: SLF001

    async def conferir(quem: bytes) -> bool:
        ASKER.set(quem)
        return await senhas.confere("x", None)

    um, outro, muitos = bytes([203, 0, 113, 9]), b"usuario de antes", bytes([10, 0, 0, 1])
    presas = [asyncio.create_task(esperar(quem)) for quem in (um, outro) for _ in range(8)]
    presas += [asyncio.create_task(esperar(muitos)) for _ in range(12)]
    await asyncio.sleep(0)
    for quem in (um, outro):
        with pytest.raises(ServicoIndisponivel):
            await asyncio.create_task(conferir(quem))
    mais = asyncio.create_task(conferir(bytes([203, 0, 113, 10])))
    await asyncio.sleep(0)
    solta.set()
    await asyncio.gather(*presas)
    assert not await mais
    assert not await asyncio.create_task(conferir(um))
    senhas.close()


async def test_a_full_queue_says_so_at_once_and_keeps_places_for_those_who_are_known(senhas: Senhas) -> None:
    solta = Event()
    presas = [asyncio.create_task(senhas._hashes.fazer(solta.wait, conhecido=False)) for _ in range(16)]  # noqa: SLF001
    await asyncio.sleep(0)
    with pytest.raises(ServicoIndisponivel):
        await senhas.confere("x", None, conhecido=False)
    conhecidas = [asyncio.create_task(senhas._hashes.fazer(solta.wait)) for _ in range(16)]  # noqa: SLF001
    await asyncio.sleep(0)
    with pytest.raises(ServicoIndisponivel):
        await senhas.confere("x", None)
    solta.set()
    await asyncio.gather(*presas, *conhecidas)
    assert not await senhas.confere("x", None, conhecido=False)
