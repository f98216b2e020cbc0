"""What the room of tarefas brings: leases of what the hospital does by itself."""

from sghss_graphql.sala import Sala

SALA = Sala(nome="confianca/tarefas", migracao=20, tabelas={"tarefa": "SELECT, INSERT, UPDATE"})
