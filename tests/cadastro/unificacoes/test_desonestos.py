"""Whoever would read by joining, or by what joining leaves, what they could not: nobody does."""

import asyncio

from tests.cadastro.cuidados.test_cuidados import compartilhar, cuida
from tests.cadastro.unificacoes.test_unificacoes import Cena, cena, desfazer, unificar
from tests.cadastro.usuarios.test_contas import CONCEDER, DESATIVAR, REATIVAR
from tests.hospital import (
    AGENDAR,
    ATUALIZAR_PACIENTE,
    CADASTRAR_FUNCIONARIO,
    CADASTRAR_PACIENTE,
    CADASTRAR_PROFISSIONAL,
    CANCELAR,
    CONFIRMAR,
    DEFINIR,
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
    for n in range(6):
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


async def test_whoever_attends_and_is_attended_by_another_registration_is_in_one_place(hospital: Hospital) -> None:
    """What they attend and what is booked for them by any registration are one time: listed, and not taken twice."""
    medico, colega, alguem, dele = [
        await hospital.profissional(),
        await hospital.profissional(),
        await hospital.paciente(),
        await hospital.paciente(),
    ]
    proprio = {"cpf": medico.cpf, "nome": medico.nome, "nascimento": "1970-01-01", "mesmoSeDuplicado": True}
    seu = (await hospital.recepcao(CADASTRAR_PACIENTE, input=proprio)).data["cadastrarPaciente"]["paciente"]["id"]
    uma, duas, tres = [hospital.instante() for _ in range(3)]
    so_dele = await hospital.consulta(dele, colega, uma)
    cruzada = await hospital.consulta(dele, colega, duas)
    atende = await hospital.consulta(alguem, medico, duas)
    consigo = await hospital.consulta(dele, medico, tres)
    juntos = await unificar(hospital.admin, dele.id, seu)
    em_conflito = {um["id"] for um in juntos.data["unificarPacientes"]["consultasEmConflito"]}
    assert em_conflito == {cruzada, atende, consigo}
    marcar = {"pacienteId": alguem.id, "profissionalId": medico.id, "inicio": uma}
    marcada = await hospital.recepcao(AGENDAR, input=marcar)
    assert marcada.recusas == ["HORARIO_INDISPONIVEL"], so_dele
    for cadastro in (dele.id, seu):
        assert (await compartilhar(colega.cliente, cadastro, medico.id)).recusas == ["MESMA_PESSOA"]
    for vaga in marcada.data["agendarConsulta"]["horariosProximos"]:
        assert vaga["inicio"] not in {uma, duas, tres}
    proximo = marcada.data["agendarConsulta"]["horariosProximos"][0]["inicio"]
    assert (await hospital.recepcao(AGENDAR, input={**marcar, "inicio": proximo})).recusas == []


async def test_staff_are_staff_by_whichever_registration_the_desk_has_before_it(hospital: Hospital) -> None:
    admin, sobra = await hospital.funcionario("ADMINISTRADOR"), await hospital.paciente()
    proprio = {"cpf": admin.cpf, "nome": admin.nome, "nascimento": "1970-01-01", "mesmoSeDuplicado": True}
    seu = (await hospital.recepcao(CADASTRAR_PACIENTE, input=proprio)).data["cadastrarPaciente"]["paciente"]["id"]
    assert (await unificar(hospital.admin, sobra.id, seu)).recusas == []
    outro_cpf = {"cpf": hospital.cpf(), "justificativa": "Dois dígitos trocados na ficha."}
    for quem, mudanca in (
        (hospital.recepcao, {"obitoEm": "2026-11-01"}),
        (hospital.recepcao, {"email": "recepcao@exemplo.com.br"}),
        (admin.cliente, outro_cpf),
    ):
        assert (await quem(ATUALIZAR_PACIENTE, input={"pacienteId": sobra.id, **mudanca})).codigos == ["PROIBIDO"]
    assert (await hospital.admin(ATUALIZAR_PACIENTE, input={"pacienteId": sobra.id, **outro_cpf})).recusas == []


async def test_the_cpf_of_what_is_left_over_gives_nobody_a_role(hospital: Hospital) -> None:
    para, cpf = await hospital.paciente(), hospital.cpf()
    sem_cpf = (await hospital.recepcao(CADASTRAR_PACIENTE, input={"nome": hospital.nome()})).data["cadastrarPaciente"]
    de = sem_cpf["paciente"]["id"]
    assert (await unificar(hospital.admin, de, para.id)).recusas == []
    assert (await hospital.recepcao(ATUALIZAR_PACIENTE, input={"pacienteId": de, "cpf": cpf})).recusas == []
    novo = {"cpf": cpf, "nome": "Rui Prado Neto"}
    feita = await hospital.admin(CADASTRAR_FUNCIONARIO, input={**novo, "papel": "RECEPCAO"})
    assert feita.recusas == ["CPF_JA_CADASTRADO"]
    feita = await hospital.admin(CADASTRAR_PROFISSIONAL, input={**novo, **hospital.registro()})
    assert feita.recusas == ["CPF_JA_CADASTRADO"]


async def test_a_reactivation_that_meets_a_joining_opens_no_login_of_what_is_left_over(hospital: Hospital) -> None:
    for _ in range(6):
        de, para = await hospital.paciente(), await hospital.paciente()
        usuario = await _usuario(hospital, de.cpf)
        assert (await hospital.admin(DESATIVAR, id=usuario, m="Foi embora.")).recusas == []
        junta, reativa = await asyncio.gather(
            unificar(hospital.admin, de.id, para.id), hospital.admin(REATIVAR, id=usuario)
        )
        assert junta.recusas == []
        codigo = (reativa.data["reativarUsuario"]["codigoDeAcesso"] or {}).get("codigo", "ERRADO2345")
        aberta = await hospital.ninguem(DEFINIR, cpf=de.cpf, codigo=codigo, senha="senha-nova-9x")
        assert aberta.recusas == ["CREDENCIAIS_INVALIDAS"]


async def test_care_of_what_was_booked_before_the_code_is_of_all_registrations(hospital: Hospital) -> None:
    estranho, outro, profissional = [
        await hospital.estranho(), await hospital.paciente(), await hospital.profissional()
    ]  # fmt: skip
    marcar = {"pacienteId": estranho.id, "profissionalId": profissional.id, "inicio": hospital.instante()}
    assert (await estranho.cliente(AGENDAR, input=marcar)).recusas == []
    assert (await unificar(hospital.admin, outro.id, estranho.id)).recusas == []
    assert not await cuida(profissional, estranho.id)
    await hospital.com_codigo(estranho.cpf, await hospital.codigo(estranho.cpf), "senha-da-pessoa-9x")
    assert await cuida(profissional, estranho.id)
    assert await cuida(profissional, outro.id)
