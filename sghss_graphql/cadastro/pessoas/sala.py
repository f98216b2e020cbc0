"""What the room of pessoas brings: address, documents and contacts; the other rooms show a pessoa as what they are."""

from sghss_graphql.cadastro.pessoas.porta import refazer_termos
from sghss_graphql.cadastro.pessoas.regras import Codigos, paises
from sghss_graphql.cadastro.pessoas.types import Contato, DocumentoDeIdentificacao, Endereco
from sghss_graphql.confianca.acesso.tabela import VerPacientes
from sghss_graphql.sala import Sala, Tarefa, Tipo

SALA = Sala(
    nome="cadastro/pessoas",
    migracao=15,
    tipos=(
        Tipo(
            Endereco,
            VerPacientes,
            {VerPacientes: "cep logradouro numero complemento bairro municipio uf pais"},
        ),
        Tipo(DocumentoDeIdentificacao, VerPacientes, {VerPacientes: "tipo numero orgao pais"}),
        Tipo(Contato, VerPacientes, {VerPacientes: "nome parentesco telefone"}),
    ),
    codigos=Codigos,
    tabelas={
        "pessoa": "SELECT, INSERT, UPDATE",
        "pessoa_inicio": "SELECT, INSERT, UPDATE, DELETE",
        "endereco": "SELECT, INSERT, DELETE",
        "documento_de_identificacao": "SELECT, INSERT, DELETE",
        "contato": "SELECT, INSERT, DELETE",
        "correcao_de_cpf": "SELECT, INSERT",
    },
    emprestadas={"vez": "quem cadastra duas pessoas do mesmo dia espera: pode ser uma só"},
    tarefas=(Tarefa("refazer por que as pessoas se acham", 600, refazer_termos),),
    aquece=(paises,),
)
