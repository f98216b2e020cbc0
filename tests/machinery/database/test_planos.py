"""Every statement of every store, explained on the demo's data: none walks a whole table that grows."""

import importlib
import inspect
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sghss_graphql.atendimento.agenda import store as agenda
from sghss_graphql.atendimento.agenda.regras import Guardado, HorasDeTrabalho, Intervalo, celulas
from sghss_graphql.atendimento.consultas import regras as consultas_regras
from sghss_graphql.atendimento.consultas import store as consultas
from sghss_graphql.atendimento.consultas.regras import ComoEsta, Correcao, Donos, Filtro
from sghss_graphql.atendimento.consultas.types import Consulta, SituacaoDaConsulta
from sghss_graphql.cadastro.pacientes import regras as pacientes_regras
from sghss_graphql.cadastro.pacientes import store as pacientes
from sghss_graphql.cadastro.pacientes.regras.busca import ler_busca
from sghss_graphql.cadastro.pacientes.types import FiltroDePacientes, Paciente, Sexo
from sghss_graphql.cadastro.pessoas import store as pessoas
from sghss_graphql.cadastro.pessoas.types import Pessoa, RacaCor
from sghss_graphql.cadastro.profissionais import store as profissionais
from sghss_graphql.cadastro.profissionais.regras import Busca as BuscaDeProfissionais
from sghss_graphql.cadastro.profissionais.types import Conselho, Especialidade, Profissional
from sghss_graphql.cadastro.unidades.types import Modalidade
from sghss_graphql.cadastro.usuarios import store as usuarios
from sghss_graphql.clinica.prontuarios import store as prontuarios
from sghss_graphql.clinica.prontuarios.regras import Registro
from sghss_graphql.confianca.acesso import store as acesso
from sghss_graphql.confianca.acesso.checagem import Alcance, exigir
from sghss_graphql.confianca.acesso.papeis import Papel, Quem
from sghss_graphql.confianca.acesso.tabela import (
    QUEM_PODE,
    AcessarEmEmergencia,
    BuscarPacientes,
    CadastrarPacientes,
    LerProntuarios,
    SiMesmo,
    VerConsultas,
    VerPacientes,
    VerProfissionais,
)
from sghss_graphql.confianca.auditoria import store as auditoria
from sghss_graphql.confianca.auditoria.atos import Autor
from sghss_graphql.confianca.auditoria.atos import Registro as Entrada
from sghss_graphql.demo import store as demo
from sghss_graphql.demo.lugares import CENTRAL
from sghss_graphql.demo.sala import SALA as DEMO
from sghss_graphql.machinery.database import Database, Transaction
from sghss_graphql.machinery.engine import page_of
from sghss_graphql.vocabulario import ids
from sghss_graphql.vocabulario.acoes import Acao
from sghss_graphql.vocabulario.scalars import CPF
from sghss_graphql.vocabulario.tempo import PRIMEIRO_INSTANTE, agora
from sghss_graphql.vocabulario.uf import UF
from tests.hospital import ABERTO, CASA, LOGIN, Hospital
from tests.leitura import named_by_values, tables
from tests.machinery.database.statements_log import Step, explain, recorded
from tests.provas import PROVAS

PACOTE = Path(acesso.__file__).parents[2]
STORES: tuple[ModuleType, ...] = tuple(
    importlib.import_module(".".join(["sghss_graphql", *path.relative_to(PACOTE).with_suffix("").parts]))
    for path in sorted(PACOTE.rglob("store.py"))
)
SMALL_SCAN = 100  # rows: what EXPLAIN may say of a walk that a LIMIT ends
FEW = {"profissional", "m", "profissional_especialidade"}
"""Tables of the profissionais: hundreds of rows in the largest hospital; a list of all of them reads them all."""
DECLARED = {
    "pacientes.contar": "exact counts for callers who see everyone read an index from end to end",
    "consultas.contar": "the same",
    "consultas.contar_por_situacao": "the same",
    "profissionais.nomes_das_especialidades": "of all who attend: it grows no more than a hospital does",
    "usuarios.contar": "the same, for administrators",
    "codigos.contar": "the same",
    "horarios.quem_atende": "of all who attend, where nothing is said of them: 301 at most",
    **dict.fromkeys(
        ("acesso.encerrar_as_de_todos", "repeticoes.apagar_todas", "codigos.apagar_todos"),
        "all of them end, once, in a database that is put back from a copy",
    ),
    **dict.fromkeys(
        ("andamento.sem_tempo", "andamento.tempo_de_ninguem", "andamento.quantas"),
        "verificar compares all that is to come: a command asks it, and no request does",
    ),
    "demo.ha_gente": "any one row will do: LIMIT 1 without a condition",
}


class _Undo(Exception):
    pass


@pytest.fixture(scope="module")
async def app(hospital: Hospital):
    """The database as the application sees it, with fresh statistics."""
    for (tabela,) in await hospital.dono.select(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'sghss' AND table_type = 'BASE TABLE'"
    ):
        await hospital.dono.select(f"ANALYZE TABLE {tabela}")
    db = Database(hospital.server.app_url)
    yield db
    await db.close()


@pytest.fixture(scope="module")
async def linhas(hospital: Hospital) -> dict[str, Any]:
    """Keys of the demo to ask with."""
    dono = hospital.dono
    ((paciente, usuario, pessoa),) = await dono.select(
        "SELECT p.id, u.id, e.id FROM pessoa e JOIN paciente p ON p.pessoa_id = e.id"
        " JOIN usuario u ON u.pessoa_id = e.id WHERE e.cpf = '52998224725'"
    )
    ((profissional, usuario_profissional, pessoa_do_profissional),) = await dono.select(
        "SELECT m.id, u.id, e.id FROM pessoa e JOIN profissional m ON m.pessoa_id = e.id"
        " JOIN usuario u ON u.pessoa_id = e.id WHERE e.cpf = '11144477735'"
    )
    ((sem_conta,),) = await dono.select(
        "SELECT p.pessoa_id FROM paciente p LEFT JOIN usuario u ON u.pessoa_id = p.pessoa_id WHERE u.id IS NULL LIMIT 1"
    )
    ((sessao,),) = await dono.select("SELECT id FROM sessao LIMIT 1")
    ((consulta,),) = await dono.select("SELECT id FROM consulta WHERE situacao = 'AGENDADA' LIMIT 1")
    ((tipo,),) = await dono.select("SELECT id FROM tipo_de_atendimento LIMIT 1")
    registros = [linha[0] for linha in await dono.select("SELECT id FROM prontuario LIMIT 20")]
    tentado = hospital.cpf()
    await hospital.ninguem(LOGIN, cpf=tentado, senha="errada-mesmo-1")
    muitos = [linha[0] for linha in await dono.select("SELECT id FROM paciente LIMIT 20")]
    return {
        "paciente": paciente,
        "pessoa": pessoa,
        "pessoa_sem_conta": sem_conta,
        "pessoa_do_profissional": pessoa_do_profissional,
        "usuario": usuario,
        "profissional": profissional,
        "usuario_profissional": usuario_profissional,
        "sessao": sessao,
        "consulta": consulta,
        "registros": registros,
        "tipo": tipo,
        "pacientes": muitos,
        "tentado": tentado,
    }


def _alcances(l: dict[str, Any], acao: type[Acao]) -> list[Alcance]:  # noqa: E741 - the rows
    papeis = [frozenset({papel}) for papel in QUEM_PODE[acao]] + [frozenset({Papel.PACIENTE, Papel.PROFISSIONAL})]
    quens = [
        Quem(
            usuario=l["usuario"],
            sessao=l["sessao"],
            papeis=conjunto,
            paciente=l["paciente"] if Papel.PACIENTE in conjunto else None,
            profissional=l["profissional"] if Papel.PROFISSIONAL in conjunto else None,
            troca_de_senha_obrigatoria=False,
        )
        for conjunto in papeis
        if conjunto & QUEM_PODE[acao].keys()
    ]
    return [exigir(quem, acao) for quem in quens]


def _calls(l: dict[str, Any]) -> dict[Any, list[tuple[Any, ...]]]:  # noqa: E741 - the rows
    """Give what each function of each store is called with, the connection apart."""
    instante = agora()
    cpf, texto = "52998224725", "x"
    hora = Intervalo(instante, instante + timedelta(minutes=30))
    como = ComoEsta(l["consulta"], l["profissional"], frozenset({SituacaoDaConsulta.AGENDADA}), hora, None)
    alcances = {acao: _alcances(l, acao) for acao in QUEM_PODE}
    linhas_e_alcances = {**l, "alcances": alcances, "instante": instante}
    paginas_de_consultas = [
        page_of("con", (datetime, bytes), ABERTO, first=20),
        page_of("con", (datetime, bytes), ABERTO, last=20),
        _depois("con", (datetime, bytes), instante, l["consulta"]),
    ]
    paginas_de_nomes = [
        page_of("pac", (str, bytes), ABERTO, first=20),
        _depois("pac", (str, bytes), "maria", l["paciente"]),
    ]
    paginas_de_registros = [page_of("pro", (int,), ABERTO, first=20), page_of("pro", (int,), ABERTO, last=20)]
    filtros = [
        Filtro(
            (paciente,) if paciente else (),
            (profissional,) if profissional else (),
            de,
            situacoes=tuple(s.name for s in situacoes),
        )
        for paciente in (None, l["paciente"])
        for profissional in (None, l["profissional"])
        for de in (PRIMEIRO_INSTANTE, instante)
        for situacoes in (SituacaoDaConsulta, [SituacaoDaConsulta.CONFIRMADA])
    ]
    outros_filtros = [
        Filtro(de=instante, **de_quais)
        for de_quais in (
            {"unidade": CENTRAL},
            {"tipo": l["tipo"]},
            {"profissionais": (l["profissional"], bytes(16))},
            {"profissionais": (l["profissional"],), "nomes": ("mar", "con"), "no_dia": (((CENTRAL,), hora),)},
            {"unidade": CENTRAL, "especialidade": "cardiologia", "modalidade": "PRESENCIAL", "encaixe": False},
        )
    ]
    buscas = [
        achada
        for texto in ("", "a", "maria", "a conceic", "maria conceicao", "maria 12/03/1980", "12/03/1980", str(cpf),
                      "11 91234-5678", "maria 5678", "FN123456 9876-5")
        if (achada := ler_busca(texto)) is not None
    ]  # fmt: skip
    da_mae = ler_busca("ana", FiltroDePacientes(nome_da_mae="maria", telefone="1234", nascimento=date(1980, 5, 1)))
    so_da_mae = ler_busca(None, FiltroDePacientes(nome_da_mae="maria s"))
    buscas += [um for um in (da_mae, so_da_mae) if um is not None]
    paginas_de_pacientes = [
        page_of("pacientes", (int, str, bytes), ABERTO, first=20),
        page_of("pacientes", (int, str, bytes), ABERTO, last=20),
        *(_depois("pacientes", (int, str, bytes), grau, "maria", bytes(16)) for grau in range(3)),
    ]
    chave = ids.nova_chave()
    paciente = Paciente(
        chave=chave, versao=1, numero="", nome="Ana", nome_social=None, nome_da_mae=None, cpf=None, cns=None,
        nascimento=date(2000, 1, 1), sexo=Sexo.FEMININO, raca_cor=RacaCor.PARDA, nacionalidade=None, email=None,
        telefone=None, obito_em=None, criado_em=instante, pessoa=chave, ordem="ana",
    )  # fmt: skip
    profissional = Profissional(
        chave=chave,
        nome="Ana",
        conselho=Conselho.CRM,
        numero="9999999",
        uf=UF.AC,
        registro="",
        fuso="UTC",
        ordem="ana",
        pessoa=chave,
        ativo=True,
        versao=1,
    )
    outra = Pessoa(chave, CPF("12345678909"), "Ana", "ana", instante)
    dela = replace(outra, chave=l["pessoa"])
    consulta = Consulta(
        chave=chave, paciente_chave=l["paciente"], profissional_chave=l["profissional"], versao=1, inicio=instante,
        fim=hora.fim, unidade_chave=CENTRAL,
        situacao=SituacaoDaConsulta.AGENDADA, modalidade=Modalidade.PRESENCIAL, motivo=None, criado_em=instante,
    )  # fmt: skip
    longe = Intervalo(hora.inicio + timedelta(days=9_000), hora.fim + timedelta(days=9_000))
    guardado = Guardado(
        chave, l["usuario"], 0, l["profissional"], CENTRAL, None, l["tipo"], longe, 10, instante, (l["pessoa"],)
    )
    donos = Donos(l["pacientes"], atendem=False), Donos([l["profissional"]], atendem=True)
    registro = Registro(
        chave, l["paciente"], 9999, l["profissional"], "1/SP", None, "OUTRO", texto, (), None, None, instante, bytes(32)
    )
    return {
        acesso.quem: [(l["usuario"], l["sessao"], instante)],
        acesso.quem_ainda: [(l["usuario"], l["sessao"], instante)],
        acesso.suspender_usuario: [(l["usuario"],)],
        acesso.muitas_falhas: [([b"c1", b"c2"], 100, PRIMEIRO_INSTANTE)],
        acesso.esquecer_redes: [(l["usuario"],)],
        auditoria.inserir: [
            (
                [
                    Entrada(
                        pacientes_regras.Leituras.LER_CADASTRO,
                        Autor(l["usuario"], ("PROFISSIONAL",)),
                        vistos=frozenset({(chave, bytes(16))}),
                    )
                ],
            )
        ],
        acesso.inserir_sessao: [(chave, l["usuario"], instante, instante)],
        acesso.prorrogar_sessao: [(l["sessao"], instante, instante)],
        acesso.encerrar_sessao: [(l["sessao"], instante)],
        acesso.encerrar_sessoes: [(l["usuario"], instante)],
        acesso.encerrar_as_de_todos: [(instante,)],
        acesso.inserir_token: [(bytes(32), l["sessao"], instante)],
        acesso.usar_token: [(bytes(32), instante)],
        acesso.sessao_do_token: [(bytes(32),)],
        acesso.apagar_tokens_velhos: [(l["usuario"], PRIMEIRO_INSTANTE)],
        acesso.apagar_sessoes_velhas: [(l["usuario"], PRIMEIRO_INSTANTE)],
        acesso.segurar_falhas: [([b"c1", b"p1", b"r1"], instante)],
        acesso.falhas: [([b"c1", b"p1", b"r1"],)],
        acesso.guardar_falhas: [(b"c1", acesso.Falhas(1, instante, None), instante)],
        acesso.descontar_falha: [([b"c1", b"r1"],)],
        acesso.apagar_falhas: [(b"p1",)],
        acesso.apagar_falhas_dos_pares: [(b"p1",)],
        acesso.conhece_a_rede: [(cpf, b"rede", instante)],
        acesso.conhecer_a_rede: [(l["usuario"], b"rede", instante)],
        acesso.varrer_falhas: [(PRIMEIRO_INSTANTE,)],
        acesso.varrer_redes: [(PRIMEIRO_INSTANTE,)],
        acesso.varrer_tentativas_antigas: [(PRIMEIRO_INSTANTE,)],
        pessoas.por_cpf: [(cpf,)],
        pessoas.inserir: [(outra,)],
        pessoas.mudar: [(dela, replace(dela, nome_da_mae="Eva", email="a@b.com.br"))],
        pessoas.completar: [(l["pessoa"], outra)],
        pessoas.inserir_correcao: [(chave, l["pessoa"], cpf, cpf, "x", l["usuario"], instante)],
        pessoas.esperar_a_vez: [(3,)],
        pessoas.por_chave: [(l["pessoa"],)],
        pessoas.com_indice_velho: [(200,)],
        pessoas.renovar_indice: [(dela,)],
        pessoas.enderecos: [([l["pessoa"]],)],
        pessoas.documentos: [([l["pessoa"]],)],
        pessoas.contatos: [([l["pessoa"]],)],
        pessoas.trocar_endereco: [(l["pessoa"], None)],
        pessoas.trocar_documentos: [(l["pessoa"], ())],
        pessoas.trocar_contatos: [(l["pessoa"], ())],
        pessoas.mudou: [(l["pessoa"],)],
        acesso.bloqueios_dos_pares: [([b"p1", b"p2"], instante)],
        pessoas.inserir_termos: [(replace(outra, chave=l["pessoa"], ordem="maria aparecida da conceicao"), ["zz"])],
        pessoas.apagar_termos: [(chave,)],
        usuarios.eu: [(alcances[SiMesmo][0].quem,)],
        usuarios.da_equipe: [(l["pessoa"],)],
        usuarios.credencial: [(cpf,)],
        usuarios.conta: [(cpf,)],
        usuarios.refazer_hash: [(l["usuario"], "a", "b")],
        usuarios.conta_da_pessoa: [(l["pessoa"],)],
        usuarios.ha_administrador: [()],
        usuarios.inserir: [(chave, l["pessoa_sem_conta"], None, False, None, instante)],
        usuarios.inserir_papel: [(chave, Papel.RECEPCAO)],
        usuarios.trocar_senha: [(l["usuario"], texto, texto)],
        usuarios.esquecer_senha: [(l["usuario"],)],
        usuarios.segue_em_outra: [(l["pessoa"],)],
        usuarios.senha_que_abre: [(l["usuario"],)],
        usuarios.verificar: [(l["usuario"], instante)],
        usuarios.verificadas: [([l["pessoa"]],)],
        acesso.suspender: [(l["paciente"],)],
        pacientes.chave_por_cpf: [(cpf,)],
        pacientes.dos_vistos: [(alcances[VerPacientes][0], quem) for quem in ([l["paciente"]], l["pacientes"])],
        pacientes.existe: [(alcances[AcessarEmEmergencia][0], l["paciente"])],
        usuarios.nomes: [([l["usuario"]],)],
        usuarios.dar_cuidado_do_que_marcou: [(l["usuario"], 365)],
        consultas.em_aberto: [([l["paciente"]], l["profissional"], b"", instante)],
        pacientes.por_ids: [(a, l["pacientes"]) for a in alcances[VerPacientes]],
        pacientes.por_usuarios: [(a, [l["usuario"]]) for a in alcances[VerPacientes]],
        pacientes.chaves: [(a, busca) for a in alcances[BuscarPacientes] for busca in buscas if busca.de_um],
        pacientes.buscar: [
            (a, busca, pagina) for a in alcances[BuscarPacientes] for busca in buscas for pagina in paginas_de_pacientes
        ],
        pacientes.contar: [(a, busca) for a in alcances[BuscarPacientes] for busca in buscas],
        pacientes.inserir: [(paciente, l["pessoa_do_profissional"])],
        pacientes.duplicados: [(alcances[CadastrarPacientes][0], replace(paciente, mae_ordem="eva", telefone="+551"))],
        pacientes.duplicados_dos: [(alcances[CadastrarPacientes][0], l["pacientes"])],
        pacientes.depois_de: [(b"", 20)],
        pacientes.cadastrado: [(l["paciente"],)],
        pacientes.atualizar: [(paciente, replace(paciente, sexo=Sexo.MASCULINO))],
        profissionais.por_ids: [(a, [l["profissional"]]) for a in alcances[VerProfissionais]],
        profissionais.por_usuarios: [(alcances[VerProfissionais][0], [l["usuario_profissional"]])],
        profissionais.buscar: [
            (alcances[VerProfissionais][0], BuscaDeProfissionais(inicios, especialidade, conselho), pagina)
            for inicios in ((), ("car",))
            for especialidade, conselho in ((None, None), ("cardiologia", "CRM"))
            for pagina in (*paginas_de_nomes, page_of("profissionais", (str, bytes), ABERTO, last=20))
        ],
        profissionais.contar: [
            (alcances[VerProfissionais][0], BuscaDeProfissionais()),
            (alcances[VerProfissionais][0], BuscaDeProfissionais(("c",), "urologia", "CRO", CENTRAL)),
        ],
        profissionais.especialidades: [([l["profissional"]],)],
        profissionais.nomes_das_especialidades: [(alcances[VerProfissionais][0], 500)],
        profissionais.dos_pacientes: [([l["paciente"]],)],
        profissionais.segurar: [(l["profissional"],)],
        profissionais.inserir: [(profissional, l["pessoa"])],
        profissionais.inserir_especialidades: [(chave, [Especialidade(nome="Urologia", rqe=None)])],
        profissionais.apagar_especialidades: [(chave,)],
        profissionais.ativo: [(l["profissional"],)],
        profissionais.mudar_ativo: [(l["profissional"], True)],
        profissionais.mudar_fuso: [(l["profissional"], "UTC")],
        agenda.turnos: [([l["profissional"]],)],
        agenda.trocar_turnos: [(l["profissional"], [HorasDeTrabalho(6, 0, 5, CENTRAL, tipos=frozenset({l["tipo"]}))])],
        agenda.bloqueios: [([l["profissional"]], hora)],
        agenda.bloqueio: [(bytes(16),)],
        agenda.bloqueios_por_vir: [(l["profissional"], instante, 1_000)],
        agenda.inserir_bloqueio: [(chave, l["profissional"], hora, texto, instante)],
        agenda.apagar_bloqueio: [(chave,)],
        agenda.ocupadas: [([l["pessoa"]], celulas(hora), instante)],
        agenda.tomadas: [([l["pessoa"]], celulas(hora))],
        agenda.de_quem_atende: [([l["consulta"]],)],
        agenda.ocupar: [(l["pessoa"], l["consulta"], {1: 0, 2: 3})],
        agenda.liberar: [(l["consulta"],)],
        agenda.liberar_sala: [(l["consulta"],)],
        agenda.sala_livre: [(CENTRAL, celulas(hora), instante)],
        agenda.inserir_reserva: [(guardado,)],
        agenda.segurar: [(guardado, [l["pessoa"]])],
        agenda.efetivar: [(guardado, l["consulta"], instante)],
        agenda.soltar: [(guardado,)],
        agenda.reserva: [(chave,)],
        agenda.reservas_de: [(l["usuario"],)],
        agenda.expiradas: [(instante, 100)],
        agenda.reservas_nas_celulas: [([l["pessoa"]], celulas(hora))],
        consultas.por_ids: [(a, [l["consulta"]]) for a in alcances[VerConsultas]],
        consultas.listar: [
            (a, filtro, pagina)
            for a in alcances[VerConsultas]
            for filtro in (*filtros, *outros_filtros)
            for pagina in paginas_de_consultas
        ],
        consultas.em_ordem: [
            (a, filtro, 2_000)
            for a in alcances[VerConsultas]
            for filtro in (
                consultas_regras.por_vir(pacientes=(l["paciente"],)),
                consultas_regras.por_vir(profissionais=(l["profissional"],)),
                Filtro(profissionais=(l["profissional"],), de=instante, ate=instante + timedelta(days=7)),
                Filtro(unidade=CENTRAL, de=instante, ate=instante + timedelta(days=1)),
            )
        ],
        consultas.contar: [(a, filtro) for a in alcances[VerConsultas] for filtro in filtros],
        consultas.contar_por_situacao: [(a, filtro) for a in alcances[VerConsultas] for filtro in filtros],
        consultas.contar_por_situacao_de_cada: [(a, um, filtros[0]) for a in alcances[VerConsultas] for um in donos],
        consultas.listar_de_cada: [
            (a, um, filtro, pagina)
            for a in alcances[VerConsultas]
            for um in donos
            for filtro in filtros[:4]
            for pagina in paginas_de_consultas
        ],
        consultas.contar_de_cada: [(a, um, filtros[0]) for a in alcances[VerConsultas] for um in donos],
        consultas.da_serie_de: [(a, l["consulta"]) for a in alcances[VerConsultas]],
        consultas.historico: [([l["consulta"]],)],
        consultas.inserir: [(consulta, False)],
        consultas.mudar_situacao: [(como, SituacaoDaConsulta.CONFIRMADA)],
        consultas.remarcar: [(como, consulta, None, True)],
        consultas.atualizar: [(como, Correcao(True, "x", Modalidade.PRESENCIAL, True, None))],
        consultas.ultimos_passos: [([l["consulta"]],)],
        consultas.registrar_primeira: [(consulta, l["usuario"], Papel.RECEPCAO, None, instante)],
        consultas.registrar_mudanca: [(l["consulta"], l["usuario"], Papel.RECEPCAO, None, instante)],
        prontuarios.por_ids: [(a, l["registros"]) for a in alcances[LerProntuarios]],
        prontuarios.quantos_na_consulta: [(l["consulta"],)],
        prontuarios.correcoes: [(a, l["registros"]) for a in alcances[LerProntuarios]],
        prontuarios.das_consultas: [(a, [l["consulta"]]) for a in alcances[LerProntuarios]],
        prontuarios.da_vida: [(a, l["pacientes"]) for a in alcances[LerProntuarios]],
        prontuarios.listar: [
            (a, l["pacientes"], pagina) for a in alcances[LerProntuarios] for pagina in paginas_de_registros
        ],
        prontuarios.contar: [(a, l["pacientes"]) for a in alcances[LerProntuarios]],
        prontuarios.ultimo: [(l["paciente"],)],
        prontuarios.inserir: [(registro, bytes(32))],
        demo.inserir: [("turno", [(l["profissional"], 49, 6, 5, 10, CENTRAL, None, None, 1)], lambda _: None)],
        demo.ha_pessoa: [(cpf,)],
        demo.ha_gente: [()],
        **{funcao: feitas for provas in PROVAS for funcao, feitas in provas.chamadas(linhas_e_alcances).items()},
    }


def _depois(kind: str, types: tuple[type, ...], *key: Any) -> Any:
    """Give a page after a key, by the cursor that a client would send."""
    pagina = page_of(kind, types, ABERTO, first=1)
    cursor = pagina.connection([key], lambda k: k, None).edges()[0].cursor()
    return page_of(kind, types, ABERTO, first=20, after=cursor)


async def test_every_function_of_every_store_is_tried(linhas: dict[str, Any]) -> None:
    todas = {
        funcao
        for store in STORES
        for nome, funcao in inspect.getmembers(store, inspect.isfunction)
        if funcao.__module__ == store.__name__ and not nome.startswith("_")
    }
    assert set(_calls(linhas)) == todas


def _nome(funcao: Any) -> str:
    return f"{funcao.__module__.split('.')[-2]}.{funcao.__name__}"


SWEEPS = frozenset({"acesso.varrer_falhas", "acesso.varrer_redes", "acesso.varrer_tentativas_antigas"})
"""What the application runs by itself every few minutes: also in the middle of a test."""


def walks_a_table_that_grows(step: Step) -> bool:
    """Tell whether a step reads a whole table or index of those that grow, and no LIMIT ends it soon."""
    return step.access in ("ALL", "index") and step.table not in FEW and step.rows > SMALL_SCAN


async def test_every_statement_is_named_reads_what_its_room_says_and_walks_no_table(
    hospital: Hospital, app: Database, linhas: dict[str, Any]
) -> None:
    """Every function of every store is run: its statements are read with a parser, and explained by the server."""
    salas = {sala.nome.split("/")[-1]: sala for sala in (*CASA.salas, DEMO)}
    nomeadas: dict[str, set[str]] = {funcao.__module__.split(".")[-2]: set() for funcao in _calls(linhas)}
    faltas, sem_nome = [], list[tuple[str, str]]()
    for funcao, chamadas in _calls(linhas).items():
        async with recorded(hospital.dono) as log:
            for argumentos in chamadas:
                await _try(app, funcao, argumentos)
        assert set(log.names) - SWEEPS | {_nome(funcao)} == {_nome(funcao)}
        seus = [um for nome, um in zip(log.names, log.statements, strict=True) if nome == _nome(funcao)]
        assert seus
        for statement in dict.fromkeys(seus):
            nomeadas[_nome(funcao).split(".")[0]] |= tables(statement)
            sem_nome += [(_nome(funcao), coluna) for coluna in named_by_values(statement)]
            if "VALUES" in statement.split("SELECT")[0]:
                continue
            faltas += [
                (_nome(funcao), step, statement[:400])
                for step in await explain(hospital.dono, statement)
                if walks_a_table_that_grows(step) and _nome(funcao) not in DECLARED
            ]
    assert faltas == [], "\n".join(map(str, faltas))
    assert sem_nome == [], "give it a name (AS):\n" + "\n".join(map(str, dict.fromkeys(sem_nome)))
    for sala, tabelas in nomeadas.items():
        if sala != "demo":  # it is tried on one table of many
            ditas = {*salas[sala].tabelas, *salas[sala].emprestadas} - {"vinculo"}
            assert tabelas - {"vinculo"} == ditas, f"say in the sala.py of {sala} what its SQL names, and no more"


def test_the_check_sees_a_column_that_is_named_by_values() -> None:
    ruim = "(SELECT id, IF(a = x'00', b, NULL) FROM t) UNION (SELECT 1, 2)"
    assert len(named_by_values(ruim)) == len(named_by_values("SELECT 'x'")) == 1
    assert named_by_values("SELECT id, IF(a = x'00', b, NULL) AS b, COALESCE(MAX(n), 0) FROM t") == []


async def test_the_check_sees_a_walk(hospital: Hospital, app: Database) -> None:
    """The bad example: without an index for it, the server reads every row, and the check says so."""
    for ruim in (
        "SELECT id FROM pessoa WHERE telefone = 'x'",
        "SELECT id FROM paciente WHERE nome_ordem LIKE '%silva'",
        "SELECT id FROM consulta WHERE modalidade = 'PRESENCIAL' ORDER BY motivo",
    ):
        assert any(map(walks_a_table_that_grows, await explain(hospital.dono, ruim)))


async def _try(app: Database, funcao: Any, argumentos: tuple[Any, ...]) -> None:
    """Call a function inside a transaction that is undone."""

    async def work(tx: Transaction) -> None:
        await tx.execute("SET foreign_key_checks = 0")
        chamada = funcao(tx, *argumentos)
        if inspect.isawaitable(chamada):
            await chamada
        await tx.flush()
        raise _Undo

    with pytest.raises(_Undo):
        await app.transaction(work)
    await app.transaction(lambda tx: tx.execute("SET foreign_key_checks = 1"))
