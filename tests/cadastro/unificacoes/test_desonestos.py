"""Whoever would read by joining, or by what joining leaves, what they could not: nobody does."""

import asyncio

from tests.cadastro.cuidados.test_cuidados import compartilhar, cuida
from tests.cadastro.unificacoes.test_unificacoes import Cena, cena, desfazer, unificar
from tests.cadastro.usuarios.test_contas import CONCEDER, REATIVAR
from tests.hospital import (
    AGENDAR,
    ATUALIZAR_PACIENTE,
    CADASTRAR_PACIENTE,
    CANCELAR,
    CONFIRMAR,
    EMITIR,
    REMARCAR,
    Hospital,
)

__all__ = ["cena"]


async def _usuario(hospital: Hospital, cpf: str) -> str:
    lidos = await hospital.admin("query($c: String) { usuarios(busca: $c) { edges { node { id } } } }", c=cpf)
    return str(lidos.data["usuarios"]["edges"][0]["node"]["id"])


async def test_what_was_lent_by_one_registration_ends_with_the_care_that_the_other_gave(
    hospital: Hospital, cena: Cena
) -> None:
    outro = await hospital.profissional()
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    assert (await compartilhar(cena.do_para.cliente, cena.de.id, outro.id)).recusas == []
    assert await cuida(outro, cena.para.id)
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": cena.consultas[1], "motivo": "x"})).recusas == []
    assert not await cuida(outro, cena.para.id)
    assert not await cuida(outro, cena.de.id)


async def test_no_administrador_joins_somebody_to_themself(hospital: Hospital, cena: Cena) -> None:
    proprio = await hospital.paciente()
    dado = await hospital.admin(CONCEDER, id=await _usuario(hospital, proprio.cpf), papel="ADMINISTRADOR")
    codigo = dado.data["concederPapel"]["codigoDeAcesso"]["codigo"]
    administrador = await hospital.com_codigo(proprio.cpf, codigo, "senha-nova-de-novo-7")
    for de, para in ((cena.de.id, proprio.id), (proprio.id, cena.de.id)):
        assert (await unificar(administrador, de, para)).recusas == ["VALOR_INVALIDO"]
    assert (await unificar(hospital.admin, cena.de.id, proprio.id)).recusas == []
    assert (await desfazer(administrador, cena.de.id)).recusas == ["VALOR_INVALIDO"]


async def test_the_login_of_what_is_left_over_is_dead_whatever_the_desk_does(hospital: Hospital, cena: Cena) -> None:
    sem_cpf = (await hospital.recepcao(CADASTRAR_PACIENTE, input={"nome": hospital.nome()})).data["cadastrarPaciente"]
    id, cpf = sem_cpf["paciente"]["id"], hospital.cpf()
    for de in (cena.de.id, id):
        assert (await unificar(hospital.admin, de, cena.para.id)).recusas == []
    usuario = await _usuario(hospital, cena.de.cpf)
    assert (await hospital.admin(REATIVAR, id=usuario)).recusas == ["VALOR_INVALIDO"]
    assert (await hospital.recepcao(ATUALIZAR_PACIENTE, input={"pacienteId": id, "cpf": cpf})).recusas == []
    assert (await hospital.recepcao(EMITIR, cpf=cpf)).recusas == ["NAO_ENCONTRADO"]
    assert (await desfazer(hospital.admin, id)).recusas == []
    assert (await hospital.recepcao(EMITIR, cpf=cpf)).recusas == []


async def test_undone_the_hours_of_one_are_free_for_the_other(hospital: Hospital, cena: Cena) -> None:
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    quando, outro = hospital.instante(), await hospital.profissional()
    marcada = await hospital.consulta(cena.para, cena.do_para, quando)
    marcar = {"pacienteId": cena.de.id, "profissionalId": outro.id, "inicio": quando}
    assert (await desfazer(hospital.admin, cena.de.id)).recusas == []
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == []
    marcar["pacienteId"] = cena.para.id
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == ["HORARIO_INDISPONIVEL"]
    assert (await hospital.recepcao(CANCELAR, input={"consultaId": marcada, "motivo": "x"})).recusas == []
    assert (await hospital.recepcao(AGENDAR, input={**marcar, "profissionalId": cena.do_para.id})).recusas == []


async def test_joining_is_a_version_of_the_one_that_is_left_over(hospital: Hospital, cena: Cena) -> None:
    vista = (await hospital.recepcao("query($id: ID!) { paciente(id: $id) { versao } }", id=cena.de.id)).data
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    mudar = {"pacienteId": cena.de.id, "nomeSocial": "Bia", "seVersao": vista["paciente"]["versao"]}
    assert (await hospital.recepcao(ATUALIZAR_PACIENTE, input=mudar)).recusas == ["CONFLITO_DE_VERSAO"]


async def test_whoever_died_in_one_registration_died_in_all(hospital: Hospital, cena: Cena) -> None:
    morte = {"pacienteId": cena.de.id, "obitoEm": "2026-01-05"}
    assert (await hospital.recepcao(ATUALIZAR_PACIENTE, input=morte)).recusas == []
    assert (await unificar(hospital.admin, cena.de.id, cena.para.id)).recusas == []
    marcar = {"pacienteId": cena.para.id, "profissionalId": cena.do_de.id, "inicio": hospital.instante()}
    assert (await hospital.recepcao(AGENDAR, input=marcar)).recusas == ["VALOR_INVALIDO"]
    for consulta in cena.consultas:
        mudar = {"consultaId": consulta, "inicio": hospital.instante()}
        assert (await hospital.recepcao(REMARCAR, input=mudar)).recusas == ["VALOR_INVALIDO"]
        assert (await hospital.recepcao(CONFIRMAR, id=consulta)).recusas == ["VALOR_INVALIDO"]
        assert (await hospital.recepcao(CANCELAR, input={"consultaId": consulta, "motivo": "x"})).recusas == []
    nascer = {"pacienteId": cena.de.id, "nascimento": "2026-02-01"}
    assert (await hospital.recepcao(ATUALIZAR_PACIENTE, input=nascer)).recusas == ["VALOR_INVALIDO"]


async def test_a_booking_by_one_registration_that_meets_a_death_in_the_other_is_refused_or_listed(
    hospital: Hospital,
) -> None:
    morrer = ATUALIZAR_PACIENTE.replace("{ paciente {", "{ consultasEmConflito { id } paciente {", 1)
    profissional = await hospital.profissional()
    for n in range(12):
        um, outro = await hospital.paciente(), await hospital.paciente()
        assert (await unificar(hospital.admin, um.id, outro.id)).recusas == []
        marcar = {"pacienteId": outro.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
        pedidos = [
            hospital.recepcao(AGENDAR, input=marcar),
            hospital.recepcao(morrer, input={"pacienteId": um.id, "obitoEm": "2026-11-01"}),
        ]
        respostas = await asyncio.gather(*(pedidos if n % 2 else pedidos[::-1]))
        marcada, morte = respostas if n % 2 else respostas[::-1]
        assert morte.recusas == []
        feita = marcada.data["agendarConsulta"]["consulta"]
        listadas = [consulta["id"] for consulta in morte.data["atualizarPaciente"]["consultasEmConflito"]]
        assert listadas == ([feita["id"]] if feita else []), marcada.corpo


async def test_a_booking_that_meets_a_joining_is_refused_or_listed(hospital: Hospital) -> None:
    for vez in range(6):
        de, para = await hospital.paciente(), await hospital.paciente()
        um, outro = await hospital.profissional(), await hospital.profissional()
        quando = hospital.instante()
        antes = await hospital.consulta(de, um, quando)
        marcar = {"pacienteId": para.id, "profissionalId": outro.id, "inicio": quando}
        ao_mesmo_tempo = [unificar(hospital.admin, de.id, para.id), hospital.recepcao(AGENDAR, input=marcar)]
        respostas = await asyncio.gather(*(ao_mesmo_tempo if vez % 2 else reversed(ao_mesmo_tempo)))
        feitas = {nome: valor for resposta in respostas for nome, valor in resposta.data.items()}
        conflitos = {uma["id"] for uma in feitas["unificarPacientes"]["consultasEmConflito"]}
        marcada = feitas["agendarConsulta"]["consulta"]
        assert conflitos == ({antes, marcada["id"]} if marcada else set())
