"""What the room of the trail brings: a table to which rows are added."""

from sghss_graphql.confianca.auditoria.atos import Atos
from sghss_graphql.sala import Sala

SALA = Sala(nome="confianca/auditoria", migracao=4, atos=(Atos,), tabelas={"auditoria": "SELECT, INSERT"})
