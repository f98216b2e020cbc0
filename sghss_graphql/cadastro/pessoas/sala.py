"""What the room of pessoas brings: no field of its own; the other rooms show a pessoa as what they are."""

from sghss_graphql.cadastro.pessoas.regras import Codigos
from sghss_graphql.sala import Sala

SALA = Sala(
    nome="cadastro/pessoas",
    migracao=11,
    codigos=Codigos,
    tabelas={"pessoa": "SELECT, INSERT, UPDATE", "pessoa_inicio": "SELECT, INSERT, UPDATE, DELETE"},
)
