"""With the database away the reception works from a sheet; who was on it is on the trail once it is back."""

import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sghss_graphql.atendimento.contingencia import porta
from sghss_graphql.atendimento.contingencia.porta import SemFolha, abrir, guardar
from sghss_graphql.atendimento.contingencia.regras import Folha, Marcada, de_hoje_e_amanha, pagina
from sghss_graphql.confianca.acesso.lacre import Cofre
from sghss_graphql.vocabulario.tempo import agora
from tests.cadastro.unidades.test_unidades import unidade
from tests.hospital import CANCELAR, Hospital, chave
from tests.processes import completed, environment
from tests.servers import SEGREDO

COFRE = Cofre([b"um segredo de trinta e dois bytes ou mais", b"o de antes"])


async def test_the_sheet_holds_today_and_tomorrow_and_is_sealed(hospital: Hospital, tmp_path: Path) -> None:
    onde = await unidade(hospital, fuso="America/Manaus", abreNosFeriados=True)
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente(telefone="11987654321")
    await hospital.sempre_em(profissional.id, onde)
    horas = [hospital_em(dias) for dias in (1, 3)]
    amanha, depois = [await hospital.consulta(paciente, profissional, hora) for hora in horas]
    cancelada = await hospital.consulta(await hospital.paciente(), profissional, hospital_em(1, minutos=90))
    await hospital.recepcao(CANCELAR, input={"consultaId": cancelada, "motivo": "x"})
    await guardar(hospital.dono, tmp_path, COFRE, "Hospital <Central>", "America/Sao_Paulo")
    (arquivo,) = tmp_path.iterdir()
    assert arquivo.stat().st_mode & 0o777 == 0o600
    assert paciente.nome.encode() not in arquivo.read_bytes()
    folha = abrir(tmp_path, COFRE)
    deles = [uma for uma in folha.marcadas if uma.profissional == profissional.nome]
    assert [(uma.nome, uma.telefone) for uma in deles] == [(paciente.nome, "+5511987654321")], (amanha, depois)
    texto = pagina(folha, agora())
    assert paciente.nome in texto
    assert "Hospital &lt;Central&gt;" in texto
    assert f"{deles[0].comeca:%H:%M}" in texto


def hospital_em(dias: int, minutos: int = 0) -> str:
    """Give noon in Manaus, so many days from today there."""
    meio_dia = (datetime.now(UTC) - timedelta(hours=4)).replace(hour=16, minute=0, second=0, microsecond=0)
    return (meio_dia + timedelta(days=dias, minutes=minutos)).isoformat()


async def test_who_was_on_it_is_on_the_trail_once_the_database_is_back(hospital: Hospital, tmp_path: Path) -> None:
    onde = await unidade(hospital, fuso="America/Manaus", abreNosFeriados=True)
    profissional, paciente = await hospital.profissional(sempre=False), await hospital.paciente()
    await hospital.sempre_em(profissional.id, onde)
    await hospital.consulta(paciente, profissional, hospital_em(1))
    await guardar(hospital.dono, tmp_path, COFRE, "H", "UTC")
    abrir(tmp_path, COFRE)
    assert len(list(tmp_path.iterdir())) == 2
    await guardar(hospital.dono, tmp_path, COFRE, "H", "UTC")
    await guardar(hospital.dono, tmp_path, COFRE, "H", "UTC")
    assert len(list(tmp_path.iterdir())) == 1
    visto = (
        "SELECT COUNT(*) FROM auditoria a JOIN auditoria_visto v ON v.entrada_id = a.id"
        " WHERE a.ato = 'LER_CONTINGENCIA' AND v.alvo_id = %(p)s"
    )
    assert await hospital.dono.select(visto, p=chave(paciente.id)) == [(1,)]


async def test_one_of_another_secret_is_not_opened_and_one_of_the_secret_before_is(
    hospital: Hospital, tmp_path: Path
) -> None:
    with pytest.raises(SemFolha, match="Não há agenda"):
        abrir(tmp_path, COFRE)
    await guardar(hospital.dono, tmp_path, Cofre([b"o de antes"]), "H", "UTC")
    assert abrir(tmp_path, COFRE).hospital == "H"
    with pytest.raises(SemFolha, match="outro segredo"):
        abrir(tmp_path, Cofre([b"outro"]))
    arquivo = tmp_path / "agenda.sghss"
    arquivo.write_bytes(arquivo.read_bytes()[:-1])
    with pytest.raises(SemFolha):
        abrir(tmp_path, COFRE)


async def test_it_is_kept_anew_when_it_is_a_minute_old_and_not_before(hospital: Hospital, tmp_path: Path) -> None:
    await guardar(hospital.dono, tmp_path, COFRE, "H", "UTC")
    arquivo = tmp_path / "agenda.sghss"
    antes = arquivo.read_bytes()
    await guardar(hospital.dono, tmp_path, COFRE, "H", "UTC")
    assert arquivo.read_bytes() == antes
    velha = datetime.now(UTC).timestamp() - 60
    os.utime(arquivo, (velha, velha))
    await guardar(hospital.dono, tmp_path, COFRE, "H", "UTC")
    assert arquivo.read_bytes() != antes


async def test_a_sheet_is_written_beside_the_loop(
    hospital: Hospital, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes long, and a day of thousands, hold nobody up."""
    laco, escritos = threading.get_ident(), []

    def fsync(descritor: int) -> None:
        escritos.append(threading.get_ident())

    monkeypatch.setattr(os, "fsync", fsync)
    await guardar(hospital.dono, tmp_path, COFRE, "H", "UTC")
    assert len(escritos) == 1
    assert laco not in escritos


async def test_the_command_writes_the_page_with_no_database_there(hospital: Hospital, tmp_path: Path) -> None:
    pasta, arquivo = tmp_path / "guardada", tmp_path / "pagina.html"
    await guardar(hospital.dono, pasta, Cofre([SEGREDO.encode()]), "Santa Casa", "UTC")
    sem_banco = environment(SGHSS_DATABASE_URL="mysql://a:b@127.0.0.1:1/c", SGHSS_CONTINGENCY=str(pasta))
    codigo, texto = await completed("contingencia", str(arquivo), env=sem_banco)
    assert codigo == 0, texto
    assert "Santa Casa" in arquivo.read_text(encoding="utf-8")
    assert arquivo.stat().st_mode & 0o777 == 0o600
    assert "auditoria" in texto
    codigo, texto = await completed("contingencia", env=environment())
    assert (codigo, "SGHSS_CONTINGENCY" in texto) == (1, True)


def test_today_and_tomorrow_are_those_of_where_it_happens() -> None:
    instante = datetime(2033, 1, 2, 2, 30, tzinfo=UTC).replace(tzinfo=None)  # still the 1st in Manaus

    def uma(fuso: str, horas: int) -> Marcada:
        inicio = instante + timedelta(hours=horas)
        return Marcada(bytes(16), "U", fuso, inicio, inicio, "AGENDADA", False, "P", "N", None, None, None, None)

    todas = [uma(fuso, horas) for fuso in ("UTC", "America/Manaus") for horas in (-24, -2, 0, 24, 47, 70)]
    ficam = de_hoje_e_amanha(todas, instante)
    assert [(um.fuso, (um.inicio - instante) // timedelta(hours=1)) for um in ficam] == [
        *(("UTC", horas) for horas in (-2, 0, 24)),
        *(("America/Manaus", horas) for horas in (-2, 0, 24)),
    ]


def test_an_old_sheet_says_so_and_an_empty_one_too() -> None:
    folha = Folha("H", agora() - timedelta(minutes=25), "UTC", ())
    texto = pagina(folha, agora())
    assert "De há 25 minutos" in texto
    assert "Nada marcado" in texto
    assert "as últimas faltam" not in texto
    assert "as últimas faltam" in pagina(replace(folha, inteira=False), agora())


async def test_a_sheet_that_is_cut_off_says_so(
    hospital: Hospital, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paciente, profissional = await hospital.paciente(), await hospital.profissional()
    daqui_a_pouco = (datetime.now(UTC) + timedelta(minutes=20)).replace(second=0, microsecond=0)
    inicio = daqui_a_pouco - timedelta(minutes=daqui_a_pouco.minute % 5)
    await hospital.consulta(paciente, profissional, inicio.isoformat())
    monkeypatch.setattr(porta, "_MAIS", 0)
    await guardar(hospital.dono, tmp_path, COFRE, "H", "UTC")
    folha = abrir(tmp_path, COFRE)
    assert (folha.inteira, folha.marcadas) == (False, ())
