"""What the room of pessoas brings: no field of its own; the other rooms show a pessoa as what they are."""

from sghss_graphql.sala import Sala

SALA = Sala(
    nome="cadastro/pessoas",
    migracao=10,
    tabelas={"pessoa": "SELECT, INSERT, UPDATE", "pessoa_inicio": "SELECT, INSERT, UPDATE, DELETE"},
)
