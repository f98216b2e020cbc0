"""What the room of the trail brings: a table to which rows are added."""

from sghss_graphql.confianca.auditoria.atos import Atos, Leituras
from sghss_graphql.sala import Sala

SALA = Sala(
    nome="confianca/auditoria",
    migracao=8,
    atos=(Atos, Leituras),
    tabelas={"auditoria": "SELECT, INSERT", "auditoria_visto": "SELECT, INSERT"},
)
