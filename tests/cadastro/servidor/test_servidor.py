"""Before anybody has logged in a client may know which hospital it talks to, and what time it is there."""

from datetime import UTC, datetime, timedelta

from tests.hospital import Hospital

PERGUNTA = "{ servidor { versao hospital fuso agora demonstracao tamanhoMinimoDaSenha } }"


async def test_anyone_may_ask_which_server_it_is(hospital: Hospital) -> None:
    for quem in (hospital.ninguem, hospital.admin):
        servidor = (await quem(PERGUNTA)).data["servidor"]
        agora = datetime.fromisoformat(servidor.pop("agora"))
        assert abs(datetime.now(UTC) - agora) < timedelta(minutes=1)
        assert servidor.pop("versao")
        assert servidor == {
            "hospital": "SGHSS", "fuso": "America/Sao_Paulo", "demonstracao": False, "tamanhoMinimoDaSenha": 8,
        }  # fmt: skip
