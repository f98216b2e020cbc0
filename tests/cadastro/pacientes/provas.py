"""What the rooms of pacientes and pessoas bring to the tests of all rooms."""

from sghss_graphql.confianca.acesso.tabela import MudarContato, VerPacientes, VerProfissionais
from tests.cadastro.unidades.test_unidades import unidade
from tests.hospital import ATUALIZAR_PACIENTE, CADASTRAR_PACIENTE, Hospital, Pessoa
from tests.provas import Caminho, Objetos, Provas, Ve

FICHA = {
    "endereco": {"cep": "01310-100", "logradouro": "Avenida Paulista", "numero": "1578", "municipio": "São Paulo"},
    "documentosDeIdentificacao": [{"tipo": "RG", "numero": "12.345.678-9", "orgao": "SSP/SP"}],
    "contatos": [{"nome": "Rosa", "parentesco": "mãe", "telefone": "(11) 91234-5678"}],
}
ATUALIZAR = (
    "mutation($input: AtualizarPacienteInput!) { atualizarPaciente(input: $input)"
    " { paciente { id versao } erros { codigo mensagem campo } } }"
)
UNIFICAR = "mutation($input: UnificarPacientesInput!) { unificarPacientes(input: $input) { erros { codigo } } }"
MEU_CONTATO = (
    "mutation($input: AtualizarMeuContatoInput!) { atualizarMeuContato(input: $input)"
    " { paciente { id versao nomeSocial email telefone endereco { cep } contatos { nome telefone } }"
    " erros { codigo mensagem campo } } }"
)


def _da_ficha(campo: str):
    async def de_cada(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
        paciente = await hospital.paciente()
        assert (await hospital.recepcao(ATUALIZAR, input={"pacienteId": paciente.id, **FICHA})).recusas == []
        texto = f'paciente(id: "{paciente.id}") {{ {campo} {{ %s }} }}'
        caminho = Caminho(f"Paciente.{campo}", texto, acoes=(VerPacientes,))
        return [("", lambda papel: papel in ("RECEPCAO", "ADMINISTRADOR"), [caminho])]

    return de_cada


async def _enderecos(hospital: Hospital) -> list[tuple[str, Ve, list[Caminho]]]:
    """Where a paciente lives, and where a unidade is: which anybody sees who may see any paciente at all."""
    onde = await unidade(hospital, endereco={"uf": "SP", "cep": "01310-100"})
    texto = f'node(id: "{onde}") {{ ... on Unidade {{ endereco {{ %s }} }} }}'
    da_unidade = ("", lambda papel: True, [Caminho("Unidade.endereco", texto, acoes=(VerProfissionais,))])
    return [*await _da_ficha("endereco")(hospital), da_unidade]


async def _historia(hospital: Hospital, admin: Pessoa) -> list[Pessoa]:
    paciente, errado = await hospital.paciente(), await hospital.paciente()
    assert (await paciente.cliente(MEU_CONTATO, input={"nomeSocial": "Bia"})).recusas == []
    correto = {"cpf": hospital.cpf(), "justificativa": "Dois dígitos trocados na ficha."}
    assert (await admin.cliente(ATUALIZAR_PACIENTE, input={"pacienteId": errado.id, **correto})).recusas == []
    return [paciente]


async def _muitos(hospital: Hospital, quantos: int) -> None:
    """Register the first of all lists, every other one joined to the next: as few as many lead on to another."""
    ids = []
    for n in range(quantos):
        entrada = {"nome": f"Aaaa Aaaa {'a' * (n + 1)}", "mesmoSeDuplicado": True}
        ids.append((await hospital.recepcao(CADASTRAR_PACIENTE, input=entrada)).data["cadastrarPaciente"]["paciente"])
    for de, para in zip(ids[::2], ids[1::2], strict=True):
        entrada = {"deId": de["id"], "paraId": para["id"], "justificativa": "Mesmo documento, mesma pessoa."}
        assert (await hospital.admin(UNIFICAR, input=entrada)).recusas == []


PROVAS = Provas(
    acoes={MudarContato: "P"},
    tipos={
        "Endereco": Objetos(VerPacientes, _enderecos),
        "DocumentoDeIdentificacao": Objetos(VerPacientes, _da_ficha("documentosDeIdentificacao")),
        "Contato": Objetos(VerPacientes, _da_ficha("contatos")),
    },
    publicos=frozenset({"Endereco", "DocumentoDeIdentificacao", "Contato"}),
    operacoes={
        "fichas": (
            "recepcao",
            "query($n: Int) { pacientes(first: $n) { edges { node { id idade nomeDeExibicao endereco { cep }"
            " documentosDeIdentificacao { numero } contatos { telefone }"
            " possiveisDuplicados { id } unificadoCom { id } } } } }",
        )
    },
    historia=_historia,
    muitos=_muitos,
)
