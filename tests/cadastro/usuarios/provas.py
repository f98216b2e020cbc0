"""What the room of usuarios brings to the tests of all rooms."""

from collections.abc import Mapping
from typing import Any

from sghss_graphql.cadastro.usuarios import store
from sghss_graphql.cadastro.usuarios.regras import Busca
from sghss_graphql.confianca.acesso.papeis import Papel
from sghss_graphql.confianca.acesso.tabela import CuidarDeUsuarios, VerUsuarios
from sghss_graphql.machinery.engine import page_of
from tests.hospital import ABERTO, Hospital, Pessoa
from tests.provas import Provas


def _chamadas(linhas: Mapping[str, Any]) -> Mapping[Any, list[tuple[Any, ...]]]:
    alcance, usuario, instante = linhas["alcances"][VerUsuarios][0], linhas["usuario"], linhas["instante"]
    inteira = page_of("usuarios", (str, bytes), ABERTO, first=20)
    pagina = inteira.connection([("m", bytes(16))], lambda key: key, None).edges()[0].cursor()
    buscas = [
        Busca(),
        Busca(("maria",)),
        Busca(("maria", "a"), papel=Papel.PACIENTE),
        Busca(papel=Papel.ADMINISTRADOR),
        Busca(("a",), papel=Papel.RECEPCAO, ativo=True),
        Busca(ativo=False),
        Busca(cpf="52998224725"),
    ]
    paginas = [
        inteira,
        page_of("usuarios", (str, bytes), ABERTO, first=20, after=pagina),
        page_of("usuarios", (str, bytes), ABERTO, last=20, before=pagina),
    ]
    return {
        store.buscar: [(alcance, busca, pagina) for busca in buscas for pagina in paginas],
        store.contar: [(alcance, busca) for busca in buscas],
        store.por_ids: [(alcance, [usuario])],
        store.por_chave: [(usuario,)],
        store.segurar: [(usuario,)],
        store.outro_administrador: [(usuario,)],
        store.tem_cadastro: [(linhas["pessoa"], papel) for papel in Papel],
        store.apagar_papel: [(usuario, Papel.RECEPCAO)],
        store.desativar: [(usuario, "x", instante)],
        store.reativar: [(usuario,)],
    }


async def _historia(hospital: Hospital, admin: Pessoa) -> None:
    recepcao = await hospital.funcionario("RECEPCAO")
    correto = f'cpf: "{hospital.cpf()}", justificativa: "Dois dígitos trocados na ficha."'
    for mutation in (
        "concederPapel(usuarioId: $id, papel: ADMINISTRADOR)",
        "retirarPapel(usuarioId: $id, papel: ADMINISTRADOR)",
        'desativarUsuario(usuarioId: $id, motivo: "x")',
        "reativarUsuario(usuarioId: $id)",
        'atualizarUsuario(input: {usuarioId: $id, nome: "Outro Nome"})',
        f"atualizarUsuario(input: {{usuarioId: $id, {correto}}})",
    ):
        texto = f"mutation($id: ID!) {{ {mutation} {{ erros {{ codigo mensagem }} }} }}"
        assert (await admin.cliente(texto, id=recepcao.id)).recusas == []


PROVAS = Provas(
    acoes={VerUsuarios: "A", CuidarDeUsuarios: "A"},
    chamadas=_chamadas,
    operacoes={
        "usuarios": (
            "administrador",
            "query($n: Int) { usuarios(first: $n) { totalCount edges { node { nome papeis bloqueadoAte"
            " paciente { id } profissional { id } } } }"
            " codigosDeAcesso(first: $n) { totalCount edges { node { usadoEm para { nome papeis }"
            " por { nome papeis } } } } }",
        )
    },
    historia=_historia,
)
